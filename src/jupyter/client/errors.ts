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

/** What stands above a stack: `TypeError [ERR_X]: …`, `Uncaught Error: …`, Python's `x.SomeException: …`. */
const ERROR_LINE = /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b.*:/;

/**
 * The end of a log, and its last error line if that stands above the end: a long stack hides what went wrong. Of Node's
 * out-of-memory report, only the line that says so (the rest is addresses).
 */
function lastLines(log: string, count = 12): string {
  const fatal = /^FATAL ERROR: .*$/m.exec(log);
  if (fatal) return fatal[0];
  const lines = log.trimEnd().split("\n");
  const start = Math.max(0, lines.length - count);
  const error = lines.findLastIndex((line) => ERROR_LINE.test(line));
  const above = error >= 0 && error < start ? [lines[error], ...(error < start - 1 ? ["    …"] : [])] : [];
  return [...above, ...lines.slice(start)].join("\n");
}
