import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  binsFor,
  chiSquare,
  divergence,
  normalised,
  nucleus,
  onlyOf,
  type Probabilities,
  ranked,
  someProbabilities,
  surprisalVariance,
  tempered,
  together,
  total,
} from "./sampled.ts";

type Truncated = (p: Probabilities, k: number, mass: number) => { topK: number[]; topP: number[] };
type Curve = (p: Probabilities, tau: number) => { kl: number; slope: number };
type Test = (counts: number[], p: Probabilities) => { statistic: number; degrees: number };
type Find = (cells: number[][], y: number[]) => number;

const truncated: Truncated = (p, k, mass) => ({
  topK: normalised(onlyOf(p, ranked(p).slice(0, k))),
  topP: normalised(onlyOf(p, nucleus(p, mass))),
});

const curve: Curve = (p, tau) => {
  const q = tempered(p, tau);
  return { kl: divergence(q, p), slope: ((tau - 1) / tau ** 3) * surprisalVariance(q, p) };
};

const test: Test = (counts, p) => {
  const bins = binsFor(counts, p, 5);
  return { statistic: chiSquare(bins), degrees: bins.length - 1 };
};

/** Of the units, the one with the largest score of its column against y. */
const findBy =
  (score: (x: number[], y: number[]) => number): Find =>
  (cells, y) => {
    const scores = cells[0].map((_, unit) =>
      score(
        cells.map((row) => row[unit]),
        y,
      ),
    );
    return scores.indexOf(Math.max(...scores));
  };

const most = (p: Probabilities, value: (x: number, peak: number) => number) =>
  p.map((x) => value(x, Math.max(...p)));

