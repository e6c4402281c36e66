/**
 * A training in a notebook kernel for as long as is asked, interrupted, resumed and killed at random, as it happens to
 * someone who leaves a lecture running: no record of the history may be lost, twice there or out of order, and memory
 * must not grow beyond what the history itself needs.
 *
 * Usage: node --conditions=unrolled-source --import tsx test/soak/training.ts [--minutes N] [--seed S]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { KernelProcess } from "../../src/jupyter/client/index.ts";
import { type InstalledKernelSpec, resolveKernelSpec } from "../../src/jupyter/kernelspec/index.ts";
import { Generator } from "../../src/random.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "120" },
    seed: { type: "string", default: String(Date.now()) },
  },
});
const minutes = Number(values.minutes);
const random = new Generator(values.seed);
const end = Date.now() + minutes * 60_000;
const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-soak-"));
const file = path.join(folder, "model.safetensors");
const say = (line: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

const BEGIN = `
  import v8 from "node:v8";
  import vm from "node:vm";
  import { lm, optim, text } from "unrolled";
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  const corpus = text.loadCorpus("harbour", { split: { fractions: [0.9, 0.1] } });
  const common = { epochs: 1_000_000, batchSize: 16, bptt: 32, clipNorm: 1, checkpoint: { path: ${JSON.stringify(file)}, everySteps: 100 } };
  let model: lm.NeuralLM, optimizer: optim.Optimizer, history: lm.History | undefined;`;
const FRESH = `
  model = new lm.RecurrentLM({ corpus, cell: "lstm", hiddenSize: 64, embeddingSize: 32, seed: 1 });
  optimizer = new optim.Adam(model.parameters(), { lr: 1e-4 });`;
const LOAD = `({ model, optimizer, history } = lm.load(${JSON.stringify(file)}) as never);`;
const TRAIN =
  "history = await lm.train(model, corpus, { ...common, optimizer, resume: history }); history.steps.length";
/** The history must hold every step once, in order. */
const CHECK = `
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20)); // what is registered to be freed is freed in between
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const broken = history!.steps.findIndex(({ step, loss }, i) => step !== i + 1 || !Number.isFinite(loss));
  console.log(JSON.stringify({ steps: history!.steps.length, broken, state: history!.state!.step, loss: history!.steps.at(-1)?.loss, megabytes: (heapUsed + arrayBuffers) / 1e6 }));`;

let kernel: KernelProcess | undefined;
/** While nobody waits, a new kernel reads types and documentation ahead, some 20 MB of them: that is no growth. */
const READ_AHEAD_MS = 30_000;

async function start(): Promise<void> {
  const spec: InstalledKernelSpec = await resolveKernelSpec("unrolled");
  kernel = new KernelProcess({
    name: "unrolled",
    spec: spec.spec,
    resourceDir: spec.resourceDir,
    cwd: folder,
  });
  await kernel.start();
  await run(BEGIN);
  await sleep(READ_AHEAD_MS);
}

/** Runs a cell. @returns what it printed. @throws what it threw, unless `mayFail`. */
async function run(code: string, mayFail: boolean = false): Promise<string> {
  let printed = "";
  const reply = await kernel!.request(
    "execute_request",
    { code, silent: false, store_history: true },
    {
      onIopub: (message) => {
        const content = message.content as { text?: string };
        if (message.header.msg_type === "stream") printed += content.text ?? "";
      },
    },
  );
  const { status, ename, evalue } = reply.content as Record<string, unknown>;
  if (status !== "ok" && !mayFail) throw new Error(`${code.slice(0, 80)}: ${ename}: ${evalue}`);
  return printed;
}

/** Megabytes in memory. */
function resident(): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${kernel!.pid}/status`, "utf8"));
  return Number(line?.[1]) / 1000;
}

interface Report {
  steps: number;
  broken: number;
  state: number;
  loss: number;
  /** What is held after a collection. */
  megabytes: number;
}

let [interrupts, kills, before] = [0, 0, 0];
/** Since the present kernel was started: steps then, and [steps, megabytes]. */
let samples: [steps: number, megabytes: number][] = [];
const slopes: string[] = [];
/** One step's record is an object of nine numbers. */
const RECORD_MB = 250e-6;

function judge(): void {
  // The first cells compile what the later ones use.
  const settled = samples.slice(Math.floor(samples.length / 3));
  if (settled.length < 4) return;
  const half = Math.floor(settled.length / 2);
  const low = (list: typeof samples) => Math.min(...list.map(([, megabytes]) => megabytes));
  const growth = low(settled.slice(half)) - low(settled.slice(0, half));
  const records = (settled.at(-1)![0] - settled[0][0]) * RECORD_MB;
  slopes.push(`${growth.toFixed(1)} MB over ${settled.at(-1)![0] - settled[0][0]} steps`);
  if (growth > 8 + 2 * records)
    throw new Error(`memory grew by ${slopes.at(-1)}: ${JSON.stringify(settled)}`);
}

try {
  await start();
  await run(FRESH);
  say(`seed ${values.seed}, ${minutes} minutes`);
  while (Date.now() < end) {
    const kill = before > 300 && random.uniform() < 0.08;
    const training = run(TRAIN, true).catch((error: unknown) => {
      if (!kill) throw error;
    });
    await sleep(random.uniform(1_000, 12_000));
    if (kill) {
      kills++;
      process.kill(kernel!.pid!, "SIGKILL");
      await training;
      judge();
      samples = [];
      await start();
      await run(LOAD);
    } else {
      interrupts++;
      await kernel!.interrupt();
      await training;
    }
    const report = JSON.parse(await run(CHECK)) as Report;
    if (report.broken >= 0)
      throw new Error(`step ${report.broken + 1} of the history is not what it should be`);
    if (report.state !== report.steps)
      throw new Error(`state at step ${report.state}, history of ${report.steps}`);
    // Killed, at most the steps since the last checkpoint are lost; interrupted, none.
    if (report.steps < before - (kill ? 100 : 0)) throw new Error(`${before} steps became ${report.steps}`);
    before = report.steps;
    samples.push([report.steps, report.megabytes]);
    if (interrupts % 10 === 0 || kill) {
      say(
        `${report.steps} steps, loss ${report.loss.toFixed(4)}, ${interrupts} interrupts, ${kills} kills, ${report.megabytes.toFixed(1)} MB held, ${resident().toFixed(0)} MB resident`,
      );
    }
  }
  judge();
  say(
    `done: ${before} steps, ${interrupts} interrupts and resumes, ${kills} kill -9 and loads; memory: ${slopes.join("; ") || "too short to tell"}`,
  );
} finally {
  await kernel?.shutdown().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}
