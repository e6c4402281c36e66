import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../../errors.ts";
import type { KernelSpec } from "./spec.ts";

/** The name by which notebooks ask for our kernel. */
export const OWN_KERNEL = "unrolled";

/**
 * Our kernelspec. Its paths are absolute: Jupyter starts kernels in the notebook's folder, and often with another
 * `PATH` than a terminal's.
 */
export function ownKernelSpec(): KernelSpec {
  return {
    argv: [process.execPath, kernelEntry(), "--connection-file", "{connection_file}"],
    display_name: "TypeScript (Unrolled)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.3",
    metadata: { debugger: false },
  };
}

/** The built kernel, also when this file runs from its source. */
export function kernelEntry(): string {
  return fileURLToPath(new URL("../../../dist/jupyter/kernel/main.js", import.meta.url));
}

/** @throws {ArgumentError} when the package has not been built. */
export function assertKernelBuilt(): void {
  if (existsSync(kernelEntry())) return;
  throw new ArgumentError(`the kernel is not built (there is no ${kernelEntry()}). Run: npm run build`);
}
