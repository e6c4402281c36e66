import { access, constants, mkdir, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { removeStaleTemporaries, writeAtomically } from "../files/atomic-write.ts";
import { canonicalJson, serialiseNotebook } from "../files/notebook-json.ts";
import { NotebookError } from "./errors.ts";
import { type ExecuteOptions, executeNotebook } from "./execute.ts";
import { assertValid, type NotebookWithIds, parseNotebookFile } from "./notebook.ts";

export interface RunFileOptions extends Omit<ExecuteOptions, "name" | "folder"> {
  /** The file to write; default: the notebook itself. */
  output?: string;
  /** `write`, `check` (compare with the file instead), or `nothing`. Default `write`. */
  mode?: "write" | "check" | "nothing";
}

export interface RunFileReport {
  codeCells: number;
  /** True when the file's bytes were replaced, or (with `check`) would be. */
  changed: boolean;
  /** Numbers, from 1, of the cells whose outputs differ from the file's. */
  changedCells: number[];
}

/**
 * Runs one notebook file in its folder and writes it back with its outputs, if any byte of it changed.
 * @param name how messages call it. @throws {NotebookError} and {CellError}; the file is then as it was.
 */
export async function runNotebookFile(
  file: string,
  name: string,
  options: RunFileOptions = {},
): Promise<RunFileReport> {
  const { output, mode = "write", ...execution } = options;
  const before = await readText(file, name);
  const notebook = parseNotebookFile(before, name);
  const target = await resolveTarget(output ?? file, name);
  // Rather now than after an hour of training.
  if (mode === "write") await assertWritable(target, name);

  const folder = await realpath(path.dirname(path.resolve(file)));
  const result = await executeNotebook(notebook, { ...execution, name, folder });
  assertValid(result, `${name}, as it was run,`);
  const after = serialiseNotebook(result);

  const old = output === undefined ? before : await readFile(target, "utf8").catch(() => "");
  const changed = after !== old;
  if (changed && mode === "write") {
    try {
      await removeStaleTemporaries(path.dirname(target));
      await writeAtomically(target, after, { beforeRename: () => assertUnchanged(target, old) });
    } catch (error) {
      throw new NotebookError(
        `${name} was run, but cannot be written to ${target}: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
  }
  const codeCells = result.cells.filter((cell) => cell.cell_type === "code").length;
  return { codeCells, changed, changedCells: differing(notebook, result) };
}

async function readText(file: string, name: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === "ENOENT"
        ? "does not exist; give the path of a notebook"
        : code === "EISDIR"
          ? "is a folder, not a notebook"
          : code === "ERR_ENCODING_INVALID_ENCODED_DATA"
            ? "is not a notebook: it is not UTF-8 text"
            : `cannot be read: ${message}`;
    throw new NotebookError(`${name} ${what}`, { cause: error });
  }
}

/** The file behind a symbolic link, so that the link stays one. */
async function resolveTarget(file: string, name: string): Promise<string> {
  const target = await realpath(file).catch(() => path.resolve(file));
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new NotebookError(`${name} cannot be written: ${target} is a folder`);
  return target;
}

async function assertWritable(target: string, name: string): Promise<void> {
  const folder = path.dirname(target);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    // A file that its owner protected is not replaced, although a rename could do it.
    await access(target, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  } catch (error) {
    throw new NotebookError(
      `${name} was not run, because ${target} cannot be written: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** Somebody may have saved the notebook in an editor while it was running here. */
async function assertUnchanged(target: string, old: string): Promise<void> {
  const now = await readFile(target, "utf8").catch(() => "");
  if (now !== old)
    throw new Error("it was changed on disk in the meantime, and that version is kept; run it again");
}

function differing(before: NotebookWithIds, after: NotebookWithIds): number[] {
  const form = (notebook: NotebookWithIds) =>
    (JSON.parse(serialiseNotebook(notebook)) as NotebookWithIds).cells.map((cell) => canonicalJson(cell));
  const old = form(before);
  return form(after).flatMap((cell, i) => (cell === old[i] ? [] : [i + 1]));
}
