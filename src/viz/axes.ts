import { textWidth } from "../platform/text-width.ts";
import { extent } from "./data.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "./draw.ts";
import {
  horizontalLines,
  labelRoom,
  type Reference,
  type References,
  referencesOf,
  verticalLines,
} from "./references.ts";
import { type Curve, legendGroups } from "./series.ts";
import { escapeLabel } from "./text.ts";
import { axis, baseLayout, FONT_SIZE } from "./theme.ts";
import type { FigureOptions, Layout } from "./types.ts";

/** Options of every plot of curves. */
export interface AxesOptions extends FigureOptions {
  /** What the axes show, with the unit. */
  xLabel?: string;
  yLabel?: string;
  logX?: boolean;
  logY?: boolean;
  xRange?: readonly [number, number];
  yRange?: readonly [number, number];
  /** Labelled dashed lines across the plot, such as baselines, at heights in the unit of the axis. */
  horizontal?: References;
  vertical?: References;
  /** Colours by the names of series, before those of the course. */
  colors?: Readonly<Record<string, string>>;
}

const MARGIN_LEFT = 56;
const MARGIN_BOTTOM = 48;
const LEGEND_ROW = 21;
/** What plotly puts around a name in a legend: the sample of the line, and gaps. */
const LEGEND_PADDING = 50;

/** Axes, legend above the plot, and reference lines with their labels in the right margin. */
export function axesLayout(curves: readonly Curve[], options: AxesOptions): Layout {
  const { title = "", width, height, logX = false, logY = false } = options;
  const horizontal = referencesOf(options.horizontal, logY, "lines: the horizontal line");
  const vertical = referencesOf(options.vertical, logX, "lines: the vertical line");
  const base = baseLayout(escapeLabel(title), { width, height });
  const right = Math.max(24, labelRoom(horizontal));
  const rows = legendRows(legendGroups(curves), (width ?? DEFAULT_WIDTH) - MARGIN_LEFT - right);
  const top = (title === "" ? 16 : 44) + rows * LEGEND_ROW;
  const yRange =
    options.yRange ?? (horizontal.length > 0 ? paddedRange(curves, horizontal, logY) : undefined);

  const onAxis = (log: boolean) => (value: number) => (log ? Math.log10(value) : value);
  const across = horizontalLines(horizontal, {
    axis: onAxis(logY),
    pixels: pixelsOn(yRange, onAxis(logY), (height ?? DEFAULT_HEIGHT) - top - MARGIN_BOTTOM),
  });
  const upright = verticalLines(vertical, onAxis(logX));
  const shapes = [...across.shapes, ...upright.shapes];
  const annotations = [...across.annotations, ...upright.annotations];
  return {
    ...base,
    margin: { l: MARGIN_LEFT, r: right, t: top, b: MARGIN_BOTTOM },
    xaxis: axis(escapeLabel(options.xLabel ?? ""), scale(logX, options.xRange)),
    yaxis: axis(escapeLabel(options.yLabel ?? ""), scale(logY, yRange)),
    ...(shapes.length > 0 ? { shapes, annotations } : {}),
  };
}

function scale(log: boolean, range: readonly [number, number] | undefined): Record<string, unknown> {
  return {
    ...(log ? { type: "log" } : {}),
    ...(range ? { range: log ? range.map(Math.log10) : [...range] } : {}),
  };
}

/**
 * How many rows a legend above the plot takes. Plotly gives each group a column, and puts the columns side by side
 * as far as there is room.
 */
function legendRows(groups: readonly (readonly string[])[], width: number): number {
  let [rows, height, used] = [0, 0, 0];
  for (const names of groups) {
    const column = Math.max(...names.map((name) => textWidth(name) * FONT_SIZE)) + LEGEND_PADDING;
    if (used > 0 && used + column > width) [rows, height, used] = [rows + height, 0, 0];
    height = Math.max(height, names.length);
    used += column;
  }
  return rows + height;
}

/** From the lowest to the highest of curves and lines, and a twentieth more at both ends. */
function paddedRange(
  curves: readonly Curve[],
  lines: readonly Reference[],
  log: boolean,
): [number, number] | undefined {
  const there = (value: number) => Number.isFinite(value) && (!log || value > 0);
  const values = [
    ...curves.flatMap(({ y, low = [], high = [] }) => [
      ...(extent([...y, ...low, ...high].filter(there)) ?? []),
    ]),
    ...lines.map(({ value }) => value),
  ];
  const [low, high] = extent(values)!;
  if (log) {
    const pad = (high / low) ** 0.05 || 1.1;
    return low === high ? [low / 2, high * 2] : [low / pad, high * pad];
  }
  const pad = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  return [low - pad, high + pad];
}

/** Height of a value above the bottom of the plot. */
function pixelsOn(
  range: readonly [number, number] | undefined,
  onAxis: (value: number) => number,
  height: number,
): (value: number) => number {
  if (!range) return () => 0;
  const [low, high] = range.map(onAxis);
  return (value) => ((onAxis(value) - low) / (high - low)) * height;
}
