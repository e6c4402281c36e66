import { ArgumentError } from "../errors.ts";
import { expectLength, numbersOf } from "./data.ts";
import { escapeLabel } from "./text.ts";
import { stylesFor, translucent } from "./theme.ts";
import { isList } from "./thin.ts";
import type { Trace, Vector } from "./types.ts";

/** One curve. */
export interface Series {
  name?: string;
  /** 0, 1, 2 … unless given. */
  x?: Vector;
  y: Vector;
  /** A band around the curve, such as the range over several seeds. */
  low?: Vector;
  high?: Vector;
  color?: string;
  dash?: string;
  symbol?: string;
  /** Lines; up to 30 points also get markers. */
  mode?: "lines" | "markers" | "lines+markers";
  width?: number;
  /** Drawn pale, without an entry in the legend and without a word in the alternative text: raw behind smoothed. */
  faint?: boolean;
  /** Series of one style group share a colour and are switched on and off together; the name unless given. */
  group?: string;
}

/** Several curves, or y values (or whole series) by their names. */
export type SeriesInput = readonly Series[] | Readonly<Record<string, Vector | Series>>;

/** A series that was read and checked, with its style settled. */
export interface Curve {
  readonly name: string;
  readonly group: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly low?: readonly number[];
  readonly high?: readonly number[];
  readonly color: string;
  readonly dash: string;
  readonly symbol: string;
  readonly mode: string;
  readonly width: number;
  readonly faint: boolean;
}

const FEW_POINTS = 30;

/** @throws {ArgumentError} if there is nothing to draw. @throws {ShapeError} if x, low or high differ from y in length. */
export function curvesOf(input: SeriesInput, colors?: Readonly<Record<string, string>>): Curve[] {
  const all = isSeriesList(input)
    ? input
    : Object.entries(input).map(([name, value]): Series => {
        const whole = typeof value === "object" && !isList(value) && "y" in value;
        return whole ? { ...value, name } : { y: value as Vector, name };
      });
  if (all.length === 0) throw new ArgumentError("lines: there is no series to draw");
  const groups = [...new Set(all.map(groupOf))];
  const styles = stylesFor(groups, colors);
  return all.map((series) => curveOf(series, styles[groups.indexOf(groupOf(series))]));
}

function curveOf(series: Series, style: { color: string; dash: string; symbol: string }): Curve {
  const { name = "", faint = false } = series;
  const what = `lines: series ${JSON.stringify(name)}`;
  const y = numbersOf(series.y, `${what}: y`);
  if (y.length === 0) throw new ArgumentError(`${what} is empty`);
  if ((series.low === undefined) !== (series.high === undefined)) {
    throw new ArgumentError(`${what}: a band needs both low and high`);
  }
  const along = (part: "x" | "low" | "high"): number[] | undefined => {
    const vector = series[part];
    if (vector === undefined) return undefined;
    const values = numbersOf(vector, `${what}: ${part}`);
    expectLength(values.length, y.length, `${what}: ${part}`, "y values");
    return values;
  };
  const few = y.length <= FEW_POINTS && !faint;
  return {
    name,
    group: groupOf(series),
    x: along("x") ?? y.map((_, i) => i),
    y,
    low: along("low"),
    high: along("high"),
    color: series.color ?? style.color,
    dash: series.dash ?? style.dash,
    symbol: series.symbol ?? style.symbol,
    mode: series.mode ?? (few ? "lines+markers" : "lines"),
    width: series.width ?? (faint ? 1 : 2),
    faint,
  };
}

/** The names in the legend, group by group; none where a single name would only repeat the title. */
export function legendGroups(curves: readonly Curve[]): string[][] {
  const named = curves.filter(isNamed);
  if (named.length < 2) return [];
  const groups = new Map<string, string[]>();
  for (const curve of named) {
    const key = legendGroup(curve, curves);
    groups.set(key, [...(groups.get(key) ?? []), curve.name]);
  }
  return [...groups.values()];
}

/** Curves of one model stand under each other, where there are several models; curves of a single one in a row. */
function legendGroup({ name, group }: Curve, curves: readonly Curve[]): string {
  return curves.some((other) => other.group !== group) ? group : name;
}

function isNamed({ name, faint }: Curve): boolean {
  return name !== "" && !faint;
}

export function tracesOf(curves: readonly Curve[]): Trace[] {
  const legend = legendGroups(curves).length > 0;
  return curves.flatMap((curve): Trace[] => {
    const label = curve.name === "" ? {} : { name: escapeLabel(curve.name) };
    const shared = {
      type: "scatter",
      ...label,
      legendgroup: escapeLabel(legendGroup(curve, curves)),
      x: curve.x,
    };
    return [
      ...bandOf(curve, shared),
      {
        ...shared,
        mode: curve.mode,
        showlegend: legend && isNamed(curve),
        y: curve.y,
        line: { color: curve.color, width: curve.width, dash: curve.dash },
        marker: { color: curve.color, size: 6, symbol: curve.symbol },
        ...(curve.faint ? { opacity: 0.3, hoverinfo: "skip" } : {}),
      },
    ];
  });
}

/** Two invisible borders with the room between them filled. */
function bandOf(curve: Curve, shared: Trace): Trace[] {
  if (!curve.low || !curve.high) return [];
  const border = { ...shared, mode: "lines", showlegend: false, hoverinfo: "skip", line: { width: 0 } };
  return [
    { ...border, y: curve.low },
    { ...border, y: curve.high, fill: "tonexty", fillcolor: translucent(curve.color, 0.2) },
  ];
}

function groupOf({ group, name }: Series): string {
  return group ?? name ?? "";
}

function isSeriesList(input: SeriesInput): input is readonly Series[] {
  return Array.isArray(input);
}
