import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Runs an ES module in a process of its own, straight from source; `./src/…` is resolved from the project. */
export function runModule(code: string): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--conditions=unrolled-source", "--import=tsx", "--input-type=module", "--eval", code],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 << 20,
      // Coverage of the same file from several processes is merged line by line, and wrongly.
      env: { ...process.env, NODE_V8_COVERAGE: "" },
    },
  );
  return { stdout, stderr, status };
}

/** Code that makes packages look as if they were not installed. */
export function without(...packages: string[]): string {
  return `
    import Module from "node:module";
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (${JSON.stringify(packages)}.some((name) => request === name || request.startsWith(name + "/") || request.startsWith(name + "-"))) {
        throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: "MODULE_NOT_FOUND" });
      }
      return resolve.call(this, request, ...rest);
    };
  `;
}
