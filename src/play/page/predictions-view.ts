import { entropyBits, predictions } from "../predictions.ts";
import { append, spoken, visible } from "../text.ts";
import { byId, make, percent } from "./dom.ts";
import type { PlayState } from "./state.ts";

const SHOWN = 14;

/** The list of next tokens with their bars, the slider of the temperature, and the uncertainty in words. */
export function showPredictions(state: PlayState, setText: (text: string) => void): void {
  const slider = byId<HTMLInputElement>("temperature");
  slider.addEventListener("input", () => state.set({ temperature: Number(slider.value) }));
  const list = byId("predictions");
  const rows = Array.from({ length: Math.min(SHOWN, state.model.vocabulary.size) }, () => {
    const button = make("button");
    button.type = "button";
    const track = make("span", "track");
    const parts = {
      token: make("span", "token"),
      bar: make("span", "bar"),
      mark: make("span", "mark"),
      percent: make("span", "percent"),
    };
    track.append(parts.bar, parts.mark);
    button.append(parts.token, track, parts.percent);
    const item = make("li");
    item.append(button);
    list.append(item);
    return { item, button, ...parts };
  });
  const characters = state.model.vocabulary.tokens.every((token) => [...token].length <= 2);
  list.classList.toggle("words", !characters);
  let shown: number[] = [];
  for (const [rank, { button }] of rows.entries()) {
    button.addEventListener("click", () => setText(append(state.model, state.text, shown[rank])));
  }

  state.onChange(() => {
    const { step, temperature, steps, selected, model } = state;
    byId("temperature-value").textContent = temperature.toFixed(2);
    slider.setAttribute(
      "aria-valuetext",
      temperature === 0 ? "0, always the most probable" : temperature.toFixed(2),
    );
    const real = steps[selected + 1]?.token;
    const found = step?.logProbs ? predictions(step.logProbs, temperature, rows.length) : [];
    shown = found.map(({ id }) => id);
    rows.forEach(({ item, button, token, bar, mark, percent: share }, rank) => {
      item.hidden = rank >= found.length;
      if (item.hidden) return;
      const { id, p, p1 } = found[rank];
      token.textContent = visible(model, id);
      bar.style.width = `${100 * p}%`;
      mark.hidden = temperature === 1;
      mark.style.left = `${100 * p1}%`;
      share.textContent = percent(p);
      button.classList.toggle("real", id === real);
      button.disabled = selected !== steps.length - 1;
      button.setAttribute(
        "aria-label",
        `${spoken(model, id)}, ${percent(p)}${id === real ? ", what was written" : ""}`,
      );
    });
    byId("uncertainty").textContent = uncertainty(state);
    byId("predictions-note").textContent = found.length === 0 ? "" : noteOf(state, real);
  });
}

function uncertainty({ step, temperature, model }: PlayState): string {
  if (!step) return "Type something: the model must read a token before it can predict one.";
  if (!step.logProbs)
    return `The model predicts from ${"window" in model ? model.window : 1} tokens; type some more.`;
  const bits = entropyBits(step.logProbs, temperature);
  if (bits < 0.005) return "0.00 bits of uncertainty: always the same token";
  const equal = 2 ** bits;
  return `${bits.toFixed(2)} bits of uncertainty, as among ${equal < 10 ? equal.toFixed(1) : Math.round(equal)} equally probable tokens`;
}

function noteOf({ temperature, selected, steps, model }: PlayState, real: number | undefined): string {
  const mark = temperature === 1 ? "" : "The thin mark is the probability at temperature 1. ";
  if (selected === steps.length - 1) return `${mark}Choose one to append it.`;
  return `${mark}What was written here is ${real === undefined ? "not known" : `“${visible(model, real)}”, underlined if it is in the list`}.`;
}
