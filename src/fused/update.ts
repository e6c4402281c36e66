import type { NDArray } from "../array/ndarray.ts";
import { formatShape, ShapeError } from "../errors.ts";
import type { Engine, Pointer, UpdateBase } from "../kernels/engine.ts";
import { engineFor } from "../kernels/index.ts";
import type { FloatArray } from "../kernels/types.ts";
import { type LiveSlot, Moment } from "./moments.ts";
import { Resident } from "./resident.ts";
import { withScratch } from "./scratch.ts";
import { type Rows, SparseRows } from "./sparse-rows.ts";
import type { Rule } from "./update-rules.ts";

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
  readonly slot: LiveSlot;
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
  const turn = { step: slot.step, fresh: names.some((name) => !slot.moments.has(name)) };
  const moments = names.map((name) => slot.moments.get(name) ?? new Moment(p.slice().fill(0)));
  names.forEach((name, i) => {
    slot.moments.set(name, moments[i]);
  });
  if (!rule) {
    const { clip, loop } = job;
    const isClipped = clip.scale !== 1 || clip.limit !== Infinity;
    const data = g.flat() as FloatArray;
    loop({ p, g: isClipped ? clipped(data, clip) : data, moments: moments.map((m) => m.array), ...turn });
    return;
  }
  const engine = engineOf(p);
  const places = moments.map((m) => m.in(engine) ?? m.array);
  const rows = g instanceof SparseRows && rule.skipsZeros?.(hyper) ? g.rows : null;
  if (rows) runOnRows(engine, job, rule, rows, places, turn);
  else {
    const inside = g instanceof Resident ? g.in(engine) : null;
    run(engine, job, rule, [p, ...places, inside ?? (g.flat() as FloatArray)], turn);
  }
}

/** What stands in an array of its own, or from an element of engine memory on. */
type Place = FloatArray | Pointer;

/** The rule on whole arrays: the parameter, its moments, its gradient. */
function run<H extends { lr: number; weightDecay?: number }>(
  engine: Engine,
  { clip: { scale, limit }, hyper }: Update<H>,
  rule: Rule<H>,
  arrays: readonly Place[],
  turn: { readonly step: number; readonly fresh: boolean },
): void {
  const { lr, weightDecay = 0 } = hyper;
  const last = arrays.length - 1;
  const [p, ...others] = arrays as [FloatArray, ...Place[]];
  const moments = others.slice(0, -1) as Pointer[];
  const g = others[last - 1];
  if (p.length > CHUNK && others.every((x) => typeof x === "number")) {
    const whole = (at: Pointer) => {
      const all = { n: p.length, p: at, g: g as Pointer, scale, limit, lr, weightDecay };
      rule.run(engine, all, moments, turn, hyper);
    };
    if (engine.onArray?.(p, whole)) return;
  }
  inChunks(engine, p.length, arrays, last, (n, at) => {
    const part = { n, p: at[0], g: at[last], scale, limit, lr, weightDecay };
    rule.run(engine, part, at.slice(1, last), turn, hyper);
  });
}

/** The rule on the rows that have a gradient. */
function runOnRows<H extends { lr: number; weightDecay?: number }>(
  engine: Engine,
  job: Update<H>,
  rule: Rule<H>,
  { ids, values }: Rows,
  moments: readonly Place[],
  turn: { readonly step: number; readonly fresh: boolean },
): void {
  const { p, g } = job;
  const D = g.shape[1];
  const tables = [p, ...moments];
  // Taken anew each time: engine memory moves when it grows.
  const table = (place: Place) =>
    typeof place === "number" ? engine.memory.subarray(place, place + p.length) : place;
  const picked = tables.map((place) => takeRows(table(place), ids, D));
  run(engine, job, rule, [...picked, values], turn);
  tables.forEach((place, i) => {
    putRows(table(place), ids, picked[i], D);
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
 * array's part stands. The first `written` arrays are copied back. What lies in engine memory is not copied.
 */
export function inChunks(
  engine: Engine,
  length: number,
  arrays: readonly Place[],
  written: number,
  visit: (n: number, at: readonly Pointer[]) => void,
): void {
  const size = Math.min(CHUNK, length);
  if (size === 0) return;
  withScratch(engine, (scratch) => {
    const places = arrays.map((x) => (typeof x === "number" ? x : scratch.block(size)));
    const { memory } = engine;
    for (let start = 0; start < length; start += CHUNK) {
      const n = Math.min(CHUNK, length - start);
      const at = arrays.map((x, i) => (typeof x === "number" ? x + start : places[i]));
      arrays.forEach((x, i) => {
        if (typeof x !== "number") memory.set(part(x, start, n), at[i]);
      });
      visit(n, at);
      arrays.forEach((x, i) => {
        if (i < written && typeof x !== "number") x.set(memory.subarray(at[i], at[i] + n), start);
      });
    }
  });
}

/** Σ x² in double precision, chunk by chunk (that is what the sum depends on); of rows, where the others are 0. */
export function sumOfSquares(x: NDArray): number {
  const engine = engineFor(x.dtype as "float32" | "float64");
  const inside = x instanceof Resident ? x.in(engine) : null;
  if (inside !== null) return engine.sumOfSquares(x.size, inside);
  const rows = x instanceof SparseRows ? x.rows : null;
  const data = rows ? rows.values : (x.flat() as FloatArray);
  let sum = 0;
  inChunks(engine, data.length, [data], 0, (n, [at]) => {
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
