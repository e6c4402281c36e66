import type { Tensor } from "../autograd/tensor.ts";
import { expectShape } from "../errors.ts";
import { linear } from "../ops/matmul.ts";
import { Module, type Parameter } from "./module.ts";
import { expectState, makeWeights, type RecurrentOptions, zeroState } from "./recurrent.ts";
import type { GRUOptions, RNNOptions } from "./rnn.ts";
import { type CellKind, type CellState, gruKind, lstmKind, type RecurrentWeights, rnnKind } from "./steps.ts";

/** One step of a recurrent layer, for loops written by hand. */
abstract class Cell extends Module implements RecurrentWeights<Parameter> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  declare readonly weightIh: Parameter;
  declare readonly weightHh: Parameter;
  declare readonly biasIh: Parameter | null;
  declare readonly biasHh: Parameter | null;
  readonly #kind: CellKind;

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    Object.assign(this, makeWeights(kind, inputSize, hiddenSize, options));
    this.#kind = kind;
  }

  protected step(x: Tensor, state?: CellState): CellState {
    const { name, states, step } = this.#kind;
    const { B } = expectShape(x.shape, ["B", this.inputSize], `nn.${name} input`);
    const shape = [B, this.hiddenSize];
    const from = state ?? zeroState(states, shape, this.weightHh.dtype);
    expectState(from, states, shape, `nn.${name}`);
    return step(linear(x, this.weightIh, this.biasIh), from, this);
  }
}

abstract class HiddenCell extends Cell {
  /** x [B, in], h [B, H] (zeros when left out) → h' [B, H]. */
  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.step(x, h ? [h] : undefined)[0];
  }
}

/** h' = φ(W_ih x + b_ih + W_hh h + b_hh); x [B, in], h [B, H]. */
export class RNNCell extends HiddenCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & RNNOptions) {
    super(rnnKind("RNNCell", options?.nonlinearity), inputSize, hiddenSize, options);
  }
}

/** One GRU step: x [B, in], h [B, H] → h'. */
export class GRUCell extends HiddenCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & GRUOptions) {
    super(gruKind("GRUCell", options?.resetAfter), inputSize, hiddenSize, options);
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
