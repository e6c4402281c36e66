/** Starts measuring processes: plain JavaScript on the built bundle, without a loader that would cost time and memory. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));
export const BUNDLE: string = path.join(ROOT, "dist/bundle.js");

/** A script of this folder as one JavaScript file in a temporary folder, which goes when the process ends. */
export function compile(script: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "unrolled-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const outfile = path.join(folder, script.replace(/\.ts$/, ".mjs"));
  buildSync({
    entryPoints: [fileURLToPath(new URL(script, import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  return outfile;
}

/** Runs a program and gives its standard output. @throws {Error} with its standard error if it fails. */
export function output(
  command: string,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(new Error(`${command} ${args.join(" ")} ended with ${signal ?? code}:\n${stderr}${stdout}`));
    });
  });
}
