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
  /** Steps done in this epoch. Where these are all of them, the epoch's validation is still to be done. */
  stepInEpoch: number;
  /** Targets seen. */
  tokens: number;
  /** Σ −ln p and number of the targets of this epoch so far. */
  epochNll: number;
  epochTokens: number;
  /** Where the batches stand. */
  position: unknown;
  /** The state that the next window starts from. */
  carried: RecurrentState | null;
  /** Dropout. */
  generators: GeneratorState[];
  /** The lowest loss so far (of the validation, else of the training), its epoch, and how many epochs it has stood. */
  best: { loss: number; epoch: number; waited: number } | null;
  /** The parameters of that epoch, in the model's order; only for `keepBest`. */
  bestWeights: readonly Tensor[];
  /** The parameters from which the training goes on, while the model has those of the best epoch; else empty. */
  lastWeights: readonly Tensor[];
  /** What a resume must come with. */
  parts: TrainingParts;
  /** What the batches were made with: a resume with something else is refused. */
  settings: TrainingSettings;
}

/** By which model, optimizer and schedule are known again. */
export interface TrainingParts {
  /** A hash of the model's parameters as the training left them. */
  weights: number;
  /** The optimizer's name and its updates, summed over the parameters. */
  optimizer: { name: string; updates: number };
  schedule: { name: string; count: number } | null;
}

/** What must be the same for a training to go on. */
export interface TrainingSettings {
  batchSize: number;
  bptt: number;
  carryState: boolean;
  reduction: "mean" | "sumOverTime";
  seed: string;
  corpus: { name: string; tokens: number; vocabulary: number; fingerprint: number };
}

/** 32 bits of FNV-1a (Fowler, Noll & Vo 1991): tells one text, or one set of weights, from another. */
export function fingerprint(values: Iterable<number>, hash: number = 0x811c9dc5): number {
  let result = hash;
  for (const value of values) result = Math.imul(result ^ value, 0x01000193);
  return result >>> 0;
}

/** A hash of the bits of all tensors. */
export function weightsFingerprint(tensors: readonly Tensor[]): number {
  return tensors.reduce((hash, { data }) => {
    return fingerprint(new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4), hash);
  }, 0x811c9dc5);
}
