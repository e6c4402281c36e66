import { parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { corpora, jupyter, machine, optionalPackages } from "./doctor/facts.ts";
import { computing } from "./doctor/kernels.ts";
import { type Diagnosis, problemsOf, report } from "./doctor/report.ts";

const usage = `usage: unrolled doctor [--json]

What this machine has and what of it is used: Node.js, cores, memory; the kernels that compute, their self-tests and a short
measurement of each; which BLAS was looked for and where; threads; corpora; Jupyter; optional packages. Says what would make
it faster. Changes nothing. Exits with 1 if something that was set or installed does not work.

  --json   the same as one JSON object`;

/** `npx unrolled doctor` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
  const diagnosis: Diagnosis = {
    machine: machine(),
    computing: computing(),
    corpora: corpora(),
    jupyter: await jupyter(),
    packages: optionalPackages(),
  };
  const problems = problemsOf(diagnosis);
  process.stdout.write(
    values.json ? `${JSON.stringify({ ...diagnosis, problems }, null, 2)}\n` : report(diagnosis),
  );
  return problems.length === 0 ? 0 : 1;
}
