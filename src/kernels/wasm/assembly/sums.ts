import { at } from "./memory";

/** Writes Σ x_i² in double precision to the element `sum` (an even one), for a piece of a longer sum. */
export function sumOfSquares(n: i32, x: u32, sum: u32): void {
  let from = at(x);
  let a = f64x2.splat(0), b = f64x2.splat(0);
  let left = n;
  for (; left >= 4; left -= 4) {
    const v = v128.load(from);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
    from += 16;
  }
  a = f64x2.add(a, b);
  let total = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; left > 0; left--) {
    const v = <f64>f32.load(from);
    total += v * v;
    from += 4;
  }
  f64.store(at(sum), total);
}
