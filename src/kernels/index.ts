import { arrayKernels } from "./arrays.ts";
import type { Engine } from "./engine.ts";
import { ReferenceEngine } from "./reference-engine.ts";
import {
  type ChosenBy,
  type KernelsChoice,
  parseChoice,
  type Selection,
  select,
  type TierReport,
} from "./select.ts";
import type { TierName } from "./tier.ts";
import type { Kernels } from "./types.ts";

export type { KernelsChoice, TierReport } from "./select.ts";

/** What computes, and why. */
export interface KernelsInfo {
  readonly tier: TierName;
  /** The engine's own name, such as "wasm relaxed 4×8". */
  readonly engine: string;
  readonly variant: string;
  /** Whether a product and a sum are rounded once. */
  readonly fma: boolean;
  readonly tile: string | undefined;
  readonly threads: number;
  /** The same seed, data and fingerprint give the same bits. */
  readonly fingerprint: string;
  readonly chosenBy: ChosenBy;
  /** Every tier in order of preference, and why it runs or does not. */
  readonly tiers: readonly TierReport[];
}

let selection: Selection | undefined;
let forced: KernelsChoice | undefined;
let float64: Engine | undefined;

/** What runs; chosen when it is first needed, so that an import alone compiles nothing. */
function selected(): Selection {
  if (selection) return selection;
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const wish = process?.env?.["UNROLLED_KERNELS"];
  if (forced) selection = select(forced, "kernels.use");
  else if (wish) selection = select(parseChoice(wish, "UNROLLED_KERNELS"), "UNROLLED_KERNELS");
  else selection = select("auto", "default");
  return selection;
}

/**
 * The engine for whole layers in a number format.
 * @throws {ArgumentError} if UNROLLED_KERNELS names no kernels.
 */
export function engineFor(dtype: "float32" | "float64"): Engine {
  return dtype === "float32" ? selected().open.engine : (float64 ??= new ReferenceEngine("float64"));
}

/** The kernels for ordinary arrays: the engine's for float32 that is large enough to gain, otherwise the plain ones. */
export const active: Kernels = {
  get name() {
    return selected().tier;
  },
  ...arrayKernels(() => (selected().tier === "reference" ? undefined : selected().open.engine)),
};

/**
 * Which code does the sums: a BLAS library of the system, WebAssembly, or the plain TypeScript of `reference`. The first
 * of them that this machine has runs, unless the environment variable UNROLLED_KERNELS or `kernels.use` says otherwise.
 */
export const kernels: {
  /**
   * Changes what computes from now on; "auto" goes back to the first one there is. Graphs that exist go on with the
   * kernels they began with.
   * @throws {ArgumentError} for a name that is none. @throws {UnrolledError} if this machine lacks it; then nothing changes.
   */
  use(choice: KernelsChoice): void;
  /** What runs, and why. Opens it if nothing has been computed yet. */
  info(): KernelsInfo;
} = {
  use(choice) {
    const valid = parseChoice(choice, "kernels.use");
    selection = select(valid, "kernels.use");
    forced = valid;
  },
  info() {
    const { tier, open, chosenBy, tiers } = selected();
    const { engine, variant, fma, tile, threads, fingerprint } = open;
    return { tier, engine: engine.name, variant, fma, tile, threads, fingerprint, chosenBy, tiers };
  },
};
