export * from "./cells.ts";
export { Dropout } from "./dropout.ts";
export { Embedding } from "./embedding.ts";
export * as init from "./init.ts";
export { LayerNorm } from "./layer-norm.ts";
export { type LayerOptions, Linear } from "./linear.ts";
export { Module, Parameter, type ParameterRow, type StateDict } from "./module.ts";
export {
  type ForwardOptions,
  RecurrentModule,
  type RecurrentOptions,
  type SequenceOptions,
} from "./recurrent.ts";
export * from "./rnn.ts";
export type { CellState, GRUOptions, Nonlinearity, RecurrentWeights, RNNOptions } from "./steps.ts";
