import { decodeCheckpoint } from "../../lm/checkpoint/checkpoint.ts";
import type { FixedWindowLM } from "../../lm/neural/fixed-window-lm.ts";
import { RecurrentLM } from "../../lm/neural/recurrent-lm.ts";
import { byId } from "./dom.ts";
import { showInside } from "./inside-view.ts";
import { showPredictions } from "./predictions-view.ts";
import { PlayState } from "./state.ts";
import { showStrip } from "./strip-view.ts";
import { letItWrite } from "./writer.ts";

/** What model.js holds: a script, because a page opened as a file may not fetch another one. */
interface Given {
  /** What the model is called. */
  name: string;
  /** Written into the text field at first. */
  text: string;
  /** The checkpoint's bytes in base64. */
  checkpoint: string;
}

function start(): void {
  const given = (globalThis as { unrolledModel?: Given }).unrolledModel;
  if (!given) throw new Error("model.js is missing or damaged: export the page again");
  const bytes = Uint8Array.from(atob(given.checkpoint), (c) => c.charCodeAt(0));
  const { model } = decodeCheckpoint(bytes, given.name);
  const state = new PlayState(model);
  const field = byId<HTMLTextAreaElement>("text");
  const setText = (text: string): void => {
    if (field.value !== text) {
      field.value = text;
      field.scrollTop = field.scrollHeight;
    }
    state.setText(text);
  };
  field.addEventListener("input", () => setText(field.value));
  state.onChange(() => {
    const { unknown } = state;
    byId("unknown").textContent =
      unknown.length === 0
        ? ""
        : `The model does not know ${unknown.map((token) => `“${token}”`).join(", ")}: left out.`;
  });
  showPredictions(state, setText);
  showStrip(state);
  showInside(state);
  letItWrite(state, setText);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => state.changed());
  byId("model").textContent = `${given.name}: ${describe(model)}`;
  byId("main").hidden = false;
  setText(given.text);
}

function describe(model: RecurrentLM | FixedWindowLM): string {
  const count = [...model.namedParameters().values()].reduce((sum, p) => sum + p.size, 0);
  const kind =
    model instanceof RecurrentLM
      ? `${model.cell.toUpperCase()}, ${model.rnn.numLayers > 1 ? `${model.rnn.numLayers} × ` : ""}${model.rnn.hiddenSize} units`
      : `fixed window of ${model.window}, ${model.hidden.weight.shape[0]} hidden units`;
  const unit = model.tokenizer?.unit ?? "token";
  return `${kind}, vocabulary of ${model.vocabulary.size} ${unit}s, ${count.toLocaleString("en")} parameters`;
}

try {
  start();
} catch (error) {
  byId("model").textContent = "";
  const failure = byId("failure");
  failure.textContent = error instanceof Error ? error.message : String(error);
  failure.hidden = false;
}
