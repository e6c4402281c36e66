import { broadcastTo, map, unbroadcast, zip } from "../array/elementwise.ts";
import type { NDArray, Shape, TypedArray } from "../array/ndarray.ts";
import type { ReduceOptions, Reduction } from "../array/reduce.ts";
import { planReduction, reduceRows } from "../array/reduce.ts";
import { reshape } from "../array/shape.ts";
import type { Sample, TensorLike } from "../autograd/define.ts";
import { defineOp, named, on } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, formatShape, IndexError } from "../errors.ts";
import { argmaxOf, logSumExp, maxOf, minOf } from "../kernels/rows.ts";
import { div, sqrt, square, sub } from "./elementwise.ts";

export type { ReduceOptions } from "../array/reduce.ts";
/** An op that takes dimensions together. */
export type Reduce = (x: TensorLike, options?: ReduceOptions) => Tensor;
type OneDim = { dim?: number; keepdim?: boolean };

const reduceSamples: readonly Sample<[ReduceOptions?]>[] = [
  on([]),
  on([1]),
  on([2, 3]).with({ dim: 0 }),
  on([2, 3]).with({ dim: -1, keepdim: true }),
  on([2, 3, 2]).with({ dim: [0, 2] }),
  on([0, 3]).with({ dim: 1 }),
];

/**
 * An op that makes one number of many. Its value and its pullback are written with the reduced dimensions kept as
 * size 1, so that they broadcast against x; whether the caller sees them is settled here.
 */
function reduction(
  name: string,
  formula: string,
  forward: (x: NDArray, plan: Reduction) => readonly [NDArray, (dy: NDArray) => NDArray],
  samples: readonly Sample<[ReduceOptions?]>[] = reduceSamples,
): Reduce {
  return defineOp<[NDArray], [ReduceOptions?]>({
    name,
    formula,
    inputs: { x: "float" },
    forward(x, options) {
      const plan = planReduction(x.shape, options);
      const [y, pull] = forward(x, plan);
      return [reshape(y, plan.outShape), [(dy) => pull(reshape(dy, plan.keptShape))]];
    },
    samples,
  });
}

/** y = Σ x over the given dimensions (all by default), summed in double precision. */
export const sum: Reduce = reduction(
  "sum",
  "y = Σ x; dx = dy, stretched: each element was used once",
  (x, { keptShape }) => [unbroadcast(x, keptShape), stretchTo(x.shape)],
  [...reduceSamples, on([2, 0]).with({ dim: 1 })],
);

const stretchTo = (shape: Shape) => (dy: NDArray) => broadcastTo(dy, shape);

/** y = Σ x / n over the given dimensions; NaN for n = 0. */
export const mean: Reduce = reduction("mean", "y = Σ x / n; dx = dy / n, stretched", (x, plan) => {
  const stretch = stretchTo(x.shape);
  const share = (v: number) => v / plan.count;
  return [map(unbroadcast(x, plan.keptShape), share), (dy) => stretch(map(dy, share))];
});

function extremum(name: string, formula: string, extremeOf: (row: TypedArray) => number): Reduce {
  return reduction(name, `${formula}; dx = dy where x = y, shared among ties`, (x, plan) => {
    expectSomething(x, plan);
    const y = reduceRows(x, plan, extremeOf);
    return [
      y,
      (dy) => {
        const hit = zip(x, y, (x, y) => (x === y ? 1 : 0));
        const share = zip(dy, unbroadcast(hit, plan.keptShape), (dy, ties) => dy / ties);
        return zip(hit, share, (hit, share) => hit * share);
      },
    ];
  });
}

/** y = max x over the given dimensions; NaN if there is one. @throws {IndexError} for an empty one. */
export const amax: Reduce = extremum("amax", "y = max x", maxOf);

/** y = min x over the given dimensions; NaN if there is one. @throws {IndexError} for an empty one. */
export const amin: Reduce = extremum("amin", "y = min x", minOf);

