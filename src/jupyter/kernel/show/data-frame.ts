/** Data frames and series of danfo as HTML tables. They are known by their shape, so danfo is not loaded for it. */
import { inspect } from "node:util";

const MAX_ROWS = 20;
const MAX_COLUMNS = 20;

interface Frame {
  $isSeries: boolean;
  columns: unknown[];
  index: unknown[];
  values: unknown[];
  shape: number[];
  toString(): string;
}

/** The MIME bundle of a danfo DataFrame or Series, undefined for anything else. */
export function frameBundle(value: unknown): Record<string, unknown> | undefined {
  if (!isFrame(value)) return undefined;
  return { "text/html": table(value), "text/plain": text(value) };
}

function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const frame = value as Partial<Frame>;
  return (
    typeof frame.$isSeries === "boolean" &&
    Array.isArray(frame.columns) &&
    Array.isArray(frame.index) &&
    Array.isArray(frame.values)
  );
}

function table(frame: Frame): string {
  const rows = shorten(frame.index.length, MAX_ROWS);
  const columns = shorten(frame.columns.length, MAX_COLUMNS);
  const head = columns.map((c) => cell("th", c === undefined ? "…" : frame.columns[c]));
  const body = rows.map((r) => {
    if (r === undefined) return `<tr><th>…</th>${"<td>…</td>".repeat(columns.length)}</tr>`;
    const row = frame.$isSeries ? [frame.values[r]] : (frame.values[r] as unknown[]);
    return `<tr>${cell("th", frame.index[r])}${columns.map((c) => cell("td", c === undefined ? "…" : row[c])).join("")}</tr>`;
  });
  const size = `${frame.index.length} rows × ${frame.columns.length} columns`;
  return [
    "<table>",
    `<thead><tr><th></th>${head.join("")}</tr></thead>`,
    `<tbody>\n${body.join("\n")}\n</tbody>`,
    "</table>",
    `<p>${size}</p>`,
  ].join("\n");
}

/** The first and last of `count` numbers, with undefined where some are left out. */
function shorten(count: number, most: number): (number | undefined)[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const half = most / 2;
  const first = Array.from({ length: half }, (_, i) => i);
  return [...first, undefined, ...first.map((i) => count - half + i)];
}

function cell(tag: "th" | "td", value: unknown): string {
  return `<${tag}>${escapeHtml(typeof value === "string" ? value : inspect(rounded(value)))}</${tag}>`;
}

/** Of a number with a fraction six digits, and all of its whole part, as pandas shows it. */
function rounded(value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value) || !Number.isFinite(value)) return value;
  const whole = Math.abs(value) < 1 ? 0 : Math.floor(Math.log10(Math.abs(value))) + 1;
  return Number(value.toPrecision(Math.max(6, Math.min(whole + 2, 17))));
}

/** Data must never become markup. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function text(frame: Frame): string {
  try {
    return frame.toString();
  } catch {
    return `${frame.$isSeries ? "Series" : "DataFrame"} [${frame.shape.join(", ")}]`;
  }
}
