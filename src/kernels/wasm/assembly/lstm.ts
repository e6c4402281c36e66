// One step of an LSTM for B rows; the formulas stand in `reference-steps.ts`.
import { at, F32, load, store } from "./memory";
import { madd, nmadd, one } from "./math";
import { sigmoidMap, tanhMap } from "./maps";
import { multiply, multiplyAdd } from "./zips";

/** Row by row, so that a row's gates stay in the first-level cache from the first map to the last. */
export function lstmForward(B: i32, H: i32, gates: u32, cBefore: u32, c: u32, tanhC: u32, h: u32): void {
  const width = (<usize>H) * F32;
  let i = at(gates), before = at(cBefore), cell = at(c), squashed = at(tanhC), out = at(h);
  for (let row = 0; row < B; row++) {
    const f = i + width, g = f + width, o = g + width;
    sigmoidMap(2 * H, i, i);
    tanhMap(H, g, g);
    sigmoidMap(H, o, o);
    multiply(H, i, g, squashed);
    multiplyAdd(H, f, before, squashed, cell);
    tanhMap(H, cell, squashed);
    multiply(H, o, squashed, out);
    i = o + width;
    before += width;
    cell += width;
    squashed += width;
    out += width;
  }
}

/** `left` elements of a row, at most four; `width` bytes lie between two gates. */
@inline
function backward4(left: i32, width: usize, pi: usize, pc0: usize, pt: usize, pdh: usize, pdc: usize, pda: usize): void {
  const i = load(pi, left), f = load(pi + width, left);
  const g = load(pi + 2 * width, left), o = load(pi + 3 * width, left);
  const squashed = load(pt, left), up = load(pdh, left);
  const cell = madd(f32x4.mul(up, o), nmadd(squashed, squashed, one()), load(pdc, left));
  const di = f32x4.mul(f32x4.mul(cell, g), nmadd(i, i, i));
  const df = f32x4.mul(f32x4.mul(cell, load(pc0, left)), nmadd(f, f, f));
  const dg = f32x4.mul(f32x4.mul(cell, i), nmadd(g, g, one()));
  const dO = f32x4.mul(f32x4.mul(up, squashed), nmadd(o, o, o));
  store(pda, di, left);
  store(pda + width, df, left);
  store(pda + 2 * width, dg, left);
  store(pda + 3 * width, dO, left);
  store(pdc, f32x4.mul(cell, f), left);
}

export function lstmBackward(
  B: i32,
  H: i32,
  gates: u32,
  cBefore: u32,
  tanhC: u32,
  dh: u32,
  dc: u32,
  da: u32,
): void {
  const width = (<usize>H) * F32;
  let pi = at(gates), pc0 = at(cBefore), pt = at(tanhC), pdh = at(dh), pdc = at(dc), pda = at(da);
  for (let row = 0; row < B; row++) {
    const full = width & ~15;
    for (let j: usize = 0; j < full; j += 16) backward4(4, width, pi + j, pc0 + j, pt + j, pdh + j, pdc + j, pda + j);
    if (H & 3) backward4(H & 3, width, pi + full, pc0 + full, pt + full, pdh + full, pdc + full, pda + full);
    pi += 4 * width;
    pc0 += width;
    pt += width;
    pdh += width;
    pdc += width;
    pda += 4 * width;
  }
}
