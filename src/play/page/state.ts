import type { FixedWindowLM } from "../../lm/neural/fixed-window-lm.ts";
import type { RecurrentLM } from "../../lm/neural/recurrent-lm.ts";
import { Reader, type ReadStep } from "../reader.ts";
import { cut } from "../text.ts";

/** What the page shows; views read it and call its methods, and are told of every change. */
export class PlayState {
  readonly model: RecurrentLM | FixedWindowLM;
  readonly reader: Reader;
  text = "";
  steps: readonly ReadStep[] = [];
  unknown: readonly string[] = [];
  /** Which step is looked at. */
  selected = -1;
  temperature = 1;
  /** Index in `reader.quantities`. */
  quantity = 0;
  unit = 0;
  colour: "surprise" | "unit" = "surprise";
  readonly #views: (() => void)[] = [];

  constructor(model: RecurrentLM | FixedWindowLM) {
    this.model = model;
    this.reader = new Reader(model);
  }

  /** Reads a text; the last token is looked at then. */
  setText(text: string): void {
    const { ids, unknown } = cut(this.model, text);
    this.text = text;
    this.unknown = unknown;
    this.steps = [...this.reader.read(ids)];
    this.selected = this.steps.length - 1;
    this.changed();
  }

  set(change: Partial<Pick<PlayState, "selected" | "temperature" | "quantity" | "unit" | "colour">>): void {
    Object.assign(this, change);
    this.selected = Math.min(
      this.steps.length - 1,
      Math.max(Math.min(0, this.steps.length - 1), this.selected),
    );
    this.unit = Math.min(this.units - 1, Math.max(0, this.unit));
    this.changed();
  }

  /** The step that is looked at; undefined while there is no text. */
  get step(): ReadStep | undefined {
    return this.steps[this.selected];
  }

  /** How many units the chosen vector has. */
  get units(): number {
    const { model } = this;
    return "rnn" in model ? model.rnn.hiddenSize : model.hidden.weight.shape[0];
  }

  /** The chosen vector at a step. */
  vector(step: ReadStep | undefined, quantity: number = this.quantity): Float32Array | undefined {
    return step?.values?.[quantity];
  }

  /** The largest size of a signed vector over the text, at least 1: the end of its colour scale. */
  range(quantity: number = this.quantity): number {
    if (this.reader.quantities[quantity].gate) return 1;
    let most = 1;
    for (const step of this.steps)
      for (const v of this.vector(step, quantity) ?? []) most = Math.max(most, Math.abs(v));
    return most;
  }

  onChange(view: () => void): void {
    this.#views.push(view);
  }

  changed(): void {
    for (const view of this.#views) view();
  }
}
