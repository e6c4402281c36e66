import { ArgumentError, describe, expectNumber } from "../errors.ts";
import { textWidth } from "../platform/text-width.ts";
import { Figure } from "./figure.ts";
import { axis, baseLayout, nameAxis } from "./layout.ts";
import { escapeLabel, formatNumber } from "./text.ts";
import { palette, stylesFor } from "./theme.ts";
import type { FigureOptions } from "./types.ts";

/** One bar. */
export interface BarItem {
  name: string;
  count: number;
}

/** A module of `nn`, or anything else that lists its parameters as PyTorch does. */
export interface HasParameters {
  namedParameters(): Iterable<readonly [string, { readonly shape: readonly number[] }]>;
}

/** Bars by name; or several bars for each name, by group: `{ syllables: { RNN: 2.1, LSTM: 1.9 }, jamo: { … } }`. */
export type BarInput =
  | readonly BarItem[]
  | Readonly<Record<string, number>>
  | Readonly<Record<string, Readonly<Record<string, number>>>>
  | HasParameters;

/** Options of `bars`. */
export interface BarOptions extends FigureOptions {
  /** What the bars measure, with its unit. */
  valueLabel?: string;
  /** How many parts of a dotted name are kept, the rest is added up: 1 makes `lstm` of `lstm.weightIh`. */
  depth?: number;
  colors?: Readonly<Record<string, string>>;
}

/**
 * Horizontal bars from nought, with their values, in the given order from the top.
 * @example bars(model, { title: "Parameters", depth: 1 })
 */
export function bars(input: BarInput, options: BarOptions = {}): Figure {
  if (typeof input !== "object" || input === null) {
    throw new ArgumentError(`bars: give a model, or numbers by name, got ${describe(input)}`);
  }
  const parameters = hasParameters(input);
  const groups = groupsOf(parameters ? parametersOf(input) : input, options.depth);
  const { title = "", valueLabel = parameters ? "parameters" : "value" } = options;
  const names = [...new Set(groups.flatMap(({ items }) => [...items.keys()]))];
  const single = groups.length === 1;
  const styles = stylesFor(
    groups.map(({ name }) => name),
    options.colors,
  );
  const all = groups.flatMap(({ items }) => [...items.values()]);
  const room = Math.max(0, ...all.map((value) => textWidth(formatNumber(value)))) * 12 + 12;
  return new Figure({
    data: groups.map(({ name, items }, i) => ({
      type: "bar",
      orientation: "h",
      ...(name === "" ? {} : { name: escapeLabel(name) }),
      showlegend: !single,
      y: names.map((_, row) => row),
      x: names.map((key) => items.get(key) ?? null),
      text: names.map((key) => (items.has(key) ? formatNumber(items.get(key)!) : "")),
      textposition: "outside",
      cliponaxis: false,
      hovertext: names.map((key) => escapeLabel(key)),
      hovertemplate: "%{hovertext}: %{x}<extra></extra>",
      marker: { color: single ? (options.colors?.[name] ?? palette.lstm) : styles[i].color },
    })),
    layout: {
      ...baseLayout({
        ...options,
        height: options.height ?? heightFor(names.length * groups.length, title, single),
        legend: single ? [] : groups.map(({ name }) => [name]),
      }),
      barmode: "group",
      bargap: 0.3,
      // The room for the value of the longest bar is kept in the axis, so that a bar's length stays in proportion.
      xaxis: axis(valueLabel, { rangemode: "tozero", range: rangeFor(all, room) }),
      yaxis: nameAxis("", {
        autorange: "reversed",
        tickvals: names.map((_, row) => row),
        ticktext: names.map((key) => escapeLabel(key)),
      }),
    },
    alt: options.alt ?? describeBars(groups, { title, valueLabel, parameters }),
  });
}

interface Group {
  name: string;
  items: Map<string, number>;
}

function hasParameters(input: BarInput): input is HasParameters {
  return typeof (input as Partial<HasParameters>).namedParameters === "function";
}

function parametersOf(module: HasParameters): BarItem[] {
  return Array.from(module.namedParameters(), ([name, { shape }]) => ({
    name,
    count: shape.reduce((product, size) => product * size, 1),
  }));
}

function groupsOf(input: Exclude<BarInput, HasParameters>, depth: number | undefined): Group[] {
  if (depth !== undefined) expectNumber(depth, "bars: depth", { integer: true, min: 1 });
  if (Array.isArray(input)) {
    const items = (input as readonly BarItem[]).map(({ name, count }) => [name, count] as const);
    return [{ name: "", items: added(items, depth) }];
  }
  const entries = Object.entries(input as Record<string, number | Record<string, number>>);
  if (entries.some(([, value]) => typeof value === "object" && value !== null)) {
    return entries.map(([name, values]) => ({ name, items: added(Object.entries(values), depth) }));
  }
  return [{ name: "", items: added(entries as [string, number][], depth) }];
}

function added(items: Iterable<readonly [string, number]>, depth: number | undefined): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, value] of items) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new ArgumentError(
        `bars: ${JSON.stringify(name)} must be a finite number, got ${describe(value)}`,
      );
    }
    const key = depth === undefined ? name : name.split(".").slice(0, depth).join(".");
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  if (sums.size === 0) throw new ArgumentError("bars: there is nothing to draw");
  return sums;
}

const PLOT_WIDTH = 480;

function rangeFor(values: readonly number[], room: number): [number, number] {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const span = (high - low || 1) / (1 - room / PLOT_WIDTH);
  return [low < 0 ? low - (span * room) / PLOT_WIDTH : 0, high > 0 || low === 0 ? low + span : 0];
}

function heightFor(bars: number, title: string, single: boolean): number {
  return Math.round(Math.min(900, bars * 24 + (title === "" ? 80 : 110) + (single ? 0 : 24)));
}

function describeBars(
  groups: readonly Group[],
  { title, valueLabel, parameters }: { title: string; valueLabel: string; parameters: boolean },
): string {
  const sentences = groups.map(({ name, items }) => {
    const list = [...items].map(([key, value]) => `${key} ${formatNumber(value)}`).join(", ");
    const total = [...items.values()].reduce((sum, value) => sum + value, 0);
    return `${name === "" ? "" : `${name}: `}${list}${parameters ? `; ${formatNumber(total)} in all` : ""}.`;
  });
  return `${title ? `${title}: ` : ""}bars of ${valueLabel}. ${sentences.join(" ")}`;
}
