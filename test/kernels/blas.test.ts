import assert from "node:assert/strict";
import { BlasEngine } from "../../src/kernels/blas/engine.ts";
import { foldersOf } from "../../src/kernels/blas/folders.ts";
import { type BlasLibrary, findBlas } from "../../src/kernels/blas/library.ts";
import { blockLength, PANEL } from "../../src/kernels/blas/panels.ts";
import { selfTest } from "../../src/kernels/blas/self-test.ts";
import type { Block, Engine, Pointer } from "../../src/kernels/engine.ts";
import { ReferenceEngine } from "../../src/kernels/reference-engine.ts";
import { WasmEngine } from "../../src/kernels/wasm/engine.ts";
import { Generator } from "../../src/random.ts";
import { needs } from "../hooks.ts";

const HOW = "install a BLAS (Debian: libopenblas0) and koffi, or set UNROLLED_BLAS to its file";

describe("BLAS panels", () => {
  it("hold each column of B once, whichever way it lies", () => {
    const engine = new WasmEngine({ variant: "plain", shared: false });
    for (const [k, n] of [
      [3, PANEL + 2],
      [9, 2 * PANEL],
      [4, PANEL - 1],
    ]) {
      for (const [rowStride, colStride] of [
        [n, 1],
        [1, k],
        [n + 5, 1],
        [2, 2 * k],
      ]) {
        const from = engine.alloc(2 * (n + 5) * k);
        const to = engine.alloc(k * n);
        const { memory } = engine;
        for (let l = 0; l < k; l++) {
          for (let j = 0; j < n; j++) memory[from + l * rowStride + j * colStride] = 1000 * l + j;
        }
        const count = Math.ceil(n / PANEL);
        engine.exports.panels(1, 0, k, n, from, rowStride, colStride, to);
        engine.exports.panels(count - 1, 1, k, n, from, rowStride, colStride, to);
        for (let l = 0; l < k; l++) {
          for (let j = 0; j < n; j++) {
            const first = PANEL * Math.floor(j / PANEL);
            const width = Math.min(PANEL, n - first);
            assert.equal(memory[to + first * k + l * width + (j - first)], 1000 * l + j);
          }
        }
        engine.free(from);
        engine.free(to);
      }
    }
  });

  it("have blocks of at most a million multiplications", () => {
    for (const [m, k] of [
      [2, 4096],
      [20, 1024],
      [32, 256],
      [64, 10_000],
    ]) {
      const length = blockLength(m, k);
      assert.ok(length >= 16 && m * length * PANEL <= 1e6, `${m}, ${k}: ${length}`);
    }
    assert.equal(blockLength(20, 1024), 512);
  });
});

describe("foldersOf", () => {
  it("looks into an active conda environment first", () => {
    assert.equal(foldersOf("linux", { CONDA_PREFIX: "/c" })[0], "/c/lib");
    assert.equal(foldersOf("win32", { CONDA_PREFIX: "C:\\c" })[0], "C:\\c\\Library\\bin");
    assert.ok(foldersOf("darwin", {}).every((folder) => !folder.includes("undefined")));
  });
});

describe("self-test of a BLAS", () => {
  /** A library in plain TypeScript on a buffer whose "address" is 0, that can be broken. */
  function fake(broken: (sum: number, transB: boolean) => number): Parameters<typeof selfTest>[0] {
    let data: Float32Array = new Float32Array(0);
    const gemm: BlasLibrary["gemm"] = (_o, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) => {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            sum +=
              data[a / 4 + (ta === 112 ? l * lda + i : i * lda + l)] *
              data[b / 4 + (tb === 112 ? j * ldb + l : l * ldb + j)];
          }
          const at = c / 4 + i * ldc + j;
          data[at] = beta * data[at] + alpha * broken(sum, tb === 112);
        }
      }
    };
    const gemv: BlasLibrary["gemv"] = (o, trans, m, n, alpha, a, lda, x, _ix, beta, y) => {
      const [k, columns] = trans === 112 ? [m, n] : [n, m];
      gemm(o, 111, trans === 112 ? 111 : 112, 1, columns, k, alpha, x, k, a, lda, beta, y, columns);
    };
    const addressOf = (buffer: ArrayBufferLike) => {
      data = new Float32Array(buffer);
      return 0;
    };
    const copy: BlasLibrary["copy"] = (n, x, _ix, y) => {
      data.copyWithin(y / 4, x / 4, x / 4 + n);
    };
    return { gemm, gemv, copy, addressOf };
  }

  it("passes a correct one", () => {
    assert.equal(selfTest(fake((sum) => sum)), undefined);
  });

  it("says which element is wrong", () => {
    assert.match(
      selfTest(fake((sum) => sum * 1.001)) ?? "",
      /cblas_sgemm \[.*\]: element \(\d+, \d+\) is .*, not /,
    );
    assert.match(selfTest(fake((sum, transB) => (transB ? -sum : sum))) ?? "", /cblas_sgemm/);
    assert.match(selfTest(fake(() => Number.NaN)) ?? "", /is NaN, not/);
  });
});

