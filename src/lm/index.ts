export {
  decodeCheckpoint,
  type Loaded,
  type LoadOptions,
  load,
  loadTensors,
  type Saved,
  save,
  saveTensors,
} from "./checkpoint/checkpoint.ts";
export { Evaluation, type EvaluationFields } from "./evaluation.ts";
export { Generation, Hypothesis } from "./generation.ts";
export {
  type DataFrameLike,
  type EpochRecord,
  History,
  type HistoryJSON,
  type StepRecord,
} from "./history.ts";
export type { Batch, BatchOptions, BatchSource } from "./neural/batch.ts";
export { EncoderDecoder, type EncoderDecoderOptions, type IdLists } from "./neural/encoder-decoder.ts";
export { FixedWindowLM, type FixedWindowLMOptions } from "./neural/fixed-window-lm.ts";
export { NeuralLM, type NeuralLMOptions } from "./neural/neural-lm.ts";
export { RecurrentLM, type RecurrentLMOptions } from "./neural/recurrent-lm.ts";
export { RecurrentState } from "./neural/state.ts";
export * from "./ngram/index.ts";
export { saveOnnx, toOnnx } from "./onnx/export.ts";
export * from "./sampling.ts";
export { train } from "./train.ts";
export { DivergenceError } from "./training/divergence.ts";
export type { TrainOptions } from "./training/options.ts";
export type { Ending, Progress, ProgressReporter } from "./training/progress.ts";
export type { TrainingParts, TrainingSettings, TrainingState } from "./training/state.ts";
export type {
  BeamOptions,
  EvaluateOptions,
  EvaluationData,
  GenerateOptions,
  LanguageModel,
  Predictor,
  TokensLike,
} from "./types.ts";
