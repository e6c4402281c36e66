/** The package as npm packs it, installed in empty projects outside of the repository, and the programs that use it there. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a program to its end; what it printed is in the message if it fails. */
export function run(
  cwd: string,
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): string {
  const env = { ...process.env, ...options.env };
  delete env["NODE_OPTIONS"]; // those of this test run
  const done = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 1e8 });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(" ")} in ${cwd} (${done.status}):\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
let made: string | undefined;
let tarball: string | undefined;

/** A folder of this test run; a space in its name, because there are users who have one in theirs. */
function workshop(): string {
  made ??= mkdtempSync(path.join(os.tmpdir(), "unrolled consumers "));
  return made;
}

after(() => {
  if (made) rmSync(made, { recursive: true, force: true });
});

/** The packed package, made once. */
export function packed(): string {
  if (tarball) return tarball;
  const folder = path.join(workshop(), "packed");
  mkdirSync(folder);
  run(root, "npm", ["pack", "--pack-destination", folder, "--loglevel=error"]);
  tarball = path.join(folder, readdirSync(folder)[0]);
  return tarball;
}

const projects = new Map<string, string>();

/** An empty project with our package in it, and nothing else. */
export function project(type: "module" | "commonjs"): string {
  const known = projects.get(type);
  if (known) return known;
  const folder = path.join(workshop(), type);
  mkdirSync(folder);
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type }));
  run(folder, "npm", ["install", ...quiet, packed()]);
  projects.set(type, folder);
  return folder;
}

/** Programs by the names that the tests use; their versions are pinned like those of the lock file. */
const TOOLS = {
  node20: "npm:node@20.20.2",
  node24: "npm:node@24.21.0",
  deno: "2.9.6",
  ts50: "npm:typescript@5.0.4",
  ts7: "npm:typescript@7.0.2",
  vite: "8.3.8",
};
let tools: string | undefined;

/** The folder of one of these programs, installed from the npm registry outside of every project. */
export function tool(name: keyof typeof TOOLS): string {
  if (!tools) {
    tools = path.join(workshop(), "tools");
    mkdirSync(tools);
    writeFileSync(path.join(tools, "package.json"), JSON.stringify({ private: true, dependencies: TOOLS }));
    run(tools, "npm", ["install", ...quiet]);
  }
  return path.join(tools, "node_modules", name);
}

/** Writes a file into a project. @returns its path. */
export function put(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
