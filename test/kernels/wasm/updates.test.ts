import assert from "node:assert/strict";
import fc from "fast-check";
import type { Engine, Pointer, UpdateBase } from "../../../src/kernels/engine.ts";
import { numbers, onBlocks, reference, variants } from "./variants.ts";

type Step = (engine: Engine, base: UpdateBase, s1: Pointer, s2: Pointer) => void;

const steps: Record<string, Step> = {
  sgd: (e, u, v) => e.sgd({ ...u, momentum: 0, dampening: 0, nesterov: false, first: false, v }),
  "sgd with momentum": (e, u, v) =>
    e.sgd({ ...u, momentum: 0.9, dampening: 0.1, nesterov: false, first: false, v }),
  "sgd with Nesterov momentum": (e, u, v) =>
    e.sgd({ ...u, momentum: 0.9, dampening: 0, nesterov: true, first: false, v }),
  "first step of sgd with momentum": (e, u, v) =>
    e.sgd({ ...u, momentum: 0.9, dampening: 0.1, nesterov: false, first: true, v }),
  adagrad: (e, u, s) => e.adagrad({ ...u, eps: 1e-8, s }),
  rmsprop: (e, u, s, v) => e.rmsprop({ ...u, alpha: 0.9, momentum: 0, eps: 1e-8, s, v }),
  "rmsprop with momentum": (e, u, s, v) => e.rmsprop({ ...u, alpha: 0.9, momentum: 0.8, eps: 1e-8, s, v }),
  adam: (e, u, v, m) => e.adam({ ...u, beta1: 0.9, beta2: 0.999, eps: 1e-8, t: 3, decoupled: false, m, v }),
  adamw: (e, u, v, m) => e.adam({ ...u, beta1: 0.9, beta2: 0.999, eps: 1e-8, t: 1, decoupled: true, m, v }),
};

/** p and g of any sign, the first state positive (a mean of squares), the second of any sign. */
const contents = (n: number, seed: number) => [
  numbers(n, seed),
  numbers(n, seed + 1),
  numbers(n, seed + 2).map((v) => v * v + 0.01),
  numbers(n, seed + 3, 0.1),
];

const rule = { scale: 0.7, lr: 0.05, weightDecay: 0.02 };

describe("wasm: steps of optimizers against the reference", () => {
  for (const [variant, engine] of variants) {
    for (const [name, step] of Object.entries(steps)) {
      it(`${variant}: ${name}, within 8 units in the last place of 1`, () => {
        fc.assert(
          fc.property(
            fc.integer({ min: 0, max: 40 }),
            fc.constantFrom(Infinity, 0.5),
            fc.integer(),
            (n, limit, seed) => {
              const run = (e: Engine) =>
                onBlocks(e, contents(n, seed), (p, g, s, v) => step(e, { ...rule, limit, n, p, g }, s, v));
              const expected = run(reference);
              run(engine).forEach((values, b) => {
                values.forEach((value, i) => {
                  const off =
                    Math.abs(value - expected[b][i]) / Math.max(1, Math.abs(expected[b][i])) / 2 ** -23;
                  assert.ok(off <= 8, `block ${b}, element ${i}: ${value} instead of ${expected[b][i]}`);
                });
              });
            },
          ),
          { numRuns: 60 },
        );
      });
    }

    it(`${variant}: a NaN gradient stays visible, whatever the limit; an infinite one is limited`, () => {
      const [p, g] = onBlocks(
        engine,
        [
          [1, 1, 1],
          [NaN, Infinity, -Infinity],
        ],
        (p, g) =>
          engine.sgd({
            n: 3,
            p,
            g,
            scale: 1,
            limit: 5,
            lr: 0.1,
            weightDecay: 0,
            momentum: 0,
            dampening: 0,
            nesterov: false,
            first: false,
            v: 0,
          }),
      );
      assert.deepEqual([...p], [NaN, 0.5, 1.5]);
      assert.deepEqual([...g], [NaN, Infinity, -Infinity], "the gradient itself is not changed");
    });

    it(`${variant}: the first step with momentum does not read the velocity's memory`, () => {
      const [p, , v] = onBlocks(engine, [[1], [2], [NaN]], (p, g, v) =>
        engine.sgd({
          n: 1,
          p,
          g,
          scale: 1,
          limit: Infinity,
          lr: 0.25,
          weightDecay: 0,
          momentum: 0.9,
          dampening: 0.5,
          nesterov: false,
          first: true,
          v,
        }),
      );
      assert.deepEqual([p[0], v[0]], [0.5, 2]);
    });

    it(`${variant}: bits do not depend on the cut into chunks`, () => {
      for (const [name, step] of Object.entries(steps)) {
        const run = (chunk: number) =>
          onBlocks(engine, contents(37, 5), (p, g, s, v) => {
            for (let i = 0; i < 37; i += chunk) {
              const base = { ...rule, limit: 1, n: Math.min(chunk, 37 - i), p: p + i, g: g + i };
              step(engine, base, s + i, v + i);
            }
          });
        const whole = run(37);
        for (const chunk of [1, 3, 4, 8, 16])
          assert.deepEqual(run(chunk), whole, `${name}, ${chunk} at a time`);
      }
    });
  }
});
