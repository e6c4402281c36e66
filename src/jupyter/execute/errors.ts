import { stripVTControlCharacters } from "node:util";
import { UnrolledError } from "../../errors.ts";

/** A notebook that cannot be read, is no valid notebook, or cannot be run at all. */
export class NotebookError extends UnrolledError {}

/** Which cell, in the two ways of counting that a reader may use. */
export interface CellPlace {
  /** The notebook as it was named by the caller. */
  notebook: string;
  /** Position among all cells, from 1. */
  number: number;
  /** Position among the code cells, from 1. */
  codeNumber: number;
  id: string;
}

export type CellFailure = "error" | "no-error" | "timeout" | "died" | "overflow" | "aborted";

/** A cell that did not do what it should; the message names notebook and cell and ends with the traceback. */
export class CellError extends NotebookError {
  readonly place: CellPlace;
  readonly failure: CellFailure;
  /** As the kernel gave it, without colours; empty when there is none. */
  readonly traceback: string;

  /** @param options.source shown unless the traceback of an error shows the line. */
  constructor(
    place: CellPlace,
    failure: CellFailure,
    what: string,
    options: { traceback?: string; source?: string; cause?: unknown } = {},
  ) {
    const traceback = stripVTControlCharacters(options.traceback ?? "").trimEnd();
    const details = [];
    const shows = failure === "error" && traceback !== "";
    if (!shows && options.source !== undefined) details.push(numbered(options.source));
    if (traceback !== "") details.push(traceback);
    super([`${describePlace(place)} ${what}`, ...details].join("\n"), { cause: options.cause });
    this.place = place;
    this.failure = failure;
    this.traceback = traceback;
  }
}

/** `lecture.ipynb: cell 5 (code cell 3, id "abc")`. */
export function describePlace({ notebook, number, codeNumber, id }: CellPlace): string {
  return `${notebook}: cell ${number} (code cell ${codeNumber}, id "${id}")`;
}

function numbered(source: string, limit = 12): string {
  const lines = source.trimEnd().split("\n");
  const shown = lines.slice(0, limit).map((line, i) => `${String(i + 1).padStart(4)} | ${line}`);
  if (lines.length > limit) shown.push(`     … ${lines.length - limit} more lines`);
  return shown.join("\n");
}
