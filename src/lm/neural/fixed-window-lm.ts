import { fromData } from "../../autograd/create.ts";
import { isGradEnabled } from "../../autograd/mode.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, expectNumber } from "../../errors.ts";
import { linearCrossEntropy, linearNLL } from "../../fused/cross-entropy.ts";
import { linearLayer } from "../../fused/linear.ts";
import { Embedding } from "../../nn/embedding.ts";
import { Linear } from "../../nn/linear.ts";
import { add, tanh } from "../../ops/elementwise.ts";
import { crossEntropy } from "../../ops/loss.ts";
import { cat } from "../../ops/shape.ts";
import { type WindowPosition, Windows } from "../../text/windows.ts";
import type { Batch, BatchOptions, BatchSource } from "./batch.ts";
import { expectModelOptions, logSoftmaxOf, type Names, NeuralLM, type NeuralLMOptions } from "./neural-lm.ts";

/** Options of `FixedWindowLM`. */
export interface FixedWindowLMOptions extends NeuralLMOptions {
  /** n: how many tokens the model sees; default 3. */
  window?: number;
  /** m: numbers per token; default 16. */
  embeddingSize?: number;
  /** h: hidden units; default 128. */
  hiddenSize?: number;
  /** A direct linear path W x from the embedded window to the logits; default false. */
  direct?: boolean;
  /** false: composed of single ops, as they are taught; else the same sums in a few large steps. Default true. */
  fused?: boolean;
}

const OPTIONS: Names<Omit<FixedWindowLMOptions, keyof NeuralLMOptions>> = {
  window: true,
  embeddingSize: true,
  hiddenSize: true,
  direct: true,
  fused: true,
};

export interface WindowExamples extends Batch {
  /** [B, n] ids. */
  readonly x: Tensor;
  /** [B] ids. */
  readonly y: Tensor;
}

/** The last n tokens; fewer while the text begins. */
export type WindowReading = readonly number[];

/** Examples that an evaluation scores at once. */
const PIECE = 512;

/**
 * The neural language model with a fixed window (Bengio, Ducharme, Vincent & Jauvin 2003):
 * x = [E w_{t−n+1}; …; E w_t], logits = b + U tanh(d + H x) (+ W x with `direct`).
 * H [h, n·m] grows with the window, and each position has weights of its own.
 *
 * Contexts do not cross sentences where the corpus has an end token: the places before a sentence hold that token.
 */
export class FixedWindowLM extends NeuralLM<WindowExamples, WindowReading> {
  readonly embedding: Embedding;
  readonly hidden: Linear;
  readonly output: Linear;
  readonly direct: Linear | null;
  readonly window: number;
  readonly fused: boolean;
  #kept: { readonly versions: string; readonly weight: Tensor } | null = null;
  readonly config: Readonly<Record<string, unknown>>;

  constructor(options: FixedWindowLMOptions) {
    // A subclass may have options of its own.
    if (new.target === FixedWindowLM)
      expectModelOptions<FixedWindowLMOptions>(options, OPTIONS, "FixedWindowLM");
    super(options);
    const { window = 3, embeddingSize = 16, hiddenSize = 128, direct = false, dtype, init } = options;
    this.fused = options.fused ?? true;
    this.window = expectNumber(window, "FixedWindowLM: window", { integer: true, min: 1 });
    const layer = { generator: this.random, dtype };
    const V = this.vocabulary.size;
    this.embedding = new Embedding(V, embeddingSize, layer);
    this.hidden = new Linear(window * embeddingSize, hiddenSize, layer);
    this.output = new Linear(hiddenSize, V, layer);
    this.direct = direct ? new Linear(window * embeddingSize, V, { ...layer, bias: false }) : null;
    this.initialize(init);
    this.config = {
      model: "FixedWindowLM",
      window,
      embeddingSize,
      hiddenSize,
      direct,
      dtype: dtype ?? "float32",
    };
  }

