/** A few numbered lines of a cell with a caret under the place that matters. */
import type { Position } from "../compile/cell-map.ts";

const CONTEXT = 2;

/**
 * @example
 *     1 | const x = 1;
 * --> 2 | x.foo();
 *       |   ^
 */
export function excerpt(source: string, at: Position, width = 1): string[] {
  const lines = source.split("\n");
  const line = Math.min(at.line, lines.length - 1);
  const first = Math.max(0, line - CONTEXT);
  const last = Math.min(lines.length - 1, line + CONTEXT);
  const digits = String(last + 1).length;
  const shown: string[] = [];
  for (let i = first; i <= last; i++) {
    const mark = i === line ? "--> " : "    ";
    shown.push(`${mark}${String(i + 1).padStart(digits)} | ${lines[i]}`.trimEnd());
    if (i === line) {
      const column = at.line < lines.length ? Math.min(at.column, lines[i].length) : lines[i].length;
      // Tabs stay tabs, so that the caret stands under its character however wide they are.
      const indent = lines[i].slice(0, column).replace(/[^\t]/g, " ");
      const carets = "^".repeat(Math.max(1, Math.min(width, lines[i].length - column)));
      shown.push(`${" ".repeat(4 + digits)} | ${indent}${carets}`);
    }
  }
  return shown;
}
