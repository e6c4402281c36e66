import type { Tensor } from "../autograd/tensor.ts";
import { expectShape } from "../errors.ts";
import * as expect from "../expect.ts";
import { runSequence } from "../fused/sequence.ts";
import { fromVectors } from "../fused/sources.ts";
import { linear } from "../ops/matmul.ts";
import { Module, type Parameter } from "./module.ts";
import { makeWeights, pack, type RecurrentOptions, unpack } from "./recurrent.ts";
import type { CellKind, GRUOptions, RecurrentWeights, RNNOptions } from "./steps.ts";
import { gruKind, lstmKind, rnnKind } from "./steps.ts";

/** One step of a recurrent layer, for loops written by hand. `S` is the state's type. */
abstract class Cell<S extends Tensor | readonly Tensor[]> extends Module implements RecurrentWeights {
  readonly inputSize: number;
  readonly hiddenSize: number;
  declare readonly weightIh: Parameter;
  declare readonly weightHh: Parameter;
  declare readonly biasIh: Parameter | null;
  declare readonly biasHh: Parameter | null;
  /** As the option; can be switched at any time. */
  fused: boolean;
  readonly #kind: CellKind;

  constructor(kind: CellKind, inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super();
    expect.layer(kind.name, { inputSize, hiddenSize }, options, ["bias", "fused", ...kind.options]);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    Object.assign(this, makeWeights(kind, inputSize, hiddenSize, options));
    this.fused = options.fused ?? true;
    this.#kind = kind;
  }

  /** x [B, in] and the old state (zeros where it is left out) → the new state: h, or [h, c], each [B, H]. */
  forward(x: Tensor, state?: S | null): S {
    const { name, fused: recurrence, step } = this.#kind;
    const { B } = expectShape(x?.shape, ["B", this.inputSize], `nn.${name} input`);
    const initial = unpack(this.#kind, state, [B, this.hiddenSize], this.weightHh.dtype);
    if (recurrence && this.fused && B > 0) {
      const [, ...final] = runSequence({ recurrence, source: fromVectors(x), initial, weights: this });
      return pack<S>(final);
    }
    return pack<S>(step(linear(x, this.weightIh, this.biasIh), initial, this));
  }
}

/** h' = φ(W_ih x + b_ih + W_hh h + b_hh). */
export class RNNCell extends Cell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & RNNOptions) {
    super(rnnKind("RNNCell", options), inputSize, hiddenSize, options);
  }
}

/** One GRU step. Weight rows in the order r z n. */
export class GRUCell extends Cell<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & GRUOptions) {
    super(gruKind("GRUCell", options), inputSize, hiddenSize, options);
  }
}

/** One LSTM step. Weight rows in the order i f g o. */
export class LSTMCell extends Cell<readonly [h: Tensor, c: Tensor]> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super(lstmKind("LSTMCell"), inputSize, hiddenSize, options);
  }
}
