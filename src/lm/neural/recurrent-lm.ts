import { fromData } from "../../autograd/create.ts";
import { noGrad } from "../../autograd/mode.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, describe, expectNumber } from "../../errors.ts";
import { Dropout } from "../../nn/dropout.ts";
import { Embedding } from "../../nn/embedding.ts";
import type { Initializer } from "../../nn/init.ts";
import { Linear } from "../../nn/linear.ts";
import type { Parameter } from "../../nn/module.ts";
import { GRU, LSTM, RNN } from "../../nn/rnn.ts";
import type { Nonlinearity } from "../../nn/steps.ts";
import { oneHot } from "../../ops/indexing.ts";
import { crossEntropy } from "../../ops/loss.ts";
import { logSoftmax } from "../../ops/reduce.ts";
import { Generator, type GeneratorState } from "../../random.ts";
import { type StreamBatch, type StreamPosition, Streams } from "../../text/streams.ts";
import {
  type Batch,
  type BatchOptions,
  type BatchSource,
  NeuralLM,
  type NeuralLMOptions,
} from "./neural-lm.ts";
import { RecurrentState } from "./state.ts";

export interface RecurrentLMOptions extends NeuralLMOptions {
  cell?: "rnn" | "lstm" | "gru";
  /** E; null feeds one-hot vectors. Default: hiddenSize. */
  embeddingSize?: number | null;
  /** H. */
  hiddenSize?: number;
  numLayers?: number;
  /** On the embedded input, between layers and on the output, never on h → h (Zaremba et al. 2014). */
  dropout?: number;
  /** Output weights are the embedding table: one parameter with two uses. Needs embeddingSize = hiddenSize. */
  tied?: boolean;
  /** φ of the vanilla RNN. */
  nonlinearity?: Nonlinearity;
  /** Which GRU: see `nn.GRU`. */
  resetAfter?: boolean;
  /** LSTM forget-gate bias at the start; left as drawn when not given. */
  forgetBias?: number;
  /** Fills a parameter otherwise than by the layer's default; return undefined to keep the default. */
  init?: (name: string, parameter: Parameter, generator: Generator) => Initializer | undefined;
}

/** T·B examples in time order. */
export interface RecurrentBatch extends Batch {
  /** [T, B] ids. */
  readonly x: Tensor;
  readonly y: Tensor;
}

/** What was read so far: the hidden state, and the log-probabilities of what comes next. */
export interface RecurrentReading {
  readonly state: RecurrentState | null;
  readonly logProbs: Float64Array | null;
}

