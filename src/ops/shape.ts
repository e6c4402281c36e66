import { broadcastTo, unbroadcast } from "../array/elementwise.ts";
import { allocate, NDArray, normalizeDim, normalizeIndex, sizeOf } from "../array/ndarray.ts";
import * as views from "../array/shape.ts";
import { defineListOp, defineMultiOp, defineOp } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, formatShape, ShapeError } from "../errors.ts";

export type { Range } from "../array/shape.ts";

/** The same elements in row-major order under another shape; one size may be −1. A view where x is contiguous. */
export const reshape: (x: Tensor, shape: readonly number[]) => Tensor = defineOp<
  [NDArray],
  [readonly number[]]
>({
  name: "reshape",
  formula: "y = x under another shape",
  derivative: "dx = dy under the shape of x",
  inputs: 1,
  forward(x, shape) {
    const before = x.shape;
    return [views.reshape(x, shape), (dy) => [views.reshape(dy, before)]];
  },
  samples: [
    { inputs: [[2, 3]], attrs: [[3, 2]] },
    { inputs: [[2, 3]], attrs: [[-1]] },
    { inputs: [[1]], attrs: [[]] },
    { inputs: [[]], attrs: [[1, 1]] },
    { inputs: [[0, 3]], attrs: [[3, 0]] },
  ],
});

/** A view with the dimensions in the given order: y.shape[i] = x.shape[dims[i]]. */
export const permute: (x: Tensor, dims: readonly number[]) => Tensor = defineOp<
  [NDArray],
  [readonly number[]]
>({
  name: "permute",
  formula: "y[i…] = x[…], dimensions reordered",
  derivative: "dx = dy, dimensions back in order",
  inputs: 1,
  forward: (x, dims) => [views.permute(x, dims), (dy) => [views.permute(dy, views.inversePermutation(dims))]],
  samples: [
    { inputs: [[2, 3, 2]], attrs: [[2, 0, 1]] },
    { inputs: [[2, 3]], attrs: [[-1, 0]] },
    { inputs: [[]], attrs: [[]] },
    { inputs: [[0, 2]], attrs: [[1, 0]] },
  ],
});

/** A view with two dimensions exchanged; of a matrix, its transpose. */
export const transpose: (x: Tensor, dim0: number, dim1: number) => Tensor = defineOp<
  [NDArray],
  [number, number]
>({
  name: "transpose",
  formula: "y = x with two dimensions exchanged",
  derivative: "dx = dy with them exchanged back",
  inputs: 1,
  forward: (x, a, b) => [views.transpose(x, a, b), (dy) => [views.transpose(dy, a, b)]],
  samples: [
    { inputs: [[2, 3]], attrs: [0, 1] },
    { inputs: [[2, 3, 2]], attrs: [-1, 0] },
    { inputs: [[1, 3]], attrs: [0, 1] },
  ],
});

/** x stretched to `shape` by broadcasting, as a view; −1 keeps a size. */
export const expand: (x: Tensor, shape: readonly number[]) => Tensor = defineOp<
  [NDArray],
  [readonly number[]]
>({
  name: "expand",
  formula: "y = x, size-1 dimensions stretched",
  derivative: "dx = dy summed over the stretched dimensions",
  inputs: 1,
  forward(x, shape) {
    const before = x.shape;
    const extra = shape.length - x.ndim;
    const target = shape.map((n, d) => {
      if (n !== -1) return n;
      if (d < extra)
        throw new ShapeError(
          `-1 in a new leading dimension of ${formatShape(shape)}: there is no size to keep`,
        );
      return x.shape[d - extra];
    });
    return [broadcastTo(x, target), (dy) => [unbroadcast(dy, before)]];
  },
  samples: [
    { inputs: [[3]], attrs: [[2, 3]] },
    { inputs: [[2, 1]], attrs: [[2, 3]] },
    { inputs: [[]], attrs: [[2]] },
    { inputs: [[2, 1]], attrs: [[-1, 2]] },
    { inputs: [[1, 2]], attrs: [[0, 2]] },
  ],
});

/**
 * Python's basic slicing, as a view: one range per leading dimension: null takes all of it, a number selects and
 * drops the dimension, [start, end, step?] cuts (null: from the start, to the end; negatives count from the end).
 */
export const slice: (x: Tensor, ranges: readonly views.Range[]) => Tensor = defineOp<
  [NDArray],
  [readonly views.Range[]]
