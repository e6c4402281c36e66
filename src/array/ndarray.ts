import { ArgumentError, describe, formatShape, IndexError, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";

export { inRange as expectInRange, shape as expectSizes } from "../expect.ts";

/** float32 to train, float64 to check gradients, int32 for ids, indices and masks (0 or 1). */
export type DType = "float32" | "float64" | "int32";
/** The memory of an array; its class tells the number format. */
export type TypedArray = Float32Array | Float64Array | Int32Array;
/** Sizes of the dimensions, outermost first; `[]` is a single number. */
export type Shape = readonly number[];

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** A zero-filled typed array. @throws {ArgumentError} for another dtype. @throws {ShapeError} for far too many elements. */
export function allocate(dtype: DType, size: number): TypedArray {
  expect.possibleSize(size);
  if (!Object.hasOwn(constructors, dtype)) expect.oneOf(dtype, Object.keys(constructors), "dtype");
  return new constructors[dtype](size);
}

/** Number of elements: the product of the sizes, 1 for a 0-d shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, d) => n === b[d]);
}

/** Row-major strides: the last dimension is contiguous. */
function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/**
 * An n-dimensional array: element (i, j, …) is `data[offset + i·strides[0] + j·strides[1] + …]`.
 * Several arrays may look at the same data (views), so data are never changed in place, except those of
 * parameters by an optimizer.
 */
export class NDArray {
  /** Null as long as a subclass has not been asked for them. */
  protected elements: TypedArray | null;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** How arrays that know a faster way add up gradients; see `fused/sparse-rows.ts`, `fused/resident.ts`. */
  plus?(other: NDArray): NDArray;
  /** Of arrays that lie elsewhere (`fused/resident.ts`): makes it an ordinary one; or gives it up, where nobody has it. */
  settle?(): void;
  release?(): void;

  constructor(
    data: TypedArray | null,
    shape: Shape,
    strides: readonly number[] = rowMajorStrides(shape),
    offset: number = 0,
  ) {
    this.elements = data;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  get data(): TypedArray {
    return (this.elements ??= this.load());
  }

  /** Makes the elements where there are none yet, in `fused/sparse-rows.ts` and `fused/resident.ts`. */
  protected load(): TypedArray {
    throw new ArgumentError("NDArray: there are no elements");
  }

  get dtype(): DType {
    if (this.data instanceof Float32Array) return "float32";
    return this.data instanceof Float64Array ? "float64" : "int32";
  }

  get ndim(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Row-major without gaps; size-1 dimensions may have any stride. */
  get isContiguous(): boolean {
    let stride = 1;
    for (let d = this.ndim - 1; d >= 0; d--) {
      if (this.shape[d] !== 1 && this.strides[d] !== stride) return this.size === 0;
      stride *= this.shape[d];
    }
    return true;
  }

  /** The elements in row-major order: a window on the data where possible, else a copy. */
  flat(): TypedArray {
    const { data, offset, size } = this;
    if (this.isContiguous) {
      return offset === 0 && data.length === size ? data : data.subarray(offset, offset + size);
    }
    const copy = new NDArray(allocate(this.dtype, size), this.shape);
    assign(copy, this);
    return copy.data;
  }

  contiguous(): NDArray {
    return this.isContiguous ? this : new NDArray(this.flat(), this.shape);
  }

  /** The single element. @throws {ShapeError} if there is not exactly one. */
  item(): number {
    if (this.size === 1) return this.data[this.offset];
    throw new ShapeError(`item: needs exactly one element, got shape ${formatShape(this.shape)}`);
  }

  to(dtype: DType): NDArray {
    if (dtype === this.dtype) return this;
    const out = allocate(dtype, this.size);
    out.set(this.flat());
    return new NDArray(out, this.shape);
  }
}

/** An array with element i (in row-major order) = f(i). */
export function generate(shape: Shape, dtype: DType, f: (i: number) => number): NDArray {
  expect.shape(shape);
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = f(i);
  return new NDArray(data, [...shape]);
}

/** Nested arrays of numbers, of any depth. */
export type Nested = number | readonly Nested[];

/**
 * Nested arrays or a typed array → array; always a copy.
 * @throws {ShapeError} if rows differ in length, {ArgumentError} for what is no number, or no int32 where one is asked for.
 */
export function fromNested(value: Nested | TypedArray, dtype: DType): NDArray {
  const shape: number[] = [];
  for (let first: unknown = value; isList(first); first = first[0]) shape.push(first.length);
  const data = allocate(dtype, sizeOf(shape));
  let position = 0;
  const fill = (v: unknown, depth: number): void => {
    if (depth < shape.length) for (const row of expectRow(v, shape[depth])) fill(row, depth + 1);
    else data[position++] = expectElement(v, dtype);
  };
  fill(value, 0);
  return new NDArray(data, shape);
}

function expectRow(v: unknown, length: number): readonly unknown[] {
  if (isList(v) && v.length === length) return v;
  throw new ShapeError(
    `tensor: rows are ragged, all need the length ${length} of the first, got ${describe(v)}`,
  );
}

function isList(v: unknown): v is readonly unknown[] {
  return Array.isArray(v) || (ArrayBuffer.isView(v) && "length" in v);
}

function expectElement(v: unknown, dtype: DType): number {
  if (isList(v)) throw new ShapeError("tensor: rows are ragged: all must be nested equally deep");
  if (typeof v !== "number") throw new ArgumentError(`tensor: expected a number, got ${describe(v)}`);
  if (dtype === "int32" && v !== (v | 0)) {
    throw new ArgumentError(`tensor: an int32 must be a whole number in ±2³¹, got ${v}`);
  }
  return v;
}

/** Array → nested arrays (a plain number for 0-d). */
export function toNested(x: NDArray): Nested {
  const data = x.flat();
  let position = 0;
  const build = (depth: number): Nested =>
    depth === x.ndim ? data[position++] : Array.from({ length: x.shape[depth] }, () => build(depth + 1));
  return build(0);
}

/**
 * Visits every row (run along the last dimension) of one or more arrays of the same shape, in row-major order;
 * `visit` gets the length of the row and, for each array, where the row starts in its data and how far it is from one
 * element to the next. A 0-d array has one row of one element.
 */
export function walkRows(
  shape: Shape,
  arrays: readonly { readonly strides: readonly number[]; readonly offset: number }[],
  visit: (length: number, starts: readonly number[], steps: readonly number[]) => void,
): void {
  if (sizeOf(shape) === 0) return;
  const outer = Math.max(shape.length - 1, 0);
  const length = shape[outer] ?? 1;
  const steps = arrays.map((x) => x.strides[outer] ?? 0);
  const starts = arrays.map((x) => x.offset);
  const index = new Array<number>(outer).fill(0);
  for (;;) {
    visit(length, starts, steps);
    let d = outer - 1;
    for (; d >= 0; d--) {
      const atEnd = ++index[d] === shape[d];
      const move = atEnd ? 1 - shape[d] : 1; // back to the first, and on to the next outer index; or one further
      for (let a = 0; a < starts.length; a++) starts[a] += arrays[a].strides[d] * move;
      if (!atEnd) break;
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/** Copies the elements of `source` into an array of fresh data that no one else sees yet. */
export function assign(target: NDArray, source: NDArray): void {
  if (target.isContiguous && source.isContiguous) {
    target.data.set(source.flat(), target.offset);
    return;
  }
  walkRows(target.shape, [target, source], (length, [to, from], [toStep, fromStep]) => {
    for (let i = 0; i < length; i++) target.data[to + i * toStep] = source.data[from + i * fromStep];
  });
}

/** −1 → the last dimension. @throws {IndexError} naming the dimension and the shape. */
export function normalizeDim(dim: number, shape: Shape, ndim: number = shape.length): number {
  const d = dim < 0 ? dim + ndim : dim;
  if (!Number.isInteger(dim) || d < 0 || d >= ndim) {
    const range = ndim === 0 ? "a 0-d tensor has none" : `use ${-ndim} … ${ndim - 1}`;
    throw new IndexError(`dimension ${dim} does not exist in shape ${formatShape(shape)} (${range})`);
  }
  return d;
}

/** A list of dimensions, counted from the front, ascending. */
export function normalizeDims(dims: readonly number[], shape: Shape): number[] {
  const found = new Set(dims.map((d) => normalizeDim(d, shape)));
  if (found.size < dims.length) {
    throw new ShapeError(`a dimension of ${formatShape(shape)} is named twice in ${formatShape(dims)}`);
  }
  return [...found].sort((a, b) => a - b);
}

/** −1 → the last index. @throws {IndexError} naming the index and the size. */
export function normalizeIndex(index: number, size: number): number {
  const i = index < 0 ? index + size : index;
  if (!Number.isInteger(index) || i < 0 || i >= size) {
    throw new IndexError(`index ${index} is out of range for size ${size}`);
  }
  return i;
}
