import type { FloatArray } from "./types.ts";

/** Sums over one row of numbers, in double precision. */
type Row = FloatArray | Int32Array;

/** The largest element; NaN if there is one, −∞ for an empty row. */
export function maxOf(row: ArrayLike<number>): number {
  let max = -Infinity;
  for (let i = 0; i < row.length && !Number.isNaN(max); i++) if (!(row[i] <= max)) max = row[i];
  return max;
}

/** The smallest element; NaN if there is one, +∞ for an empty row. */
export function minOf(row: Row): number {
  let min = Infinity;
  for (let i = 0; i < row.length && !Number.isNaN(min); i++) if (!(row[i] >= min)) min = row[i];
  return min;
}

/** Index of the first largest element (a NaN counts as largest). */
export function argmaxOf(row: Row): number {
  const max = maxOf(row);
  return row.findIndex((v: number) => v === max || Number.isNaN(v));
}

/** log Σ exp(x_i) without overflow: the largest is taken out first. */
export function logSumExp(row: ArrayLike<number>): number {
  const max = maxOf(row);
  if (!Number.isFinite(max)) return max; // −∞ for all −∞, +∞ or NaN otherwise
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += Math.exp(row[i] - max);
  return max + Math.log(sum);
}
