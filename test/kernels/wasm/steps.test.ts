import assert from "node:assert/strict";
import fc from "fast-check";
import type { Engine, Pointer } from "../../../src/kernels/engine.ts";
import { idBlock, numbers, onBlocks, reference, variants } from "./variants.ts";

/**
 * Runs the same work on both engines and compares all blocks, element by element. An error is measured in units of
 * 2⁻²⁴ times the largest number in its block or 1, whichever is more: these sums cancel, so that an ulp of the result
 * says nothing.
 */
function same(
  engine: Engine,
  contents: readonly ArrayLike<number>[],
  most: number,
  work: (engine: Engine, ...blocks: Pointer[]) => void,
): void {
  const got = onBlocks(engine, contents, (...blocks) => work(engine, ...blocks));
  const expected = onBlocks(reference, contents, (...blocks) => work(reference, ...blocks));
  expected.forEach((values, b) => {
    const scale = values.reduce((max, v) => Math.max(max, Math.abs(v)), 1);
    values.forEach((v, i) => {
      const off = Math.abs(got[b][i] - v) / scale / 2 ** -24;
      assert.ok(
        off <= most,
        `block ${b}, element ${i}: ${got[b][i]} instead of ${v} (${off.toFixed(1)} units)`,
      );
    });
  });
}

const B = fc.integer({ min: 0, max: 5 });
const H = fc.integer({ min: 1, max: 37 });
const seed = fc.integer();
const runs = { numRuns: 60 };

