import { type AxesOptions, axesLayout } from "./axes.ts";
import { describeCurves } from "./describe.ts";
import { Figure } from "./figure.ts";
import { curvesOf, type SeriesInput, tracesOf } from "./series.ts";
import type { Vector } from "./types.ts";

/**
 * Curves over a common axis.
 * @example lines({ full: norms, "cut after 5": cut }, { xLabel: "lag (steps)", yLabel: "norm", logY: true })
 * @throws {ArgumentError} if there is nothing to draw. @throws {ShapeError} if x and y differ in length.
 */
export function lines(series: SeriesInput, options: AxesOptions = {}): Figure {
  const curves = curvesOf(series, options.colors);
  return new Figure({
    data: tracesOf(curves),
    layout: axesLayout(curves, options),
    alt: options.alt ?? describeCurves(curves, options),
  });
}

/** One curve, y over x. @example line(lags, norms, { xLabel: "lag (steps)", yLabel: "norm" }) */
export function line(x: Vector, y: Vector, options: AxesOptions & { name?: string } = {}): Figure {
  return lines([{ x, y, name: options.name }], options);
}
