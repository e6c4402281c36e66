/**
 * `npm run bench -- growth`: what a process holds after 10,000 steps of W1 and after 1,000 of W2, in a loop without a
 * single `await`. Plain JavaScript on the built bundle. Usage: node --expose-gc growth.js BUNDLE WORKLOAD STEPS
 */
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { useFastSimd } from "../../src/kernels/wasm/flags.ts";
import { type Unrolled, WORKLOADS } from "./workloads.ts";

export interface Growth {
  readonly workload: string;
  readonly kernels: string;
  readonly steps: number;
  /** Bytes alive after a collection: V8's heap and the arrays outside of it. After a tenth of the steps, and after all. */
  readonly held: readonly [early: number, late: number];
  /** Resident set of the process, engine memory included, at the same places. */
  readonly rss: readonly [early: number, late: number];
}

/** How many steps of which workload. */
export const GROWTH: readonly (readonly [workload: string, steps: number])[] = [
  ["W1", 10_000],
  ["W2", 1000],
];

async function main([bundle, workload, given]: string[]): Promise<void> {
  useFastSimd(process, v8.setFlagsFromString);
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("growth: node needs --expose-gc");
  const unrolled = (await import(pathToFileURL(bundle).href)) as Unrolled;
  const { step } = WORKLOADS[workload](unrolled);
  const steps = Number(given);
  const look = (): [number, number] => {
    gc();
    gc();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    return [heapUsed + arrayBuffers, rss];
  };
  const early = Math.ceil(steps / 10);
  for (let i = 0; i < early; i++) step();
  const [heldEarly, rssEarly] = look();
  for (let i = early; i < steps; i++) step();
  const [heldLate, rssLate] = look();
  const growth: Growth = {
    workload,
    kernels: unrolled.kernels.info().engine,
    steps,
    held: [heldEarly, heldLate],
    rss: [rssEarly, rssLate],
  };
  process.stdout.write(`${JSON.stringify(growth)}\n`);
}

// As a module of `run.ts` it only gives the list.
if (process.argv[1]?.endsWith("growth.mjs")) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${(error as Error)?.stack ?? error}\n`);
    process.exitCode = 1;
  });
}
