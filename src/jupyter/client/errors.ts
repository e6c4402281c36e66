import { UnrolledError } from "../../errors.ts";

/** How a kernel process ended, and what it last wrote to its standard error. */
export interface KernelExit {
  /** The exit code, or null when a signal ended it or it could not be started. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of the process's own output (not that of cells, which arrives as messages). */
  log: string;
  /** Set when the program could not be started at all. */
  reason?: string;
}

/** A kernel that ended although nobody asked it to, or that could not be started. */
export class KernelDiedError extends UnrolledError {
  readonly exit: KernelExit;

  constructor(kernelName: string, exit: KernelExit, options?: { during?: string }) {
    const tail = lastLines(exit.log);
    super(
      `the kernel "${kernelName}" ${describeExit(exit)}${options?.during ? ` ${options.during}` : ""}` +
        (tail === "" ? "" : `\nIts last words:\n${tail}`),
    );
    this.exit = exit;
  }
}

/** A kernel, or one request to it, that took longer than its limit. */
export class KernelTimeoutError extends UnrolledError {}

/** `"died: exit code 3"`, `"was killed by SIGKILL"`, `"ran out of memory …"`. */
export function describeExit(exit: KernelExit): string {
  if (exit.reason !== undefined) return `could not be started: ${exit.reason}`;
  if (/JavaScript heap out of memory|Reached heap limit/.test(exit.log)) {
    return "ran out of memory (JavaScript heap exhausted; NODE_OPTIONS=--max-old-space-size=MB raises the limit)";
  }
  if (exit.signal !== null) return `was killed by ${exit.signal}`;
  return `died: exit code ${exit.code}`;
}

/** The end of a log; of Node's out-of-memory report, only the line that says so (the rest is addresses). */
function lastLines(log: string, count = 12): string {
  const fatal = /^FATAL ERROR: .*$/m.exec(log);
  if (fatal) return fatal[0];
  return log.trimEnd().split("\n").slice(-count).join("\n");
}
