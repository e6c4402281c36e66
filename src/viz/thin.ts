import type { Layout, Trace } from "./types.ts";

/** The content of a picture: traces and layout, before it is thinned or drawn. */
export interface Content {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}

/** What thinning left: `shown` of `total` points (or cells), of those traces that lost any. */
export interface Thinned extends Content {
  readonly shown: number;
  readonly total: number;
}

/**
 * At most about `limit` points in each line or cloud of points, and `cells` cells in each heat map. A line keeps the
 * first, lowest, highest and last point of each of limit/4 stretches (M4: Jugel et al., 2014), so that its outline is
 * unchanged once the stretches are narrower than a pixel; a heat map is averaged over blocks.
 */
export function thin({ data, layout }: Content, limit: number, cells: number): Thinned {
  let [shown, total] = [0, 0];
  const thinned = data.map((trace) => {
    const result = trace.type === "heatmap" ? thinHeatmap(trace, cells) : thinPoints(trace, limit);
    if (result.before === result.after) return trace;
    total += result.before;
    shown += result.after;
    return result.trace;
  });
  return { data: thinned, layout, shown, total };
}

interface Result {
  trace: Trace;
  before: number;
  after: number;
}

function thinPoints(trace: Trace, limit: number): Result {
  const y = isList(trace.y) ? trace.y : [];
  const n = y.length;
  if (trace.type !== "scatter" || n <= limit) return { trace, before: n, after: n };
  const ordered = String(trace.mode ?? "lines").includes("lines");
  const picks = ordered ? outline(y, limit) : evenly(n, limit);
  return { trace: pick(trace, n, picks) as Trace, before: n, after: picks.length };
}

/** Indices of the first, lowest, highest and last value (and of one gap) in each stretch. */
export function outline(values: ArrayLike<unknown>, limit: number): number[] {
  const n = values.length;
  const stretches = Math.max(1, Math.floor(limit / 4));
  const picks = new Set<number>();
  for (let s = 0; s < stretches; s++) {
    const [from, to] = [Math.floor((s * n) / stretches), Math.floor(((s + 1) * n) / stretches)];
    if (from === to) continue;
    let [low, high, gap] = [-1, -1, -1];
    for (let i = from; i < to; i++) {
      const value = values[i];
      if (typeof value !== "number" || !Number.isFinite(value)) gap = i;
      else {
        if (low < 0 || value < (values[low] as number)) low = i;
        if (high < 0 || value > (values[high] as number)) high = i;
      }
    }
    for (const i of [from, low, high, gap, to - 1]) if (i >= 0) picks.add(i);
  }
  return [...picks].sort((a, b) => a - b);
}

function evenly(n: number, limit: number): number[] {
  return Array.from({ length: limit }, (_, i) => Math.floor((i * n) / limit));
}

/** Takes the picked entries out of every list of length n, however deep it stands (text, marker.color, error bars). */
function pick(value: unknown, n: number, picks: readonly number[]): unknown {
  if (isList(value)) return value.length === n ? picks.map((i) => value[i]) : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, pick(inner, n, picks)]));
}

function thinHeatmap(trace: Trace, limit: number): Result {
  const z = (isList(trace.z) ? Array.from(trace.z) : []) as ArrayLike<number | null>[];
  const [rows, columns] = [z.length, Math.max(0, ...z.map((row) => row.length))];
  const before = rows * columns;
  const block = Math.ceil(Math.sqrt(before / limit));
  if (before <= limit || block < 2) return { trace, before, after: before };
  const [blockRows, blockColumns] = [Math.min(block, rows), Math.min(block, columns)];
  const means: (number | null)[][] = [];
  for (let r = 0; r < rows; r += blockRows) {
    const line: (number | null)[] = [];
    for (let c = 0; c < columns; c += blockColumns) line.push(blockMean(z, r, c, blockRows, blockColumns));
    means.push(line);
  }
  const positions = (given: unknown, size: number, step: number): number[] => {
    const at = isList(given) && given.length === size ? (i: number) => Number(given[i]) : (i: number) => i;
    return Array.from({ length: Math.ceil(size / step) }, (_, i) => {
      const [first, last] = [i * step, Math.min(size, (i + 1) * step) - 1];
      return (at(first) + at(last)) / 2;
    });
  };
  const { text: _text, texttemplate: _template, customdata: _custom, ...rest } = trace;
  const x = positions(trace.x, columns, blockColumns);
  const y = positions(trace.y, rows, blockRows);
  return { trace: { ...rest, type: "heatmap", z: means, x, y }, before, after: x.length * y.length };
}

function blockMean(
  z: ArrayLike<number | null>[],
  row: number,
  column: number,
  rows: number,
  columns: number,
) {
  let [sum, n] = [0, 0];
  for (let r = row; r < Math.min(z.length, row + rows); r++) {
    for (let c = column; c < Math.min(z[r].length, column + columns); c++) {
      const value = z[r][c];
      if (value === null || !Number.isFinite(value)) continue;
      sum += value;
      n++;
    }
  }
  return n === 0 ? null : sum / n;
}

export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
