import { formatShape, ShapeError } from "../errors.ts";
import { allocate, type DType, NDArray, normalizeDim, sizeOf, type TypedArray } from "./ndarray.ts";
import { permute } from "./shape.ts";

/** Which dimensions to reduce: one, several, or all when left out. */
export interface ReduceOptions {
  dim?: number | readonly number[];
  /** Keep the reduced dimensions with size 1. */
  keepdim?: boolean;
}

export interface Reduction {
  /** The reduced dimensions, ascending. */
  dims: number[];
  /** Shape of the result. */
  outShape: number[];
  /** Shape of the result with the reduced dimensions kept as 1: broadcasts against x. */
  keptShape: number[];
  /** Elements reduced to one. */
  count: number;
}

/** @throws {IndexError} for a dimension that does not exist or is named twice. */
export function planReduction(x: NDArray, { dim, keepdim = false }: ReduceOptions = {}): Reduction {
  const named = dim === undefined ? x.shape.map((_, d) => d) : typeof dim === "number" ? [dim] : dim;
  const dims = [...new Set(named.map((d) => normalizeDim(d, x.ndim, x.shape)))].sort((a, b) => a - b);
  if (dims.length !== named.length)
    throw new ShapeError(`a dimension is named twice in ${formatShape(named)}`);
  const keptShape = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
  return {
    dims,
    keptShape,
    outShape: keepdim ? keptShape : x.shape.filter((_, d) => !dims.includes(d)),
    count: sizeOf(dims.map((d) => x.shape[d])),
  };
}

/** x with the reduced dimensions moved to the end and copied to rows of `count` contiguous elements. */
export function toRows(x: NDArray, plan: Reduction): TypedArray {
  const kept = x.shape.map((_, d) => d).filter((d) => !plan.dims.includes(d));
  return permute(x, [...kept, ...plan.dims]).flat();
}

/** The inverse of `toRows`: rows of `count` elements back to an array of `shape`. */
export function fromRows(rows: TypedArray, shape: readonly number[], plan: Reduction): NDArray {
  const kept = shape.map((_, d) => d).filter((d) => !plan.dims.includes(d));
  const order = [...kept, ...plan.dims];
  const moved = new NDArray(
    rows,
    order.map((d) => shape[d]),
  );
  const back = new Array<number>(order.length);
  order.forEach((d, i) => {
    back[d] = i;
  });
  return permute(moved, back);
}

/** One number per row of `count` elements: y_r = f(data, start of row r, count). */
export function reduceRows(
  x: NDArray,
  plan: Reduction,
  f: (data: TypedArray, start: number, count: number) => number,
  dtype: DType = x.dtype,
): NDArray {
  const rows = toRows(x, plan);
  const out = allocate(dtype, sizeOf(plan.keptShape));
  for (let r = 0; r < out.length; r++) out[r] = f(rows, r * plan.count, plan.count);
  return new NDArray(out, plan.outShape);
}

/** Σ over a row, kept in double precision. */
export function sumRow(data: TypedArray, start: number, count: number): number {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += data[i];
  return sum;
}

/** The largest element; NaN if there is one. −∞ for an empty row. */
export function maxRow(data: TypedArray, start: number, count: number): number {
  let max = -Infinity;
  for (let i = start; i < start + count; i++) {
    if (!(data[i] <= max)) max = data[i];
    if (Number.isNaN(max)) return max;
  }
  return max;
}

/** Index of the first largest element (a NaN counts as largest). */
export function argmaxRow(data: TypedArray, start: number, count: number): number {
  let best = 0;
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(data[start + i])) return i;
    if (data[start + i] > data[start + best]) best = i;
  }
  return best;
}

/** log Σ exp(x_i) without overflow: the largest is taken out first. */
export function logSumExpRow(data: TypedArray, start: number, count: number): number {
  const max = maxRow(data, start, count);
  if (!Number.isFinite(max)) return max; // −∞ for all −∞, +∞ or NaN otherwise
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += Math.exp(data[i] - max);
  return max + Math.log(sum);
}
