import type { MimeBundle } from "../show.ts";

/** Text as it may stand inside HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A token as it is printed: quoted, so that spaces, line breaks and empty tokens can be seen. */
export function showToken(token: string): string {
  return JSON.stringify(token);
}

/** 1115394 → "1,115,394", the same on every machine. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 1536 → "1.5 kB", in decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** A titled table as plain text and as HTML; columns of numbers are set to the right. */
export function tableView(
  title: string,
  rows: readonly (readonly (string | number)[])[],
  header?: readonly string[],
): MimeBundle {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? formatCount(cell) : cell)));
  const all = header ? [[...header], ...cells] : cells;
  const widths = (all[0] ?? []).map((_, c) => Math.max(...all.map((row) => [...row[c]].length)));
  const right = widths.map((_, c) => c > 0 && rows.every((row) => /^[-\d…]/.test(String(row[c]))));
  const pad = (text: string, c: number) => {
    const space = " ".repeat(widths[c] - [...text].length);
    return right[c] ? space + text : text + space;
  };
  const plain = all.map((row) => `  ${row.map(pad).join("  ").trimEnd()}`).join("\n");
  const html = (tag: string, row: readonly string[]) =>
    `<tr>${row
      .map(
        (cell, c) => `<${tag} style="text-align:${right[c] ? "right" : "left"}">${escapeHtml(cell)}</${tag}>`,
      )
      .join("")}</tr>`;
  return {
    "text/plain": `${title}\n${plain}`,
    "text/html":
      `<table><caption style="text-align:left">${escapeHtml(title)}</caption>` +
      (header ? `<thead>${html("th", header)}</thead>` : "") +
      `<tbody>${cells.map((row) => html("td", row)).join("")}</tbody></table>`,
  };
}
