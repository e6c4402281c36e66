/**
 * `npm run bench:peers`: this library beside PyTorch, @jax-js/jax and TensorFlow.js, one after the other in every round,
 * so that what else the machine does hits all of them. See test/bench/README.md.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { WorkloadResult } from "./child.ts";
import { BUNDLE, compile, output, ROOT } from "./launch.ts";
import { markdown, median, short } from "./statistics.ts";
import { WORKLOADS } from "./workloads.ts";

const usage = `usage: npm run bench:peers -- [W1 … W6] [options]

  --install        installs the other libraries and Node.js 24 into ${"node_modules/.cache/unrolled-peers"}, then measures
  --rounds N       default 3: medians over the rounds
  --seconds S      how long each contestant runs in a round, after a warm-up; default 2
  --threads N      of ours and of PyTorch; default 1
  --only A,B       only contestants whose name contains one of these, for example "20 blas,PyTorch"
  --bundle FILE    another build of this library
  --json           one JSON object for each run instead of the table

PyTorch: Debian's python3-torch and libopenblas0 (apt-get install python3-torch libopenblas0).`;

/** Pinned: what the table in README.md was measured with. */
const PACKAGES = {
  "@jax-js/jax": "0.1.25",
  "@tensorflow/tfjs": "4.22.0",
  "@tensorflow/tfjs-backend-wasm": "4.22.0",
  node: "24.9.0",
};
const CACHE = path.join(ROOT, "node_modules/.cache/unrolled-peers");
const NODE_24 = path.join(CACHE, "node_modules/.bin", process.platform === "win32" ? "node.cmd" : "node");
const PEERS = fileURLToPath(new URL("peers/", import.meta.url));
const TORCH = fileURLToPath(new URL("torch_bench.py", import.meta.url));

interface Contestant {
  readonly name: string;
  /** Workloads it takes part in; undefined: all. */
  readonly only?: readonly string[];
  /** undefined: there; otherwise what is missing. */
  readonly missing?: string;
  run(workload: string, seconds: string): Promise<string>;
}

async function contestants(threads: string, bundle: string): Promise<Contestant[]> {
  const child = compile("child.ts");
  const ours = (node: string, version: string, kernels: string, missing?: string): Contestant => ({
    name: `Node ${version} ${kernels}`,
    missing,
    run: (workload, seconds) =>
      output(node, [child, bundle, workload, seconds], {
        UNROLLED_THREADS: threads,
        UNROLLED_KERNELS: kernels,
      }),
  });
  const peer = (name: string, script: string): Contestant => ({
    name,
    only: ["W1", "W2"],
    missing: existsSync(path.join(CACHE, "node_modules", name)) ? undefined : "run with --install",
    run: (workload, seconds) => output(process.execPath, [path.join(CACHE, script), workload, seconds]),
  });
  const major = process.versions.node.split(".")[0];
  const no24 = existsSync(NODE_24) ? undefined : "run with --install";
  return [
    { name: "PyTorch", missing: await torchProblem(), run: (w, s) => torch([threads, s, w], threads) },
    ours(process.execPath, major, "wasm"),
    ours(process.execPath, major, "blas"),
    ...(major === "24" ? [] : [ours(NODE_24, "24", "wasm", no24), ours(NODE_24, "24", "blas", no24)]),
    peer("@jax-js/jax", "jax.mjs"),
    peer("@tensorflow/tfjs-backend-wasm", "tfjs.mjs"),
  ];
}

/** Without the variables that hold OpenBLAS to an older instruction set, with as many threads as ours. */
function torch(args: readonly string[], threads: string): Promise<string> {
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  const env = { OMP_NUM_THREADS: threads, OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };
  return output(python, [TORCH, ...args], env);
}

async function torchProblem(): Promise<string | undefined> {
  try {
    await torch(["1", "0"], "1");
    return undefined;
  } catch {
    return "apt-get install python3-torch libopenblas0";
  }
}

