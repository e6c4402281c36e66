// One step of a GRU for B rows; the formulas stand in `reference-steps.ts`.
import { at, F32, load, store } from "./memory";
import { nmadd, one } from "./math";
import { sigmoidMap, tanhMap } from "./maps";
import { add, mix, multiplyAdd } from "./zips";

/** Row by row, so that a row's gates stay in the first-level cache from the first map to the last. */
export function gruForward(B: i32, H: i32, gx: u32, gh: u32, gates: u32, hBefore: u32, h: u32): void {
  const width = (<usize>H) * F32;
  let x = at(gx), g = at(gh), r = at(gates), before = at(hBefore), out = at(h);
  for (let row = 0; row < B; row++) {
    const z = r + width, n = z + width;
    add(2 * H, x, g, r);
    sigmoidMap(2 * H, r, r);
    multiplyAdd(H, r, g + 2 * width, x + 2 * width, n);
    tanhMap(H, n, n);
    mix(H, z, before, n, out);
    x += 3 * width;
    g += 3 * width;
    r += 3 * width;
    before += width;
    out += width;
  }
}

/** `left` elements of a row, at most four; `width` bytes lie between two gates. */
@inline
function backward4(
  left: i32,
  width: usize,
  pa: usize,
  pg: usize,
  ph0: usize,
  pdh: usize,
  pdx: usize,
  pdg: usize,
  pd0: usize,
): void {
  const r = load(pa, left), z = load(pa + width, left), n = load(pa + 2 * width, left);
  const up = load(pdh, left);
  const dn = f32x4.mul(f32x4.mul(up, f32x4.sub(one(), z)), nmadd(n, n, one()));
  const dz = f32x4.mul(f32x4.mul(up, f32x4.sub(load(ph0, left), n)), nmadd(z, z, z));
  const dr = f32x4.mul(f32x4.mul(dn, load(pg + 2 * width, left)), nmadd(r, r, r));
  store(pdx, dr, left);
  store(pdx + width, dz, left);
  store(pdx + 2 * width, dn, left);
  store(pdg, dr, left);
  store(pdg + width, dz, left);
  store(pdg + 2 * width, f32x4.mul(dn, r), left);
  store(pd0, f32x4.mul(up, z), left);
}

export function gruBackward(
  B: i32,
  H: i32,
  gates: u32,
  gh: u32,
  hBefore: u32,
  dh: u32,
  dgx: u32,
  dgh: u32,
  dhBefore: u32,
): void {
  const width = (<usize>H) * F32;
  let pa = at(gates), pg = at(gh), ph0 = at(hBefore), pdh = at(dh);
  let pdx = at(dgx), pdg = at(dgh), pd0 = at(dhBefore);
  const full = width & ~15;
  for (let row = 0; row < B; row++) {
    for (let j: usize = 0; j < full; j += 16) {
      backward4(4, width, pa + j, pg + j, ph0 + j, pdh + j, pdx + j, pdg + j, pd0 + j);
    }
    if (H & 3) {
      backward4(H & 3, width, pa + full, pg + full, ph0 + full, pdh + full, pdx + full, pdg + full, pd0 + full);
    }
    pa += 3 * width;
    pg += 3 * width;
    ph0 += width;
    pdh += width;
    pdx += 3 * width;
    pdg += 3 * width;
    pd0 += width;
  }
}
