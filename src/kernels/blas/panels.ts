/**
 * OpenBLAS has kernels for small products (m·n·k ≤ 10⁶, since 0.3.17, for processors with AVX-512) that read the matrices
 * where they lie instead of copying them into buffers first. For the few rows of a recurrent step the copying costs as
 * much as the product: [20, 1024] @ [1024, 4096] ran at 55 GF/s as one call, and at 112 in pieces of this size. So B is
 * laid out once in panels of 64 columns, and C is summed up panel by panel in blocks of the inner dimension.
 */
import type { Gemm } from "./vendors.ts";

/** Columns of a panel. */
export const PANEL = 64;
/** Most rows of a product for which a block is not too flat: 244 steps of the inner dimension. */
export const PANEL_ROWS = 64;

const SMALL = 1e6;
const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** Steps of the inner dimension in a block: all blocks alike, none with more than 10⁶ multiplications. */
export function blockLength(m: number, k: number): number {
  const most = Math.floor(SMALL / (m * PANEL));
  const blocks = Math.ceil(k / most);
  return Math.min(most, 16 * Math.ceil(k / blocks / 16));
}

/**
 * `n` columns of C [m, n] = A B (+ C): addresses in bytes, strides in elements; `panels` and `c` are where these columns
 * begin. A is [m, k], or [k, m] where `transA` is 1.
 */
export function panelProduct(gemm: Gemm) {
  return (
    n: number,
    m: number,
    k: number,
    transA: number,
    a: number,
    aStride: number,
    panels: number,
    beta: number,
    c: number,
    cStride: number,
  ): void => {
    const length = blockLength(m, k);
    const order = transA ? TRANSPOSED : PLAIN;
    const aStep = transA ? 4 * aStride : 4;
    for (let j = 0; j < n; j += PANEL) {
      const width = Math.min(PANEL, n - j);
      const panel = panels + 4 * j * k;
      for (let l = 0; l < k; l += length) {
        const steps = Math.min(length, k - l);
        const b = panel + 4 * l * width;
        const add = l === 0 ? beta : 1;
        gemm(
          ROW_MAJOR,
          order,
          PLAIN,
          m,
          width,
          steps,
          1,
          a + l * aStep,
          aStride,
          b,
          width,
          add,
          c + 4 * j,
          cStride,
        );
      }
    }
  };
}
