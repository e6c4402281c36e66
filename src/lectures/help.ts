import { DataError, UnrolledError } from "../errors.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { exists, readText } from "../text/files.ts";
import { node } from "../text/node-modules.ts";
import { escapeHtml } from "../text/table.ts";
import { record } from "./progress.ts";
import { exerciseOf } from "./registry.ts";

/** A hint or a solution, shown below the cell. */
export class Help {
  readonly title: string;
  readonly text: string;
  readonly isCode: boolean;

  constructor(title: string, text: string, isCode: boolean = false) {
    this.title = title;
    this.text = text;
    this.isCode = isCode;
  }
}

showAs(Help, ({ title, text, isCode }): MimeBundle => {
  const body = escapeHtml(text);
  return {
    "text/plain": `${title}\n${text}`,
    "text/html": `<strong>${escapeHtml(title)}</strong>${isCode ? `<pre>${body}</pre>` : `<div>${body}</div>`}`,
  };
});

const given = new Map<string, number>();

/**
 * The next hint for an exercise; after the last one the last again. `step` asks for a certain one, the first being 1.
 * @throws {ArgumentError} for an unknown id.
 */
export function hint(id: string, step?: number): Help {
  const { hints, title } = exerciseOf(id);
  if (hints.length === 0) return new Help(`${id} ${title}`, "There is no hint for this one.");
  const wanted = step ?? (given.get(id) ?? 0) + 1;
  const k = Math.min(hints.length, Math.max(1, Math.trunc(wanted)));
  given.set(id, k);
  record(id, { hint: k });
  return new Help(`Hint ${k} of ${hints.length} for ${id}`, hints[k - 1]);
}

const PURPOSE = "Looking up a solution";

/** Where a solution stands in the notebooks: a code cell with this in its metadata. */
interface SolutionCell {
  cell_type: string;
  metadata?: { exercise?: string };
  source: string | string[];
}

/**
 * The cell that solves an exercise, from `notebooks/solutions/`.
 * @throws {UnrolledError} where a teacher has hidden the solutions (`UNROLLED_SOLUTIONS=hidden`).
 * @throws {DataError} if there is none: for a teacher's own exercise, or without the notebooks.
 */
export function solution(id: string): Help {
  const { title } = exerciseOf(id);
  const process = node("process", PURPOSE);
  if (process.env["UNROLLED_SOLUTIONS"] === "hidden") {
    throw new UnrolledError(`The solution of ${id} is hidden in this course. hint("${id}") gives hints`);
  }
  const folder = solutionsFolder();
  const [lecture] = id.split(".");
  const name =
    folder &&
    node("fs", PURPOSE)
      .readdirSync(folder)
      .find((file) => file.startsWith(`${lecture}-`));
  if (!folder || !name) throw new DataError(`there is no notebook with the solution of ${id}`);
  const file = node("path", PURPOSE).join(folder, name);
  const { cells } = JSON.parse(readText(file)) as { cells: SolutionCell[] };
  const found = cells.find(({ metadata }) => metadata?.exercise === id);
  if (!found) throw new DataError(`${file}: there is no solution of ${id}`);
  record(id, { solution: true });
  const code = Array.isArray(found.source) ? found.source.join("") : found.source;
  return new Help(`Solution of ${id} ${title} (notebooks/solutions/${name})`, code, true);
}

/** Beside the learner's copy of the lecture, or in the package. */
function solutionsFolder(): string | undefined {
  const { dirname, join } = node("path", PURPOSE);
  const own = join(node("process", PURPOSE).cwd(), "solutions");
  if (exists(own)) return own;
  const here = node("url", PURPOSE).fileURLToPath(import.meta.url);
  for (let folder = dirname(here), above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    const found = join(folder, "notebooks", "solutions");
    if (exists(found)) return found;
  }
  return undefined;
}
