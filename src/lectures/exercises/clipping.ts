/** Norms of small matrices and clipping on lists, right and with the slips that lecture 08 names. */
import type { Mat, Vec } from "./vectors.ts";

/** The largest singular value of a matrix [2, 2]: the root of the larger eigenvalue of Wᵀ W. */
export function sigmaMax([[a, b], [c, d]]: Mat): number {
  const s = a * a + b * b + c * c + d * d;
  return Math.sqrt((s + Math.sqrt(Math.max(0, s * s - 4 * (a * d - b * c) ** 2))) / 2);
}

/** The largest |λ| of a matrix [2, 2]; of a complex pair the root of the determinant. */
export function spectralRadius([[a, b], [c, d]]: Mat): number {
  const [trace, det] = [a + d, a * d - b * c];
  const inside = trace * trace - 4 * det;
  return inside < 0 ? Math.sqrt(det) : (Math.abs(trace) + Math.sqrt(inside)) / 2;
}

const length = (v: Vec): number => Math.sqrt(v.reduce((s, x) => s + x * x, 0));
const shrunk = (v: Vec, norm: number, c: number): Vec => v.map((x) => x * Math.min(1, c / norm));

export type Clip = (gradients: Vec[], c: number) => { clipped: Vec[]; cosine: number };

/** Ways to clip; the last four are slips. */
const ways: Record<string, (gradients: Vec[], c: number) => Vec[]> = {
  norm: (list, c) => list.map((v) => shrunk(v, length(list.flat()), c)),
  value: (list, c) => list.map((v) => v.map((x) => Math.min(c, Math.max(-c, x)))),
  tensor: (list, c) => list.map((v) => shrunk(v, length(v), c)),
  always: (list, c) => list.map((v) => v.map((x) => (x * c) / length(list.flat()))),
  largest: (list, c) => list.map((v) => shrunk(v, Math.max(...list.flat().map(Math.abs)), c)),
  above: (list, c) => list.map((v) => v.map((x) => Math.min(c, x))),
};

export const clippedBy =
  (way: string): Clip =>
  (gradients, c) => {
    const clipped = ways[way](gradients, c);
    const [before, after] = [gradients.flat(), clipped.flat()];
    const dot = after.reduce((s, x, i) => s + x * before[i], 0);
    return { clipped, cosine: dot / (length(before) * length(after)) };
  };

export type Step = (w: Vec, g: Vec, eta: number, c: number) => Vec;

/** One step of gradient descent; what is clipped, and when. */
export const stepBy =
  (what: "before" | "after" | "weights" | "update"): Step =>
  (w, g, eta, c) => {
    const clipped = what === "before" ? shrunk(g, length(g), c) : g;
    const plain = clipped.map((x) => eta * x);
    const update = what === "update" ? shrunk(plain, length(plain), c) : plain;
    const next = w.map((x, i) => x - update[i]);
    return what === "weights" ? shrunk(next, length(next), c) : next;
  };

export type Peak = (lambda: number, s: number) => { lag: number; norm: number };

/** Where ‖W^k‖ of [[λ, s], [0, λ]] is largest, and what someone who mistakes it for something else finds. */
export const peakBy =
  (what: "powers" | "rho" | "bound" | "corner"): Peak =>
  (lambda, s) => {
    const corner = (k: number) => s * k * lambda ** (k - 1);
    const norm = (k: number) =>
      sigmaMax([
        [lambda ** k, corner(k)],
        [0, lambda ** k],
      ]);
    const found = (at: (k: number) => number) => {
      let lag = 1;
      while (at(lag + 1) > at(lag)) lag++;
      return { lag, norm: at(lag) };
    };
    if (what === "rho") return { lag: 1, norm: lambda };
    if (what === "corner") return found(corner);
    const peak = found(norm);
    return what === "bound" ? { ...peak, norm: norm(1) ** peak.lag } : peak;
  };
