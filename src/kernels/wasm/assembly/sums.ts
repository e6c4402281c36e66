import { at } from "./memory";

/** Elements that are added up in one go; the sums of such pieces are kept apart, so that threads can make them. */
const PIECE: i32 = 16384;

/** Σ x_i² in double precision for `count` pieces of x [n] from the piece `first` on; piece i goes to the double at `sums` + 2 i. */
export function sumOfSquares(count: i32, first: i32, n: i32, x: u32, sums: u32): void {
  for (let i = first; i < first + count; i++) {
    f64.store(at(sums + 2 * i), piece(min(n - i * PIECE, PIECE), at(x + i * PIECE)));
  }
}

function piece(n: i32, x: usize): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = v128.load(x), high = v128.load(x, 16);
    const p = f64x2.promote_low_f32x4(low), q = f64x2.promote_low_f32x4(v128.shuffle<f32>(low, low, 2, 3, 2, 3));
    const r = f64x2.promote_low_f32x4(high), s = f64x2.promote_low_f32x4(v128.shuffle<f32>(high, high, 2, 3, 2, 3));
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
    c = f64x2.add(c, f64x2.mul(r, r));
    d = f64x2.add(d, f64x2.mul(s, s));
    x += 32;
  }
  a = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let total = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; left > 0; left--) {
    const v = <f64>f32.load(x);
    total += v * v;
    x += 4;
  }
  return total;
}
