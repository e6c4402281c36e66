import { zip } from "../array/elementwise.ts";
import { expectInRange, generate } from "../array/ndarray.ts";
import { reshape } from "../array/shape.ts";
import { named } from "../autograd/define.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, DataError, describe, expectNumber, expectShape, formatShape } from "../errors.ts";
import { abs, div, mul, neg, softplus, square, sub, where } from "./elementwise.ts";
import { logSoftmax, mean, sum } from "./reduce.ts";

/** How the losses of many rows become one: their mean, their sum, or all of them. */
export type Reduction = "mean" | "sum" | "none";

/** Options of all losses. */
export interface LossOptions {
  /** "mean" is the default. */
  reduction?: Reduction;
}

/** Options of losses over classes. */
export interface ClassLossOptions extends LossOptions {
  /** Rows with this target count nothing. */
  ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** A weight per class [C]. "mean" divides by the total weight of the rows that are not ignored. */
  classWeight?: Tensor;
  /** ε: the target becomes (1 − ε) one-hot + ε/C (Szegedy et al. 2016). 0 ≤ ε ≤ 1. */
  labelSmoothing?: number;
}

/** A loss of scores [B, C] and classes [B]. */
export type ClassLoss<O> = (x: Tensor, target: Tensor, options?: O) => Tensor;

/**
 * Cross-entropy of softmax(logits) against target classes, in nats: −ln softmax(x)_z = lse(x) − x_z per row.
 * logits [N, C] (or [C]; or [N, C, d…] with targets [N, d…]), targets int32 [N].
 * Its gradient is (p − y) ⊙ dy: softmax minus one-hot.
 * @throws {IndexError} for a target outside 0 … C − 1. @throws {DataError} if every target is ignored under "mean".
 */
export const crossEntropy: ClassLoss<CrossEntropyOptions> = (x, target, options) =>
  named("crossEntropy", () => classLoss(logSoftmax(x, classDim(x)), target, options));

/** Negative log-likelihood of log-probabilities: −Σ x_{r,zᵣ}, reduced. logProbs [N, C] (or [C]), target [N]. */
export const nllLoss: ClassLoss<ClassLossOptions> = (x, target, options) =>
  named("nllLoss", () => classLoss(x, target, options));

const classDim = ({ ndim }: Tensor) => (ndim === 1 ? 0 : 1);

/** −Σ_c q_c x_c per row of log-probabilities x, reduced; q is the target's distribution over the classes. */
function classLoss(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { reduction = "mean", ignoreIndex, classWeight, labelSmoothing = 0 } = options;
  const dim = classDim(x);
  const C = x.shape[dim];
  const kind = target?.dtype ?? describe(target);
  if (kind !== "int32") throw new ArgumentError(`targets must be int32, got ${kind}`);
  expectShape(target.shape, x.shape.toSpliced(dim, 1), `targets for input ${formatShape(x.shape)}`);
  expectInRange(target.data, C, "target", ignoreIndex);
  expectNumber(labelSmoothing, "labelSmoothing", { min: 0, max: 1 });
  if (classWeight?.requiresGrad) throw new ArgumentError("classWeight gets no gradient: detach() it");
  if (classWeight) expectShape(classWeight.shape, [C], "classWeight");
  const weights = classWeight?.data;
  const weightOf = (c: number) => (weights ? weights[c] : 1);
  const alongClasses = x.shape.map((n, d) => (d === dim ? n : 1));
  const classes = generate(alongClasses, "int32", (c) => c);
  const targets = reshape(target.value, x.shape.with(dim, 1));
  const share = (c: number, z: number) => {
    if (z === ignoreIndex) return 0;
    return ((c === z ? 1 - labelSmoothing : 0) + labelSmoothing / C) * weightOf(c);
  };
  const q = new Tensor(zip(classes, targets, share, x.dtype));
  // An impossible class (x = −∞) that the target gives no weight costs nothing, not 0 · ∞.
  const losses = neg(sum(where(q, mul(q, x), 0), { dim }));
  if (reduction !== "mean") return reduced(losses, reduction);
  let total = 0;
  for (const z of target.data) if (z !== ignoreIndex) total += weightOf(z);
  if (total === 0 && target.size > 0) throw new DataError("every target is ignored: there is no mean");
  return div(sum(losses), total);
}

function reduced(losses: Tensor, reduction: Reduction): Tensor {
  const reduce = { mean, sum, none: (x: Tensor) => x }[reduction];
  if (reduce) return reduce(losses);
  throw new ArgumentError(`reduction must be "mean", "sum" or "none", got ${describe(reduction)}`);
}

/** A loss of values and targets of one shape. */
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
