import { ArgumentError, describe } from "../errors.ts";
import { textWidth } from "../platform/text-width.ts";
import { escapeLabel, formatNumber } from "./text.ts";
import { palette } from "./theme.ts";

/** A straight line across a plot that stands for a number: a baseline, an optimum, a threshold. */
export interface Reference {
  value: number;
  label?: string;
  color?: string;
  /** Plotly's names: solid, dash, dot, dashdot, longdash. */
  dash?: string;
}

/** `{ "KN-5": 1.9841 }`, or a list where the style matters. */
export type References = Readonly<Record<string, number>> | readonly Reference[];

/** As a list, each with its label. @throws {ArgumentError} for a value that is not a number, or ≤ 0 on a log axis. */
export function referencesOf(references: References | undefined, log: boolean, what: string): Reference[] {
  const list: Reference[] = Array.isArray(references)
    ? [...references]
    : Object.entries(references ?? {}).map(([label, value]) => ({ label, value }));
  for (const { value, label } of list) {
    const name = `${what}${label === undefined ? "" : ` "${label}"`}`;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw new ArgumentError(`${name} must be a finite number, got ${describe(value)}`);
    }
    if (log && value <= 0)
      throw new ArgumentError(`${name} is ${value}: a logarithmic axis has no place for it`);
  }
  return list;
}

const LABEL_SIZE = 12;
const LABEL_GAP = 15;

/** "KN-5 1.9841" */
export function referenceText({ label, value }: Reference): string {
  return [label, formatNumber(value)].filter(Boolean).join(" ");
}

/** Room at the right of the plot for the labels of horizontal lines, in pixels. */
export function labelRoom(references: readonly Reference[]): number {
  if (references.length === 0) return 0;
  return Math.ceil(Math.max(...references.map((r) => textWidth(referenceText(r)))) * LABEL_SIZE) + 12;
}

/** Dashed lines; the ones that no label or legend explains would be mistaken for data, so each has its label. */
export function horizontalLines(
  references: readonly Reference[],
  /** Where a value lies: in pixels from the bottom of the plot, and on the axis (its logarithm on a log axis). */
  place: { pixels(value: number): number; axis(value: number): number },
): { shapes: unknown[]; annotations: unknown[] } {
  const sorted = [...references].sort((a, b) => a.value - b.value);
  const wanted = sorted.map(({ value }) => place.pixels(value));
  const spread = spreadApart(wanted, LABEL_GAP);
  return {
    shapes: sorted.map((r) => ({
      ...shape(r),
      xref: "paper",
      x0: 0,
      x1: 1,
      yref: "y",
      y0: r.value,
      y1: r.value,
    })),
    annotations: sorted.map((r, i) => ({
      ...annotation(r, "left"),
      xref: "paper",
      x: 1,
      xshift: 4,
      yref: "y",
      y: place.axis(r.value),
      yanchor: "middle",
      yshift: Math.round((spread[i] - wanted[i]) * 10) / 10,
    })),
  };
}

export function verticalLines(
  references: readonly Reference[],
  axis: (value: number) => number,
): { shapes: unknown[]; annotations: unknown[] } {
  return {
    shapes: references.map((r) => ({
      ...shape(r),
      yref: "paper",
      y0: 0,
      y1: 1,
      xref: "x",
      x0: r.value,
      x1: r.value,
    })),
    annotations: references.map((r) => ({
      ...annotation(r, "left"),
      text: escapeLabel(r.label ?? formatNumber(r.value)),
      yref: "paper",
      y: 1,
      yanchor: "top",
      xref: "x",
      x: axis(r.value),
      xshift: 3,
    })),
  };
}

/**
 * Positions at least `gap` apart, in the same order and as near to the wanted ones as the sum of squares says
 * (pooling of adjacent violators on the positions less their gaps). The wanted ones must be sorted.
 */
export function spreadApart(wanted: readonly number[], gap: number): number[] {
  const pools: { mean: number; size: number }[] = [];
  wanted.forEach((position, i) => {
    let pool = { mean: position - i * gap, size: 1 };
    for (let last = pools.at(-1); last && last.mean > pool.mean; last = pools.at(-1)) {
      const size = last.size + pool.size;
      pool = { mean: (last.mean * last.size + pool.mean * pool.size) / size, size };
      pools.pop();
    }
    pools.push(pool);
  });
  return pools.flatMap(({ mean, size }) => Array<number>(size).fill(mean)).map((base, i) => base + i * gap);
}

function shape({ color = palette.neutral, dash = "dash" }: Reference): object {
  return { type: "line", layer: "below", line: { color, width: 1.5, dash } };
}

function annotation(reference: Reference, align: string): object {
  return {
    text: escapeLabel(referenceText(reference)),
    showarrow: false,
    xanchor: align,
    font: { size: LABEL_SIZE, color: reference.color ?? palette.neutral },
  };
}
