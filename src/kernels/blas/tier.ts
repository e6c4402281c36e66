import { UnrolledError } from "../../errors.ts";
import { builtin } from "../threads/builtin.ts";
import { threadCount } from "../threads/count.ts";
import type { Tier } from "../tier.ts";
import { warn } from "../warn.ts";
import { wasmTier } from "../wasm/tier.ts";
import { BlasEngine } from "./engine.ts";
import { findBlas } from "./library.ts";

/** Products by a BLAS of the system, everything else in WebAssembly. */
export const blasTier: Tier = {
  name: "blas",
  open() {
    const { library, attempts } = findBlas();
    if (!library) {
      const tried = attempts.map(({ file, result }) => `${file}: ${result}`).join("; ");
      if (builtin<NodeJS.Process>("node:process")?.env["UNROLLED_BLAS"])
        warn(`UNROLLED_BLAS: ${tried}; going on without a BLAS`);
      throw new UnrolledError(`no BLAS was found (${tried || "nothing to look for here"})`);
    }
    const { threads } = threadCount();
    const wasm = wasmTier({ create: (variant) => new BlasEngine({ variant, threads, library }) }).open();
    const { vendor, version, core } = library;
    return {
      ...wasm,
      variant: vendor,
      fingerprint: `${vendor} ${version} ${core}, ${wasm.fingerprint}`,
      reason: `${library.file}: ${vendor} ${version}, ${core}`,
    };
  },
};
