import path from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "#platform";
import { findRuns, reportPage } from "../experiment/report.ts";
import type { Command } from "./command.ts";

const usage = `usage: unrolled report DIR [--out FILE.html]

Merges the runs below a folder (each made by "unrolled train") into one page: their validation curves, and a table of
the settings in which they differ and what they reached. Runs that are still going on are in it too.

  -o, --out FILE   where the page goes; default DIR/report.html`;

/** `npx unrolled report` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: "string", short: "o" } },
  });
  if (positionals.length !== 1) {
    process.stderr.write("unrolled report: give one folder. See --help\n");
    return 2;
  }
  const [folder] = positionals;
  const runs = findRuns(folder, (message) => process.stderr.write(`left out: ${message}\n`));
  const out = values.out ?? path.join(folder, "report.html");
  writeFileAtomic(out, reportPage(runs, `Runs in ${path.basename(path.resolve(folder))}`));
  const finished = runs.filter(({ result }) => result !== null).length;
  process.stdout.write(
    `${out}: ${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${finished} finished\n`,
  );
  return 0;
}
