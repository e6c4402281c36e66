import { writeFileAtomic } from "#platform";
import { ArgumentError } from "../errors.ts";
import { showAs } from "../show.ts";
import { expectLength, extent, numbersOf } from "./data.ts";
import { escapeHtml, formatNumber, visibleToken } from "./text.ts";
import type { Vector } from "./types.ts";

/** Options of `tokenText`. */
export interface TokenTextOptions {
  title?: string;
  /** What the colour stands for, with its unit. */
  valueLabel?: string;
  /** The values of full colour; by default the largest in size, on both sides of 0 where both signs occur. */
  range?: readonly [number, number];
  /** Digits of the values that appear under the mouse. */
  digits?: number;
  /** Between tokens: "" for characters, " " (the default if a token is longer than one character) for words. */
  separator?: string;
}

/** Blue below nought (or for low values nothing), orange above: as in `heatmap`, but translucent on any page. */
const LOW = "17,110,255";
const HIGH = "217,126,30";
/** The strongest colour under which black on white and white on black can both still be read. */
const STRONGEST = 0.55;

/**
 * A text in which the background of every token shows a value: the activation of a unit after reading it, its loss,
 * a share of a gradient. It shows itself as HTML without scripts or style sheets, and as plain text.
 */
export class TokenText {
  readonly tokens: readonly string[];
  readonly values: readonly number[];
  readonly options: TokenTextOptions;

  constructor(tokens: readonly string[], values: readonly number[], options: TokenTextOptions) {
    this.tokens = tokens;
    this.values = values;
    this.options = options;
  }

  /** A fragment of HTML: one block, with inline styles only, everything from the data escaped. */
  toHTML(): string {
    const { title, valueLabel, digits = 3, separator = separatorFor(this.tokens) } = this.options;
    const [low, high] = limits(this.values, this.options);
    const spans = this.tokens.map((token, i) => {
      const value = this.values[i];
      const told = Number.isFinite(value) ? value.toFixed(digits) : formatNumber(value);
      const style = `background:${background(value, low, high)}`;
      const shown = escapeHtml(readableToken(token)).replace(/\n/g, "<br>");
      return `<span style="${style}" title="${escapeHtml(`${visibleToken(token)}: ${told}`)}">${shown}</span>`;
    });
    const heading = title ? `<div style="font-weight:bold">${escapeHtml(title)}</div>` : "";
    return (
      `<div>${heading}<div style="font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.6">` +
      `${spans.join(escapeHtml(separator))}</div>${scaleBar(low, high, valueLabel)}</div>`
    );
  }

  /** Every token with its value. */
  toString(): string {
    const { title, valueLabel = "value" } = this.options;
    const pairs = this.tokens.map((token, i) => `${visibleToken(token)} ${formatNumber(this.values[i])}`);
    return `${title ? `${title}: ` : ""}${valueLabel} of each token. ${pairs.join(" | ")}`;
  }

  /** Writes a page (.html), the whole file or nothing. @throws {ArgumentError} for another ending. */
  save(path: string): this {
    if (!/\.html?$/i.test(path))
      throw new ArgumentError(`TokenText.save: the path must end in .html, got "${path}"`);
    const title = escapeHtml(this.options.title ?? "Text");
    const style = "<style>:root { color-scheme: light dark; } body { padding: 1rem; }</style>";
    writeFileAtomic(
      path,
      `<!doctype html>\n<html><head><meta charset="utf-8"><title>${title}</title>${style}</head>\n<body>${this.toHTML()}</body></html>\n`,
    );
    return this;
  }
}

showAs(
  TokenText,
  (text) => ({ "text/html": text.toHTML(), "text/plain": text.toString() }),
  (text) => text.toString(),
);

/**
 * A text with each token coloured by a value.
 * @example tokenText([..."the cat"], losses, { valueLabel: "nats" })
 * @throws {ShapeError} if there are not as many values as tokens.
 */
export function tokenText(
  tokens: readonly string[],
  values: Vector,
  options: TokenTextOptions = {},
): TokenText {
  const numbers = numbersOf(values, "tokenText: the values");
  expectLength(numbers.length, tokens.length, "tokenText: values", "tokens");
  if (tokens.length === 0) throw new ArgumentError("tokenText: the text is empty");
  return new TokenText(tokens.map(String), numbers, options);
}

/** Two ends of the scale; the first is 0 unless values lie below it. */
function limits(values: readonly number[], { range }: TokenTextOptions): [number, number] {
  if (range) {
    if (!(range[0] < range[1]))
      throw new ArgumentError(`tokenText: range must rise, got [${range.join(", ")}]`);
    return [range[0], range[1]];
  }
  const [low, high] = extent(values) ?? [0, 1];
  if (low < 0) return [-Math.max(-low, high), Math.max(-low, high)];
  return [0, high || 1];
}

function background(value: number, low: number, high: number): string {
  if (!Number.isFinite(value)) return "none";
  const clamped = Math.min(high, Math.max(low, value));
  const share = low < 0 ? clamped / Math.max(-low, high) : (clamped - low) / (high - low);
  return `rgba(${share < 0 ? LOW : HIGH},${Math.round(Math.abs(share) * STRONGEST * 1000) / 1000})`;
}

function scaleBar(low: number, high: number, label: string | undefined): string {
  const zero = `${Math.round((100 * Math.max(0, -low)) / (Math.max(0, high) - Math.min(0, low)))}%`;
  const stops =
    low < 0
      ? [
          background(low, low, high),
          `rgba(${LOW},0) ${zero}`,
          `rgba(${HIGH},0) ${zero}`,
          background(high, low, high),
        ]
      : [background(low, low, high), background(high, low, high)];
  const bar = `display:inline-block;width:8em;height:0.8em;background:linear-gradient(90deg,${stops.join(",")})`;
  return (
    `<div style="font-size:85%">${formatNumber(low)} <span style="${bar}"></span> ${formatNumber(high)}` +
    `${label ? ` ${escapeHtml(label)}` : ""}</div>`
  );
}

/** Spaces stay spaces, since the colour shows them and lines can break there; a line break follows its sign. */
function readableToken(token: string): string {
  if (token === "") return visibleToken(token);
  return token.replace(/\t/g, "⇥").replace(/\r\n|\n|\r/g, "↵\n");
}

function separatorFor(tokens: readonly string[]): string {
  return tokens.some((token) => [...token].length > 1) ? " " : "";
}
