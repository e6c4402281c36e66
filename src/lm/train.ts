import { ArgumentError } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Corpus } from "../text/corpus.ts";
import type { History } from "./history.ts";
import { NeuralLM } from "./neural/neural-lm.ts";
import type { TrainOptions } from "./training/options.ts";
import { Run } from "./training/run.ts";
import { whileTraining } from "./training/turns.ts";

let inTraining = new WeakSet<NeuralLM>();

/**
 * Trains a neural language model on `corpus.train` by gradient descent on the mean −ln p of the next token.
 *
 * An interrupt (of the notebook, of `signal`) ends it after the step in hand: it returns the history so far, and model
 * and optimizer are usable. Called again it trains on from the present weights with epochs counted anew; with
 * `resume: history` it continues exactly where it stopped.
 *
 * Between steps, and between the pieces of a validation, other work (timers, messages, drawing) gets its turn, after 30 ms
 * at the latest if a step takes less.
 *
 * @throws {ArgumentError} for an option out of range, for a corpus or an optimizer that is not the model's, for a
 *   resume that could not be exact, and while another call trains the same model.
 * @throws {DataError} if the corpus is shorter than one batch needs.
 * @throws {DivergenceError} when loss or gradient is NaN or infinite, with step, parameter and gradient norm; the
 *   parameters are those before that step, a checkpoint is not overwritten, and the error has the history.
 */
export async function train(model: NeuralLM, corpus: Corpus, options: TrainOptions): Promise<History> {
  expect.instance(model, NeuralLM, "train: the model", "n-gram models are counted when they are made");
  if (inTraining.has(model)) {
    throw new ArgumentError(
      "train: this model is being trained already; await the other call, or end it by its signal",
    );
  }
  const running = inTraining;
  running.add(model);
  try {
    const run = new Run(model, corpus, options);
    return await whileTraining(() => run.toTheEnd());
  } finally {
    running.delete(model);
  }
}

// A notebook kernel can end a running cell without letting `finally` run. It calls these hooks before the next cell.
const hooks = globalThis as unknown as Record<symbol, Set<() => void> | undefined>;
const key = Symbol.for("unrolled.resetHooks");
hooks[key] ??= new Set();
hooks[key].add(() => {
  inTraining = new WeakSet();
});
