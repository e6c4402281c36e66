import { ArgumentError, expectNumber } from "../errors.ts";
import { rowsOf } from "./data.ts";
import type { Matrix } from "./types.ts";

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
  const centred = x.map((row) => row.map((value, j) => value - mean[j]));
  const dual = n < d;
  const sides = dual ? centred : columnsOf(centred);
  const { values, vectors } = eigenSymmetric(sides.map((a) => sides.map((b) => dot(a, b) / (n - 1))));
  const total = values.reduce((sum, value) => sum + value, 0);
  const components: number[][] = [];
  for (let i = 0; i < k; i++) {
    const direction = dual ? combined(centred, vectors[i]) : vectors[i];
    components.push(signed(independent(direction, components, Math.sqrt(total))));
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

/** Sweeps double the correct digits each; this many are never needed. */
const MOST_SWEEPS = 60;

/**
 * Eigenvalues (falling) and eigenvectors (as rows) of a symmetric matrix by Jacobi's rotations (1846), row by row:
 * each makes one pair of entries off the diagonal zero. About d³ · 20 multiplications.
 */
function eigenSymmetric(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => Float64Array.from(row));
  const d = a.length;
  const v = a.map((_, i) => Float64Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
  const scale = Math.hypot(...a.map((row) => Math.hypot(...row)));
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a) > 1e-15 * scale; sweep++) {
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) rotate(a, v, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i] || i - j);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => Array.from(v[i])) };
}

function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  if (a[p][q] === 0) return;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  for (const rows of [a, v]) {
    const [u, w] = [rows[p], rows[q]];
    for (let j = 0; j < u.length; j++) [u[j], w[j]] = [c * u[j] - s * w[j], s * u[j] + c * w[j]];
  }
  a[p][q] = a[q][p] = 0;
}

function offDiagonal(a: readonly Float64Array[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) for (let j = i + 1; j < a.length; j++) sum += 2 * a[i][j] ** 2;
  return Math.sqrt(sum);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function columnsOf(rows: readonly number[][]): number[][] {
  return rows[0].map((_, j) => rows.map((row) => row[j]));
}

function combined(rows: readonly number[][], weights: readonly number[]): number[] {
  return rows[0].map((_, j) => rows.reduce((sum, row, i) => sum + weights[i] * row[j], 0));
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
