// One step of a GRU for B rows; the formulas stand in `reference-engine.ts`.
import { at, F32, load, store } from "./memory";
import { madd, nmadd, one, sigmoid4, tanh4 } from "./math";

export function gruForward(B: i32, H: i32, gx: u32, gh: u32, gates: u32, hBefore: u32, h: u32): void {
  const width = (<usize>H) * F32;
  let px = at(gx), pg = at(gh), pa = at(gates), ph0 = at(hBefore), ph = at(h);
  for (let row = 0; row < B; row++) {
    for (let left = H; left > 0; left -= 4) {
      const r = sigmoid4(f32x4.add(load(px, left), load(pg, left)));
      const z = sigmoid4(f32x4.add(load(px + width, left), load(pg + width, left)));
      const n = tanh4(madd(r, load(pg + 2 * width, left), load(px + 2 * width, left)));
      const next = madd(z, f32x4.sub(load(ph0, left), n), n);
      store(pa, r, left);
      store(pa + width, z, left);
      store(pa + 2 * width, n, left);
      store(ph, next, left);
      const step = (<usize>min(left, 4)) * F32;
      px += step;
      pg += step;
      pa += step;
      ph0 += step;
      ph += step;
    }
    px += 2 * width;
    pg += 2 * width;
    pa += 2 * width;
  }
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
  for (let row = 0; row < B; row++) {
    for (let left = H; left > 0; left -= 4) {
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
      const step = (<usize>min(left, 4)) * F32;
      pa += step;
      pg += step;
      ph0 += step;
      pdh += step;
      pdx += step;
      pdg += step;
      pd0 += step;
    }
    pa += 2 * width;
    pg += 2 * width;
    pdx += 2 * width;
    pdg += 2 * width;
  }
}
