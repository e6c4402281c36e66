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
  /** One node for the whole sequence, or composed of ops. */
  fused?: boolean;
}

/** Both ways of computing a recurrent layer, for the names of tests. */
export const ways = [
  { fused: true, how: "one node" },
  { fused: false, how: "composed" },
] as const;

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

/** Runs any of the three layers, on vectors or on rows of a table, on states given as a list. */
export function runSequence(
  layer: nn.RNN | nn.LSTM | nn.GRU,
  x: Tensor | { ids: Tensor; table: Tensor | null },
  state: nn.CellState | undefined,
  lengths?: readonly number[],
): [output: Tensor, state: Tensor[]] {
  const given = (layer instanceof nn.LSTM ? state : state?.[0]) as never;
  const [output, final] =
    "ids" in x ? layer.forwardIds(x.ids, x.table, given, { lengths }) : layer.forward(x, given, { lengths });
  return [output, Array.isArray(final) ? final : [final as Tensor]];
}
