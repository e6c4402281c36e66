import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ProgressReport, progressFile, progressReport } from "../lectures/index.ts";
import type { Command } from "./command.ts";

const usage = `usage: unrolled progress [--json] [FILE …]

Prints what was reached in the exercises of the lectures: your own, or that of the learners whose progress.json files
are given (each lies in the folder .unrolled of its learner).

  --json   everything as JSON, one entry for each file`;

/** `npx unrolled progress` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  if (positionals.length === 0 && !values.json) {
    const file = progressFile();
    if (file === undefined || !existsSync(file)) {
      process.stdout.write(`${noneYet(file)}\n`);
      return 0;
    }
  }
  const reports = progressReport(positionals.length > 0 ? positionals : undefined);
  process.stdout.write(
    values.json ? `${JSON.stringify(reports, null, 2)}\n` : `${reports.map(table).join("\n\n")}\n`,
  );
  return 0;
}

function noneYet(file: string | undefined): string {
  if (file === undefined) return "No progress is kept: UNROLLED_PROGRESS is off.";
  return (
    `No exercise was tried here yet: there is no ${file}, where the first answer will be kept ` +
    "(UNROLLED_PROGRESS=FILE chooses another place)."
  );
}

function table({ file, passed, of, exercises }: ProgressReport): string {
  const rows = exercises.map((one) => {
    const mark = one.passed ? "✓" : one.attempts > 0 ? "✗" : "·";
    const tries = one.attempts === 0 ? "" : one.attempts === 1 ? "1 attempt" : `${one.attempts} attempts`;
    const help = [
      one.hints && `${one.hints} ${one.hints === 1 ? "hint" : "hints"}`,
      one.solution && "solution seen",
    ];
    const notes = [tries, ...help].filter(Boolean).join(", ");
    return `  ${mark} ${one.id.padEnd(6)} ${one.title.padEnd(44)} ${notes}`.trimEnd();
  });
  return [`${file}: ${passed} of ${of} passed`, ...rows].join("\n");
}
