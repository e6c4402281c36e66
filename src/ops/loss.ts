import { allocate, expectInRange, NDArray, type TypedArray } from "../array/ndarray.ts";
import { fromRows, planReduction, toRows } from "../array/reduce.ts";
import { below, defineOp, named, on } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, DataError, describe, expectNumber, expectShape, formatShape } from "../errors.ts";
import { logSumExp } from "../kernels/rows.ts";
import { abs, div, mul, softplus, square, sub } from "./elementwise.ts";
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

const oneHot = (c: number, z: number) => (c === z ? 1 : 0);

/**
 * Cross-entropy of softmax(logits) against target classes, in nats: −ln softmax(x)_z = lse(x) − x_z per row.
 * logits [N, C] (or [C]; or [N, C, d…] with targets [N, d…]), targets int32 [N].
 * Its gradient is (p − y) ⊙ dy: softmax minus one-hot.
 * @throws {IndexError} for a target outside 0 … C − 1. @throws {DataError} if every target is ignored under "mean".
 */
export const crossEntropy: ClassLoss<CrossEntropyOptions> = classLoss(
  "crossEntropy",
  "L = Σ_c q_c (lse(x) − x_c) per row, q the target; dx = (softmax(x) − q) dL",
  logSumExp,
);

/** Negative log-likelihood of log-probabilities: −Σ x_{r,zᵣ}, reduced. logProbs [N, C] (or [C]), target [N]. */
export const nllLoss: ClassLoss<ClassLossOptions> = classLoss(
  "nllLoss",
  "L = −Σ_c q_c x_c per row, q the target; dx = −q dL",
  null,
);

export type ClassLoss<O> = (x: Tensor, target: Tensor, options?: O) => Tensor;
type RowOptions = Pick<CrossEntropyOptions, "ignoreIndex"> & { q: (c: number, z: number) => number };

/** Both losses over classes. Log-probabilities are normalised already: their `norm` is null, and counts as 0. */
function classLoss(
  name: string,
  formula: string,
  norm: ((row: TypedArray) => number) | null,
): ClassLoss<CrossEntropyOptions> {
  const lossOfRows = defineOp<[NDArray, NDArray], [RowOptions]>({
    name,
    formula,
    inputs: { x: "float", targets: "int32" },
    forward(x, targets, { ignoreIndex, q }) {
      const { shape, dtype } = x;
      const plan = planReduction(shape, { dim: shape.length === 1 ? 0 : 1 });
      expectShape(targets.shape, plan.outShape, `targets for input ${formatShape(shape)}`);
      const C = plan.count;
      const rows = toRows(x, plan);
      const z = targets.flat();
      expectInRange(z, C, "target", ignoreIndex);
      const norms = new Float64Array(z.length);
      const losses = allocate(dtype, z.length);
      for (let r = 0; r < z.length; r++) {
        if (z[r] === ignoreIndex) continue;
        const row = rows.subarray(r * C, (r + 1) * C);
        norms[r] = norm ? norm(row) : 0;
        let loss = 0;
        // An impossible class (x = −∞) that the target gives no weight costs nothing.
        for (let c = 0; c < C; c++) if (q(c, z[r]) !== 0) loss += q(c, z[r]) * (norms[r] - row[c]);
        losses[r] = loss;
      }
      const pull = (dy: NDArray) => {
        const up = dy.flat();
        const dx = allocate(dtype, rows.length);
        for (let r = 0; r < z.length; r++) {
          if (z[r] === ignoreIndex) continue;
          let mass = 0; // Σ q: 1, unless classes have weights
          if (norm) for (let c = 0; c < C; c++) mass += q(c, z[r]);
          for (let c = 0; c < C; c++) {
            const p = norm ? Math.exp(rows[r * C + c] - norms[r]) * mass : 0;
            dx[r * C + c] = up[r] * (p - q(c, z[r]));
          }
        }
        return fromRows(dx, shape, plan);
      };
      return [new NDArray(losses, targets.shape), [pull, null]];
    },
    samples: [
      on([4, 3], below(3, 4)).with({ q: oneHot }),
      on([1], below(1)).with({ q: oneHot }),
      on([2, 3, 2], below(3, 2, 2)).with({ q: (c, z) => (c === z ? 1 : 0.1 * c), ignoreIndex: 1 }),
      on([0, 3], below(3, 0)).with({ q: oneHot }),
    ],
  });
  return (x, target, { reduction = "mean", ignoreIndex, classWeight, labelSmoothing = 0 } = {}) =>
    named(name, () => {
      const C = x.shape[x.ndim === 1 ? 0 : 1];
      expectNumber(labelSmoothing, "labelSmoothing", { min: 0, max: 1 });
      if (classWeight?.requiresGrad) throw new ArgumentError("classWeight gets no gradient: detach() it");
      if (classWeight) expectShape(classWeight.shape, [C], "classWeight");
      const weights = classWeight?.data;
      const weightOf = (c: number) => (weights ? weights[c] : 1);
      const q = (c: number, z: number) =>
        ((c === z ? 1 - labelSmoothing : 0) + labelSmoothing / C) * weightOf(c);
      const losses = lossOfRows(x, target, { ignoreIndex, q });
      if (reduction !== "mean") return reduced(losses, reduction);
      let total = 0;
      for (const z of target.data) if (z !== ignoreIndex) total += weightOf(z);
      if (total === 0 && target.size > 0) throw new DataError("every target is ignored: there is no mean");
      return div(sum(losses), total);
    });
}

function reduced(losses: Tensor, reduction: Reduction): Tensor {
  const reduce = { mean, sum, none: (x: Tensor) => x }[reduction];
  if (reduce) return reduce(losses);
  throw new ArgumentError(`reduction must be "mean", "sum" or "none", got ${describe(reduction)}`);
}

export type ElementLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** A loss between two tensors of one shape: a silent broadcast is nearly always a mistake here. */
function elementLoss(name: string, loss: (x: Tensor, target: Tensor) => Tensor): ElementLoss {
  return (x, target, { reduction = "mean" } = {}) =>
    named(name, () => {
      expectShape(target.shape, x.shape, "target");
      return reduced(loss(x, target), reduction);
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
