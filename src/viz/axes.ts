import { extent } from "./data.ts";
import { axis, baseLayout, DEFAULT_HEIGHT, logScale, marginsOf } from "./layout.ts";
import {
  horizontalLines,
  labelRoom,
  type Reference,
  type References,
  referencesOf,
  verticalLines,
} from "./references.ts";
import { type Curve, legendGroups } from "./series.ts";
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

type Range = readonly [number, number];

/** Axes, legend above the plot, and reference lines with their labels in the right margin. */
export function axesLayout(curves: readonly Curve[], options: AxesOptions): Layout {
  const { logX = false, logY = false, xRange, height = DEFAULT_HEIGHT } = options;
  const horizontal = referencesOf(options.horizontal, logY, "lines: the horizontal line");
  const vertical = referencesOf(options.vertical, logX, "lines: the vertical line");
  const frame = { ...options, legend: legendGroups(curves), right: labelRoom(horizontal) };
  const spanX = xRange ?? spanOf(logX, [...curves.map(({ x }) => x), valuesOf(vertical)]);
  const spanY = options.yRange ?? spanOf(logY, [...curves.flatMap(heightsOf), valuesOf(horizontal)]);
  // With labels beside the plot the range is fixed here, because they are spread apart in pixels.
  const yRange = options.yRange ?? (horizontal.length > 0 && spanY ? padded(spanY, logY) : undefined);

  const { t, b } = marginsOf(frame);
  const across = horizontalLines(horizontal, {
    axis: onAxis(logY),
    pixels: pixelsOn(yRange, onAxis(logY), height - t - b),
  });
  const upright = verticalLines(vertical, onAxis(logX));
  const shapes = [...across.shapes, ...upright.shapes];
  const annotations = [...across.annotations, ...upright.annotations];
  return {
    ...baseLayout(frame),
    xaxis: axis(options.xLabel ?? "", {
      ...(logX ? logScale(spanX) : wholeSteps(curves, spanX)),
      ...rangeOn(xRange, logX),
    }),
    yaxis: axis(options.yLabel ?? "", { ...(logY ? logScale(spanY) : {}), ...rangeOn(yRange, logY) }),
    ...(shapes.length > 0 ? { shapes, annotations } : {}),
  };
}

const MOST_WHOLE_STEPS = 12;

/** No marks between the numbers of a few epochs, layers or positions. */
function wholeSteps(curves: readonly Curve[], span: Range | undefined): Record<string, unknown> {
  const few = span !== undefined && span[1] - span[0] <= MOST_WHOLE_STEPS;
  return few && curves.every(({ x }) => x.every(Number.isInteger)) ? { dtick: 1 } : {};
}

function heightsOf({ y, low = [], high = [] }: Curve): (readonly number[])[] {
  return [y, low, high];
}

function valuesOf(references: readonly Reference[]): number[] {
  return references.map(({ value }) => value);
}

function onAxis(log: boolean): (value: number) => number {
  return log ? Math.log10 : (value) => value;
}

function rangeOn(range: Range | undefined, log: boolean): Record<string, unknown> {
  return range ? { range: range.map(onAxis(log)) } : {};
}

function spanOf(log: boolean, lists: readonly (readonly number[])[]): Range | undefined {
  return extent(lists.flatMap((list) => extent(log ? list.filter((value) => value > 0) : list) ?? []));
}

/** A twentieth more at both ends. */
function padded([low, high]: Range, log: boolean): Range {
  if (low === high) {
    const pad = Math.abs(high) / 10 || 1;
    return log ? [low / 2, high * 2] : [low - pad, high + pad];
  }
  const pad = log ? (high / low) ** 0.05 : (high - low) * 0.05;
  return log ? [low / pad, high * pad] : [low - pad, high + pad];
}

/** Height of a value above the bottom of the plot. */
function pixelsOn(
  range: Range | undefined,
  place: (value: number) => number,
  height: number,
): (value: number) => number {
  if (!range) return () => 0;
  const [low, high] = range.map(place);
  return (value) => ((place(value) - low) / (high - low)) * height;
}
