import { fromData } from "../../autograd/create.ts";
import { noGrad } from "../../autograd/mode.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { ArgumentError, DataError, describe, expectNumber } from "../../errors.ts";
import { linearCrossEntropy } from "../../fused/cross-entropy.ts";
import { Embedding } from "../../nn/embedding.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { GRU, LSTM, RNN } from "../../nn/rnn.ts";
import { argmax } from "../../ops/reduce.ts";
import { Generator } from "../../random.ts";
import { padSequences } from "../../text/padded.ts";
import { IGNORE } from "../../text/streams.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";

/** Options of `EncoderDecoder`. */
export interface EncoderDecoderOptions {
  /** Tokens of the sources. */
  source: Vocabulary;
  /** Tokens of the targets, `begin` and `end` among them. */
  target: Vocabulary;
  /** What the decoder reads before the first token; default "<s>". */
  begin?: string;
  /** What is predicted after the last token; default "</s>". */
  end?: string;
  /** Default "gru". */
  cell?: "rnn" | "lstm" | "gru";
  /** E, for sources and targets; default 32. */
  embeddingSize?: number;
  /** H; default 128. */
  hiddenSize?: number;
  /** The seed of the initial weights. */
  seed: number | string;
}

/** Lists of ids, one for each text of a batch. */
export type IdLists = readonly ArrayLike<number>[];

type Layer = RNN | LSTM | GRU;
type State = Tensor | readonly [h: Tensor, c: Tensor];

/**
 * Sequence to sequence without attention (Sutskever, Vinyals & Le 2014; Cho et al. 2014): an encoder reads the source, its
 * last state is the decoder's first,
 *
 *     P(y | x) = ∏_t P(y_t | y_1 … y_{t−1}, h_n(x)).
 *
 * @example
 * const model = new EncoderDecoder({ source, target, seed: 1 });
 * model.loss(sources, targets).backward(); // then a step of an optimizer
 * model.greedy(sources);                   // [[7, 4, 9], …]
 */
export class EncoderDecoder extends Module {
  readonly source: Vocabulary;
  readonly target: Vocabulary;
  readonly sourceEmbedding: Embedding;
  readonly encoder: Layer;
  readonly targetEmbedding: Embedding;
  readonly decoder: Layer;
  readonly output: Linear;
  readonly beginId: number;
  readonly endId: number;

  constructor(options: EncoderDecoderOptions) {
    super();
    const { source, target, begin = "<s>", end = "</s>", cell = "gru", seed } = options;
    const { embeddingSize = 32, hiddenSize = 128 } = options;
    const layers = { rnn: RNN, lstm: LSTM, gru: GRU };
    if (!Object.hasOwn(layers, cell)) {
      throw new ArgumentError(`EncoderDecoder: cell must be "rnn", "lstm" or "gru", got ${describe(cell)}`);
    }
    for (const token of [begin, end]) {
      if (target.has(token)) continue;
      throw new ArgumentError(
        `EncoderDecoder: ${JSON.stringify(token)} is not in the target vocabulary; make it with { specials: ["${begin}", "${end}"] }`,
      );
    }
    const layer = { generator: new Generator(seed) };
    this.source = source;
    this.target = target;
    this.beginId = target.id(begin);
    this.endId = target.id(end);
    this.sourceEmbedding = new Embedding(source.size, embeddingSize, layer);
    this.encoder = new layers[cell](embeddingSize, hiddenSize, layer);
    this.targetEmbedding = new Embedding(target.size, embeddingSize, layer);
    this.decoder = new layers[cell](embeddingSize, hiddenSize, layer);
    this.output = new Linear(hiddenSize, target.size, layer);
  }

  /** The state after each source, [1, B, H] (of an LSTM h and c). @throws {DataError} for an empty source. */
  encode(sources: IdLists): State {
    const { ids, shape, lengths } = padSequences(sources);
    return read(this.encoder, fromData(ids, shape), this.sourceEmbedding, null, [...lengths])[1];
  }

  /**
   * The mean −ln p in nats per target token (the end is one of them), given the right tokens before it (teacher forcing,
   * Williams & Zipser 1989): a 0-d tensor to differentiate.
   */
  loss(sources: IdLists, targets: IdLists): Tensor {
    if (sources.length !== targets.length) {
      throw new DataError(`EncoderDecoder.loss: ${sources.length} sources and ${targets.length} targets`);
    }
    const x = padSequences(targets.map((ids) => [this.beginId, ...Array.from(ids)]));
    const y = padSequences(
      targets.map((ids) => [...Array.from(ids), this.endId]),
      { padding: IGNORE },
    );
    const state = this.encode(sources);
    const [h] = read(this.decoder, fromData(x.ids, x.shape), this.targetEmbedding, state);
    const targetIds = fromData(y.ids, y.shape);
    return linearCrossEntropy(h, this.output.weight, this.output.bias, targetIds, { ignoreIndex: IGNORE });
  }

  /** The most probable token at each step, read at the next, until the end or `length` tokens; without the end. */
  greedy(sources: IdLists, { length = 50 }: { length?: number } = {}): number[][] {
    expectNumber(length, "EncoderDecoder.greedy: length", { integer: true, min: 1 });
    return noGrad(() => {
      const said = sources.map((): number[] => []);
      const open = new Set(said.keys());
      let state = this.encode(sources);
      let last = new Int32Array(said.length).fill(this.beginId);
      for (let t = 0; t < length && open.size > 0; t++) {
        const [h, next]: [Tensor, State] = read(
          this.decoder,
          fromData(last, [1, said.length]),
          this.targetEmbedding,
          state,
        );
        state = next;
        last = Int32Array.from(argmax(this.output.forward(h), { dim: 2 }).data);
        for (const b of [...open]) {
          if (last[b] === this.endId) open.delete(b);
          else said[b].push(last[b]);
        }
      }
      return said;
    });
  }
}

/** A layer over looked-up ids; the three kinds differ in what their state is. */
function read(
  layer: Layer,
  ids: Tensor,
  { weight }: Embedding,
  state: State | null,
  lengths?: number[],
): [Tensor, State] {
  // Each layer gets the kind of state that a layer of its own kind gave.
  const run = layer.forwardIds as (
    ids: Tensor,
    table: Tensor,
    initial: State | null,
    options: { lengths?: number[] },
  ) => [Tensor, State];
  return run.call(layer, ids, weight, state, { lengths });
}
