import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { type Mat, matrixOf, scaled, type Vec } from "./vectors.ts";

const sum = (list: Vec): number => list.reduce((total, x) => total + x, 0);
const mean = (list: Vec): number => sum(list) / list.length;

/** Strings B o - … - o E: one of m letters, dashes that go on with probability p each, the same letter, E. */
type MirrorOptimum = (m: number, p: number) => number;
const mirrorBy =
  (others: number, { log = Math.log, flips = (p: number) => 1 / (1 - p) } = {}): MirrorOptimum =>
  (m, p) => {
    const entropy = -p * log(p) - (1 - p) * log(1 - p);
    return (log(m) + flips(p) * entropy) / (others + p / (1 - p));
  };

type Excess = (letters: number, inner: number) => number;

interface Scored {
  model: number;
  optimal: number;
  symbols: number;
}
interface RegretAnswer {
  nats: number;
  standardError: number;
}
type RegretOf = (strings: Scored[]) => RegretAnswer;

/** Standard error of Σx / Σsymbols by linearisation. */
const ratioError = (x: Vec, symbols: Vec): number => {
  const n = x.length;
  const ratio = sum(x) / sum(symbols);
  const squares = sum(x.map((value, i) => (value - ratio * symbols[i]) ** 2));
  return Math.sqrt((squares * n) / (n - 1)) / sum(symbols);
};
const differences = (strings: Scored[]) => strings.map(({ model, optimal }) => model - optimal);
const symbolsOf = (strings: Scored[]) => strings.map(({ symbols }) => symbols);
const regretOf: RegretOf = (strings) => ({
  nats: sum(differences(strings)) / sum(symbolsOf(strings)),
  standardError: ratioError(differences(strings), symbolsOf(strings)),
});

const someStrings = (g: Generator): Scored[] =>
  Array.from({ length: 6 }, () => {
    const symbols = 9 + g.int(8);
    const optimal = (symbols - 4) * Math.LN2;
    return { model: optimal + g.uniform(0, 0.3), optimal, symbols };
  });

type Plateau = (remembered: number, letters: number, kinds: number) => { loss: number; accuracy: number };
const plateau: Plateau = (remembered, letters, kinds) => ({
  loss: (letters - remembered) * Math.log(kinds),
  accuracy: kinds ** (remembered - letters),
});

type Compare = (a: number[], b: number[]) => { difference: number; standardError: number };
const variance = (list: Vec, lost = 1): number =>
  sum(list.map((x) => (x - mean(list)) ** 2)) / (list.length - lost);
const standardError = (a: Vec, b: Vec, lost = 1): number =>
  Math.sqrt(variance(a, lost) / a.length + variance(b, lost) / b.length);
const compareBy =
  (pick: (list: number[]) => number, error = standardError): Compare =>
  (a, b) => ({ difference: pick(a) - pick(b), standardError: error(a, b) });

type Orthogonal = (A: Mat) => Mat;
const dot = (a: Vec, b: Vec): number => sum(a.map((x, i) => x * b[i]));
const turned = (A: Mat): Mat => A[0].map((_, j) => A.map((row) => row[j]));
const unit = (a: Vec): Vec => a.map((x) => x / Math.sqrt(dot(a, a)));
/** Gram–Schmidt on the rows. */
const gramSchmidt =
  (finish: (row: Vec) => Vec): Orthogonal =>
  (A) => {
    const basis: Mat = [];
    for (const row of A) {
      let rest = row;
      for (const u of basis) {
        const shadow = dot(u, rest) / dot(u, u);
        rest = rest.map((x, i) => x - shadow * u[i]);
      }
      basis.push(finish(rest));
    }
    return basis;
  };

