import { DataError, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator as RandomGenerator } from "../random.ts";
import { IGNORE } from "./streams.ts";

/** Sequences of different length side by side: element [t, b] at t·B + b, or at b·T + t with `batchFirst`. */
export interface PaddedBatch {
  readonly ids: Int32Array;
  /** [T, B], or [B, T] with `batchFirst`; T is the longest length. */
  readonly shape: readonly [number, number];
  /** [B] the true lengths. */
  readonly lengths: Int32Array;
  /** [B] which sequence of the list stands in each column. */
  readonly indices: Int32Array;
}

/** A padded batch for a language model: `y` is `x` one step later, `IGNORE` where nothing is to be predicted. */
export interface SentenceBatch {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly shape: readonly [T: number, B: number];
  readonly lengths: Int32Array;
  readonly indices: Int32Array;
  /** The number of targets, Σ lengths. */
  readonly targets: number;
}

/** Options of `padSequences`. */
export interface PadOptions {
  /** The id after the end of a sequence; default 0. Give `IGNORE` for targets. */
  padding?: number;
  batchFirst?: boolean;
}

/** Pads sequences of ids on the right. @throws {DataError} if there is none, or an empty one. */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadOptions = {}): PaddedBatch {
  const { padding = 0, batchFirst = false } = expectOptions(
    options,
    ["padding", "batchFirst"],
    "padSequences",
  );
  expectNumber(padding, "padSequences: padding", { integer: true });
  expect.type(sequences, "a list", "padSequences: the sequences");
  sequences.forEach((sequence, i) => {
    expect.ids(sequence, `padSequences: sequence ${i}`);
  });
  const B = sequences.length;
  if (B === 0) throw new DataError("padSequences: there are no sequences");
  const empty = sequences.findIndex((sequence) => sequence.length === 0);
  if (empty >= 0) throw new DataError(`padSequences: sequence ${empty} of ${B} is empty; leave it out`);
  const lengths = Int32Array.from(sequences, (sequence) => sequence.length);
  const T = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  const ids = new Int32Array(T * B).fill(padding);
  sequences.forEach((sequence, b) => {
    for (let t = 0; t < sequence.length; t++) ids[batchFirst ? b * T + t : t * B + b] = sequence[t];
  });
  return { ids, shape: batchFirst ? [B, T] : [T, B], lengths, indices: Int32Array.from(sequences.keys()) };
}

/** Options of `sentenceBatches`. */
export interface SentenceOptions {
  sentences: readonly ArrayLike<number>[];
  batchSize: number;
  /** Stands before every sentence as the first input; it is never predicted. */
  begin: number;
  /** Stands after every sentence as the last target. */
  end: number;
  padding?: number;
  /** Shuffles the sentences; without it they come in their order. */
  generator?: RandomGenerator;
  /**
   * Puts sentences of like length together (a stable sort by length after shuffling, then the batches are shuffled),
   * so that less is padded.
   */
  byLength?: boolean;
}

const SENTENCES = ["sentences", "batchSize", "begin", "end", "padding", "generator", "byLength"];

/**
 * Batches of whole sentences w₁…w_n for a language model: x = begin w₁…w_n, y = w₁…w_n end, padded on the right. Every
 * sentence occurs once; the last batch may have fewer.
 */
export function* sentenceBatches(options: SentenceOptions): Generator<SentenceBatch, void, undefined> {
  expectOptions(options, SENTENCES, "sentenceBatches");
  const { sentences, batchSize, begin, end, padding = 0, generator, byLength = false } = options;
  expectNumber(batchSize, "sentenceBatches: batchSize", { integer: true, min: 1 });
  for (const [name, id] of Object.entries({ begin, end })) {
    expectNumber(id, `sentenceBatches: ${name}`, { integer: true, min: 0 });
  }
  if (generator !== undefined) expect.generator(generator, "sentenceBatches");
  if (sentences.length === 0) throw new DataError("sentenceBatches: there are no sentences");
  let order = Array.from(sentences.keys());
  generator?.shuffle(order);
  if (byLength) order = order.sort((a, b) => sentences[a].length - sentences[b].length);
  const batches: number[][] = [];
  for (let i = 0; i < order.length; i += batchSize) batches.push(order.slice(i, i + batchSize));
  if (byLength) generator?.shuffle(batches);
  for (const batch of batches) {
    const chosen = batch.map((index) => Array.from(sentences[index]));
    const x = padSequences(
      chosen.map((ids) => [begin, ...ids]),
      { padding },
    );
    const y = padSequences(
      chosen.map((ids) => [...ids, end]),
      { padding: IGNORE },
    );
    yield {
      x: x.ids,
      y: y.ids,
      shape: x.shape,
      lengths: x.lengths,
      indices: Int32Array.from(batch),
      targets: x.lengths.reduce((sum, length) => sum + length, 0),
    };
  }
}

/** Cuts a row of ids into sentences after each `end`, which is left out; what follows the last one is a sentence too. */
export function splitSentences(ids: Int32Array, end: number): Int32Array[] {
  expectNumber(end, "splitSentences: end", { integer: true, min: 0 });
  const sentences: Int32Array[] = [];
  let start = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== end) continue;
    sentences.push(ids.subarray(start, i));
    start = i + 1;
  }
  if (start < ids.length) sentences.push(ids.subarray(start));
  return sentences;
}

/** [rows, columns] → [columns, rows]: from time-major to batch-first and back. */
export function transposeIds(ids: ArrayLike<number>, [rows, columns]: readonly [number, number]): Int32Array {
  if (ids.length !== rows * columns) {
    throw new DataError(
      `transposeIds: ${ids.length} ids cannot have the shape [${rows},${columns}], which needs ${rows * columns}`,
    );
  }
  const turned = new Int32Array(ids.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = ids[r * columns + c];
  return turned;
}
