import { ArgumentError, DataError, describe, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { type GeneratorState, Generator as RandomGenerator } from "../random.ts";

/** Contexts and their next tokens: row i of `x` (element [i, k] at i·n + k) is the context of `y[i]`. */
export interface WindowBatch {
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** [B, n]: examples in this batch, length of a context. */
  readonly shape: readonly [B: number, n: number];
  /** First batch of a new shuffled pass. */
  readonly epochStart: boolean;
}

/** Where the windows stand: plain JSON for a checkpoint. */
export interface WindowPosition {
  /** How many examples of the present pass have been handed out. */
  position: number;
  /** The generator of the order as it was before the present pass was shuffled; null if the order is fixed. */
  shuffledFrom: GeneratorState | null;
}

/** Options of `Windows`. */
export interface WindowOptions {
  ids: ArrayLike<number>;
  /** n, the number of tokens the model sees. */
  context: number;
  /** B, the number of examples in a batch; the last of a pass may have fewer. */
  batchSize: number;
  /**
   * Shuffles the examples of every pass; without it they come in the order of the text. The windows draw from a fork
   * of it, so that their order depends on its seed alone and not on what else draws from it.
   */
  generator?: RandomGenerator;
  /**
   * The token that closes each sentence. Then no context reaches into another sentence: the places before its first
   * token hold `fill`, and every token of the text is a target. Without it the first n tokens are only context.
   */
  boundary?: number;
  /** The id that fills a context before the sentence begins; default: `boundary`, as the names lecture has it. */
  fill?: number;
  /** Leaves out a last batch that is not full. */
  dropLast?: boolean;
}

const OPTIONS = ["ids", "context", "batchSize", "generator", "boundary", "fill", "dropLast"];

/**
 * Fixed windows: n tokens of context → the next token, for models with a window of fixed size.
 *
 * @throws {DataError} if the text has no full window.
 */
export class Windows {
  /** The number of examples of one pass. */
  readonly size: number;
  readonly batchesPerEpoch: number;
  readonly context: number;
  readonly batchSize: number;
  readonly #ids: Int32Array;
  readonly #first: number;
  readonly #boundary: number | undefined;
  readonly #fill: number;
  #generator: RandomGenerator | undefined;
  #order: Int32Array | undefined;
  #shuffledFrom: GeneratorState | null = null;
  #position: number = 0;

  constructor(options: WindowOptions) {
    const { ids, context, batchSize, generator, boundary } = expectOptions(options, OPTIONS, "Windows");
    const { fill = boundary, dropLast = false } = options;
    expect.ids(ids, "Windows: ids (such as corpus.train)");
    if (generator !== undefined) expect.generator(generator, "Windows");
    expectNumber(context, "Windows: context", { integer: true, min: 1 });
    expectNumber(batchSize, "Windows: batchSize", { integer: true, min: 1 });
    this.#ids = ids instanceof Int32Array ? ids : Int32Array.from(ids);
    this.context = context;
    this.batchSize = batchSize;
    this.#boundary = boundary;
    this.#fill = fill ?? 0;
    this.#generator = generator?.fork("windows");
    this.#first = boundary === undefined ? context : 0;
    this.size = ids.length - this.#first;
    this.batchesPerEpoch = dropLast ? Math.floor(this.size / batchSize) : Math.ceil(this.size / batchSize);
    if (this.batchesPerEpoch < 1) {
      throw new DataError(
        `Windows: a corpus of ${ids.length} tokens has ${Math.max(0, this.size)} windows of ${context} tokens and a ` +
          `target, too few for ${dropLast ? `one batch of ${batchSize}` : "one"}; use a shorter context` +
          `${dropLast ? ", a smaller batchSize" : ""} or more text`,
      );
    }
    this.#begin();
  }

  /** The next batch; after the last one a new pass begins, shuffled anew. */
  next(): WindowBatch {
    const end = Math.min(this.batchesPerEpoch * this.batchSize, this.size);
    if (this.#position >= end) this.#begin();
    const start = this.#position;
    const count = Math.min(this.batchSize, end - start);
    const x = new Int32Array(count * this.context);
    const y = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const example = this.#order ? this.#order[start + i] : start + i;
      const target = this.#first + example;
      y[i] = this.#ids[target];
      this.#context(target, x.subarray(i * this.context, (i + 1) * this.context));
    }
    this.#position = start + count;
    return { x, y, shape: [count, this.context], epochStart: start === 0 };
  }

  /** The rest of the present pass, or the whole next one if it is used up. */
  *epoch(): Generator<WindowBatch, void, undefined> {
    const end = Math.min(this.batchesPerEpoch * this.batchSize, this.size);
    if (this.#position >= end) this.#begin();
    while (this.#position < end) yield this.next();
  }

  state(): WindowPosition {
    return { position: this.#position, shuffledFrom: this.#shuffledFrom };
  }

  /** Continues exactly where `state()` was taken. @throws {ArgumentError} for a state of other windows. */
  restore(state: WindowPosition): void {
    const { position, shuffledFrom } = state ?? {};
    const fits = Number.isInteger(position) && position >= 0 && position <= this.size;
    if (!fits || (shuffledFrom === null) !== (this.#generator === undefined)) {
      throw new ArgumentError(
        `Windows.restore: position ${describe(position)}, shuffled: ${shuffledFrom !== null}, does not fit ` +
          `${this.size} ${this.#generator ? "shuffled" : "ordered"} windows; the state belongs to other data`,
      );
    }
    if (shuffledFrom) this.#generator = RandomGenerator.fromState(shuffledFrom);
    this.#begin();
    this.#position = position;
  }

  #begin(): void {
    this.#position = 0;
    if (!this.#generator) return;
    this.#shuffledFrom = this.#generator.state();
    this.#order = this.#generator.permutation(this.size);
  }

  /** Fills `row` with the n tokens before `target`, none of them from an earlier sentence. */
  #context(target: number, row: Int32Array): void {
    let inside = true;
    for (let k = this.context - 1; k >= 0; k--) {
      const at = target - (this.context - k);
      if (at < 0 || (this.#boundary !== undefined && this.#ids[at] === this.#boundary)) inside = false;
      row[k] = inside ? this.#ids[at] : this.#fill;
    }
  }
}
