import { withParticle } from "../../data/particles.ts";
import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

interface Candidate {
  word: string;
  logPrior: number;
  logChannel: number;
}
type Meant = (candidates: Candidate[]) => string;

const bestBy =
  (score: (candidate: Candidate) => number): Meant =>
  (candidates) =>
    candidates.reduce((best, one) => (score(one) > score(best) ? one : best)).word;

/**
 * One candidate has the best prior, another the best channel, a third the best product, one is bad in both,
 * and the last has the worst product.
 */
function candidatesOf(g: Generator): [Candidate[]] {
  const off = () => g.uniform(0, 0.5);
  const all = [
    { word: "the", logPrior: -1 - off(), logChannel: -9 - off() },
    { word: "thaw", logPrior: -11 - off(), logChannel: -2 - off() },
    { word: "then", logPrior: -4 - off(), logChannel: -4 - off() },
    { word: "thin", logPrior: -9 - off(), logChannel: -8 - off() },
    { word: "thou", logPrior: -17 - off(), logChannel: -2.8 - off() },
  ];
  return [g.shuffle(all)];
}

interface Hypothesis {
  channel: number;
  lm: number;
  right: number;
}
type Tune = (
  dev: Hypothesis[][],
  test: Hypothesis[][],
  grid: number[],
) => { lambda: number; accuracy: number };

function accuracyAt(items: readonly Hypothesis[][], lambda: number): number {
  const score = ({ channel, lm }: Hypothesis) => channel + lambda * lm;
  const chosen = items.map((list) => list.reduce((best, one) => (score(one) > score(best) ? one : best)));
  return chosen.reduce((sum, { right }) => sum + right, 0) / items.length;
}

const tunedBy =
  (tuneOn: (dev: Hypothesis[][], test: Hypothesis[][]) => Hypothesis[][], reportDev = false): Tune =>
  (dev, test, grid) => {
    const on = tuneOn(dev, test);
    const lambda = grid.reduce((best, one) => (accuracyAt(on, one) > accuracyAt(on, best) ? one : best));
    return { lambda, accuracy: accuracyAt(reportDev ? dev : test, lambda) };
  };

/** Three hypotheses an item. On dev most items are right from λ = 1 on, on test already at λ = 0.5. */
function itemsOf(g: Generator): [Hypothesis[][], Hypothesis[][], number[]] {
  const item = (from: number, to: number): Hypothesis[] => {
    // Right for λ in (from, to): one wrong hypothesis is better below, another one above.
    const off = g.uniform(0, 0.01);
    return [
      { channel: from + off, lm: -1, right: 0 },
      { channel: 0, lm: 0, right: 1 },
      { channel: -to, lm: 1, right: 0 },
    ];
  };
  const some = (n: number, from: number, to: number) => Array.from({ length: n }, () => item(from, to));
  const dev = [...some(4, 0.4, 1.6), ...some(3, 0.8, 1.6), ...some(2, 0.1, 0.7)];
  const test = [...some(3, 0.4, 1.6), ...some(2, 0.8, 1.6), ...some(4, 0.1, 0.7), ...some(1, 5, 6)];
  return [dev, test, [0, 0.5, 1, 1.5]];
}

type WithTopic = (noun: string) => string;
const NOUNS = ["책", "나무", "선생님", "바다", "별", "친구", "감자", "꽃", "우산", "지도"];

interface Reading {
  first: number[];
  second: number[];
}
type Attribute = (documents: Reading[]) => { author: string; margin: number }[];

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const attributeBy =
  (margin: (reading: Reading) => number): Attribute =>
  (documents) =>
    documents.map((reading) => {
      const by = margin(reading);
      return { author: by > 0 ? "first" : "second", margin: by };
    });
const difference = ({ first, second }: Reading) => total(second) - total(first);

