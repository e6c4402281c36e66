import { map } from "../array/elementwise.ts";
import { allocate, NDArray, type TypedArray } from "../array/ndarray.ts";
import { logSumExpRow } from "../array/reduce.ts";
import { permute } from "../array/shape.ts";
import { defineOp, expectFloat, expectIds } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, DataError, expectNumber, formatShape, IndexError, ShapeError } from "../errors.ts";
import { abs, mul, softplus, square, sub } from "./elementwise.ts";
import { mean, sum } from "./reduce.ts";

/** How the losses of many rows become one: their mean, their sum, or all of them. */
export type Reduction = "mean" | "sum" | "none";

export interface CrossEntropyOptions {
  /** "mean" (default) divides by the total weight of the rows that are not ignored. */
  reduction?: Reduction;
  /** Rows with this target count nothing. */
  ignoreIndex?: number;
  /** A weight per class [C]. */
  classWeight?: Tensor;
  /** ε: the target becomes (1 − ε) one-hot + ε/C (Szegedy et al. 2016). 0 ≤ ε ≤ 1. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of softmax(logits) against target classes, in nats: −ln softmax(x)_z = lse(x) − x_z per row.
 * logits [N, C] (or [C]; or [N, C, d…] with targets [N, d…]), targets int32 [N].
 * Its gradient is (p − y) ⊙ dy: softmax minus one-hot.
 * @throws {IndexError} for a target outside 0 … C − 1. @throws {DataError} if every target is ignored under "mean".
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  if (logits.ndim === 0)
    throw new ShapeError("crossEntropy: logits need a class dimension, got a 0-d tensor");
  return fusedCrossEntropy(logits, target, options);
}

const fusedCrossEntropy = defineOp<[NDArray, NDArray], [CrossEntropyOptions?]>({
  name: "crossEntropy",
  formula: "L = Σ wᵣ (lse(xᵣ) − x_{r,zᵣ}) / Σ wᵣ",
  derivative: "dx = dL (softmax(x) − onehot(z)) w / Σ w",
  inputs: 2,
  forward(logits, target, options = {}) {
    const { reduction = "mean", ignoreIndex, classWeight, labelSmoothing: smooth = 0 } = options;
    expectFloat(logits);
    expectIds(target, "targets");
    expectNumber(smooth, "labelSmoothing", { min: 0, max: 1 });
    const { x, C, toLogitsShape } = rowsOfClasses(logits, target);
    const z = target.flat();
    const w = classWeight?.data;
    if (w && (classWeight.ndim !== 1 || w.length !== C)) {
      throw new ShapeError(`classWeight ${formatShape(classWeight.shape)} must be [${C}], one per class`);
    }
    const lse = new Float64Array(z.length);
    const losses = allocate(logits.dtype, z.length);
    let total = 0;
    let weightSum = 0;
    for (let r = 0; r < z.length; r++) {
      if (z[r] === ignoreIndex) continue;
      if (!(z[r] >= 0 && z[r] < C))
        throw new IndexError(`target ${z[r]} at position ${r} is out of range: must be 0 … ${C - 1}`);
      lse[r] = logSumExpRow(x, r * C, C);
      const loss = rowLoss(x, r * C, C, z[r], lse[r], w, smooth);
      losses[r] = loss;
      total += loss;
      weightSum += w ? w[z[r]] : 1;
    }
    if (reduction === "mean" && weightSum === 0 && z.length > 0) {
      throw new DataError("every target is ignored (or has weight 0): there is nothing to take the mean of");
    }
    const divisor = reduction === "mean" ? weightSum : 1;
    const value =
      reduction === "none" ? new NDArray(losses, target.shape) : scalar(logits.dtype, total / divisor);
    return [
      value,
      (dy) => {
        const up = dy.flat();
        const dx = allocate(logits.dtype, x.length);
        for (let r = 0; r < z.length; r++) {
          if (z[r] === ignoreIndex) continue;
          const scale = up[reduction === "none" ? r : 0] / divisor;
          rowGradient(x, dx, r * C, C, z[r], lse[r], w, smooth, scale);
        }
        return [toLogitsShape(dx), null];
      },
    ];
  },
  samples: [
    { inputs: [[4, 3], { ids: [4], below: 3 }] },
    { inputs: [[3], { ids: [], below: 3 }] },
    { inputs: [[4, 3], { ids: [4], below: 3 }], attrs: [{ reduction: "sum" }] },
    { inputs: [[4, 3], { ids: [4], below: 3 }], attrs: [{ reduction: "none" }] },
    { inputs: [[2, 3, 2], { ids: [2, 2], below: 3 }], attrs: [{ labelSmoothing: 0.2 }] },
    { inputs: [[8, 3], { ids: [8], below: 3 }], attrs: [{ ignoreIndex: 1, reduction: "sum" }] },
    { inputs: [[2, 1], { ids: [2], below: 1 }] },
  ],
});

const scalar = (dtype: NDArray["dtype"], value: number) =>
  map(new NDArray(allocate(dtype, 1), []), () => value);

/** −Σ_c q_c w_c ln p_c for q = (1 − ε) onehot + ε/C. */
function rowLoss(
  x: TypedArray,
  start: number,
  C: number,
  z: number,
  lse: number,
  w: TypedArray | undefined,
  smooth: number,
): number {
  let loss = (1 - smooth) * (w ? w[z] : 1) * (lse - x[start + z]);
  if (smooth > 0) for (let c = 0; c < C; c++) loss += (smooth / C) * (w ? w[c] : 1) * (lse - x[start + c]);
  return loss;
}

/** dx_c = scale · (p_c Σ_k q_k w_k − q_c w_c); without weights and smoothing p − onehot. */
function rowGradient(
  x: TypedArray,
  dx: TypedArray,
  start: number,
  C: number,
  z: number,
  lse: number,
  w: TypedArray | undefined,
  smooth: number,
  scale: number,
): void {
  let mass = (1 - smooth) * (w ? w[z] : 1);
  if (smooth > 0) for (let c = 0; c < C; c++) mass += (smooth / C) * (w ? w[c] : 1);
  for (let c = 0; c < C; c++) {
    const q = (c === z ? 1 - smooth : 0) + smooth / C;
    dx[start + c] = scale * (Math.exp(x[start + c] - lse) * mass - q * (w ? w[c] : 1));
  }
}

/** Classes last: [N, C, d…] → rows of C, in the order of the targets [N, d…]. */
function rowsOfClasses(
  logits: NDArray,
  target: NDArray,
): { x: TypedArray; C: number; toLogitsShape: (dx: TypedArray) => NDArray } {
  const { shape, ndim } = logits;
  const classDim = ndim === 1 ? 0 : 1;
  const want = shape.filter((_, d) => d !== classDim);
  if (want.length !== target.ndim || want.some((n, d) => n !== target.shape[d])) {
    throw new ShapeError(
      `logits ${formatShape(shape)} need targets ${formatShape(want)}, got ${formatShape(target.shape)}`,
    );
  }
  const order = [...shape.keys()].filter((d) => d !== classDim);
  const moved = permute(logits, [...order, classDim]);
  return {
    x: moved.flat(),
    C: shape[classDim],
    toLogitsShape(dx) {
      const back =
        order.length > 1 ? [0, ndim - 1, ...Array.from({ length: ndim - 2 }, (_, i) => i + 1)] : undefined;
      const rows = new NDArray(dx, moved.shape);
      return back ? permute(rows, back) : rows;
    },
  };
}

/** Negative log-likelihood of log-probabilities: −Σ x_{r,zᵣ}, reduced. logProbs [N, C] (or [C]), target [N]. */
export function nllLoss(
  logProbs: Tensor,
  target: Tensor,
  options: { reduction?: Reduction; ignoreIndex?: number } = {},
): Tensor {
  return pickLoss(logProbs, target, options);
}

const pickLoss = defineOp<[NDArray, NDArray], [{ reduction?: Reduction; ignoreIndex?: number }?]>({
  name: "nllLoss",
  formula: "L = −Σ x_{r,zᵣ} / N",
  derivative: "dx = −dL onehot(z) / N",
  inputs: 2,
  forward(logProbs, target, { reduction = "mean", ignoreIndex } = {}) {
    expectFloat(logProbs);
    expectIds(target, "targets");
    const { x, C, toLogitsShape } = rowsOfClasses(logProbs, target);
    const z = target.flat();
    const losses = allocate(logProbs.dtype, z.length);
    let total = 0;
    let count = 0;
    for (let r = 0; r < z.length; r++) {
      if (z[r] === ignoreIndex) continue;
      if (!(z[r] >= 0 && z[r] < C))
        throw new IndexError(`target ${z[r]} at position ${r} is out of range: must be 0 … ${C - 1}`);
      losses[r] = -x[r * C + z[r]];
      total += losses[r];
      count++;
    }
    if (reduction === "mean" && count === 0 && z.length > 0) throw new DataError("every target is ignored");
    const divisor = reduction === "mean" ? count : 1;
    return [
      reduction === "none" ? new NDArray(losses, target.shape) : scalar(logProbs.dtype, total / divisor),
      (dy) => {
        const up = dy.flat();
        const dx = allocate(logProbs.dtype, x.length);
        for (let r = 0; r < z.length; r++) {
          if (z[r] !== ignoreIndex) dx[r * C + z[r]] = -up[reduction === "none" ? r : 0] / divisor;
        }
        return [toLogitsShape(dx), null];
      },
    ];
  },
  samples: [
    { inputs: [[4, 3], { ids: [4], below: 3 }] },
    { inputs: [[4, 3], { ids: [4], below: 3 }], attrs: [{ reduction: "none" }] },
    { inputs: [[8, 3], { ids: [8], below: 3 }], attrs: [{ reduction: "sum", ignoreIndex: 0 }] },
    { inputs: [[3], { ids: [], below: 3 }] },
  ],
});

function reduceLoss(losses: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : mean(losses);
}

function expectSameShape(x: Tensor, target: Tensor, what: string): void {
  if (x.ndim !== target.ndim || x.shape.some((n, d) => n !== target.shape[d])) {
    throw new ShapeError(
      `${what}: input ${formatShape(x.shape)} and target ${formatShape(target.shape)} must have the same shape`,
    );
  }
}

/** Mean squared error (x − target)². Shapes must be equal: a silent broadcast is nearly always a mistake here. */
export function mseLoss(x: Tensor, target: Tensor, options: { reduction?: Reduction } = {}): Tensor {
  expectSameShape(x, target, "mseLoss");
  return reduceLoss(square(sub(x, target)), options.reduction);
}

/** Mean absolute error |x − target|. */
export function l1Loss(x: Tensor, target: Tensor, options: { reduction?: Reduction } = {}): Tensor {
  expectSameShape(x, target, "l1Loss");
  return reduceLoss(abs(sub(x, target)), options.reduction);
}

/** Binary cross-entropy of σ(x) against targets in [0, 1]: softplus(x) − target ⊙ x, without overflow. */
export function bceWithLogits(x: Tensor, target: Tensor, options: { reduction?: Reduction } = {}): Tensor {
  expectSameShape(x, target, "bceWithLogits");
  if (target.data.some((t) => !(t >= 0 && t <= 1)))
    throw new ArgumentError("bceWithLogits: targets must lie in [0, 1]");
  return reduceLoss(sub(softplus(x), mul(target, x)), options.reduction);
}
