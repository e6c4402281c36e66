import { ArgumentError } from "../errors.ts";
import { EXPERIMENT } from "./config-fields.ts";
import { check, toJsonSchema } from "./schema.ts";

/** How parameters are filled at the start, where not by the layer's default (PyTorch's). */
export interface InitConfig {
  /** U(−a, a) for every parameter. */
  uniform?: number;
  /** N(0, std²) for every parameter. */
  std?: number;
  /** N(0, std²) for the embedding table. */
  embeddingStd?: number;
  /** Zero for every bias. */
  zeroBias?: boolean;
  /** The second bias vector of recurrent layers stays zero: one vector, as most papers have it. */
  oneBias?: boolean;
  /** N(0, 1 / fan-in) for every weight matrix but the embedding: "Xavier" as some textbooks use the word. */
  fanIn?: boolean;
}

export interface CorpusConfig {
  source: string | { train: string; valid?: string; test?: string };
  level?: "char" | "word" | "syllable" | "jamo";
  end?: string;
  unknown?: string;
  minCount?: number;
  maxSize?: number;
  split?: { fractions?: number[]; counts?: number[]; by?: "character" | "token" | "line" };
}

export interface RecurrentConfig {
  type: "RecurrentLM";
  seed: number;
  cell?: "rnn" | "lstm" | "gru";
  embeddingSize?: number | null;
  hiddenSize?: number;
  numLayers?: number;
  dropout?: number;
  tied?: boolean;
  nonlinearity?: "tanh" | "relu" | "sigmoid";
  resetAfter?: boolean;
  forgetBias?: number;
  dtype?: "float32" | "float64";
  init?: InitConfig;
}

export interface FixedWindowConfig {
  type: "FixedWindowLM";
  seed: number;
  window?: number;
  embeddingSize?: number;
  hiddenSize?: number;
  direct?: boolean;
  dtype?: "float32" | "float64";
  init?: InitConfig;
}

export type ModelConfig = RecurrentConfig | FixedWindowConfig;

export type OptimizerConfig = {
  type: "SGD" | "Adagrad" | "RMSprop" | "Adam" | "AdamW";
  lr?: number;
} & Record<string, number | boolean | string | undefined>;

export type ScheduleConfig =
  | { type: "StepLR"; per?: "epoch" | "step"; stepSize: number; gamma?: number }
  | { type: "ExponentialLR"; per?: "epoch" | "step"; gamma: number }
  | { type: "CosineAnnealingLR"; per?: "epoch" | "step"; tMax: number; etaMin?: number }
  | { type: "ReduceLROnPlateau"; per?: "epoch" | "step"; factor?: number; patience?: number }
  | { type: "decayAfter"; per?: "epoch" | "step"; after: number; factor: number };

export interface TrainingConfig {
  epochs?: number;
  maxSteps?: number;
  batchSize?: number;
  bptt?: number;
  carryState?: boolean;
  clipNorm?: number;
  clipValue?: number;
  reduction?: "mean" | "sumOverTime";
  validate?: boolean;
  patience?: number;
  keepBest?: boolean;
  seed?: number;
  /** A checkpoint after so many steps, besides those after each epoch. */
  checkpointEvery?: number;
}

/** One experiment: what `npx unrolled train CONFIG.json` reads. */
export interface ExperimentConfig {
  $schema?: string;
  name: string;
  corpus: string | CorpusConfig;
  model: ModelConfig;
  optimizer: OptimizerConfig;
  schedule?: ScheduleConfig;
  training?: TrainingConfig;
}

/** The configuration's JSON Schema, for editors. */
export function jsonSchema(): Record<string, unknown> {
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...toJsonSchema(EXPERIMENT) };
}

/** @throws {ArgumentError} for a value that does not fit, naming the file and the place in it. */
export function checkConfig(value: unknown, where: string): ExperimentConfig {
  try {
    check(value, EXPERIMENT, "");
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const text = error.message.replace(/^( must| has)/, "the configuration$1").replace(/^\./, "");
    throw new ArgumentError(`${where}: ${text}`);
  }
  return value as ExperimentConfig;
}
