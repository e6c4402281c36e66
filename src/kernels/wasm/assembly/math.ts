// exp, tanh and sigmoid of four numbers at a time.
// Sums of products are written with `madd`, so that one source makes the variant with fused multiply-add and the one
// without. Constants are read from memory, because V8 would build each of them anew at every use.

/** a b + c, rounded once where the variant has relaxed SIMD and the machine has FMA. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a b. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

const ONE: usize = 0;
const EXP_LOW: usize = 4;
const EXP_HIGH: usize = 8;
const LOG2E: usize = 12;
const ROUND: usize = 16;
const LN2_HIGH: usize = 20;
const LN2_LOW: usize = 24;
const E: usize = 28;
const TANH_END: usize = 48;
const P: usize = 52;
const Q: usize = 68;

const table: usize = memory.data<f32>([
  1,
  // exp: below the first everything is 0, above the second everything is ∞
  -104, 89,
  // log₂ e; 1.5 · 2²³ + 254, which rounds to a whole number when it is added; ln 2 in two parts, the first with few digits
  1.44269504, 12583166, 0.693359375, -2.12194440e-4,
  // (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2, relative error of eʳ 3·10⁻⁹ (weighted least squares, made minimax by Lawson's rule)
  0.4999999404, 0.1666651964, 4.166840017e-2, 8.36885069e-3, 1.381432055e-3,
  // tanh x = x P(x²) / Q(x²) on |x| ≤ 9.01, relative error 2·10⁻⁸ (found the same way, then the last digits tried out
  // in single precision); at 9.24 it is a little above 1 for certain. P and Q begin with 1
  9.24,
  0.1338037103, 3.494810546e-3, 2.059626786e-5, 1.333687916e-8,
  0.4671368599, 2.587402426e-2, 3.284362610e-4, 7.769281183e-7,
]);

@inline
function constant(offset: usize): v128 {
  return v128.load_splat<f32>(table + offset);
}

@inline
export function one(): v128 {
  return constant(ONE);
}

/**
 * eˣ = 2ᵃ 2ᵇ eʳ with a + b = n = ⌊x log₂ e⌉ and r = x − n ln 2. Two powers of two instead of one, so that results below
 * 2⁻¹²⁶ and above the largest number come out as they should. The bounds are written with pmin and pmax, which keep a
 * NaN in their first argument and are one instruction each.
 */
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, constant(EXP_LOW)), constant(EXP_HIGH));
  const round = constant(ROUND);
  const shifted = madd(x, constant(LOG2E), round); // its low bits hold n + 254
  const n = f32x4.sub(shifted, round);
  const r = nmadd(n, constant(LN2_LOW), nmadd(n, constant(LN2_HIGH), x));
  const r2 = f32x4.mul(r, r);
  const low = madd(constant(E + 4), r, constant(E));
  const high = madd(constant(E + 12), r, constant(E + 8));
  const p = madd(madd(madd(constant(E + 16), r2, high), r2, low), r2, f32x4.add(r, constant(ONE)));
  const half = i32x4.shr_u(shifted, 1); // a + 127
  const a = i32x4.shl(half, 23);
  const b = i32x4.shl(i32x4.sub(shifted, half), 23);
  return f32x4.mul(f32x4.mul(p, a), b);
}

/** 1 / (1 + e⁻ˣ), which is accurate in both tails. */
@inline
export function sigmoid4(x: v128): v128 {
  const y = constant(ONE);
  return f32x4.div(y, f32x4.add(y, exp4(f32x4.neg(x))));
}

/** x P(x²) / Q(x²): accurate near 0 too, where tanh x ≈ x. Rounding must not carry it beyond ±1. */
@inline
export function tanh4(x: v128): v128 {
  const end = constant(TANH_END);
  x = f32x4.pmin(f32x4.pmax(x, f32x4.neg(end)), end);
  const y = f32x4.mul(x, x);
  const p = madd(madd(madd(madd(constant(P + 12), y, constant(P + 8)), y, constant(P + 4)), y, constant(P)), y, constant(ONE));
  const q = madd(madd(madd(madd(constant(Q + 12), y, constant(Q + 8)), y, constant(Q + 4)), y, constant(Q)), y, constant(ONE));
  return f32x4.pmin(f32x4.pmax(f32x4.div(f32x4.mul(x, p), q), f32x4.neg(constant(ONE))), constant(ONE));
}
