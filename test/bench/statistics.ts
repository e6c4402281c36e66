/** The middle of the sorted numbers (the upper one of two). */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Three significant digits with thousands: 12300 → "12.3k". */
export function short(n: number): string {
  if (!Number.isFinite(n)) return "–";
  if (n >= 99_950) return `${Math.round(n / 1000)}k`;
  if (n >= 1000) return `${(n / 1000).toPrecision(3)}k`;
  return n >= 99.95 ? `${Math.round(n)}` : n.toPrecision(3);
}

/** Rows as text with aligned columns; the first column to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same as a Markdown table. */
export function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [line(head), `|${head.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`, ...rows.map(line)].join(
    "\n",
  );
}