describe("wasm: steps of recurrent layers, rows and losses against the reference", () => {
  for (const [variant, engine] of variants) {
    it(`${variant}: LSTM step, forward and back`, () => {
      fc.assert(
        fc.property(B, H, seed, (b, h, s) => {
          const [state, gates] = [b * h, 4 * b * h];
          const r = (n: number, i: number) => numbers(n, s + i, 1.5);
          const open = r(gates, 0).map((v) => 1 / (1 + Math.exp(-v))); // as a forward leaves them, so in (0, 1)
          same(engine, [r(gates, 0), ...[1, 2, 3, 4].map((i) => r(state, i))], 14, (e, ...p) =>
            e.lstmForward(b, h, p[0], p[1], p[2], p[3], p[4]),
          );
          same(engine, [open, ...[1, 2, 3, 4].map((i) => r(state, i)), r(gates, 5)], 24, (e, ...p) =>
            e.lstmBackward(b, h, p[0], p[1], p[2], p[3], p[4], p[5]),
          );
        }),
        runs,
      );
    });

    it(`${variant}: GRU step, forward and back; the activations may take the place of gx`, () => {
      fc.assert(
        fc.property(B, H, seed, fc.boolean(), (b, h, s, inPlace) => {
          const [state, gates] = [b * h, 3 * b * h];
          const r = (n: number, i: number) => numbers(n, s + i, 1.5);
          same(
            engine,
            [r(gates, 0), r(gates, 1), r(gates, 2), r(state, 3), r(state, 4)],
            14,
            (e, x, g, a, h0, h1) => e.gruForward(b, h, x, g, inPlace ? x : a, h0, h1),
          );
          const open = r(gates, 0).map((v) => 1 / (1 + Math.exp(-v)));
          const contents = [
            open,
            r(gates, 1),
            r(state, 2),
            r(state, 3),
            r(gates, 4),
            r(gates, 5),
            r(state, 6),
          ];
          same(engine, contents, 24, (e, a, g, h0, dh, dx, dg, d0) =>
            e.gruBackward(b, h, a, g, h0, dh, dx, dg, d0),
          );
        }),
        runs,
      );
    });

    it(`${variant}: simple RNN step, forward and back`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom("tanh", "relu", "sigmoid"),
          fc.integer({ min: 0, max: 70 }),
          seed,
          (kind, n, s) => {
            same(engine, [numbers(n, s, 2), numbers(n, s + 1)], 6, (e, a, h) => e.rnnForward(kind, n, a, h));
            same(engine, [numbers(n, s, 0.5), numbers(n, s + 1), numbers(n, s + 2)], 6, (e, h, dh, da) =>
              e.rnnBackward(kind, n, h, dh, da),
            );
          },
        ),
        runs,
      );
    });

    it(`${variant}: relu keeps NaN, as the reference does`, () => {
      const [[a, b, c]] = onBlocks(engine, [[NaN, -1, 2]], (x) => engine.rnnForward("relu", 3, x, x));
      assert.deepEqual([a, b, c], [NaN, 0, 2]);
    });

    it(`${variant}: softmax and cross entropy, with rows that are ignored`, () => {
      fc.assert(
        fc.property(B, fc.oneof(H, fc.constantFrom(255, 256, 264, 700)), seed, (rows, v, s) => {
          const x = numbers(rows * v, s, 4);
          const targets = Int32Array.from({ length: rows }, (_, r) => (r % 3 === 2 ? -1 : (r * 7) % v));
          same(engine, [x, numbers(rows, s + 1)], 16, (e, logits, nll) => {
            const ids = idBlock(e, targets);
            e.softmaxCrossEntropy(rows, v, logits, e.idsAt(ids), -1, 0.25, nll);
            e.free(ids);
          });
        }),
        runs,
      );
    });

    it(`${variant}: softmax of large, equal and masked logits`, () => {
      const ids = idBlock(engine, [1]);
      const cases: [number[], number, number[]][] = [
        [[1000, 1000, 1000, 1000], Math.log(4), [0.25, -0.75, 0.25, 0.25]],
        [[-Infinity, 0, -Infinity], 0, [0, 0, 0]],
        [[0, -Infinity, 0], Infinity, [0.5, -1, 0.5]],
        [[5], 0, [0]],
        [[-1e30, -1e30], Math.log(2), [0.5, -0.5]],
      ];
      for (const [x, nll, dx] of cases) {
        engine.ids[engine.idsAt(ids)] = x.length === 1 ? 0 : 1;
        const [row, [loss]] = onBlocks(engine, [x, [0]], (p, q) =>
          engine.softmaxCrossEntropy(1, x.length, p, engine.idsAt(ids), -1, 1, q),
        );
        assert.equal(loss, Math.fround(nll));
        assert.deepEqual(
          Array.from(row, (v) => v + 0),
          dx,
        );
      }
      const [row, [loss]] = onBlocks(engine, [[0, NaN, 0, 1, 2, 3, 4, 5, 6], [0]], (p, q) =>
        engine.softmaxCrossEntropy(1, 9, p, engine.idsAt(ids), -1, 1, q),
      );
      assert.ok(Number.isNaN(loss) && row.every(Number.isNaN), "a NaN spoils its row");
      engine.free(ids);
    });

    it(`${variant}: the logarithm of the sum is right over many magnitudes`, () => {
      const ids = idBlock(engine, [0]);
      for (const v of [1, 2, 3, 10, 100, 1000, 30_000]) {
        const [, [loss]] = onBlocks(engine, [new Float32Array(v), [0]], (p, q) =>
          engine.softmaxCrossEntropy(1, v, p, engine.idsAt(ids), -1, 1, q),
        );
        assert.equal(loss, Math.fround(Math.log(v)));
      }
      engine.free(ids);
    });

    it(`${variant}: bias, column sums, scaling, filling, gathering and scattering`, () => {
      fc.assert(
        fc.property(B, fc.integer({ min: 1, max: 50 }), seed, (rows, n, s) => {
          const x = numbers(rows * n, s);
          const y = numbers(rows * n, s + 1);
          const v = numbers(n, s + 2);
          same(engine, [x, v], 1, (e, a, b) => e.addBias(rows, n, a, b));
          same(engine, [x, v], 4, (e, a, b) => e.addColumnSums(rows, n, a, b));
          same(engine, [x, y], 3, (e, a, b) => e.addScaled(rows * n, -0.3, a, b));
          same(engine, [x], 3, (e, a) => e.scale(rows * n, 1.7, a));
          same(engine, [x], 0, (e, a) => e.fill(Math.floor((rows * n) / 2), 1.5, a));
          const picked = Int32Array.from({ length: rows }, (_, r) => ((r * r + s) % 4) & 3);
          const table = numbers(4 * n, s + 3);
          same(engine, [x, table], 0, (e, out, t) => {
            const ids = idBlock(e, picked);
            e.gatherRows(rows, n, t, e.idsAt(ids), out);
            e.free(ids);
          });
          same(engine, [x, table], 4, (e, from, t) => {
            const ids = idBlock(e, picked);
            e.scatterAddRows(rows, n, from, e.idsAt(ids), t);
            e.free(ids);
          });
          same(engine, [x, table], 0, (e, out, t) => {
            const ids = idBlock(e, picked);
            e.gatherColumns(rows, n, 4, t, e.idsAt(ids), out);
            e.free(ids);
          });
          same(engine, [x, table], 0, (e, from, t) => {
            const ids = idBlock(e, picked);
            e.scatterAddColumns(rows, n, 4, from, e.idsAt(ids), t);
            e.free(ids);
          });
        }),
        runs,
      );
    });

    it(`${variant}: sums of squares in double precision, over more than one piece too`, () => {
      for (const n of [0, 1, 7, 8, 9, 1000, 16_384, 16_385, 40_001]) {
        const x = numbers(n, n, 100);
        let exact = 0;
        for (const v of x) exact += v * v;
        const [p] = [engine.alloc(n)];
        engine.memory.set(x, p);
        const got = engine.sumOfSquares(n, p);
        engine.free(p);
        assert.ok(Math.abs(got - exact) <= 1e-13 * exact, `${n}: ${got} instead of ${exact}`);
      }
    });
  }
});
