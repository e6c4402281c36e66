// Copies of parts of A and B in the order in which the tiles read them.
import { at, F32 } from "./memory";
import { MR, NR } from "./tile";

/** Steps of the inner dimension that are summed in one go: a panel of B (KC × NR) stays in the first-level cache. */
export const KC: i32 = 256;

/** Four rows of four become four columns of four, at `to` with `toStep` bytes between them. */
@inline
function transpose4(from: usize, step: usize, to: usize, toStep: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + step);
  const r2 = v128.load(from + 2 * step), r3 = v128.load(from + 3 * step);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(a, c, 0, 1, 4, 5));
  v128.store(to + toStep, v128.shuffle<f32>(a, c, 2, 3, 6, 7));
  v128.store(to + 2 * toStep, v128.shuffle<f32>(b, d, 0, 1, 4, 5));
  v128.store(to + 3 * toStep, v128.shuffle<f32>(b, d, 2, 3, 6, 7));
}

/**
 * `width` rows with `kc` elements each, laid out as kc groups of `width`; rows beyond `rows` become 0. For A the rows
 * are rows, for B columns: `step` bytes lie between them, `along` between neighbours in one of them.
 */
@inline
function panel(width: i32, rows: i32, kc: i32, from: usize, step: usize, along: usize, to: usize): void {
  const group = (<usize>width) << 2;
  let l = 0;
  if (rows == width && along == F32) {
    for (; l + 4 <= kc; l += 4) {
      for (let r = 0; r < width; r += 4) transpose4(from + <usize>r * step, step, to + (<usize>r << 2), group);
      from += 16;
      to += 4 * group;
    }
  } else if (rows == width && step == F32) {
    for (; l < kc; l++) {
      for (let r: usize = 0; r < group; r += 16) v128.store(to + r, v128.load(from + r));
      from += along;
      to += group;
    }
  }
  for (; l < kc; l++) {
    for (let r = 0; r < width; r++) {
      f32.store(to + (<usize>r << 2), r < rows ? f32.load(from + <usize>r * step) : 0);
    }
    from += along;
    to += group;
  }
}

/** `rows` rows of A from byte `a` on, in groups of MR. */
export function packA(rows: i32, kc: i32, a: usize, rowStep: usize, colStep: usize, to: usize): void {
  for (let i = 0; i < rows; i += MR) {
    panel(MR, min(rows - i, MR), kc, a, rowStep, colStep, to);
    a += <usize>MR * rowStep;
    to += <usize>(kc * MR) << 2;
  }
}

/** Bytes from the start of a packed B to a panel, in the block of steps that begins at k0. */
@inline
export function panelAt(k0: i32, kc: i32, panels: i32, p: i32): usize {
  return (<usize>k0 * <usize>panels + <usize>p * <usize>kc) * (<usize>NR << 2);
}

/** Panels p0 … p0 + count − 1 of B [k, n]: for each block of KC steps all panels, one after the other. */
export function pack(count: i32, p0: i32, k: i32, n: i32, b: u32, rowStride: i32, colStride: i32, to: u32): void {
  const panels = (n + NR - 1) / NR;
  const rowStep = <usize>rowStride << 2, colStep = <usize>colStride << 2;
  for (let k0 = 0; k0 < k; k0 += KC) {
    const kc = min(k - k0, KC);
    for (let p = p0; p < p0 + count; p++) {
      const from = at(b) + <usize>k0 * rowStep + <usize>(p * NR) * colStep;
      panel(NR, min(n - p * NR, NR), kc, from, colStep, rowStep, at(to) + panelAt(k0, kc, panels, p));
    }
  }
}

/** Columns of a panel for a BLAS (`blas/panels.ts`). */
const PANEL: i32 = 64;

/** Panels p0 … p0 + count − 1 of B [k, n] for a BLAS: k rows of 64 elements each, of the last one as many as are left. */
export function panels(count: i32, p0: i32, k: i32, n: i32, b: u32, rowStride: i32, colStride: i32, to: u32): void {
  const rowStep = <usize>rowStride << 2, colStep = <usize>colStride << 2;
  for (let p = p0; p < p0 + count; p++) {
    const j = p * PANEL;
    const from = at(b) + <usize>j * colStep, out = at(to) + (<usize>j * <usize>k << 2);
    const width = min(n - j, PANEL);
    if (width == PANEL) panel(PANEL, PANEL, k, from, colStep, rowStep, out);
    else {
      for (let l = 0; l < k; l++) {
        for (let i = 0; i < width; i++) {
          const x = f32.load(from + <usize>l * rowStep + <usize>i * colStep);
          f32.store(out + (<usize>(l * width + i) << 2), x);
        }
      }
    }
  }
}
