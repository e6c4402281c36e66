import { TrainingError } from "../../errors.ts";
import type { Parameter } from "../../nn/module.ts";
import type { History } from "../history.ts";

/** A training met a NaN or an infinity. Its message names the step and the first parameter that holds one. */
export class DivergenceError extends TrainingError {
  /** All that was recorded before: its last step is the last whose loss was finite. */
  readonly history: History;

  constructor(message: string, history: History) {
    super(message);
    this.history = history;
  }
}

/** Where the first NaN or infinity stands: in a parameter, else in a gradient; null if there is none. */
export function firstNotFinite(parameters: ReadonlyMap<string, Parameter>): string | null {
  for (const [name, p] of parameters) if (!allFinite(p.data)) return `"${name}"`;
  for (const [name, p] of parameters) {
    if (p.grad && !allFinite(p.grad.data)) return `the gradient of "${name}"`;
  }
  return null;
}

export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
