import type * as ops from "../ops/index.ts";
import type { Tensor } from "./tensor.ts";

type Ops = Omit<typeof ops, "cat" | "stack" | "slice" | "variance">;
type AsMethod<F> = F extends (x: never, ...args: infer A) => infer R ? (...args: A) => R : never;
type OpMethods = { [K in keyof Ops]: AsMethod<Ops[K]> };

/** Every op that takes a tensor first is a method too: `x.name(…)` is `ops.name(x, …)`. Three have a form of their own. */
export interface TensorMethods extends OpMethods {
  /** Python's basic slicing: `x.slice(null, [0, 2])` is `ops.slice(x, [null, [0, 2]])`. */
  slice(...ranges: ops.Range[]): Tensor;
  /** The variance, `ops.variance`. */
  var(options?: ops.VarianceOptions): Tensor;
  /** The transpose of a matrix. @throws {ShapeError} for any other number of dimensions. */
  t(): Tensor;
}
