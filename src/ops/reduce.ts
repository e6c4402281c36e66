import { broadcastTo, map, unbroadcast, zip } from "../array/elementwise.ts";
import { allocate, type NDArray, type TypedArray } from "../array/ndarray.ts";
import {
  argmaxRow,
  fromRows,
  logSumExpRow,
  maxRow,
  planReduction,
  type ReduceOptions,
  type Reduction,
  reduceRows,
  toRows,
} from "../array/reduce.ts";
import { reshape } from "../array/shape.ts";
import { defineOp, expectFloat, type Sample, type TensorLike } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, formatShape, IndexError } from "../errors.ts";
import { sqrt } from "./elementwise.ts";

export type { ReduceOptions } from "../array/reduce.ts";
export type Reduce = (x: TensorLike, options?: ReduceOptions) => Tensor;

const samples: Sample<[ReduceOptions?]>[] = [
  { inputs: [[]] },
  { inputs: [[2, 3]] },
  { inputs: [[2, 3]], attrs: [{ dim: 0 }] },
  { inputs: [[2, 3]], attrs: [{ dim: -1, keepdim: true }] },
  { inputs: [[2, 3, 2]], attrs: [{ dim: [0, 2] }] },
  { inputs: [[1, 3]], attrs: [{ dim: 0 }] },
  { inputs: [[0, 3]], attrs: [{ dim: 1 }] },
];
/** A reduction over nothing has a sum, but no mean and no maximum. */
const nonEmpty = samples;

/** dy, of the reduced shape, as a view stretched back to the shape of x: each element of x was used once. */
function stretch(dy: NDArray, plan: Reduction, shape: readonly number[]): NDArray {
  return broadcastTo(reshape(dy, plan.keptShape), shape);
}

/** y = Σ x over the given dimensions (all by default), summed in double precision. */
export const sum: Reduce = defineOp<[NDArray], [ReduceOptions?]>({
  name: "sum",
  formula: "y = Σ x",
  derivative: "dx = dy, stretched",
  inputs: 1,
  forward(x, options) {
    expectFloat(x);
    const plan = planReduction(x, options);
    const shape = x.shape;
    return [reshape(unbroadcast(x, plan.keptShape), plan.outShape), (dy) => [stretch(dy, plan, shape)]];
  },
  samples: [...samples, { inputs: [[2, 0]], attrs: [{ dim: 1 }] }],
});

/** y = Σ x / n over the given dimensions; NaN for n = 0. */
export const mean: Reduce = defineOp<[NDArray], [ReduceOptions?]>({
  name: "mean",
  formula: "y = Σ x / n",
  derivative: "dx = dy / n, stretched",
  inputs: 1,
  forward(x, options) {
    expectFloat(x);
    const plan = planReduction(x, options);
    const shape = x.shape;
    const total = reshape(unbroadcast(x, plan.keptShape), plan.outShape);
    return [
      map(total, (v) => v / plan.count),
      (dy) => [
        stretch(
          map(dy, (v) => v / plan.count),
          plan,
          shape,
        ),
      ],
    ];
  },
  samples: nonEmpty,
});

function extremum(
  name: string,
  formula: string,
  row: (data: TypedArray, start: number, count: number) => number,
): Reduce {
  return defineOp<[NDArray], [ReduceOptions?]>({
    name,
    formula,
    derivative: "dx = dy where x = y, shared equally among ties",
    inputs: 1,
    forward(x, options) {
      expectFloat(x);
      const plan = planReduction(x, options);
      expectSomething(x, plan);
      const y = reduceRows(x, plan, row);
      return [
        y,
        (dy) => {
          const hit = zip(x, reshape(y, plan.keptShape), (x, y) => (x === y ? 1 : 0));
          const share = zip(reshape(dy, plan.keptShape), unbroadcast(hit, plan.keptShape), (dy, n) => dy / n);
          return [zip(hit, share, (hit, share) => hit * share)];
        },
      ];
    },
    samples: nonEmpty,
  });
}

/** y = max x over the given dimensions. @throws {IndexError} for an empty one. */
export const amax: Reduce = extremum("amax", "y = max x", maxRow);

/** y = min x over the given dimensions. @throws {IndexError} for an empty one. */
export const amin: Reduce = extremum("amin", "y = min x", (data, start, count) => {
  let min = Infinity;
  for (let i = start; i < start + count && !Number.isNaN(min); i++) if (!(data[i] >= min)) min = data[i];
  return min;
});

/** Index of the first largest element along `dim` (of the flattened tensor when left out), as int32. */
export const argmax: (x: TensorLike, options?: { dim?: number; keepdim?: boolean }) => Tensor = defineOp<
  [NDArray],
  [{ dim?: number; keepdim?: boolean }?]
>({
  name: "argmax",
  formula: "y = index of max x",
  derivative: "",
  inputs: 1,
  forward(x, options) {
    const plan = planReduction(x, options);
    expectSomething(x, plan);
    return [reduceRows(x, plan, argmaxRow, "int32"), null];
  },
  samples: [{ inputs: [[2, 3]] }, { inputs: [[2, 3]], attrs: [{ dim: 1 }] }],
});

function expectSomething(x: NDArray, plan: Reduction): void {
  if (plan.count === 0)
    throw new IndexError(`nothing to reduce: dimension ${plan.dims} of ${formatShape(x.shape)} is empty`);
}

