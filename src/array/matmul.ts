import { formatShape, ShapeError } from "../errors.ts";
import { active } from "../kernels/index.ts";
import type { FloatArray, MatrixView } from "../kernels/types.ts";
import { broadcastShapes, broadcastTo } from "./elementwise.ts";
import { allocate, NDArray, sizeOf, walkRows } from "./ndarray.ts";
import { reshape } from "./shape.ts";

/**
 * The matrix product with PyTorch's rules: [m, k] @ [k, n] → [m, n]; a vector on the left is a row, on the right a
 * column, and its dimension is dropped from the result; leading dimensions are batches and broadcast.
 * @throws {ShapeError} printing both shapes if the inner sizes differ.
 */
export function matmul(a: NDArray, b: NDArray): NDArray {
  const both = `${formatShape(a.shape)} @ ${formatShape(b.shape)}`;
  if (a.ndim === 0 || b.ndim === 0) throw new ShapeError(`needs at least one dimension: ${both}`);
  const left = asMatrix(a, 0);
  const right = asMatrix(b, 1);
  const [m, k] = left.shape.slice(-2);
  const [inner, n] = right.shape.slice(-2);
  if (k !== inner) throw new ShapeError(`inner dimensions differ: ${both} (${k} ≠ ${inner})`);

  // One matrix for a whole batch: one product over all rows.
  if (a.ndim > 2 && b.ndim === 2) return reshape(matmul(asRows(a), b), [...a.shape.slice(0, -1), n]);

  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const out = allocate(a.dtype, sizeOf(batch) * m * n) as FloatArray;
  const A = matrices(left, [...batch, m, k]);
  const B = matrices(right, [...batch, k, n]);
  let position = 0;
  walkRows([...batch, 1], [A, B], (_, [aStart, bStart]) => {
    active.gemm(m, n, k, A.view(aStart), B.view(bStart), out, position);
    position += m * n;
  });
  const shape = [...batch, ...(a.ndim === 1 ? [] : [m]), ...(b.ndim === 1 ? [] : [n])];
  return new NDArray(out, shape);
}

/** All leading dimensions as one: [..., k] → [N, k]. */
export function asRows(x: NDArray): NDArray {
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.ndim - 1]]);
}

/** A vector as a matrix with one row (axis 0) or one column (axis 1); a matrix as it is. */
export function asMatrix(x: NDArray, axis: 0 | 1): NDArray {
  if (x.ndim > 1) return x;
  return reshape(x, axis === 0 ? [1, x.size] : [x.size, 1]);
}

/** The batch of matrices in x, stretched to `shape`: strides to walk over it, and a kernel's view of each one. */
function matrices(x: NDArray, shape: readonly number[]) {
  const { data, strides, offset } = broadcastTo(x, shape);
  const [rowStride, colStride] = strides.slice(-2);
  const view = (start: number): MatrixView => ({
    data: data as FloatArray,
    offset: start,
    rowStride,
    colStride,
  });
  return { strides: [...strides.slice(0, -2), 0], offset, view };
}
