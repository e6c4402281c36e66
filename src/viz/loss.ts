import { ArgumentError, describe } from "../errors.ts";
import type { AxesOptions } from "./axes.ts";
import { extent } from "./data.ts";
import type { Figure } from "./figure.ts";
import {
  AXIS_LABELS,
  type NamedHistory,
  namedHistories,
  positionOn,
  smoothed,
  smoothingFactor,
  type TrainingAxis,
} from "./history.ts";
import { lines } from "./lines.ts";
import { type Reference, type References, referencesOf } from "./references.ts";
import type { Series } from "./series.ts";
import { familyOf, palette } from "./theme.ts";
import type { Histories } from "./types.ts";

/** Options of `lossCurve`. */
export interface LossCurveOptions extends Omit<AxesOptions, "horizontal" | "logY"> {
  /** loss: nats per token. bits: loss / ln 2. perplexity: exp(loss). */
  y?: "loss" | "perplexity" | "bits";
  x?: TrainingAxis;
  /** What the model predicts one of at a time, for the labels: "token" (the default), "character", "syllable" … */
  per?: string;
  show?: "both" | "train" | "validation";
  /**
   * Weight β of the past in the moving average over training steps, 0 for none; "auto" (the default) averages over
   * about a hundredth of the steps. It is taken of the loss in nats, so that a smoothed perplexity is a geometric mean.
   */
  smoothing?: number | "auto";
  /** Whether the steps themselves are drawn, pale, behind their average. Default: for at most two histories. */
  raw?: boolean;
  /** "auto" (the default) is logarithmic for perplexities that span more than a factor of 20. */
  logY?: boolean | "auto";
  /** Labelled dashed lines, such as other models' losses. In the unit of the axis: perplexities for y: "perplexity". */
  baselines?: References;
  /** The best that any model can reach, in the unit of the axis. */
  optimum?: number | Reference;
}

const UNITS = {
  loss: { title: "Loss", label: (per: string) => `loss (nats per ${per})`, of: (nats: number) => nats },
  bits: {
    title: "Loss",
    label: (per: string) => `loss (bits per ${per})`,
    of: (nats: number) => nats / Math.LN2,
  },
  perplexity: { title: "Perplexity", label: (per: string) => `perplexity per ${per}`, of: Math.exp },
} as const;

/**
 * The loss of one or several trainings: of every step (smoothed) and on the validation text after every epoch.
 * @example lossCurve({ RNN: rnn, LSTM: lstm }, { x: "tokens", baselines: { "KN-5": 1.9841 }, optimum: 0.594 })
 * @throws {ArgumentError} if there is nothing to draw or an option has no meaning.
 */
export function lossCurve(histories: Histories, options: LossCurveOptions = {}): Figure {
  const { y = "loss", x = "step", per = "token", baselines, optimum, ...rest } = options;
  if (!Object.hasOwn(UNITS, y)) {
    throw new ArgumentError(`lossCurve: y must be "loss", "perplexity" or "bits", got ${describe(y)}`);
  }
  const list = namedHistories(histories, "lossCurve");
  const unit = UNITS[y];
  const series = list.flatMap((entry) => seriesOf(entry, unit.of, { ...options, x }, list.length));
  if (series.length === 0) {
    throw new ArgumentError(`lossCurve: no ${options.show ?? "loss"} values in ${list.length} histories`);
  }
  const log = options.logY ?? "auto";
  return lines(series, {
    title: list.length === 1 && list[0].name !== "" ? `${unit.title} of ${list[0].name}` : unit.title,
    xLabel: AXIS_LABELS[x],
    yLabel: unit.label(per),
    ...rest,
    logY: log === "auto" ? y === "perplexity" && spansMoreThan(20, series) : log,
    horizontal: [...baselinesOf(baselines), ...optimumOf(optimum)],
  });
}

/** `lossCurve` with y: "perplexity", exp of the loss per token. */
export function perplexity(histories: Histories, options: Omit<LossCurveOptions, "y"> = {}): Figure {
  return lossCurve(histories, { ...options, y: "perplexity" });
}

function seriesOf(
  entry: NamedHistory,
  unit: (nats: number) => number,
  { x = "step", show = "both", smoothing = "auto", raw, width: _, ...options }: LossCurveOptions,
  of: number,
): Series[] {
  const { name, history } = entry;
  const at = positionOn(x, entry, "lossCurve");
  const validated = history.epochs.filter(({ validLoss }) => validLoss !== undefined);
  const [train, validation] = [show !== "validation", show !== "train" && validated.length > 0];
  const label = (part: string) => (train && validation ? `${name} ${part}`.trim() : name || part);
  const color = options.colors?.[name];
  const series: Series[] = [];
  if (train && history.steps.length > 0) {
    const losses = history.steps.map(({ loss }) => loss);
    const beta = smoothingFactor(smoothing, losses.length);
    const curve = { x: history.steps.map(at), name: label("train"), group: name, color };
    if (beta > 0 && (raw ?? of <= 2)) series.push({ ...curve, y: losses.map(unit), faint: true });
    series.push({ ...curve, y: smoothed(losses, beta).map(unit), mode: modeOf(losses.length) });
  } else if (train && history.epochs.length > 0) {
    const means = history.epochs.map(({ trainLoss }) => unit(trainLoss));
    series.push({ x: history.epochs.map(at), y: means, name: label("train"), group: name, color });
  }
  if (validation) {
    const losses = validated.map(({ validLoss }) => unit(validLoss!));
    series.push({
      x: validated.map(at),
      y: losses,
      name: label("validation"),
      group: name,
      color,
      mode: "lines+markers",
      width: 2.5,
    });
  }
  return series;
}

function modeOf(points: number): "lines" | "lines+markers" {
  return points === 1 ? "lines+markers" : "lines";
}

function baselinesOf(baselines: References | undefined): Reference[] {
  return referencesOf(baselines, false, "lossCurve: baseline").map((reference) => {
    const family = familyOf(reference.label ?? "");
    return { color: family && palette[family], ...reference };
  });
}

function optimumOf(optimum: number | Reference | undefined): Reference[] {
  if (optimum === undefined) return [];
  return [{ label: "optimum", dash: "dot", ...(typeof optimum === "number" ? { value: optimum } : optimum) }];
}

function spansMoreThan(factor: number, series: readonly Series[]): boolean {
  const range = extent(series.flatMap(({ y }) => Array.from(y as number[])));
  return range !== undefined && range[0] > 0 && range[1] / range[0] > factor;
}
