import { ArgumentError, describe } from "../errors.ts";
import { textWidth } from "../platform/text-width.ts";
import { expectLength, extent, rowsOf } from "./data.ts";
import { Figure } from "./figure.ts";
import { baseLayout, nameAxis } from "./layout.ts";
import { count, escapeLabel, formatNumber, visibleToken } from "./text.ts";
import { diverging, sequential } from "./theme.ts";
import type { FigureOptions, Matrix } from "./types.ts";

/** Options of `heatmap`. */
export interface HeatmapOptions extends FigureOptions {
  /** Labels of the columns and of the rows: tokens, positions, units. */
  x?: readonly (string | number)[];
  y?: readonly (string | number)[];
  xLabel?: string;
  yLabel?: string;
  /** What the colour stands for, with its unit. */
  valueLabel?: string;
  /** "auto" (the default) is diverging around 0 where both signs occur, else sequential. */
  scale?: "auto" | "sequential" | "diverging";
  /** The values of the ends of the colour scale; [0, 1] for gates, so that pictures can be compared. */
  range?: readonly [number, number];
  /** The numbers in the cells; by default where there are at most 64 of them. */
  values?: boolean;
  /** Digits after the point of the numbers in the cells. */
  digits?: number;
}

const FEW_CELLS = 64;
const MOST_LABELS = 60;

/**
 * A matrix as coloured cells, row 0 at the top as it is printed. Entries that are not finite stay empty, so that a
 * triangular matrix looks triangular.
 * @example heatmap(gates, { x: [..."hello"], yLabel: "unit", valueLabel: "forget gate", range: [0, 1] })
 * @throws {ShapeError} if rows or labels differ in length.
 */
export function heatmap(matrix: Matrix, options: HeatmapOptions = {}): Figure {
  const z = rowsOf(matrix, "heatmap: the matrix");
  const [rows, columns] = [z.length, z[0].length];
  if (options.x) expectLength(options.x.length, columns, "heatmap: x labels", "columns");
  if (options.y) expectLength(options.y.length, rows, "heatmap: y labels", "rows");
  const { values = rows * columns <= FEW_CELLS, digits = 2 } = options;
  const trace = {
    type: "heatmap",
    z,
    ...colours(z, options),
    hoverongaps: false,
    ...(values ? { texttemplate: `%{z:.${digits}f}` } : {}),
    colorbar: {
      title: { text: escapeLabel(options.valueLabel ?? ""), side: "right" },
      thickness: 14,
      outlinewidth: 0,
      ticklen: 4,
      ticks: "outside",
    },
  };
  return new Figure({
    data: [{ ...trace, ...(options.x || options.y ? hoverOf(options, rows, columns) : {}) }],
    layout: {
      ...baseLayout({ ...options, height: heightFor(rows, options) }),
      xaxis: labelledAxis(options.x, columns, options.xLabel),
      yaxis: { ...labelledAxis(options.y, rows, options.yLabel), autorange: "reversed" },
    },
    alt: options.alt ?? describeMatrix(z, options),
  });
}

function colours(z: readonly (readonly number[])[], { scale = "auto", range }: HeatmapOptions): object {
  if (!["auto", "sequential", "diverging"].includes(scale)) {
    throw new ArgumentError(
      `heatmap: scale must be "auto", "sequential" or "diverging", got ${describe(scale)}`,
    );
  }
  const [low, high] = range ?? extent(z.flat()) ?? [0, 1];
  if (!(low <= high)) throw new ArgumentError(`heatmap: range must rise, got [${low}, ${high}]`);
  if (scale === "diverging" || (scale === "auto" && low < 0 && high > 0)) {
    const most = Math.max(Math.abs(low), Math.abs(high));
    return {
      colorscale: diverging,
      ...(range ? { zmin: low, zmax: high, zmid: 0 } : { zmin: -most, zmax: most }),
    };
  }
  return { colorscale: sequential, zmin: low, zmax: low === high ? low + 1 : high };
}

/** Positions 0, 1 … under their labels, which may repeat; of too many labels every k-th. */
function labelledAxis(
  labels: HeatmapOptions["x"],
  size: number,
  title: string | undefined,
): Record<string, unknown> {
  if (!labels) return nameAxis(title ?? "", size <= 12 ? { dtick: 1 } : {});
  const step = Math.ceil(size / MOST_LABELS);
  const shown = labels.map((_, i) => i).filter((i) => i % step === 0);
  return nameAxis(title ?? "", {
    tickvals: shown,
    ticktext: shown.map((i) => labelOf(labels[i])),
    ...(size <= 40 && longest(labels) <= 2 ? { tickangle: 0 } : {}),
  });
}

function labelOf(label: string | number): string {
  return escapeLabel(visibleToken(String(label)));
}

function longest(labels: readonly (string | number)[]): number {
  return Math.max(0, ...labels.map((label) => textWidth(visibleToken(String(label)))));
}

function hoverOf({ x, y }: HeatmapOptions, rows: number, columns: number): object {
  const at = (labels: HeatmapOptions["x"], i: number) => (labels ? labelOf(labels[i]) : String(i));
  return {
    text: Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_, c) => `${at(y, r)} · ${at(x, c)}`),
    ),
    hovertemplate: "%{text}: %{z}<extra></extra>",
  };
}

function heightFor(rows: number, { height, title }: HeatmapOptions): number {
  if (height !== undefined) return height;
  return Math.round(Math.min(620, Math.max(220, rows * 26 + (title ? 120 : 92))));
}

function describeMatrix(z: readonly (readonly number[])[], options: HeatmapOptions): string {
  const { title, xLabel, yLabel, valueLabel = "values" } = options;
  const size = `${count(z.length, "row")}${yLabel ? ` (${yLabel})` : ""} by ${count(z[0].length, "column")}${xLabel ? ` (${xLabel})` : ""}`;
  const at = (r: number, c: number): string => {
    const name = (labels: HeatmapOptions["x"], i: number) =>
      labels ? JSON.stringify(String(labels[i])) : String(i);
    return `row ${name(options.y, r)}, column ${name(options.x, c)}`;
  };
  const cells = z.flatMap((row, r) => row.map((value, c) => ({ value, r, c })));
  const finite = cells.filter(({ value }) => Number.isFinite(value));
  const told = (cell: (typeof cells)[number]) => `${formatNumber(cell.value)} (${at(cell.r, cell.c)})`;
  const extremes =
    finite.length > 0
      ? `lowest ${told(finite.reduce((best, cell) => (cell.value < best.value ? cell : best)))}, ` +
        `highest ${told(finite.reduce((best, cell) => (cell.value > best.value ? cell : best)))}`
      : "no finite value";
  const gaps = cells.length - finite.length;
  const empty = gaps > 0 ? `, ${formatNumber(gaps)} cells empty` : "";
  return `${title ? `${title}: ` : ""}heat map of ${valueLabel}, ${size}; ${extremes}${empty}.`;
}
