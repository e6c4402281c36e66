import type { Generator } from "../../random.ts";

/** Training examples of one step. */
export interface Batch {
  /** The state starts anew here. */
  readonly reset: boolean;
  /** Targets that count. */
  readonly targets: number;
  /** T: time steps, 1 for a model without time. */
  readonly steps: number;
}

/** An endless source of batches that can be left and taken up again. */
export interface BatchSource<B extends Batch = Batch> {
  readonly stepsPerEpoch: number;
  next(): B;
  /** Where it stands, as plain JSON. */
  state(): unknown;
  restore(state: unknown): void;
}

/** How a text is cut into batches. */
export interface BatchOptions {
  batchSize: number;
  /** T: steps of a window for truncated BPTT. Models without time take none. */
  bptt?: number;
  /** Shuffles the examples of models without time. */
  generator: Generator;
}
