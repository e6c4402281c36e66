import { spoken, visible } from "../text.ts";
import { css, inkOn, shareScale, signedScale } from "./colours.ts";
import { byId, make, percent } from "./dom.ts";
import type { PlayState } from "./state.ts";

/** Bits at which a token's colour is full: one among 256 equally probable ones. */
const MOST_BITS = 8;

/** What was read, token by token, coloured by its surprise or by one unit. */
export function showStrip(state: PlayState): void {
  const strip = byId("strip");
  strip.addEventListener("click", (event) => {
    const at = (event.target as HTMLElement).dataset["at"];
    if (at !== undefined) state.set({ selected: Number(at) });
  });
  strip.addEventListener("keydown", (event) => {
    const { selected, steps } = state;
    const moves: Record<string, number> = {
      ArrowLeft: selected - 1,
      ArrowRight: selected + 1,
      Home: 0,
      End: steps.length - 1,
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    state.set({ selected: moves[event.key] });
  });
  for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="colour"]')) {
    radio.addEventListener("change", () =>
      state.set({ colour: radio.value === "unit" ? "unit" : "surprise" }),
    );
  }
  const cells: HTMLElement[] = [];
  state.onChange(() => {
    const { steps, selected, colour, model } = state;
    while (cells.length > steps.length) cells.pop()?.remove();
    while (cells.length < steps.length) {
      const cell = make("span");
      cell.setAttribute("role", "option");
      cell.id = `token-${cells.length}`;
      cell.dataset["at"] = String(cells.length);
      strip.append(cell);
      cells.push(cell);
    }
    const colourOf = colour === "unit" ? byUnit(state) : bySurprise(state);
    cells.forEach((cell, t) => {
      const { token } = steps[t];
      const text = visible(model, token);
      if (cell.textContent !== text) cell.textContent = text;
      const background = colourOf(t);
      cell.style.background = background === null ? "none" : css(background);
      cell.style.color = background === null ? "" : inkOn(background);
      cell.setAttribute("aria-selected", String(t === selected));
      cell.setAttribute("aria-label", spoken(model, token));
    });
    if (selected >= 0) strip.setAttribute("aria-activedescendant", `token-${selected}`);
    else strip.removeAttribute("aria-activedescendant");
    const cell = cells[selected];
    if (cell)
      strip.scrollTop = Math.max(
        Math.min(strip.scrollTop, cell.offsetTop - strip.offsetTop - 4),
        cell.offsetTop - strip.offsetTop + cell.offsetHeight - strip.clientHeight + 4,
      );
    byId("step").textContent = sentence(state);
  });
}

type Colour = (t: number) => readonly [number, number, number] | null;

function bySurprise({ steps }: PlayState): Colour {
  const scale = shareScale();
  return (t) => {
    const { surprise } = steps[t];
    return surprise === null ? null : scale.colour(surprise / Math.LN2 / MOST_BITS);
  };
}

function byUnit(state: PlayState): Colour {
  const scale = state.reader.quantities[state.quantity].gate ? shareScale() : signedScale();
  const range = state.range();
  return (t) => {
    const value = state.vector(state.steps[t])?.[state.unit];
    return value === undefined ? null : scale.colour(value / range);
  };
}

/** What is to be said of the token that is looked at. */
function sentence({ step, model, selected }: PlayState): string {
  if (!step) return "";
  const name = `“${visible(model, step.token)}”`;
  if (selected === 0 && step.token === model.endId)
    return "Before the first token: the model has just read the end of a sentence.";
  if (step.surprise === null) return `${name} is the first token that was read.`;
  const bits = step.surprise / Math.LN2;
  return `${name} had the probability ${percent(Math.exp(-step.surprise))}: a surprise of ${bits.toFixed(1)} bits.`;
}
