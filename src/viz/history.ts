import { ArgumentError, describe } from "../errors.ts";
import type { Histories, HistoryLike } from "./types.ts";

/** What the horizontal axis counts. */
export type TrainingAxis = "step" | "epoch" | "tokens";

export const AXIS_LABELS: Readonly<Record<TrainingAxis, string>> = {
  step: "step",
  epoch: "epoch",
  tokens: "tokens seen",
};

export interface NamedHistory {
  /** Empty for a single history without a name. */
  name: string;
  history: HistoryLike;
}

/** @throws {ArgumentError} if something in it is not a history, or holds neither steps nor epochs. */
export function namedHistories(input: Histories, what: string): NamedHistory[] {
  if (typeof input !== "object" || input === null) {
    throw new ArgumentError(
      `${what}: give the history that lm.train returned, or several by name, got ${describe(input)}`,
    );
  }
  const list = isHistory(input)
    ? [{ name: input.name ?? "", history: input }]
    : Array.isArray(input)
      ? input.map((history: HistoryLike, i) => ({ name: history?.name || `run ${i + 1}`, history }))
      : Object.entries(input).map(([name, history]) => ({ name, history }));
  if (list.length === 0) throw new ArgumentError(`${what}: there is no history to draw`);
  const seen = new Map<string, number>();
  for (const entry of list) {
    const label = `${what}: history ${JSON.stringify(entry.name)}`;
    if (!isHistory(entry.history)) {
      throw new ArgumentError(
        `${label} must have the lists steps and epochs, got ${describe(entry.history)}`,
      );
    }
    if (entry.history.steps.length + entry.history.epochs.length === 0) {
      throw new ArgumentError(`${label} is empty: nothing was trained yet`);
    }
    const times = (seen.get(entry.name) ?? 0) + 1;
    seen.set(entry.name, times);
    if (times > 1) entry.name = `${entry.name} (${times})`;
  }
  return list;
}

function isHistory(value: unknown): value is HistoryLike {
  const { steps, epochs } = (value ?? {}) as Partial<HistoryLike>;
  return Array.isArray(steps) && Array.isArray(epochs);
}

/** Where a moment of a training lies on the axis. */
export type Position = (at: { step: number; tokens: number }) => number;

/**
 * Steps and tokens are counted by the history itself. Epochs are numbered 1, 2 … at their ends and interpolated in
 * between; steps after the last finished epoch go on at its pace.
 * @throws {ArgumentError} for epochs if none was finished.
 */
export function positionOn(axis: TrainingAxis, { name, history }: NamedHistory, what: string): Position {
  if (axis === "step") return ({ step }) => step;
  if (axis === "tokens") return ({ tokens }) => tokens;
  if (axis !== "epoch") {
    throw new ArgumentError(`${what}: x must be "step", "epoch" or "tokens", got ${describe(axis)}`);
  }
  const { epochs } = history;
  if (epochs.length === 0) {
    throw new ArgumentError(
      `${what}: history ${JSON.stringify(name)} has no finished epoch; use x: "step" or x: "tokens"`,
    );
  }
  const first = startOfEpoch(history);
  const knots = [{ epoch: epochs[0].epoch - 1, step: first }, ...epochs];
  return ({ step }) => {
    let right = knots.findIndex((knot) => knot.step >= step);
    if (right < 0) right = knots.length - 1;
    const [a, b] = [knots[Math.max(1, right) - 1], knots[Math.max(1, right)]];
    return a.epoch + ((step - a.step) / (b.step - a.step)) * (b.epoch - a.epoch);
  };
}

/** The count of steps before the first of the epochs, which need not be 0: a training may have been resumed. */
function startOfEpoch({ steps, epochs }: HistoryLike): number {
  if (epochs[0].epoch === 1) return 0;
  const guess = epochs.length > 1 ? 2 * epochs[0].step - epochs[1].step : (steps[0]?.step ?? 1) - 1;
  return Math.min(Math.max(0, guess), epochs[0].step - 1);
}

/**
 * Exponential moving average without the pull towards its start: m_t = βm_{t−1} + (1−β)x_t, shown as m_t/(1−βᵗ), as
 * Adam corrects its moments (Kingma & Ba, 2015). Values that are not finite stay gaps and are left out of the mean.
 */
export function smoothed(values: readonly number[], beta: number): number[] {
  if (!(beta >= 0 && beta < 1))
    throw new ArgumentError(`smoothing must be ≥ 0 and < 1, got ${describe(beta)}`);
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    mean = beta * mean + (1 - beta) * value;
    weight = beta * weight + (1 - beta);
    return mean / weight;
  });
}

/** "auto" averages over about a hundredth of the values, and not at all over fewer than 200. */
export function smoothingFactor(smoothing: number | "auto", n: number): number {
  if (smoothing !== "auto") return smoothing;
  return n < 200 ? 0 : 1 - 100 / n;
}