  /** ids [B, n] → logits [B, V]. */
  forward(ids: Tensor): Tensor {
    const x = this.#window(ids);
    const logits = this.output.forward(tanh(this.hidden.forward(x)));
    return this.direct ? add(logits, this.direct.forward(x)) : logits;
  }

  lossOf({ x, y }: WindowExamples): { loss: Tensor; state: null } {
    if (!this.fused) return { loss: crossEntropy(this.forward(x), y), state: null };
    const [h, weight] = this.#beforeOutput(x);
    return { loss: linearCrossEntropy(h, weight, this.output.bias, y), state: null };
  }

  /** The embedded windows [B, n·m]. */
  #window(ids: Tensor): Tensor {
    return this.embedding.forward(ids).reshape([ids.shape[0], -1]);
  }

  /** What the last product is of: U h, or [U W] [h; x] where there is a direct path. */
  #beforeOutput(ids: Tensor): [input: Tensor, weight: Tensor] {
    const x = this.#window(ids);
    const h = linearLayer(x, this.hidden.weight, this.hidden.bias, "tanh");
    if (!this.direct) return [h, this.output.weight];
    return [cat([h, x], 1), this.#joined(this.output.weight, this.direct.weight)];
  }

  /** [U W]. Without a graph it is kept until one of them changes, so that it stays packed from token to token. */
  #joined(U: Tensor, W: Tensor): Tensor {
    const versions = `${U.version} ${W.version}`;
    if (isGradEnabled()) return cat([U, W], 1);
    if (this.#kept?.versions !== versions) this.#kept = { versions, weight: cat([U, W], 1) };
    return this.#kept.weight;
  }

  /** All examples in shuffled order, each once per epoch; the last batch may be smaller. */
  batches(ids: Int32Array, { batchSize, generator }: BatchOptions): BatchSource<WindowExamples> {
    const windows = new Windows({
      ids,
      context: this.window,
      batchSize,
      generator,
      boundary: this.endId ?? undefined,
    });
    return {
      stepsPerEpoch: windows.batchesPerEpoch,
      next: () => {
        const { x, y, shape } = windows.next();
        return {
          x: fromData(x, shape),
          y: fromData(y, [y.length]),
          reset: false,
          targets: y.length,
          steps: 1,
        };
      },
      state: () => windows.state(),
      restore: (state) => windows.restore(state as WindowPosition),
    };
  }

  initialState(): WindowReading {
    return this.endId === null ? [] : new Array<number>(this.window).fill(this.endId);
  }

  advance(read: WindowReading, token: number): WindowReading {
    return token === this.endId ? this.initialState() : [...read, token].slice(-this.window);
  }

  logProbs(read: WindowReading): Float64Array {
    if (read.length < this.window) {
      throw new ArgumentError(
        `FixedWindowLM: predicts from ${this.window} tokens, only ${read.length} were read; give a longer prompt`,
      );
    }
    return this.inference(() => {
      const ids = fromData(Int32Array.from(read), [1, this.window]);
      if (!this.fused) return logSoftmaxOf(this.forward(ids));
      const [h, weight] = this.#beforeOutput(ids);
      return logSoftmaxOf(linearLayer(h, weight, this.output.bias));
    });
  }

  override get minGiven(): number {
    return this.endId === null ? this.window : 0;
  }

  protected *scores(ids: Int32Array, given: number): Iterator<Float64Array> {
    if (ids.length <= given) return;
    const boundary = this.endId ?? undefined;
    const windows = new Windows({ ids, context: this.window, batchSize: PIECE, boundary });
    let skip = given - this.minGiven;
    for (const { x, y, shape } of windows.epoch()) {
      if (skip < y.length) {
        const [h, weight] = this.#beforeOutput(fromData(x, shape));
        const nll = linearNLL(h, weight, this.output.bias, fromData(y, [y.length]));
        yield Float64Array.from(nll.subarray(skip));
      }
      skip = Math.max(0, skip - y.length);
    }
  }
}