/** Index of the first largest element along `dim` (of the flattened tensor when left out), as int32. */
export const argmax: (x: TensorLike, options?: OneDim) => Tensor = defineOp<[NDArray], [OneDim?]>({
  name: "argmax",
  formula: "y = index of max x",
  inputs: { x: "any" },
  forward(x, options) {
    const plan = planReduction(x.shape, options);
    expectSomething(x, plan);
    return [reshape(reduceRows(x, plan, argmaxOf, "int32"), plan.outShape), null];
  },
  samples: [on([2, 3]), on([2, 3]).with({ dim: 1 })],
});

function expectSomething(x: NDArray, plan: Reduction): void {
  if (plan.count > 0) return;
  throw new IndexError(`nothing to reduce in dimensions ${plan.dims} of shape ${formatShape(x.shape)}`);
}

/** y = ln Σ exp x over the given dimensions, without overflow. */
export const logsumexp: Reduce = reduction("logsumexp", "y = ln Σ eˣ; dx = exp(x − y) ⊙ dy", (x, plan) => {
  const y = reduceRows(x, plan, logSumExp);
  return [
    y,
    (dy) => {
      const share = zip(x, y, (x, y) => (y === -Infinity ? 0 : Math.exp(x - y)));
      return zip(share, dy, (p, dy) => p * dy);
    },
  ];
});

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Divide by n − 1 (true, the default, as PyTorch) or by n. */
  unbiased?: boolean;
}

/** y = Σ (x − x̄)² / (n − 1), or / n with `unbiased: false`; NaN for too few elements. */
export function variance(x: Tensor, { unbiased = true, ...options }: VarianceOptions = {}): Tensor {
  return named("var", () => {
    const { count } = planReduction(x.shape, options);
    const deviation = sub(x, mean(x, { dim: options.dim, keepdim: true }));
    return div(sum(square(deviation), options), Math.max(0, count - (unbiased ? 1 : 0)));
  });
}

/** The standard deviation: √var. Its slope at 0 is infinite. */
export function std(x: Tensor, options?: VarianceOptions): Tensor {
  return named("std", () => sqrt(variance(x, options)));
}

/** An op on x and ln Σ exp x along one dimension; its gradient needs the result and sums along that dimension. */
function normalization(
  name: string,
  formula: string,
  f: (x: number, lse: number) => number,
  back: (dy: NDArray, y: NDArray, total: (v: NDArray) => NDArray) => NDArray,
): (x: TensorLike, dim: number) => Tensor {
  return defineOp<[NDArray], [number]>({
    name,
    formula,
    inputs: { x: "float" },
    forward(x, dim) {
      if (dim === undefined) throw new ArgumentError("say along which dimension: -1 for the last");
      const plan = planReduction(x.shape, { dim });
      const y = zip(x, reduceRows(x, plan, logSumExp, "float64"), f);
      return [y, [(dy) => back(dy, y, (v) => unbroadcast(v, plan.keptShape))]];
    },
    samples: [on([2, 3]).with(-1), on([1]).with(0), on([2, 3, 2]).with(1), on([0, 3]).with(1)],
  });
}

/** y = exp(x) / Σ exp(x) along `dim`: positive, sums to 1. */
export const softmax: (x: TensorLike, dim: number) => Tensor = normalization(
  "softmax",
  "y = exp x / Σ exp x along dim; dx = y ⊙ (dy − Σ dy ⊙ y)",
  (x, lse) => Math.exp(x - lse),
  (dy, y, total) => {
    const mean = total(zip(dy, y, (dy, p) => dy * p, "float64"));
    return zip(
      y,
      zip(dy, mean, (dy, mean) => dy - mean, "float64"),
      (p, excess) => p * excess,
    );
  },
);

/** y = x − ln Σ exp x along `dim`: the logarithm of softmax, without overflow or underflow. */
export const logSoftmax: (x: TensorLike, dim: number) => Tensor = normalization(
  "logSoftmax",
  "y = x − ln Σ exp x along dim; dx = dy − exp(y) ⊙ Σ dy",
  (x, lse) => x - lse,
  (dy, y, total) =>
    zip(
      dy,
      zip(y, total(dy), (y, sum) => Math.exp(y) * sum, "float64"),
      (dy, share) => dy - share,
    ),
);
