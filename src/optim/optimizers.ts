import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import type { Change } from "../fused/update.ts";
import { adagrad, adam, adamW, type Rule, rmsprop, sgd } from "../fused/update-rules.ts";
import { type Hyperparameters, Optimizer, type Params } from "./optimizer.ts";

type Options<K extends keyof Hyperparameters> = Pick<Hyperparameters, "lr" | "weightDecay" | K>;
type RuleOf<H> = Rule<H> | null;
/** Options of `SGD`. */
export type SGDOptions = Options<"momentum" | "dampening" | "nesterov">;
/** Options of `Adagrad`. */
export type AdagradOptions = Options<"lrDecay" | "eps">;
/** Options of `RMSprop`. */
export type RMSpropOptions = Options<"alpha" | "momentum" | "eps">;
/** Options of `Adam` and `AdamW`. */
export type AdamOptions = Options<"beta1" | "beta2" | "eps">;

/**
 * Stochastic gradient descent: v ← μ v + (1 − dampening) g, p ← p − lr v; with Nesterov p ← p − lr (g + μ v).
 * The first velocity is g itself.
 */
export class SGD extends Optimizer<SGDOptions> {
  protected override readonly rule: RuleOf<SGDOptions> = this.own(SGD.prototype.update, sgd);

  constructor(params: Params<SGDOptions>, options: { lr: number } & Partial<SGDOptions>) {
    super(params, { lr: Number.NaN, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false }, options);
  }

  protected override validate(group: SGDOptions & { params: readonly Tensor[] }): void {
    super.validate(group);
    if (group.nesterov && (group.momentum === 0 || group.dampening !== 0)) {
      throw new ArgumentError(`${this.label}: nesterov needs a momentum above 0 and no dampening`);
    }
  }

  protected override moments(h: SGDOptions): readonly string[] {
    return h.momentum === 0 ? [] : ["velocity"];
  }

  protected override update({ p, g, moments: [v], fresh }: Change, h: SGDOptions): void {
    for (let i = 0; i < p.length; i++) {
      let change = g[i] + h.weightDecay * p[i];
      if (v) {
        v[i] = fresh ? change : h.momentum * v[i] + (1 - h.dampening) * change;
        change = h.nesterov ? change + h.momentum * v[i] : v[i];
      }
      p[i] -= h.lr * change;
    }
  }
}

/** Adagrad (Duchi, Hazan & Singer 2011): s ← s + g², p ← p − lr g / (√s + ε). */
export class Adagrad extends Optimizer<AdagradOptions> {
  protected override readonly rule: RuleOf<AdagradOptions> = this.own(Adagrad.prototype.update, adagrad);

  constructor(params: Params<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(params, { lr: 0.01, lrDecay: 0, weightDecay: 0, eps: 1e-10 }, options);
  }

  protected override moments(): readonly string[] {
    return ["sumOfSquares"];
  }

  protected override update({ p, g, moments: [s], step }: Change, h: AdagradOptions): void {
    const lr = h.lr / (1 + (step - 1) * h.lrDecay);
    for (let i = 0; i < p.length; i++) {
      const grad = g[i] + h.weightDecay * p[i];
      s[i] += grad * grad;
      p[i] -= (lr * grad) / (Math.sqrt(s[i]) + h.eps);
    }
  }
}

/** RMSprop (Hinton 2012): s ← α s + (1 − α) g², p ← p − lr g / (√s + ε). */
export class RMSprop extends Optimizer<RMSpropOptions> {
  protected override readonly rule: RuleOf<RMSpropOptions> = this.own(RMSprop.prototype.update, rmsprop);

  constructor(params: Params<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(params, { lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0 }, options);
  }

  protected override moments(h: RMSpropOptions): readonly string[] {
    return h.momentum === 0 ? ["meanOfSquares"] : ["meanOfSquares", "velocity"];
  }

  protected override update({ p, g, moments: [s, v] }: Change, h: RMSpropOptions): void {
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
  protected override readonly rule: RuleOf<AdamOptions> = this.own(Adam.prototype.update, adam);

  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 }, options);
  }

  protected override moments(): readonly string[] {
    return ["mean", "meanOfSquares"];
  }

  protected override update({ p, g, moments: [m, v], step }: Change, h: AdamOptions): void {
    const mScale = 1 - h.beta1 ** step;
    const vScale = 1 - h.beta2 ** step;
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
  protected override readonly rule: RuleOf<AdamOptions> = this.own(AdamW.prototype.update, adamW);

  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }

  protected override update(change: Change, h: AdamOptions): void {
    const { p } = change;
    for (let i = 0; i < p.length; i++) p[i] -= h.lr * h.weightDecay * p[i];
    super.update(change, { ...h, weightDecay: 0 });
  }
}
