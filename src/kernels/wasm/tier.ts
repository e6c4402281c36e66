import { UnrolledError } from "../../errors.ts";
import { selfTest } from "../self-test.ts";
import type { OpenTier, Tier } from "../tier.ts";
import { warn } from "../warn.ts";
import { WasmEngine } from "./engine.ts";
import { revectorizes, withFinalCode } from "./flags.ts";
import { hasRelaxedSimd, hasSimd, tileOf, type Variant } from "./variants.ts";

/** From the fastest to the one that runs everywhere. */
const VARIANTS: readonly Variant[] = ["wide", "relaxed", "plain"];

/** Why this machine does not get a variant, or undefined if it does. Features decide, not a clock: runs must not differ. */
export function whyNot(variant: Variant): string | undefined {
  if (variant !== "plain" && !hasRelaxedSimd()) {
    return "relaxed SIMD is not there (Node 20 has it with --experimental-wasm-relaxed-simd)";
  }
  if (variant === "wide" && !revectorizes()) {
    return "V8 does not make 256-bit operations (Node 24 on x64 does with --experimental-wasm-revectorize)";
  }
  return undefined;
}

export interface WasmTierOptions {
  /** Only this variant, on whatever machine; otherwise the fastest that this machine has. */
  readonly variant?: Variant;
  /** Makes the engine; one with threads says how many. Without it there is one thread, and memory of its own is faster. */
  readonly create?: (variant: Variant) => WasmEngine & { readonly threads?: number };
  readonly test?: typeof selfTest;
}

/** The sums in WebAssembly: the fastest variant that this machine has and that computes correctly. */
export function wasmTier({ variant, create = makeEngine, test = selfTest }: WasmTierOptions = {}): Tier {
  return {
    name: "wasm",
    open() {
      if (typeof WebAssembly !== "object" || !hasSimd()) {
        throw new UnrolledError("WebAssembly with SIMD is not there (browsers have it since 2021 to 2023)");
      }
      const reasons: string[] = [];
      for (const candidate of variant ? [variant] : VARIANTS) {
        const missing = whyNot(candidate);
        if (missing && !(variant === "wide" && hasRelaxedSimd())) {
          reasons.push(`not ${candidate}: ${missing}`);
          continue;
        }
        const result = tryOpen(candidate, create, test);
        if (typeof result !== "string")
          return { ...result, reason: reasons.join("; ") || "the fastest there is" };
        reasons.push(`not ${candidate}: ${result}`);
        warn(`the WebAssembly kernels "${candidate}" ${result}; going on without them`);
      }
      throw new UnrolledError(reasons.join("; "));
    },
  };
}

function makeEngine(variant: Variant): WasmEngine {
  return new WasmEngine({ variant, shared: false });
}

/** A tested engine, or what is wrong with it. */
function tryOpen(
  variant: Variant,
  create: NonNullable<WasmTierOptions["create"]>,
  test: typeof selfTest,
): Omit<OpenTier, "reason"> | string {
  try {
    const opened = (): ReturnType<typeof create> | string => {
      const engine = create(variant);
      const wrong = test(engine);
      return wrong === undefined ? engine : `compute wrongly (${wrong})`;
    };
    // Two operations made into one are V8's newest and least tried part: that code must be what is tested.
    const engine = variant === "wide" ? withFinalCode(opened) : opened();
    if (typeof engine === "string") return engine;
    const fma = fuses(engine);
    const fingerprint = `wasm ${fma ? "fma" : "mul+add"}`;
    return { engine, variant, fma, tile: tileOf(variant), fingerprint, threads: engine.threads ?? 1 };
  } catch (error) {
    return `do not start (${(error as Error).message})`;
  }
}

/**
 * Whether a product and a sum are rounded once: (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is 2⁻²⁴ then, and otherwise 0. Not asked of a
 * matrix product, which an engine may leave to a BLAS.
 */
function fuses(engine: WasmEngine): boolean {
  const [x, y] = [engine.alloc(1), engine.alloc(1)];
  engine.memory[x] = 1 + 2 ** -12;
  engine.memory[y] = -(1 + 2 ** -11);
  engine.addScaled(1, 1 + 2 ** -12, x, y);
  const sum = engine.memory[y];
  engine.free(x);
  engine.free(y);
  return sum !== 0;
}
