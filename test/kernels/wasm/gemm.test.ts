import assert from "node:assert/strict";
import fc from "fast-check";
import type { Block, Pointer } from "../../../src/kernels/engine.ts";
import type { WasmEngine } from "../../../src/kernels/wasm/engine.ts";
import { needs } from "../../hooks.ts";
import { block, numbers, read, variants } from "./variants.ts";

interface Case {
  m: number;
  k: number;
  n: number;
  aTransposed: boolean;
  bTransposed: boolean;
  /** Elements of A and B between rows (or columns) beyond those of the matrix. */
  gap: number;
  accumulate: boolean;
  seed: number;
}

const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 70 }));
const cases: fc.Arbitrary<Case> = fc.record({
  m: size,
  k: fc.oneof(size, fc.constantFrom(255, 256, 257, 515)), // one block of the inner dimension is 256
  n: size,
  aTransposed: fc.boolean(),
  bTransposed: fc.boolean(),
  gap: fc.integer({ min: 0, max: 3 }),
  accumulate: fc.boolean(),
  seed: fc.integer(),
});

function viewOf(at: Pointer, rows: number, columns: number, transposed: boolean, gap: number): Block {
  return transposed
    ? { at, rowStride: 1, colStride: rows + gap }
    : { at, rowStride: columns + gap, colStride: 1 };
}

/** C, with two elements beside each row that must stay as they are, and the exact sums with what they are made of. */
function multiply(engine: WasmEngine, { m, k, n, aTransposed, bTransposed, gap, accumulate, seed }: Case) {
  const stride = n + 2;
  const before = numbers(m * stride, seed + 2);
  const a = block(engine, numbers((m + gap) * (k + gap), seed));
  const b = block(engine, numbers((k + gap) * (n + gap), seed + 1));
  const c = block(engine, before);
  const A = viewOf(a, m, k, aTransposed, gap);
  const B = viewOf(b, k, n, bTransposed, gap);
  const packed = engine.pack(k, n, B);
  engine.gemm(m, A, packed, c, stride, accumulate);
  const got = read(engine, c, m * stride);
  const { memory } = engine;
  const exact = (i: number, j: number) => {
    let sum = accumulate ? before[i * stride + j] : 0;
    let size = Math.abs(sum);
    for (let l = 0; l < k; l++) {
      const term =
        memory[A.at + i * A.rowStride + l * A.colStride] * memory[B.at + l * B.rowStride + j * B.colStride];
      sum += term;
      size += Math.abs(term);
    }
    return { sum, size };
  };
  const check = (): void => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < stride; j++) {
        const value = got[i * stride + j];
        if (j >= n) assert.equal(value, before[i * stride + j], `(${i}, ${j}) lies outside C`);
        else {
          const { sum, size } = exact(i, j);
          // Each of k + 1 additions rounds once (and each product, without FMA); blocks of 256 keep the chains short.
          const bound = 2 ** -24 * (Math.min(k, 256) + k / 256 + 3) * size;
          assert.ok(Math.abs(value - sum) <= bound, `(${i}, ${j}): ${value} instead of ${sum} ± ${bound}`);
        }
      }
    }
  };
  const free = (): void => {
    engine.freePacked(packed);
    for (const p of [a, b, c]) engine.free(p);
  };
  return { A, B, c, packed, got, stride, before, check, free };
}

