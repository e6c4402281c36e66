/** Distributions as lists, and what sampling does to them, for the exercises of lecture 13. */
import type { Generator } from "../../random.ts";

export type Probabilities = number[];

export const total = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0);

export const normalised = (list: readonly number[]): Probabilities => list.map((x) => x / (total(list) || 1));

/** p^{1/τ}, renormalised. */
export const tempered = (p: readonly number[], tau: number): Probabilities =>
  normalised(p.map((x) => x ** (1 / tau)));

/** The probabilities of some symbols, all others 0. */
export const onlyOf = (p: readonly number[], ids: readonly number[]): Probabilities =>
  p.map((x, w) => (ids.includes(w) ? x : 0));

/** Ids from the most to the least probable. */
export const ranked = (p: readonly number[]): number[] => p.map((_, w) => w).sort((a, b) => p[b] - p[a]);

/** The fewest most probable ids whose probabilities sum to `mass` or more; or, without the last of them, less. */
export function nucleus(
  p: readonly number[],
  mass: number,
  { crossing = true }: { crossing?: boolean } = {},
): number[] {
  const order = ranked(p);
  let sum = 0;
  let size = 0;
  while (size < order.length && sum < mass) sum += p[order[size++]];
  return order.slice(0, crossing ? size : size - 1);
}

/** Σ q ln(q / p). */
export const divergence = (q: readonly number[], p: readonly number[]): number =>
  total(q.map((x, w) => (x > 0 ? x * Math.log(x / p[w]) : 0)));

/** The variance of ln p(w) for w drawn from q. */
export function surprisalVariance(q: readonly number[], p: readonly number[]): number {
  const mean = total(q.map((x, w) => x * Math.log(p[w])));
  return total(q.map((x, w) => x * (Math.log(p[w]) - mean) ** 2));
}

/** Probabilities of V symbols that differ clearly. */
export const someProbabilities = (g: Generator, V: number): Probabilities =>
  normalised(Array.from({ length: V }, () => Math.exp(1.5 * g.normal())));

interface Bin {
  seen: number;
  expected: number;
}

/** One bin for each symbol; those of which fewer than `least` are expected share one. */
export function binsFor(counts: readonly number[], p: readonly number[], least: number): Bin[] {
  const n = total(counts);
  const all = counts.map((seen, w) => ({ seen, expected: n * p[w] }));
  const rare = all.filter(({ expected }) => expected < least);
  const pooled = {
    seen: total(rare.map(({ seen }) => seen)),
    expected: total(rare.map((r) => r.expected)),
  };
  return [...all.filter(({ expected }) => expected >= least), ...(rare.length > 0 ? [pooled] : [])];
}

/** Σ (seen − expected)² / expected. */
export const chiSquare = (bins: readonly Bin[]): number =>
  total(bins.map(({ seen, expected }) => (seen - expected) ** 2 / expected));

/** Covariance of two lists, and their correlation. */
export function together(x: readonly number[], y: readonly number[]): { covariance: number; r: number } {
  const n = x.length;
  const [mx, my] = [total(x) / n, total(y) / n];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    total(a.map((value, t) => (value - ma) * (b[t] - mb))) / n;
  const covariance = product(x, mx, y, my);
  return { covariance, r: covariance / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my)) };
}
