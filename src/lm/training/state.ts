import type { Tensor } from "../../autograd/tensor.ts";
import type { GeneratorState } from "../../random.ts";
import type { RecurrentState } from "../neural/state.ts";

/**
 * Everything that decides how a training goes on, besides model, optimizer and schedule, which are the caller's.
 * With it a run that was interrupted and resumed is bit for bit the run that was not.
 */
export interface TrainingState {
  /** Steps done. */
  step: number;
  /** The epoch that is under way, counted from 1. */
  epoch: number;
  /** Steps done in this epoch. */
  stepInEpoch: number;
  tokens: number;
  /** Σ −ln p and targets of this epoch so far. */
  epochNll: number;
  epochTokens: number;
  /** Where the batches stand. */
  position: unknown;
  /** The state that the next window starts from. */
  carried: RecurrentState | null;
  /** Dropout and shuffling. */
  generators: GeneratorState[];
  /** The best validation loss so far, its epoch, and for how many validations it has stood. */
  best: { validLoss: number; epoch: number; waited: number } | null;
  /** The parameters of the best epoch, in the model's order; kept only for `keepBest`. */
  bestWeights: readonly Tensor[];
  /** What the batches were made with: a resume with something else is refused. */
  settings: TrainingSettings;
}

export interface TrainingSettings {
  batchSize: number;
  bptt: number | null;
  carryState: boolean;
  reduction: "mean" | "sumOverTime";
  seed: string;
  corpus: { name: string; tokens: number; vocabulary: number; fingerprint: number };
}
