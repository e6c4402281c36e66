/** A symmetric matrix's eigenvalues, falling, and orthonormal eigenvectors, as rows in the same order. */
export interface Eigen {
  values: number[];
  vectors: number[][];
}

/**
 * Householder's reflections make the matrix tridiagonal, then QL steps with Wilkinson's shift take the entries beside
 * the diagonal to nought (Wilkinson & Reinsch, Handbook for Automatic Computation II, 1971). About 5·d³ operations.
 */
export function eigenSymmetric(matrix: readonly (readonly number[])[]): Eigen {
  const { diagonal, beside, basis } = tridiagonal(matrix.map((row) => Float64Array.from(row)));
  const negligible =
    Number.EPSILON * diagonal.reduce((most, v, i) => Math.max(most, Math.abs(v) + Math.abs(beside[i])), 0);
  for (let i = 0; i < diagonal.length; i++) {
    for (let end = blockEnd(beside, i, negligible); end > i; end = blockEnd(beside, i, negligible)) {
      shiftedStep(diagonal, beside, basis, i, end);
    }
  }
  const order = Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[j] - diagonal[i] || i - j);
  return { values: order.map((i) => diagonal[i]), vectors: order.map((i) => Array.from(basis[i])) };
}

interface Tridiagonal {
  diagonal: Float64Array;
  /** beside[i] joins i and i + 1. */
  beside: Float64Array;
  /** Rows: the orthonormal basis in which the matrix is tridiagonal. */
  basis: Float64Array[];
}

/** Overwrites `a`. For each column a reflection I − 2vvᵀ that clears it below the entry beside the diagonal. */
function tridiagonal(a: Float64Array[]): Tridiagonal {
  const d = a.length;
  const basis = a.map((_, i) => Float64Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
  for (let k = 0; k + 2 < d; k++) {
    const v = Float64Array.from({ length: d }, (_, i) => (i > k ? a[i][k] : 0));
    const norm = Math.sqrt(dot(v, v));
    if (norm === 0) continue;
    v[k + 1] += v[k + 1] < 0 ? -norm : norm; // the sign that does not cancel digits
    const length = Math.sqrt(dot(v, v));
    for (let i = k + 1; i < d; i++) v[i] /= length;
    // (I − 2vvᵀ) A (I − 2vvᵀ) = A − 2vwᵀ − 2wvᵀ with w = Av − (vᵀAv)v
    const w = Float64Array.from(a, (row) => dot(row, v));
    const along = dot(v, w);
    for (let i = k; i < d; i++) w[i] -= along * v[i];
    for (let i = k; i < d; i++) {
      const row = a[i];
      const [vi, wi] = [2 * v[i], 2 * w[i]];
      for (let j = k; j < d; j++) row[j] -= vi * w[j] + wi * v[j];
    }
    reflectRows(basis, v, k + 1);
  }
  return {
    diagonal: Float64Array.from(a, (row, i) => row[i]),
    beside: Float64Array.from(a, (row, i) => (i + 1 < d ? row[i + 1] : 0)),
    basis,
  };
}

/** basis ← (I − 2vvᵀ) basis, where v is nought before `from`. */
function reflectRows(basis: Float64Array[], v: Float64Array, from: number): void {
  const sum = new Float64Array(v.length);
  for (let i = from; i < v.length; i++) for (let j = 0; j < sum.length; j++) sum[j] += v[i] * basis[i][j];
  for (let i = from; i < v.length; i++) {
    const factor = 2 * v[i];
    const row = basis[i];
    for (let j = 0; j < row.length; j++) row[j] -= factor * sum[j];
  }
}

/** The last index that the entries beside the diagonal still tie to `start`. */
function blockEnd(beside: Float64Array, start: number, negligible: number): number {
  let end = start;
  while (end + 1 < beside.length && Math.abs(beside[end]) > negligible) end++;
  return end;
}

/** One QL step on the block start … end: rotations chase the entry that the shift pushes out, from below upwards. */
function shiftedStep(
  diagonal: Float64Array,
  beside: Float64Array,
  basis: Float64Array[],
  start: number,
  end: number,
): void {
  const half = (diagonal[start + 1] - diagonal[start]) / (2 * beside[start]);
  const shift = diagonal[start] - beside[start] / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1));
  let [sine, cosine, carried] = [1, 1, 0];
  let chased = diagonal[end] - shift;
  for (let i = end - 1; i >= start; i--) {
    const [out, kept] = [sine * beside[i], cosine * beside[i]];
    const length = Math.hypot(out, chased);
    beside[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1] -= carried;
      beside[end] = 0;
      return;
    }
    sine = out / length;
    cosine = chased / length;
    const rest = diagonal[i + 1] - carried;
    const turn = (diagonal[i] - rest) * sine + 2 * cosine * kept;
    carried = sine * turn;
    diagonal[i + 1] = rest + carried;
    chased = cosine * turn - kept;
    rotate(basis[i], basis[i + 1], cosine, sine);
  }
  diagonal[start] -= carried;
  beside[start] = chased;
  beside[end] = 0;
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let j = 0; j < a.length; j++) {
    const [u, w] = [a[j], b[j]];
    a[j] = cosine * u - sine * w;
    b[j] = sine * u + cosine * w;
  }
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
