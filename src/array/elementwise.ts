import { formatShape, ShapeError } from "../errors.ts";
import type { FloatArray } from "../kernels/types.ts";
import { allocate, type DType, NDArray, type Shape, sameShape, sizeOf, walkRows } from "./ndarray.ts";

/**
 * The shape of a result of numpy broadcasting: shapes are aligned at the right, and a size 1 (or a missing
 * dimension) stretches to the other's size.
 * @throws {ShapeError} printing both shapes and the sizes that disagree.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
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

/** A view of x stretched to `shape`: stretched dimensions have stride 0. @throws {ShapeError} if it does not fit. */
export function broadcastTo(x: NDArray, shape: Shape): NDArray {
  const extra = shape.length - x.ndim;
  const strides = shape.map((n, d) => (x.shape[d - extra] === n ? x.strides[d - extra] : 0));
  if (extra < 0 || x.shape.some((n, d) => n !== 1 && n !== shape[d + extra])) {
    throw new ShapeError(`cannot expand shape ${formatShape(x.shape)} to ${formatShape(shape)}`);
  }
  return new NDArray(x.data, shape, strides, x.offset);
}

/** y = f(x), element by element. */
export function map(x: NDArray, f: (x: number) => number): NDArray {
  return mapRows(x, (from, to) => {
    for (let i = 0; i < from.length; i++) to[i] = f(from[i]);
  });
}

/** y = f(x) by a function on whole arrays, such as a kernel. */
export function mapRows(x: NDArray, f: (x: FloatArray, y: FloatArray) => void): NDArray {
  const out = allocate(x.dtype, x.size);
  f(x.flat() as FloatArray, out as FloatArray);
  return new NDArray(out, x.shape);
}

/** z = f(x, y), element by element with broadcasting. */
export function zip(
  x: NDArray,
  y: NDArray,
  f: (x: number, y: number) => number,
  dtype: DType = x.dtype,
): NDArray {
  const shape = broadcastShapes(x.shape, y.shape);
  const out = allocate(dtype, sizeOf(shape));
  if (sameShape(x.shape, y.shape) && x.isContiguous && y.isContiguous) {
    const a = x.flat();
    const b = y.flat();
    for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i]);
    return new NDArray(out, shape);
  }
  const [a, b] = [x.data, y.data];
  let position = 0;
  walkRows(shape, [broadcastTo(x, shape), broadcastTo(y, shape)], (length, [aRow, bRow], [aStep, bStep]) => {
    for (let i = 0; i < length; i++) out[position++] = f(a[aRow + i * aStep], b[bRow + i * bStep]);
  });
  return new NDArray(out, shape);
}

/**
 * The transpose of broadcasting: sums an array of a broadcast shape back to `shape`, in double precision.
 * Where a value was used n times in the forward pass, its gradient is the sum of n gradients.
 */
export function unbroadcast(dy: NDArray, shape: Shape): NDArray {
  if (sameShape(dy.shape, shape)) return dy;
  const sums = new NDArray(new Float64Array(sizeOf(shape)), shape);
  const target = broadcastTo(sums, dy.shape); // one place for all elements that are added up
  walkRows(dy.shape, [target, dy], (length, [to, from], [toStep, fromStep]) => {
    for (let i = 0; i < length; i++) target.data[to + i * toStep] += dy.data[from + i * fromStep];
  });
  return sums.to(dy.dtype);
}
