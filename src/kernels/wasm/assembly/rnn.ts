// da = dh φ'(a), from h = φ(a).
import { at, load, store } from "./memory";
import { nmadd, one } from "./math";

const TANH: i32 = 0;
const SIGMOID: i32 = 1;
const RELU: i32 = 2;

@inline
function slope(f: i32, h: v128, dh: v128): v128 {
  if (f == TANH) return f32x4.mul(dh, nmadd(h, h, one()));
  if (f == SIGMOID) return f32x4.mul(dh, nmadd(h, h, h));
  return v128.and(dh, f32x4.gt(h, f32x4.splat(0)));
}

@inline
function backward(f: i32, n: i32, h: usize, dh: usize, da: usize): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = slope(f, v128.load(h), v128.load(dh));
    const high = slope(f, v128.load(h, 16), v128.load(dh, 16));
    v128.store(da, low);
    v128.store(da, high, 16);
    h += 32;
    dh += 32;
    da += 32;
  }
  for (; left > 0; left -= 4) {
    store(da, slope(f, load(h, left), load(dh, left)), left);
    h += 16;
    dh += 16;
    da += 16;
  }
}

export function tanhBackward(n: i32, h: u32, dh: u32, da: u32): void {
  backward(TANH, n, at(h), at(dh), at(da));
}

export function sigmoidBackward(n: i32, h: u32, dh: u32, da: u32): void {
  backward(SIGMOID, n, at(h), at(dh), at(da));
}

export function reluBackward(n: i32, h: u32, dh: u32, da: u32): void {
  backward(RELU, n, at(h), at(dh), at(da));
}
