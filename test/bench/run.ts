/**
 * `npm run bench`: training throughput of the six workloads, each in a process of its own, on the built bundle.
 * See test/bench/README.md.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import type { WorkloadResult } from "./child.ts";
import { GROWTH, type Growth } from "./growth.ts";
import { BUNDLE, compile, output } from "./launch.ts";
import type { Measurement } from "./micro.ts";
import { short, table } from "./statistics.ts";
import { WORKLOADS } from "./workloads.ts";

const usage = `usage: npm run bench -- [W1 … W6] [options]     whole training steps: tokens/s, step time, peak memory
       npm run bench -- micro [options]         ops, start-up, generation, n-grams, products
       npm run bench -- growth [options]        memory after 10,000 steps of W1 and 1,000 of W2
       npm run bench -- kernel [--rounds N]     how long a notebook waits for its kernel

  --threads N    threads of the library (UNROLLED_THREADS)
  --kernels K    its kernels, for example reference, wasm or blas (UNROLLED_KERNELS)
  --seconds S    how long each workload is timed, after a warm-up; default 3
  --steps N      a fixed number of timed steps instead
  --node FILE    another Node.js to run the workloads with
  --bundle FILE  another build of the library, to compare with
  --no-flags     without the V8 flags that our launchers give
  --json         one JSON object per line`;

async function main(): Promise<void> {
  // It is a script of its own, with options of its own.
  if (process.argv[2] === "kernel") {
    process.argv.splice(2, 1);
    await import("../jupyter/kernel/latency.ts");
    return;
  }
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: "string" },
      kernels: { type: "string" },
      seconds: { type: "string", default: "3" },
      steps: { type: "string" },
      node: { type: "string", default: process.execPath },
      bundle: { type: "string", default: BUNDLE },
      "no-flags": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const env = {
    ...(values.threads ? { UNROLLED_THREADS: values.threads } : {}),
    ...(values.kernels ? { UNROLLED_KERNELS: values.kernels } : {}),
    ...(values["no-flags"] ? { UNROLLED_V8_FLAGS: "0" } : {}),
  };
  const bundle = path.resolve(values.bundle);
  if (positionals[0] === "micro" && !values.help) {
    const text = await output(values.node, [compile("micro.ts"), bundle], env);
    process.stdout.write(values.json ? text : `${showMicro(JSON.parse(text) as Measurement[])}\n`);
    return;
  }
  if (positionals[0] === "growth" && !values.help) {
    const growths: Growth[] = [];
    const script = compile("growth.ts");
    for (const [name, steps] of GROWTH) {
      const text = await output(values.node, ["--expose-gc", script, bundle, name, `${steps}`], env);
      growths.push(JSON.parse(text) as Growth);
      if (values.json) process.stdout.write(text);
    }
    if (!values.json) process.stdout.write(`${showGrowth(growths)}\n`);
    return;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(WORKLOADS);
  const unknown = names.find((name) => !Object.hasOwn(WORKLOADS, name));
  const odd = [values.seconds, values.steps, values.threads].find((n) => n !== undefined && !(Number(n) > 0));
  if (values.help || unknown !== undefined || odd !== undefined) {
    const problem =
      unknown === undefined ? `${odd} is not a number above 0` : `there is no workload "${unknown}"`;
    process.stderr.write(values.help ? `${usage}\n` : `bench: ${problem}\n${usage}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const child = compile("child.ts");
  const results: WorkloadResult[] = [];
  for (const name of names) {
    const args = [child, bundle, name, values.seconds, ...(values.steps ? [values.steps] : [])];
    const result = JSON.parse(await output(values.node, args, env)) as WorkloadResult;
    results.push(result);
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  if (!values.json) process.stdout.write(`${show(results)}\n`);
}

function showMicro(measurements: readonly Measurement[]): string {
  return table(measurements.map(({ name, value, unit }) => [name, short(value), unit]));
}

/** MiB after a tenth of the steps and after all of them. */
function showGrowth(growths: readonly Growth[]): string {
  const mebibytes = ([early, late]: readonly [number, number]) =>
    [early, late].map((bytes) => (bytes / 2 ** 20).toFixed(2));
  const head = ["", "steps", "held early", "held late", "process early", "process late", "kernels"];
  return table([
    head,
    ...growths.map((g) => [g.workload, `${g.steps}`, ...mebibytes(g.held), ...mebibytes(g.rss), g.kernels]),
  ]);
}

function show(results: readonly WorkloadResult[]): string {
  const rows = results.map((r) => [
    r.workload,
    short(r.tokensPerSecond),
    r.stepMs.toFixed(2),
    r.cpuMs.toFixed(2),
    `${r.steps}`,
    `${Math.round(r.peakRssBytes / 2 ** 20)}`,
    r.lossFirst.toFixed(3),
    r.lossLast.toFixed(3),
    `${r.threads}`,
    r.kernels,
  ]);
  const head = [
    "",
    "tokens/s",
    "step ms",
    "cpu ms",
    "steps",
    "peak MiB",
    "first loss",
    "last loss",
    "threads",
    "kernels",
  ];
  const fingerprints = [...new Set(results.map((r) => r.fingerprint))].join("; ");
  return `${table([head, ...rows])}\nNode ${results[0].node}, fingerprint ${fingerprints}`;
}

await main();
