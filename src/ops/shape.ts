import { broadcastTo, unbroadcast } from "../array/elementwise.ts";
import { expectSizes, type NDArray, normalizeDim, type Shape, sameShape, sizeOf } from "../array/ndarray.ts";
import * as views from "../array/shape.ts";
import { defineListOp, defineOp, named, on } from "../autograd/define.ts";
import type { ListPullback, Tensor } from "../autograd/tensor.ts";
import { ArgumentError, expectNumber, formatShape, ShapeError } from "../errors.ts";

export type { Range } from "../array/shape.ts";

type Dims = readonly number[];
type Ranges = readonly views.Range[];

/** The same elements in row-major order under another shape; one size may be −1. A view where x is contiguous. */
export const reshape: (x: Tensor, shape: Shape) => Tensor = defineOp<[NDArray], [Shape]>({
  name: "reshape",
  formula: "y = x under another shape; dx = dy under the shape of x",
  forward(x, shape) {
    const before = x.shape;
    return [views.reshape(x, shape), [(dy) => views.reshape(dy, before)]];
  },
  samples: [on([2, 3]).with([3, 2]), on([1]).with([]), on([]).with([1, -1]), on([0, 3]).with([3, 0])],
});

/** A view with the dimensions in the given order: y.shape[i] = x.shape[dims[i]]. */
export const permute: (x: Tensor, dims: Dims) => Tensor = defineOp<[NDArray], [Dims]>({
  name: "permute",
  formula: "y[i…] = x[…], dimensions reordered; dx = dy, dimensions back in order",
  forward: (x, dims) => [views.permute(x, dims), [(dy) => views.permute(dy, views.inversePermutation(dims))]],
  samples: [
    on([2, 3, 2]).with([2, 0, 1]),
    on([]).with([]),
    on([1, 3]).with([-1, 0]),
    on([0, 2]).with([1, 0]),
  ],
});

/** A view with two dimensions exchanged; of a matrix, its transpose. */
export const transpose: (x: Tensor, dim0: number, dim1: number) => Tensor = defineOp<
  [NDArray],
  [number, number]
>({
  name: "transpose",
  formula: "y = x with two dimensions exchanged; dx = dy with them exchanged back",
  forward: (x, a, b) => [views.transpose(x, a, b), [(dy) => views.transpose(dy, a, b)]],
  samples: [on([2, 3]).with(0, 1), on([2, 3, 2]).with(-1, 0), on([1, 3]).with(0, 1), on([2, 0]).with(0, 1)],
});

/** x stretched to `shape` by broadcasting, as a view; −1 keeps a size. */
export const expand: (x: Tensor, shape: Shape) => Tensor = defineOp<[NDArray], [Shape]>({
  name: "expand",
  formula: "y = x, size-1 dimensions stretched; dx = dy summed over the stretched dimensions",
  forward(x, shape) {
    const before = x.shape;
    const target = shape.map((n, d) => (n === -1 ? (before[d - shape.length + before.length] ?? -1) : n));
    if (target.includes(-1)) {
      throw new ShapeError(`-1 in a new dimension of ${formatShape(shape)}: there is no size to keep`);
    }
    expectSizes(target);
    return [broadcastTo(x, target), [(dy) => unbroadcast(dy, before)]];
  },
  samples: [on([2, 1]).with([2, 3]), on([]).with([2]), on([1]).with([0, -1]), on([0, 1]).with([0, 2])],
});

/**
 * Python's basic slicing, as a view: one range per leading dimension: null takes all of it, a number selects and
 * drops the dimension, [start, end, step?] cuts (null: from the start, to the end; negatives count from the end).
 */
export const slice: (x: Tensor, ranges: Ranges) => Tensor = defineOp<[NDArray], [Ranges]>({
  name: "slice",
  formula: "y = x[ranges]; dx = 0 except dx[ranges] = dy",
  forward(x, ranges) {
    const { shape } = x;
    const part = (whole: NDArray) => views.slice(whole, ranges);
    return [part(x), [(dy) => views.scatter([dy], shape, (whole) => [part(whole)])]];
  },
  samples: [on([3, 4]).with([[-2, null, 2], -1]), on([]).with([]), on([1]).with([0]), on([0]).with([[2, 1]])],
});

/** One index of a dimension, which is dropped. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  return named("select", () => slice(x, views.along(normalizeDim(dim, x.shape), index)));
}

/** `length` indices of a dimension from `start` on. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  return named("narrow", () => {
    const d = normalizeDim(dim, x.shape);
    const size = x.shape[d];
    const from = start < 0 ? start + size : start;
    if (!(from >= 0 && length >= 0 && from + length <= size)) {
      throw new ShapeError(`${length} from ${start} on does not fit size ${size} of ${formatShape(x.shape)}`);
    }
    return slice(x, views.along(d, [from, from + length]));
  });
}

/** Removes dimensions of size 1: the one that is named (if it is 1), or all. */
export function squeeze(x: Tensor, dim?: number): Tensor {
  return named("squeeze", () => {
    const gone = dim === undefined ? [...x.shape.keys()] : [normalizeDim(dim, x.shape)];
    const kept = x.shape.filter((n, d) => n !== 1 || !gone.includes(d));
    return reshape(x, kept);
  });
}

/** Inserts a dimension of size 1 before `dim` (−1: at the end). */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  return named("unsqueeze", () =>
    reshape(x, x.shape.toSpliced(normalizeDim(dim, x.shape, x.ndim + 1), 0, 1)),
  );
}

