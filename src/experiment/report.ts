import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { DataError, UnrolledError } from "../errors.ts";
import { lm, viz } from "../index.ts";
import { escapeHtml } from "../text/table.ts";
import { checkConfig, type ExperimentConfig } from "./config.ts";
import { readJson } from "./config-file.ts";
import { FILES, type RunResult } from "./run.ts";

/** One run as its folder shows it; it may still be going on. */
export interface ReportedRun {
  folder: string;
  config: ExperimentConfig;
  history: lm.History | null;
  result: RunResult | null;
}

/**
 * Every run below a folder, by the names of the folders; `onBroken` gets what keeps one from being read.
 * @throws {DataError} if there is none.
 */
export function findRuns(
  folder: string,
  onBroken: (message: string) => void = () => undefined,
): ReportedRun[] {
  if (!existsSync(folder))
    throw new DataError(`${folder}: there is no such folder; give one that holds runs`);
  if (!statSync(folder).isDirectory())
    throw new DataError(`${folder} is a file; give the folder that holds the runs`);
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === FILES.config)
    .map(({ parentPath }) => parentPath)
    .sort();
  const runs = folders.flatMap((one) => {
    try {
      return [readRun(one, path.relative(folder, one) || path.basename(one))];
    } catch (error) {
      if (!(error instanceof UnrolledError)) throw error;
      onBroken(error.message);
      return [];
    }
  });
  if (runs.length === 0)
    throw new DataError(
      `${folder} holds no run: no folder in it has a ${FILES.config}; give one that "unrolled train" wrote`,
    );
  return runs;
}

function readRun(from: string, folder: string): ReportedRun {
  const file = (name: string) => path.join(from, name);
  const ifThere = (name: string) => (existsSync(file(name)) ? readJson(file(name)) : null);
  const history = ifThere(FILES.history);
  return {
    folder,
    config: checkConfig(readJson(file(FILES.config)), file(FILES.config)),
    history: history ? lm.History.fromJSON(history as lm.HistoryJSON) : null,
    result: ifThere(FILES.result) as RunResult | null,
  };
}

/** The settings in which the runs differ, as paths with their values: what a sweep was about. */
export function differences(runs: readonly ReportedRun[]): { path: string; values: string[] }[] {
  const flat = runs.map(({ config }) => flatten(config));
  const paths = [...new Set(flat.flatMap((one) => [...one.keys()]))].filter((key) => key !== "name");
  return paths
    .map((key) => ({ path: key, values: flat.map((one) => one.get(key) ?? "default") }))
    .filter(({ values }) => new Set(values).size > 1);
}

function flatten(value: unknown, at = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return new Map([[at, JSON.stringify(value)]]);
  }
  const entries = Object.entries(value).flatMap(([key, one]) => [
    ...flatten(one, at === "" ? key : `${at}.${key}`),
  ]);
  return new Map(entries);
}

/** One page without scripts: the validation curves of all runs, and a table with what they reached. */
export function reportPage(runs: readonly ReportedRun[], title: string): string {
  const drawn = runs.filter(({ history }) => history !== null && history.steps.length > 0);
  const histories = Object.fromEntries(drawn.map(({ folder, history }) => [folder, history!]));
  const validated = drawn.some(({ history }) =>
    history!.epochs.some(({ validLoss }) => validLoss !== undefined),
  );
  const figure =
    drawn.length === 0
      ? ""
      : viz
          .lossCurve(histories, { y: "perplexity", x: "tokens", show: validated ? "validation" : "train" })
          .toSVG();
  const settings = differences(runs);
  const header = [
    "run",
    ...settings.map(({ path }) => path),
    "parameters",
    "steps",
    "valid perplexity",
    "test perplexity",
    "seconds",
  ];
  const rows = runs.map(({ folder, result, history }, i) => [
    folder,
    ...settings.map(({ values }) => values[i]),
    result ? String(result.parameters) : "",
    result ? String(result.steps) : `${history?.steps.length ?? 0}, not finished`,
    perplexity(result?.evaluations.valid?.perplexity ?? lastValid(history)),
    perplexity(result?.evaluations.test?.perplexity),
    result ? result.seconds.toFixed(1) : "",
  ]);
  const line = (cells: string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
figure { background: #fff; margin: 0; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #8888; padding: 0.25rem 0.75rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<figure>${figure}</figure>
<table>
<thead>${line(header, "th")}</thead>
<tbody>
${rows.map((row) => line(row, "td")).join("\n")}
</tbody>
</table>
</body>
</html>
`;
}

function lastValid(history: lm.History | null): number | undefined {
  const loss = history?.epochs.at(-1)?.validLoss;
  return loss === undefined ? undefined : Math.exp(loss);
}

const perplexity = (value: number | undefined) => (value === undefined ? "" : value.toFixed(2));
