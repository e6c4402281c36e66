import type { TypedArray } from "../array/ndarray.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import { type Hyperparameters, moment, Optimizer, type Params, type Slot } from "./optimizer.ts";

type Options<K extends keyof Hyperparameters> = Pick<Hyperparameters, "lr" | "weightDecay" | K>;
export type SGDOptions = Options<"momentum" | "dampening" | "nesterov">;
export type AdagradOptions = Options<"lrDecay" | "eps">;
export type RMSpropOptions = Options<"alpha" | "momentum" | "eps">;
export type AdamOptions = Options<"beta1" | "beta2" | "eps">;

/**
 * Stochastic gradient descent: v ← μ v + (1 − dampening) g, p ← p − lr v; with Nesterov p ← p − lr (g + μ v).
 * The first velocity is g itself.
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Params<SGDOptions>, options: { lr: number } & Partial<SGDOptions>) {
    super(params, { lr: Number.NaN, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false }, options);
  }

  protected override validate(group: SGDOptions & { params: readonly Tensor[] }): void {
    super.validate(group);
    if (group.nesterov && (group.momentum === 0 || group.dampening !== 0)) {
      throw new ArgumentError(`${this.label}: nesterov needs a momentum above 0 and no dampening`);
    }
  }

  protected update(p: TypedArray, g: TypedArray, slot: Slot, h: SGDOptions): void {
    const first = !slot.velocity;
    const v = h.momentum === 0 ? null : moment(slot, "velocity", p.length);
    for (let i = 0; i < p.length; i++) {
      let change = g[i] + h.weightDecay * p[i];
      if (v) {
        v[i] = first ? change : h.momentum * v[i] + (1 - h.dampening) * change;
        change = h.nesterov ? change + h.momentum * v[i] : v[i];
      }
      p[i] -= h.lr * change;
    }
  }
}

/** Adagrad (Duchi, Hazan & Singer 2011): s ← s + g², p ← p − lr g / (√s + ε). */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(params, { lr: 0.01, lrDecay: 0, weightDecay: 0, eps: 1e-10 }, options);
  }

  protected update(p: TypedArray, g: TypedArray, slot: Slot, h: AdagradOptions): void {
    const s = moment(slot, "sumOfSquares", p.length);
    const lr = h.lr / (1 + (slot.step - 1) * h.lrDecay);
    for (let i = 0; i < p.length; i++) {
      const grad = g[i] + h.weightDecay * p[i];
      s[i] += grad * grad;
      p[i] -= (lr * grad) / (Math.sqrt(s[i]) + h.eps);
    }
  }
}

/** RMSprop (Hinton 2012): s ← α s + (1 − α) g², p ← p − lr g / (√s + ε). */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(params, { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0 }, options);
  }

  protected update(p: TypedArray, g: TypedArray, slot: Slot, h: RMSpropOptions): void {
    const s = moment(slot, "meanOfSquares", p.length);
    const v = h.momentum === 0 ? null : moment(slot, "velocity", p.length);
    for (let i = 0; i < p.length; i++) {
      const grad = g[i] + h.weightDecay * p[i];
      s[i] = h.alpha * s[i] + (1 - h.alpha) * grad * grad;
      let change = grad / (Math.sqrt(s[i]) + h.eps);
      if (v) change = v[i] = h.momentum * v[i] + change;
      p[i] -= h.lr * change;
    }
  }
}

/**
 * Adam (Kingma & Ba 2015): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
 * p ← p − lr m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). weightDecay is an L2 penalty in the gradient.
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 }, options);
  }

  protected update(p: TypedArray, g: TypedArray, slot: Slot, h: AdamOptions): void {
    const m = moment(slot, "mean", p.length);
    const v = moment(slot, "meanOfSquares", p.length);
    const mScale = 1 - h.beta1 ** slot.step;
    const vScale = 1 - h.beta2 ** slot.step;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i] + h.weightDecay * p[i];
      m[i] = h.beta1 * m[i] + (1 - h.beta1) * grad;
      v[i] = h.beta2 * v[i] + (1 - h.beta2) * grad * grad;
      p[i] -= (h.lr * (m[i] / mScale)) / (Math.sqrt(v[i] / vScale) + h.eps);
    }
  }
}

/** AdamW (Loshchilov & Hutter 2019): Adam with p ← p − lr · weightDecay · p beside the gradient step; default 0.01. */
export class AdamW extends Adam {
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }

  protected override update(p: TypedArray, g: TypedArray, slot: Slot, h: AdamOptions): void {
    for (let i = 0; i < p.length; i++) p[i] -= h.lr * h.weightDecay * p[i];
    super.update(p, g, slot, { ...h, weightDecay: 0 });
  }
}
