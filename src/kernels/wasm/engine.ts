import type { Engine, Pointer, UpdateBase } from "../engine.ts";
import { WasmSteps } from "./steps.ts";
import { tileOf } from "./variants.ts";

export type { WasmOptions } from "./memory.ts";

/** The sums of `Engine` in WebAssembly, in single precision. */
export class WasmEngine extends WasmSteps implements Engine {
  get name(): string {
    return `wasm ${this.variant} ${tileOf(this.variant)}`;
  }

  sgd(
    u: UpdateBase & { momentum: number; dampening: number; nesterov: boolean; first: boolean; v: Pointer },
  ): void {
    const { n, p, g, v, scale, limit, lr, weightDecay, momentum } = u;
    if (momentum === 0) this.update("sgd", 2, [n, p, g, scale, limit, lr, weightDecay]);
    else {
      const take = 1 - u.dampening;
      const [first, nesterov] = [u.first ? 1 : 0, u.nesterov ? 1 : 0];
      const args = [n, p, g, v, scale, limit, lr, weightDecay, momentum, take, first, nesterov];
      this.update("sgdMomentum", 3, args);
    }
  }

  adagrad(u: UpdateBase & { eps: number; s: Pointer }): void {
    this.update("adagrad", 3, [u.n, u.p, u.g, u.s, u.scale, u.limit, u.lr, u.weightDecay, u.eps]);
  }

  rmsprop(u: UpdateBase & { alpha: number; momentum: number; eps: number; s: Pointer; v: Pointer }): void {
    const { n, p, g, s, v, scale, limit, lr, weightDecay, alpha, momentum, eps } = u;
    const args = [n, p, g, s, v, scale, limit, lr, weightDecay, alpha, 1 - alpha, momentum, eps];
    this.update("rmsprop", 4, args);
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
    const { n, p, g, m, v, scale, limit, lr, beta1, beta2, eps } = u;
    const decay = u.decoupled ? 0 : u.weightDecay;
    const shrink = u.decoupled ? 1 - lr * u.weightDecay : 1;
    const step = lr / (1 - beta1 ** u.t);
    const spread = 1 / Math.sqrt(1 - beta2 ** u.t);
    const args = [
      n,
      p,
      g,
      m,
      v,
      scale,
      limit,
      decay,
      shrink,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      step,
      spread,
      eps,
    ];
    this.update("adam", 4, args);
  }
}