>({
  name: "slice",
  formula: "y = x[ranges]",
  derivative: "dx = 0 except dx[ranges] = dy",
  inputs: 1,
  forward(x, ranges) {
    const before = x.shape;
    return [views.slice(x, ranges), (dy) => [views.unslice(dy, before, ranges)]];
  },
  samples: [
    { inputs: [[3, 4]], attrs: [[1]] },
    { inputs: [[3, 4]], attrs: [[null, [1, 3]]] },
    { inputs: [[5]], attrs: [[[0, null, 2]]] },
    { inputs: [[3, 4]], attrs: [[[-2, null], -1]] },
    { inputs: [[3]], attrs: [[[2, 1]]] },
  ],
});

/** One index of a dimension, which is dropped. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const d = normalizeDim(dim, x.ndim, x.shape);
  return slice(x, [...new Array<null>(d).fill(null), normalizeIndex(index, x.shape[d], "select: index")]);
}

/** `length` indices of a dimension from `start` on. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const d = normalizeDim(dim, x.ndim, x.shape);
  const size = x.shape[d];
  const from = start < 0 ? start + size : start;
  if (!(from >= 0 && length >= 0 && from + length <= size)) {
    throw new ShapeError(
      `narrow: ${length} from ${start} on does not fit size ${size} of ${formatShape(x.shape)}`,
    );
  }
  return slice(x, [...new Array<null>(d).fill(null), [from, from + length]]);
}

/** Removes dimensions of size 1: the one that is named (if it is 1), or all. */
export function squeeze(x: Tensor, dim?: number): Tensor {
  const d = dim === undefined ? undefined : normalizeDim(dim, x.ndim, x.shape);
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || (d !== undefined && i !== d)),
  );
}

/** Inserts a dimension of size 1 before `dim` (−1: at the end). */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const d = normalizeDim(dim, x.ndim + 1, [...x.shape, 1]);
  return reshape(x, [...x.shape.slice(0, d), 1, ...x.shape.slice(d)]);
}

/** Joins the dimensions from `startDim` to `endDim` into one. */
export function flatten(x: Tensor, startDim: number = 0, endDim: number = -1): Tensor {
  if (x.ndim === 0) return reshape(x, [1]);
  const a = normalizeDim(startDim, x.ndim, x.shape);
  const b = normalizeDim(endDim, x.ndim, x.shape);
  if (a > b) throw new ArgumentError(`flatten: startDim ${startDim} comes after endDim ${endDim}`);
  return reshape(x, [...x.shape.slice(0, a), sizeOf(x.shape.slice(a, b + 1)), ...x.shape.slice(b + 1)]);
}

/** Joins tensors along a dimension; their other sizes must agree. */
export const cat: (tensors: readonly Tensor[], dim: number) => Tensor = defineListOp<[number]>({
  name: "cat",
  formula: "y = [x₁, x₂, …] along dim",
  derivative: "each dxᵢ is its part of dy",
  inputs: "list",
  forward(arrays, dim) {
    const y = views.cat(arrays, dim);
    const d = normalizeDim(dim, y.ndim, y.shape);
    const sizes = arrays.map((x) => x.shape[d]);
    return [y, (dy) => cut(dy, d, sizes)];
  },
  samples: [
    {
      inputs: [
        [2, 3],
        [1, 3],
      ],
      attrs: [0],
    },
    {
      inputs: [
        [2, 3],
        [2, 0],
        [2, 1],
      ],
      attrs: [-1],
    },
    { inputs: [[3]], attrs: [0] },
    { inputs: [[1], [1]], attrs: [0] },
  ],
});

/** Views on consecutive parts of a dimension. */
function cut(x: NDArray, dim: number, sizes: readonly number[]): NDArray[] {
  let start = 0;
  return sizes.map((size) => {
    const part = views.slice(x, [...new Array<null>(dim).fill(null), [start, start + size]]);
    start += size;
    return part;
  });
}

/** Joins tensors of the same shape along a new dimension. */
export function stack(tensors: readonly Tensor[], dim: number = 0): Tensor {
  if (tensors.length === 0) throw new ArgumentError("stack: the list is empty");
  const [first] = tensors;
  for (const x of tensors) {
    if (x.ndim !== first.ndim || x.shape.some((n, d) => n !== first.shape[d])) {
      throw new ShapeError(`stack: shapes differ: ${formatShape(first.shape)} and ${formatShape(x.shape)}`);
    }
  }
  return cat(
    tensors.map((x) => unsqueeze(x, dim)),
    dim < 0 ? dim + first.ndim + 1 : dim,
  );
}

/**
 * Cuts a dimension into parts: of one size (the last may be smaller), or of the listed sizes. The parts are views.
 * @throws {ShapeError} if listed sizes do not sum to the size of the dimension.
 */
