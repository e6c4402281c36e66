import { ArgumentError, formatShape, IndexError, ShapeError } from "../errors.ts";
import { allocate, NDArray, normalizeDim, normalizeIndex, sizeOf } from "./ndarray.ts";

/** Same elements in the same row-major order under another shape; one size may be −1. A view where x is contiguous. */
export function reshape(x: NDArray, shape: readonly number[]): NDArray {
  const unknown = shape.indexOf(-1);
  const known = sizeOf(shape.filter((_, d) => d !== unknown));
  const filled = shape.map((n, d) => (d === unknown ? x.size / known : n));
  const valid = filled.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!valid || sizeOf(filled) !== x.size) {
    throw new ShapeError(
      `cannot reshape ${formatShape(x.shape)} (${x.size} elements) to ${formatShape(shape)}${
        unknown < 0 && valid ? ` (${sizeOf(filled)} elements)` : ""
      }`,
    );
  }
  const c = x.contiguous();
  return new NDArray(c.data, filled, undefined, c.offset);
}

/** A view with the dimensions in another order. */
export function permute(x: NDArray, dims: readonly number[]): NDArray {
  const order = dims.map((d) => normalizeDim(d, x.ndim, x.shape));
  if (order.length !== x.ndim || new Set(order).size !== x.ndim) {
    throw new IndexError(
      `permute needs each dimension of ${formatShape(x.shape)} once, got ${formatShape(dims)}`,
    );
  }
  const pick = (list: readonly number[]) => order.map((d) => list[d]);
  return new NDArray(x.data, pick(x.shape), pick(x.strides), x.offset);
}

export function inversePermutation(dims: readonly number[]): number[] {
  const inverse = new Array<number>(dims.length);
  dims.forEach((d, i) => {
    inverse[d < 0 ? d + dims.length : d] = i;
  });
  return inverse;
}

/** A view with two dimensions exchanged. */
export function transpose(x: NDArray, dim0: number, dim1: number): NDArray {
  const order = x.shape.map((_, d) => d);
  const a = normalizeDim(dim0, x.ndim, x.shape);
  const b = normalizeDim(dim1, x.ndim, x.shape);
  [order[a], order[b]] = [b, a];
  return permute(x, order);
}

/** Python's slice of one dimension: all (null), one index (drops the dimension), or [start, end, step]. */
export type Range =
  | null
  | number
  | readonly [start: number | null, end: number | null]
  | readonly [start: number | null, end: number | null, step: number];

/**
 * Basic slicing with Python's rules: negative numbers count from the end, ends out of range are clipped,
 * empty results are allowed. Leading dimensions only; the others are taken whole. Always a view.
 */
export function slice(x: NDArray, ranges: readonly Range[]): NDArray {
  if (ranges.length > x.ndim) {
    throw new IndexError(`${ranges.length} ranges for ${x.ndim} dimensions of shape ${formatShape(x.shape)}`);
  }
  let offset = x.offset;
  const shape: number[] = [];
  const strides: number[] = [];
  x.shape.forEach((size, d) => {
    const range = ranges[d] ?? null;
    if (typeof range === "number") {
      offset += normalizeIndex(range, size, `index of dimension ${d}:`) * x.strides[d];
      return;
    }
    const [start, end, step = 1] = range ?? [0, size];
    if (!Number.isInteger(step) || step < 1)
      throw new ArgumentError(`step must be a whole number ≥ 1, got ${step}`);
    const clip = (i: number) => Math.min(Math.max(i < 0 ? i + size : i, 0), size);
    const from = clip(start ?? 0);
    const count = Math.max(0, Math.ceil((clip(end ?? size) - from) / step));
    offset += count > 0 ? from * x.strides[d] : 0;
    shape.push(count);
    strides.push(x.strides[d] * step);
  });
  return new NDArray(x.data, shape, strides, offset);
}

/** Writes dy into the places that `slice(zeros(shape), ranges)` would show. */
export function unslice(dy: NDArray, shape: readonly number[], ranges: readonly Range[]): NDArray {
  const out = new NDArray(allocate(dy.dtype, sizeOf(shape)), shape);
  assign(slice(out, ranges), dy);
  return out;
}

/** Copies `source` into a view of fresh data that no one else sees yet. */
export function assign(target: NDArray, source: NDArray): void {
  const values = source.flat();
  if (target.isContiguous) {
    target.data.set(values, target.offset);
    return;
  }
  // A permutation of positions: number the places of the target, then write through them.
  const places = new NDArray(
    Int32Array.from({ length: target.data.length }, (_, i) => i),
    target.shape,
    target.strides,
    target.offset,
  ).flat();
  for (let i = 0; i < places.length; i++) target.data[places[i]] = values[i];
}

/** Joins arrays along a dimension; the other sizes must agree. */
export function cat(arrays: readonly NDArray[], dim: number): NDArray {
  if (arrays.length === 0) throw new ArgumentError("the list is empty");
  const first = arrays[0];
  const d = normalizeDim(dim, first.ndim, first.shape);
  for (const x of arrays) {
    if (x.ndim !== first.ndim || x.shape.some((n, i) => i !== d && n !== first.shape[i])) {
      throw new ShapeError(
        `shapes must agree except in dimension ${d}: ${arrays.map((a) => formatShape(a.shape)).join(", ")}`,
      );
    }
    if (x.dtype !== first.dtype) throw new ArgumentError(`dtypes differ: ${first.dtype} and ${x.dtype}`);
  }
  const shape = first.shape.map((n, i) => (i === d ? arrays.reduce((sum, x) => sum + x.shape[d], 0) : n));
  const out = allocate(first.dtype, sizeOf(shape));
  const outer = sizeOf(shape.slice(0, d));
  const outRow = sizeOf(shape.slice(d));
  let column = 0;
  for (const x of arrays) {
    const data = x.flat();
    const row = sizeOf(x.shape.slice(d));
    for (let i = 0; i < outer; i++) out.set(data.subarray(i * row, (i + 1) * row), i * outRow + column);
    column += row;
  }
  return new NDArray(out, shape);
}
