import { fromData } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, describe, expectNumber } from "../../errors.ts";
import { linearCrossEntropy, linearNLL } from "../../fused/cross-entropy.ts";
import { linearLayer } from "../../fused/linear.ts";
import { Dropout } from "../../nn/dropout.ts";
import { Embedding } from "../../nn/embedding.ts";
import { Linear } from "../../nn/linear.ts";
import { GRU, LSTM, RNN } from "../../nn/rnn.ts";
import type { Nonlinearity } from "../../nn/steps.ts";
import { oneHot } from "../../ops/indexing.ts";
import { crossEntropy } from "../../ops/loss.ts";
import { Generator, type GeneratorState } from "../../random.ts";
import { type StreamBatch, type StreamPosition, Streams } from "../../text/streams.ts";
import type { Batch, BatchOptions, BatchSource } from "./batch.ts";
import { expectModelOptions, logSoftmaxOf, type Names, NeuralLM, type NeuralLMOptions } from "./neural-lm.ts";
import { RecurrentState } from "./state.ts";

/** Options of `RecurrentLM`. */
export interface RecurrentLMOptions extends NeuralLMOptions {
  /** Default "rnn". */
  cell?: "rnn" | "lstm" | "gru";
  /** E; null feeds one-hot vectors. Default: hiddenSize. */
  embeddingSize?: number | null;
  /** H; default 128. */
  hiddenSize?: number;
  /** Default 1. */
  numLayers?: number;
  /** On the embedded input, between layers and on the output, never on h → h (Zaremba et al. 2014); default 0. */
  dropout?: number;
  /** Output weights are the embedding table: one parameter with two uses. Needs embeddingSize = hiddenSize. */
  tied?: boolean;
  /** φ of the vanilla RNN; only for cell "rnn". */
  nonlinearity?: Nonlinearity;
  /** Which GRU: see `nn.GRU`; only for cell "gru". */
  resetAfter?: boolean;
  /** false: composed of single ops, as they are taught; else the same sums in a few large steps. Default true. */
  fused?: boolean;
  /** Forget-gate bias at the start, left as drawn when not given; only for cell "lstm". `init` comes after it. */
  forgetBias?: number;
}

const OPTIONS: Names<Omit<RecurrentLMOptions, keyof NeuralLMOptions>> = {
  cell: true,
  embeddingSize: true,
  hiddenSize: true,
  numLayers: true,
  dropout: true,
  tied: true,
  nonlinearity: true,
  resetAfter: true,
  fused: true,
  forgetBias: true,
};

/** Options that one kind of cell has. */
const OPTION_OF = { nonlinearity: "rnn", resetAfter: "gru", forgetBias: "lstm" } as const;

/** T·B examples in time order. */
export interface RecurrentBatch extends Batch {
  /** [T, B] ids. */
  readonly x: Tensor;
  readonly y: Tensor;
}

/** What was read so far: the state, and the last layer's output [1, 1, H] at the last token; null before any. */
export type RecurrentReading = { readonly state: RecurrentState; readonly output: Tensor } | null;

/**
 * Steps that an evaluation reads at once. The state is carried over: the result does not depend on it. One stream is
 * read, not several side by side, because each of several would begin without a context.
 */
const PIECE = 256;

/**
 * A recurrent language model: ids → embedding (or one-hot) → RNN, LSTM or GRU → logits over the vocabulary,
 * P(w_{t+1} | w_1 … w_t) = softmax(U h_t + b). The number of parameters does not depend on the length of a text.
 */
export class RecurrentLM extends NeuralLM<RecurrentBatch, RecurrentReading> {
  readonly embedding: Embedding | null;
  readonly rnn: RNN | LSTM | GRU;
  readonly output: Linear;
  readonly cell: "rnn" | "lstm" | "gru";
  readonly config: Readonly<Record<string, unknown>>;
  readonly dropout: Dropout;
  readonly fused: boolean;
  readonly #dtype: "float32" | "float64";

  constructor(options: RecurrentLMOptions) {
    // A subclass may have options of its own.
    if (new.target === RecurrentLM) expectModelOptions<RecurrentLMOptions>(options, OPTIONS, "RecurrentLM");
    super(options);
    const {
      cell = "rnn",
      hiddenSize = 128,
      numLayers = 1,
      dropout = 0,
      tied = false,
      dtype = "float32",
      fused = true,
    } = options;
    const { embeddingSize = hiddenSize, nonlinearity, resetAfter, forgetBias, init } = options;
    const layers = { rnn: RNN, lstm: LSTM, gru: GRU };
    if (!Object.hasOwn(layers, cell)) {
      throw new ArgumentError(`RecurrentLM: cell must be "rnn", "lstm" or "gru", got ${describe(cell)}`);
    }
    for (const [option, only] of Object.entries(OPTION_OF) as [keyof typeof OPTION_OF, string][]) {
      if (options[option] !== undefined && cell !== only) {
        throw new ArgumentError(
          `RecurrentLM: ${option} is an option of cell "${only}", not of "${cell}"; leave it out`,
        );
      }
    }
    expectNumber(hiddenSize, "RecurrentLM: hiddenSize", { integer: true, min: 1 });
    if (tied && embeddingSize !== hiddenSize) {
      throw new ArgumentError(
        `RecurrentLM: tied weights need embeddingSize = hiddenSize, got ${embeddingSize} and ${hiddenSize}`,
      );
    }
    this.cell = cell;
    this.fused = fused;
    this.#dtype = dtype;
    const V = this.vocabulary.size;
    const layer = { generator: this.random, dtype };
    this.embedding = embeddingSize === null ? null : new Embedding(V, embeddingSize, layer);
    const sequence = { ...layer, numLayers, dropout, nonlinearity, resetAfter, fused };
    this.rnn = new layers[cell](embeddingSize ?? V, hiddenSize, sequence);
    this.output = new Linear(hiddenSize, V, layer);
    if (tied && this.embedding) Object.assign(this.output, { weight: this.embedding.weight });
    if (forgetBias !== undefined && this.rnn instanceof LSTM) this.rnn.setForgetBias(forgetBias);
    this.initialize(init);
    this.dropout = new Dropout(dropout, { generator: this.random.fork("dropout") });
    this.rnn.dropout.generator = this.dropout.generator; // one stream for all masks
    this.config = {
      model: "RecurrentLM",
      cell,
      embeddingSize,
      hiddenSize,
      numLayers,
      dropout,
      tied,
      dtype,
      nonlinearity,
      resetAfter,
    };
  }