/** y = ln Σ exp x over the given dimensions, without overflow. */
export const logsumexp: Reduce = defineOp<[NDArray], [ReduceOptions?]>({
  name: "logsumexp",
  formula: "y = ln Σ exp x",
  derivative: "dx = dy ⊙ exp(x − y)",
  inputs: 1,
  forward(x, options) {
    expectFloat(x);
    const plan = planReduction(x, options);
    const y = reduceRows(x, plan, logSumExpRow);
    return [
      y,
      (dy) => {
        const share = zip(x, reshape(y, plan.keptShape), (x, y) => (y === -Infinity ? 0 : Math.exp(x - y)));
        return [zip(share, reshape(dy, plan.keptShape), (p, dy) => p * dy)];
      },
    ];
  },
  samples: nonEmpty,
});

export interface VarianceOptions extends ReduceOptions {
  /** Divide by n − 1 (true, the default, as PyTorch) or by n. */
  unbiased?: boolean;
}

/** y = Σ (x − x̄)² / (n − 1), or / n with `unbiased: false`. */
export const variance: (x: TensorLike, options?: VarianceOptions) => Tensor = defineOp<
  [NDArray],
  [VarianceOptions?]
>({
  name: "var",
  formula: "y = Σ (x − x̄)² / (n − 1)",
  derivative: "dx = 2 dy ⊙ (x − x̄) / (n − 1)",
  inputs: 1,
  forward(x, options = {}) {
    expectFloat(x);
    const plan = planReduction(x, options);
    const divisor = plan.count - (options.unbiased === false ? 0 : 1);
    const center = map(unbroadcast(x, plan.keptShape), (v) => v / plan.count);
    const deviation = zip(x, center, (x, m) => x - m);
    const total = unbroadcast(
      map(deviation, (v) => v * v),
      plan.keptShape,
    );
    return [
      reshape(
        map(total, (v) => v / Math.max(divisor, 0)),
        plan.outShape,
      ),
      (dy) => [zip(deviation, reshape(dy, plan.keptShape), (d, dy) => (2 * dy * d) / divisor)],
    ];
  },
  samples: [
    { inputs: [[2, 3]] },
    { inputs: [[3, 2]], attrs: [{ dim: 0 }] },
    { inputs: [[2, 3]], attrs: [{ dim: -1, keepdim: true, unbiased: false }] },
    { inputs: [[2, 1]], attrs: [{ dim: 1, unbiased: false }] },
    { inputs: [[2, 3, 2]], attrs: [{ dim: [0, 2] }] },
  ],
});

const softmaxSamples: Sample<[number]>[] = [
  { inputs: [[3]], attrs: [0] },
  { inputs: [[2, 3]], attrs: [-1] },
  { inputs: [[2, 3]], attrs: [0] },
  { inputs: [[2, 3, 2]], attrs: [1] },
  { inputs: [[2, 1]], attrs: [1] },
  { inputs: [[0, 3]], attrs: [1] },
];

/** Applies f to each row along `dim`: (row of x, row of y) in place on y. */
function alongDim(
  x: NDArray,
  plan: Reduction,
  f: (x: TypedArray, y: TypedArray, start: number) => void,
): NDArray {
  const rows = toRows(x, plan);
  const out = allocate(x.dtype, rows.length);
  if (plan.count > 0) for (let start = 0; start < rows.length; start += plan.count) f(rows, out, start);
  return fromRows(out, x.shape, plan);
}

/** y = exp(x) / Σ exp(x) along `dim`: positive, sums to 1. */
export const softmax: (x: TensorLike, dim: number) => Tensor = defineOp<[NDArray], [number]>({
  name: "softmax",
  formula: "y = exp x / Σ exp x along dim",
  derivative: "dx = y ⊙ (dy − Σ dy ⊙ y)",
  inputs: 1,
  forward(x, dim) {
    expectFloat(x);
    const plan = planReduction(x, { dim: expectDim(dim) });
    const y = alongDim(x, plan, (x, y, start) => {
      const lse = logSumExpRow(x, start, plan.count);
      for (let i = start; i < start + plan.count; i++) y[i] = Math.exp(x[i] - lse);
    });
    return [
      y,
      (dy) => {
        const dot = unbroadcast(
          zip(dy, y, (dy, y) => dy * y),
          plan.keptShape,
        );
        return [
          zip(
            zip(dy, dot, (dy, dot) => dy - dot),
            y,
            (v, y) => v * y,
          ),
        ];
      },
    ];
  },
  samples: softmaxSamples,
});

/** y = x − ln Σ exp x along `dim`: the logarithm of softmax, without overflow or underflow. */
export const logSoftmax: (x: TensorLike, dim: number) => Tensor = defineOp<[NDArray], [number]>({
  name: "logSoftmax",
  formula: "y = x − ln Σ exp x along dim",
  derivative: "dx = dy − exp(y) ⊙ Σ dy",
  inputs: 1,
  forward(x, dim) {
    expectFloat(x);
    const plan = planReduction(x, { dim: expectDim(dim) });
    const y = alongDim(x, plan, (x, y, start) => {
      const lse = logSumExpRow(x, start, plan.count);
      for (let i = start; i < start + plan.count; i++) y[i] = x[i] - lse;
    });
    return [
      y,
      (dy) => {
        const total = unbroadcast(dy, plan.keptShape);
        return [
          zip(
            dy,
            zip(y, total, (y, total) => Math.exp(y) * total),
            (dy, v) => dy - v,
          ),
        ];
      },
    ];
  },
  samples: softmaxSamples,
});

function expectDim(dim: number | undefined): number {
  if (dim === undefined) throw new ArgumentError("say along which dimension, for example -1 for the last");
  return dim;
}

/** The standard deviation: √var. Its slope at 0 is infinite. */
export function std(x: TensorLike, options?: VarianceOptions): Tensor {
  return sqrt(variance(x, options));
}
