import type { DType, Nested, Shape, TypedArray } from "../array/ndarray.ts";
import { expectSizes, fromNested, generate, NDArray, sizeOf } from "../array/ndarray.ts";
import { ArgumentError, expectNumber, expectOptions, formatShape, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";
import { Tensor } from "./tensor.ts";

/** What kind of tensor is made. */
export interface CreateOptions {
  dtype?: DType;
  requiresGrad?: boolean;
}

const OPTIONS = ["dtype", "requiresGrad"];

/**
 * Makes a tensor from a number, nested arrays, or a typed array (which is copied).
 * float32 unless told otherwise or unless a Float64Array or Int32Array is given.
 * @throws {ShapeError} if nested arrays are ragged.
 */
export function tensor(values: Nested | TypedArray, options: CreateOptions = {}): Tensor {
  const own = values instanceof Float64Array ? "float64" : values instanceof Int32Array ? "int32" : "float32";
  expectOptions(options, OPTIONS, "tensor");
  return new Tensor(fromNested(values, options.dtype ?? own), options);
}

/** Ids, indices, masks: an int32 tensor. */
export function ids(values: Nested | Int32Array): Tensor {
  return tensor(values, { dtype: "int32" });
}

/** A tensor on existing memory, which is not copied. @throws {ShapeError} if length and shape disagree. */
export function fromData(data: TypedArray, shape: Shape, options: { requiresGrad?: boolean } = {}): Tensor {
  expectSizes(shape);
  expect.type(data, "a Float32Array, Float64Array or Int32Array", "fromData: the data");
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(
      `fromData: shape ${formatShape(shape)} needs ${sizeOf(shape)} elements, got ${data.length}`,
    );
  }
  return new Tensor(new NDArray(data, [...shape]), options);
}

/** A tensor of zeros. */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** A tensor of ones. */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** A tensor with every element `value`. */
export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  const { data } = fromNested(value, options.dtype ?? "float32"); // checks it
  return make(shape, () => data[0], options);
}

/** The identity matrix [n, n]. */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  return make([n, n], (i) => (i % (n + 1) === 0 ? 1 : 0), options);
}

/** start, start + step, … up to but without `end`; `arange(n)` counts 0 … n − 1. int32 where all are whole. */
export function arange(start: number, end?: number, step: number = 1, options: CreateOptions = {}): Tensor {
  const from = end === undefined ? 0 : expectNumber(start, "arange: start");
  const to = expectNumber(end ?? start, "arange: end");
  if (expectNumber(step, "arange: step") === 0) throw new ArgumentError("arange: step must not be 0");
  const whole = Number.isInteger(from) && Number.isInteger(step);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return make([count], (i) => from + i * step, { dtype: whole ? "int32" : "float32", ...options });
}

/** `steps` evenly spaced numbers from start to end, both included. */
export function linspace(start: number, end: number, steps: number, options: CreateOptions = {}): Tensor {
  expectNumber(steps, "linspace: steps", { integer: true, min: 0 });
  for (const number of [start, end]) expectNumber(number, "linspace: start and end");
  const last = Math.max(1, steps - 1);
  return make([steps], (i) => (i === last ? end : start + ((end - start) * i) / last), options);
}

/** Uniform in [0, 1). */
export function rand(shape: Shape, generator: Generator, options: CreateOptions = {}): Tensor {
  expect.generator(generator, "rand");
  return make(shape, () => generator.uniform(), options);
}

/** Standard normal. */
export function randn(shape: Shape, generator: Generator, options: CreateOptions = {}): Tensor {
  expect.generator(generator, "randn");
  return make(shape, () => generator.normal(), options);
}

function make(shape: Shape, f: (i: number) => number, options: CreateOptions): Tensor {
  expectOptions(options, OPTIONS, "a new tensor");
  return new Tensor(generate(shape, options.dtype ?? "float32", f), options);
}