export const lecture11: readonly Exercise[] = [
  {
    id: "11.1",
    title: "The optimum of a new grammar",
    expected: () => mirrorBy(3),
    probe: onInputs((g) => [2 + g.int(5), g.uniform(0.2, 0.8)], { names: ["m", "p"] }),
    mistakes: [
      {
        wrong: () => mirrorBy(2),
        says: "you forgot E: it is certain and costs nothing, but it is a predicted symbol and counts below the line",
      },
      { wrong: () => mirrorBy(4), says: "you counted B: it is given, not predicted" },
      { wrong: () => mirrorBy(3, { log: Math.log2 }), says: "these are bits; asked are nats" },
      {
        wrong: () => mirrorBy(3, { flips: (p) => p / (1 - p) }),
        says: "you counted a decision for each dash; the last one, to stop, is one more: 1/(1 − p) in the mean",
      },
      {
        wrong: (): MirrorOptimum => (m, p) => mirrorBy(3)(m, p) * (3 + p / (1 - p)),
        says: "these are nats per string; divide by the expected number of predicted symbols",
      },
      {
        wrong: (): MirrorOptimum => (m, p) => mirrorBy(3)(m, p) + Math.log(m) / (3 + p / (1 - p)),
        says: "you paid for the second o: it is the first one again, and certain for who remembers that",
      },
    ],
    hints: [
      "Nats of a string: ln m for the letter, and H(p) for each decision whether the dashes go on.",
      "Decisions: 1/(1 − p) in the mean. Dashes: p/(1 − p).",
      "Predicted symbols: the letter, the dashes, the letter again, and E.",
    ],
  },
  {
    id: "11.2",
    title: "What forgetting costs",
    expected: (): Excess => (letters, inner) => Math.log(letters) / (inner + 4),
    probe: onInputs((g) => [2 + g.int(5), 5 + g.int(10)], { names: ["letters", "inner"] }),
    mistakes: [
      {
        wrong: (): Excess => (letters, inner) => Math.log(letters) / (inner + 3),
        says: "you forgot the last E: after the inner string come the letter and E",
      },
      {
        wrong: (): Excess => (letters, inner) => Math.log(letters) / (inner + 5),
        says: "you counted the first B, which is given",
      },
      {
        wrong: (): Excess => (letters, inner) => Math.log(letters) / inner,
        says: "the mean is over all predicted symbols of the string, not over those of the inner one",
      },
      {
        wrong: (): Excess => (_letters, inner) => Math.LN2 / (inner + 4),
        says: "ln 2 is the cost of one of two letters; here there are m of them",
      },
      {
        wrong: (): Excess => (letters) => Math.log(letters),
        says: "that is the cost per string, not per symbol",
      },
      {
        wrong: (): Excess => (letters, inner) => (1 - 1 / letters) / (inner + 4),
        says: "that is an error rate, accuracy for NLL: the cost is −ln of the probability, ln m",
      },
    ],
    hints: [
      "At which symbol does the forgotten letter matter, and what does it cost there?",
      "Predicted: the letter, B, the inner symbols, the letter, E.",
    ],
  },
  {
    id: "11.3",
    title: "Regret and its standard error",
    expected: () => regretOf,
    probe: onInputs((g) => [someStrings(g)], { names: ["strings"] }),
    mistakes: [
      {
        wrong: (): RegretOf => (strings) => {
          const each = strings.map(({ model, optimal, symbols }) => (model - optimal) / symbols);
          return { nats: mean(each), standardError: Math.sqrt(variance(each) / each.length) };
        },
        says: "you averaged the regrets per symbol of the strings: short strings weigh too much. One ratio of two sums",
      },
      {
        wrong: (): RegretOf => (strings) => ({
          ...regretOf(strings),
          standardError: ratioError(
            strings.map(({ model }) => model),
            symbolsOf(strings),
          ),
        }),
        says: "this is the standard error of the model's own loss; the luck of the draw cancels in the difference, string by string",
      },
      {
        wrong: (): RegretOf => (strings) => ({
          ...regretOf(strings),
          standardError: ratioError(differences(strings), symbolsOf(strings)) * Math.sqrt(strings.length),
        }),
        says: "this is the spread of single strings; the standard error of the ratio is smaller by √n",
      },
      {
        wrong: (): RegretOf => (strings) => {
          const { nats, standardError: error } = regretOf(strings);
          const n = strings.length;
          return { nats, standardError: error * Math.sqrt((n - 1) / n) };
        },
        says: "you divided the squares by n; an estimate of a variance from a sample has n − 1",
      },
    ],
    hints: [
      "nats: Σ (model − optimal) / Σ symbols.",
      "With d_i = model − optimal of a string: residuals d_i − nats · symbols_i.",
      "standardError = √(n/(n−1) · Σ residual²) / Σ symbols.",
    ],
  },
  {
    id: "11.4",
    title: "Plateaus",
    expected: () => plateau,
    probe: onInputs(
      (g) => {
        const letters = 2 + g.int(3);
        return [g.int(letters), letters, 2 + g.int(3)];
      },
      { names: ["remembered", "letters", "kinds"] },
    ),
    mistakes: [
      {
        wrong: (): Plateau => (k, n, m) => ({ ...plateau(k, n, m), loss: 1 - m ** (k - n) }),
        says: "accuracy for NLL: 1 − accuracy is the error rate; the loss is −ln of the probability of the right class",
      },
      {
        wrong: (): Plateau => (k, n, m) => ({ ...plateau(k, n, m), loss: n * Math.log(m) }),
        says: "that is the loss of who remembers nothing",
      },
      {
        wrong: (): Plateau => (k, n, m) => ({ ...plateau(k, n, m), accuracy: k / n }),
        says: "the class is right only if all letters are: the rest is guessed, m^−(n − k) of the time",
      },
    ],
    hints: [
      "How many classes are still possible for who knows k of n letters?",
      "m^(n−k) equally probable classes: loss ln of that, accuracy one in that many.",
    ],
  },
  {
    id: "11.5",
    title: "Several seeds",
    expected: () => compareBy(mean),
    probe: onInputs(
      (g) => [
        Array.from({ length: 4 }, () => g.uniform(0.001, 0.003)),
        Array.from({ length: 5 }, () => g.uniform(0.002, 0.006)),
      ],
      { names: ["a", "b"] },
    ),
    tolerance: { atol: 1e-10 },
    mistakes: [
      {
        wrong: () => compareBy((list) => list[0]),
        says: "you compared one seed of each: whether it is luck cannot be told from one",
      },
      { wrong: () => compareBy((list) => Math.min(...list)), says: "you chose the best seed of each" },
      { wrong: () => compareBy((list) => -mean(list)), says: "the sign is turned: a less b" },
      {
        wrong: () => compareBy(mean, (a, b) => Math.sqrt(variance(a) + variance(b))),
        says: "this is the spread of single seeds; a mean of n seeds has s²/n",
      },
      {
        wrong: () =>
          compareBy(mean, (a, b) => Math.sqrt(variance(a) / a.length) + Math.sqrt(variance(b) / b.length)),
        says: "independent errors add up as squares: √(s_a²/n_a + s_b²/n_b)",
      },
      {
        wrong: () => compareBy(mean, (a, b) => standardError(a, b, 0)),
        says: "you divided the squares by n; an estimate of a variance from a sample has n − 1",
      },
    ],
    hints: [
      "The difference of the means.",
      "Variances of single seeds, Σ (x − mean)² / (n − 1); of a mean, that divided by n; of the difference, the sum.",
    ],
  },
  {
    id: "11.6",
    title: "An orthogonal matrix",
    expected: () => gramSchmidt(unit),
    probe: onInputs((g) => [matrixOf(g, 4, 4)], { names: ["A"] }),
    mistakes: [
      {
        wrong: (): Orthogonal => (A) => A.map(unit),
        says: "the rows have length 1, but are not at right angles: QQᵀ is not the identity",
      },
      {
        wrong: (): Orthogonal => (A) => turned(gramSchmidt(unit)(turned(A))),
        says: "you took the columns of A; asked is what becomes of its rows",
      },
      {
        wrong: () => gramSchmidt((row) => row),
        says: "the rows are at right angles, but not of length 1: the norm of a vector is not kept",
      },
      {
        wrong: (): Orthogonal => (A) => scaled(1 / Math.sqrt(A.length), A),
        says: "scaling a random matrix makes its spectral radius about 1, but some vectors still grow and others shrink",
      },
    ],
    hints: [
      "Go through the rows; take from each what lies along those before it.",
      "row − Σ (u · row) u over the finished unit rows u, then divide by its length (Gram–Schmidt).",
    ],
  },
];
