import { expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";

/** Sequences of ids, time-major: element [t, b] at t·B + b. */
export interface LabelledBatch {
  /** [T, B] ids. */
  readonly x: Int32Array;
  /** What is to be said: [T, B] at each step, or [B] at the last one; see the task. */
  readonly y: Int32Array;
  readonly shape: readonly [T: number, B: number];
}

/** Sequences of vectors, time-major: element [t, b, d] at (t·B + b)·D + d. */
export interface RealBatch {
  /** [T, B, D]. */
  readonly x: Float32Array;
  /** [B]. */
  readonly y: Float32Array;
  readonly shape: readonly [T: number, B: number, D: number];
}

/** A problem with a known least loss, and the losses of those who miss a part of it. */
export interface Task<Batch extends { x: unknown; y: unknown; shape: unknown }> {
  readonly name: string;
  readonly about: string;
  /** T, the steps of a sequence. */
  readonly length: number;
  /** How many different ids there are in x and in y; for x of vectors, D and 1. */
  readonly inputs: number;
  readonly outputs: number;
  /** What the losses below are: "nats per step", "nats per sequence", "mean squared error". */
  readonly unit: string;
  /** The least loss: 0, because x determines y. `solve` shows it. */
  readonly optimum: number;
  /** The losses of those who have learned less, by what they do. */
  readonly levels: Readonly<Record<string, number>>;
  batch(size: number, generator: Generator): Batch;
  /** y, from x alone. */
  solve(batch: Pick<Batch, "x" | "shape">): Batch["y"];
}

function expectBatch(size: number, generator: Generator): number {
  expect.generator(generator, "batch");
  return expectNumber(size, "batch: size", { integer: true, min: 1 });
}

/** Options of `copy`. */
export interface CopyOptions {
  /** Steps between the last symbol and the signal to repeat; default 100. */
  delay?: number;
  /** How many symbols to remember; default 10. */
  count?: number;
  /** How many different symbols; default 8. */
  symbols?: number;
}

/**
 * The copy problem (Hochreiter & Schmidhuber 1997; as in Arjovsky, Shah & Bengio 2016): K symbols (ids 0 … S − 1), then
 * a delay of blanks (id S) whose last is the signal (id S + 1), then K blanks, at which the symbols are to be repeated.
 * T = delay + 2K. y is blank before the signal's end, then the K symbols.
 *
 * Without memory the best is to say blank, and any symbol with 1/S at the end: K ln S / T nats per step. (This baseline
 * knows when the end has come.)
 */
export function copy(options: CopyOptions = {}): Task<LabelledBatch> {
  const {
    delay = 100,
    count = 10,
    symbols = 8,
  } = expectOptions(options, ["delay", "count", "symbols"], "copy");
  expectNumber(delay, "copy: delay", { integer: true, min: 1 });
  expectNumber(count, "copy: count", { integer: true, min: 1 });
  expectNumber(symbols, "copy: symbols", { integer: true, min: 2 });
  const T = delay + 2 * count;
  const [blank, signal] = [symbols, symbols + 1];
  const solve = ({ x, shape: [, B] }: Pick<LabelledBatch, "x" | "shape">) =>
    new Int32Array(T * B).map((_, i) => (i < (delay + count) * B ? blank : x[i - (delay + count) * B]));
  return {
    name: "copy",
    about: `repeat ${count} of ${symbols} symbols after a delay of ${delay}`,
    length: T,
    inputs: symbols + 2,
    outputs: symbols + 1,
    unit: "nats per step",
    optimum: 0,
    levels: { "nothing remembered": (count * Math.log(symbols)) / T },
    batch(size, generator) {
      const B = expectBatch(size, generator);
      const x = new Int32Array(T * B).fill(blank);
      for (let i = 0; i < count * B; i++) x[i] = generator.int(symbols);
      x.fill(signal, (count + delay - 1) * B, (count + delay) * B);
      const shape = [T, B] as const;
      return { x, y: solve({ x, shape }), shape };
    },
    solve,
  };
}

/** Options of `adding`. */
export interface AddingOptions {
  /** T; default 100. */
  length?: number;
}

/**
 * The adding problem (Hochreiter & Schmidhuber 1997; in the form of Le, Jaitly & Hinton 2015): x_t = (u, mark) with
 * u ~ U[0, 1) and mark 1 at one step of the first half and one of the second; y = the sum of the two marked u.
 *
 * Who always says 1, the mean, has the variance of the sum, 2(E[u²] − E[u]²) = 1/6, as mean squared error; who remembers
 * one number only has half of it.
 */
export function adding(options: AddingOptions = {}): Task<RealBatch> {
  const { length: T = 100 } = expectOptions(options, ["length"], "adding");
  expectNumber(T, "adding: length", { integer: true, min: 2 });
  const half = Math.floor(T / 2);
  const [mean, meanSquare] = [1 / 2, 1 / 3]; // ∫u du and ∫u² du over [0, 1]
  const variance = meanSquare - mean * mean;
  const solve = ({ x, shape: [, B] }: Pick<RealBatch, "x" | "shape">) => {
    const y = new Float32Array(B);
    for (let i = 0; i < T * B; i++) y[i % B] += x[2 * i] * x[2 * i + 1];
    return y;
  };
  return {
    name: "adding",
    about: `add the two marked numbers of ${T}`,
    length: T,
    inputs: 2,
    outputs: 1,
    unit: "mean squared error",
    optimum: 0,
    levels: { "always 1": 2 * variance, "one number remembered": variance },
    batch(size, generator) {
      const B = expectBatch(size, generator);
      const x = new Float32Array(2 * T * B);
      for (let i = 0; i < T * B; i++) x[2 * i] = generator.uniform();
      for (let b = 0; b < B; b++) {
        for (const t of [generator.int(half), half + generator.int(T - half)]) x[2 * (t * B + b) + 1] = 1;
      }
      const shape = [T, B, 2] as const;
      return { x, y: solve({ x, shape }), shape };
    },
    solve,
  };
}

/** Options of `temporalOrder`. */
export interface TemporalOrderOptions {
  /** L, the steps of a sequence; default 100, at least 10. */
  length?: number;
}

const [X, Y, FIRST_DISTRACTOR, DISTRACTORS] = [0, 1, 2, 4];

/**
 * The temporal order problem (Hochreiter & Schmidhuber 1997, their task 6a, with one length): X or Y (ids 0, 1) at a
 * step t₁ ∈ [.1L, .2L] and at t₂ ∈ [.5L, .6L], distractors a, b, c, d (ids 2 … 5) everywhere else. y is the class of
 * (first, second) = XX, XY, YX, YY, said at the last step only.
 */
export function temporalOrder(options: TemporalOrderOptions = {}): Task<LabelledBatch> {
  const { length: L = 100 } = expectOptions(options, ["length"], "temporalOrder");
  expectNumber(L, "temporalOrder: length", { integer: true, min: 10 });
  /** In tenths of L; whole numbers, because 0.6 · L may fall short of its value. */
  const between = (from: number, to: number) =>
    [Math.ceil((from * L) / 10), Math.floor((to * L) / 10)] as const;
  const windows = [between(1, 2), between(5, 6)];
  const letters = 2;
  const solve = ({ x, shape: [, B] }: Pick<LabelledBatch, "x" | "shape">) => {
    const y = new Int32Array(B);
    for (let i = 0; i < L * B; i++) if (x[i] < FIRST_DISTRACTOR) y[i % B] = letters * y[i % B] + x[i];
    return y;
  };
  return {
    name: "temporal order",
    about: `in which order X and Y came, ${L} steps`,
    length: L,
    inputs: FIRST_DISTRACTOR + DISTRACTORS,
    outputs: letters ** windows.length,
    unit: "nats per sequence",
    optimum: 0,
    levels: {
      "nothing remembered": windows.length * Math.log(letters),
      "one letter remembered": (windows.length - 1) * Math.log(letters),
    },
    batch(size, generator) {
      const B = expectBatch(size, generator);
      const x = new Int32Array(L * B).map(() => FIRST_DISTRACTOR + generator.int(DISTRACTORS));
      for (let b = 0; b < B; b++) {
        for (const [from, to] of windows) {
          x[(from + generator.int(to - from + 1)) * B + b] = generator.choice([X, Y]);
        }
      }
      const shape = [L, B] as const;
      return { x, y: solve({ x, shape }), shape };
    },
    solve,
  };
}
