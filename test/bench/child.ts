/**
 * One workload in a process of its own, so that neither its heap nor its peak memory is another's.
 * Run by `run.ts` and `peers.ts`, as plain JavaScript. Usage: node child.js BUNDLE WORKLOAD SECONDS [STEPS]
 * @file
 */
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import { useFastSimd } from "../../src/kernels/wasm/flags.ts";
import { median } from "./statistics.ts";
import { type Unrolled, WORKLOADS } from "./workloads.ts";

/** What `npm run bench -- --json` prints of each workload. */
export interface WorkloadResult {
  workload: string;
  /** The kernels in use, as `kernels.info()` names them. */
  kernels: string;
  /** Same fingerprint and seed, same bits. */
  fingerprint: string;
  threads: number;
  node: string;
  /** Timed steps. */
  steps: number;
  /** From the median step. */
  tokensPerSecond: number;
  /** The median step, in milliseconds. */
  stepMs: number;
  /** Processor time a step, of all threads: what counts where other work disturbs the clock. */
  cpuMs: number;
  /** Largest resident set of the whole process, warm-up included. */
  peakRssBytes: number;
  /** Mean loss in nats per token of the very first and of the last step. */
  lossFirst: number;
  lossLast: number;
}

/** Compilers need a while: steps before this many milliseconds are not counted. */
const WARM_UP_MS = 1000;
const WARM_UP_STEPS = 3;

async function main([bundle, workload, seconds, stepLimit]: string[]): Promise<void> {
  // As our launchers do (the kernel, the command line); UNROLLED_V8_FLAGS=0 is a bare import.
  useFastSimd(process, v8.setFlagsFromString);
  const unrolled = (await import(pathToFileURL(bundle).href)) as Unrolled;
  const { step, tokensPerStep } = WORKLOADS[workload](unrolled);
  const lossFirst = step();
  let lossLast = lossFirst;
  const begun = performance.now();
  for (let i = 1; i < WARM_UP_STEPS || performance.now() - begun < WARM_UP_MS; i++) lossLast = step();
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const end = performance.now() + Number(seconds) * 1000;
  const enough = () =>
    stepLimit ? times.length >= Number(stepLimit) : performance.now() >= end && times.length >= 3;
  while (!enough()) {
    const before = performance.now();
    lossLast = step();
    times.push(performance.now() - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  const stepMs = median(times);
  // A build from before there were faster ones has the reference kernels alone.
  const info = (unrolled as Partial<Unrolled>).kernels?.info();
  const result: WorkloadResult = {
    workload,
    kernels: info?.engine ?? "reference",
    fingerprint: info?.fingerprint ?? "reference",
    threads: info?.threads ?? 1,
    node: process.version,
    steps: times.length,
    tokensPerSecond: (tokensPerStep / stepMs) * 1000,
    stepMs,
    cpuMs: (user + system) / 1000 / times.length,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    lossFirst,
    lossLast,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error)?.stack ?? error}\n`);
  process.exitCode = 1;
});