export const lecture13: readonly Exercise[] = [
  {
    id: "13.1",
    title: "Temperature",
    expected: () => tempered,
    probe: onInputs((g) => [someProbabilities(g, 5), g.uniform(0.3, 0.8) * (g.int(2) === 0 ? 1 : 3)], {
      names: ["p", "tau"],
    }),
    mistakes: [
      {
        wrong: () => (p: Probabilities, tau: number) => normalised(p.map((x) => x / tau)),
        says: "you divided the probabilities by τ: renormalising undoes it; the logarithms are to be divided",
      },
      {
        wrong: () => (p: Probabilities, tau: number) => normalised(p.map((x) => Math.exp(x / tau))),
        says: "this is the softmax of p/τ, of the probabilities; it is to be the softmax of ln p / τ",
      },
      {
        wrong: () => (p: Probabilities, tau: number) => p.map((x) => x ** (1 / tau)),
        says: "you did not renormalise: the powers do not sum to 1",
      },
      {
        wrong: () => tempered1over,
        says: "the exponent is turned round: it is 1/τ, so that a small τ sharpens",
      },
    ],
    hints: ["Raise every probability to the power 1/τ.", "Then divide by their sum."],
  },
  {
    id: "13.2",
    title: "The limit τ → 0, with ties",
    expected: () => (p: Probabilities) => normalised(most(p, (x, peak) => (x === peak ? 1 : 0))),
    probe: onInputs(
      (g) => {
        const counts = g.shuffle([4, 4, 4, 1 + g.int(3), 1 + g.int(3), 1 + g.int(3)].slice(g.int(3)));
        return [counts.map((c) => c / total(counts))];
      },
      { names: ["p"] },
    ),
    mistakes: [
      {
        wrong: () => (p: Probabilities) => p.map((_, w) => (w === p.indexOf(Math.max(...p)) ? 1 : 0)),
        says: "everything is on the first of several equal ones: that is how a decoder chooses; the limit shares evenly",
      },
      {
        wrong: () => (p: Probabilities) => most(p, (x, peak) => (x === peak ? x : 0)),
        says: "you did not renormalise: what is left must sum to 1",
      },
      {
        wrong: () => (p: Probabilities) => most(p, (x, peak) => (x === peak ? 1 : 0)),
        says: "each of the tied symbols got 1; together they are to sum to 1",
      },
    ],
    hints: [
      "p_τ(w) / p_τ(best) = (p(w) / p(best))^{1/τ}. What becomes of it for equal ones, and for smaller ones?",
      "1/m for each of the m most probable symbols, 0 for the others.",
    ],
  },
  {
    id: "13.3",
    title: "Top-k and top-p",
    expected: () => truncated,
    probe: onInputs((g) => [someProbabilities(g, 6), 2 + g.int(3), g.uniform(0.3, 0.95)], {
      names: ["p", "k", "mass"],
    }),
    mistakes: [
      {
        wrong: (): Truncated => (p, k, mass) => ({
          ...truncated(p, k, mass),
          topP: normalised(onlyOf(p, nucleus(p, mass, { crossing: false }))),
        }),
        says: "you dropped the crossing token: the one with which the sum reaches the mass belongs to the set",
      },
      {
        wrong: (): Truncated => (p, k, mass) => ({
          topK: onlyOf(p, ranked(p).slice(0, k)),
          topP: onlyOf(p, nucleus(p, mass)),
        }),
        says: "you did not renormalise: what is kept must sum to 1 again",
      },
      {
        wrong: (): Truncated => (p, k, mass) => ({
          topK: normalised(onlyOf(p, ranked(p).slice(0, k))),
          topP: normalised(p.map((x) => (x >= 1 - mass ? x : 0))),
        }),
        says: "top-p is a condition on the sum of the probabilities, not on each of them",
      },
    ],
    hints: [
      "Sort the ids by probability, the largest first.",
      "Top-p: add ids until the sum is ≥ mass, the last one included. Then set all others to 0 and divide by the sum.",
    ],
  },
  {
    id: "13.4",
    title: "The divergence and its slope",
    expected: () => curve,
    probe: onInputs((g) => [someProbabilities(g, 5), g.uniform(0.4, 2.5)], { names: ["p", "tau"] }),
    mistakes: [
      {
        wrong: (): Curve => (p, tau) => ({ ...curve(p, tau), kl: divergence(p, tempered(p, tau)) }),
        says: "this is KL(p ‖ p_τ), the other way round: the expectation is over p_τ, from which is drawn",
      },
      {
        wrong: (): Curve => (p, tau) => ({
          ...curve(p, tau),
          slope: (1 / tau - 1) * surprisalVariance(tempered(p, tau), p),
        }),
        says: "your slope is the derivative by β = 1/τ; by τ it has the factor −1/τ² as well",
      },
      {
        wrong: (): Curve => (p, tau) => ({
          ...curve(p, tau),
          slope: ((tau - 1) / tau ** 3) * surprisalVariance(p, p),
        }),
        says: "your variance is taken under p; it changes with τ: take it under p_τ",
      },
    ],
    hints: [
      "kl = Σ p_τ ln(p_τ / p).",
      "slope = (τ − 1)/τ³ · Var, the variance of ln p(w) for w drawn from p_τ.",
    ],
  },
  {
    id: "13.5",
    title: "χ²",
    expected: () => test,
    probe: onInputs(
      (g) => {
        const p = [0.3, 0.25, 0.2, 0.15, 0.04, 0.03, 0.03];
        const counts = p.map(() => 0);
        for (let i = 0; i < 80; i++) counts[g.categorical(p)]++;
        return [counts, p];
      },
      { names: ["counts", "p"] },
    ),
    mistakes: [
      {
        wrong: (): Test => (counts, p) => {
          const bins = binsFor(counts, p, 0);
          return { statistic: chiSquare(bins), degrees: bins.length - 1 };
        },
        says: "the symbols of which fewer than 5 are expected were left in bins of their own; they share one",
      },
      {
        wrong: (): Test => (counts, p) => {
          const n = total(counts);
          const bins = binsFor(counts, p, 0).filter((_, w) => n * p[w] >= 5);
          return { statistic: chiSquare(bins), degrees: bins.length - 1 };
        },
        says: "the symbols of which fewer than 5 are expected were left out; they make one bin together",
      },
      {
        wrong: (): Test => (counts, p) => ({
          ...test(counts, p),
          degrees: binsFor(counts, p, 5).length,
        }),
        says: "the counts sum to n, so one of them is known: the degrees of freedom are one fewer than the bins",
      },
      {
        wrong: (): Test => (counts, p) => ({
          ...test(counts, p),
          statistic: chiSquare(binsFor(counts, p, 5)) / total(counts),
        }),
        says: "you took shares instead of counts: that is too small by the factor n",
      },
      {
        wrong: (): Test => (counts, p) => ({
          ...test(counts, p),
          statistic: total(
            binsFor(counts, p, 5).map(({ seen, expected }) => (seen - expected) ** 2 / Math.max(seen, 1)),
          ),
        }),
        says: "you divided by what was seen; divide by what is expected",
      },
    ],
    hints: [
      "n is the sum of the counts; n·p[w] of symbol w are expected. Put all with less than 5 into one bin.",
      "statistic = Σ (seen − expected)² / expected over the bins; degrees = bins − 1.",
    ],
  },
  {
    id: "13.6",
    title: "Which cell follows it?",
    expected: () => findBy((x, y) => Math.abs(together(x, y).r)),
    probe: onInputs(
      (g) => {
        const y = Array.from({ length: 40 }, (_, t) => Math.floor(t / 10) % 2);
        // Unit 0 follows y a little, unit 1 is large and noisy, unit 2 follows −y closely.
        const row = (value: number) => [
          value + 0.8 * g.normal(),
          6 * value + 12 * g.normal(),
          0.3 - 0.5 * value + 0.05 * g.normal(),
          g.normal(),
        ];
        const order = g.permutation(4);
        return [
          y.map((value) => {
            const cells = row(value);
            return Array.from(order, (unit) => cells[unit]);
          }),
          y,
        ];
      },
      { names: ["cells", "y"] },
    ),
    tolerance: { rtol: 0, atol: 0 },
    mistakes: [
      {
        wrong: () => findBy((x, y) => together(x, y).r),
        says: "you looked for the largest correlation with its sign; a cell that falls where y rises follows it as well",
      },
      {
        wrong: () => findBy((x, y) => Math.abs(together(x, y).covariance)),
        says: "this is the largest covariance, which favours cells of large size; divide by both standard deviations",
      },
    ],
    hints: [
      "For each unit, the correlation of its column with y: covariance / √(variance · variance).",
      "The unit with the largest |r|.",
    ],
  },
];

function tempered1over(p: Probabilities, tau: number): Probabilities {
  return tempered(p, 1 / tau);
}
