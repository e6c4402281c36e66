import { ArgumentError } from "../errors.ts";
import type { Generator } from "../random.ts";
import { allStrings } from "./enumerate.ts";
import type { StringSource } from "./source.ts";
import { type Filling, phrases, type Slot, templateSource } from "./template.ts";

const GOOD = ["good", "funny", "clever", "moving", "charming", "brilliant"];
const BAD = ["bad", "dull", "silly", "boring", "clumsy", "dreadful"];
const NOUNS = ["film", "plot", "music", "ending", "cast", "dialogue"];

/** The two classes of sentences. */
export type Sentiment = "positive" | "negative";

/** A sentence and its class. */
export interface SentimentSentence {
  readonly words: readonly string[];
  readonly label: Sentiment;
}

/** Sentences that are for or against something, for many-to-one classifiers. */
export interface SentimentTask {
  /** The sentences as a source; each word of `source.vocabulary` is a token. */
  readonly source: StringSource;
  sample(generator: Generator): SentimentSentence;
  samples(count: number, generator: Generator): SentimentSentence[];
  /** The label, which the words determine. @throws {ArgumentError} for words that are no such sentence. */
  solve(words: readonly string[]): Sentiment;
  /** The best accuracies of those who see less than the sentence. Who understands it has 1. */
  readonly accuracies: Readonly<Record<"always the same" | "bag of words", number>>;
}

/**
 * "the plot was not very good , but the music was charming ." The label is what the main clause says: the one after
 * "but", or the one without "although". "not" turns a clause around. So the same words can say either, and order counts:
 * what a bag of words can reach at best is computed over all sentences.
 */
export function sentiment(): SentimentTask {
  const source = sentences(NOUNS);
  const sample = (generator: Generator) => {
    const words = source.sample(generator);
    return { words, label: solve(words) };
  };
  return {
    source,
    sample,
    samples: (count, generator) => Array.from({ length: count }, () => sample(generator)),
    solve,
    get accuracies() {
      return (computed ??= {
        "always the same": bestAccuracy(() => ""),
        "bag of words": bestAccuracy((words) => [...words].sort().join(" ")),
      });
    },
  };
}

let computed: SentimentTask["accuracies"] | undefined;

function sentences(nouns: readonly string[]): StringSource {
  const predicates = ["", "very ", "not ", "not very "].flatMap((before) =>
    phrases(...[...GOOD, ...BAD].map((adjective) => before + adjective)),
  );
  const second =
    (...fillings: Filling[]): Slot =>
    (form) =>
      form === "two clauses" ? fillings : [];
  const more = (words: string): Filling[] =>
    phrases(words).map((filling) => ({ ...filling, remember: "two clauses" }));
  return templateSource({
    name: "sentiment",
    about: "one or two clauses for or against a film",
    slots: [
      () => [
        { symbols: ["the"], weight: 3 },
        { symbols: ["although", "the"], remember: "concession" },
      ],
      () => phrases(...nouns),
      () => phrases("was"),
      () => predicates,
      (form) =>
        form === "concession"
          ? more(", the")
          : [...phrases("."), ...more(", but the"), ...more("although the")],
      second(...phrases(...nouns)),
      second(...phrases("was")),
      second(...predicates),
      second(...phrases(".")),
    ],
  });
}

function solve(words: readonly string[]): Sentiment {
  const [although, but, comma] = ["although", "but", ","].map((word) => words.indexOf(word));
  const main =
    although === 0 ? words.slice(comma + 1) : although > 0 ? words.slice(0, although) : words.slice(but + 1);
  const adjective = main.filter((word) => word !== ".").at(-1) ?? "";
  if (!GOOD.includes(adjective) && !BAD.includes(adjective)) {
    throw new ArgumentError(
      `sentiment: "${words.join(" ")}" does not end its main clause with an adjective of the task`,
    );
  }
  return GOOD.includes(adjective) !== main.includes("not") ? "positive" : "negative";
}

/**
 * Σ over what is seen of the greater of P(seen, positive) and P(seen, negative). One noun stands for all: they are drawn
 * independently of everything and say nothing.
 */
function bestAccuracy(seen: (words: readonly string[]) => string): number {
  const table = new Map<string, Record<Sentiment, number>>();
  for (const [words, p] of allStrings(sentences(NOUNS.slice(0, 1)))) {
    const key = seen(words);
    const row = table.get(key) ?? { positive: 0, negative: 0 };
    row[solve(words)] += p;
    table.set(key, row);
  }
  let right = 0;
  for (const { positive, negative } of table.values()) right += Math.max(positive, negative);
  return right;
}
