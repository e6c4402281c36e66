import { zeros } from "../autograd/create.ts";
import type { Tensor } from "../autograd/tensor.ts";
import type { FixedWindowLM } from "../lm/neural/fixed-window-lm.ts";
import { RecurrentLM } from "../lm/neural/recurrent-lm.ts";
import { add, mul, relu, sigmoid, sub, tanh } from "../ops/elementwise.ts";
import { linear } from "../ops/matmul.ts";
import { chunk, split } from "../ops/shape.ts";

/** One kind of vector that a model computes at each step. */
export interface Quantity {
  readonly key: Key;
  readonly layer: number;
  /** For a heading: "forget gate f", with the layer where there are several. */
  readonly label: string;
  /** A gate lies between 0 and 1; others have a sign. */
  readonly gate: boolean;
}

type Key = "h" | "c" | "i" | "f" | "g" | "o" | "r" | "z" | "n";

/** The vectors of one layer at one step, each [1, H]. */
export type LayerStep = Readonly<Record<string, Tensor>>;

const NAMES: Readonly<Record<Key, string>> = {
  h: "hidden state h",
  c: "cell state c",
  i: "input gate i",
  f: "forget gate f",
  g: "candidate g",
  o: "output gate o",
  r: "reset gate r",
  z: "update gate z",
  n: "candidate n",
};

const KEYS: Readonly<Record<RecurrentLM["cell"], readonly Key[]>> = {
  rnn: ["h"],
  lstm: ["h", "c", "f", "i", "o", "g"],
  gru: ["h", "z", "r", "n"],
};

export function quantitiesOf(model: RecurrentLM | FixedWindowLM): readonly Quantity[] {
  if (!(model instanceof RecurrentLM)) return [{ key: "h", layer: 0, label: "hidden units h", gate: false }];
  const { numLayers } = model.rnn;
  return Array.from({ length: numLayers }, (_, layer) =>
    KEYS[model.cell].map((key) => ({
      key,
      layer,
      label: numLayers === 1 ? NAMES[key] : `${NAMES[key]}, layer ${layer + 1}`,
      gate: "iforz".includes(key),
    })),
  ).flat();
}

/** One step of one layer: x [1, in] and the step before (zeros at first) → all its vectors. The formulas are those of `nn`. */
export function stepLayer(
  model: RecurrentLM,
  layer: number,
  x: Tensor,
  before: LayerStep | undefined,
): LayerStep {
  const { weightIh, weightHh, biasIh, biasHh } = model.rnn.weights(layer);
  const H = model.rnn.hiddenSize;
  const start = () => zeros([1, H], { dtype: x.dtype });
  const h = before?.["h"] ?? start();
  const gx = linear(x, weightIh, biasIh);
  if (model.cell === "rnn") return { h: phiOf(model)(add(gx, linear(h, weightHh, biasHh))) };
  if (model.cell === "lstm") {
    const [i, f, g, o] = chunk(add(gx, linear(h, weightHh, biasHh)), 4, 1);
    const gates = { i: sigmoid(i), f: sigmoid(f), g: tanh(g), o: sigmoid(o) };
    const c = add(mul(gates.f, before?.["c"] ?? start()), mul(gates.i, gates.g));
    return { ...gates, c, h: mul(gates.o, tanh(c)) };
  }
  const [xr, xz, xn] = chunk(gx, 3, 1);
  const [weightGates, weightN] = split(weightHh, [2 * H, H]);
  const [biasGates, biasN] = biasHh ? split(biasHh, [2 * H, H]) : [null, null];
  const [hr, hz] = chunk(linear(h, weightGates, biasGates), 2, 1);
  const [r, z] = [sigmoid(add(xr, hr)), sigmoid(add(xz, hz))];
  const resetAfter = model.config["resetAfter"] !== false;
  const recurrent = resetAfter ? mul(r, linear(h, weightN, biasN)) : linear(mul(r, h), weightN, biasN);
  const n = tanh(add(xn, recurrent));
  return { r, z, n, h: add(n, mul(z, sub(h, n))) };
}

function phiOf({ config }: RecurrentLM): (x: Tensor) => Tensor {
  if (config["nonlinearity"] === "relu") return relu;
  return config["nonlinearity"] === "sigmoid" ? sigmoid : tanh;
}
