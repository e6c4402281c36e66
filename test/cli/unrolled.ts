import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Milliseconds. */
  took: number;
}

export interface Running {
  finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs `unrolled` from its source, as a user's shell would. */
export function start(
  args: string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Running {
  const started = performance.now();
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const child = spawn(
    process.execPath,
    ["--conditions=unrolled-source", "--import", loader, path.join(root, "src/cli/main.ts"), ...args],
    { cwd: options.cwd ?? root, env: { ...process.env, ...options.env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr, took: performance.now() - started }));
  });
  return { finished, kill: (signal) => child.kill(signal) };
}

export function unrolled(...args: Parameters<typeof start>): Promise<Finished> {
  return start(...args).finished;
}
