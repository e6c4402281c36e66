import { ArgumentError, describe, expectNumber } from "../errors.ts";
import { extent, numbersOf } from "./data.ts";
import { Figure } from "./figure.ts";
import { axis, baseLayout } from "./layout.ts";
import { count, escapeLabel, formatNumber } from "./text.ts";
import { stylesFor } from "./theme.ts";
import { isList } from "./thin.ts";
import type { FigureOptions, Vector } from "./types.ts";

/** Options of `histogram`. */
export interface HistogramOptions extends FigureOptions {
  /** How many intervals of equal width; by default about as many as Freedman & Diaconis (1981) ask for, with round edges. */
  bins?: number;
  /** Values outside are not counted, and the alternative text says how many there were. */
  range?: readonly [number, number];
  /** Shares of all values divided by the width, so that the area is 1, instead of counts. */
  density?: boolean;
  xLabel?: string;
  logY?: boolean;
  colors?: Readonly<Record<string, string>>;
}

/** Edges of intervals, closed on the left (the last one on both sides), and how many values lie in each. */
export interface Bins {
  edges: number[];
  counts: number[];
  /** Values outside the range. */
  outside: number;
  /** Values that are NaN or ±∞. */
  notFinite: number;
}

/**
 * How often which values occur, of one list or of several (over each other, by name).
 * @example histogram({ tanh: hiddenTanh, sigmoid: hiddenSigmoid }, { xLabel: "activation", range: [-1, 1] })
 */
export function histogram(
  input: Vector | Readonly<Record<string, Vector>>,
  options: HistogramOptions = {},
): Figure {
  const groups = groupsOf(input);
  const { density = false, logY = false, xLabel = "value" } = options;
  const all = groups.flatMap(({ values }) => values.filter(Number.isFinite));
  const edges = edgesFor(all, options);
  const styles = stylesFor(
    groups.map(({ name }) => name),
    options.colors,
  );
  const binned = groups.map(({ name, values }) => ({
    name,
    total: values.length,
    ...countInto(edges, values),
  }));
  const width = edges[1] - edges[0];
  const centres = edges.slice(1).map((edge, i) => (edges[i] + edge) / 2);
  return new Figure({
    data: binned.map(({ name, counts }, i) => {
      const inside = counts.reduce((a, b) => a + b, 0);
      return {
        type: "bar",
        ...(name === "" ? {} : { name: escapeLabel(name) }),
        showlegend: groups.length > 1,
        x: centres,
        y: density ? counts.map((n) => (inside > 0 ? n / (inside * width) : 0)) : counts,
        width,
        customdata: centres.map((_, b) => `${formatNumber(edges[b])} … ${formatNumber(edges[b + 1])}`),
        hovertemplate: "%{customdata}: %{y}<extra></extra>",
        marker: { color: styles[i].color, opacity: groups.length > 1 ? 0.55 : 0.85 },
      };
    }),
    layout: {
      ...baseLayout({ ...options, legend: groups.length > 1 ? groups.map(({ name }) => [name]) : [] }),
      barmode: "overlay",
      bargap: 0,
      xaxis: axis(xLabel, { range: [edges[0], edges[edges.length - 1]] }),
      yaxis: axis(density ? "density" : "count", logY ? { type: "log" } : { rangemode: "tozero" }),
    },
    alt: options.alt ?? describeBins(binned, options),
  });
}

/** Counts the values into intervals of equal width, as `histogram` draws them. */
export function binsOf(values: Vector, options: Pick<HistogramOptions, "bins" | "range"> = {}): Bins {
  const list = numbersOf(values, "binsOf: the values");
  return countInto(edgesFor(list.filter(Number.isFinite), options), list);
}

function groupsOf(input: Vector | Readonly<Record<string, Vector>>): { name: string; values: number[] }[] {
  if (typeof input !== "object" || input === null) {
    throw new ArgumentError(
      `histogram: give a list of numbers or a tensor, or several by name, got ${describe(input)}`,
    );
  }
  const single = isList(input) || typeof (input as { toArray?: unknown }).toArray === "function";
  const entries = single ? [["", input as Vector] as const] : Object.entries(input as Record<string, Vector>);
  const groups = entries.map(([name, values]) => ({ name, values: flat(values, name) }));
  if (groups.length === 0 || groups.every(({ values }) => values.length === 0)) {
    throw new ArgumentError("histogram: there are no values");
  }
  return groups;
}

