import type { Engine, Pointer, UpdateBase } from "../kernels/engine.ts";

/** An update rule as an engine runs it, on a part of a parameter in engine memory. */
export interface Rule<H> {
  run(
    engine: Engine,
    part: UpdateBase,
    moments: readonly Pointer[],
    turn: { readonly step: number; readonly fresh: boolean },
    hyper: H,
  ): void;
  /**
   * Whether an element whose gradient is 0 keeps its value and its moments, so that rows without a gradient need not be
   * touched. True without momentum and weight decay, and for Adagrad without weight decay (with ε > 0: else the first
   * zero makes 0/0). Adam and RMSprop change their moments by a gradient of 0 too.
   */
  skipsZeros?(hyper: H): boolean;
}

/** The options of a rule: what the engine is told, but for where things stand. */
type OptionsOf<K extends "sgd" | "adagrad" | "rmsprop" | "adam"> = { weightDecay: number } & Omit<
  Parameters<Engine[K]>[0],
  keyof UpdateBase | "first" | "t" | "decoupled" | "s" | "m" | "v"
>;

// Written out field by field: a spread costs more than the update of a small parameter.

export const sgd: Rule<OptionsOf<"sgd">> = {
  run(engine, { n, p, g, scale, limit, lr, weightDecay }, [v], { fresh }, hyper) {
    const { momentum, dampening, nesterov } = hyper;
    engine.sgd({ n, p, g, scale, limit, lr, weightDecay, momentum, dampening, nesterov, first: fresh, v });
  },
  skipsZeros: ({ momentum, weightDecay }) => momentum === 0 && weightDecay === 0,
};

export const adagrad: Rule<OptionsOf<"adagrad"> & { lrDecay: number }> = {
  run(engine, { n, p, g, scale, limit, lr, weightDecay }, [s], { step }, { eps, lrDecay }) {
    const decayed = lr / (1 + (step - 1) * lrDecay);
    engine.adagrad({ n, p, g, scale, limit, lr: decayed, weightDecay, eps, s });
  },
  skipsZeros: ({ weightDecay, eps }) => weightDecay === 0 && eps > 0,
};

export const rmsprop: Rule<OptionsOf<"rmsprop">> = {
  run(engine, { n, p, g, scale, limit, lr, weightDecay }, [s, v], _, { alpha, momentum, eps }) {
    engine.rmsprop({ n, p, g, scale, limit, lr, weightDecay, alpha, momentum, eps, s, v });
  },
};

function runAdam(decoupled: boolean): Rule<OptionsOf<"adam">> {
  return {
    run(engine, { n, p, g, scale, limit, lr, weightDecay }, [m, v], { step: t }, { beta1, beta2, eps }) {
      engine.adam({ n, p, g, scale, limit, lr, weightDecay, beta1, beta2, eps, t, decoupled, m, v });
    },
  };
}

export const adam: Rule<OptionsOf<"adam">> = runAdam(false);
export const adamW: Rule<OptionsOf<"adam">> = runAdam(true);
