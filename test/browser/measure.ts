/**
 * Measures what a user waits for, five times, on a warm machine: the bundle is built and the browser runs.
 * Usage: UNROLLED_BROWSER=1 node --conditions=unrolled-source --import tsx test/browser/measure.ts
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureLabUi } from "../../src/jupyter/lab/ensure-ui.ts";
import { Browser } from "./browser.ts";
import { LabPage } from "./lab-page.ts";
import { at, writeLectures } from "./lecture.ts";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Milliseconds from the start of `unrolled lab` to each event. */
interface Times {
  server: number;
  notebook: number;
  kernel: number;
  result: number;
}

async function measure(): Promise<Times> {
  const root = await writeLectures();
  const home = await mkdtemp(path.join(tmpdir(), "unrolled-home-"));
  const browser = await Browser.start();
  const user = new LabPage(browser.page);
  const started = performance.now();
  const lab = spawn(process.execPath, [program, "lab", root, "--no-browser", "--port", "0"], {
    env: { ...process.env, UNROLLED_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const passed = (): number => performance.now() - started;
  try {
    const url = await new Promise<URL>((resolve, reject) => {
      let text = "";
      lab.once("exit", (code) => reject(new Error(`unrolled lab has ended with ${code}`)));
      lab.stdout.setEncoding("utf8").on("data", (part: string) => {
        const found = /http:\S+/.exec((text += part));
        if (found && text.endsWith("\n")) resolve(new URL(found[0]));
      });
    });
    const server = passed();
    await browser.page.goto(`${url.origin}/lab/tree/01-counting.ipynb${url.search}`);
    await user.visible();
    const notebook = passed();
    await user.notebook.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    const kernel = passed();
    await user.start("notebook:run-all-cells");
    await user.cell(at.definition).locator(".jp-OutputArea-output").waitFor();
    return { server, notebook, kernel, result: passed() };
  } finally {
    lab.removeAllListeners("exit");
    const ended = new Promise((resolve) => lab.once("exit", resolve));
    lab.kill("SIGTERM");
    await ended;
    await browser.close();
    for (const folder of [root, home]) await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  await ensureLabUi();
  const all: Times[] = [];
  for (let i = 0; i < 5; i++) all.push(await measure());
  const labels: Record<keyof Times, string> = {
    server: "server answers",
    notebook: "notebook visible",
    kernel: "kernel ready",
    result: "first result",
  };
  for (const key of Object.keys(labels) as (keyof Times)[]) {
    const sorted = all.map((times) => times[key] / 1000).sort((a, b) => a - b);
    process.stdout.write(
      `${labels[key].padEnd(18)}${sorted[2].toFixed(2)} s  (${sorted[0].toFixed(2)}–${sorted[4].toFixed(2)})\n`,
    );
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
