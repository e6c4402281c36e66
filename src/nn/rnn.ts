import { zeros } from "../autograd/create.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, describe, expectShape } from "../errors.ts";
import { linear } from "../ops/matmul.ts";
import { Module, type Parameter } from "./module.ts";
import {
  type CellKind,
  makeWeights,
  RecurrentModule,
  type RecurrentOptions,
  type SequenceOptions,
} from "./recurrent.ts";
import { type CellState, gruStep, lstmStep, type Nonlinearity, rnnStep } from "./steps.ts";

export interface RNNOptions {
  /** φ: "tanh" (default), "relu" or "sigmoid". */
  nonlinearity?: Nonlinearity;
}

export interface GRUOptions {
  /** Reset gate after the recurrent product (true: PyTorch) or before it (false: Cho et al. 2014). */
  resetAfter?: boolean;
}

const rnnKind = (name: string, nonlinearity: Nonlinearity = "tanh"): CellKind => {
  if (!["tanh", "relu", "sigmoid"].includes(nonlinearity)) {
    throw new ArgumentError(
      `nn.${name}: nonlinearity must be "tanh", "relu" or "sigmoid", got ${describe(nonlinearity)}`,
    );
  }
  return { name, gates: 1, states: 1, step: rnnStep(nonlinearity) };
};
const lstmKind = (name: string): CellKind => ({ name, gates: 4, states: 2, step: lstmStep });
const gruKind = (name: string, resetAfter: boolean = true): CellKind => ({
  name,
  gates: 3,
  states: 1,
  step: gruStep(resetAfter),
});

/** The vanilla RNN over a sequence: h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh). */
export class RNN extends RecurrentModule {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & RNNOptions) {
    super(rnnKind("RNN", options.nonlinearity), inputSize, hiddenSize, options);
  }

  /** x [T, B, in] → [output [T, B, directions·H], h_n [layers·directions, B, H]]. */
  forward(x: Tensor, h0?: Tensor | null, options: { lengths?: readonly number[] } = {}): [Tensor, Tensor] {
    const [output, [h]] = this.run(x, h0 ? [h0] : undefined, options.lengths);
    return [output, h];
  }
}

/** Long short-term memory over a sequence. Weight rows in the order i f g o. */
export class LSTM extends RecurrentModule {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions) {
    super(lstmKind("LSTM"), inputSize, hiddenSize, options);
  }

  /** x [T, B, in] → [output [T, B, directions·H], [h_n, c_n]], states [layers·directions, B, H]. */
  forward(
    x: Tensor,
    state?: readonly [Tensor, Tensor] | null,
    options: { lengths?: readonly number[] } = {},
  ): [Tensor, [Tensor, Tensor]] {
    const [output, [h, c]] = this.run(x, state ?? undefined, options.lengths);
    return [output, [h, c]];
  }

  /**
   * Sets the forget gates' bias to `value` (Gers et al. 2000, Jozefowicz et al. 2015): at 1 a fresh cell keeps most
   * of its content. The input bias gets the value, the recurrent one 0, since the two are added.
   */
  setForgetBias(value: number): this {
    for (let layer = 0; layer < this.numLayers; layer++) {
      for (let direction = 0; direction < this.directions; direction++) {
        const { biasIh, biasHh } = this.weights(layer, direction);
        if (!biasIh || !biasHh) throw new ArgumentError("nn.LSTM.setForgetBias: this layer has no biases");
        biasIh.data.fill(value, this.hiddenSize, 2 * this.hiddenSize);
        biasHh.data.fill(0, this.hiddenSize, 2 * this.hiddenSize);
      }
    }
    return this;
  }
}

/** Gated recurrent unit over a sequence. Weight rows in the order r z n. */
export class GRU extends RecurrentModule {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & GRUOptions) {
    super(gruKind("GRU", options.resetAfter), inputSize, hiddenSize, options);
  }

  /** x [T, B, in] → [output [T, B, directions·H], h_n [layers·directions, B, H]]. */
  forward(x: Tensor, h0?: Tensor | null, options: { lengths?: readonly number[] } = {}): [Tensor, Tensor] {
    const [output, [h]] = this.run(x, h0 ? [h0] : undefined, options.lengths);
    return [output, h];
  }
}

/** One step of a recurrent layer, for loops written by hand. */
abstract class Cell extends Module {
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter | null;
  readonly biasHh: Parameter | null;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly #kind: CellKind;

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super();
    const weights = makeWeights(kind, inputSize, hiddenSize, options);
    this.weightIh = weights.weightIh;
    this.weightHh = weights.weightHh;
    this.biasIh = weights.biasIh;
    this.biasHh = weights.biasHh;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.#kind = kind;
  }

  protected step(x: Tensor, state?: CellState): CellState {
    const name = `nn.${this.#kind.name}`;
    const { B } = expectShape(x.shape, ["B", this.inputSize], `${name} input`);
    const fresh = () => zeros([B, this.hiddenSize], { dtype: this.weightHh.dtype });
    const from = state ?? Array.from({ length: this.#kind.states }, fresh);
    for (const s of from) expectShape(s.shape, [B, this.hiddenSize], `${name} state`);
    return this.#kind.step(linear(x, this.weightIh, this.biasIh), from, this);
  }
}

/** h' = φ(W_ih x + b_ih + W_hh h + b_hh); x [B, in], h [B, H]. */
export class RNNCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & RNNOptions) {
    super(rnnKind("RNNCell", options.nonlinearity), inputSize, hiddenSize, options);
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.step(x, h ? [h] : undefined)[0];
  }
}

/** One LSTM step: x [B, in], [h, c] each [B, H] → [h', c']. */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super(lstmKind("LSTMCell"), inputSize, hiddenSize, options);
  }

  forward(x: Tensor, state?: readonly [Tensor, Tensor] | null): [Tensor, Tensor] {
    const [h, c] = this.step(x, state ?? undefined);
    return [h, c];
  }
}

/** One GRU step: x [B, in], h [B, H] → h'. */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & GRUOptions) {
    super(gruKind("GRUCell", options.resetAfter), inputSize, hiddenSize, options);
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.step(x, h ? [h] : undefined)[0];
  }
}
