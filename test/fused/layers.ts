import assert from "node:assert/strict";
import { Generator, ids, nn, randn, type Tensor } from "../golden/core.ts";

/** Kinds of layers that have a fused node. */
export const kinds = ["RNN tanh", "RNN relu", "RNN sigmoid", "LSTM", "GRU"] as const;
export type Kind = (typeof kinds)[number];
export type Layer = nn.RNN | nn.LSTM | nn.GRU;
export type Precision = "float32" | "float64";

export function makeLayer(
  kind: Kind,
  inputSize: number,
  hiddenSize: number,
  options: nn.SequenceOptions,
): Layer {
  const [name, nonlinearity] = kind.split(" ") as ["RNN" | "LSTM" | "GRU", nn.Nonlinearity | undefined];
  return new nn[name](inputSize, hiddenSize, { ...options, nonlinearity });
}

/** What a layer is run on: vectors, rows of a table at ids, or one-hot ids; and the real lengths of a padded batch. */
export type Input = ({ x: Tensor } | { ids: Tensor; table: Tensor | null }) & { lengths?: readonly number[] };

/** Output and final state as one list. */
export function run(layer: Layer, input: Input, state: readonly Tensor[] | null): Tensor[] {
  const given = (state === null ? null : layer instanceof nn.LSTM ? state : state[0]) as never;
  const { lengths } = input;
  const [output, final] =
    "x" in input
      ? layer.forward(input.x, given, { lengths })
      : layer.forwardIds(input.ids, input.table, given, { lengths });
  return [output, ...(Array.isArray(final) ? final : [final as Tensor])];
}

/** Σ wᵢ yᵢ with weights that are all different. */
export function weighted(results: readonly Tensor[]): Tensor {
  const parts = results.map((y, k) => {
    const weights = randn(y.shape, new Generator(`weights ${k}`), { dtype: y.dtype });
    return y.mul(weights).sum();
  });
  return parts.reduce((sum, part) => sum.add(part));
}

/** Values and gradients by name. */
export type Numbers = Map<string, Tensor>;

/** Results of one run, forward and back, and every gradient. */
export function numbersOf(layer: Layer, input: Input, state: readonly Tensor[] | null): Numbers {
  const leaves = new Map<string, Tensor>(layer.namedParameters());
  if ("x" in input) leaves.set("x", input.x);
  else if (input.table) leaves.set("table", input.table);
  state?.forEach((s, i) => {
    leaves.set(`initial state ${i}`, s);
  });
  for (const x of leaves.values()) x.zeroGrad();
  const results = run(layer, input, state);
  weighted(results).backward();
  const found: Numbers = new Map(results.map((y, i) => [`result ${i}`, y.detach()]));
  for (const [name, x] of leaves) if (x.grad) found.set(`gradient of ${name}`, x.grad);
  return found;
}

/** Largest difference, relative to the largest element of what is expected (at least `floor`). */
export function assertSame(actual: Numbers, expected: Numbers, tolerance: number, what: string): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort(), `${what}: which gradients exist`);
  for (const [name, y] of expected) {
    const own = actual.get(name)!;
    assert.deepEqual(own.shape, y.shape, `${what}: shape of ${name}`);
    let size = 1e-3;
    for (const v of y.data) size = Math.max(size, Math.abs(v));
    own.data.forEach((v: number, i: number) => {
      const error = Math.abs(v - y.data[i]) / size;
      assert.ok(error <= tolerance, `${what}: ${name}[${i}] is ${v}, expected ${y.data[i]} (${error})`);
    });
  }
}

export const leaf = (shape: readonly number[], generator: Generator, dtype: Precision): Tensor =>
  randn(shape, generator, { dtype, requiresGrad: true });

export function randomIds(T: number, B: number, V: number, generator: Generator): Tensor {
  return ids(Int32Array.from({ length: T * B }, () => generator.int(V))).reshape([T, B]);
}

export function initialState(layer: Layer, B: number, generator: Generator, dtype: Precision): Tensor[] {
  const shape = [layer.numLayers * layer.directions, B, layer.hiddenSize];
  return Array.from({ length: layer instanceof nn.LSTM ? 2 : 1 }, () => leaf(shape, generator, dtype));
}
