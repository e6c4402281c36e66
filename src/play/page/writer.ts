import { sampleToken } from "../../lm/sampling.ts";
import { Generator } from "../../random.ts";
import { append } from "../text.ts";
import { byId } from "./dom.ts";
import type { PlayState } from "./state.ts";

/** Milliseconds between two tokens: slow enough to watch the units move. */
const PACE = 90;
const MOST_TOKENS = 400;

/** "Let it write": draws a token at a time until it is told to stop, from a source of chance that the seed begins. */
export function letItWrite(state: PlayState, setText: (text: string) => void): void {
  const button = byId<HTMLButtonElement>("write");
  const seed = byId<HTMLInputElement>("seed");
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    button.textContent = "Let it write";
    button.setAttribute("aria-pressed", "false");
  };
  button.addEventListener("click", () => {
    if (timer !== undefined) return stop();
    const generator = new Generator(seed.value);
    let written = 0;
    button.textContent = "Stop";
    button.setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      const last = state.steps.at(-1);
      if (!last?.logProbs || written++ >= MOST_TOKENS) return stop();
      const id = sampleToken(last.logProbs, { temperature: state.temperature }, generator);
      setText(append(state.model, state.text, id));
    }, PACE);
  });
  byId("text").addEventListener("input", stop);
  byId("clear").addEventListener("click", () => {
    stop();
    setText("");
    byId("text").focus();
  });
}
