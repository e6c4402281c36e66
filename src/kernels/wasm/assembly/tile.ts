// The innermost sums of the matrix product. Every element of C is summed in the same way, wherever it lies: over l
// from 0 up, in one accumulator that starts at 0 and is added to C (or stored) at the end. So the shape of the tile,
// the cut into rows and the cut into columns do not show in the result.
import { madd } from "./math";

/** Rows of A that are multiplied at a time. */
export const MR: i32 = 4;
/** Columns of B in a panel: 8, or 16 for machines where two 128-bit operations become one of 256. A `--use` of build.mjs. */
export const NR: i32 = TILE_COLUMNS;

/** Two vectors of a row of C, side by side: V8 can make them one of 256 bits, if their addresses differ in the offset alone. */
@inline
function put(c: usize, low: v128, high: v128, add: boolean): void {
  if (add) {
    low = f32x4.add(v128.load(c), low);
    high = f32x4.add(v128.load(c, 16), high);
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}

/** Likewise the third and the fourth vector from c on. */
@inline
function putSecond(c: usize, low: v128, high: v128, add: boolean): void {
  if (add) {
    low = f32x4.add(v128.load(c, 32), low);
    high = f32x4.add(v128.load(c, 48), high);
  }
  v128.store(c, low, 32);
  v128.store(c, high, 48);
}

/** C [4, NR] = or += A B for a panel of A (four elements per l) and a panel of B (NR elements per l). */
@inline
export function tile(kc: i32, a: usize, b: usize, c: usize, step: usize, add: boolean): void {
  if (NR == 8) tile4x8(kc, a, b, c, step, add);
  else tile4x16(kc, a, b, c, step, add);
}

function tile4x8(kc: i32, a: usize, b: usize, c: usize, step: usize, add: boolean): void {
  let c00 = f32x4.splat(0), c01 = c00;
  let c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00;
  for (let l = kc; l > 0; l--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  put(c, c00, c01, add);
  c += step;
  put(c, c10, c11, add);
  c += step;
  put(c, c20, c21, add);
  c += step;
  put(c, c30, c31, add);
}

function tile4x16(kc: i32, a: usize, b: usize, c: usize, step: usize, add: boolean): void {
  let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00;
  let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let c20 = c00, c21 = c00, c22 = c00, c23 = c00;
  let c30 = c00, c31 = c00, c32 = c00, c33 = c00;
  for (let l = kc; l > 0; l--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    c02 = madd(a0, b2, c02);
    c03 = madd(a0, b3, c03);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    c12 = madd(a1, b2, c12);
    c13 = madd(a1, b3, c13);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    c22 = madd(a2, b2, c22);
    c23 = madd(a2, b3, c23);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    c32 = madd(a3, b2, c32);
    c33 = madd(a3, b3, c33);
    a += 16;
    b += 64;
  }
  put(c, c00, c01, add);
  putSecond(c, c02, c03, add);
  c += step;
  put(c, c10, c11, add);
  putSecond(c, c12, c13, add);
  c += step;
  put(c, c20, c21, add);
  putSecond(c, c22, c23, add);
  c += step;
  put(c, c30, c31, add);
  putSecond(c, c32, c33, add);
}

/**
 * Columns that `wideRow` takes at a time: three panels of 8 (with a fourth, the V8 of Node 20 loads so much ahead that it
 * runs out of registers and is three times slower) or two of 16.
 */
export const ROW: i32 = NR == 8 ? 24 : 32;

/** C [1, ROW] for one row of A with `aStep` bytes between its elements; `panel` bytes lie between two panels. */
export function wideRow(kc: i32, a: usize, aStep: usize, b: usize, panel: usize, c: usize, add: boolean): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  // Pairs of vectors: where a panel has 16 columns, its second half is the next pair.
  let p0 = b, p1 = NR == 8 ? b + panel : b + 32, p2 = NR == 8 ? p1 + panel : b + panel, p3 = p2 + 32;
  for (let l = kc; l > 0; l--) {
    const s = v128.load_splat<f32>(a);
    c0 = madd(s, v128.load(p0), c0);
    c1 = madd(s, v128.load(p0, 16), c1);
    c2 = madd(s, v128.load(p1), c2);
    c3 = madd(s, v128.load(p1, 16), c3);
    c4 = madd(s, v128.load(p2), c4);
    c5 = madd(s, v128.load(p2, 16), c5);
    if (NR == 16) {
      c6 = madd(s, v128.load(p3), c6);
      c7 = madd(s, v128.load(p3, 16), c7);
      p3 += NR << 2;
    }
    a += aStep;
    p0 += NR << 2;
    p1 += NR << 2;
    p2 += NR << 2;
  }
  put(c, c0, c1, add);
  putSecond(c, c2, c3, add);
  put(c + 64, c4, c5, add);
  if (NR == 16) putSecond(c + 64, c6, c7, add);
}

/** C [1, NR] for one row of A and one panel. */
export function row(kc: i32, a: usize, aStep: usize, b: usize, c: usize, add: boolean): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  for (let l = kc; l > 0; l--) {
    const s = v128.load_splat<f32>(a);
    c0 = madd(s, v128.load(b), c0);
    c1 = madd(s, v128.load(b, 16), c1);
    if (NR == 16) {
      c2 = madd(s, v128.load(b, 32), c2);
      c3 = madd(s, v128.load(b, 48), c3);
    }
    a += aStep;
    b += (<usize>NR) << 2;
  }
  put(c, c0, c1, add);
  if (NR == 16) {
    putSecond(c, c2, c3, add);
  }
}
