import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, describe } from "../errors.ts";
import { gruRecurrence } from "../fused/gru.ts";
import { lstmRecurrence } from "../fused/lstm.ts";
import type { Recurrence } from "../fused/recurrence.ts";
import { rnnRecurrence } from "../fused/rnn.ts";
import { add, mul, relu, sigmoid, sub, tanh } from "../ops/elementwise.ts";
import { linear } from "../ops/matmul.ts";
import { chunk, split } from "../ops/shape.ts";

/** Weights of one recurrent layer in one direction: weightIh [gates·H, in], weightHh [gates·H, H], biases [gates·H]. */
export interface RecurrentWeights<T extends Tensor = Tensor> {
  weightIh: T;
  weightHh: T;
  biasIh: T | null;
  biasHh: T | null;
}

const nonlinearities: Record<Nonlinearity, (x: Tensor) => Tensor> = { tanh, relu, sigmoid };
/** φ of the vanilla RNN. */
export type Nonlinearity = "tanh" | "relu" | "sigmoid";

/** Options of the vanilla RNN. */
export interface RNNOptions {
  /** φ: "tanh" (default), "relu" or "sigmoid". */
  nonlinearity?: Nonlinearity;
}

/** Options of the GRU. */
export interface GRUOptions {
  /** Reset gate after the recurrent product (true: PyTorch) or before it (false: Cho et al. 2014). */
  resetAfter?: boolean;
}

/** What a recurrent layer carries from step to step: [h], or [h, c] for an LSTM. Each [B, H]. */
export type CellState = readonly Tensor[];

/**
 * One step: the input's share `gx = x W_ihᵀ + b_ih` [B, gates·H] (computed for all steps at once) and the old
 * state → the new state.
 */
export type Step = (gx: Tensor, state: CellState, weights: RecurrentWeights) => CellState;

/** What a kind of recurrent layer has of its own. */
export interface CellKind {
  name: string;
  /** Blocks of H rows in the weights: 1 RNN, 4 LSTM, 3 GRU. */
  gates: number;
  /** Tensors in the state: 1, or 2 for an LSTM. */
  states: number;
  /** One step, composed of ops. */
  step: Step;
  /** The same for a whole sequence at once, with its backward derived by hand; null where there is none. */
  fused: Recurrence | null;
  /** Names of the options that only this kind has. */
  options: readonly string[];
}

/** h' = φ(gx + h W_hhᵀ + b_hh) (Elman 1990). */
export function rnnKind(name: string, { nonlinearity = "tanh" }: RNNOptions = {}): CellKind {
  const phi = new Map(Object.entries(nonlinearities)).get(nonlinearity);
  if (!phi) {
    const names = Object.keys(nonlinearities).join(", ");
    throw new ArgumentError(`nn.${name}: nonlinearity must be of ${names}, got ${describe(nonlinearity)}`);
  }
  const step: Step = (gx, [h], { weightHh, biasHh }) => [phi(add(gx, linear(h, weightHh, biasHh)))];
  return { name, gates: 1, states: 1, step, fused: rnnRecurrence(nonlinearity), options: ["nonlinearity"] };
}

/**
 * i, f, o = σ(·), g = tanh(·) of the four parts of gx + h W_hhᵀ + b_hh, stored in the order i f g o;
 * c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh c' (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).
 */
export function lstmKind(name: string): CellKind {
  const step: Step = (gx, [h, c], { weightHh, biasHh }) => {
    const [i, f, g, o] = chunk(add(gx, linear(h, weightHh, biasHh)), 4, 1);
    const newC = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
    return [mul(sigmoid(o), tanh(newC)), newC];
  };
  return { name, gates: 4, states: 2, step, fused: lstmRecurrence, options: [] };
}

/**
 * r, z = σ(·), stored in the order r z n; h' = (1 − z) ⊙ n + z ⊙ h.
 * Reset after the product (PyTorch, cuDNN): n = tanh(gx_n + r ⊙ (h W_hnᵀ + b_hn)).
 * Reset before it (Cho et al. 2014): n = tanh(gx_n + (r ⊙ h) W_hnᵀ + b_hn).
 */
export function gruKind(name: string, { resetAfter = true }: GRUOptions = {}): CellKind {
  const kind = { name, gates: 3, states: 1, options: ["resetAfter"] };
  return resetAfter
    ? { ...kind, step: gruStep, fused: gruRecurrence }
    : { ...kind, step: choStep, fused: null };
}

const gruStep: Step = (gx, [h], { weightHh, biasHh }) => {
  const [xr, xz, xn] = chunk(gx, 3, 1);
  const [hr, hz, hn] = chunk(linear(h, weightHh, biasHh), 3, 1);
  const n = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
  return [mix(sigmoid(add(xz, hz)), n, h)];
};

const choStep: Step = (gx, [h], { weightHh, biasHh }) => {
  const H = h.shape[1];
  const [weightGates, weightN] = split(weightHh, [2 * H, H]);
  const [biasGates, biasN] = biasHh ? split(biasHh, [2 * H, H]) : [null, null];
  const [xr, xz, xn] = chunk(gx, 3, 1);
  const [hr, hz] = chunk(linear(h, weightGates, biasGates), 2, 1);
  const n = tanh(add(xn, linear(mul(sigmoid(add(xr, hr)), h), weightN, biasN)));
  return [mix(sigmoid(add(xz, hz)), n, h)];
};

/** (1 − z) ⊙ n + z ⊙ h = n + z ⊙ (h − n). */
function mix(z: Tensor, n: Tensor, h: Tensor): Tensor {
  return add(n, mul(z, sub(h, n)));
}
