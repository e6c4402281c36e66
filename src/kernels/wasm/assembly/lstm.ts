// One step of an LSTM for B rows; the formulas stand in `reference-engine.ts`.
import { at, F32, load, store } from "./memory";
import { madd, nmadd, one, sigmoid4, tanh4 } from "./math";

export function lstmForward(B: i32, H: i32, gates: u32, cBefore: u32, c: u32, tanhC: u32, h: u32): void {
  const width = (<usize>H) * F32;
  let pi = at(gates), pc0 = at(cBefore), pc = at(c), pt = at(tanhC), ph = at(h);
  for (let row = 0; row < B; row++) {
    for (let left = H; left > 0; left -= 4) {
      const pf = pi + width, pg = pf + width, po = pg + width;
      const i = sigmoid4(load(pi, left));
      const f = sigmoid4(load(pf, left));
      const g = tanh4(load(pg, left));
      const o = sigmoid4(load(po, left));
      const cell = madd(f, load(pc0, left), f32x4.mul(i, g));
      const squashed = tanh4(cell);
      store(pi, i, left);
      store(pf, f, left);
      store(pg, g, left);
      store(po, o, left);
      store(pc, cell, left);
      store(pt, squashed, left);
      store(ph, f32x4.mul(o, squashed), left);
      const step = (<usize>min(left, 4)) * F32;
      pi += step;
      pc0 += step;
      pc += step;
      pt += step;
      ph += step;
    }
    pi += 3 * width;
  }
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
    for (let left = H; left > 0; left -= 4) {
      const pf = pi + width, pg = pf + width, po = pg + width;
      const i = load(pi, left), f = load(pf, left), g = load(pg, left), o = load(po, left);
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
      const step = (<usize>min(left, 4)) * F32;
      pi += step;
      pc0 += step;
      pt += step;
      pdh += step;
      pdc += step;
      pda += step;
    }
    pi += 3 * width;
    pda += 3 * width;
  }
}
