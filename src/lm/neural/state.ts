import { fromData } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { expectNumber, formatShape } from "../../errors.ts";
import { type MimeBundle, showAs } from "../../show.ts";

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

  /**
   * Zeros for the listed sequences of the batch (for all when left out): they begin a new text. Without its graph.
   * @throws {ArgumentError} for a sequence that is not in the batch.
   */
  reset(sequences?: readonly number[]): RecurrentState {
    return new RecurrentState(
      this.tensors.map((x) => {
        const [layers, B, H] = x.shape;
        const data = x.data.slice();
        for (const b of sequences ?? Array.from({ length: B }, (_, i) => i)) {
          expectNumber(b, "RecurrentState.reset: a sequence", { integer: true, min: 0, below: B });
          for (let layer = 0; layer < layers; layer++) {
            data.fill(0, (layer * B + b) * H, (layer * B + b + 1) * H);
          }
        }
        return fromData(data, x.shape);
      }),
    );
  }
}

showAs(RecurrentState, ({ tensors }): MimeBundle => {
  const parts = tensors.map(({ shape }, i) => `${"hc"[i] ?? i} ${formatShape(shape)}`);
  return { "text/plain": `RecurrentState: ${parts.join(", ")}` };
});
