import { ArgumentError, formatShape, IndexError, ShapeError } from "../errors.ts";
import type { Shape } from "./ndarray.ts";
import { allocate, assign, NDArray, normalizeDim, normalizeDims, normalizeIndex, sizeOf } from "./ndarray.ts";

/** Same elements in the same row-major order under another shape; one size may be −1. A view where x is contiguous. */
export function reshape(x: NDArray, shape: Shape): NDArray {
  const unknown = shape.indexOf(-1);
  const known = sizeOf(shape.filter((_, d) => d !== unknown));
  const filled = shape.map((n, d) => (d === unknown ? x.size / known : n));
  const valid = filled.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!valid || sizeOf(filled) !== x.size) {
    throw new ShapeError(`${formatShape(x.shape)} (${x.size} elements) does not fit ${formatShape(shape)}`);
  }
  const c = x.contiguous();
  return new NDArray(c.data, filled, undefined, c.offset);
}

/** A view with the dimensions in another order. */
export function permute(x: NDArray, dims: readonly number[]): NDArray {
  const order = dims.map((d) => normalizeDim(d, x.shape));
  if (order.length !== x.ndim || new Set(order).size !== x.ndim) {
    const whole = formatShape(x.shape);
    throw new IndexError(`needs each dimension of ${whole} exactly once, got ${formatShape(dims)}`);
  }
  const pick = (list: readonly number[]) => order.map((d) => list[d]);
  return new NDArray(x.data, pick(x.shape), pick(x.strides), x.offset);
}

/** The order that undoes `permute` by `dims`. */
export function inversePermutation(dims: readonly number[]): number[] {
  const order = dims.map((d) => (d < 0 ? d + dims.length : d));
  return order.map((_, d) => order.indexOf(d));
}

/** A view with two dimensions exchanged. */
export function transpose(x: NDArray, dim0: number, dim1: number): NDArray {
  const order = [...x.shape.keys()];
  const a = normalizeDim(dim0, x.shape);
  const b = normalizeDim(dim1, x.shape);
  [order[a], order[b]] = [b, a];
  return permute(x, order);
}

/** A view in reversed order along the given dimensions. */
export function flip(x: NDArray, dims: readonly number[]): NDArray {
  const strides = [...x.strides];
  let { offset } = x;
  for (const d of normalizeDims(dims, x.shape)) {
    offset += strides[d] * Math.max(0, x.shape[d] - 1);
    strides[d] = -strides[d];
  }
  return new NDArray(x.data, x.shape, strides, offset);
}

/** Python's slice of one dimension: all (null), one index (drops the dimension), or [start, end, step]. */
export type Range = null | number | readonly [start: number | null, end: number | null, step?: number];

/**
 * Basic slicing with Python's rules: negative numbers count from the end, ends out of range are clipped,
 * empty results are allowed. Leading dimensions only; the others are taken whole. Always a view.
 */
export function slice(x: NDArray, ranges: readonly Range[]): NDArray {
  if (ranges.length > x.ndim) {
    throw new IndexError(`${ranges.length} ranges for ${x.ndim} dimensions of shape ${formatShape(x.shape)}`);
  }
  let { offset } = x;
  const shape: number[] = [];
  const strides: number[] = [];
  x.shape.forEach((size, d) => {
    const range = ranges[d] ?? [0, size];
    if (typeof range === "number") {
      offset += normalizeIndex(range, size) * x.strides[d];
      return;
    }
    const { from, count, step } = resolveRange(range, size);
    offset += from * x.strides[d];
    shape.push(count);
    strides.push(x.strides[d] * step);
  });
  return new NDArray(x.data, shape, strides, sizeOf(shape) === 0 ? 0 : offset); // nothing is nowhere
}

function resolveRange([start, end, step = 1]: Exclude<Range, null | number>, size: number) {
  const [first, last] = [start ?? 0, end ?? size];
  if (!Number.isInteger(first) || !Number.isInteger(last)) {
    throw new ArgumentError(`the ends of a range must be whole numbers, got ${first} and ${last}`);
  }
  if (!Number.isInteger(step) || step < 1) {
    throw new ArgumentError(`step must be a whole number ≥ 1, got ${step}`);
  }
  const clip = (i: number) => Math.min(Math.max(i < 0 ? i + size : i, 0), size);
  const from = clip(first);
  return { from, count: Math.max(0, Math.ceil((clip(last) - from) / step)), step };
}

/** The ranges that cut only one dimension. */
export function along(dim: number, range: Range): Range[] {
  return [...new Array<null>(dim).fill(null), range];
}

/** Views on consecutive parts of a dimension. */
export function cut(x: NDArray, dim: number, sizes: readonly number[]): NDArray[] {
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return slice(x, along(dim, [end - size, end]));
  });
}

/**
 * The transpose of taking views: zeros of `shape`, with each part written into the view that `places` finds for it
 * (a part that is null stays zero).
 */
export function scatter(
  parts: readonly (NDArray | null)[],
  shape: Shape,
  places: (whole: NDArray) => readonly NDArray[],
): NDArray {
  const dtype = parts.find((part) => part !== null)?.dtype ?? "float32";
  const whole = new NDArray(allocate(dtype, sizeOf(shape)), shape);
  places(whole).forEach((place, i) => {
    const part = parts[i];
    if (part) assign(place, part);
  });
  return whole;
}

/** Joins arrays along a dimension; the other sizes must agree. */
export function cat(arrays: readonly NDArray[], dim: number): NDArray {
  const first = arrays[0];
  const fits = (x: NDArray) =>
    x.ndim === first.ndim && x.shape.every((n, d) => d === dim || n === first.shape[d]);
  if (!arrays.every(fits)) {
    const shapes = arrays.map((x) => formatShape(x.shape)).join(", ");
    throw new ShapeError(`shapes must agree except in dimension ${dim}: ${shapes}`);
  }
  const sizes = arrays.map((x) => x.shape[dim]);
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const shape = first.shape.with(dim, total);
  return scatter(arrays, shape, (whole) => cut(whole, dim, sizes));
}
