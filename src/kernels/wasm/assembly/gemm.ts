// C = A B or C += A B, for a B that `pack` laid out. The inner dimension is cut into blocks of KC, the rows of A into
// blocks of MC that are packed into scratch memory and stay in the second-level cache.
import { at, load, store } from "./memory";
import { KC, packA, panelAt } from "./pack";
import { MR, NR, ROW, row, tile, wideRow } from "./tile";

const MC: i32 = 192;
/** Columns of C that are finished for some rows before the next rows: their panels of B stay in the second-level cache too. */
const GROUP: i32 = 256;

/** Each instance has scratch memory of its own: two threads may share the rest. */
let scratch: usize = 0;

/** Elements of scratch memory that `useScratch` must be given. */
export function scratchLength(): i32 {
  return MC * KC + MR * NR;
}

export function useScratch(p: u32): void {
  scratch = at(p);
}

/** A tile that reaches over the edge of C was computed in scratch memory: adds or copies the part inside. */
function putEdge(rows: i32, columns: i32, from: usize, c: usize, cStep: usize, add: boolean): void {
  for (let i = 0; i < rows; i++) {
    for (let left = columns, j: usize = 0; left > 0; left -= 4, j += 16) {
      const sum = v128.load(from + j);
      store(c + j, add ? f32x4.add(load(c + j, left), sum) : sum, left);
    }
    from += <usize>NR << 2;
    c += cStep;
  }
}

/** One row of C, from the first panel p0 to before `end`. */
function rowOfC(
  kc: i32,
  a: usize,
  colStep: usize,
  b: usize,
  n: i32,
  p0: i32,
  end: i32,
  c: usize,
  add: boolean,
): void {
  const panel = <usize>(kc * NR) << 2;
  let p = p0;
  for (; p + ROW / NR <= end && p * NR + ROW <= n; p += ROW / NR) {
    wideRow(kc, a, colStep, b, panel, c, add);
    b += <usize>(ROW / NR) * panel;
    c += ROW << 2;
  }
  for (; p < end; p++) {
    const columns = n - p * NR;
    if (columns >= NR) row(kc, a, colStep, b, c, add);
    else {
      row(kc, a, colStep, b, scratch, false);
      putEdge(1, columns, scratch, c, 0, add);
    }
    b += panel;
    c += <usize>NR << 2;
  }
}

/** For the columns of C in the panels p0 … p0 + count − 1. The strides are in elements, as in `engine.ts`. */
export function gemm(
  count: i32,
  p0: i32,
  m: i32,
  k: i32,
  n: i32,
  a: u32,
  rowStride: i32,
  colStride: i32,
  b: u32,
  c: u32,
  cStride: i32,
  accumulate: i32,
): void {
  const panels = (n + NR - 1) / NR, end = p0 + count;
  const rowStep = <usize>rowStride << 2, colStep = <usize>colStride << 2, cStep = <usize>cStride << 2;
  const firstColumn = at(c) + (<usize>(p0 * NR) << 2);
  if (k == 0 && accumulate == 0) {
    const bytes = <usize>(min(n, end * NR) - p0 * NR) << 2;
    for (let i = 0; i < m; i++) memory.fill(firstColumn + <usize>i * cStep, 0, bytes);
  }
  const odd = m % MR == 1 ? 1 : 0; // one row alone is not worth a tile of four
  const packed = scratch + (<usize>(MR * NR) << 2);
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = min(k - k0, KC);
    const add = accumulate != 0 || k0 > 0;
    const aBlock = at(a) + <usize>k0 * colStep, bBlock = at(b) + panelAt(k0, kc, panels, p0);
    for (let i0 = 0; i0 < m - odd; i0 += MC) {
      const mc = min(m - odd - i0, MC);
      packA(mc, kc, aBlock + <usize>i0 * rowStep, rowStep, colStep, packed);
      for (let g = p0; g < end; g += GROUP / NR) {
        const last = min(end, g + GROUP / NR);
        let aPanel = packed, cRows = firstColumn + <usize>i0 * cStep + (<usize>((g - p0) * NR) << 2);
        for (let i = 0; i < mc; i += MR) {
          let bPanel = bBlock + (<usize>((g - p0) * kc * NR) << 2), cTile = cRows;
          for (let p = g; p < last; p++) {
            const columns = n - p * NR;
            if (columns >= NR && mc - i >= MR) tile(kc, aPanel, bPanel, cTile, cStep, add);
            else {
              tile(kc, aPanel, bPanel, scratch, <usize>NR << 2, false);
              putEdge(min(mc - i, MR), min(columns, NR), scratch, cTile, cStep, add);
            }
            bPanel += <usize>(kc * NR) << 2;
            cTile += <usize>NR << 2;
          }
          aPanel += <usize>(kc * MR) << 2;
          cRows += <usize>MR * cStep;
        }
      }
    }
    if (odd) {
      const i = <usize>(m - 1);
      rowOfC(kc, aBlock + i * rowStep, colStep, bBlock, n, p0, end, firstColumn + i * cStep, add);
    }
  }
}
