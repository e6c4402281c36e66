/**
 * How long a notebook waits for its kernel: this project's, stock tslab and, if it is installed, Deno's, side by side.
 * Usage: node --conditions=unrolled-source --import tsx test/jupyter/kernel/latency.ts [--rounds 5] [--deno FILE]
 *        [--kernel dist/jupyter/kernel/main.js]
 */
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./build.ts";
import { TestKernel } from "./harness.ts";

const CELLS = 60;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, deno: { type: "string" }, kernel: { type: "string" } },
});

const kernels: Record<string, (file: string) => string[]> = {
  unrolled: (file) => [
    process.execPath,
    values.kernel ?? path.join(ROOT, "dist/jupyter/kernel/main.js"),
    "--connection-file",
    file,
  ],
  "tslab 1.0.22": (file) => [
    process.execPath,
    path.join(ROOT, "node_modules/tslab/bin/tslab"),
    "kernel",
    "--config-path",
    file,
  ],
};
const { deno } = values;
if (deno) kernels["deno"] = (file) => [deno, "jupyter", "--kernel", "--conn", file];

/** Milliseconds; `first` counts from the start of the process to the first result. */
interface Times {
  info: number;
  first: number;
  trivial: number;
  importLibrary: number;
}

async function measure(argv: (file: string) => string[], cwd: string): Promise<Times> {
  const started = performance.now();
  const kernel = await TestKernel.start({ argv, cwd });
  const info = performance.now() - started;
  const timed = async (code: string): Promise<number> => {
    const before = performance.now();
    const { reply } = await kernel.execute(code);
    if (reply.content["status"] !== "ok") throw new Error(`${code}: ${JSON.stringify(reply.content)}`);
    return performance.now() - before;
  };
  await timed("1 + 1");
  const first = performance.now() - started;
  // A reader looks at the notebook before they run it.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const importLibrary = await timed('import { Tensor, nn, tensor } from "unrolled"; tensor([1, 2])').catch(
    async () => {
      // Deno knows no packages without a project file. Stock tslab refuses what comes at once after an error.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return Number.NaN;
    },
  );
  const trivial: number[] = [];
  for (let i = 0; i < CELLS; i++) trivial.push(await timed(`const x${i % 7} = ${i}; x${i % 7} + 1`));
  await kernel.stop();
  return { info, first, trivial: median(trivial), importLibrary };
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function main(): Promise<void> {
  const cwd = mkdtempSync(path.join(tmpdir(), "unrolled-latency-"));
  symlinkSync(path.join(ROOT, "node_modules"), path.join(cwd, "node_modules"));
  process.stdout.write(`median of ${values.rounds} starts, milliseconds; Node ${process.version}\n`);
  process.stdout.write(
    `${"".padEnd(14)}${["kernel_info", "first result", "trivial cell", "import unrolled"].map((t) => t.padStart(17)).join("")}\n`,
  );
  for (const [name, argv] of Object.entries(kernels)) {
    if (!existsSync(argv("")[0])) continue;
    const rounds: Times[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await measure(argv, cwd));
    const row = (["info", "first", "trivial", "importLibrary"] as const).map((key) =>
      median(rounds.map((times) => times[key]))
        .toFixed(1)
        .padStart(17),
    );
    process.stdout.write(`${name.padEnd(14)}${row.join("")}\n`);
  }
  rmSync(cwd, { recursive: true, force: true });
}

main().then(() => process.exit());
