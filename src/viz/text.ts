/** Text on its way from data into pictures and pages. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  $: "&#36;",
};

/** Characters that XML forbids, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/gu;

/** Replaces what no XML document can hold: control characters by their pictures (␀ …), the rest by U+FFFD. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (c) => {
    const code = c.codePointAt(0)!;
    if (code === 0x7f) return "␡";
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "\ufffd";
  });
}

/** For HTML and attributes in double quotes. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/**
 * For every text that plotly draws. Plotly reads `<b>`, `<s>`, `<a href=…>` as mark-up and `$…$` as TeX, so that a
 * token such as `<s>` would vanish and strike the rest through.
 */
export function escapeLabel(text: string): string {
  return printable(text).replace(/[&<>$]/g, (c) => ENTITIES[c]);
}

/** A token as a reader can see it: a space as ␣, a line break as ↵, a tab as ⇥, nothing as ∅. */
export function visibleToken(token: string): string {
  if (token === "") return "∅";
  const seen = token.replace(/\r\n|\n|\r/g, "↵").replace(/\t/g, "⇥");
  return seen.replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length));
}

/** A number for people: five significant digits at most, thousands set apart, exponents beyond 10⁻⁴ … 10⁷. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const whole = Number.isInteger(value);
  if (size !== 0 && !whole && (size < 1e-4 || size >= 1e7)) return minus(value.toExponential(2));
  const digits = whole || size >= 1000 ? 0 : size >= 100 ? 2 : size >= 10 ? 3 : 4;
  return minus(value.toLocaleString("en-US", { maximumFractionDigits: digits }));
}

function minus(text: string): string {
  return text.replace(/-/g, "−");
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** `1 point`, `2 points`. */
export function count(n: number, noun: string): string {
  return `${formatNumber(n)} ${noun}${n === 1 ? "" : "s"}`;
}
