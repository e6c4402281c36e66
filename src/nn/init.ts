import { allocate, type DType, NDArray, type Shape, sizeOf } from "../array/ndarray.ts";
import { expectNumber, expectShape } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";
import { Parameter } from "./module.ts";

/** Fills a parameter in place. */
export type Initializer = (parameter: Parameter) => void;

/** A new parameter filled by `fill`. */
export function parameter(shape: Shape, fill: Initializer, dtype: DType = "float32"): Parameter {
  const p = new Parameter(new NDArray(allocate(dtype, sizeOf(shape)), shape));
  fill(p);
  return p;
}

/** Element i of the parameter = f(i). */
function each(f: (i: number) => number): Initializer {
  return (parameter) =>
    parameter.changeData((data) => {
      for (let i = 0; i < data.length; i++) data[i] = f(i);
    });
}

/** Every element the same. */
export function constant(value: number): Initializer {
  expectNumber(value, "init.constant: the value");
  return each(() => value);
}

/** U(−bound, bound), or U(low, high). */
export function uniform(generator: Generator, low: number, high: number = -low): Initializer {
  expect.generator(generator, "init.uniform");
  for (const bound of [low, high]) expectNumber(bound, "init.uniform: a bound");
  return each(() => generator.uniform(Math.min(low, high), Math.max(low, high)));
}

/** N(mean, std²). */
export function normal(generator: Generator, std: number = 1, mean: number = 0): Initializer {
  expect.generator(generator, "init.normal");
  expectNumber(std, "init.normal: std", { min: 0 });
  expectNumber(mean, "init.normal: mean");
  return each(() => generator.normal(mean, std));
}

/** Xavier or Glorot uniform (Glorot & Bengio 2010): U(±gain √(6 / (in + out))). */
export function xavierUniform(generator: Generator, gain: number = 1): Initializer {
  return forMatrix("xavierUniform", (out, inner) => uniform(generator, gain * Math.sqrt(6 / (inner + out))));
}

/** Xavier or Glorot normal: N(0, gain² · 2 / (in + out)). */
export function xavierNormal(generator: Generator, gain: number = 1): Initializer {
  return forMatrix("xavierNormal", (out, inner) => normal(generator, gain * Math.sqrt(2 / (inner + out))));
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2014): Gram–Schmidt on
 * Gaussian vectors, done twice for accuracy. A square one keeps the norm of every vector it multiplies.
 */
export function orthogonal(generator: Generator, gain: number = 1): Initializer {
  expect.generator(generator, "init.orthogonal");
  return forMatrix("orthogonal", (rows, cols) => {
    const length = Math.max(rows, cols);
    const basis: Float64Array[] = [];
    while (basis.length < Math.min(rows, cols)) {
      const v = Float64Array.from({ length }, () => generator.normal());
      for (const u of [...basis, ...basis]) {
        const shadow = dot(u, v);
        for (let i = 0; i < length; i++) v[i] -= shadow * u[i];
      }
      const norm = Math.sqrt(dot(v, v));
      if (norm > 1e-8) basis.push(v.map((x) => x / norm)); // else: a draw inside the span, drawn again
    }
    return each((i) => {
      const [r, c] = [Math.floor(i / cols), i % cols];
      return gain * (rows <= cols ? basis[r][c] : basis[c][r]);
    });
  });
}

function dot(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
  return sum;
}

/** An initialiser that depends on the sizes of a matrix [out, in]. */
function forMatrix(name: string, make: (out: number, inner: number) => Initializer): Initializer {
  return (p) => {
    const { out, inner } = expectShape(p.shape, ["out", "inner"], `init.${name}`);
    make(out, inner)(p);
  };
}
