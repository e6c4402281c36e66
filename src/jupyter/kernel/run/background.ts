/**
 * Errors that no cell waits for: thrown in a timer, or in a promise that nobody awaits. They appear in the cell that
 * started the task, also when that cell ended long ago, and the kernel goes on.
 */

import type { Tracebacks } from "../show/traceback.ts";
import { KeyboardInterrupt } from "./await-hooks.ts";
import { cells } from "./cell.ts";
import { Unwound } from "./guard.ts";
import type { Streams } from "./streams.ts";

export function installBackgroundErrors(streams: Streams, tracebacks: Tracebacks): void {
  const report = (what: string, error: unknown): void => {
    // The guard's way out, and the tasks of an interrupted cell coming to their end, are no errors.
    if (error instanceof Unwound || error instanceof KeyboardInterrupt) return;
    const cell = cells.getStore() ?? streams.last;
    const text = `${what}\n${tracebacks.ofError(error).traceback.join("\n")}\n`;
    if (cell) streams.print(cell, "stderr", text);
    else process.stderr.write(text);
  };
  process.on("uncaughtException", (error) => report("Uncaught exception in the background:", error));
  process.on("unhandledRejection", (reason) =>
    report("Unhandled promise rejection in the background:", reason),
  );
}
