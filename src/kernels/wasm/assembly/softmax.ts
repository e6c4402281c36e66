// Softmax and cross entropy of rows of logits, in place: three passes over a row while it lies in the cache.
import { at, F32, load, store } from "./memory";
import { exp4 } from "./math";

/** Elements whose exponentials are added in single precision before the sum goes on in double. */
const PIECE: i32 = 256;

/** The largest element of a row; a NaN may be passed over (the sum of the exponentials finds it). */
@inline
function maxOf(n: i32, x: usize): f32 {
  let low = f32x4.splat(-Infinity), high = low;
  let left = n;
  for (; left >= 8; left -= 8) {
    low = f32x4.pmax(low, v128.load(x));
    high = f32x4.pmax(high, v128.load(x, 16));
    x += 32;
  }
  low = f32x4.pmax(low, high);
  let max = f32x4.extract_lane(low, 0);
  if (f32x4.extract_lane(low, 1) > max) max = f32x4.extract_lane(low, 1);
  if (f32x4.extract_lane(low, 2) > max) max = f32x4.extract_lane(low, 2);
  if (f32x4.extract_lane(low, 3) > max) max = f32x4.extract_lane(low, 3);
  for (; left > 0; left--) {
    const v = f32.load(x);
    if (v > max) max = v;
    x += F32;
  }
  return max;
}

/** x_j ← exp(x_j − shift); the sum of the results. */
@inline
function expAndSum(n: i32, x: usize, shift: v128): f64 {
  let sum = f64x2.splat(0);
  let left = n;
  while (left >= 8) {
    let low = f32x4.splat(0), high = low;
    const end = max(left - PIECE, 7);
    for (; left > end; left -= 8) {
      const a = exp4(f32x4.sub(v128.load(x), shift));
      const b = exp4(f32x4.sub(v128.load(x, 16), shift));
      v128.store(x, a);
      v128.store(x, b, 16);
      low = f32x4.add(low, a);
      high = f32x4.add(high, b);
      x += 32;
    }
    low = f32x4.add(low, high);
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(low));
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.shuffle<f32>(low, low, 2, 3, 2, 3)));
  }
  for (; left > 0; left -= 4) {
    const e = exp4(f32x4.sub(load(x, left), shift));
    store(x, e, left);
    for (let j = 0; j < min(left, 4); j++) sum = f64x2.add(sum, f64x2(<f64>f32.load(x + (j << 2)), 0));
    x += 16;
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

@inline
function scaleRow(n: i32, x: usize, factor: v128): void {
  let left = n;
  for (; left >= 8; left -= 8) {
    const low = f32x4.mul(v128.load(x), factor);
    const high = f32x4.mul(v128.load(x, 16), factor);
    v128.store(x, low);
    v128.store(x, high, 16);
    x += 32;
  }
  for (; left > 0; left -= 4) {
    store(x, f32x4.mul(load(x, left), factor), left);
    x += 16;
  }
}

/** ln s for s ≥ 1: s = 2ᵉ m with m near 1, ln m = 2 artanh t for t = (m − 1) / (m + 1), |t| < 0.172, to 10⁻¹². */
function log(s: f64): f64 {
  let bits = reinterpret<u64>(s);
  if (bits >= 0x7ff0000000000000) return s; // ∞ and NaN
  const shift = bits - 0x3fe6a09e667f3bcd; // from the bits of √½
  const e = <i64>shift >> 52;
  const m = reinterpret<f64>(bits - (<u64>e << 52));
  const t = (m - 1) / (m + 1);
  const u = t * t;
  let series = 1.0 / 15.0;
  series = series * u + 1.0 / 13.0;
  series = series * u + 1.0 / 11.0;
  series = series * u + 1.0 / 9.0;
  series = series * u + 1.0 / 7.0;
  series = series * u + 1.0 / 5.0;
  series = series * u + 1.0 / 3.0;
  return <f64>e * 0.6931471805599453 + 2 * t * (series * u + 1);
}

/** nll_r = ln Σ_j exp x_rj − x_ry, and x_r ← weight (softmax x_r − one-hot of y); 0 and 0 where y is `ignore`. */
export function softmaxCrossEntropy(
  rows: i32,
  V: i32,
  logits: u32,
  targets: u32,
  ignore: i32,
  weight: f32,
  nll: u32,
): void {
  let x = at(logits);
  for (let r = 0; r < rows; r++) {
    const y = i32.load(at(targets + r));
    if (y == ignore) {
      memory.fill(x, 0, (<usize>V) * F32);
      f32.store(at(nll + r), 0);
    } else {
      const target = x + (<usize>y) * F32;
      const logit = f32.load(target);
      const shift = maxOf(V, x);
      const sum = expAndSum(V, x, f32x4.splat(shift));
      f32.store(at(nll + r), <f32>(log(sum) + (<f64>shift - <f64>logit)));
      scaleRow(V, x, f32x4.splat(<f32>(<f64>weight / sum)));
      f32.store(target, f32.load(target) - weight);
    }
    x += (<usize>V) * F32;
  }
}
