import { fileURLToPath } from "node:url";
import type { KernelSpec } from "./spec.ts";

/** The name by which notebooks ask for our kernel. */
export const OWN_KERNEL = "unrolled";

/**
 * Our kernelspec. Its paths are absolute: Jupyter starts kernels in the notebook's folder, and often with another
 * `PATH` than a terminal's.
 */
export function ownKernelSpec(): KernelSpec {
  return {
    argv: [process.execPath, ...entry(), "--connection-file", "{connection_file}"],
    display_name: "TypeScript (Unrolled)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.3",
    metadata: { debugger: false },
  };
}

/** The file that a registered kernelspec starts. It exists once the package has been built. */
export function builtKernelEntry(): string {
  return fileURLToPath(new URL("../../../dist/jupyter/kernel/main.js", import.meta.url));
}

/** Straight from the TypeScript source when we are run from there ourselves, as tests are. */
function entry(): string[] {
  if (!import.meta.url.endsWith(".ts")) return [builtKernelEntry()];
  const source = fileURLToPath(new URL("../kernel/main.ts", import.meta.url));
  return ["--conditions=unrolled-source", "--import", import.meta.resolve("tsx"), source];
}
