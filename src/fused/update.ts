import type { NDArray } from "../array/ndarray.ts";
import { formatShape, ShapeError } from "../errors.ts";
import type { Engine, Pointer, UpdateBase } from "../kernels/engine.ts";
import { engineFor } from "../kernels/index.ts";
import type { FloatArray } from "../kernels/types.ts";
import { withScratch } from "./scratch.ts";
import { SparseRows } from "./sparse-rows.ts";
import type { Rule, Slot } from "./update-rules.ts";

/**
 * Elements that go through engine memory at once. A parameter's chunk with its gradient and two moments is 256 KiB in
 * float32: it stays in a core's cache from the copy in to the copy out. The size is part of the result: sums of
 * squares are added up chunk by chunk.
 */
export const CHUNK = 16_384;

/** What gradients are multiplied by, and what each element is then limited to (±); 1 and ∞ leave them as they are. */
export type Clip = Pick<UpdateBase, "scale" | "limit">;

/** A parameter, its gradient, and what is remembered of it: what the loop of an optimizer reads and writes. */
export interface Change {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly moments: readonly FloatArray[];
  /** The number of this update, from 1. */
  readonly step: number;
  /** The moments have just been made, as zeros. */
  readonly fresh: boolean;
}

/** How one parameter is to be changed. */
export interface Update<H> {
  readonly p: FloatArray;
  readonly g: NDArray;
  readonly slot: Slot;
  /** The names of the moments in the slot; those that are not there yet are made, as zeros. */
  readonly moments: readonly string[];
  readonly clip: Clip;
  readonly hyper: H;
  /** Run by an engine. Without it, `loop` is run. */
  readonly rule: Rule<H> | null;
  readonly loop: (change: Change) => void;
}

/** Changes a parameter and its moments in place; only the rows that have a gradient where the others would stay. */
export function update<H extends { lr: number; weightDecay?: number }>(job: Update<H>): void {
  const { p, g, slot, moments: names, rule, hyper } = job;
  // A gradient that somebody put there by hand must not write over its neighbours in engine memory.
  if (g.size !== p.length) {
    throw new ShapeError(
      `step: a gradient ${formatShape(g.shape)} for a parameter of ${p.length} elements: they must be as many`,
    );
  }
  const turn = { step: slot.step, fresh: names.some((name) => !slot[name]) };
  const moments = names.map((name) => {
    slot[name] ||= p.slice().fill(0);
    return slot[name] as FloatArray;
  });
  const rows = g instanceof SparseRows && rule?.skipsZeros?.(hyper) ? g.rows : null;
  if (!rows) {
    run(job, { p, g: g.flat() as FloatArray, moments, ...turn });
    return;
  }
  const D = g.shape[1];
  const tables = [p, ...moments];
  const [pRows, ...momentRows] = tables.map((table) => takeRows(table, rows.ids, D));
  run(job, { p: pRows, g: rows.values, moments: momentRows, ...turn });
  putRows(p, rows.ids, pRows, D);
  moments.forEach((table, i) => {
    putRows(table, rows.ids, momentRows[i], D);
  });
}

function run<H extends { lr: number; weightDecay?: number }>(job: Update<H>, change: Change): void {
  const { rule, clip, hyper } = job;
  const { p, g, moments } = change;
  if (!rule) {
    const isClipped = clip.scale !== 1 || clip.limit !== Infinity;
    job.loop(isClipped ? { ...change, g: clipped(g, clip) } : change);
    return;
  }
  const engine = engineOf(p);
  const { lr, weightDecay = 0 } = hyper;
  const { scale, limit } = clip;
  inChunks(engine, [p, ...moments, g], 1 + moments.length, (n, at) => {
    const part = { n, p: at[0], g: at[at.length - 1], scale, limit, lr, weightDecay };
    rule.run(engine, part, at.slice(1, -1), change, hyper);
  });
}

/** A clipped copy of a gradient. */
export function clipped(g: FloatArray, { scale, limit }: Clip): FloatArray {
  const out = g.slice();
  for (let i = 0; i < out.length; i++) {
    const x = out[i] * scale;
    out[i] = x > limit ? limit : x < -limit ? -limit : x;
  }
  return out;
}

/**
 * Runs `visit` on arrays of one length, chunk by chunk in engine memory: it gets the length of the chunk and where each
 * array's part stands. The first `written` arrays are copied back.
 */
export function inChunks(
  engine: Engine,
  arrays: readonly FloatArray[],
  written: number,
  visit: (n: number, at: readonly Pointer[]) => void,
): void {
  const { length } = arrays[0];
  const size = Math.min(CHUNK, length);
  if (size === 0) return;
  withScratch(engine, (scratch) => {
    const first = scratch.block(size * arrays.length);
    const at = arrays.map((_, i) => first + i * size);
    const { memory } = engine;
    for (let start = 0; start < length; start += CHUNK) {
      const n = Math.min(CHUNK, length - start);
      for (let i = 0; i < arrays.length; i++) memory.set(part(arrays[i], start, n), at[i]);
      visit(n, at);
      for (let i = 0; i < written; i++) arrays[i].set(memory.subarray(at[i], at[i] + n), start);
    }
  });
}

/** Σ x² in double precision. */
export function sumOfSquares(x: FloatArray, engine: Engine = engineOf(x)): number {
  let sum = 0;
  inChunks(engine, [x], 0, (n, [at]) => {
    sum += engine.sumOfSquares(n, at);
  });
  return sum;
}

function engineOf(x: FloatArray): Engine {
  return engineFor(x instanceof Float32Array ? "float32" : "float64");
}

function part(x: FloatArray, start: number, n: number): FloatArray {
  return n === x.length ? x : x.subarray(start, start + n);
}

/** Rows of a table [V, D] as an array of their own, [ids.length, D]. */
function takeRows(table: FloatArray, ids: Int32Array, D: number): FloatArray {
  const rows = table.slice(0, ids.length * D);
  for (let i = 0; i < ids.length; i++) rows.set(table.subarray(ids[i] * D, (ids[i] + 1) * D), i * D);
  return rows;
}

/** The way back: row `ids[i]` of the table becomes row i. Each id comes once. */
function putRows(table: FloatArray, ids: Int32Array, rows: FloatArray, D: number): void {
  for (let i = 0; i < ids.length; i++) table.set(rows.subarray(i * D, (i + 1) * D), ids[i] * D);
}
