/**
 * What the kernels do by themselves: GF/s of matrix products, ns for an element of everything else, start of the module,
 * and from which size on ordinary arrays gain. Processor time, best of many: it bears other work on the machine.
 * Usage: node --import tsx --conditions=unrolled-source test/bench/kernels.ts [plain relaxed wide reference]
 */
import v8 from "node:v8";
import { arrayKernels } from "../../src/kernels/arrays.ts";
import type { Engine } from "../../src/kernels/engine.ts";
import { reference } from "../../src/kernels/reference.ts";
import { ReferenceEngine } from "../../src/kernels/reference-engine.ts";
import { WasmEngine } from "../../src/kernels/wasm/engine.ts";
import { useFastSimd } from "../../src/kernels/wasm/flags.ts";
import { wasmTier, whyNot } from "../../src/kernels/wasm/tier.ts";
import type { Variant } from "../../src/kernels/wasm/variants.ts";

/** m, k, n of the products in the workloads (workloads.ts); T: that matrix lies transposed. */
const PRODUCTS: [string, number, number, number, string][] = [
  ["W1 step", 1, 100, 100, "NN"],
  ["W1 dW", 100, 25, 100, "TN"],
  ["W2 step", 32, 256, 1024, "NN"],
  ["W2 step back", 32, 1024, 256, "NT"],
  ["W2 dW", 256, 2048, 1024, "TN"],
  ["W3 step", 20, 200, 800, "NN"],
  ["W3 logits", 400, 200, 10_000, "NN"],
  ["W3 logits back", 400, 10_000, 200, "NT"],
  ["W4 step", 20, 1024, 4096, "NN"],
  ["W4 dW", 1024, 600, 4096, "TN"],
];

/** CPU milliseconds of the fastest of the calls made in about `budget` ms. */
function fastest(work: () => void, budget: number = 150): number {
  const cpu = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  work();
  let calls = 1;
  let best = Infinity;
  for (let spent = 0; spent < budget; ) {
    const start = cpu();
    for (let i = 0; i < calls; i++) work();
    const took = cpu() - start;
    spent += took;
    best = Math.min(best, took / calls);
    if (took < 2) calls *= 2; // the clock counts microseconds, in steps of up to a millisecond
  }
  return best;
}

function random(engine: Engine, length: number): number {
  const p = engine.alloc(length);
  const { memory } = engine;
  for (let i = p; i < p + length; i++) memory[i] = Math.random() - 0.5;
  return p;
}

function products(engine: Engine): Record<string, string> {
  const row: Record<string, string> = {};
  for (const [name, m, k, n, layout] of PRODUCTS) {
    if (engine instanceof ReferenceEngine && m * k * n > 2e7) continue;
    const [a, b, c] = [random(engine, m * k), random(engine, k * n), random(engine, m * n)];
    const view = (at: number, rows: number, columns: number, turned: boolean) =>
      turned ? { at, rowStride: 1, colStride: rows } : { at, rowStride: columns, colStride: 1 };
    const [A, B] = [view(a, m, k, layout[0] === "T"), view(b, k, n, layout[1] === "T")];
    const packed = engine.pack(k, n, B);
    const multiply = fastest(() => engine.gemm(m, A, packed, c, n, false));
    const pack = fastest(() => engine.pack(k, n, B, packed), 50);
    const rate = (ms: number) => ((2 * m * k * n) / ms / 1e6).toFixed(1);
    row[`${name} [${m},${k}]@[${k},${n}]`] = `${rate(multiply)} (${rate(multiply + pack)})`;
    engine.freePacked(packed);
    for (const p of [a, b, c]) engine.free(p);
  }
  return row;
}

