import { ArgumentError } from "../errors.ts";
import { expectLength, rowsOf } from "./data.ts";
import { Figure } from "./figure.ts";
import { axis, baseLayout } from "./layout.ts";
import { pca } from "./pca.ts";
import { count, escapeLabel, formatNumber, listed, visibleToken } from "./text.ts";
import { stylesFor } from "./theme.ts";
import type { FigureOptions, Matrix, Trace } from "./types.ts";

/** Options of `scatter2d`. */
export interface ScatterOptions extends FigureOptions {
  /** One for each point: the token of an embedding. */
  labels?: readonly (string | number)[];
  /** One for each point: its class, which gives the colour and an entry in the legend. */
  groups?: readonly (string | number)[];
  xLabel?: string;
  yLabel?: string;
  /** Labels beside the points; by default of at most 150 points, of more they appear under the mouse. */
  showLabels?: boolean;
  colors?: Readonly<Record<string, string>>;
}

const MOST_LABELS = 150;

/**
 * Points of two coordinates as they are, rows of more numbers (embeddings [V, E]) in their first two principal
 * components, with the share of the variance that each of these keeps on its axis.
 * @example scatter2d(model.embedding.weight, { labels: vocabulary.tokens, title: "Embeddings" })
 * @throws {ShapeError} if labels or groups differ from the points in number.
 */
export function scatter2d(matrix: Matrix, options: ScatterOptions = {}): Figure {
  const rows = rowsOf(matrix, "scatter2d: the points");
  const n = rows.length;
  if (rows[0].length < 2) {
    throw new ArgumentError("scatter2d: the points have one coordinate; a histogram shows them better");
  }
  if (options.labels) expectLength(options.labels.length, n, "scatter2d: labels", "points");
  if (options.groups) expectLength(options.groups.length, n, "scatter2d: groups", "points");
  const projected = rows[0].length > 2 ? pca(rows, 2) : undefined;
  const points = projected?.scores ?? rows;
  const names = projected?.share.map((share, i) => `component ${i + 1} (${percent(share)} of the variance)`);
  const { xLabel = names?.[0] ?? "x", yLabel = names?.[1] ?? "y" } = options;
  return new Figure({
    data: tracesOf(points, options),
    layout: {
      ...baseLayout({ ...options, height: options.height ?? 480, legend: legendOf(options) }),
      // Distances mean something only if both axes have the same unit.
      xaxis: axis(xLabel, projected ? { scaleanchor: "y", constrain: "range" } : {}),
      yaxis: axis(yLabel),
    },
    alt: options.alt ?? describePoints(points, options, { xLabel, yLabel, from: rows[0].length }),
  });
}

function legendOf({ groups = [] }: ScatterOptions): string[][] {
  const classes = [...new Set(groups.map(String))];
  return classes.length > 1 ? classes.map((name) => [name]) : [];
}

function tracesOf(points: readonly number[][], options: ScatterOptions): Trace[] {
  const { labels, groups, showLabels = points.length <= MOST_LABELS } = options;
  const classes = groups ? [...new Set(groups.map(String))] : [""];
  const styles = stylesFor(classes, options.colors);
  return classes.map((name, i) => {
    const members = points.map((_, p) => p).filter((p) => !groups || String(groups[p]) === name);
    return {
      type: "scatter",
      mode: labels && showLabels ? "markers+text" : "markers",
      ...(name === "" ? {} : { name: escapeLabel(name) }),
      showlegend: classes.length > 1,
      x: members.map((p) => points[p][0]),
      y: members.map((p) => points[p][1]),
      ...(labels ? { text: members.map((p) => escapeLabel(visibleToken(String(labels[p])))) } : {}),
      ...(labels ? { hovertemplate: "%{text} (%{x:.3f}, %{y:.3f})<extra></extra>" } : {}),
      textposition: "top center",
      textfont: { size: 11 },
      cliponaxis: false,
      marker: { color: styles[i].color, symbol: styles[i].symbol, size: 7, opacity: 0.85 },
    };
  });
}

function percent(share: number): string {
  return `${formatNumber(Math.round(share * 1000) / 10)} %`;
}

function describePoints(
  points: readonly number[][],
  { title, labels, groups }: ScatterOptions,
  { xLabel, yLabel, from }: { xLabel: string; yLabel: string; from: number },
): string {
  const sentences = [
    `${title ? `${title}: ` : ""}${count(points.length, "point")}${
      from > 2 ? `, ${from} numbers each,` : ""
    } in the plane of ${xLabel} and ${yLabel}.`,
  ];
  if (groups) {
    const sizes = new Map<string, number>();
    for (const group of groups) sizes.set(String(group), (sizes.get(String(group)) ?? 0) + 1);
    sentences.push(`Groups: ${listed([...sizes].map(([name, size]) => `${name} (${size})`))}.`);
  }
  if (labels) {
    const edge = (axisIndex: number, sign: number) =>
      labels[
        points.reduce((best, p, i) => (sign * p[axisIndex] > sign * points[best][axisIndex] ? i : best), 0)
      ];
    const quote = (label: string | number) => JSON.stringify(String(label));
    sentences.push(
      `Leftmost ${quote(edge(0, -1))}, rightmost ${quote(edge(0, 1))}, lowest ${quote(edge(1, -1))}, highest ${quote(edge(1, 1))}.`,
    );
  }
  return sentences.join(" ");
}
