import { allocate, generate, NDArray, sameShape, type TypedArray } from "../array/ndarray.ts";
import { logSumExp } from "../array/reduce.ts";
import { inversePermutation, permute } from "../array/shape.ts";
import { defineOp, named, on } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import {
  ArgumentError,
  AutogradError,
  DataError,
  describe,
  expectNumber,
  formatShape,
  ShapeError,
} from "../errors.ts";
import { abs, mul, softplus, square, sub } from "./elementwise.ts";
import { expectInRange } from "./indexing.ts";
import { mean, sum } from "./reduce.ts";

/** How the losses of many rows become one: their mean, their sum, or all of them. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** "mean" is the default. */
  reduction?: Reduction;
}

export interface ClassLossOptions extends LossOptions {
  /** Rows with this target count nothing. */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends ClassLossOptions {
  /** A weight per class [C]. "mean" divides by the total weight of the rows that are not ignored. */
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
export const crossEntropy: (logits: Tensor, target: Tensor, options?: CrossEntropyOptions) => Tensor =
  classLoss<CrossEntropyOptions>(
    "crossEntropy",
    "L = Σ wᵣ (lse(xᵣ) − x_{r,zᵣ}) / Σ wᵣ",
    "dx = dL (softmax(x) − onehot(z)) w / Σ w",
    logSumExp,
  );

/** Negative log-likelihood of log-probabilities: −Σ x_{r,zᵣ}, reduced. logProbs [N, C] (or [C]), target [N]. */
export const nllLoss: (logProbs: Tensor, target: Tensor, options?: ClassLossOptions) => Tensor =
  classLoss<ClassLossOptions>("nllLoss", "L = −Σ x_{r,zᵣ} / N", "dx = −dL onehot(z) / N", null);

/**
 * Both losses over classes: Σ_c q_c (norm(x) − x_c) per row, where q is the target as a distribution (one-hot, unless
 * it is smoothed or weighted). Log-probabilities are normalised already: their `norm` is null, and counts as 0.
 */
function classLoss<O extends ClassLossOptions>(
  name: string,
  formula: string,
  derivative: string,
  norm: ((row: TypedArray) => number) | null,
): (x: Tensor, target: Tensor, options?: O) => Tensor {
  return defineOp<[NDArray, NDArray], [CrossEntropyOptions?]>({
    name,
    formula,
    derivative,
    inputs: { x: "float", targets: "int32" },
    forward(x, target, { reduction = "mean", ignoreIndex, classWeight, labelSmoothing = 0 } = {}) {
      const { rows, C, unrows } = rowsOfClasses(x, target);
      const { dtype } = x;
      const z = target.flat();
      expectReduction(reduction);
      expectInRange(z, C, "target", ignoreIndex);
      const { weightOf, share } = targetDistribution(C, classWeight, labelSmoothing);
      const norms = new Float64Array(z.length);
      const losses = new Float64Array(z.length);
      let weights = 0;
      for (let r = 0; r < z.length; r++) {
        if (z[r] === ignoreIndex) continue;
        const row = rows.subarray(r * C, (r + 1) * C);
        norms[r] = norm ? norm(row) : 0;
        weights += weightOf(z[r]);
        for (let c = 0; c < C; c++) {
          const q = share(c, z[r]);
          if (q !== 0) losses[r] += q * (norms[r] - row[c]);
        }
      }
      if (reduction === "mean" && weights === 0 && z.length > 0) {
        throw new DataError(
          "every target is ignored (or has weight 0): there is nothing to take the mean of",
        );
      }
      const divisor = reduction === "mean" ? weights : 1;
      const total = losses.reduce((sum, loss) => sum + loss, 0);
      const value =
        reduction === "none"
          ? new NDArray(losses, target.shape).to(dtype)
          : generate([], dtype, () => total / divisor);
      const pull = (dy: NDArray) => {
        const up = dy.flat();
        const dx = allocate(dtype, rows.length);
        for (let r = 0; r < z.length; r++) {
          if (z[r] === ignoreIndex) continue;
          const scale = up[reduction === "none" ? r : 0] / divisor;
          let mass = 0;
          if (norm) for (let c = 0; c < C; c++) mass += share(c, z[r]);
          for (let c = 0; c < C; c++) {
            const p = norm ? Math.exp(rows[r * C + c] - norms[r]) * mass : 0;
            dx[r * C + c] = scale * (p - share(c, z[r]));
          }
        }
        return unrows(dx);
      };
      return [value, [pull, null]];
    },
    samples: [
      on([4, 3], { ids: [4], below: 3 }),
      on([3], { ids: [], below: 3 }),
      on([1, 3], { ids: [1], below: 3 }),
      on([4, 3], { ids: [4], below: 3 }).with({ reduction: "sum" }),
      on([4, 3], { ids: [4], below: 3 }).with({ reduction: "none" }),
      on([2, 3, 2], { ids: [2, 2], below: 3 }),
      on([8, 3], { ids: [8], below: 3 }).with({ ignoreIndex: 1, reduction: "sum" }),
      on([2, 1], { ids: [2], below: 1 }),
      on([0, 3], { ids: [0], below: 3 }).with({ reduction: "sum" }),
    ],
  });
}

/** q_c w_c of the target class z: (1 − ε) where c = z, plus ε/C everywhere, times the weight of c. */
function targetDistribution(C: number, classWeight: Tensor | undefined, smoothing: number) {
  expectNumber(smoothing, "labelSmoothing", { min: 0, max: 1 });
  if (classWeight?.requiresGrad) throw new AutogradError("classWeight gets no gradient here: detach() it");
  if (classWeight && !sameShape(classWeight.shape, [C])) {
    throw new ShapeError(`classWeight ${formatShape(classWeight.shape)} must be [${C}], one per class`);
  }
  const weights = classWeight?.data;
  const weightOf = (c: number) => (weights ? weights[c] : 1);
  const share = (c: number, z: number) => ((c === z ? 1 - smoothing : 0) + smoothing / C) * weightOf(c);
  return { weightOf, share };
}

/** Classes last: [N, C, d…] → rows of C, in the order of the targets [N, d…]. */
function rowsOfClasses(x: NDArray, target: NDArray) {
  const { shape, ndim } = x;
  if (ndim === 0) throw new ShapeError("needs a dimension of classes, got a 0-d tensor");
  const classDim = ndim === 1 ? 0 : 1;
  const wanted = shape.filter((_, d) => d !== classDim);
  if (!sameShape(wanted, target.shape)) {
    const found = formatShape(target.shape);
    throw new ShapeError(`input ${formatShape(shape)} needs targets ${formatShape(wanted)}, got ${found}`);
  }
  const order = [...[...shape.keys()].filter((d) => d !== classDim), classDim];
  const C = shape[classDim];
  return {
    rows: permute(x, order).flat(),
    C,
    unrows: (dx: TypedArray) => permute(new NDArray(dx, [...wanted, C]), inversePermutation(order)),
  };
}

function expectReduction(reduction: Reduction): void {
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new ArgumentError(`reduction must be "mean", "sum" or "none", got ${describe(reduction)}`);
  }
}

export type ElementLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** A loss between two tensors of one shape: a silent broadcast is nearly always a mistake here. */
function elementLoss(name: string, loss: (x: Tensor, target: Tensor) => Tensor): ElementLoss {
  return (x, target, { reduction = "mean" } = {}) =>
    named(name, () => {
      expectReduction(reduction);
      if (!sameShape(x.shape, target.shape)) {
        throw new ShapeError(
          `input ${formatShape(x.shape)} and target ${formatShape(target.shape)} must have the same shape`,
        );
      }
      const losses = loss(x, target);
      return { mean, sum, none: (y: Tensor) => y }[reduction](losses);
    });
}

/** Mean squared error (x − target)². */
export const mseLoss: ElementLoss = elementLoss("mseLoss", (x, target) => square(sub(x, target)));

/** Mean absolute error |x − target|. */
export const l1Loss: ElementLoss = elementLoss("l1Loss", (x, target) => abs(sub(x, target)));

/** Binary cross-entropy of σ(x) against targets in [0, 1]: softplus(x) − target ⊙ x, without overflow. */
export const bceWithLogits: ElementLoss = elementLoss("bceWithLogits", (x, target) => {
  if (target.data.some((t: number) => !(t >= 0 && t <= 1))) {
    throw new ArgumentError("targets must lie in [0, 1]");
  }
  return sub(softplus(x), mul(target, x));
});
