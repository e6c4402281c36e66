import assert from "node:assert/strict";
import fc from "fast-check";
import { arrayKernels } from "../../src/kernels/arrays.ts";
import { reference } from "../../src/kernels/reference.ts";
import type { MatrixView } from "../../src/kernels/types.ts";
import { WasmEngine } from "../../src/kernels/wasm/engine.ts";
import { numbers, ulps } from "./wasm/variants.ts";

const engine = new WasmEngine({ variant: "plain", shared: false });
const fast = arrayKernels(() => engine);

/** A matrix of these sizes somewhere in a larger array: rows or columns contiguous, or neither, or the same row again and again. */
function view(rows: number, columns: number, layout: string, seed: number): MatrixView {
  const offset = seed % 5;
  const [rowStride, colStride] = {
    rows: [columns, 1],
    columns: [1, rows],
    gaps: [columns + 3, 1],
    columnGaps: [1, rows + 2],
    scattered: [2 * columns + 1, 2],
    repeated: [0, 1],
    backwards: [-columns, 1],
  }[layout] as [number, number];
  const start = layout === "backwards" ? offset + (rows - 1) * columns : offset;
  const length = offset + rows * Math.abs(rowStride) + columns * colStride + rows * columns;
  return { data: numbers(length, seed), offset: start, rowStride, colStride };
}

const layouts = fc.constantFrom(
  "rows",
  "columns",
  "gaps",
  "columnGaps",
  "scattered",
  "repeated",
  "backwards",
);

describe("kernels on ordinary arrays", () => {
  it("gemm equals the reference for any strides, and leaves the rest of C alone", () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, layouts, layouts, fc.nat({ max: 1000 }), (m, n, k, la, lb, seed) => {
        const a = view(m, k, la, seed);
        const b = view(k, n, lb, seed + 1);
        const got = new Float32Array(m * n + 4).fill(9);
        const expected = got.slice();
        fast.gemm(m, n, k, a, b, got, 2);
        reference.gemm(m, n, k, a, b, expected, 2);
        for (let i = 0; i < got.length; i++) {
          assert.ok(Math.abs(got[i] - expected[i]) <= 1e-5 * (k + 1), `${i}: ${got[i]}, not ${expected[i]}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gemm in parts: more rows, columns and inner dimension than engine memory holds at a time", () => {
    for (const [m, k, n] of [
      [300, 1100, 700],
      [5, 3000, 900],
      [2000, 300, 30],
    ]) {
      const a = { data: numbers(m * k, 1), offset: 0, rowStride: k, colStride: 1 };
      const b = { data: numbers(k * n, 2), offset: 0, rowStride: 1, colStride: k };
      const c = new Float32Array(m * n);
      fast.gemm(m, n, k, a, b, c, 0);
      for (let t = 0; t < 500; t++) {
        const i = (t * 7919) % m;
        const j = (t * 104_729) % n;
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a.data[i * k + l] * b.data[j * k + l];
        assert.ok(
          Math.abs(c[i * n + j] - sum) < 2e-3,
          `[${m},${k},${n}] at (${i}, ${j}): ${c[i * n + j]}, not ${sum}`,
        );
      }
    }
    assert.ok(
      engine.wasmMemory.buffer.byteLength < 16 * 2 ** 20,
      "what it needs does not grow with the matrices",
    );
  });

  it("float64, mixed formats and small matrices get the reference's sums, bit for bit", () => {
    const wide = (x: MatrixView): MatrixView => ({ ...x, data: Float64Array.from(x.data) });
    const [a, b] = [view(30, 20, "rows", 1), view(20, 10, "rows", 2)];
    for (const [x, y, c, d] of [
      [wide(a), wide(b), new Float64Array(300), new Float64Array(300)],
      [a, wide(b), new Float32Array(300), new Float32Array(300)],
    ] as const) {
      fast.gemm(30, 10, 20, x, y, c, 0);
      reference.gemm(30, 10, 20, x, y, d, 0);
      assert.deepEqual(c, d);
    }
    const [c, d] = [new Float32Array(4), new Float32Array(4)];
    fast.gemm(2, 2, 20, a, b, c, 0);
    reference.gemm(2, 2, 20, a, b, d, 0);
    assert.deepEqual(c, d);
  });

  it("maps equal the reference within a few ulps, over more than one chunk too; float64 exactly", () => {
    for (const n of [0, 1, 63, 64, 65, 8192, 8193, 20_000]) {
      const x = numbers(n, n, 3);
      for (const name of ["exp", "tanh", "sigmoid"] as const) {
        const [y, z] = [new Float32Array(n), new Float32Array(n)];
        fast[name](x, y);
        reference[name](x, z);
        for (let i = 0; i < n; i++)
          assert.ok(ulps(y[i], z[i]) <= 6, `${name}(${x[i]}) = ${y[i]}, not ${z[i]}`);
        const inPlace = x.slice();
        fast[name](inPlace, inPlace);
        assert.deepEqual(inPlace, y);
        const [v, w] = [new Float64Array(n), new Float64Array(n)];
        fast[name](Float64Array.from(x), v);
        reference[name](Float64Array.from(x), w);
        assert.deepEqual(v, w);
      }
    }
  });

  it("goes on after the engine was changed", () => {
    const engines = [engine, new WasmEngine({ variant: "plain", shared: true })];
    let current = 0;
    const changing = arrayKernels(() => engines[current]);
    const x = numbers(1000, 1);
    const results = [0, 1, 0].map((which) => {
      current = which;
      const y = new Float32Array(1000);
      changing.exp(x, y);
      return y;
    });
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });
});
