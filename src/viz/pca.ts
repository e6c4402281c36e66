import { ArgumentError, expectNumber } from "../errors.ts";
import { rowsOf } from "./data.ts";
import { dot, eigenSymmetric } from "./eigen.ts";
import type { Matrix } from "./types.ts";

/** Principal components; `scores` are the rows in their coordinates, `share` the part of the variance of each. */
export interface Pca {
  /** [d]: the mean that was taken off. */
  mean: number[];
  /** [k, d]: orthonormal directions, of the largest variance first; the entry largest in size is positive. */
  components: number[][];
  /** [k]: variance along each, Σ(xᵢ − x̄)²/(n − 1). */
  variance: number[];
  /** [k]: its share of the whole variance. */
  share: number[];
  /** [n, k]: the rows of the matrix in the new coordinates. */
  scores: number[][];
}

/**
 * Principal components of the rows of a matrix [n, d] (Pearson, 1901), from the eigenvectors of the covariance
 * [d, d], or of the scalar products of the rows [n, n] where there are fewer of these; both have the same
 * eigenvalues. Deterministic, signs included.
 * @throws {ArgumentError} unless 1 ≤ k ≤ min(n, d), n ≥ 2 and all numbers are finite.
 */
export function pca(matrix: Matrix, k: number = 2): Pca {
  const x = rowsOf(matrix, "pca: the matrix");
  const [n, d] = [x.length, x[0].length];
  if (n < 2) throw new ArgumentError("pca: one row has no variance; at least two are needed");
  expectNumber(k, "pca: k", { integer: true, min: 1, max: Math.min(n, d) });
  if (!x.every((row) => row.every(Number.isFinite))) {
    throw new ArgumentError("pca: the matrix holds a value that is not finite");
  }
  const mean = Array.from({ length: d }, (_, j) => x.reduce((sum, row) => sum + row[j], 0) / n);
  const centred = x.map((row) => Float64Array.from(row).map((value, j) => value - mean[j]));
  const dual = n < d;
  const { values, vectors } = eigenSymmetric(products(dual ? centred : columnsOf(centred), n - 1));
  const total = values.reduce((sum, value) => sum + value, 0);
  const components: number[][] = [];
  for (let i = 0; i < k; i++) {
    const direction = dual ? combined(centred, vectors[i]) : vectors[i];
    components.push(signed(independent(direction, components, dual ? Math.sqrt(total * (n - 1)) : 1)));
  }
  const variance = components.map((_, i) => Math.max(0, values[i]));
  return {
    mean,
    components,
    variance,
    share: variance.map((value) => (total > 0 ? value / total : 0)),
    scores: centred.map((row) => components.map((component) => dot(row, component))),
  };
}

/** All scalar products of the rows, divided by n. */
function products(rows: readonly Float64Array[], n: number): number[][] {
  const table = rows.map(() => new Array<number>(rows.length).fill(0));
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j <= i; j++) table[i][j] = table[j][i] = dot(rows[i], rows[j]) / n;
  }
  return table;
}

function columnsOf(rows: readonly Float64Array[]): Float64Array[] {
  return Array.from(rows[0], (_, j) => new Float64Array(rows.length).map((_, i) => rows[i][j]));
}

function combined(rows: readonly Float64Array[], weights: readonly number[]): number[] {
  return Array.from(rows[0], (_, j) => rows.reduce((sum, row, i) => sum + weights[i] * row[j], 0));
}

/**
 * The direction less what lies along the earlier ones, of length 1. Where there is no variance left any direction is
 * as good as another: then the first axis that is not used up.
 */
function independent(direction: readonly number[], earlier: readonly number[][], scale: number): number[] {
  for (let j = -1; ; j++) {
    let rest = j < 0 ? [...direction] : direction.map((_, i) => (i === j ? 1 : 0));
    for (let twice = 0; twice < 2; twice++) {
      for (const other of earlier) {
        const along = dot(rest, other);
        rest = rest.map((value, i) => value - along * other[i]);
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    if (length > (j < 0 ? 1e-10 * scale : 1e-3 / direction.length))
      return rest.map((value) => value / length);
  }
}

/** Of the two directions of an axis, the one whose entry largest in size is positive. */
function signed(vector: number[]): number[] {
  let largest = 0;
  vector.forEach((value, j) => {
    if (Math.abs(value) > Math.abs(vector[largest]) * (1 + 1e-9)) largest = j;
  });
  return vector[largest] < 0 ? vector.map((value) => 0 - value) : vector;
}
