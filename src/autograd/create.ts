import {
  allocate,
  type DType,
  expectSizes,
  full as filled,
  fromNested,
  NDArray,
  type Nested,
  sizeOf,
  type TypedArray,
} from "../array/ndarray.ts";
import { ArgumentError, expectNumber, formatShape, ShapeError } from "../errors.ts";
import type { Generator } from "../random.ts";
import { Tensor } from "./tensor.ts";

export interface CreateOptions {
  dtype?: DType;
  requiresGrad?: boolean;
}

/**
 * Makes a tensor from a number, nested arrays, or a typed array (which is copied).
 * float32 unless told otherwise or unless a Float64Array or Int32Array is given.
 * @throws {ShapeError} if nested arrays are ragged.
 */
export function tensor(values: Nested | TypedArray, options: CreateOptions = {}): Tensor {
  const own = values instanceof Float64Array ? "float64" : values instanceof Int32Array ? "int32" : "float32";
  return new Tensor(fromNested(values, options.dtype ?? own), options);
}

/** Ids, indices, masks: an int32 tensor. */
export function ids(values: Nested | Int32Array): Tensor {
  return tensor(values, { dtype: "int32" });
}

/** A tensor on existing memory, which is not copied. @throws {ShapeError} if length and shape disagree. */
export function fromData(
  data: TypedArray,
  shape: readonly number[],
  options: { requiresGrad?: boolean } = {},
): Tensor {
  expectSizes(shape);
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(`fromData: ${data.length} elements do not fill shape ${formatShape(shape)}`);
  }
  return new Tensor(new NDArray(data, [...shape]), options);
}

export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return full(shape, 0, options);
}

export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

export function full(shape: readonly number[], value: number, options: CreateOptions = {}): Tensor {
  return new Tensor(filled(shape, value, options.dtype), options);
}

/** The identity matrix [n, n]. */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  return generate([n, n], (i) => (i % (n + 1) === 0 ? 1 : 0), options);
}

/** start, start + step, … up to but without `end`; `arange(n)` counts 0 … n − 1. int32 where all are whole. */
export function arange(start: number, end?: number, step: number = 1, options: CreateOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  for (const [value, what] of [
    [from, "start"],
    [to, "end"],
    [step, "step"],
  ] as const)
    expectNumber(value, `arange: ${what}`);
  if (step === 0) throw new ArgumentError("arange: step must not be 0");
  const whole = Number.isInteger(from) && Number.isInteger(step);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return generate([count], (i) => from + i * step, { dtype: whole ? "int32" : "float32", ...options });
}

/** `steps` evenly spaced numbers from start to end, both included. */
export function linspace(start: number, end: number, steps: number, options: CreateOptions = {}): Tensor {
  expectNumber(steps, "linspace: steps", { integer: true, min: 0 });
  return generate(
    [steps],
    (i) => (i === steps - 1 && i > 0 ? end : start + ((end - start) * i) / Math.max(1, steps - 1)),
    options,
  );
}

/** Uniform in [0, 1). */
export function rand(shape: readonly number[], generator: Generator, options: CreateOptions = {}): Tensor {
  return generate(shape, () => generator.uniform(), options);
}

/** Standard normal. */
export function randn(shape: readonly number[], generator: Generator, options: CreateOptions = {}): Tensor {
  return generate(shape, () => generator.normal(), options);
}

function generate(shape: readonly number[], f: (i: number) => number, options: CreateOptions): Tensor {
  expectSizes(shape);
  const data = allocate(options.dtype ?? "float32", sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = f(i);
  return new Tensor(new NDArray(data, [...shape]), options);
}
