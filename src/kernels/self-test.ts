import type { Engine, Pointer } from "./engine.ts";
import { ReferenceEngine } from "./reference-engine.ts";

/** Largest error that may appear, as a part of the largest number in the result (measured: below 10⁻⁶). */
const TOLERANCE = 2e-5;

/** m, k, n of matrix products: odd sizes, one row, more than one block of k. */
const PRODUCTS = [
  [1, 5, 37],
  [7, 3, 18],
  [5, 300, 41],
] as const;

/** Numbers between −1 and 1 that look irregular; the same ones at every start. */
const sample = (i: number): number => Math.sin(i * 12.9898 + (i % 7));

/**
 * Lets an engine compute a little of everything and compares with the plain TypeScript. A machine, a V8 or a library
 * that computes wrongly must not get as far as a training.
 *
 * @returns what is wrong, or undefined.
 */
export function selfTest(engine: Engine): string | undefined {
  const reference = new ReferenceEngine("float32");
  for (const [name, run] of checks()) {
    const expected = run(reference);
    const got = run(engine);
    const largest = expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    const at = expected.findIndex((v, i) => !(Math.abs(v - got[i]) <= TOLERANCE * largest));
    if (at >= 0) return `${name}: element ${at} is ${got[at]} and should be ${expected[at]}`;
  }
  return undefined;
}

type Check = [name: string, run: (engine: Engine) => Float32Array];

function* checks(): Generator<Check> {
  for (const [m, k, n] of PRODUCTS) {
    for (const transposed of [false, true]) {
      const name = `the product [${m},${k}] @ [${k},${n}]${transposed ? " of transposed matrices" : ""}`;
      yield [name, (engine) => product(engine, m, k, n, transposed)];
    }
  }
  for (const name of ["exp", "tanh", "sigmoid"] as const) {
    yield [name, (engine) => withBlocks(engine, [43, 43], (x, y) => engine[name](43, x, y))];
  }
  const [B, H] = [2, 13];
  const [S, G] = [B * H, 4 * B * H];
  yield [
    "an LSTM step",
    (engine) =>
      withBlocks(engine, [G, S, S, S, S], (g, c0, c, t, h) => engine.lstmForward(B, H, g, c0, c, t, h)),
  ];
  yield [
    "the way back through an LSTM step",
    (engine) =>
      withBlocks(engine, [G, S, S, S, S, G], (g, c0, t, dh, dc, da) =>
        engine.lstmBackward(B, H, g, c0, t, dh, dc, da),
      ),
  ];
  yield [
    "a GRU step",
    (engine) =>
      withBlocks(engine, [G, G, G, S, S], (x, g, a, h0, h) => engine.gruForward(B, H, x, g, a, h0, h)),
  ];
  yield [
    "the way back through a GRU step",
    (engine) =>
      withBlocks(engine, [G, G, S, S, G, G, S], (a, g, h0, dh, dx, dg, d0) =>
        engine.gruBackward(B, H, a, g, h0, dh, dx, dg, d0),
      ),
  ];
  yield [
    "softmax and cross entropy",
    (engine) =>
      withBlocks(engine, [74, 2, 2], (x, nll, ids) => {
        engine.ids.set([36, 5], engine.idsAt(ids));
        engine.softmaxCrossEntropy(2, 37, x, engine.idsAt(ids), -1, 0.5, nll);
        engine.memory.fill(0, ids, ids + 2);
      }),
  ];
  yield [
    "an Adam step",
    (engine) =>
      withBlocks(engine, [21, 21, 21, 21], (p, g, m, v) => {
        engine.memory.fill(0.5, v, v + 21);
        const rule = { n: 21, p, g, m, v, scale: 0.5, limit: 0.4, lr: 0.1, weightDecay: 0.01 };
        engine.adam({ ...rule, beta1: 0.9, beta2: 0.99, eps: 1e-8, t: 3, decoupled: true });
      }),
  ];
}

function product(engine: Engine, m: number, k: number, n: number, transposed: boolean): Float32Array {
  return withBlocks(engine, [m * k, k * n, m * n], (a, b, c) => {
    const view = (at: Pointer, rows: number, columns: number) =>
      transposed ? { at, rowStride: 1, colStride: rows } : { at, rowStride: columns, colStride: 1 };
    const packed = engine.pack(k, n, view(b, k, n));
    engine.gemm(m, view(a, m, k), packed, c, n, true);
    engine.freePacked(packed);
  });
}

/** Runs `work` on blocks of these lengths full of samples; what is in the blocks then, one after the other. */
function withBlocks(engine: Engine, lengths: number[], work: (...blocks: Pointer[]) => void): Float32Array {
  const blocks = lengths.map((length) => engine.alloc(length));
  let count = 0;
  blocks.forEach((p, b) => {
    for (let i = 0; i < lengths[b]; i++) engine.memory[p + i] = sample(count++);
  });
  work(...blocks);
  const parts = blocks.map((p, b) => Array.from(engine.memory.subarray(p, p + lengths[b])));
  for (const p of blocks) engine.free(p);
  return Float32Array.from(parts.flat());
}
