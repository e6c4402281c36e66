import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

interface Sums {
  nll: number;
  tokens: number;
}

/** Probabilities of tokens in batches of different lengths; the first of each sentence is that of the given B, 1. */
type Batches = readonly (readonly number[])[];

const probabilities = (g: Generator, length: number) => Array.from({ length }, () => g.uniform(0.02, 0.9));
const batches = (g: Generator) => [5, 5, 2].map((length) => [1, ...probabilities(g, length)]);

const nll = (p: number) => -Math.log(p);
const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0);
const mean = (list: readonly number[]) => sum(list) / list.length;
const predicted = (data: Batches) => data.flatMap((batch) => batch.slice(1));

/** The six evaluators of the lecture as they are, each with one fault, and what the fault is. */
const faulty: Record<string, { f: (data: Batches) => number; says: string }> = {
  A: {
    f: (data) => Math.exp(mean(predicted(data).map(Math.log))),
    says: "A still lacks the minus: ln p is negative, so its exponential is below 1",
  },
  B: {
    f: (data) => mean(data.map((batch) => Math.exp(mean(batch.slice(1).map(nll))))),
    says: "B still takes exp per batch and averages perplexities: the mean of exponentials is not the exponential of the mean",
  },
  C: {
    f: (data) => Math.sqrt(predicted(data).reduce((product, p) => product / p, 1)),
    says: "C still takes the square root; it is the N-th root, N being the number of predicted tokens",
  },
  D: {
    f: (data) => Math.exp(mean(predicted(data).map((p) => -Math.log2(p)))),
    says: "D still mixes log2 with exp: bits go with 2 to the power, nats with e",
  },
  E: {
    f: (data) => Math.exp(mean(data.flat().map(nll))),
    says: "E still counts B: it is given, not predicted, and its p = 1 only dilutes the mean",
  },
  F: {
    f: (data) => Math.exp(mean(data.map((batch) => mean(batch.slice(1).map(nll))))),
    says: "F still averages the means of batches: the short batch weighs as much as the long ones",
  },
};

const right = (data: Batches) => Math.exp(mean(predicted(data).map(nll)));
const repaired = () => Object.fromEntries(Object.keys(faulty).map((name) => [name, right]));

