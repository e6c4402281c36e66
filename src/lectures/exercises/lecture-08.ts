import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { clippedBy, peakBy, type Step, sigmaMax, spectralRadius, stepBy } from "./clipping.ts";
import { type Mat, matrixOf, timesTransposed, type Vec, vectorOf } from "./vectors.ts";

type Bound = (gamma: number, Wh: Mat, k: number) => number;

type Slope = (a: number) => number;
const sigma: Slope = (a) => 1 / (1 + Math.exp(-a));
const tanhSlope: Slope = (a) => 1 - Math.tanh(a) ** 2;
const sigmaSlope: Slope = (a) => sigma(a) * (1 - sigma(a));

type Both = (Wh: Mat, a: Vec[]) => { tanh: Mat; sigmoid: Mat };

const product = (A: Mat, B: Mat): Mat => A.map((row) => timesTransposed(B, row));
/** D W: row j times the slope of unit j. */
const rowsBySlope = (slope: Vec, W: Mat): Mat => W.map((row, j) => row.map((w) => slope[j] * w));
/** W D: column k times the slope of unit k. */
const columnsBySlope = (slope: Vec, W: Mat): Mat => W.map((row) => row.map((w, k) => slope[k] * w));
const newestLeft = (total: Mat, next: Mat): Mat => product(next, total);
const newestRight = (total: Mat, next: Mat): Mat => product(total, next);

interface Slip {
  slope?: Slope;
  factor?: typeof rowsBySlope;
  order?: typeof newestLeft;
}

const jacobiansBy =
  ({ slope, factor = rowsBySlope, order = newestLeft }: Slip = {}): Both =>
  (Wh, a) => {
    const through = (own: Slope): Mat => a.map((at) => factor(at.map(slope ?? own), Wh)).reduce(order);
    return { tanh: through(tanhSlope), sigmoid: through(sigmaSlope) };
  };

/** Gradients of two parameters, now and then shorter than the limit. */
const gradients = (g: Generator) => {
  const scale = g.uniform() < 0.4 ? 0.1 : 3;
  return [[vectorOf(g, 3), vectorOf(g, 2)].map((list) => list.map((v) => scale * v)), 1];
};
const clipNames = { names: ["gradients", "c"] };

