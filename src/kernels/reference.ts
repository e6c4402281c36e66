import type { FloatArray, Kernels, MatrixView } from "./types.ts";

/** The plain TypeScript kernels: short enough to teach, and what every faster kernel is tested against. */
export const reference: Kernels = {
  name: "reference",
  gemm,
  exp(x, y) {
    for (let i = 0; i < x.length; i++) y[i] = Math.exp(x[i]);
  },
  tanh(x, y) {
    for (let i = 0; i < x.length; i++) y[i] = Math.tanh(x[i]);
  },
  sigmoid(x, y) {
    for (let i = 0; i < x.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
  },
};

/**
 * c_ij = Σ_l a_il b_lj. Two loop orders for the same sums, because memory is read fast only along a row:
 * if the columns of B lie contiguous (B is a transposed matrix) each c_ij is a dot product,
 * otherwise row i of C is built up as a sum of rows of B.
 */
function gemm(
  m: number,
  n: number,
  k: number,
  a: MatrixView,
  b: MatrixView,
  c: FloatArray,
  cOffset: number,
): void {
  if (b.rowStride === 1 && k > 1) gemmByDots(m, n, k, a, b, c, cOffset);
  else gemmByRows(m, n, k, a, b, c, cOffset);
}

function gemmByDots(
  m: number,
  n: number,
  k: number,
  a: MatrixView,
  b: MatrixView,
  c: FloatArray,
  cOffset: number,
): void {
  const aData = a.data;
  const bData = b.data;
  const aStep = a.colStride;
  for (let i = 0; i < m; i++) {
    const aRow = a.offset + i * a.rowStride;
    for (let j = 0; j < n; j++) {
      const bColumn = b.offset + j * b.colStride;
      let sum = 0;
      for (let l = 0; l < k; l++) sum += aData[aRow + l * aStep] * bData[bColumn + l];
      c[cOffset + i * n + j] = sum;
    }
  }
}

function gemmByRows(
  m: number,
  n: number,
  k: number,
  a: MatrixView,
  b: MatrixView,
  c: FloatArray,
  cOffset: number,
): void {
  const bData = b.data;
  const bStep = b.colStride;
  const row = new Float64Array(n); // sums are kept in double precision and rounded once
  for (let i = 0; i < m; i++) {
    row.fill(0);
    for (let l = 0; l < k; l++) {
      const scale = a.data[a.offset + i * a.rowStride + l * a.colStride];
      const bRow = b.offset + l * b.rowStride;
      for (let j = 0; j < n; j++) row[j] += scale * bData[bRow + j * bStep];
    }
    c.set(row, cOffset + i * n);
  }
}
