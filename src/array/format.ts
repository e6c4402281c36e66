import { formatShape } from "../errors.ts";
import type { NDArray } from "./ndarray.ts";
import { slice } from "./shape.ts";

/** One number with at most `digits` significant digits: `0.5`, `-1.234e-7`, `NaN`. */
export function formatNumber(value: number, digits: number = 5): string {
  const short = Number.isInteger(value) && Math.abs(value) < 1e9;
  return String(short ? value : Number(value.toPrecision(digits)));
}

/** Readable nested brackets with right-aligned columns, shortened in the middle, followed by shape and dtype. */
export function formatArray(x: NDArray, name: string = "tensor"): string {
  const indent = " ".repeat(name.length + 2);
  const numbers = brackets(x, indent, 0).split(/[^\w.+-]+/);
  const width = Math.max(...numbers.map((number) => number.length));
  const shape = x.ndim > 0 ? `, shape ${formatShape(x.shape)}` : "";
  const dtype = x.dtype === "float32" ? "" : `, ${x.dtype}`;
  return `${name}(${brackets(x, indent, width).trimStart()}${shape}${dtype})`;
}

function brackets(x: NDArray, indent: string, width: number): string {
  if (x.ndim === 0) return formatNumber(x.item()).padStart(width);
  const parts = shownIndices(x.shape[0]).map((i) =>
    i < 0 ? "…" : brackets(slice(x, [i]), `${indent} `, width),
  );
  return `[${parts.join(x.ndim === 1 ? ", " : `,${"\n".repeat(x.ndim - 1)}${indent}`)}]`;
}

/** All indices of a short dimension; the two ends and −1 for the gap of a long one. */
export function shownIndices(n: number, keep: number = 3): number[] {
  const all = [...Array(Math.min(n, 2 * keep + 1)).keys()];
  return n <= 2 * keep ? all : all.map((i) => (i < keep ? i : i === keep ? -1 : n - 2 * keep - 1 + i));
}
