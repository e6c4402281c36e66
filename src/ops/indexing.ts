import { allocate, NDArray, normalizeDim, sizeOf, type TypedArray } from "../array/ndarray.ts";
import { defineOp, expectFloat, expectIds } from "../autograd/define.ts";
import { Tensor } from "../autograd/tensor.ts";
import { expectNumber, formatShape, IndexError, ShapeError } from "../errors.ts";

/** @throws {IndexError} naming the first id that is not in 0 … size − 1, and where it stands. */
function expectInRange(ids: TypedArray, size: number, what: string): void {
  for (let i = 0; i < ids.length; i++) {
    if (!(ids[i] >= 0 && ids[i] < size)) {
      throw new IndexError(`${what} ${ids[i]} at position ${i} is out of range: must be 0 … ${size - 1}`);
    }
  }
}

/**
 * Rows of a table: y[…, :] = weight[ids[…], :]. The same as a one-hot vector times the matrix, without the zeros.
 * weight [V, D], ids of any shape (int32) → [...ids.shape, D]. A row that is looked up n times gets n gradients,
 * added; the row `paddingIdx` gets none.
 * @throws {IndexError} for an id outside 0 … V − 1.
 */
export const embedding: (weight: Tensor, ids: Tensor, options?: { paddingIdx?: number }) => Tensor = defineOp<
  [NDArray, NDArray],
  [{ paddingIdx?: number }?]
>({
  name: "embedding",
  formula: "y = W[ids]",
  derivative: "dW[id] += dy, for every use of id except the padding",
  inputs: 2,
  forward(weight, ids, { paddingIdx } = {}) {
    expectFloat(weight);
    expectIds(ids, "ids");
    if (weight.ndim !== 2) throw new ShapeError(`weight must be [V, D], got ${formatShape(weight.shape)}`);
    const [V, D] = weight.shape;
    const rows = ids.flat();
    expectInRange(rows, V, "id");
    const table = weight.flat();
    const out = allocate(weight.dtype, rows.length * D);
    for (let i = 0; i < rows.length; i++) out.set(table.subarray(rows[i] * D, (rows[i] + 1) * D), i * D);
    return [
      new NDArray(out, [...ids.shape, D]),
      (dy) => {
        const from = dy.flat();
        const dW = allocate(weight.dtype, V * D);
        for (let i = 0; i < rows.length; i++) {
          if (rows[i] === paddingIdx) continue;
          const to = rows[i] * D;
          for (let j = 0; j < D; j++) dW[to + j] += from[i * D + j];
        }
        return [new NDArray(dW, [V, D]), null];
      },
    ];
  },
  samples: [
    { inputs: [[4, 3], { ids: [5], below: 4 }] },
    { inputs: [[4, 3], { ids: [2, 3], below: 4 }] },
    { inputs: [[4, 3], { ids: [], below: 4 }] },
    { inputs: [[4, 3], { ids: [0], below: 4 }] },
    { inputs: [[4, 1], { ids: [6], below: 4 }], attrs: [{ paddingIdx: 1 }] },
  ],
});

/** One-hot vectors: ids of any shape → [...ids.shape, classes] with a single 1. */
export function oneHot(ids: Tensor, classes: number, dtype: "float32" | "float64" = "float32"): Tensor {
  expectNumber(classes, "oneHot: classes", { integer: true, min: 1 });
  expectIds(ids.value, "oneHot: ids");
  expectInRange(ids.data, classes, "oneHot: id");
  const out = allocate(dtype, ids.size * classes);
  ids.data.forEach((id, i) => {
    out[i * classes + id] = 1;
  });
  return new Tensor(new NDArray(out, [...ids.shape, classes]));
}

/**
 * Picks along a dimension: y[i][j] = x[index[i][j]][j] for dim 0, y[i][j] = x[i][index[i][j]] for dim 1, and so on.
 * Index (int32) has the rank of x and is at most as large in the other dimensions.
 */
export const gather: (x: Tensor, dim: number, index: Tensor) => Tensor = (x, dim, index) =>
  pick(x, index, dim);

const pick = defineOp<[NDArray, NDArray], [number]>({
  name: "gather",
  formula: "y[…, j, …] = x[…, index[…, j, …], …]",
  derivative: "dx[index] += dy",
  inputs: 2,
  forward(x, index, dim) {
    expectIds(index, "index");
    const d = normalizeDim(dim, x.ndim, x.shape);
    if (index.ndim !== x.ndim || index.shape.some((n, i) => i !== d && n > x.shape[i])) {
      throw new ShapeError(
        `index ${formatShape(index.shape)} does not fit ${formatShape(x.shape)} in dimension ${d}`,
      );
    }
    expectInRange(index.flat(), x.shape[d], "index");
    const source = x.contiguous();
    const places = gatherPlaces(source, index, d);
    const out = allocate(x.dtype, places.length);
    const from = source.flat();
    for (let i = 0; i < out.length; i++) out[i] = from[places[i]];
    const { shape, dtype } = x;
    return [
      new NDArray(out, index.shape),
      (dy) => {
        const dx = allocate(dtype, sizeOf(shape));
        dy.flat().forEach((v, i) => {
          dx[places[i]] += v;
        });
        return [new NDArray(dx, shape), null];
      },
    ];
  },
  samples: [
    { inputs: [[3, 4], { ids: [2, 4], below: 3 }], attrs: [0] },
    { inputs: [[3, 4], { ids: [3, 2], below: 4 }], attrs: [1] },
    { inputs: [[5], { ids: [7], below: 5 }], attrs: [0] },
    { inputs: [[2, 3, 2], { ids: [2, 1, 2], below: 3 }], attrs: [1] },
    { inputs: [[3], { ids: [0], below: 3 }], attrs: [-1] },
  ],
});

/** For each element of the index its flat position in the contiguous array x. */
function gatherPlaces(x: NDArray, index: NDArray, dim: number): Int32Array {
  const places = new Int32Array(index.size);
  const along = index.flat();
  const position = new Array<number>(index.ndim).fill(0);
  for (let i = 0; i < places.length; i++) {
    let place = 0;
    for (let d = 0; d < position.length; d++) {
      place += (d === dim ? along[i] : position[d]) * sizeOf(x.shape.slice(d + 1));
    }
    places[i] = place;
    for (let d = position.length - 1; d >= 0 && ++position[d] === index.shape[d]; d--) position[d] = 0;
  }
  return places;
}

/** Whole slices along a dimension: y = x[…, index, …]; index is a vector (int32), repeats allowed. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const d = normalizeDim(dim, x.ndim, x.shape);
  if (index.ndim !== 1)
    throw new ShapeError(`indexSelect: index must be a vector, got ${formatShape(index.shape)}`);
  const full = x.shape.map((n, i) => (i === d ? index.size : n));
  const column = index.reshape(full.map((n, i) => (i === d ? n : 1)));
  return gather(x, d, new Tensor(column.expand(full).value.contiguous()));
}
