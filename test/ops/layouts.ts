import { NDArray } from "../../src/array/ndarray.ts";
import type { Domain, SampleInput } from "../../src/autograd/define.ts";
import { type Generator, Tensor } from "../golden/core.ts";

/** The ways in which the same values can lie in memory. */
export const layouts = ["contiguous", "transposed view", "strided slice"] as const;
export type Layout = (typeof layouts)[number];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** An array of the shape, in the memory layout, with element i (in row-major order) = value(i). */
export function layOut(
  shape: readonly number[],
  layout: Layout,
  make: (size: number) => Float64Array | Float32Array | Int32Array,
  value: (i: number) => number,
): Tensor {
  const strides = new Array<number>(shape.length);
  let step = layout === "strided slice" ? 2 : 1;
  const order = [...shape.keys()];
  if (layout !== "transposed view") order.reverse(); // the last dimension varies fastest
  for (const d of order) {
    strides[d] = step;
    step *= shape[d];
  }
  const offset = layout === "strided slice" ? 3 : 0;
  const data = make(offset + step).fill(Number.NaN); // what lies between the elements must not be read
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < sizeOf(shape); i++) {
    data[index.reduce((place, k, d) => place + k * strides[d], offset)] = value(i);
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return new Tensor(new NDArray(data, shape, strides, offset));
}

/** Random values for an input of a sample. */
export function drawInput(
  input: SampleInput,
  layout: Layout,
  generator: Generator,
  domain: Domain = (u) => u,
): Tensor {
  if ("ids" in input) {
    return layOut(
      input.ids,
      layout,
      (n) => new Int32Array(n),
      () => generator.int(input.below),
    );
  }
  return layOut(
    input,
    layout,
    (n) => new Float64Array(n),
    () => domain(generator.uniform(-2, 2)),
  );
}
