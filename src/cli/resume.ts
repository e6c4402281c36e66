import { parseArgs } from "node:util";
import { resumeRun } from "../experiment/run.ts";
import type { Command } from "./command.ts";
import { reportRun, terminalProgress } from "./run-report.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled resume DIR [--quiet]

Goes on with an interrupted "unrolled train" from its last checkpoint. The result is bit for bit that of the training
that was not interrupted, on the same machine with the same kernels.

Exit codes: 0 finished, 1 failed, 2 wrong usage, 130 interrupted again.`;

/** `npx unrolled resume` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quiet: { type: "boolean", default: false } },
  });
  if (positionals.length !== 1) {
    process.stderr.write("unrolled resume: give the folder of one run. See --help\n");
    return 2;
  }
  const [out] = positionals;
  const stop = new Interruption();
  try {
    const progress = values.quiet ? false : terminalProgress();
    return reportRun(await resumeRun(out, { signal: stop.signal, progress }), out, stop);
  } finally {
    stop.dispose();
  }
}
