import { ArgumentError, describe, formatShape, IndexError, ShapeError } from "../errors.ts";

/** float32 to train, float64 to check gradients, int32 for ids, indices and masks (0 or 1). */
export type DType = "float32" | "float64" | "int32";
export type TypedArray = Float32Array | Float64Array | Int32Array;

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** A zero-filled typed array. */
export function allocate(dtype: DType, size: number): TypedArray {
  return new constructors[dtype](size);
}

export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Float64Array ? "float64" : "int32";
}

/** Number of elements: the product of the sizes, 1 for a 0-d shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Row-major strides: the last dimension is contiguous. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/** @throws {ShapeError} unless every size is a whole number ≥ 0. */
export function expectSizes(shape: readonly number[]): void {
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new ShapeError(
      `a shape is a list of whole numbers ≥ 0, got ${Array.isArray(shape) ? formatShape(shape) : describe(shape)}`,
    );
  }
}

/**
 * An n-dimensional array: element (i, j, …) is `data[offset + i·strides[0] + j·strides[1] + …]`.
 * Several arrays may look at the same data (views), so data are never changed in place, except those of
 * parameters by an optimizer.
 */
export class NDArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;

  constructor(
    data: TypedArray,
    shape: readonly number[],
    strides: readonly number[] = rowMajorStrides(shape),
    offset: number = 0,
  ) {
    this.data = data;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  get dtype(): DType {
    return dtypeOf(this.data);
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
    for (let d = this.shape.length - 1; d >= 0; d--) {
      if (this.shape[d] !== 1 && this.strides[d] !== stride) return this.size === 0;
      stride *= this.shape[d];
    }
    return true;
  }

  /** The elements in row-major order: a window on the data where possible, else a copy. */
  flat(): TypedArray {
    const size = this.size;
    if (this.isContiguous) {
      return this.offset === 0 && this.data.length === size
        ? this.data
        : this.data.subarray(this.offset, this.offset + size);
    }
    const out = allocate(this.dtype, size);
    const inner = this.shape[this.ndim - 1];
    const step = this.strides[this.ndim - 1];
    let position = 0;
    walkRows(this.shape, [this.strides], [this.offset], (offsets) => {
      for (let i = 0, from = offsets[0]; i < inner; i++, from += step) out[position++] = this.data[from];
    });
    return out;
  }

  contiguous(): NDArray {
    return this.isContiguous ? this : new NDArray(this.flat(), this.shape);
  }

  /** The single element. @throws {ShapeError} if there is not exactly one. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: needs exactly one element, got shape ${formatShape(this.shape)}`);
    return this.data[this.offset];
  }

  to(dtype: DType): NDArray {
    if (dtype === this.dtype) return this;
    const out = allocate(dtype, this.size);
    out.set(this.flat());
    return new NDArray(out, this.shape);
  }
}

export function full(shape: readonly number[], value: number, dtype: DType = "float32"): NDArray {
  expectSizes(shape);
  const data = allocate(dtype, sizeOf(shape));
  if (value !== 0) data.fill(value);
  return new NDArray(data, [...shape]);
}

/** Nested arrays of numbers, of any depth. */
export type Nested = number | readonly Nested[];

/** Nested arrays → array. @throws {ShapeError} if rows differ in length, {ArgumentError} for what is no number. */
export function fromNested(value: Nested | TypedArray, dtype: DType = "float32"): NDArray {
  if (ArrayBuffer.isView(value)) return new NDArray(value.slice(), [value.length]).to(dtype);
  const shape: number[] = [];
  for (let v = value; Array.isArray(v); v = v[0]) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  const data = allocate(dtype, sizeOf(shape));
  let position = 0;
  const fill = (v: Nested, d: number): void => {
    if (d === shape.length) {
      if (typeof v !== "number") {
        if (Array.isArray(v)) throw new ShapeError("tensor: nested arrays differ in depth");
        throw new ArgumentError(`tensor: expected a number, got ${describe(v)}`);
      }
      if (dtype === "int32" && !Number.isInteger(v))
        throw new ArgumentError(`tensor: ${v} is not a whole number (int32)`);
      data[position++] = v;
    } else if (!Array.isArray(v) || v.length !== shape[d]) {
      const found = Array.isArray(v) ? `length ${v.length}` : describe(v);
      throw new ShapeError(
        `tensor: nested arrays are ragged: expected length ${shape[d]} at depth ${d}, got ${found}`,
      );
    } else for (const inner of v) fill(inner, d + 1);
  };
  fill(value, 0);
  return new NDArray(data, shape);
}

/** Array → nested arrays (a plain number for 0-d). */
export function toNested(x: NDArray): Nested {
  const data = x.flat();
  let position = 0;
  const build = (d: number): Nested =>
    d === x.ndim ? data[position++] : Array.from({ length: x.shape[d] }, () => build(d + 1));
  return build(0);
}

/**
 * Visits every row (run along the last dimension) of one or more arrays of the same shape, in row-major order;
 * `visit` gets where the row starts in each array's data. A 0-d array has one row of one element.
 */
export function walkRows(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  starts: readonly number[],
  visit: (offsets: readonly number[]) => void,
): void {
  if (sizeOf(shape) === 0) return;
  const outer = Math.max(shape.length - 1, 0);
  const index = new Array<number>(outer).fill(0);
  const offsets = [...starts];
  for (;;) {
    visit(offsets);
    let d = outer - 1;
    for (; d >= 0; d--) {
      index[d]++;
      for (let a = 0; a < offsets.length; a++) offsets[a] += strides[a][d];
      if (index[d] < shape[d]) break;
      for (let a = 0; a < offsets.length; a++) offsets[a] -= strides[a][d] * shape[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/** −1 → the last dimension. @throws {IndexError} naming the dimension and the shape. */
export function normalizeDim(dim: number, ndim: number, shape: readonly number[]): number {
  const d = dim < 0 ? dim + ndim : dim;
  if (!Number.isInteger(dim) || d < 0 || d >= ndim) {
    const range = ndim === 0 ? "a 0-d tensor has none" : `use ${-ndim} … ${ndim - 1}`;
    throw new IndexError(`dimension ${dim} does not exist in shape ${formatShape(shape)} (${range})`);
  }
  return d;
}

/** −1 → the last index. @throws {IndexError} naming the index and the size. */
export function normalizeIndex(index: number, size: number, what: string): number {
  const i = index < 0 ? index + size : index;
  if (!Number.isInteger(index) || i < 0 || i >= size) {
    throw new IndexError(`${what} ${index} is out of range for size ${size}`);
  }
  return i;
}
