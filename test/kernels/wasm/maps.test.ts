import assert from "node:assert/strict";
import { Generator } from "../../../src/random.ts";
import { needs } from "../../hooks.ts";
import { block, numbers, onBlocks, read, ulps, variants } from "./variants.ts";

type Name = "exp" | "tanh" | "sigmoid";
const exact: Record<Name, (x: number) => number> = {
  exp: Math.exp,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** [function, range from − to +, largest error in ulps found by trying many numbers, which must not grow]. */
const ACCURACY: [Name, number, number, number][] = [
  ["exp", -103.9, 88.72, 1],
  ["exp", -0.01, 0.01, 1],
  ["tanh", -12, 12, 6],
  ["tanh", -0.5, 0.5, 4],
  ["tanh", -1e-6, 1e-6, 1],
  ["sigmoid", -87.3, 40, 3],
  ["sigmoid", -0.1, 0.1, 2],
];

describe("wasm: exp, tanh, sigmoid", () => {
  for (const [variant, engine] of variants) {
    for (const [name, low, high, most] of ACCURACY) {
      it(`${variant}: ${name} on [${low}, ${high}] is off by at most ${most} ulps`, () => {
        const rng = new Generator(7);
        const x = Float32Array.from({ length: 50_000 }, () => rng.uniform(low, high));
        const [, y] = onBlocks(engine, [x, x], (p, q) => engine[name](x.length, p, q));
        let worst = 0;
        let at = 0;
        for (let i = 0; i < x.length; i++) {
          const off = ulps(y[i], exact[name](x[i]));
          if (off > worst) [worst, at] = [off, x[i]];
        }
        assert.ok(worst <= most, `${name}(${at}) is off by ${worst} ulps`);
      });
    }

    it(`${variant}: the ends of the range, infinities, NaN, the sign of zero`, () => {
      const cases: [Name, number, number][] = [
        ["exp", 0, 1],
        ["exp", -0, 1],
        ["exp", 88.8, Infinity],
        ["exp", Infinity, Infinity],
        ["exp", 1e30, Infinity],
        ["exp", -104, 0],
        ["exp", -Infinity, 0],
        ["exp", -1e30, 0],
        ["exp", NaN, NaN],
        ["tanh", 0, 0],
        ["tanh", -0, -0],
        ["tanh", 1e-40, 1e-40],
        ["tanh", 20, 1],
        ["tanh", -1e30, -1],
        ["tanh", Infinity, 1],
        ["tanh", -Infinity, -1],
        ["tanh", NaN, NaN],
        ["sigmoid", 0, 0.5],
        ["sigmoid", 100, 1],
        ["sigmoid", Infinity, 1],
        ["sigmoid", -100, 0],
        ["sigmoid", -Infinity, 0],
        ["sigmoid", NaN, NaN],
      ];
      for (const [name, x, y] of cases) {
        const [[got]] = onBlocks(engine, [[x]], (p) => engine[name](1, p, p));
        assert.ok(Object.is(got, Math.fround(y)), `${name}(${x}) is ${got}, not ${y}`);
      }
    });

    it(`${variant}: tanh stays within ±1 and sigmoid within 0 and 1; both grow with x up to their rounding`, () => {
      const x = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000);
      for (const [name, low] of [
        ["tanh", -1],
        ["sigmoid", 0],
      ] as const) {
        const [, y] = onBlocks(engine, [x, x], (p, q) => engine[name](x.length, p, q));
        for (let i = 0; i < y.length; i++) {
          assert.ok(y[i] >= low && y[i] <= 1, `${name}(${x[i]}) = ${y[i]}`);
          if (i > 0) assert.ok(y[i] >= y[i - 1] || ulps(y[i], y[i - 1]) <= 6, `${name} falls at ${x[i]}`);
        }
      }
    });

    it(`${variant}: an element's bits do not depend on where it lies or on how many there are`, () => {
      const x = numbers(61, 3, 3);
      for (const name of ["exp", "tanh", "sigmoid"] as const) {
        const [, whole] = onBlocks(engine, [x, x], (p, q) => engine[name](61, p, q));
        for (const chunk of [1, 2, 3, 4, 5, 7, 8, 9, 16]) {
          const [, parts] = onBlocks(engine, [x, x], (p, q) => {
            for (let i = 0; i < 61; i += chunk) engine[name](Math.min(chunk, 61 - i), p + i, q + i);
          });
          assert.deepEqual(parts, whole, `${name}, ${chunk} at a time`);
        }
      }
    });

    it(`${variant}: writes only its n elements, none for n = 0`, () => {
      for (let n = 0; n <= 20; n++) {
        const p = block(engine, new Float32Array(24).fill(2));
        engine.tanh(n, p, p);
        const y = read(engine, p, 24);
        for (let i = 0; i < 24; i++) assert.equal(y[i] === 2, i >= n, `element ${i} of ${n}`);
        engine.free(p);
      }
    });
  }

  it("relaxed and wide give the same bits", function () {
    const [relaxed, wide] = [variants.get("relaxed"), variants.get("wide")];
    needs(this, wide !== undefined, "a Node whose WebAssembly has relaxed SIMD");
    const x = numbers(1003, 9, 4);
    for (const name of ["exp", "tanh", "sigmoid"] as const) {
      const [a, b]: Float32Array[] = [relaxed!, wide!].map(
        (e) => onBlocks(e, [x], (p) => e[name](x.length, p, p))[0],
      );
      assert.deepEqual(a, b, name);
    }
  });
});
