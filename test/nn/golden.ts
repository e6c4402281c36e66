import { Generator, nn, type Tensor } from "../golden/core.ts";
import { type GoldenTensor, type Precision, valuesOf } from "../golden/decode.ts";

/** One layer and direction of a golden recurrent model. */
export interface GoldenWeights {
  layer: number;
  direction: number;
  weightIh: GoldenTensor;
  weightHh: GoldenTensor;
  biasIh?: GoldenTensor;
  biasHh?: GoldenTensor;
}

export interface RecurrentConfig {
  inputSize: number;
  hiddenSize: number;
  numLayers?: number;
  bidirectional?: boolean;
  batchFirst?: boolean;
  bias?: boolean;
  nonlinearity?: "tanh" | "relu";
  resetAfter?: boolean;
}

export const weightNames = ["weightIh", "weightHh", "biasIh", "biasHh"] as const;

/** Overwrites a parameter with golden values. */
export function fill(parameter: Tensor, values: GoldenTensor): void {
  parameter.data.set(valuesOf(values));
}

/** A layer for sequences with golden weights. */
export function makeSequence(
  module: "RNN" | "LSTM" | "GRU",
  { inputSize, hiddenSize, ...options }: RecurrentConfig,
  params: readonly GoldenWeights[],
  dtype: Precision,
): nn.RNN | nn.LSTM | nn.GRU {
  const layer = new nn[module](inputSize, hiddenSize, { ...options, dtype, generator: new Generator(0) });
  for (const golden of params) {
    const own = layer.weights(golden.layer, golden.direction);
    for (const name of weightNames) if (golden[name]) fill(own[name]!, golden[name]);
  }
  return layer;
}

/** Runs any of the three layers on states given as a list. */
export function runSequence(
  layer: nn.RNN | nn.LSTM | nn.GRU,
  x: Tensor,
  state: nn.CellState | undefined,
  lengths?: readonly number[],
): [output: Tensor, state: Tensor[]] {
  if (layer instanceof nn.LSTM) {
    const [output, [h, c]] = layer.forward(x, state && [state[0], state[1]], { lengths });
    return [output, [h, c]];
  }
  const [output, h] = layer.forward(x, state?.[0], { lengths });
  return [output, [h]];
}
