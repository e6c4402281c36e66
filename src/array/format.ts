import { formatShape } from "../errors.ts";
import type { NDArray } from "./ndarray.ts";

/** Elements shown at each end of a dimension longer than twice this. */
const edge = 3;

/** One number with at most `digits` significant digits: `0.5`, `-1.234e-7`, `NaN`. */
export function formatNumber(value: number, digits: number = 5): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? String(value)
    : String(Number(value.toPrecision(digits)));
}

/** Readable nested brackets with right-aligned columns, shortened in the middle, followed by shape and dtype. */
export function formatArray(x: NDArray, name: string = "tensor"): string {
  const indent = " ".repeat(name.length + 1);
  const at = (index: readonly number[]) =>
    x.data[index.reduce((offset, i, d) => offset + i * x.strides[d], x.offset)];
  const shown = x.shape.map((n) => shownIndices(n));
  let width = 0;
  const measure = (index: number[]): void => {
    if (index.length === x.ndim) width = Math.max(width, formatNumber(at(index)).length);
    else for (const i of shown[index.length]) if (i >= 0) measure([...index, i]);
  };
  measure([]);
  const render = (index: number[]): string => {
    if (index.length === x.ndim) return formatNumber(at(index)).padStart(width);
    const depth = index.length;
    const parts = shown[depth].map((i) => (i < 0 ? "…" : render([...index, i])));
    const last = depth === x.ndim - 1;
    const gap = last
      ? ", "
      : `,${"\n".repeat(Math.max(1, x.ndim - 1 - depth))}${indent}${" ".repeat(depth + 1)}`;
    return `[${parts.join(gap)}]`;
  };
  const details = [x.ndim > 0 ? `shape ${formatShape(x.shape)}` : "", x.dtype === "float32" ? "" : x.dtype];
  return `${name}(${render([]).trimStart()}${details
    .filter(Boolean)
    .map((d) => `, ${d}`)
    .join("")})`;
}

/** All indices of a short dimension; the two ends and −1 for the gap of a long one. */
export function shownIndices(n: number, keep: number = edge): number[] {
  if (n <= 2 * keep) return Array.from({ length: n }, (_, i) => i);
  const ends = Array.from({ length: keep }, (_, i) => i);
  return [...ends, -1, ...ends.map((i) => n - keep + i)];
}
