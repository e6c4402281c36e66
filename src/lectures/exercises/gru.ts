/** GRU steps on lists, right and with the slips that lecture 10 names. Rows of W, R and the biases in the order r z n. */
import { type Mat, plus, times, timesTransposed, type Vec } from "./vectors.ts";

export const hadamard = (a: Vec, b: Vec): Vec => a.map((x, i) => x * b[i]);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Block k of 3N rows: r, z, n. */
export function block<X>(rows: readonly X[], k: 0 | 1 | 2): X[] {
  const N = rows.length / 3;
  return rows.slice(k * N, (k + 1) * N);
}

/** The new state, from W [3N, M], R [3N, N], b_i and b_h [3N], the input e [M] and the state h′ [N]. */
export type GruStep = (W: Mat, R: Mat, bi: Vec, bh: Vec, e: Vec, was: Vec) => Vec;

export interface GruSlip {
  /** Where the reset gate is; "bias outside": after the product, but not on its bias. */
  reset: "after" | "before" | "bias outside";
  /** h = z n + (1 − z) h′. */
  swapped?: boolean;
}

export const gruStep =
  ({ reset, swapped = false }: GruSlip): GruStep =>
  (W, R, bi, bh, e, was) => {
    const x = plus(times(W, e), bi);
    const gate = (k: 0 | 1): Vec =>
      plus(block(x, k), plus(times(block(R, k), was), block(bh, k))).map(sigmoid);
    const [r, z] = [gate(0), gate(1)];
    const [Rn, bhn] = [block(R, 2), block(bh, 2)];
    const fromState = {
      after: () => hadamard(r, plus(times(Rn, was), bhn)),
      before: () => plus(times(Rn, hadamard(r, was)), bhn),
      "bias outside": () => plus(hadamard(r, times(Rn, was)), bhn),
    }[reset]();
    const n = plus(block(x, 2), fromState).map(Math.tanh);
    return z.map((z, j) => (swapped ? z * n[j] + (1 - z) * was[j] : (1 - z) * n[j] + z * was[j]));
  };

/** Gradients at the two sums that the mixture of n and h′ depends on. */
export function throughMix(
  dh: Vec,
  was: Vec,
  z: Vec,
  n: Vec,
  swapped: boolean = false,
): { dan: Vec; daz: Vec } {
  return {
    dan: dh.map((d, j) => d * (swapped ? z[j] : 1 - z[j]) * (1 - n[j] ** 2)),
    daz: dh.map((d, j) => d * (swapped ? n[j] - was[j] : was[j] - n[j]) * z[j] * (1 - z[j])),
  };
}

/** dh′ of the variant with the reset before the product. */
export type BeforeBack = (R: Mat, dh: Vec, was: Vec, r: Vec, z: Vec, n: Vec) => Vec;

export interface BackSlip {
  direct?: boolean;
  gates?: boolean;
  /** What stands for Rᵀ d. */
  back?: (R: Mat, d: Vec) => Vec;
  /** What reaches h′ through r ⊙ h′, from s = R_nᵀ da_n. */
  through?: (r: Vec, s: Vec) => Vec;
  /** As if the reset were after the product: R_nᵀ(r ⊙ da_n), and dr by q = R_n h′. */
  mixed?: boolean;
  swapped?: boolean;
}

export const beforeBack =
  ({
    direct = true,
    gates = true,
    back = timesTransposed,
    through = hadamard,
    mixed = false,
    swapped = false,
  }: BackSlip = {}): BeforeBack =>
  (R, dh, was, r, z, n) => {
    const { dan, daz } = throughMix(dh, was, z, n, swapped);
    const Rn = block(R, 2);
    const s = back(Rn, dan);
    const dr = mixed ? hadamard(dan, times(Rn, was)) : hadamard(s, was);
    const dar = dr.map((d, j) => d * r[j] * (1 - r[j]));
    const keep = swapped ? z.map((z) => 1 - z) : z;
    const ways = [
      direct ? hadamard(dh, keep) : dh.map(() => 0),
      mixed ? back(Rn, hadamard(r, dan)) : through(r, s),
      ...(gates ? [back(block(R, 0), dar), back(block(R, 1), daz)] : []),
    ];
    return ways.reduce(plus);
  };
