import { ArgumentError } from "../errors.ts";
import { textWidth } from "../platform/text-width.ts";
import { expectLength, extent, numbersOf } from "./data.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "./draw.ts";
import { Figure } from "./figure.ts";
import { isList } from "./thin.ts";
import { horizontalLines, labelRoom, type Reference, type References, referencesOf, referenceText, verticalLines } from "./references.ts";
import { count, escapeLabel, formatNumber, listed } from "./text.ts";
import { axis, baseLayout, type SeriesStyle, stylesFor, translucent } from "./theme.ts";
import type { FigureOptions, Layout, Trace, Vector } from "./types.ts";

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
}

/** Options of every plot of curves over an axis. */
export interface AxesOptions extends FigureOptions {
  xLabel?: string;
  yLabel?: string;
  logX?: boolean;
  logY?: boolean;
  xRange?: readonly [number, number];
  yRange?: readonly [number, number];
  /** Labelled dashed lines across the plot. */
  horizontal?: References;
  vertical?: References;
  /** Colours by the names of series, before those of the course. */
  colors?: Readonly<Record<string, string>>;
}

/** Several curves by their names, each its y values or a whole `Series`. */
export type SeriesInput = readonly Series[] | Readonly<Record<string, Vector | Series>>;

/** Curves over a common axis. @example lines({ full: norms, "cut after 5": cut }, { xLabel: "lag", logY: true }) */
export function lines(input: SeriesInput, options: AxesOptions = {}): Figure {
  const all = seriesOf(input);
  const read = all.map((series) => readSeries(series));
  const axes = axesOf(read, options);
  return new Figure({
    data: tracesOf(all, read, options),
    layout: { ...layoutOf(all, options, axes), ...axes.decoration },
    alt: options.alt ?? altText(all, read, options, axes),
  });
}

/** One curve, y over x. */
export function line(x: Vector, y: Vector, options: AxesOptions & { name?: string } = {}): Figure {
  return lines([{ x, y, name: options.name }], options);
}

interface Points {
  x: number[];
  y: number[];
  low?: number[];
  high?: number[];
}

function seriesOf(input: SeriesInput): Series[] {
  const list = Array.isArray(input)
    ? (input as Series[])
    : Object.entries(input as Record<string, Vector | Series>).map(([name, value]): Series => {
        const whole = !isList(value) && "y" in value;
        return whole ? { ...(value as Series), name } : { y: value as Vector, name };
      });
  if (list.length === 0) throw new ArgumentError("lines: there is no series to draw");
  return list;
}

function readSeries({ name, x, y, low, high }: Series): Points {
  const what = `lines: series ${JSON.stringify(name ?? "")}`;
  const ys = numbersOf(y, `${what}: y`);
  if (ys.length === 0) throw new ArgumentError(`${what} is empty`);
  const along = (values: Vector | undefined, part: string) => {
    if (values === undefined) return undefined;
    const numbers = numbersOf(values, `${what}: ${part}`);
    expectLength(numbers.length, ys.length, `${what}: ${part}`, "y values");
    return numbers;
  };
  if ((low === undefined) !== (high === undefined)) {
    throw new ArgumentError(`${what}: a band needs both low and high`);
  }
  return { x: along(x, "x") ?? ys.map((_, i) => i), y: ys, low: along(low, "low"), high: along(high, "high") };
}

const FEW_POINTS = 30;
const isNamed = (series: Series): boolean => series.name !== undefined && series.name !== "" && !series.faint;

function tracesOf(all: readonly Series[], read: readonly Points[], { colors }: AxesOptions): Trace[] {
  // A faint series shares the style of the named one that it belongs to.
  const names = [...new Set(all.map(({ name }) => name ?? ""))];
  const styles = stylesFor(names, colors);
  const legend = all.filter(isNamed).length > 1;
  return all.flatMap((series, i): Trace[] => {
    const style: SeriesStyle = { ...styles[names.indexOf(series.name ?? "")] };
    if (series.color) style.color = series.color;
    if (series.dash) style.dash = series.dash;
    if (series.symbol) style.symbol = series.symbol;
    const shared = { type: "scatter", legendgroup: escapeLabel(series.name ?? ""), x: read[i].x };
    const few = read[i].y.length <= FEW_POINTS && !series.faint;
    const curve = {
      ...shared,
      mode: series.mode ?? (few ? "lines+markers" : "lines"),
      ...(series.name ? { name: escapeLabel(series.name) } : {}),
      showlegend: legend && isNamed(series),
      y: read[i].y,
      line: { color: style.color, width: series.width ?? (series.faint ? 1 : 2), dash: style.dash },
      marker: { color: style.color, size: 6, symbol: style.symbol },
      ...(series.faint ? { opacity: 0.3, hoverinfo: "skip" } : {}),
    };
    return [...bandOf(read[i], shared, style.color), curve];
  });
}

/** Two invisible borders with the room between them filled; plotly draws it behind the curve that follows. */
function bandOf({ low, high }: Points, shared: object, color: string): Trace[] {
  if (!low || !high) return [];
  const border = { ...shared, type: "scatter", mode: "lines", showlegend: false, hoverinfo: "skip", line: { width: 0 } };
  return [
    { ...border, y: low },
    { ...border, y: high, fill: "tonexty", fillcolor: translucent(color, 0.2) },
  ];
}

interface Axes {
  xRange?: readonly [number, number];
  yRange?: readonly [number, number];
  horizontal: Reference[];
  vertical: Reference[];
  /** The reference lines as parts of a layout. */
  decoration: { shapes?: unknown[]; annotations?: unknown[] };
  bottom: number;
  top: number;
  right: number;
}

const LEGEND_ROW = 21;
const BOTTOM = 48;

function axesOf(read: readonly Points[], options: AxesOptions): Axes {
  const { logX = false, logY = false } = options;
  const horizontal = referencesOf(options.horizontal, logY, "lines: the horizontal line");
  const vertical = referencesOf(options.vertical, logX, "lines: the vertical line");
  const top = options.title === "" || options.title === undefined ? 16 : 44;
  const axes: Axes = { horizontal, vertical, decoration: {}, bottom: BOTTOM, top, right: 24 };
  axes.right = Math.max(axes.right, labelRoom(horizontal));
  axes.xRange = options.xRange;
  axes.yRange = options.yRange ?? (horizontal.length > 0 ? paddedRange(read, horizontal, logY) : undefined);
  return axes;
}