/** Steps that an evaluation reads at once; the state is carried over, so the result does not depend on it. */
const CHUNK = 256;

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
  readonly #drop: Dropout;
  readonly #dtype: "float32" | "float64";

  constructor(options: RecurrentLMOptions) {
    super(options);
    const {
      cell = "rnn",
      hiddenSize = 128,
      numLayers = 1,
      dropout = 0,
      tied = false,
      dtype = "float32",
    } = options;
    const { embeddingSize = hiddenSize, nonlinearity, resetAfter, forgetBias, init } = options;
    const Layer = { rnn: RNN, lstm: LSTM, gru: GRU }[cell];
    if (!Layer)
      throw new ArgumentError(`RecurrentLM: cell must be "rnn", "lstm" or "gru", got ${describe(cell)}`);
    expectNumber(hiddenSize, "RecurrentLM: hiddenSize", { integer: true, min: 1 });
    if (tied && embeddingSize !== hiddenSize) {
      throw new ArgumentError(
        `RecurrentLM: tied weights need embeddingSize = hiddenSize, got ${embeddingSize} and ${hiddenSize}`,
      );
    }
    this.cell = cell;
    this.#dtype = dtype;
    const V = this.vocabulary.size;
    const layer = { generator: this.random, dtype };
    this.embedding = embeddingSize === null ? null : new Embedding(V, embeddingSize, layer);
    this.rnn = new Layer(embeddingSize ?? V, hiddenSize, {
      ...layer,
      numLayers,
      dropout,
      nonlinearity,
      resetAfter,
    });
    this.output = new Linear(hiddenSize, V, layer);
    if (tied && this.embedding) Object.assign(this.output, { weight: this.embedding.weight });
    if (forgetBias !== undefined) {
      if (!(this.rnn instanceof LSTM))
        throw new ArgumentError(`RecurrentLM: only an LSTM has a forget gate, not "${cell}"`);
      this.rnn.setForgetBias(forgetBias);
    }
    for (const [name, p] of this.namedParameters()) init?.(name, p, this.random)?.(p);
    this.#drop = new Dropout(dropout, { generator: this.random.fork("dropout") });
    this.rnn.dropout.generator = this.#drop.generator;
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
    const x = this.embedding ? this.embedding.forward(ids) : oneHot(ids, this.vocabulary.size, this.#dtype);
    const [h, state] = this.#recur(this.#dropped(x), carried);
    return [this.output.forward(this.#dropped(h)), state];
  }

  lossOf(batch: RecurrentBatch, carried: RecurrentState | null): { loss: Tensor; state: RecurrentState } {
    const [logits, state] = this.forward(batch.x, batch.reset ? null : carried);
    const loss = crossEntropy(logits.reshape([-1, this.vocabulary.size]), batch.y.reshape([-1]));
    return { loss, state };
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
    const nothing: RecurrentReading = { state: null, logProbs: null };
    return this.endId === null ? nothing : this.advance(nothing, this.endId);
  }

  /** One step without a tape. */
  advance({ state }: RecurrentReading, token: number): RecurrentReading {
    return this.inference(() =>
      noGrad(() => {
        const [logits, next] = this.forward(fromData(Int32Array.of(token), [1, 1]), state);
        return {
          state: next,
          logProbs: Float64Array.from(logSoftmax(logits.reshape([-1]).to("float64"), 0).data),
        };
      }),
    );
  }

  logProbs({ logProbs }: RecurrentReading): Float64Array {
    if (!logProbs) {
      throw new ArgumentError(
        "RecurrentLM: nothing was read yet; give a prompt (or context) of at least one token",
      );
    }
    return logProbs;
  }

  protected score(ids: Int32Array, given: number): Float64Array {
    // With an end token the text is read as if one sentence had just ended.
    const read = this.endId === null ? ids : Int32Array.of(this.endId, ...ids);
    const skip = given - (read.length - ids.length === 1 ? 0 : 1);
    if (skip < 0)
      throw new ArgumentError("RecurrentLM: the first token cannot be predicted; given must be at least 1");
    const nll = new Float64Array(Math.max(0, read.length - 1));
    let state: RecurrentState | null = null;
    for (let start = 0; start < nll.length; start += CHUNK) {
      const steps = Math.min(CHUNK, nll.length - start);
      const x = fromData(read.slice(start, start + steps), [steps, 1]);
      const y = fromData(read.slice(start + 1, start + 1 + steps), [steps]);
      noGrad(() => {
        const [logits, next] = this.forward(x, state);
        nll.set(crossEntropy(logits.reshape([steps, -1]), y, { reduction: "none" }).data, start);
        state = next;
      });
    }
    return nll.subarray(skip);
  }

  generatorStates(): GeneratorState[] {
    return [this.#drop.generator.state()];
  }

  restoreGenerators([state]: readonly GeneratorState[]): void {
    this.#drop.generator = Generator.fromState(state);
    this.rnn.dropout.generator = this.#drop.generator;
  }

  #recur(x: Tensor, carried: RecurrentState | null): [Tensor, RecurrentState] {
    if (this.rnn instanceof LSTM) {
      const [h0, c0] = carried?.tensors ?? [];
      const [output, [h, c]] = this.rnn.forward(x, carried ? [h0, c0] : null);
      return [output, new RecurrentState([h, c])];
    }
    const [output, h] = this.rnn.forward(x, carried?.tensors[0]);
    return [output, new RecurrentState([h])];
  }

  #dropped(x: Tensor): Tensor {
    this.#drop.training = this.training;
    return this.#drop.forward(x);
  }
}

function toTensors({ x, y, shape, reset, targets }: StreamBatch): RecurrentBatch {
  return { x: fromData(x, shape), y: fromData(y, shape), reset, targets, steps: shape[0] };
}
