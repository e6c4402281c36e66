/** Back-propagation through time on lists, right and with the slips that lecture 06 names. h is h_0 … h_T, r is r_1 … r_T. */
import { type Mat, outer, plus, plusMat, scaled, throughTanh, timesTransposed, type Vec } from "./vectors.ts";

export type Deltas = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Vec[];

export interface DeltaSlip {
  /** What stands for W_hᵀ δ. */
  back?: (W: Mat, y: Vec) => Vec;
  /** What stands for (1 − h²) ⊙. */
  slope?: (h: Vec, d: Vec) => Vec;
}

/** δ_1 … δ_T by δ_t = (1 − h_t²) ⊙ (Uᵀ r_t + W_hᵀ δ_{t+1}). */
export const deltasBy =
  ({ back = timesTransposed, slope = throughTanh }: DeltaSlip = {}): Deltas =>
  (Wh, U, h, r) => {
    const list: Vec[] = [];
    for (let t = r.length; t >= 1; t--) {
      const own = timesTransposed(U, r[t - 1]);
      list.unshift(slope(h[t], list.length > 0 ? plus(own, back(Wh, list[0])) : own));
    }
    return list;
  };

/** The future loss ignored: each δ_t from the loss of its own step alone. */
export const onlyOwnLoss: Deltas = (_Wh, U, h, r) =>
  r.map((one, k) => throughTanh(h[k + 1], timesTransposed(U, one)));

/** δ_T … δ_1 instead of δ_1 … δ_T. */
export const lastFirst: Deltas = (...inputs) => deltasBy()(...inputs).reverse();

/** 1 − h_{t−1}² for 1 − h_t². */
export const slopeOfBefore: Deltas = (Wh, U, h, r) => deltasBy()(Wh, U, [h[0], ...h], r);

export type Shares = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Record<string, Mat>;

export interface ShareSlip extends DeltaSlip {
  /** Which state the use of step i multiplies; i − 1. */
  state?: (i: number) => number;
  factor?: (i: number) => number;
  turned?: boolean;
}

/** ∂J_t/∂W_h through its use at step i, δ_i h_{i−1}ᵀ, under "t,i". */
export const sharesBy =
  ({
    state = (i) => i - 1,
    factor = () => 1,
    turned = false,
    back = timesTransposed,
    slope = throughTanh,
  }: ShareSlip = {}): Shares =>
  (Wh, U, h, r) => {
    const found: Record<string, Mat> = {};
    for (let t = 1; t <= r.length; t++) {
      let delta = slope(h[t], timesTransposed(U, r[t - 1]));
      for (let i = t; i >= 1; i--) {
        const share = turned ? outer(h[state(i)], delta) : outer(delta, h[state(i)]);
        found[`${t},${i}`] = scaled(factor(i), share);
        if (i > 1) delta = slope(h[i - 1], back(Wh, delta));
      }
    }
    return found;
  };

/** The δ_i of all losses together taken for that of each loss. */
export const sharesOfSums: Shares = (Wh, U, h, r) => {
  const found: Record<string, Mat> = {};
  deltasBy()(Wh, U, h, r).forEach((delta, k) => {
    for (let t = k + 1; t <= r.length; t++) found[`${t},${k + 1}`] = outer(delta, h[k]);
  });
  return found;
};

export type WhGradient = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Mat;

type Pair = (delta: Vec, h: Vec[], t: number) => Mat;

/** Σ over the steps of weight(i) · δ_i h_{i−1}ᵀ. */
export const gradientBy =
  (
    deltas: Deltas,
    weight: (i: number, T: number) => number = () => 1,
    pair: Pair = (delta, h, t) => outer(delta, h[t - 1]),
  ): WhGradient =>
  (Wh, U, h, r) =>
    deltas(Wh, U, h, r)
      .map((delta, k) => scaled(weight(k + 1, r.length), pair(delta, h, k + 1)))
      .reduce(plusMat);

/** Whether the share of loss t through use i is kept; both count from 1. */
export type Kept = (t: number, i: number, k: number) => boolean;
export const sliding: Kept = (t, i, k) => i > t - k;
export const chunked: Kept = (t, i, k) => Math.floor((i - 1) / k) === Math.floor((t - 1) / k);

interface Measured {
  norm: number;
  cosine: number;
}
export type Truncate = (shares: Vec[][], k: number) => { sliding: Measured; chunked: Measured };

const dot = (a: Vec, b: Vec) => a.reduce((s, x, i) => s + x * b[i], 0);
export const length = (a: Vec): number => Math.sqrt(dot(a, a));
export const missing = (g: Vec, full: Vec): number => length(full.map((x, i) => x - g[i])) / length(full);

type Norm = (g: Vec, full: Vec) => number;

/** Norm (relative to the full gradient) and cosine of the sums of the shares that two schemes keep. */
export const truncatedBy =
  (slide: Kept, chunk: Kept, norm: Norm = (g, full) => length(g) / length(full)): Truncate =>
  (shares, k) => {
    const total = (kept: Kept) =>
      shares
        .flatMap((row, t) => row.filter((_, i) => kept(t + 1, i + 1, k)))
        .reduce(plus, Array(shares[0][0].length).fill(0) as Vec);
    const full = total(() => true);
    const measure = (kept: Kept) => {
      const g = total(kept);
      return { norm: norm(g, full), cosine: dot(g, full) / (length(g) * length(full)) };
    };
    return { sliding: measure(slide), chunked: measure(chunk) };
  };

export type Counts = (T: number, k: number) => { full: number; sliding: number; chunked: number };

/** How many of the T(T + 1)/2 shares two schemes keep. */
export const countsBy =
  (slide: Kept, chunk: Kept): Counts =>
  (T, k) => {
    const count = (kept: Kept) => {
      let n = 0;
      for (let t = 1; t <= T; t++) for (let i = 1; i <= t; i++) if (kept(t, i, k)) n++;
      return n;
    };
    return { full: count(() => true), sliding: count(slide), chunked: count(chunk) };
  };
