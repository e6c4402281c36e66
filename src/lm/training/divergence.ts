import type { Parameter } from "../../nn/module.ts";
import { TrainingError } from "../../errors.ts";
import type { History } from "../history.ts";

/** A loss, gradient or parameter is NaN or infinite. */
export class DivergenceError extends TrainingError {
  /** What was recorded before; its last step is the last one that was finite. */
  readonly history: History;

  constructor(message: string, history: History) {
    super(message);
    this.history = history;
  }
}

/** What a step or a validation found, before it is known where in the training. */
export class NotFinite extends Error {}

/** The first parameter that is not finite, or the first whose gradient is not; null if all are. */
export function firstNotFinite(parameters: ReadonlyMap<string, Parameter>): { name: string; gradient: boolean } | null {
  const isBad = (data: ArrayLike<number>) => {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return true;
    return false;
  };
  for (const [name, p] of parameters) if (isBad(p.data)) return { name, gradient: false };
  for (const [name, p] of parameters) if (p.grad && isBad(p.grad.data)) return { name, gradient: true };
  return null;
}
