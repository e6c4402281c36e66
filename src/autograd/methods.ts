import type * as ops from "../ops/index.ts";
import type { Tensor } from "./tensor.ts";

/** Ops that are no methods: those whose first argument is no tensor, or one among equals. */
export const functionsOnly = [
  "where",
  "cat",
  "stack",
  "oneHot",
  "embedding",
  "linear",
  "layerNorm",
  "crossEntropy",
  "nllLoss",
  "mseLoss",
  "l1Loss",
  "bceWithLogits",
] as const;

type Ops = Omit<typeof ops, (typeof functionsOnly)[number] | "slice" | "variance">;
type AsMethod<F> = F extends (x: never, ...args: infer A) => infer R ? (...args: A) => R : never;
type OpMethods = { [K in keyof Ops]: AsMethod<Ops[K]> };

/** All other ops as methods: `x.name(…)` is `ops.name(x, …)`; and three with a form of their own. */
export interface TensorMethods extends OpMethods {
  /** Python's basic slicing: `x.slice(null, [0, 2])` is `ops.slice(x, [null, [0, 2]])`. */
  slice(...ranges: ops.Range[]): Tensor;
  /** The variance, `ops.variance`. */
  var(options?: ops.VarianceOptions): Tensor;
  /** The transpose of a matrix. @throws {ShapeError} for any other number of dimensions. */
  t(): Tensor;
}