export const lecture08: readonly Exercise[] = [
  {
    id: "08.1",
    title: "The bound",
    expected: (): Bound => (gamma, Wh, k) => (gamma * sigmaMax(Wh)) ** k,
    probe: onInputs((g) => [[0.25, 1][g.int(2)], matrixOf(g, 2, 2), 2 + g.int(4)], {
      names: ["gamma", "Wh", "k"],
    }),
    mistakes: [
      {
        wrong: (): Bound => (gamma, Wh, k) => (gamma * spectralRadius(Wh)) ** k,
        says: "you took ρ for σ_max: the largest eigenvalue bounds nothing, the norm of a matrix is its largest singular value",
      },
      {
        wrong: (): Bound => (gamma, Wh, k) => gamma * sigmaMax(Wh) ** k,
        says: "γ is a factor of every step: it belongs under the power",
      },
      {
        wrong: (): Bound => (gamma, Wh, k) => (gamma * Math.hypot(...Wh.flat())) ** k,
        says: "this is √s, the length of all entries; σ_max is the root of the larger λ, and smaller",
      },
      {
        wrong: (): Bound => (gamma, Wh, k) => (gamma * sigmaMax(Wh) ** 2) ** k,
        says: "you took the eigenvalue of Wᵀ W itself: σ_max is its root",
      },
    ],
    hints: [
      "The larger root of λ² − sλ + d² is (s + √(s² − 4d²)) / 2; it is the largest eigenvalue of Wᵀ W.",
      "σ_max is the root of that; the bound is (γ σ_max)^k.",
    ],
  },
  {
    id: "08.2",
    title: "σ against tanh",
    expected: () => jacobiansBy(),
    probe: onInputs((g) => [matrixOf(g, 3, 3), [vectorOf(g, 3), vectorOf(g, 3), vectorOf(g, 3)]], {
      names: ["Wh", "a"],
    }),
    mistakes: [
      {
        wrong: () => jacobiansBy({ slope: tanhSlope }),
        says: "you took the slope of tanh for both; that of σ is σ(a)(1 − σ(a))",
      },
      {
        wrong: () => jacobiansBy({ factor: columnsBySlope }),
        says: "you multiplied W_h D: the slope of unit j belongs to row j, D W_h",
      },
      {
        wrong: () => jacobiansBy({ order: newestRight }),
        says: "the factors stand in the wrong order: the newest, that of step T, is on the left",
      },
    ],
    hints: [
      "One step: row j of W_h times φ′(a_j).",
      "Begin with the step t + 1, and multiply each newer D W_h from the left.",
    ],
  },
  {
    id: "08.3",
    title: "Clip by norm",
    expected: () => clippedBy("norm"),
    probe: onInputs(gradients, clipNames),
    mistakes: [
      {
        wrong: () => clippedBy("tensor"),
        says: "you clipped each tensor by itself: the norm is that of all gradients together, and one factor serves all",
      },
      {
        wrong: () => clippedBy("always"),
        says: "a gradient that is shorter than c stays as it is; you stretched it to c",
      },
      {
        wrong: () => clippedBy("value"),
        says: "this is clipping by value: the direction turns",
      },
    ],
    hints: [
      "Take the norm over all entries of all vectors.",
      "Multiply everything by min(1, c / norm); the cosine is then 1.",
    ],
  },
  {
    id: "08.4",
    title: "Clip by value",
    expected: () => clippedBy("value"),
    probe: onInputs(gradients, clipNames),
    mistakes: [
      {
        wrong: () => clippedBy("norm"),
        says: "this is clipping by norm: here each entry is limited by itself",
      },
      {
        wrong: () => clippedBy("largest"),
        says: "you scaled everything by the largest entry: each entry is limited by itself, the short ones stay",
      },
      {
        wrong: () => clippedBy("above"),
        says: "entries below −c are to be limited, too",
      },
    ],
    hints: [
      "Each entry: at most c, at least −c.",
      "min(c, max(−c, v)); then the cosine with the list before.",
    ],
  },
  {
    id: "08.5",
    title: "A step of training",
    expected: () => stepBy("before"),
    probe: onInputs((g) => [vectorOf(g, 3), vectorOf(g, 3).map((v) => 20 * v), 0.1, 1], {
      names: ["w", "g", "eta", "c"],
    }),
    mistakes: [
      {
        wrong: () => stepBy("after"),
        says: "you clip after the step: then the step was made with the whole gradient, and clipping has no effect",
      },
      {
        wrong: () => stepBy("weights"),
        says: "you clipped the new weights; the gradient is clipped, before the step",
      },
      {
        wrong: (): Step => (w, g, eta, c) => stepBy("before")(w, g, -eta, c),
        says: "you went up: descent goes against the gradient, w − η ĝ",
      },
      {
        wrong: () => stepBy("update"),
        says: "you clipped η g: the limit is for the gradient, before it is multiplied by the rate",
      },
    ],
    hints: ["First clip g, then step.", "w − η · min(1, c / ‖g‖) · g"],
  },
  {
    id: "08.6",
    title: "The Jordan block’s peak",
    expected: () => peakBy("powers"),
    probe: onInputs((g) => [g.uniform(0.8, 0.97), g.uniform(1.5, 6)], { names: ["lambda", "s"] }),
    mistakes: [
      {
        wrong: () => peakBy("rho"),
        says: "you took ρ for σ_max: ρ^k falls from the first step on, ‖W^k‖ does not",
      },
      {
        wrong: () => peakBy("bound"),
        says: "this is σ_max^k at the peak's lag: the bound, which powers of one matrix do not reach",
      },
      {
        wrong: () => peakBy("corner"),
        says: "you took the upper right entry alone; the norm is that of the whole matrix",
      },
    ],
    hints: [
      "W^k = [[λ^k, s k λ^(k−1)], [0, λ^k]].",
      "Compute the norm for k = 1, 2, 3 … as long as it rises; the peak is near k = −1 / ln λ.",
    ],
  },
];