async function install(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(path.join(CACHE, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await output(npm, ["install", "--prefix", CACHE, "--no-audit", "--no-fund", "--loglevel=error"]);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      install: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2" },
      threads: { type: "string", default: "1" },
      only: { type: "string" },
      bundle: { type: "string", default: BUNDLE },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const workloads = positionals.length > 0 ? positionals : Object.keys(WORKLOADS);
  const unknown = workloads.find((name) => !Object.hasOwn(WORKLOADS, name));
  if (values.help || unknown !== undefined) {
    process.stderr.write(`${unknown === undefined ? "" : `bench: no workload "${unknown}"\n`}${usage}\n`);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  if (values.install) await install();
  if (existsSync(CACHE)) {
    for (const file of readdirSync(PEERS)) copyFileSync(path.join(PEERS, file), path.join(CACHE, file));
  }
  const wanted = values.only?.split(",");
  const all = (await contestants(values.threads, path.resolve(values.bundle))).filter(
    ({ name }) => wanted === undefined || wanted.some((part) => name.includes(part)),
  );
  for (const { name, missing } of all) {
    if (missing) process.stderr.write(`bench: without ${name}: ${missing}\n`);
  }
  const present = all.filter(({ missing }) => missing === undefined);
  const results = new Map<string, WorkloadResult[]>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const workload of workloads) {
      for (const { name, only, run } of present) {
        if (only && !only.includes(workload)) continue;
        process.stderr.write(`\r\u001b[Kround ${round}: ${workload}, ${name}`);
        const result = JSON.parse(await run(workload, values.seconds)) as WorkloadResult;
        const key = `${workload} ${name}`;
        results.set(key, [...(results.get(key) ?? []), result]);
        if (values.json) process.stdout.write(`${JSON.stringify({ contestant: name, round, ...result })}\n`);
      }
    }
  }
  process.stderr.write("\r\u001b[K");
  if (!values.json) process.stdout.write(`${show(workloads, present, results)}\n`);
}

/** Tokens a second, and in brackets the ratio to PyTorch: the median over the rounds of the ratios within a round. */
function show(
  workloads: readonly string[],
  present: readonly Contestant[],
  results: ReadonlyMap<string, readonly WorkloadResult[]>,
): string {
  const cells = (of: (r: WorkloadResult) => number) =>
    present.map(({ name }) => [
      name,
      ...workloads.map((workload) => {
        const own = results.get(`${workload} ${name}`)?.map(of);
        if (!own) return "";
        const torch = results.get(`${workload} PyTorch`)?.map(of);
        const ratio = torch && median(own.map((value, round) => value / torch[round]));
        return `${short(median(own))}${ratio === undefined ? "" : ` (${ratio.toPrecision(2)})`}`;
      }),
    ]);
  const head = ["", ...workloads];
  const memory = present.map(({ name }) => [
    name,
    ...workloads.map((workload) => {
      const own = results.get(`${workload} ${name}`)?.map((r) => r.peakRssBytes / 2 ** 20);
      return own ? `${Math.round(median(own))}` : "";
    }),
  ]);
  const fingerprints = new Set(
    [...results.values()].map(([r]) => `${r.kernels}${r.node ? `, Node ${r.node}` : ""} (${r.fingerprint})`),
  );
  return [
    "Tokens a second by the clock (and the ratio to PyTorch)\n",
    markdown([head, ...cells((r) => r.tokensPerSecond)]),
    "\nTokens for a second of processor time (and the ratio to PyTorch)\n",
    markdown([head, ...cells((r) => (r.tokensPerSecond * r.stepMs) / r.cpuMs)]),
    "\nPeak memory of the process, MiB\n",
    markdown([head, ...memory]),
    `\n${[...fingerprints].map((line) => `- ${line}`).join("\n")}`,
  ].join("\n");
}

await main();
