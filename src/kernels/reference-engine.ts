import type { Engine, Pointer, UpdateBase } from "./engine.ts";
import { ReferenceSteps } from "./reference-steps.ts";

/**
 * Every sum of `Engine` as it is written in a book: what the fast engines are tested against, and what float64 runs on.
 * Sums over many terms are kept in double precision and rounded once.
 */
export class ReferenceEngine extends ReferenceSteps implements Engine {
  sgd(
    u: UpdateBase & { momentum: number; dampening: number; nesterov: boolean; first: boolean; v: Pointer },
  ): void {
    const x = this.memory;
    for (let i = 0; i < u.n; i++) {
      let change = limited(u, x[u.g + i]) + u.weightDecay * x[u.p + i];
      if (u.momentum !== 0) {
        const v = u.first ? change : u.momentum * x[u.v + i] + (1 - u.dampening) * change;
        x[u.v + i] = v;
        change = u.nesterov ? change + u.momentum * v : v;
      }
      x[u.p + i] -= u.lr * change;
    }
  }

  adagrad(u: UpdateBase & { eps: number; s: Pointer }): void {
    const x = this.memory;
    for (let i = 0; i < u.n; i++) {
      const g = limited(u, x[u.g + i]) + u.weightDecay * x[u.p + i];
      x[u.s + i] += g * g;
      x[u.p + i] -= (u.lr * g) / (Math.sqrt(x[u.s + i]) + u.eps);
    }
  }

  rmsprop(u: UpdateBase & { alpha: number; momentum: number; eps: number; s: Pointer; v: Pointer }): void {
    const x = this.memory;
    for (let i = 0; i < u.n; i++) {
      const g = limited(u, x[u.g + i]) + u.weightDecay * x[u.p + i];
      x[u.s + i] = u.alpha * x[u.s + i] + (1 - u.alpha) * g * g;
      let change = g / (Math.sqrt(x[u.s + i]) + u.eps);
      if (u.momentum !== 0) change = x[u.v + i] = u.momentum * x[u.v + i] + change;
      x[u.p + i] -= u.lr * change;
    }
  }

  adam(
    u: UpdateBase & {
      beta1: number;
      beta2: number;
      eps: number;
      t: number;
      decoupled: boolean;
      m: Pointer;
      v: Pointer;
    },
  ): void {
    const x = this.memory;
    const mScale = 1 - u.beta1 ** u.t;
    const vScale = 1 - u.beta2 ** u.t;
    for (let i = 0; i < u.n; i++) {
      if (u.decoupled) x[u.p + i] -= u.lr * u.weightDecay * x[u.p + i];
      const g = limited(u, x[u.g + i]) + (u.decoupled ? 0 : u.weightDecay * x[u.p + i]);
      const m = (x[u.m + i] = u.beta1 * x[u.m + i] + (1 - u.beta1) * g);
      const v = (x[u.v + i] = u.beta2 * x[u.v + i] + (1 - u.beta2) * g * g);
      x[u.p + i] -= (u.lr * (m / mScale)) / (Math.sqrt(v / vScale) + u.eps);
    }
  }
}

/** The gradient after clipping: scaled, then each element held within ±limit. NaN stays NaN. */
function limited({ scale, limit }: UpdateBase, g: number): number {
  const scaled = scale * g;
  if (scaled > limit) return limit;
  return scaled < -limit ? -limit : scaled;
}
