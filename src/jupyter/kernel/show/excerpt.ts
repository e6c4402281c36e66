/** A few numbered lines of a cell with a caret under the place that matters. */
import type { Position } from "../compile/cell-map.ts";

const CONTEXT = 2;
/** Of a longer line (data pasted into a cell, say) only the part around the place is shown. */
const MAX_LINE = 160;

/**
 * @example
 *     1 | const x = 1;
 * --> 2 | x.foo();
 *       |   ^
 */
export function excerpt(source: string, at: Position, width = 1): string[] {
  const lines = source.split("\n");
  const line = Math.min(at.line, lines.length - 1);
  // Past the last line means: at its end.
  const column = at.line < lines.length ? Math.min(at.column, lines[line].length) : lines[line].length;
  const cut = lines[line].length > MAX_LINE ? Math.max(0, column - MAX_LINE / 2) : 0;
  const last = Math.min(lines.length - 1, line + CONTEXT);
  const digits = String(last + 1).length;
  const shown: string[] = [];
  for (let i = Math.max(0, line - CONTEXT); i <= last; i++) {
    const mark = i === line ? "--> " : "    ";
    const text = clip(lines[i], i === line ? cut : 0);
    shown.push(`${mark}${String(i + 1).padStart(digits)} | ${text}`.trimEnd());
    if (i === line) {
      const before = clip(lines[i], cut).slice(0, column - cut + (cut > 0 ? 1 : 0));
      // Tabs stay tabs, so that the caret stands under its character however wide they are.
      const carets = "^".repeat(Math.max(1, Math.min(width, lines[i].length - column, MAX_LINE / 2)));
      shown.push(`${" ".repeat(4 + digits)} | ${before.replace(/[^\t]/g, " ")}${carets}`);
    }
  }
  return shown;
}

function clip(line: string, from: number): string {
  const end = from + MAX_LINE;
  return `${from > 0 ? "…" : ""}${line.slice(from, end)}${line.length > end ? "…" : ""}`;
}