/** Joins the dimensions from `startDim` to `endDim` into one. */
export function flatten(x: Tensor, startDim: number = 0, endDim: number = -1): Tensor {
  return named("flatten", () => {
    if (x.ndim === 0) return reshape(x, [1]);
    const a = normalizeDim(startDim, x.shape);
    const b = normalizeDim(endDim, x.shape);
    if (a > b) throw new ArgumentError(`startDim ${startDim} comes after endDim ${endDim}`);
    return reshape(x, x.shape.toSpliced(a, b + 1 - a, sizeOf(x.shape.slice(a, b + 1))));
  });
}

/** Joins tensors along a dimension; their other sizes must agree. */
export function cat(tensors: readonly Tensor[], dim: number): Tensor {
  return catOp(tensors, [dim])[0];
}

const catOp = defineListOp<readonly [number]>({
  name: "cat",
  formula: "y = [x₁, x₂, …] along dim; each dxᵢ is its part of dy",
  forward(arrays, [dim]) {
    if (arrays.length === 0) throw new ArgumentError("the list is empty");
    const [{ shape, dtype }] = arrays;
    const d = normalizeDim(dim, shape);
    const odd = arrays.find((x) => x.dtype !== dtype);
    if (odd) throw new ArgumentError(`dtypes differ: ${dtype} and ${odd.dtype}`);
    const sizes = arrays.map((x) => x.shape[d]);
    return [[views.cat(arrays, d)], ([dy]) => views.cut(dy!, d, sizes)];
  },
  samples: [
    on([2, 3], [2, 0], [2, 1]).with(-1),
    on([3]).with(0),
    on([1], [1]).with(0),
    on([0, 2], [0, 2]).with(0),
  ],
});

/** Joins tensors of the same shape along a new dimension. */
export function stack(tensors: readonly Tensor[], dim: number = 0): Tensor {
  return named("stack", () => {
    if (tensors.length === 0) throw new ArgumentError("the list is empty");
    const { shape, ndim } = tensors[0];
    const odd = tensors.find((x) => !sameShape(x.shape, shape));
    if (odd) throw new ShapeError(`shapes differ: ${formatShape(shape)} and ${formatShape(odd.shape)}`);
    const d = normalizeDim(dim, shape, ndim + 1);
    return cat(
      tensors.map((x) => unsqueeze(x, d)),
      d,
    );
  });
}

/**
 * Cuts a dimension into parts: of one size (the last may be smaller), or of the listed sizes. The parts are views.
 * @throws {ShapeError} if listed sizes do not sum to the size of the dimension.
 */
export function split(x: Tensor, size: number | readonly number[], dim: number = 0): Tensor[] {
  return splitOp([x], [size, dim]);
}

const splitOp = defineListOp<readonly [number | readonly number[], number]>({
  name: "split",
  formula: "[y₁, y₂, …] = x cut along dim; dx = [dy₁, dy₂, …] joined, 0 where unused",
  forward([x], [size, dim]) {
    const { shape } = x;
    const d = normalizeDim(dim, shape);
    const sizes = typeof size === "number" ? equalParts(shape[d], size) : size;
    if (sizes.reduce((sum, n) => sum + n, 0) !== shape[d] || sizes.some((n) => !(n >= 0))) {
      const what = `size of dimension ${d} of ${formatShape(shape)}`;
      throw new ShapeError(`sizes ${formatShape(sizes)} do not sum to ${shape[d]}, ${what}`);
    }
    return partsOf(x, (whole) => views.cut(whole, d, sizes));
  },
  samples: [on([5, 2]).with(2, 0), on([2, 4]).with([0, 1, 3], -1), on([1]).with(1, 0), on([0, 2]).with(1, 1)],
});

function equalParts(total: number, size: number): number[] {
  expectNumber(size, "the size of the parts", { integer: true, min: 1 });
  const count = Math.max(1, Math.ceil(total / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/** Cuts a dimension into `chunks` parts of equal size (the last may be smaller). */
export function chunk(x: Tensor, chunks: number, dim: number = 0): Tensor[] {
  return named("chunk", () => {
    expectNumber(chunks, "the number of parts", { integer: true, min: 1 });
    const size = x.shape[normalizeDim(dim, x.shape)];
    return split(x, Math.max(1, Math.ceil(size / chunks)), dim);
  });
}

/**
 * All indices of a dimension, each as a tensor without it. One node with many outputs: the gradients of all steps
 * of a sequence are written into one array, where T calls of `select` would add up T arrays of full size.
 */
export function unbind(x: Tensor, dim: number = 0): Tensor[] {
  return unbindOp([x], [dim]);
}

const unbindOp = defineListOp<readonly [number]>({
  name: "unbind",
  formula: "[x₀, x₁, …] along dim; dx = [dy₀, dy₁, …] stacked, 0 where unused",
  forward([x], [dim]) {
    const d = normalizeDim(dim, x.shape);
    const indices = Array.from({ length: x.shape[d] }, (_, i) => views.along(d, i));
    return partsOf(x, (whole) => indices.map((range) => views.slice(whole, range)));
  },
  samples: [on([3, 2]).with(0), on([2, 3]).with(1), on([1]).with(0), on([2, 0]).with(0)],
});

/** Views on parts of x; back, each part's gradient is written into the same view of zeros. */
function partsOf(x: NDArray, parts: (whole: NDArray) => NDArray[]): [NDArray[], ListPullback] {
  const { shape } = x;
  return [parts(x), (dys) => [views.scatter(dys, shape, parts)]];
}

/** Reverses the order along the given dimensions. */
export const flip: (x: Tensor, dims: Dims) => Tensor = defineOp<[NDArray], [Dims]>({
  name: "flip",
  formula: "y = x reversed along dims; dx = dy reversed along dims",
  forward: (x, dims) => [views.flip(x, dims), [(dy) => views.flip(dy, dims)]],
  samples: [on([2, 3]).with([0]), on([2, 3]).with([0, -1]), on([1]).with([0]), on([0]).with([0])],
});