export const lecture02: readonly Exercise[] = [
  {
    id: "02.1",
    title: "Perplexity of a text",
    expected: () => (ps: number[]) => Math.exp(mean(ps.map(nll))),
    probe: onInputs((g) => [probabilities(g, 3 + g.int(4))], { names: ["ps"] }),
    mistakes: [
      {
        wrong: () => (ps: number[]) => Math.exp(mean(ps.map(Math.log))),
        says: "a minus is missing: cross-entropy is the mean of −ln p",
      },
      {
        wrong: () => (ps: number[]) => Math.sqrt(ps.reduce((product, p) => product / p, 1)),
        says: "you took the square root: with T tokens it is the T-th root",
      },
      {
        wrong: () => (ps: number[]) => Math.exp(mean(ps.map((p) => -Math.log2(p)))),
        says: "you mixed log2 with exp: use ln with exp, or log2 with 2 to the power",
      },
      {
        wrong: () => (ps: number[]) => mean(ps.map((p) => 1 / p)),
        says: "you took the arithmetic mean of 1/p; perplexity is the geometric one",
      },
      {
        wrong: () => (ps: number[]) => mean(ps.map(nll)),
        says: "this is the mean loss in nats; the perplexity is its exponential",
      },
      {
        wrong: () => (ps: number[]) => Math.exp(sum(ps.map(nll))),
        says: "this is one over the probability of the whole text; divide the sum by T before the exponential",
      },
    ],
    hints: [
      "First the mean of −ln p, then one exponential.",
      "The exponential undoes the logarithm: of the same base.",
    ],
  },
  {
    id: "02.2",
    title: "Merging batches",
    expected: () => (list: Sums[]) =>
      Math.exp(sum(list.map((one) => one.nll)) / sum(list.map(({ tokens }) => tokens))),
    probe: onInputs((g) => [[32, 32, 5].map((tokens) => ({ nll: tokens * g.uniform(1, 3), tokens }))], {
      names: ["batches"],
    }),
    mistakes: [
      {
        wrong: () => (list: Sums[]) => mean(list.map((one) => Math.exp(one.nll / one.tokens))),
        says: "you took exp per batch and averaged perplexities; add up nll and tokens first",
      },
      {
        wrong: () => (list: Sums[]) => Math.exp(mean(list.map((one) => one.nll / one.tokens))),
        says: "you averaged the means: the short last batch weighs as much as a full one",
      },
      {
        wrong: () => (list: Sums[]) =>
          sum(list.map((one) => one.nll)) / sum(list.map(({ tokens }) => tokens)),
        says: "this is the mean loss in nats; the perplexity is its exponential",
      },
    ],
    hints: [
      "Two sums are enough: Σ nll and Σ tokens.",
      "Divide once and take the exponential once, at the very end.",
    ],
  },
  {
    id: "02.3",
    title: "From bits per character to perplexity per word",
    expected: () => (bits: number, characters: number, words: number) => 2 ** ((bits * characters) / words),
    probe: onInputs((g) => [g.uniform(1, 2), 5000 + g.int(1000), 900 + g.int(200)], {
      names: ["bits", "characters", "words"],
    }),
    mistakes: [
      {
        wrong: () => (bits: number, characters: number, words: number) =>
          Math.exp((bits * characters) / words),
        says: "you mixed log2 with exp: bits go with 2 to the power",
      },
      {
        wrong: () => (bits: number, characters: number, words: number) => 2 ** ((bits * words) / characters),
        says: "characters and words are exchanged: a word costs more bits than a character",
      },
      {
        wrong: () => (bits: number) => 2 ** bits,
        says: "this is the perplexity per character; the bits of a text are shared by fewer words",
      },
    ],
    hints: [
      "How many bits does the whole text cost? The unit does not change that.",
      "bits · characters is the total. Divide it by the number of words, then 2 to that power.",
    ],
  },
  {
    id: "02.4",
    title: "The optimum of Reber’s grammar",
    expected: () => reber(),
    tolerance: { rtol: 1e-4 },
    mistakes: [
      {
        wrong: () => ({ ...reber(), symbols: reber().symbols + 1, nats: reber().nats * ratio(1) }),
        says: "you counted B among the predicted symbols: it is given",
      },
      {
        wrong: () => ({ ...reber(), symbols: reber().symbols - 1, nats: reber().nats * ratio(-1) }),
        says: "you left out the final E: it is predicted, although it costs no bit",
      },
      {
        wrong: () => ({ ...reber(), nats: reber().nats / Math.LN2 }),
        says: "this is in bits; a nat is 1/ln 2 bits",
      },
      {
        wrong: () => ({ ...reber(), nats: reber().nats * reber().symbols }),
        says: "this is what a whole string costs; divide by the number of predicted symbols",
      },
      {
        wrong: () => ({ bits: reber().symbols, symbols: reber().symbols, nats: Math.LN2 }),
        says: "you let node 5 cost a bit: there E is certain, and costs nothing",
      },
    ],
    hints: [
      "Visits e solve e = e₀ + Aᵀe: how often is each node left in one string?",
      "Each visit of the nodes 0 to 4 costs one bit and gives one symbol; node 5 gives E and costs nothing.",
    ],
  },
  {
    id: "02.5",
    title: "Six evaluators to repair",
    expected: repaired,
    probe: onInputs((g) => [batches(g)], { names: ["batches"] }),
    mistakes: Object.entries(faulty).map(([name, { f, says }]) => ({
      wrong: () => ({ ...repaired(), [name]: f }),
      says,
    })),
    hints: [
      "All six must give the same number in the end.",
      "One lacks a sign, one a root, one mixes bases, one counts what is given, and two average too early.",
    ],
  },
];

/** Expected bits and predicted symbols of one string, by the expected visits to the nodes. */
function reber(): { bits: number; symbols: number; nats: number } {
  const next = [[1, 2], [1, 3], [2, 4], [2, 5], [3, 5], []];
  let visiting = [1, 0, 0, 0, 0, 0];
  const visits = [...visiting];
  for (let t = 0; t < 2000; t++) {
    const after = visiting.map(() => 0);
    visiting.forEach((p, i) => {
      for (const j of next[i]) after[j] += p / 2;
    });
    visiting = after;
    visiting.forEach((p, i) => {
      visits[i] += p;
    });
  }
  const bits = sum(visits.slice(0, 5));
  const symbols = sum(visits);
  return { bits, symbols, nats: (bits * Math.LN2) / symbols };
}

function ratio(more: number): number {
  const { symbols } = reber();
  return symbols / (symbols + more);
}