function elements(engine: Engine): Record<string, string> {
  const [B, H, n] = [32, 256, 8192];
  const p = Array.from({ length: 9 }, () => random(engine, 4 * n));
  const rule = { n, p: p[0], g: p[1], scale: 1, limit: Infinity, lr: 1e-3, weightDecay: 0 };
  // Made once: a spread takes longer than the update.
  const adam = { ...rule, m: p[2], v: p[3], beta1: 0.9, beta2: 0.999, eps: 1e-8, t: 9, decoupled: false };
  const sgd = { ...rule, momentum: 0, dampening: 0, nesterov: false, first: false, v: p[2] };
  engine.ids.fill(3, engine.idsAt(p[8]), engine.idsAt(p[8]) + 1);
  const works: Record<string, () => void> = {
    exp: () => engine.exp(n, p[0], p[1]),
    tanh: () => engine.tanh(n, p[0], p[1]),
    sigmoid: () => engine.sigmoid(n, p[0], p[1]),
    "LSTM step": () => engine.lstmForward(B, H, p[0], p[1], p[2], p[3], p[4]),
    "LSTM step back": () => engine.lstmBackward(B, H, p[0], p[1], p[2], p[3], p[4], p[5]),
    "GRU step": () => engine.gruForward(B, H, p[0], p[1], p[2], p[3], p[4]),
    "GRU step back": () => engine.gruBackward(B, H, p[0], p[1], p[2], p[3], p[4], p[5], p[6]),
    "softmax + CE": () => engine.softmaxCrossEntropy(1, n, p[7], engine.idsAt(p[8]), -1, 1, p[6]),
    "Σ x²": () => void engine.sumOfSquares(n, p[0]),
    adam: () => {
      engine.fill(n, 0.5, p[3]); // a mean of squares; counted in
      engine.adam(adam);
    },
    sgd: () => engine.sgd(sgd),
  };
  const row: Record<string, string> = {};
  for (const [name, work] of Object.entries(works)) row[name] = ((fastest(work, 60) * 1e6) / n).toFixed(2);
  for (const block of p) engine.free(block);
  return row;
}

/** Microseconds of ordinary arrays: through engine memory, and in the plain loop. */
function arrays(engine: Engine): Record<string, string> {
  const fast = arrayKernels(() => engine);
  const row: Record<string, string> = {};
  const both = (name: string, work: (kernels: typeof fast) => void) => {
    const [a, b] = [fast, reference].map((kernels) => fastest(() => work(kernels), 40) * 1000);
    row[name] = `${a.toFixed(2)} / ${b.toFixed(2)}`;
  };
  for (const size of [8, 11, 16, 32, 64]) {
    const data = new Float32Array(size * size).fill(0.5);
    const c = new Float32Array(size * size);
    const view = { data, offset: 0, rowStride: size, colStride: 1 };
    both(`[${size},${size}] @ [${size},${size}]`, (kernels) =>
      kernels.gemm(size, size, size, view, view, c, 0),
    );
  }
  for (const size of [32, 64, 1024]) {
    const x = new Float32Array(size).fill(0.5);
    both(`tanh of ${size}`, (kernels) => kernels.tanh(x, x));
  }
  return row;
}

useFastSimd(process, v8.setFlagsFromString);
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["plain", "relaxed", "wide"];
const engines: [string, Engine][] = [];
for (const name of wanted) {
  const missing = name === "reference" ? undefined : whyNot(name as Variant);
  if (missing) process.stdout.write(`${name}: ${missing}\n`);
  else if (name === "reference") engines.push([name, new ReferenceEngine("float32")]);
  else {
    const start = performance.now();
    wasmTier({ variant: name as Variant }).open();
    process.stdout.write(
      `${name}: starts in ${(performance.now() - start).toFixed(0)} ms, self-test included\n`,
    );
    engines.push([name, new WasmEngine({ variant: name as Variant, shared: false })]);
  }
}
const table = (title: string, measure: (engine: Engine) => Record<string, string>): void => {
  process.stdout.write(`\n${title} — Node ${process.version}, ${process.arch}\n`);
  const columns = engines.map(([name, engine]) => [name, measure(engine)] as const);
  const rows = Object.keys(columns[0]?.[1] ?? {});
  console.table(
    Object.fromEntries(
      rows.map((row) => [row, Object.fromEntries(columns.map(([name, cells]) => [name, cells[row]]))]),
    ),
  );
};
table("GF/s, B laid out before (and with laying it out)", products);
table("ns an element", elements);
table("µs, ordinary arrays: through the engine / in the plain loop", arrays);
