import { createHash } from "node:crypto";
import type { Cell, Notebook } from "../server/notebook-json.ts";
import { NotebookError } from "./errors.ts";
import { findProblem } from "./validate.ts";

export type { Cell, Notebook, Output } from "../server/notebook-json.ts";

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
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const what = text.trim() === "" ? "it is empty" : (error as Error).message;
    throw new NotebookError(`${name} is not a notebook: it is not JSON (${what})`, { cause: error });
  }
  const format = (value as { nbformat?: unknown } | null)?.nbformat;
  if (typeof format === "number" && format !== 4) {
    throw new NotebookError(
      `${name} has notebook format ${format}; format 4 is needed. Convert it: jupyter nbconvert --to notebook`,
    );
  }
  // An old notebook is checked by the rules of its own version, then the upgraded one by those of 4.5.
  const ids = Array.isArray((value as { cells?: unknown })?.cells) ? withoutDuplicateIds(value as Notebook) : value;
  assertValid(ids, name);
  const upgraded = upgrade(ids as Notebook);
  assertValid(upgraded, name);
  return upgraded;
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

/** Cells copied by hand keep their id; the later one loses it and gets one of its own. */
function withoutDuplicateIds(notebook: Notebook): Notebook {
  if (!(notebook.nbformat_minor >= 5)) return notebook;
  const seen = new Set<unknown>();
  const cells = notebook.cells.map((cell) => {
    if (typeof cell !== "object" || cell === null || typeof cell["id"] !== "string") return cell;
    if (!seen.has(cell["id"])) {
      seen.add(cell["id"]);
      return cell;
    }
    return { ...cell, id: freshId(cell, seen) };
  });
  return { ...notebook, cells };
}

function upgrade(notebook: Notebook): NotebookWithIds {
  const taken = new Set<unknown>(notebook.cells.map((cell) => cell["id"]));
  const cells = notebook.cells.map((cell) => ({ ...cell, id: (cell["id"] as string) ?? freshId(cell, taken) }));
  return { ...notebook, nbformat_minor: Math.max(notebook.nbformat_minor, 5), cells };
}

/** The same id for the same cell in every run: from its text, and counted on where two cells are alike. */
function freshId(cell: Cell, taken: Set<unknown>): string {
  for (let copy = 0; ; copy++) {
    const seed = JSON.stringify([cell.cell_type, cell.source, copy]);
    const id = createHash("sha256").update(seed).digest("hex").slice(0, 8);
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
