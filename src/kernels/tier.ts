import type { Engine } from "./engine.ts";

/** What the sums run on: a BLAS of the system, WebAssembly, or the plain TypeScript that all others are tested against. */
export type TierName = "blas" | "wasm" | "reference";

/** A tier that is ready. */
export interface OpenTier {
  /** For float32; float64 always runs on the plain TypeScript. */
  readonly engine: Engine;
  /** Which of several builds this machine gets, such as "relaxed" or "OpenBLAS". */
  readonly variant: string;
  /** Whether a product and a sum are rounded once (fused multiply-add). */
  readonly fma: boolean;
  /** Rows × columns of the matrix tile, where the tier has one. */
  readonly tile?: string;
  /**
   * Names everything that decides the bits of a result. The same seed, data and fingerprint give the same bits, on
   * any number of threads.
   */
  readonly fingerprint: string;
  /** Why this variant and no faster one. */
  readonly reason: string;
  /** Threads that take part in large sums. */
  readonly threads: number;
}

/** One way to compute. Until `open` it loads nothing. */
export interface Tier {
  readonly name: TierName;
  /** Makes it ready and tests it. @throws {UnrolledError} that says what this machine lacks. */
  open(): OpenTier;
}
