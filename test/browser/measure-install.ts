/**
 * Measures what the first `npm start` adds: JupyterLab's packages fetched with an empty npm cache, and bundled, in a
 * folder of their own. Needs the network.
 * Usage: node --conditions=unrolled-source --import tsx test/browser/measure-install.ts
 */
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureLabUi } from "../../src/jupyter/lab/ensure-ui.ts";
import { copyLabUiSources, labUiPackage } from "../../src/jupyter/lab/ui-source.ts";

/** Megabytes (10⁶ bytes) that a folder takes on the disk, in whole blocks, as `du` counts. */
async function megabytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async ({ parentPath, name }) => (await lstat(path.join(parentPath, name))).blocks * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "unrolled-install-"));
  try {
    const source = path.join(folder, "lab-ui");
    await copyLabUiSources(labUiPackage, source);
    process.env["npm_config_cache"] = path.join(folder, "npm-cache");
    const steps: [string, number][] = [];
    const started = performance.now();
    const { dir } = await ensureLabUi({
      source,
      onProgress: ({ step }) => {
        if (steps.at(-1)?.[0] !== step) steps.push([step, performance.now()]);
      },
    });
    for (const [i, [step, begun]] of steps.entries()) {
      const ended = steps[i + 1]?.[1];
      if (ended !== undefined) process.stdout.write(`${step.padEnd(9)}${seconds(ended - begun)}\n`);
    }
    process.stdout.write(`together ${seconds(performance.now() - started)}\n`);
    const packages = await megabytes(path.join(source, "node_modules"));
    const bundle = await megabytes(dir);
    process.stdout.write(`on disk  ${packages.toFixed(0)} MB packages + ${bundle.toFixed(0)} MB bundle\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
