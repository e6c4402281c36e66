// Elementwise sums and products of several blocks, for the steps of recurrent layers; eight elements a turn (`maps.ts`).
import { load, store } from "./memory";
import { madd } from "./math";

const ADD: i32 = 0;
const MULTIPLY: i32 = 1;
const MULTIPLY_ADD: i32 = 2;
const MIX: i32 = 3;

/** `f` is a constant wherever this is called. */
@inline
function apply(f: i32, a: v128, b: v128, c: v128): v128 {
  if (f == ADD) return f32x4.add(a, b);
  if (f == MULTIPLY) return f32x4.mul(a, b);
  if (f == MULTIPLY_ADD) return madd(a, b, c);
  return madd(a, f32x4.sub(b, c), c);
}

@inline
function zip(f: i32, n: i32, a: usize, b: usize, c: usize, y: usize): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = apply(f, v128.load(a), v128.load(b), v128.load(c));
    const high = apply(f, v128.load(a, 16), v128.load(b, 16), v128.load(c, 16));
    v128.store(y, low);
    v128.store(y, high, 16);
    a += 32;
    b += 32;
    c += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    store(y, apply(f, load(a, left), load(b, left), load(c, left)), left);
    a += 16;
    b += 16;
    c += 16;
    y += 16;
  }
}

/** y = a + b. */
export function add(n: i32, a: usize, b: usize, y: usize): void {
  zip(ADD, n, a, b, a, y);
}

/** y = a b. */
export function multiply(n: i32, a: usize, b: usize, y: usize): void {
  zip(MULTIPLY, n, a, b, a, y);
}

/** y = a b + c. */
export function multiplyAdd(n: i32, a: usize, b: usize, c: usize, y: usize): void {
  zip(MULTIPLY_ADD, n, a, b, c, y);
}

/** y = a b + (1 − a) c. */
export function mix(n: i32, a: usize, b: usize, c: usize, y: usize): void {
  zip(MIX, n, a, b, c, y);
}
