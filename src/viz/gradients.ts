import { ArgumentError, expectNumber } from "../errors.ts";
import type { AxesOptions } from "./axes.ts";
import type { Figure } from "./figure.ts";
import {
  AXIS_LABELS,
  namedHistories,
  positionOn,
  smoothed,
  smoothingFactor,
  type TrainingAxis,
} from "./history.ts";
import { lines } from "./lines.ts";
import type { Series } from "./series.ts";
import { count, formatNumber } from "./text.ts";
import type { Histories } from "./types.ts";

/** Options of `gradientNorms`. */
export interface GradientNormOptions extends Omit<AxesOptions, "horizontal"> {
  x?: TrainingAxis;
  /** The threshold of clipping by norm: drawn as a line, and the steps above it are counted. */
  clip?: number;
  /** As in `lossCurve`; here the average is of log ‖g‖, because norms spread over powers of ten. Default "auto". */
  smoothing?: number | "auto";
}

/**
 * The norm of the whole gradient before clipping, step by step, on a logarithmic axis unless `logY` is false.
 * @throws {ArgumentError} if a history holds no gradient norms.
 */
export function gradientNorms(histories: Histories, options: GradientNormOptions = {}): Figure {
  const { x = "step", clip, smoothing = "auto", ...rest } = options;
  if (clip !== undefined) expectNumber(clip, "gradientNorms: clip", { above: 0 });
  const notes: string[] = [];
  const list = namedHistories(histories, "gradientNorms");
  const series = list.flatMap((entry): Series[] => {
    const { name, history } = entry;
    const steps = history.steps.filter(({ gradNorm }) => gradNorm !== undefined);
    if (steps.length === 0) {
      throw new ArgumentError(`gradientNorms: history ${JSON.stringify(name)} holds no gradNorm`);
    }
    const norms = steps.map(({ gradNorm }) => gradNorm!);
    if (clip !== undefined) notes.push(aboveNote(name, norms, clip));
    const at = positionOn(x, entry, "gradientNorms");
    const curve = { name, group: name, x: steps.map(at) };
    const beta = smoothingFactor(smoothing, norms.length);
    if (beta === 0) return [{ ...curve, y: norms }];
    const averaged = smoothed(norms.map(Math.log), beta).map(Math.exp);
    return [
      { ...curve, y: norms, faint: true },
      { ...curve, y: averaged, mode: "lines" },
    ];
  });
  const figure = lines(series, {
    title: list.length === 1 && list[0].name !== "" ? `Gradient norms of ${list[0].name}` : "Gradient norms",
    xLabel: AXIS_LABELS[x],
    yLabel: "‖gradient‖ before clipping",
    logY: true,
    ...rest,
    horizontal: clip === undefined ? [] : [{ value: clip, label: "clip" }],
  });
  return options.alt === undefined && notes.length > 0
    ? figure.update({}, `${figure.alt} ${notes.join(" ")}`)
    : figure;
}

/** Not "clipped": a history does not say whether its training clipped at this threshold. */
function aboveNote(name: string, norms: readonly number[], clip: number): string {
  const above = norms.filter((norm) => norm > clip).length;
  const share = formatNumber(Math.round((1000 * above) / norms.length) / 10);
  return `${name === "" ? "" : `${name}: `}${formatNumber(above)} of ${count(norms.length, "step")} above it (${share} %).`;
}
