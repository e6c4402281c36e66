import { type Generator, nn, ops, type Tensor } from "../../index.ts";

type Cell = "rnn" | "lstm" | "gru";
const LAYERS = { rnn: nn.RNN, lstm: nn.LSTM, gru: nn.GRU };

export interface ReaderOptions {
  cell: Cell;
  inputs: number;
  hidden: number;
  outputs: number;
  /**
   * How many steps there are to bridge: the gates that keep (f of an LSTM, z of a GRU: the second block of both) begin
   * with the bias ln U(1, span − 1), so that some units remember for about each time up to it, and the input gate of an
   * LSTM with its negative (Tallec & Ollivier 2018).
   */
  span: number;
}

/** A recurrent layer that is read out at the last step only, or at every step. */
export class Reader extends nn.Module {
  readonly rnn: nn.RNN | nn.LSTM | nn.GRU;
  readonly output: nn.Linear;
  readonly inputs: number;

  constructor({ cell, inputs, hidden, outputs, span }: ReaderOptions, generator: Generator) {
    super();
    this.inputs = inputs;
    this.rnn = new LAYERS[cell](inputs, hidden, { generator });
    this.output = new nn.Linear(hidden, outputs, { generator });
    if (cell === "rnn") return;
    const { biasIh, biasHh } = this.rnn.weights();
    biasHh?.changeData((values) => values.fill(0, 0, 2 * hidden));
    biasIh?.changeData((values) => {
      for (let i = 0; i < hidden; i++) {
        const keep = Math.log(generator.uniform(1, span - 1));
        values[hidden + i] = keep;
        if (cell === "lstm") values[i] = -keep;
      }
    });
  }

  /** x [T, B] ids (then one-hot) or [T, B, D] → outputs at every step, [T, B, outputs]. */
  all(x: Tensor): Tensor {
    return this.output.forward(this.#states(x));
  }

  /** The same at the last step only: [B, outputs]. */
  last(x: Tensor): Tensor {
    const states = this.#states(x);
    return this.output.forward(ops.select(states, 0, states.shape[0] - 1));
  }

  #states(x: Tensor): Tensor {
    return this.rnn.forward(x.dtype === "int32" ? ops.oneHot(x, this.inputs) : x)[0];
  }
}
