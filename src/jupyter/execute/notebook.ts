import { createHash } from "node:crypto";
import { type Cell, isObject, type Notebook, parseNotebookJson } from "../files/notebook-json.ts";
import { NotebookError } from "./errors.ts";
import { findProblem } from "./validate.ts";

export type { Cell, Notebook, Output } from "../files/notebook-json.ts";

/** A notebook of format 4.5, where every cell has an id. */
export interface NotebookWithIds extends Notebook {
  cells: (Cell & { id: string })[];
}

/**
 * Reads the text of an .ipynb file, brings it to format 4.5 and checks it by the format's rules.
 * @param name for messages. @throws {NotebookError} naming the file and the first thing that is wrong.
 */
export function parseNotebookFile(text: string, name: string): NotebookWithIds {
  let value: unknown;
  try {
    value = parseNotebookJson(text);
  } catch (error) {
    const what = (error as Error).message;
    throw new NotebookError(`${name} is not a notebook: it is not JSON (${what})`, { cause: error });
  }
  const format = (value as { nbformat?: unknown } | null)?.nbformat;
  if (typeof format === "number" && format !== 4) {
    throw new NotebookError(
      `${name} has notebook format ${format}; format 4 is needed. Convert it: jupyter nbconvert --to notebook`,
    );
  }
  const upgraded = withIds(value);
  assertValid(upgraded, name);
  return upgraded as NotebookWithIds;
}

/** @throws {NotebookError} unless the format's rules hold. */
export function assertValid(notebook: unknown, name: string): void {
  const problem = findProblem(notebook);
  if (problem !== undefined) throw new NotebookError(`${name} is not a valid notebook: ${problem}`);
}

/** A text of the format, in one piece. */
export function joined(text: string | string[]): string {
  return typeof text === "string" ? text : text.join("");
}

export function tagsOf(cell: Cell): readonly string[] {
  return (cell.metadata["tags"] as string[] | undefined) ?? [];
}

/**
 * Format 4.5 asks for an id in every cell. Older notebooks have none, and cells copied by hand have the same one:
 * the later cell gets one of its own. Everything else of 4.0 to 4.4 is valid in 4.5 as it is.
 */
function withIds(value: unknown): unknown {
  const { cells: old, nbformat_minor: minor } = (value ?? {}) as Partial<Notebook>;
  if (!Array.isArray(old)) return value;
  const used = new Set<unknown>();
  const repeated = old.map((cell) => {
    const id = cell?.["id"];
    if (id === undefined || used.has(id)) return true;
    used.add(id);
    return false;
  });
  const cells = old.map((cell, i) =>
    repeated[i] && isObject(cell) ? { ...cell, id: freshId(cell, used) } : cell,
  );
  return {
    ...(value as Notebook),
    cells,
    nbformat_minor: typeof minor === "number" ? Math.max(minor, 5) : minor,
  };
}

/** The same id for the same cell in every run: from its text, and counted on where two cells are alike. */
function freshId(cell: Cell, taken: Set<unknown>): string {
  const source = Array.isArray(cell.source) ? cell.source.join("") : cell.source;
  for (let copy = 0; ; copy++) {
    const seed = JSON.stringify([cell.cell_type, source, copy]);
    const id = createHash("sha256").update(seed).digest("hex").slice(0, 8);
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