/** The exercises of lecture 16. */
export const lecture16: readonly Exercise[] = [
  {
    id: "16.1",
    title: "What was meant?",
    expected: () => bestBy(({ logPrior, logChannel }) => logPrior + logChannel),
    probe: onInputs(candidatesOf, { names: ["candidates"] }),
    mistakes: [
      {
        wrong: () => bestBy(({ logChannel }) => logChannel),
        says: "there is no prior in it: this is the word that is most easily miswritten so, however rare it is",
      },
      {
        wrong: () => bestBy(({ logPrior }) => logPrior),
        says: "this is the most frequent word; what was written plays no part",
      },
      {
        wrong: () => bestBy(({ logPrior, logChannel }) => logPrior * logChannel),
        says: "probabilities are multiplied, their logarithms added",
      },
      {
        wrong: () => bestBy(({ logPrior, logChannel }) => -logPrior - logChannel),
        says: "this is the least probable word: a sum of logarithms is to be as large as possible, that is nearest to 0",
      },
    ],
    hints: [
      "Bayes: P(meant | written) is proportional to P(meant) · P(written | meant).",
      "In logarithms: the greatest logPrior + logChannel.",
    ],
  },
  {
    id: "16.2",
    title: "λ tuned on dev",
    expected: () => tunedBy((dev) => dev),
    probe: onInputs(itemsOf, { names: ["dev", "test", "grid"] }),
    mistakes: [
      {
        wrong: () => tunedBy((_dev, test) => test),
        says: "λ was tuned on the test items: the number reported has seen its own answers",
      },
      {
        wrong: () => tunedBy((dev) => dev, true),
        says: "the accuracy is that on dev, where λ was chosen; report it on test",
      },
      {
        wrong: (): Tune => (dev, test, grid) => tunedBy((items) => items)(dev, test, [...grid].reverse()),
        says: "several λ are best on dev, and this is the last of them; asked is the first of the grid",
      },
    ],
    hints: [
      "For a λ each item chooses the hypothesis with the greatest channel + λ · lm; the accuracy is the mean of `right`.",
      "Choose λ by the accuracy on dev (the first of the grid if several are best), then compute the accuracy on test.",
    ],
  },
  {
    id: "16.3",
    title: "은 or 는?",
    expected: (): WithTopic => (noun) => withParticle(noun, "topic"),
    probe: onInputs((g) => [g.choice(NOUNS)], { names: ["noun"], tries: 12 }),
    mistakes: [
      {
        wrong: (): WithTopic => (noun) =>
          withParticle(noun, "topic").replace(/.$/, (p) => (p === "은" ? "는" : "은")),
        says: "the two forms are exchanged: 은 follows a final consonant (받침), 는 a vowel",
      },
      {
        wrong: (): WithTopic => (noun) => `${noun}는`,
        says: "는 is the more frequent form, but a noun with a final consonant (받침) takes 은",
      },
      {
        wrong: (): WithTopic => (noun) => `${noun}은`,
        says: "은 stands behind a final consonant (받침) only; a noun that ends in a vowel takes 는",
      },
      {
        wrong: (): WithTopic => (noun) => noun + withParticle(noun[0], "topic").slice(1),
        says: "you looked at the first syllable; the last one decides",
      },
      {
        wrong: (): WithTopic => (noun) => withParticle(noun, "subject"),
        says: "these are 이/가, the particle of the subject; 은/는 marks the topic",
      },
    ],
    hints: [
      "The code of a Hangul syllable is 0xAC00 + (initial · 21 + vowel) · 28 + final.",
      "final = (code − 0xAC00) % 28; it is 0 where there is no final consonant.",
    ],
  },
  {
    id: "16.4",
    title: "Whose text, and how surely?",
    expected: () => attributeBy((reading) => difference(reading) / reading.first.length),
    probe: onInputs(
      (g) => [
        [3, 12].map((n) => {
          const list = (mean: number) => Array.from({ length: n }, () => mean + g.uniform());
          return n === 3 ? { first: list(1), second: list(3) } : { first: list(2.5), second: list(1.5) };
        }),
      ],
      { names: ["documents"] },
    ),
    mistakes: [
      {
        wrong: () => attributeBy(difference),
        says: "there is no length normalisation: a long text has a large sum whoever wrote it; divide by the number of symbols",
      },
      {
        wrong: (): Attribute => (documents) =>
          attributeBy((reading) => difference(reading) / reading.first.length)(documents).map(
            ({ author, margin }) => ({ author, margin: Math.abs(margin) }),
          ),
        says: "the margin speaks for the first author: it is negative where the second one is favoured",
      },
      {
        wrong: () => attributeBy((reading) => -difference(reading) / reading.first.length),
        says: "the sign is turned: the author whose model pays less (a smaller −ln p) is the more probable one",
      },
    ],
    hints: [
      "A document belongs to the author under whose model Σ −ln p is smaller.",
      'margin = (Σ second − Σ first) / number of symbols; author is "first" where it is positive.',
    ],
  },
];