/** The numbers of a list or of a tensor of any number of dimensions. */
function flat(values: Vector, name: string): number[] {
  const list = isList(values) ? values : (values as { toArray(): unknown }).toArray();
  const all = Array.isArray(list)
    ? list.flat(Infinity)
    : typeof list === "number"
      ? [list]
      : (list as Vector);
  return numbersOf(all as Vector, `histogram: the values${name ? ` of ${JSON.stringify(name)}` : ""}`);
}

function edgesFor(finite: number[], { bins, range }: Pick<HistogramOptions, "bins" | "range">): number[] {
  if (range && !(range[0] < range[1])) {
    throw new ArgumentError(`histogram: range must rise, got ${describe(range[0])} … ${describe(range[1])}`);
  }
  let [low, high] = range ?? extent(finite) ?? [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  if (bins === undefined && range === undefined) return roundEdges(finite, low, high);
  const n = bins ?? intervals(finite, low, high);
  expectNumber(n, "histogram: bins", { integer: true, min: 1, max: 1000 });
  return Array.from({ length: n + 1 }, (_, i) => (i === n ? high : low + ((high - low) * i) / n));
}

/** As many intervals as the width 2·IQR·n^(−1/3) makes, between 5 and 60. */
function intervals(values: number[], low: number, high: number): number {
  const sorted = Float64Array.from(values).sort();
  const quartile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  const width = (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(Math.max(1, sorted.length));
  return Math.min(60, Math.max(5, width > 0 ? Math.ceil((high - low) / width) : 5));
}

/** Edges at multiples of 1, 2 or 5 times a power of ten, of which the width nearest to the one asked for. */
function roundEdges(values: number[], low: number, high: number): number[] {
  const wanted = (high - low) / intervals(values, low, high);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const off = (f: number): number => Math.abs(Math.log((f * power) / wanted));
  const factor = [1, 2, 5, 10].reduce((best, f) => (off(f) < off(best) ? f : best));
  const [first, last] = [low, high].map((value) => value / (factor * power));
  const n = Math.max(1, Math.ceil(last - 1e-9) - Math.floor(first + 1e-9));
  // Multiplied out from whole numbers and divided where the power is below 1, so that 0.3 is 0.3.
  const at = (i: number): number => {
    const whole = (Math.floor(first + 1e-9) + i) * factor;
    return power < 1 ? whole / Math.round(1 / power) : whole * power;
  };
  return Array.from({ length: n + 1 }, (_, i) => at(i));
}

function countInto(edges: number[], values: readonly number[]): Bins {
  const n = edges.length - 1;
  const [low, high] = [edges[0], edges[n]];
  const counts = new Array<number>(n).fill(0);
  let [outside, notFinite] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) notFinite++;
    else if (value < low || value > high) outside++;
    else {
      let bin = Math.min(n - 1, Math.floor(((value - low) / (high - low)) * n));
      // Division rounds: the edges themselves decide.
      if (value < edges[bin]) bin--;
      else if (bin < n - 1 && value >= edges[bin + 1]) bin++;
      counts[bin]++;
    }
  }
  return { edges, counts, outside, notFinite };
}

function describeBins(
  binned: readonly (Bins & { name: string; total: number })[],
  options: HistogramOptions,
): string {
  const { title, xLabel = "value" } = options;
  const sentences = binned.map(({ name, total, edges, counts, outside, notFinite }) => {
    const fullest = counts.indexOf(Math.max(...counts));
    const parts = [
      `${count(total, "value")} in ${count(counts.length, "interval")} from ${formatNumber(edges[0])} to ${formatNumber(edges[counts.length])}`,
      `most (${formatNumber(counts[fullest])}) from ${formatNumber(edges[fullest])} to ${formatNumber(edges[fullest + 1])}`,
      outside > 0 ? `${formatNumber(outside)} outside` : "",
      notFinite > 0 ? `${formatNumber(notFinite)} not finite` : "",
    ];
    return `${name === "" ? "" : `${name}: `}${parts.filter(Boolean).join(", ")}.`;
  });
  return `${title ? `${title}: ` : ""}histogram of ${xLabel}. ${sentences.join(" ")}`;
}
