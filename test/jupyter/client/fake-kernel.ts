import { fileURLToPath } from "node:url";
import type { InstalledKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";

/** A step of the fake kernel's cells: a name of fake-kernel.mjs and its arguments. */
export type Step = [name: string, ...args: unknown[]];

/** The code of a cell for the fake kernel. */
export function cell(...steps: Step[]): string {
  return JSON.stringify(steps);
}

export function fakeKernel(
  options: { start?: "exit" | "silent" | "taken"; mark?: string; interrupt?: "signal" | "message" } = {},
): InstalledKernelSpec {
  const env: Record<string, string> = {};
  if (options.start) env["FAKE_START"] = options.start;
  if (options.mark) env["FAKE_MARK"] = options.mark;
  return {
    name: "fake",
    resourceDir: "",
    spec: {
      argv: [
        process.execPath,
        fileURLToPath(new URL("./fake-kernel.mjs", import.meta.url)),
        "{connection_file}",
      ],
      display_name: "Fake",
      language: "steps",
      interrupt_mode: options.interrupt ?? "message",
      env,
    },
  };
}