describe("wasm: gemm", () => {
  for (const [variant, engine] of variants) {
    it(`${variant}: equals sums in double precision within the rounding of its terms, and writes nowhere else`, () => {
      const { now } = engine.allocated;
      fc.assert(
        fc.property(cases, (one) => {
          const { check, free } = multiply(engine, one);
          check();
          free();
        }),
        { numRuns: 150 },
      );
      assert.equal(engine.allocated.now, now);
    });

    it(`${variant}: gives small whole numbers exactly`, () => {
      for (const [m, k, n] of [
        [1, 1, 1],
        [1, 40, 33],
        [5, 300, 19],
        [6, 7, 8],
        [193, 3, 17],
      ]) {
        const a = block(
          engine,
          Float32Array.from({ length: m * k }, (_, i) => (i % 7) - 3),
        );
        const b = block(
          engine,
          Float32Array.from({ length: k * n }, (_, i) => (i % 5) - 2),
        );
        const c = engine.alloc(m * n);
        const packed = engine.pack(k, n, { at: b, rowStride: n, colStride: 1 });
        engine.gemm(m, { at: a, rowStride: k, colStride: 1 }, packed, c, n, false);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let l = 0; l < k; l++) sum += (((i * k + l) % 7) - 3) * (((l * n + j) % 5) - 2);
            assert.equal(engine.memory[c + i * n + j], sum, `[${m},${k},${n}] at (${i}, ${j})`);
          }
        }
        engine.freePacked(packed);
        for (const p of [a, b, c]) engine.free(p);
      }
    });

    it(`${variant}: an element's bits depend neither on the cut into rows nor on the cut into panels`, () => {
      const { k, n, m } = { k: 301, n: 75, m: 23 };
      const one = { m, k, n, aTransposed: false, bTransposed: false, gap: 0, accumulate: true, seed: 5 };
      const { A, c, packed, got, stride, before, free } = multiply(engine, one);
      const restore = (): void => engine.memory.set(before, c);
      for (const rows of [1, 2, 3, 4, 5, 8, 22]) {
        restore();
        for (let i = 0; i < m; i += rows) {
          const part = { ...A, at: A.at + i * A.rowStride };
          engine.gemm(Math.min(rows, m - i), part, packed, c + i * stride, stride, true);
        }
        assert.deepEqual(read(engine, c, m * stride), got, `${rows} rows at a time`);
      }
      const panels = packed.length / k / (variant === "wide" ? 16 : 8);
      for (const count of [1, 2, 3]) {
        restore();
        for (let p = 0; p < panels; p += count) {
          const args = [m, k, n, A.at, A.rowStride, A.colStride, packed.at, c, stride, 1] as const;
          engine.exports.gemm(Math.min(count, panels - p), p, ...args);
        }
        assert.deepEqual(read(engine, c, m * stride), got, `${count} panels at a time`);
      }
      free();
    });

    it(`${variant}: transposed matrices give the same bits as the same matrices laid out by rows`, () => {
      const [m, k, n] = [9, 270, 21];
      const a = numbers(m * k, 1);
      const b = numbers(k * n, 2);
      const turned = (x: Float32Array, rows: number, columns: number) =>
        Float32Array.from(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)]);
      const results = [false, true].map((transposed) => {
        const at = block(engine, transposed ? turned(a, m, k) : a);
        const bt = block(engine, transposed ? turned(b, k, n) : b);
        const c = engine.alloc(m * n);
        const packed = engine.pack(k, n, viewOf(bt, k, n, transposed, 0));
        engine.gemm(m, viewOf(at, m, k, transposed, 0), packed, c, n, false);
        const result = read(engine, c, m * n);
        engine.freePacked(packed);
        for (const p of [at, bt, c]) engine.free(p);
        return result;
      });
      assert.deepEqual(results[0], results[1]);
    });

    it(`${variant}: packs into the block of an earlier pack`, () => {
      const b = block(engine, numbers(30 * 20, 3));
      const first = engine.pack(30, 20, { at: b, rowStride: 20, colStride: 1 });
      engine.memory.set(numbers(30 * 20, 4), b);
      const { now } = engine.allocated;
      const second = engine.pack(30, 20, { at: b, rowStride: 20, colStride: 1 }, first);
      assert.equal(second.at, first.at);
      assert.equal(engine.allocated.now, now);
      const fresh = engine.pack(30, 20, { at: b, rowStride: 20, colStride: 1 });
      assert.deepEqual(read(engine, second.at, second.length), read(engine, fresh.at, fresh.length));
      engine.freePacked(first);
      engine.freePacked(fresh);
      engine.free(b);
    });

    it(`${variant}: a sum over an inner dimension of 0 is 0, or what was there`, () => {
      const c = block(engine, numbers(6, 1));
      const before = read(engine, c, 6);
      const packed = engine.pack(0, 3, { at: c, rowStride: 3, colStride: 1 });
      engine.gemm(2, { at: c, rowStride: 1, colStride: 1 }, packed, c, 3, true);
      assert.deepEqual(read(engine, c, 6), before);
      engine.gemm(2, { at: c, rowStride: 1, colStride: 1 }, packed, c, 3, false);
      assert.deepEqual(read(engine, c, 6), new Float32Array(6));
      engine.freePacked(packed);
      engine.free(c);
    });

    it(`${variant}: NaN and infinities come through where they belong, and only there`, () => {
      const [m, k, n] = [5, 6, 11];
      const values = Float32Array.from({ length: m * k }, () => 1);
      values[2 * k + 3] = NaN;
      values[4 * k] = Infinity;
      const a = block(engine, values);
      const b = block(engine, new Float32Array(k * n).fill(2));
      const c = engine.alloc(m * n);
      const packed = engine.pack(k, n, { at: b, rowStride: n, colStride: 1 });
      engine.gemm(m, { at: a, rowStride: k, colStride: 1 }, packed, c, n, false);
      const rows = [12, 12, NaN, 12, Infinity];
      assert.deepEqual(
        read(engine, c, m * n),
        Float32Array.from({ length: m * n }, (_, i) => rows[Math.floor(i / n)]),
      );
      engine.freePacked(packed);
      for (const p of [a, b, c]) engine.free(p);
    });
  }

  it("relaxed and wide give the same bits: the shape of the tile does not show", function () {
    const [relaxed, wide] = [variants.get("relaxed"), variants.get("wide")];
    needs(this, wide !== undefined, "a Node whose WebAssembly has relaxed SIMD");
    for (const [m, k, n] of [
      [1, 100, 100],
      [7, 260, 45],
      [33, 513, 90],
    ]) {
      const one = { m, k, n, aTransposed: false, bTransposed: true, gap: 1, accumulate: true, seed: m };
      const [x, y]: ReturnType<typeof multiply>[] = [relaxed!, wide!].map((engine) => multiply(engine, one));
      assert.deepEqual(x.got, y.got);
      x.free();
      y.free();
    }
  });
});
