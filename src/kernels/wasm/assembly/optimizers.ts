// One step of an optimizer for n parameters; the formulas stand in `reference-engine.ts`.
import { at, load, store } from "./memory";
import { madd, nmadd } from "./math";

/** The gradient as the update sees it: scaled, limited to ± limit (a NaN stays), plus decay times the parameter. */
@inline
function gradient(g: v128, p: v128, scale: f32, limit: f32, decay: f32): v128 {
  const clipped = f32x4.pmin(
    f32x4.pmax(f32x4.mul(g, f32x4.splat(scale)), f32x4.splat(-limit)),
    f32x4.splat(limit),
  );
  return madd(f32x4.splat(decay), p, clipped);
}

export function sgd(n: i32, p: u32, g: u32, scale: f32, limit: f32, lr: f32, decay: f32): void {
  let pp = at(p), pg = at(g);
  for (let left = n; left > 0; left -= 4) {
    const x = load(pp, left);
    store(pp, nmadd(f32x4.splat(lr), gradient(load(pg, left), x, scale, limit, decay), x), left);
    pp += 16;
    pg += 16;
  }
}

/** `keep` is momentum, or 0 at the first step; `take` is 1 − dampening, or 1 at the first step. */
export function sgdMomentum(
  n: i32,
  p: u32,
  g: u32,
  v: u32,
  scale: f32,
  limit: f32,
  lr: f32,
  decay: f32,
  momentum: f32,
  take: f32,
  first: i32,
  nesterov: i32,
): void {
  let pp = at(p), pg = at(g), pv = at(v);
  for (let left = n; left > 0; left -= 4) {
    const x = load(pp, left);
    let change = gradient(load(pg, left), x, scale, limit, decay);
    // At the first step v is not read: its memory may hold anything, NaN included.
    const speed = first
      ? change
      : madd(f32x4.splat(momentum), load(pv, left), f32x4.mul(f32x4.splat(take), change));
    store(pv, speed, left);
    change = nesterov ? madd(f32x4.splat(momentum), speed, change) : speed;
    store(pp, nmadd(f32x4.splat(lr), change, x), left);
    pp += 16;
    pg += 16;
    pv += 16;
  }
}

export function adagrad(
  n: i32,
  p: u32,
  g: u32,
  s: u32,
  scale: f32,
  limit: f32,
  lr: f32,
  decay: f32,
  eps: f32,
): void {
  let pp = at(p), pg = at(g), ps = at(s);
  for (let left = n; left > 0; left -= 4) {
    const x = load(pp, left);
    const change = gradient(load(pg, left), x, scale, limit, decay);
    const squares = madd(change, change, load(ps, left));
    const root = f32x4.add(f32x4.sqrt(squares), f32x4.splat(eps));
    store(ps, squares, left);
    store(pp, f32x4.sub(x, f32x4.div(f32x4.mul(f32x4.splat(lr), change), root)), left);
    pp += 16;
    pg += 16;
    ps += 16;
  }
}

/** `take` is 1 − alpha. With momentum 0 `v` is not touched. */
export function rmsprop(
  n: i32,
  p: u32,
  g: u32,
  s: u32,
  v: u32,
  scale: f32,
  limit: f32,
  lr: f32,
  decay: f32,
  alpha: f32,
  take: f32,
  momentum: f32,
  eps: f32,
): void {
  let pp = at(p), pg = at(g), ps = at(s), pv = at(v);
  for (let left = n; left > 0; left -= 4) {
    const x = load(pp, left);
    const grad = gradient(load(pg, left), x, scale, limit, decay);
    const squares = madd(
      f32x4.splat(alpha),
      load(ps, left),
      f32x4.mul(f32x4.mul(f32x4.splat(take), grad), grad),
    );
    let change = f32x4.div(grad, f32x4.add(f32x4.sqrt(squares), f32x4.splat(eps)));
    if (momentum != 0) {
      change = madd(f32x4.splat(momentum), load(pv, left), change);
      store(pv, change, left);
    }
    store(ps, squares, left);
    store(pp, nmadd(f32x4.splat(lr), change, x), left);
    pp += 16;
    pg += 16;
    ps += 16;
    pv += 16;
  }
}

/**
 * `shrink` is 1 − lr · decay where the decay is decoupled (then `decay` is 0), otherwise 1; `takeM` = 1 − β₁,
 * `takeV` = 1 − β₂; `step` = lr / (1 − β₁ᵗ) and `spread` = 1 / √(1 − β₂ᵗ) correct the start from 0.
 */
export function adam(
  n: i32,
  p: u32,
  g: u32,
  m: u32,
  v: u32,
  scale: f32,
  limit: f32,
  decay: f32,
  shrink: f32,
  beta1: f32,
  takeM: f32,
  beta2: f32,
  takeV: f32,
  step: f32,
  spread: f32,
  eps: f32,
): void {
  let pp = at(p), pg = at(g), pm = at(m), pv = at(v);
  for (let left = n; left > 0; left -= 4) {
    const x = f32x4.mul(load(pp, left), f32x4.splat(shrink));
    const grad = gradient(load(pg, left), x, scale, limit, decay);
    const mean = madd(f32x4.splat(beta1), load(pm, left), f32x4.mul(f32x4.splat(takeM), grad));
    const square = madd(
      f32x4.splat(beta2),
      load(pv, left),
      f32x4.mul(f32x4.mul(f32x4.splat(takeV), grad), grad),
    );
    store(pm, mean, left);
    store(pv, square, left);
    const root = madd(f32x4.sqrt(square), f32x4.splat(spread), f32x4.splat(eps));
    store(pp, f32x4.sub(x, f32x4.div(f32x4.mul(f32x4.splat(step), mean), root)), left);
    pp += 16;
    pg += 16;
    pm += 16;
    pv += 16;
  }
}
