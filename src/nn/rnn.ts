import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber } from "../errors.ts";
import { RecurrentModule, type SequenceOptions } from "./recurrent.ts";
import { type GRUOptions, gruKind, lstmKind, type RNNOptions, rnnKind } from "./steps.ts";

/** The vanilla RNN over a sequence: h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh). */
export class RNN extends RecurrentModule<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & RNNOptions) {
    super(rnnKind("RNN", options), inputSize, hiddenSize, options);
  }
}

/** Gated recurrent unit over a sequence. Weight rows in the order r z n. */
export class GRU extends RecurrentModule<Tensor> {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions & GRUOptions) {
    super(gruKind("GRU", options), inputSize, hiddenSize, options);
  }
}

/** Long short-term memory over a sequence. Weight rows in the order i f g o. */
export class LSTM extends RecurrentModule<readonly [h: Tensor, c: Tensor]> {
  constructor(inputSize: number, hiddenSize: number, options: SequenceOptions) {
    super(lstmKind("LSTM"), inputSize, hiddenSize, options);
  }

  /**
   * Sets the forget gates' bias to `value` (Gers et al. 2000, Jozefowicz et al. 2015): at 1 a fresh cell keeps most
   * of its content. The input bias gets the value, the recurrent one 0, since the two are added.
   */
  setForgetBias(value: number): this {
    expectNumber(value, "nn.LSTM.setForgetBias: the value");
    const H = this.hiddenSize;
    for (let i = 0; i < this.numLayers * this.directions; i++) {
      const { biasIh, biasHh } = this.weights(Math.floor(i / this.directions), i % this.directions);
      if (!biasIh || !biasHh)
        throw new ArgumentError("nn.LSTM.setForgetBias: this layer has no biases; make it with bias: true");
      biasIh.changeData((data) => data.fill(value, H, 2 * H));
      biasHh.changeData((data) => data.fill(0, H, 2 * H));
    }
    return this;
  }
}
