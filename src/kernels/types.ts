/** The array types that kernels compute on. */
export type FloatArray = Float32Array | Float64Array;

/**
 * A matrix inside a typed array: element (i, j) is `data[offset + i·rowStride + j·colStride]`.
 * A transposed matrix is the same data with the strides exchanged, so no kernel needs a transpose flag.
 */
export interface MatrixView {
  readonly data: FloatArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/**
 * The sums themselves, and nothing about shapes, views or gradients: those are settled before a kernel is called.
 * `reference` is the taught text; every faster implementation must equal it.
 */
export interface Kernels {
  readonly name: string;
  /** C = A B for A [m, k], B [k, n]; C [m, n] is written row-major from `cOffset` on. */
  gemm(m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: FloatArray, cOffset: number): void;
  /** y_i = exp(x_i). `x` and `y` have the same length and may be the same array; so for the other maps. */
  exp(x: FloatArray, y: FloatArray): void;
  /** y_i = tanh(x_i). */
  tanh(x: FloatArray, y: FloatArray): void;
  /** y_i = 1 / (1 + exp(−x_i)), accurate in both tails. */
  sigmoid(x: FloatArray, y: FloatArray): void;
}
