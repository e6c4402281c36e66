import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { FILES, resumeRun } from "../experiment/run.ts";
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
  if (existsSync(path.join(out, FILES.result))) {
    process.stdout.write(
      `${out} is finished; its result is in ${FILES.result}. To train it further, raise training.epochs in ` +
        `${FILES.config}, remove ${FILES.result}, and resume again.\n`,
    );
    return 0;
  }
  const stop = new Interruption();
  try {
    const progress = values.quiet ? { progress: false } : terminalProgress();
    return reportRun(await resumeRun(out, { signal: stop.signal, ...progress }), out, stop);
  } finally {
    stop.dispose();
  }
}
