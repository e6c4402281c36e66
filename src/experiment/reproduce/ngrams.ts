import { lm, text } from "../../index.ts";
import type { Reproduction, SeedOptions, SeedResult } from "./types.ts";

interface NGramReproduction extends Omit<Reproduction, "run" | "deterministic" | "axes" | "unit"> {
  /** The orders of the curve; the last one's value is the result. */
  orders: readonly number[];
  score(order: number): lm.Evaluation;
  measure: "nats" | "perplexity";
}

/** Counted models have no seeds; their curve is the value at each order. They take seconds, so fast is full. */
function counted({ orders, score, measure, ...rest }: NGramReproduction): Reproduction {
  return {
    ...rest,
    unit: measure === "nats" ? "nats per character" : "perplexity per word",
    deterministic: true,
    axes: { x: "order", y: measure === "nats" ? "nats per character" : "perplexity" },
    async run({ seed }: SeedOptions): Promise<SeedResult> {
      const begun = performance.now();
      const curve = orders.map((order) => ({ x: order, y: score(order)[measure] }));
      const { y } = curve[curve.length - 1];
      return { seed, value: y, curve, seconds: (performance.now() - begun) / 1000 };
    },
  };
}

/** Half a unit of the last digit of a published number. */
const digits = (value: number, places: number) => ({
  least: value - 0.5 * 10 ** -places,
  most: value + 0.5 * 10 ** -places,
});

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const allNames = once(() => {
  const corpus = text.loadCorpus("names", { end: ".", split: { by: "line", fractions: [1, 0] } });
  return { corpus, counts: lm.NGramCounts.of(corpus, { order: 2 }) };
});
const splitNames = once(() => {
  const corpus = text.loadCorpus("names", { end: "." });
  return { corpus, counts: lm.NGramCounts.of(corpus, { order: 5 }) };
});
const shakespeare = once(() => {
  const corpus = text.loadCorpus("tinyshakespeare");
  return { corpus, counts: lm.NGramCounts.of(corpus, { order: 6 }) };
});
const treebank = once(() => {
  const corpus = text.loadCorpus("ptb");
  return { corpus, counts: lm.NGramCounts.of(corpus, { order: 5 }) };
});

export const ngrams: readonly Reproduction[] = [
  counted({
    name: "names-bigram",
    title: "Bigrams on names.txt by maximum likelihood, trained and scored on all names, 27 symbols",
    published: 2.454,
    source: "Karpathy, makemore (2022), lecture 1: 2.4540 by counting",
    band: digits(2.454, 4),
    corpora: ["names"],
    measure: "nats",
    orders: [1, 2],
    score: (order) => {
      const { corpus, counts } = allNames();
      return new lm.NGramLM(counts, { order, smoothing: { kind: "mle" } }).evaluate(corpus, {
        split: "train",
      });
    },
  }),
  counted({
    name: "names-kn",
    title: "Modified Kneser–Ney, order 5, one start symbol, names.txt by the seed-42 split, development part",
    published: 1.9841,
    source: "measured with an independent implementation of Chen & Goodman (1999)",
    band: digits(1.9841, 4),
    corpora: ["names"],
    measure: "nats",
    orders: [2, 3, 4, 5],
    score: (order) => {
      const { corpus, counts } = splitNames();
      return new lm.NGramLM(counts, { order }).evaluate(corpus);
    },
  }),
  counted({
    name: "shakespeare-kn",
    title: "Kneser–Ney, order 6, discounts estimated for each order, tiny-shakespeare, validation part",
    published: 1.5581,
    source: "measured with an independent implementation of Kneser & Ney (1995), interpolated",
    band: digits(1.5581, 4),
    corpora: ["tinyshakespeare"],
    measure: "nats",
    orders: [2, 3, 4, 5, 6],
    score: (order) => {
      const { corpus, counts } = shakespeare();
      return new lm.NGramLM(counts, {
        order,
        smoothing: { kind: "kneserNey", discount: "estimate" },
      }).evaluate(corpus);
    },
  }),
  counted({
    name: "ptb-kn5",
    title: "Modified Kneser–Ney, order 5, Penn Treebank words, `<eos>` predicted, test part",
    published: 141.2,
    source:
      "Mikolov et al., Empirical evaluation and combination of advanced language modeling techniques (2011): KN5 141.2",
    band: digits(141.19, 2),
    corpora: ["ptb-train", "ptb-valid", "ptb-test"],
    measure: "perplexity",
    orders: [2, 3, 4, 5],
    score: (order) => {
      const { corpus, counts } = treebank();
      return new lm.NGramLM(counts, { order }).evaluate(corpus, { split: "test" });
    },
  }),
];
