import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { UnrolledError } from "../errors.ts";
import { type RunFileOptions, type RunFileReport, runNotebookFile } from "../jupyter/execute/index.ts";
import type { Command } from "./command.ts";
import { ProgressLine } from "./run-progress.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled run [options] A.ipynb [B.ipynb …]
       unrolled run [options] --all

Runs notebooks without a browser, cell by cell in a fresh kernel, and writes their outputs back.
Ends with a code other than 0, naming notebook and cell and giving the traceback, when a cell fails.

  --all             every notebook of the package (notebooks/*.ipynb)
  -o, --output OUT  write to this file; to this folder when there are several notebooks
  -k, --kernel NAME use this kernel instead of the one that the notebook names
  --timeout S       seconds that a cell may take (default 600; "timeout" in a cell's metadata counts for that cell)
  --fast            quick check: sets UNROLLED_FAST=1, by which notebooks train less; writes nothing
  --check           write nothing; fail if the outputs would change
  --allow-errors    failing cells are no failure: their errors become outputs
  --remeasure       new outputs also for cells tagged "measured", which otherwise keep theirs

Tags of cells: "raises-exception" (must fail), "skip-execution", "measured".`;

/** `npx unrolled run` */
export const command: Command = { usage, run };

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      all: { type: "boolean", default: false },
      output: { type: "string", short: "o" },
      kernel: { type: "string", short: "k" },
      timeout: { type: "string" },
      fast: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      "allow-errors": { type: "boolean", default: false },
      remeasure: { type: "boolean", default: false },
    },
  });
  const misuse = (text: string) => {
    process.stderr.write(`unrolled run: ${text}\n`);
    return 2;
  };
  const seconds = values.timeout === undefined ? undefined : Number(values.timeout);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 1_000_000)) {
    return misuse(`--timeout must be seconds, > 0 and at most 1,000,000, got "${values.timeout}"`);
  }
  if (values.output !== undefined && (values.fast || values.check)) {
    return misuse(
      `--output and --${values.fast ? "fast" : "check"} exclude each other: the latter writes nothing`,
    );
  }
  if (values.fast && values.check) {
    return misuse("--fast and --check exclude each other: fast outputs differ from the full ones");
  }
  if (values.all && positionals.length > 0) return misuse("give notebooks or --all, not both");
  const files = values.all ? await packageNotebooks() : positionals;
  if (files.length === 0)
    return misuse(values.all ? "--all: the package has no notebooks" : "which notebook? See --help");
  const output = outputFor(files, values.output);
  const clash = firstRepeated(files.map((file) => path.resolve(output(file) ?? file)));
  if (clash !== undefined) return misuse(`two notebooks would be written to ${clash}`);

  const stop = new Interruption();
  let failed = 0;
  try {
    for (const file of files) {
      const line = new ProgressLine(file);
      const options: RunFileOptions = {
        output: output(file),
        kernel: values.kernel,
        timeoutMs: seconds === undefined ? undefined : seconds * 1000,
        allowErrors: values["allow-errors"],
        remeasure: values.remeasure,
        env: { UNROLLED_FAST: values.fast ? "1" : undefined },
        signal: stop.signal,
        mode: values.fast ? "nothing" : values.check ? "check" : "write",
        onProgress: (progress) => line.progress(progress),
      };
      try {
        const report = await runNotebookFile(file, file, options);
        const stale = values.check && report.changed;
        if (stale) failed++;
        line.end(stale ? "FAIL" : "ok", describeReport(report, options.mode!));
      } catch (error) {
        failed++;
        line.end("FAIL", "");
        // A bug needs its stack.
        const text =
          error instanceof UnrolledError ? error.message : String((error as Error)?.stack ?? error);
        process.stderr.write(`${text}\n`);
      }
      if (stop.signal.aborted) break;
    }
  } finally {
    stop.dispose();
  }
  if (files.length > 1) process.stdout.write(`${files.length} notebooks, ${failed} failed\n`);
  return stop.exitCode ?? (failed > 0 ? 1 : 0);
}

function describeReport({ codeCells, changed, changedCells }: RunFileReport, mode: string): string {
  const parts = [`${codeCells} code ${codeCells === 1 ? "cell" : "cells"}`];
  const count = changedCells.length;
  const cells = count === 0 ? "its format" : `${count === 1 ? "cell" : "cells"} ${changedCells.join(", ")}`;
  if (mode === "check" && changed) parts.push(`the outputs would change (${cells}); run it without --check`);
  else if (mode !== "nothing") parts.push(changed ? "written" : "unchanged");
  return parts.join(", ");
}

/** The lectures of the package that this file belongs to. */
async function packageNotebooks(): Promise<string[]> {
  const folder = fileURLToPath(new URL("../../notebooks", import.meta.url));
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".ipynb")).sort();
  return names.map((name) => path.relative(process.cwd(), path.join(folder, name)));
}

/** A folder when there are several notebooks, or when it is one or is written as one. */
function outputFor(files: string[], output: string | undefined): (file: string) => string | undefined {
  if (output === undefined) return () => undefined;
  const isFolder =
    files.length > 1 || /[\\/]$/.test(output) || (existsSync(output) && statSync(output).isDirectory());
  return (file) => (isFolder ? path.join(output, path.basename(file)) : output);
}

function firstRepeated(list: string[]): string | undefined {
  return list.find((one, i) => list.indexOf(one) !== i);
}
