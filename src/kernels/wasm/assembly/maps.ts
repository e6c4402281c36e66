// y_i = f(x_i). Eight elements a turn, as two stores side by side: V8 can make them one of 256 bits. What is left over
// goes through the same instructions, so that an element's value does not depend on where it lies.
import { at, load, store } from "./memory";
import { exp4, sigmoid4, tanh4 } from "./math";

const EXP: i32 = 0;
const TANH: i32 = 1;
const SIGMOID: i32 = 2;
const RELU: i32 = 3;
const FILL: i32 = 4;
const SCALE: i32 = 5;

/** `f` is a constant wherever this is called: the compiler keeps one branch. `a` is the number that FILL and SCALE take. */
@inline
function apply(f: i32, x: v128, a: v128): v128 {
  if (f == EXP) return exp4(x);
  if (f == TANH) return tanh4(x);
  if (f == SIGMOID) return sigmoid4(x);
  if (f == RELU) return f32x4.pmax(x, a); // a NaN stays: pmax keeps its first argument
  if (f == FILL) return a;
  return f32x4.mul(x, a);
}

@inline
function map(f: i32, n: i32, x: usize, y: usize, a: v128): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = apply(f, v128.load(x), a);
    const high = apply(f, v128.load(x, 16), a);
    v128.store(y, low);
    v128.store(y, high, 16);
    x += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    store(y, apply(f, load(x, left), a), left);
    x += 16;
    y += 16;
  }
}

/** y = φ(x) on n elements from byte x on, for steps that are made of several maps. */
export function tanhMap(n: i32, x: usize, y: usize): void {
  map(TANH, n, x, y, f32x4.splat(0));
}

export function sigmoidMap(n: i32, x: usize, y: usize): void {
  map(SIGMOID, n, x, y, f32x4.splat(0));
}

export function exp(n: i32, x: u32, y: u32): void {
  map(EXP, n, at(x), at(y), f32x4.splat(0));
}

export function tanh(n: i32, x: u32, y: u32): void {
  tanhMap(n, at(x), at(y));
}

export function sigmoid(n: i32, x: u32, y: u32): void {
  sigmoidMap(n, at(x), at(y));
}

export function relu(n: i32, x: u32, y: u32): void {
  map(RELU, n, at(x), at(y), f32x4.splat(0));
}

export function scale(n: i32, a: f32, x: u32): void {
  map(SCALE, n, at(x), at(x), f32x4.splat(a));
}

export function fill(n: i32, value: f32, x: u32): void {
  map(FILL, n, at(x), at(x), f32x4.splat(value));
}
