import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import { RecurrentModule, type SequenceOptions } from "./recurrent.ts";
import { gruKind, lstmKind, type Nonlinearity, rnnKind } from "./steps.ts";

export interface RNNOptions {
  /** φ: "tanh" (default), "relu" or "sigmoid". */
  nonlinearity?: Nonlinearity;
}

export interface GRUOptions {
  /** Reset gate after the recurrent product (true: PyTorch) or before it (false: Cho et al. 2014). */
  resetAfter?: boolean;
}

export interface ForwardOptions {
  /** Real length of each sequence of a right-padded batch. */
  lengths?: readonly number[];
}

/** A recurrent layer whose state is h alone. */
abstract class HiddenModule extends RecurrentModule {
  /** x [T, B, in] → [output [T, B, directions·H], h_n [layers·directions, B, H]]. */
  forward(x: Tensor, h0?: Tensor | null, { lengths }: ForwardOptions = {}): [Tensor, Tensor] {
    const [output, [h]] = this.run(x, h0 ? [h0] : undefined, lengths);
    return [output, h];
  }
}

/** The vanilla RNN over a sequence: h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh). */
export class RNN extends HiddenModule {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & RNNOptions) {
    super(rnnKind("RNN", options?.nonlinearity), inputSize, hiddenSize, options);
  }
}

/** Gated recurrent unit over a sequence. Weight rows in the order r z n. */
export class GRU extends HiddenModule {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & GRUOptions) {
    super(gruKind("GRU", options?.resetAfter), inputSize, hiddenSize, options);
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
    { lengths }: ForwardOptions = {},
  ): [Tensor, [Tensor, Tensor]] {
    const [output, [h, c]] = this.run(x, state ?? undefined, lengths);
    return [output, [h, c]];
  }

  /**
   * Sets the forget gates' bias to `value` (Gers et al. 2000, Jozefowicz et al. 2015): at 1 a fresh cell keeps most
   * of its content. The input bias gets the value, the recurrent one 0, since the two are added.
   */
  setForgetBias(value: number): this {
    const H = this.hiddenSize;
    for (let i = 0; i < this.numLayers * this.directions; i++) {
      const { biasIh, biasHh } = this.weights(Math.floor(i / this.directions), i % this.directions);
      if (!biasIh || !biasHh) throw new ArgumentError("nn.LSTM.setForgetBias: this layer has no biases");
      biasIh.changeData((data) => data.fill(value, H, 2 * H));
      biasHh.changeData((data) => data.fill(0, H, 2 * H));
    }
    return this;
  }
}
