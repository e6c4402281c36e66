import type { Engine, Pointer, UpdateBase } from "../engine.ts";
import type { Splittable } from "./exports.ts";
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
    const rest = [u.scale, u.limit, u.lr, u.weightDecay];
    if (u.momentum === 0) this.#update("sgd", u.n, [u.p, u.g], rest);
    else {
      const flags = [u.first ? 1 : 0, u.nesterov ? 1 : 0];
      this.#update("sgdMomentum", u.n, [u.p, u.g, u.v], [...rest, u.momentum, 1 - u.dampening, ...flags]);
    }
  }

  adagrad(u: UpdateBase & { eps: number; s: Pointer }): void {
    this.#update("adagrad", u.n, [u.p, u.g, u.s], [u.scale, u.limit, u.lr, u.weightDecay, u.eps]);
  }

  rmsprop(u: UpdateBase & { alpha: number; momentum: number; eps: number; s: Pointer; v: Pointer }): void {
    const rest = [u.scale, u.limit, u.lr, u.weightDecay, u.alpha, 1 - u.alpha, u.momentum, u.eps];
    this.#update("rmsprop", u.n, [u.p, u.g, u.s, u.v], rest);
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
    const decay = u.decoupled ? 0 : u.weightDecay;
    const shrink = u.decoupled ? 1 - u.lr * u.weightDecay : 1;
    const step = u.lr / (1 - u.beta1 ** u.t);
    const spread = 1 / Math.sqrt(1 - u.beta2 ** u.t);
    const betas = [u.beta1, 1 - u.beta1, u.beta2, 1 - u.beta2];
    const rest = [u.scale, u.limit, decay, shrink, ...betas, step, spread, u.eps];
    this.#update("adam", u.n, [u.p, u.g, u.m, u.v], rest);
  }

  #update(name: Splittable, n: number, blocks: number[], rest: number[]): void {
    this.elements(name, n, [...blocks, ...rest], blocks.length);
  }
}