describe("BLAS engine", () => {
  let engine: BlasEngine;
  const reference: Engine = new ReferenceEngine("float64");

  before(function () {
    const { library } = findBlas();
    needs(this, library !== null, HOW);
    engine = new BlasEngine({ variant: "plain", threads: 1, library: library! });
  });

  /** The same numbers in two engines; the matrix stored plain or transposed, with room between its rows. */
  function matrix(random: Generator, rows: number, columns: number, transposed: boolean, gap: number) {
    const stride = (transposed ? rows : columns) + gap;
    const numbers = Float32Array.from({ length: stride * (transposed ? columns : rows) }, () =>
      random.normal(),
    );
    const into = (target: Engine): Block & { at: Pointer } => {
      const at = target.alloc(numbers.length);
      target.memory.set(numbers, at);
      return transposed ? { at, rowStride: 1, colStride: stride } : { at, rowStride: stride, colStride: 1 };
    };
    return into;
  }

  function product(target: Engine, m: number, k: number, n: number, seed: string): Float64Array[] {
    const random = new Generator(seed);
    const [ta, tb] = [random.int(2) === 1, random.int(2) === 1];
    const gap = random.int(3);
    const a = matrix(random, m, k, ta, gap)(target);
    const b = matrix(random, k, n, tb, gap)(target);
    const cStride = n + gap;
    const start = Float32Array.from({ length: m * cStride }, () => random.normal());
    const c = target.alloc(start.length);
    const packed = target.pack(k, n, b);
    const results: Float64Array[] = [];
    for (const accumulate of [false, true]) {
      target.memory.set(start, c);
      target.gemm(m, a, packed, c, cStride, accumulate);
      results.push(Float64Array.from(target.memory.subarray(c, c + start.length)));
    }
    target.freePacked(packed);
    for (const p of [a.at, b.at, c]) target.free(p);
    return results;
  }

  it("multiplies as the reference does, transposed or not, added or not, and leaves the gaps alone", () => {
    const seed = `${Date.now()}`;
    const sizes = new Generator(seed);
    const shapes = [
      [1, 300, 200], // a vector
      [1, 1024, 1100], // a vector, cut in two
      [20, 200, 800], // few rows: panels
      [64, 700, 130], // several blocks of the inner dimension
      [300, 150, 90], // cut by rows
      [90, 150, 300], // cut by columns
      [70, 4000, 50], // cut along the inner dimension
      [5, 4, 3], // stays in WebAssembly
      ...Array.from({ length: 12 }, () => [1 + sizes.int(90), 1 + sizes.int(300), 1 + sizes.int(300)]),
    ];
    for (const [m, k, n] of shapes) {
      const what = `[${m},${k}] @ [${k},${n}], seed ${seed}`;
      const expected = product(reference, m, k, n, `${seed} ${m} ${k} ${n}`);
      const got = product(engine, m, k, n, `${seed} ${m} ${k} ${n}`);
      got.forEach((matrix, which) => {
        matrix.forEach((value, i) => {
          const error = Math.abs(value - expected[which][i]);
          assert.ok(error <= 2e-6 * k + 1e-6, `${what}: ${value}, not ${expected[which][i]}`);
        });
      });
    }
    assert.equal(engine.allocated.now, new BlasEngine({ ...engineOptions(engine) }).allocated.now);
  });

  it("multiplies by an ordinary array as by a copy of it, to the bit", () => {
    for (const [m, k, n] of [
      [1, 300, 1300], // a vector
      [30, 80, 1000],
      [300, 1000, 80],
      [40, 3000, 60], // cut along the inner dimension
    ]) {
      const random = new Generator(`${m} ${k} ${n}`);
      const b = Float32Array.from({ length: k * n }, () => random.normal());
      const at = engine.alloc(b.length);
      const [a, c] = [engine.alloc(m * k), engine.alloc(m * n)];
      engine.memory.set(b, at);
      for (let i = 0; i < m * k; i++) engine.memory[a + i] = random.normal();
      for (const [rowStride, colStride] of [
        [n, 1],
        [1, k],
      ]) {
        const packs = [
          engine.packArray(k, n, b, rowStride, colStride),
          engine.pack(k, n, { at, rowStride, colStride }),
        ];
        const results = packs.map((packed) => {
          assert.ok(packed);
          engine.gemm(m, { at: a, rowStride: k, colStride: 1 }, packed, c, n, false);
          engine.freePacked(packed);
          return engine.memory.slice(c, c + m * n);
        });
        assert.deepEqual(results[0], results[1]);
      }
      for (const p of [at, a, c]) engine.free(p);
    }
    assert.equal(engine.packArray(10, 10, new Float32Array(100), 10, 1), null);
  });

  it("updates an ordinary array as a copy of it, to the bit", () => {
    const n = 40_001; // two chunks and a rest
    const random = new Generator("update");
    const numbers = () => Float32Array.from({ length: n }, () => random.normal());
    const [p, g, v] = [numbers(), numbers(), numbers().map(Math.abs)];
    const [pAt, gAt, vAt] = [p, g, v].map((data) => {
      const at = engine.alloc(n);
      engine.memory.set(data, at);
      return at;
    });
    const shared = { n, g: gAt, scale: 0.5, limit: 0.4, lr: 0.1, weightDecay: 0.01 };
    const rules: ((at: Pointer) => void)[] = [
      (at) =>
        engine.sgd({ ...shared, p: at, momentum: 0, dampening: 0, nesterov: false, first: false, v: vAt }),
      (at) => engine.adagrad({ ...shared, p: at, eps: 1e-8, s: vAt }),
      (at) =>
        engine.adam({
          ...shared,
          p: at,
          beta1: 0.9,
          beta2: 0.99,
          eps: 1e-8,
          t: 2,
          decoupled: true,
          m: vAt,
          v: vAt,
        }),
    ];
    for (const rule of rules) {
      const array = p.slice();
      engine.memory.set(p, pAt);
      engine.memory.set(v, vAt);
      rule(pAt);
      engine.memory.set(v, vAt);
      assert.equal(engine.onArray(array, rule), true);
      assert.deepEqual(array, engine.memory.slice(pAt, pAt + n));
      assert.notDeepEqual(array, p);
    }
    for (const at of [pAt, gAt, vAt]) engine.free(at);
  });

  const engineOptions = ({ library }: BlasEngine) => ({ variant: "plain" as const, threads: 1, library });

  it("keeps its addresses when the memory grows", () => {
    const before = product(engine, 20, 200, 800, "grown");
    const large = engine.alloc(50_000_000); // 200 MB: further than the memory reached
    assert.deepEqual(product(engine, 20, 200, 800, "grown"), before);
    engine.free(large);
  });

  it("refers to B instead of copying it, and `into` takes the new one", () => {
    const b = engine.alloc(200 * 200);
    engine.memory.fill(1, b, b + 200 * 200);
    const [x, c] = [engine.alloc(2 * 200), engine.alloc(2 * 200)];
    engine.memory.fill(1, x, x + 400);
    const row: Block = { at: x, rowStride: 200, colStride: 1 };
    const first = engine.pack(200, 200, { at: b, rowStride: 200, colStride: 1 });
    assert.equal(first.at, b);
    engine.gemm(2, row, first, c, 200, false);
    assert.equal(engine.memory[c], 200);
    engine.memory.fill(3, b, b + 200 * 200);
    const second = engine.pack(200, 200, { at: b, rowStride: 200, colStride: 1 }, first);
    engine.gemm(2, row, second, c, 200, false);
    assert.equal(engine.memory[c + 399], 600);
    engine.freePacked(second);
    for (const p of [b, x, c]) engine.free(p);
  });
});
