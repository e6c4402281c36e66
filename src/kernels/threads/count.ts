import { ArgumentError } from "../../errors.ts";
import { builtin } from "./builtin.ts";

const MOST = 64;

/**
 * How many threads the kernels use, the caller's included, and why: what `UNROLLED_THREADS` says, otherwise two where the
 * machine has two cores. One where somebody uses the library in a worker of their own: they have parallelised already.
 * The results are the same with any number.
 */
export function threadCount(): { threads: number; reason: string } {
  const os = builtin<typeof import("node:os")>("node:os");
  const wanted = os && process.env["UNROLLED_THREADS"];
  if (wanted) {
    const threads = Number(wanted);
    if (!Number.isInteger(threads) || threads < 1 || threads > MOST) {
      throw new ArgumentError(`UNROLLED_THREADS must be a whole number from 1 to ${MOST}, got "${wanted}"`);
    }
    return { threads, reason: `UNROLLED_THREADS=${threads}` };
  }
  if (!os)
    return { threads: 1, reason: "a page has no shared memory unless its server sends special headers" };
  if (!builtin<typeof import("node:worker_threads")>("node:worker_threads")?.isMainThread) {
    return { threads: 1, reason: "the library runs in a worker" };
  }
  const cores = os.availableParallelism();
  return cores < 2 ? { threads: 1, reason: "one core" } : { threads: 2, reason: `${cores} cores` };
}
