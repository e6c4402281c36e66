import v8 from "node:v8";
import type { Engine, Pointer } from "../../../src/kernels/engine.ts";
import { ReferenceEngine } from "../../../src/kernels/reference-engine.ts";
import { WasmEngine } from "../../../src/kernels/wasm/engine.ts";
import { simdFlags } from "../../../src/kernels/wasm/flags.ts";
import { hasRelaxedSimd, type Variant } from "../../../src/kernels/wasm/variants.ts";
import { Generator } from "../../../src/random.ts";

/**
 * Every variant that this Node can run, with the flags it would need, which are set only while they are compiled (and
 * without V8's quick compiler: the final code is what is tested), so that the rest of the test run keeps its own.
 */
export const variants: ReadonlyMap<Variant, WasmEngine> = withFlags(() => {
  const names: Variant[] = hasRelaxedSimd() ? ["plain", "relaxed", "wide"] : ["plain"];
  const engines = names.map((variant) => new WasmEngine({ variant, shared: true }));
  for (const engine of engines) compileAll(engine);
  return new Map(engines.map((engine) => [engine.variant, engine]));
});

export const reference: ReferenceEngine = new ReferenceEngine("float32");

function withFlags<T>(work: () => T): T {
  const flags = [...simdFlags(process.versions.node, process.arch), "--no-liftoff"];
  for (const flag of flags) v8.setFlagsFromString(flag);
  try {
    return work();
  } finally {
    for (const flag of flags)
      v8.setFlagsFromString(flag.startsWith("--no-") ? `--${flag.slice(5)}` : flag.replace("--", "--no-"));
  }
}

/** V8 compiles a function when it is first called: call each one on nothing. */
function compileAll({ exports }: WasmEngine): void {
  for (const [name, f] of Object.entries(exports)) {
    if (typeof f === "function" && name !== "useScratch")
      (f as (...args: number[]) => unknown)(...Array(f.length).fill(0));
  }
}

/** How many float32 lie between two numbers; 0 for equal ones (NaN equals NaN), ∞ where only one is NaN. */
export function ulps(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  return Math.abs(order(a) - order(b));
}

const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);
function order(x: number): number {
  single[0] = x;
  return bits[0] < 0 ? -(bits[0] & 0x7fffffff) : bits[0];
}

/** A block full of these numbers. */
export function block(engine: Engine, values: ArrayLike<number>): Pointer {
  const p = engine.alloc(values.length);
  engine.memory.set(values, p);
  return p;
}

/** A block of ids, as `idsAt` gives it. */
export function idBlock(engine: Engine, values: ArrayLike<number>): Pointer {
  const p = engine.alloc(values.length);
  engine.ids.set(values, engine.idsAt(p));
  return p;
}

export function read(engine: Engine, p: Pointer, length: number): Float32Array {
  return Float32Array.from(engine.memory.subarray(p, p + length));
}

/** Runs `work` on blocks with these contents and gives back what is in them then; nothing stays allocated. */
export function onBlocks(
  engine: Engine,
  contents: readonly ArrayLike<number>[],
  work: (...blocks: Pointer[]) => void,
): Float32Array[] {
  const blocks = contents.map((values) => block(engine, values));
  work(...blocks);
  const results = blocks.map((p, i) => read(engine, p, contents[i].length));
  for (const p of blocks) engine.free(p);
  return results;
}

/** `n` numbers of a normal distribution, the same ones for the same seed. */
export function numbers(n: number, seed: number, std: number = 1): Float32Array {
  const rng = new Generator(seed);
  return Float32Array.from({ length: n }, () => rng.normal(0, std));
}
