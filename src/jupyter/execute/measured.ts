import { createHash } from "node:crypto";
import { type Cell, joined, type Output } from "./notebook.ts";

/**
 * Cells tagged `measured` show times or memory, which differ in every run. They are run and must succeed, but keep
 * the outputs they have: otherwise no two runs would give the same file. A mark in the metadata says which source
 * the outputs belong to, so that an edited cell is measured anew.
 */
const FIELD = "measured";

/** Puts the committed outputs back, unless there are none or they belong to another source. */
export function keepMeasured(cell: Cell, committed: Output[]): void {
  const mark = cell.metadata[FIELD];
  if (committed.length === 0 || (mark !== undefined && mark !== markOf(cell))) return;
  cell.outputs = committed.map((output) =>
    output.output_type === "execute_result"
      ? { ...output, execution_count: cell["execution_count"] }
      : output,
  );
}

export function noteMeasured(cell: Cell): void {
  cell.metadata[FIELD] = markOf(cell);
}

function markOf(cell: Cell): string {
  return createHash("sha256").update(joined(cell.source)).digest("hex").slice(0, 12);
}
