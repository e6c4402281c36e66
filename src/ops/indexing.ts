import { broadcastTo, zip } from "../array/elementwise.ts";
import { allocate, expectInRange, generate, NDArray, normalizeDim, sizeOf } from "../array/ndarray.ts";
import { below, defineOp, named, on } from "../autograd/define.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber, formatShape, ShapeError } from "../errors.ts";

interface Padding {
  paddingIdx?: number;
}

/**
 * Rows of a table: y[…, :] = weight[ids[…], :]. The same as a one-hot vector times the matrix, without the zeros.
 * weight [V, D], ids of any shape (int32) → [...ids.shape, D]. A row that is looked up n times gets n gradients,
 * added; the row `paddingIdx` gets none.
 * @throws {IndexError} for an id outside 0 … V − 1.
 */
export const embedding: (weight: Tensor, ids: Tensor, options?: Padding) => Tensor = defineOp<
  [NDArray, NDArray],
  [Padding?]
>({
  name: "embedding",
  formula: "y = W[ids]; dW[id] += dy, for every use of id except the padding",
  inputs: { weight: "float", ids: "int32" },
  forward(weight, ids, { paddingIdx } = {}) {
    const { shape, dtype } = weight;
    if (weight.ndim !== 2) throw new ShapeError(`weight must be [V, D], got ${formatShape(shape)}`);
    const [V, D] = shape;
    const rows = ids.flat();
    expectInRange(rows, V, "id");
    const table = weight.flat();
    const y = allocate(dtype, rows.length * D);
    for (let i = 0; i < rows.length; i++) y.set(table.subarray(rows[i] * D, (rows[i] + 1) * D), i * D);
    const pull = (dy: NDArray) => {
      const from = dy.flat();
      const dW = allocate(dtype, V * D);
      for (let i = 0; i < rows.length; i++) {
        if (rows[i] === paddingIdx) continue;
        for (let j = 0; j < D; j++) dW[rows[i] * D + j] += from[i * D + j];
      }
      return new NDArray(dW, shape);
    };
    return [new NDArray(y, [...ids.shape, D]), [pull, null]];
  },
  samples: [
    on([4, 3], below(4, 5)),
    on([4, 3], below(4, 2, 3)),
    on([4, 1], below(4)),
    on([4, 3], below(4, 0)),
  ],
});

/** One-hot vectors: ids of any shape → [...ids.shape, classes] with a single 1. */
export function oneHot(ids: Tensor, classes: number, dtype: "float32" | "float64" = "float32"): Tensor {
  expectNumber(classes, "oneHot: classes", { integer: true, min: 1 });
  return named("oneHot", () => {
    const { data, shape, dtype: given } = ids;
    if (given !== "int32") throw new ArgumentError(`ids must be int32, got ${given}`);
    expectInRange(data, classes, "id");
    const out = allocate(dtype, data.length * classes);
    data.forEach((id: number, i: number) => {
      out[i * classes + id] = 1;
    });
    return new Tensor(new NDArray(out, [...shape, classes]));
  });
}

/**
 * Picks along a dimension: y[i][j] = x[index[i][j]][j] for dim 0, y[i][j] = x[i][index[i][j]] for dim 1, and so on.
 * Index (int32) has the rank of x and is at most as large in the other dimensions.
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  return gatherOp(x, index, dim);
}

const gatherOp = defineOp<[NDArray, NDArray], [number]>({
  name: "gather",
  formula: "y[…, j, …] = x[…, index[…, j, …], …]; dx[…, index[…, j, …], …] += dy[…, j, …]",
  inputs: { x: "any", index: "int32" },
  forward(x, index, dim) {
    const { shape, dtype } = x;
    const places = gatherPlaces(x, index, normalizeDim(dim, shape));
    const from = x.flat();
    const y = allocate(dtype, places.length);
    for (let i = 0; i < y.length; i++) y[i] = from[places[i]];
    const pull = (dy: NDArray) => {
      const share = dy.flat();
      const dx = allocate(dtype, sizeOf(shape));
      for (let i = 0; i < places.length; i++) dx[places[i]] += share[i];
      return new NDArray(dx, shape);
    };
    return [new NDArray(y, index.shape), [pull, null]];
  },
  samples: [
    on([3, 4], below(3, 2, 4)).with(0),
    on([2, 3, 2], below(3, 2, 1, 2)).with(1),
    on([1], below(1, 3)).with(0),
    on([3], below(3, 0)).with(-1),
  ],
});

/** For each element of the index the place of what it picks among the elements of x in row-major order. */
function gatherPlaces({ shape }: NDArray, index: NDArray, dim: number): Int32Array {
  if (index.ndim !== shape.length || index.shape.some((n, d) => d !== dim && n > shape[d])) {
    const what = `index ${formatShape(index.shape)} does not fit ${formatShape(shape)}`;
    throw new ShapeError(`${what}: only dimension ${dim} may be larger`);
  }
  expectInRange(index.flat(), shape[dim], "index");
  // The places of x under the index: along `dim` they stand still, because there the index says how far to go.
  const places = generate(shape, "int32", (i) => i);
  const still = new NDArray(places.data, index.shape, places.strides.with(dim, 0));
  const step = places.strides[dim];
  return zip(still, index, (start, i) => start + i * step).flat() as Int32Array;
}

/** Whole slices along a dimension: y = x[…, index, …]; index is a vector (int32), repeats allowed. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  return named("indexSelect", () => {
    const d = normalizeDim(dim, x.shape);
    if (index.ndim !== 1) throw new ShapeError(`index must be a vector, got ${formatShape(index.shape)}`);
    // The same index for every place in the other dimensions: a view that is stretched over them.
    const column = new NDArray(
      index.data,
      x.shape.map((_, i) => (i === d ? index.size : 1)),
    );
    const wide = broadcastTo(column, x.shape.with(d, index.size));
    return gather(x, d, new Tensor(wide));
  });
}
