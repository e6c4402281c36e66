import { formatShape, ShapeError } from "../errors.ts";
import { active } from "../kernels/index.ts";
import type { FloatArray, MatrixView } from "../kernels/types.ts";
import { broadcastShapes, broadcastTo } from "./elementwise.ts";
import { allocate, NDArray, sizeOf, walkRows } from "./ndarray.ts";

/**
 * The matrix product with PyTorch's rules: [m, k] @ [k, n] → [m, n]; a vector on the left is a row, on the right a
 * column, and its dimension is dropped from the result; leading dimensions are batches and broadcast.
 * @throws {ShapeError} printing both shapes if the inner sizes differ.
 */
export function matmul(a: NDArray, b: NDArray): NDArray {
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ShapeError(`needs at least one dimension: ${formatShape(a.shape)} @ ${formatShape(b.shape)}`);
  }
  const left = a.ndim === 1 ? new NDArray(a.data, [1, a.shape[0]], [0, a.strides[0]], a.offset) : a;
  const right = b.ndim === 1 ? new NDArray(b.data, [b.shape[0], 1], [b.strides[0], 0], b.offset) : b;
  const [m, k] = left.shape.slice(-2);
  const [inner, n] = right.shape.slice(-2);
  if (k !== inner) {
    throw new ShapeError(
      `inner dimensions differ: ${formatShape(a.shape)} @ ${formatShape(b.shape)} (${k} ≠ ${inner})`,
    );
  }
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const out = allocate(a.dtype, sizeOf(batch) * m * n) as FloatArray;
  const la = broadcastTo(left, [...batch, m, k]);
  const lb = broadcastTo(right, [...batch, k, n]);
  const view = (x: NDArray, offset: number): MatrixView => ({
    data: x.data as FloatArray,
    offset,
    rowStride: x.strides[x.ndim - 2],
    colStride: x.strides[x.ndim - 1],
  });
  let cOffset = 0;
  // A trailing 1 makes every batch entry one "row" of the walk.
  walkRows(
    [...batch, 1],
    [
      [...la.strides.slice(0, -2), 0],
      [...lb.strides.slice(0, -2), 0],
    ],
    [la.offset, lb.offset],
    ([ao, bo]) => {
      active.gemm(m, n, k, view(la, ao), view(lb, bo), out, cOffset);
      cOffset += m * n;
    },
  );
  const shape = [...batch, ...(a.ndim === 1 ? [] : [m]), ...(b.ndim === 1 ? [] : [n])];
  return new NDArray(out, shape);
}
