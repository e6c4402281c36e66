/** Vectors and matrices as lists, as the learner has them in the lectures on the RNN by hand. */
import type { Generator } from "../../random.ts";

export type Vec = number[];
export type Mat = number[][];

/** W x, [n, m] times [m] → [n]. */
export const times = (W: Mat, x: Vec): Vec => W.map((row) => row.reduce((s, w, j) => s + w * x[j], 0));

/** Wᵀ y, [n, m] and [n] → [m]. */
export const timesTransposed = (W: Mat, y: Vec): Vec =>
  W[0].map((_, j) => W.reduce((s, row, i) => s + row[j] * y[i], 0));

/** a bᵀ, [n] and [m] → [n, m]. */
export const outer = (a: Vec, b: Vec): Mat => a.map((x) => b.map((y) => x * y));

export const plus = (a: Vec, b: Vec): Vec => a.map((x, i) => x + b[i]);

export const plusMat = (A: Mat, B: Mat): Mat => A.map((row, i) => plus(row, B[i]));

export const scaled = (factor: number, A: Mat): Mat => A.map((row) => row.map((x) => factor * x));

/** (1 − h²) ⊙ d, the way back through h = tanh a. */
export const throughTanh = (h: Vec, d: Vec): Vec => h.map((x, i) => (1 - x * x) * d[i]);

export const vectorOf = (g: Generator, n: number): Vec => Array.from({ length: n }, () => g.normal());

export const matrixOf = (g: Generator, n: number, m: number): Mat =>
  Array.from({ length: n }, () => vectorOf(g, m));

/** A state: entries of a tanh. */
export const stateOf = (g: Generator, n: number): Vec => vectorOf(g, n).map(Math.tanh);

/** p − y of a random distribution of V symbols and a random target. */
export function residualOf(g: Generator, V: number): Vec {
  const e = vectorOf(g, V).map(Math.exp);
  const total = e.reduce((s, x) => s + x, 0);
  const target = g.int(V);
  return e.map((x, i) => x / total - (i === target ? 1 : 0));
}
