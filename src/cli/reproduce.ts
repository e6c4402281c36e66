import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DataError } from "../errors.ts";
import {
  type Reproduced,
  type Reproduction,
  reproduce,
  reproductions,
} from "../experiment/reproduce/index.ts";
import { writeRecord } from "../experiment/reproduce/record.ts";
import { writeJson } from "../experiment/run.ts";
import type { Command } from "./command.ts";
import { terminalProgress } from "./run-report.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled reproduce NAME… [options]
       unrolled reproduce --all [options]
       unrolled reproduce --list

Reaches a published number again: trains (or counts) by its protocol and puts the value, its spread over seeds and the
published one side by side.

  --list         all names, with their references
  --all          every name; those whose corpus is not there are left out, and said
  --seeds N      how many seeds; default 5 if one takes under 2 minutes, 3 under 20 minutes, else 1
  --fast         a short run that shows that everything works; its values mean nothing
  --json FILE    the results as JSON; "-": on standard output, and nothing else there
  --out DIR      keeps checkpoints and histories in DIR/NAME, and goes on from there when called again
  --record       writes curve, figure and result into notebooks/results (full runs only)

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a full run ended outside its band, 130 interrupted.`;

/** `npx unrolled reproduce` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      list: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      seeds: { type: "string" },
      fast: { type: "boolean", default: false },
      json: { type: "string" },
      out: { type: "string" },
      record: { type: "boolean", default: false },
    },
  });
  if (values.list) {
    process.stdout.write(list());
    return 0;
  }
  const misuse = (what: string) => {
    process.stderr.write(`unrolled reproduce: ${what}\n`);
    return 2;
  };
  if (values.all === positionals.length > 0) return misuse("give names, or --all. --list shows the names");
  if (values.record && values.fast) return misuse("--record needs full runs; leave out --fast");
  const unknown = positionals.find((name) => !reproductions.some((one) => one.name === name));
  if (unknown !== undefined) return misuse(`there is no "${unknown}". --list shows the names`);
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (seeds !== undefined && !(Number.isSafeInteger(seeds) && seeds >= 1)) {
    return misuse(`--seeds must be a whole number ≥ 1, got "${values.seeds}"`);
  }
  const chosen = values.all ? reproductions : reproductions.filter(({ name }) => positionals.includes(name));
  const stop = new Interruption();
  const results: Reproduced["result"][] = [];
  const tell = (text: string) => (values.json === "-" ? process.stderr : process.stdout).write(text);
  let failed = 0;
  try {
    for (const one of chosen) {
      try {
        const done = await reproduce(one, {
          seeds,
          fast: values.fast,
          signal: stop.signal,
          out: values.out === undefined ? undefined : path.join(values.out, one.name),
          progress: terminalProgress().progress,
          onSeed: (seed, of) => {
            if (!one.deterministic)
              process.stderr.write(`${one.name}: seed ${seed}${of ? ` of ${of}` : ""}\n`);
          },
        });
        if (!done) {
          tell(`${one.name}: interrupted${values.out === undefined ? "" : "; the same command goes on"}\n`);
          return stop.exitCode ?? 130;
        }
        results.push(done.result);
        tell(describeResult(one, done));
        if (values.record) {
          tell(`  ${writeRecord(resultsFolder(), one, done, commandOf(one, values)).join(", ")}\n`);
        }
      } catch (error) {
        if (!(error instanceof DataError) || !values.all) throw error;
        const isMissing = /was not found/.test(error.message);
        if (!isMissing) failed++;
        const what = isMissing
          ? `left out: ${error.message.split(" (")[0]} was not found`
          : `failed: ${error.message}`;
        tell(`${one.name}: ${what}\n`);
      }
    }
  } finally {
    stop.dispose();
  }
  if (values.json === "-")
    process.stdout.write(`${JSON.stringify(positionals.length === 1 ? results[0] : results)}\n`);
  else if (values.json !== undefined) writeJson(values.json, positionals.length === 1 ? results[0] : results);
  if (failed > 0) return 1;
  return results.some(({ reproduced }) => reproduced === false) ? 3 : 0;
}

function list(): string {
  const width = Math.max(...reproductions.map(({ name }) => name.length));
  return reproductions
    .map(({ name, title, published, unit, source }) => {
      const reference = published === null ? "no published number" : `${published} ${unit}`;
      return `${name.padEnd(width)}  ${title}\n${"".padEnd(width)}  ${reference}; ${source}\n`;
    })
    .join("");
}

function describeResult(one: Reproduction, { result }: Reproduced): string {
  const { value, spread, seeds, seconds, published, reproduced, marks } = result;
  const places = Math.abs(value) >= 20 ? 2 : 4;
  const of =
    spread === null
      ? one.deterministic
        ? ""
        : " (one seed)"
      : ` ± ${spread.toFixed(places)} over ${seeds.length} seeds`;
  const verdict =
    reproduced === null ? "fast run, not comparable" : reproduced ? "within the band" : "OUTSIDE the band";
  const lines = [
    `${one.name}: ${value.toFixed(places)}${of} ${one.unit}, reference ${published ?? "none"}: ${verdict}; ${seconds.toFixed(1)} s`,
  ];
  marks?.x.forEach((x, i) => {
    lines.push(`  at ${x}: ${marks.values[i].toFixed(4)}, reference ${marks.published[i]}`);
  });
  return `${lines.join("\n")}\n`;
}

function commandOf({ name }: Reproduction, { seeds }: { seeds?: string }): string {
  return `npx unrolled reproduce ${name}${seeds === undefined ? "" : ` --seeds ${seeds}`}`;
}

/** `notebooks/results` of the clone. @throws {DataError} in an installed package, which has no notebooks. */
function resultsFolder(): string {
  const notebooks = fileURLToPath(new URL("../../notebooks", import.meta.url));
  if (!existsSync(notebooks))
    throw new DataError(
      "--record writes into the notebooks of a clone of the repository; use --json and --out here",
    );
  return path.join(notebooks, "results");
}
