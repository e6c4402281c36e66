import { ArgumentError, UnrolledError } from "../errors.ts";
import { blasTier } from "./blas/tier.ts";
import { ReferenceEngine } from "./reference-engine.ts";
import { threadedEngine } from "./threads/engine.ts";
import type { OpenTier, Tier, TierName } from "./tier.ts";
import { warn } from "./warn.ts";
import { wasmTier } from "./wasm/tier.ts";
import type { Variant } from "./wasm/variants.ts";

/** "auto" takes the first of blas, wasm and reference that this machine has. */
export type KernelsChoice = "auto" | TierName | `wasm/${Variant}`;

/** Who decided what runs. */
export type ChosenBy = "default" | "UNROLLED_KERNELS" | "kernels.use";

export interface TierReport {
  readonly name: TierName;
  /** undefined: not tried, because one before it runs. */
  readonly available: boolean | undefined;
  readonly reason: string;
}

export interface Selection {
  readonly tier: TierName;
  readonly open: OpenTier;
  readonly chosenBy: ChosenBy;
  readonly tiers: readonly TierReport[];
}

/** Plain TypeScript, always there. */
const referenceTier: Tier = {
  name: "reference",
  open: () => ({
    engine: new ReferenceEngine("float32"),
    variant: "TypeScript",
    fma: false,
    fingerprint: "reference",
    reason: "always there",
    threads: 1,
  }),
};

/** In order of preference. */
const tiers: Record<TierName, (variant?: Variant) => Tier> = {
  blas: () => blasTier,
  wasm: (variant) => wasmTier({ variant, create: threadedEngine }),
  reference: () => referenceTier,
};

const CHOICES: readonly KernelsChoice[] = [
  "auto",
  "blas",
  "wasm",
  "wasm/plain",
  "wasm/relaxed",
  "wasm/wide",
  "reference",
];

/** @throws {ArgumentError} naming `what`, the value and the values there are. */
export function parseChoice(value: string, what: string): KernelsChoice {
  const choice = CHOICES.find((known) => known === value);
  if (choice === undefined) {
    throw new ArgumentError(
      `${what}: there are no kernels "${value}"; expected one of ${CHOICES.join(", ")}`,
    );
  }
  return choice;
}

/** Opens the first tier of a choice that works; what was tried on the way is in the report. */
export function select(choice: KernelsChoice, chosenBy: ChosenBy): Selection {
  const names = Object.keys(tiers) as TierName[];
  const [wanted, variant] = choice.split("/") as [TierName | "auto", Variant | undefined];
  const reports: TierReport[] = [];
  const first = wanted === "auto" ? 0 : names.indexOf(wanted);
  for (const name of names.slice(0, first)) {
    reports.push({ name, available: undefined, reason: `${chosenBy} asks for ${choice}` });
  }
  for (const [i, name] of names.entries()) {
    if (i < first) continue;
    try {
      const open = tiers[name](variant).open();
      reports.push({ name, available: true, reason: open.reason });
      for (const rest of names.slice(i + 1)) {
        reports.push({ name: rest, available: undefined, reason: `${name} comes first` });
      }
      return { tier: name, open, chosenBy, tiers: reports };
    } catch (error) {
      if (!(error instanceof UnrolledError)) throw error;
      const reason = error.message;
      if (name === wanted && chosenBy === "kernels.use") {
        throw new UnrolledError(`kernels.use("${choice}"): ${reason}`, { cause: error });
      }
      if (name === wanted) warn(`UNROLLED_KERNELS=${choice}: ${reason}; going on with the next kernels`);
      reports.push({ name, available: false, reason });
    }
  }
  throw new UnrolledError("there are no kernels");
}
