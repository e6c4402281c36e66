import { ArgumentError, DataError, describe, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";

/** Targets with this id are left out of a loss (`crossEntropy`'s ignoreIndex). */
export const IGNORE: number = -100;

/** Inputs and targets of one step, time-major: element [t, b] stands at t·B + b, `shape` is [T, B]. */
export interface StreamBatch {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly shape: readonly [T: number, B: number];
  /** The streams begin here (at the first step and after each wrap): the caller starts from a zero state. */
  readonly reset: boolean;
  /** How many targets count: T·B, less where targets are `IGNORE`. */
  readonly targets: number;
}

/** Where the streams stand: plain JSON for a checkpoint. */
export interface StreamPosition {
  position: number;
}

/** Options of `Streams`. */
export interface StreamOptions {
  /** The corpus, one row of token ids. */
  ids: ArrayLike<number>;
  /** B, the number of streams that are read side by side. */
  batchSize: number;
  /** T, the number of steps through which gradients flow. */
  bptt: number;
}

/**
 * Contiguous streams for truncated back-propagation through time. The corpus of N tokens is cut into B streams of
 * n = ⌊N/B⌋ tokens (the tail is dropped); each batch reads the next T tokens of every stream:
 *
 *     x[t, b] = ids[b·n + p + t],   y[t, b] = ids[b·n + p + t + 1],   then p ← p + T,
 *
 * so that the state of stream b after one batch is the state it needs for the next. Where p + T + 1 > n the streams
 * wrap: p ← 0, and `reset` says that the state starts anew.
 *
 * @throws {DataError} if a stream is shorter than one window and its target.
 */
export class Streams {
  readonly batchSize: number;
  readonly bptt: number;
  /** n, the length of one stream. */
  readonly streamLength: number;
  /** Full batches in one pass over the streams. */
  readonly stepsPerEpoch: number;
  readonly #ids: Int32Array;
  #position: number = 0;

  constructor(options: StreamOptions) {
    const { ids, batchSize, bptt } = expectOptions(options, ["ids", "batchSize", "bptt"], "Streams");
    expect.ids(ids, "Streams: ids (such as corpus.train)");
    expectNumber(batchSize, "Streams: batchSize", { integer: true, min: 1 });
    expectNumber(bptt, "Streams: bptt", { integer: true, min: 1 });
    this.batchSize = batchSize;
    this.bptt = bptt;
    this.#ids = ids instanceof Int32Array ? ids : Int32Array.from(ids);
    this.streamLength = Math.floor(ids.length / batchSize);
    this.stepsPerEpoch = Math.floor((this.streamLength - 1) / bptt);
    if (this.stepsPerEpoch < 1) throw new DataError(tooShort("Streams", ids.length, batchSize, bptt));
  }

  /** The next batch; wraps for ever. */
  next(): StreamBatch {
    if (this.#position + this.bptt + 1 > this.streamLength) this.#position = 0;
    const batch = this.#read(this.#position, this.bptt);
    this.#position += this.bptt;
    return batch;
  }

  /**
   * One pass from the beginning; `next` is not disturbed. With `shortLast` a last, shorter batch follows, so that
   * every target within a stream occurs exactly once.
   */
  *epoch({ shortLast = false }: { shortLast?: boolean } = {}): Generator<StreamBatch, void, undefined> {
    const last = this.streamLength - 1;
    for (let p = 0; p < last; p += this.bptt) {
      const steps = Math.min(this.bptt, last - p);
      if (steps === this.bptt || shortLast) yield this.#read(p, steps);
    }
  }

  state(): StreamPosition {
    return { position: this.#position };
  }

  /** Continues where `state()` was taken. @throws {ArgumentError} for a position these streams cannot have. */
  restore(state: StreamPosition): void {
    const position = state?.position;
    if (
      !Number.isInteger(position) ||
      position < 0 ||
      position > this.streamLength ||
      position % this.bptt !== 0
    ) {
      throw new ArgumentError(
        `Streams.restore: position ${describe(position)} is not a multiple of bptt ${this.bptt} within a stream of ` +
          `${this.streamLength} tokens; the state belongs to another corpus, batchSize or bptt`,
      );
    }
    this.#position = position;
  }

  #read(p: number, steps: number): StreamBatch {
    const { batchSize: B, streamLength: n } = this;
    // Two windows on one array: making a second one takes as long as filling both of a small batch.
    const both = new Int32Array(2 * steps * B);
    const [x, y] = [both.subarray(0, steps * B), both.subarray(steps * B)];
    for (let t = 0; t < steps; t++) {
      for (let b = 0; b < B; b++) {
        x[t * B + b] = this.#ids[b * n + p + t];
        y[t * B + b] = this.#ids[b * n + p + t + 1];
      }
    }
    return { x, y, shape: [steps, B], reset: p === 0, targets: steps * B };
  }
}

/**
 * Batches in which each of the N − 1 tokens after the first is a target exactly once, for scores that must count
 * every token. With one stream the whole text is read with carried state, the exact protocol; with B streams each
 * starts cold, which is faster and scores a little worse. Streams that are one target longer than others are filled
 * with x = 0 and y = `IGNORE`.
 *
 * @throws {DataError} for fewer than two tokens, or fewer targets than streams.
 */
export function* evaluationBatches({
  ids,
  batchSize,
  bptt,
}: StreamOptions): Generator<StreamBatch, void, undefined> {
  expect.ids(ids, "evaluationBatches: ids (such as corpus.valid)");
  expectNumber(batchSize, "evaluationBatches: batchSize", { integer: true, min: 1 });
  expectNumber(bptt, "evaluationBatches: bptt", { integer: true, min: 1 });
  const targets = ids.length - 1;
  if (targets < batchSize) throw new DataError(tooShort("evaluationBatches", ids.length, batchSize, 1));
  // Stream b predicts the targets start[b] + 1 … start[b + 1]; the first (targets mod B) streams have one more.
  const start = (b: number) => b * Math.floor(targets / batchSize) + Math.min(b, targets % batchSize);
  const longest = start(1);
  for (let p = 0; p < longest; p += bptt) {
    const steps = Math.min(bptt, longest - p);
    const x = new Int32Array(steps * batchSize);
    const y = new Int32Array(steps * batchSize).fill(IGNORE);
    let counted = 0;
    for (let b = 0; b < batchSize; b++) {
      const length = Math.min(steps, start(b + 1) - start(b) - p);
      for (let t = 0; t < length; t++) {
        x[t * batchSize + b] = ids[start(b) + p + t];
        y[t * batchSize + b] = ids[start(b) + p + t + 1];
      }
      counted += length;
    }
    yield { x, y, shape: [steps, batchSize], reset: p === 0, targets: counted };
  }
}

/** Why a corpus cannot be cut into windows, with every number and the ways out. */
function tooShort(what: string, tokens: number, batchSize: number, window: number): string {
  if (tokens === 0) return `${what}: the corpus is empty (0 tokens); give at least two`;
  const length = Math.floor(tokens / batchSize);
  const need = batchSize * (window + 1);
  const ways = [
    Math.floor(tokens / (window + 1)) >= 1 ? `batchSize ≤ ${Math.floor(tokens / (window + 1))}` : "",
    length >= 2 ? `a window ≤ ${length - 1}` : "",
    `at least ${need} tokens`,
  ].filter((way) => way !== "");
  return (
    `${what}: a corpus of ${tokens} ${tokens === 1 ? "token" : "tokens"} in ${batchSize} ` +
    `${batchSize === 1 ? "stream" : "streams"} gives ${length} each, but a window of ${window} and its target ` +
    `need ${window + 1}; use ${ways.join(" or ")}`
  );
}
