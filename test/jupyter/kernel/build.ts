/** Compiles the kernel as it is in `src`, so that its tests do not depend on when `dist` was built last. */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const ROOT: string = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const FOLDER = path.join(ROOT, "node_modules/.cache/unrolled-test-kernel");

let building: Promise<string> | undefined;

/** The kernel's entry file, built once per run of the tests. */
export function builtKernel(): Promise<string> {
  // `npm test` has just built `dist`, whose files map one to one to those of `src`: coverage of a bundle is not to be had.
  if (process.env.NODE_V8_COVERAGE) return Promise.resolve(path.join(ROOT, "dist/jupyter/kernel/main.js"));
  return bundledKernel();
}

/** The same in files that need nothing else of this project. */
export function bundledKernel(): Promise<string> {
  building ??= buildKernel();
  return building;
}

async function buildKernel(): Promise<string> {
  const source = path.join(ROOT, "src/jupyter/kernel");
  // The same depth below package.json as in `dist`.
  const dist = path.join(FOLDER, `dist-${process.pid}`);
  const outdir = path.join(dist, "jupyter/kernel");
  mkdirSync(outdir, { recursive: true });
  process.on("exit", () => rmSync(dist, { recursive: true, force: true }));
  copyFileSync(path.join(ROOT, "package.json"), path.join(FOLDER, "package.json"));
  await build({
    entryPoints: [
      path.join(source, "main.ts"),
      path.join(source, "wire/wire-thread.ts"),
      path.join(source, "wire/signal-thread.ts"),
    ],
    outdir,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    keepNames: true,
    sourcemap: true,
    logLevel: "error",
  });
  return path.join(outdir, "main.js");
}
