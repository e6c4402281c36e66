import type { DType, Shape, TypedArray } from "./ndarray.ts";
import { allocate, NDArray, normalizeDims, sizeOf } from "./ndarray.ts";
import { permute } from "./shape.ts";

/** Which dimensions to reduce: one, several, or all when left out. */
export interface ReduceOptions {
  dim?: number | readonly number[];
  /** Keep the reduced dimensions with size 1. */
  keepdim?: boolean;
}

export interface Reduction {
  /** The reduced dimensions, ascending. */
  dims: readonly number[];
  /** All dimensions, the reduced ones last. */
  order: readonly number[];
  /** Shape of the result. */
  outShape: Shape;
  /** Shape of the result with the reduced dimensions kept as 1: broadcasts against x. */
  keptShape: Shape;
  /** Elements reduced to one. */
  count: number;
}

/** @throws {IndexError} for a dimension that does not exist, {ShapeError} for one that is named twice. */
export function planReduction(shape: Shape, { dim, keepdim = false }: ReduceOptions = {}): Reduction {
  const all = shape.map((_, d) => d);
  const dims = dim === undefined ? all : normalizeDims(typeof dim === "number" ? [dim] : dim, shape);
  const kept = all.filter((d) => !dims.includes(d));
  const keptShape = shape.map((n, d) => (dims.includes(d) ? 1 : n));
  return {
    dims,
    order: [...kept, ...dims],
    keptShape,
    outShape: keepdim ? keptShape : kept.map((d) => shape[d]),
    count: sizeOf(dims.map((d) => shape[d])),
  };
}

/** One number per row, y_r = f(row r), as an array of `keptShape`. */
export function reduceRows(
  x: NDArray,
  plan: Reduction,
  f: (row: TypedArray) => number,
  dtype: DType = x.dtype,
): NDArray {
  const rows = permute(x, plan.order).flat();
  const out = allocate(dtype, sizeOf(plan.keptShape));
  for (let r = 0; r < out.length; r++) out[r] = f(rows.subarray(r * plan.count, (r + 1) * plan.count));
  return new NDArray(out, plan.keptShape);
}
