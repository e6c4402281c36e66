import { formatShape, ShapeError } from "../errors.ts";
import type { FloatArray } from "../kernels/types.ts";
import { allocate, type DType, NDArray, sizeOf, walkRows } from "./ndarray.ts";

/**
 * The shape of a result of numpy broadcasting: shapes are aligned at the right, and a size 1 (or a missing
 * dimension) stretches to the other's size.
 * @throws {ShapeError} printing both shapes and the sizes that disagree.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(Math.max(a.length, b.length));
  for (let d = 1; d <= out.length; d++) {
    const m = a[a.length - d] ?? 1;
    const n = b[b.length - d] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `shapes do not broadcast: ${formatShape(a)} and ${formatShape(b)} (${m} ≠ ${n} in dimension -${d})`,
      );
    }
    out[out.length - d] = m === 1 ? n : m;
  }
  return out;
}

/** A view of x stretched to `shape`: stretched dimensions have stride 0. */
export function broadcastTo(x: NDArray, shape: readonly number[]): NDArray {
  const extra = shape.length - x.ndim;
  const strides = shape.map((n, d) => {
    const own = d - extra;
    if (own >= 0 && x.shape[own] === n) return x.strides[own];
    if (own < 0 || x.shape[own] === 1) return 0;
    throw new ShapeError(`cannot expand shape ${formatShape(x.shape)} to ${formatShape(shape)}`);
  });
  if (extra < 0) throw new ShapeError(`cannot expand shape ${formatShape(x.shape)} to ${formatShape(shape)}`);
  return new NDArray(x.data, shape, strides, x.offset);
}

/** y = f(x), element by element. */
export function map(x: NDArray, f: (x: number) => number, dtype: DType = x.dtype): NDArray {
  const from = x.flat();
  const out = allocate(dtype, from.length);
  for (let i = 0; i < from.length; i++) out[i] = f(from[i]);
  return new NDArray(out, x.shape);
}

/** y = f(x) by a kernel that works on whole arrays. */
export function mapKernel(x: NDArray, f: (x: FloatArray, y: FloatArray) => void): NDArray {
  const out = allocate(x.dtype, x.size) as FloatArray;
  f(x.flat() as FloatArray, out);
  return new NDArray(out, x.shape);
}

/** z = f(x, y), element by element with broadcasting. */
export function zip(
  x: NDArray,
  y: NDArray,
  f: (x: number, y: number) => number,
  dtype: DType = x.dtype,
): NDArray {
  const sameShape = x.ndim === y.ndim && x.shape.every((n, d) => n === y.shape[d]);
  const shape = sameShape ? x.shape : broadcastShapes(x.shape, y.shape);
  const out = allocate(dtype, sizeOf(shape));
  if (sameShape && x.isContiguous && y.isContiguous) {
    const a = x.flat();
    const b = y.flat();
    for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i]);
    return new NDArray(out, shape);
  }
  const a = broadcastTo(x, shape);
  const b = broadcastTo(y, shape);
  const inner = shape[shape.length - 1] ?? 1;
  const aStep = a.strides[shape.length - 1] ?? 0;
  const bStep = b.strides[shape.length - 1] ?? 0;
  let position = 0;
  walkRows(shape, [a.strides, b.strides], [a.offset, b.offset], ([aRow, bRow]) => {
    for (let i = 0; i < inner; i++) out[position++] = f(a.data[aRow + i * aStep], b.data[bRow + i * bStep]);
  });
  return new NDArray(out, shape);
}

/**
 * The transpose of broadcasting: sums an array of a broadcast shape back to `shape`.
 * Where a value was used n times in the forward pass, its gradient is the sum of n gradients.
 */
export function unbroadcast(dy: NDArray, shape: readonly number[]): NDArray {
  const extra = dy.ndim - shape.length;
  if (extra === 0 && shape.every((n, d) => n === dy.shape[d])) return dy;
  const target = rowsOfTarget(dy.shape, shape, extra);
  const sums = new Float64Array(sizeOf(shape));
  const inner = dy.shape[dy.ndim - 1] ?? 1;
  const step = dy.strides[dy.ndim - 1] ?? 0;
  const targetStep = target[dy.ndim - 1] ?? 0;
  walkRows(dy.shape, [dy.strides, target], [dy.offset, 0], ([from, to]) => {
    for (let i = 0; i < inner; i++) sums[to + i * targetStep] += dy.data[from + i * step];
  });
  const out = allocate(dy.dtype, sums.length);
  out.set(sums);
  return new NDArray(out, [...shape]);
}

/** Strides that lead from an index of the large shape to its place in the small one (0 where it was stretched). */
function rowsOfTarget(large: readonly number[], small: readonly number[], extra: number): number[] {
  const strides = new Array<number>(large.length).fill(0);
  let stride = 1;
  for (let d = small.length - 1; d >= 0; d--) {
    if (small[d] !== 1) strides[d + extra] = stride;
    stride *= small[d];
  }
  return strides;
}