  /** ids [T, B] and the carried state (zeros at first) → logits [T, B, V] and the new state. */
  forward(ids: Tensor, carried: RecurrentState | null = null): [Tensor, RecurrentState] {
    const [h, state] = this.#read(ids, carried);
    return [this.output.forward(h), state];
  }

  lossOf(batch: RecurrentBatch, carried: RecurrentState | null): { loss: Tensor; state: RecurrentState } {
    const [h, state] = this.#read(batch.x, batch.reset ? null : carried);
    if (this.fused) {
      return { loss: linearCrossEntropy(h, this.output.weight, this.output.bias, batch.y), state };
    }
    const logits = this.output.forward(h).reshape([-1, this.vocabulary.size]);
    return { loss: crossEntropy(logits, batch.y.reshape([-1])), state };
  }

  /** Contiguous streams: the state after one batch is the state that the next one needs. */
  batches(ids: Int32Array, { batchSize, bptt }: BatchOptions): BatchSource<RecurrentBatch> {
    if (bptt === undefined)
      throw new ArgumentError("train: a recurrent model needs bptt, the number of steps per window");
    const streams = new Streams({ ids, batchSize, bptt });
    return {
      stepsPerEpoch: streams.stepsPerEpoch,
      next: () => toTensors(streams.next()),
      state: () => streams.state(),
      restore: (state) => streams.restore(state as StreamPosition),
    };
  }

  initialState(): RecurrentReading {
    return this.endId === null ? null : this.advance(null, this.endId);
  }

  advance(before: RecurrentReading, token: number): RecurrentReading {
    return this.inference(() => {
      const [output, state] = this.#read(fromData(Int32Array.of(token), [1, 1]), before?.state ?? null);
      return { state, output };
    });
  }

  logProbs(reading: RecurrentReading): Float64Array {
    if (!reading) {
      throw new ArgumentError(
        "RecurrentLM: nothing was read yet; give a prompt (or context) of at least one token",
      );
    }
    return this.inference(() => {
      const { weight, bias } = this.output;
      const logits = this.fused
        ? linearLayer(reading.output, weight, bias)
        : this.output.forward(reading.output);
      return logSoftmaxOf(logits);
    });
  }

  protected *scores(ids: Int32Array, given: number): Iterator<Float64Array> {
    // With an end token the text is read as if one sentence had just ended: then every token of it is predicted.
    const before = this.minGiven === 0 ? 1 : 0;
    const read = new Int32Array(before + ids.length);
    if (this.endId !== null) read[0] = this.endId;
    read.set(ids, before);
    let skip = given - this.minGiven;
    let state: RecurrentState | null = null;
    for (let start = 0; start < read.length - 1; start += PIECE) {
      const steps = Math.min(PIECE, read.length - 1 - start);
      const x = fromData(read.slice(start, start + steps), [steps, 1]);
      const y = fromData(read.slice(start + 1, start + 1 + steps), [steps]);
      const [h, next]: [Tensor, RecurrentState] = this.#read(x, state);
      state = next;
      const nll = linearNLL(h.reshape([steps, -1]), this.output.weight, this.output.bias, y);
      yield Float64Array.from(nll.subarray(skip));
      skip = Math.max(0, skip - steps);
    }
  }

  override generatorStates(): GeneratorState[] {
    return [this.dropout.generator.state()];
  }

  override restoreGenerators([state]: readonly GeneratorState[]): void {
    this.dropout.generator = Generator.fromState(state);
    this.rnn.dropout.generator = this.dropout.generator;
  }

  /** ids [T, B] → outputs of the last layer [T, B, H], and the new state. */
  #read(ids: Tensor, carried: RecurrentState | null): [Tensor, RecurrentState] {
    const { rnn } = this;
    const masked = this.dropout.p > 0 && this.dropout.training;
    const table = this.embedding?.weight ?? null;
    if (rnn instanceof LSTM) {
      const before = carried ? pair(carried.tensors) : null;
      const [output, state] = masked
        ? rnn.forward(this.#embedded(ids), before)
        : rnn.forwardIds(ids, table, before);
      return [this.dropout.forward(output), new RecurrentState(state)];
    }
    const before = carried?.tensors[0];
    const [output, h] = masked
      ? rnn.forward(this.#embedded(ids), before)
      : rnn.forwardIds(ids, table, before);
    return [this.dropout.forward(output), new RecurrentState([h])];
  }

  #embedded(ids: Tensor): Tensor {
    const x = this.embedding ? this.embedding.forward(ids) : oneHot(ids, this.vocabulary.size, this.#dtype);
    return this.dropout.forward(x);
  }
}

function pair([h, c]: readonly Tensor[]): readonly [h: Tensor, c: Tensor] {
  return [h, c];
}

function toTensors({ x, y, shape, reset, targets }: StreamBatch): RecurrentBatch {
  return { x: fromData(x, shape), y: fromData(y, shape), reset, targets, steps: shape[0] };
}
