import type { Tensor } from "../../autograd/tensor.ts";

/**
 * What a recurrent model carries from one window of text to the next: [h], or [h, c] for an LSTM, each
 * [layers, B, H]. An explicit value: it is returned by the model and passed in again, never kept inside a layer.
 */
export class RecurrentState {
  readonly tensors: readonly Tensor[];

  constructor(tensors: readonly Tensor[]) {
    this.tensors = tensors;
  }

  /**
   * The same numbers, cut off from the graph that computed them: truncated BPTT carries the state forward and cuts the
   * gradient. Without it every window would keep all windows before it alive.
   */
  detach(): RecurrentState {
    return new RecurrentState(this.tensors.map((x) => x.detach()));
  }

  /** A copy in memory of its own, without its graph. */
  clone(): RecurrentState {
    return new RecurrentState(this.tensors.map((x) => x.detach().clone()));
  }

  /** Zeros for the listed sequences of the batch (for all when left out): they begin a new text. */
  reset(sequences?: readonly number[]): RecurrentState {
    return new RecurrentState(
      this.tensors.map((x) => {
        const copy = x.detach().clone();
        const [layers, B, H] = x.shape;
        for (let layer = 0; layer < layers; layer++) {
          for (const b of sequences ?? Array.from({ length: B }, (_, i) => i)) {
            copy.data.fill(0, (layer * B + b) * H, (layer * B + b + 1) * H);
          }
        }
        return copy;
      }),
    );
  }
}