export const split: (x: Tensor, size: number | readonly number[], dim?: number) => Tensor[] = defineMultiOp<
  [number | readonly number[], number?]
>({
  name: "split",
  formula: "[y₁, y₂, …] = x cut along dim",
  derivative: "dx = [dy₁, dy₂, …] joined, 0 where unused",
  forward(x, size, dim = 0) {
    const d = normalizeDim(dim, x.ndim, x.shape);
    const total = x.shape[d];
    const sizes = typeof size === "number" ? equalParts(total, size) : size;
    if (sizes.reduce((sum, n) => sum + n, 0) !== total || sizes.some((n) => !(n >= 0))) {
      throw new ShapeError(
        `sizes ${formatShape(sizes)} do not sum to ${total}, size of dimension ${d} of ${formatShape(x.shape)}`,
      );
    }
    const { shape, dtype } = x;
    return [cut(x, d, sizes), (dys) => joinParts(dys, cut(zeros(shape, dtype), d, sizes), shape)];
  },
  samples: [
    { inputs: [[5, 2]], attrs: [2] },
    { inputs: [[2, 4]], attrs: [[1, 3], 1] },
    { inputs: [[2, 4]], attrs: [[0, 4], -1] },
  ],
});

function equalParts(total: number, size: number): number[] {
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError(`part size must be a whole number ≥ 1, got ${size}`);
  return Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i) =>
    Math.min(size, total - i * size),
  );
}

const zeros = (shape: readonly number[], dtype: NDArray["dtype"]) =>
  new NDArray(allocate(dtype, sizeOf(shape)), shape);

/** Writes each gradient into its view on one fresh array of zeros, and returns that array. */
function joinParts(
  dys: readonly (NDArray | null)[],
  places: readonly NDArray[],
  shape: readonly number[],
): NDArray {
  dys.forEach((dy, i) => {
    if (dy) views.assign(places[i], dy);
  });
  return new NDArray(places[0].data, shape);
}

/** Cuts a dimension into `chunks` parts of equal size (the last may be smaller). */
export function chunk(x: Tensor, chunks: number, dim: number = 0): Tensor[] {
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new ArgumentError(`chunk: needs a whole number ≥ 1, got ${chunks}`);
  const size = x.shape[normalizeDim(dim, x.ndim, x.shape)];
  return split(x, Math.max(1, Math.ceil(size / chunks)), dim);
}

/**
 * All indices of a dimension, each as a tensor without it. One node with many outputs: the gradients of all steps
 * of a sequence are written into one array, where T calls of `select` would add up T arrays of full size.
 */
export const unbind: (x: Tensor, dim?: number) => Tensor[] = defineMultiOp<[number?]>({
  name: "unbind",
  formula: "[x₀, x₁, …] along dim",
  derivative: "dx = [dy₀, dy₁, …] stacked, 0 where unused",
  forward(x, dim = 0) {
    const d = normalizeDim(dim, x.ndim, x.shape);
    const { shape, dtype } = x;
    const places = (whole: NDArray) =>
      Array.from({ length: shape[d] }, (_, i) => views.slice(whole, [...new Array<null>(d).fill(null), i]));
    return [places(x), (dys) => joinParts(dys, places(zeros(shape, dtype)), shape)];
  },
  samples: [{ inputs: [[3, 2]] }, { inputs: [[2, 3]], attrs: [1] }, { inputs: [[1]] }, { inputs: [[2, 0]] }],
});

/** Reverses the order along the given dimensions. */
export const flip: (x: Tensor, dims: readonly number[]) => Tensor = defineOp<[NDArray], [readonly number[]]>({
  name: "flip",
  formula: "y = x reversed along dims",
  derivative: "dx = dy reversed along dims",
  inputs: 1,
  forward: (x, dims) => [reversed(x, dims), (dy) => [reversed(dy, dims)]],
  samples: [
    { inputs: [[2, 3]], attrs: [[0]] },
    { inputs: [[2, 3]], attrs: [[0, -1]] },
    { inputs: [[0]], attrs: [[0]] },
  ],
});

function reversed(x: NDArray, dims: readonly number[]): NDArray {
  const turned = new Set(dims.map((d) => normalizeDim(d, x.ndim, x.shape)));
  const strides = x.strides.map((stride, d) => (turned.has(d) ? -stride : stride));
  const shift = x.strides.reduce(
    (sum, stride, d) => sum + (turned.has(d) ? stride * Math.max(0, x.shape[d] - 1) : 0),
    0,
  );
  return new NDArray(x.data, x.shape, strides, x.offset + shift);
}
