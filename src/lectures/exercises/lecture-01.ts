import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

/** The corpus of exercise 01.1, as it stands in the lecture. */
const sentences = ["I love you", "I love music", "you love I", "I know you"].map((line) => line.split(" "));

/** The twelve words of exercise 01.3. */
const twelve = "san francisco the bay san francisco the city san francisco the fog".split(" ");

type Text = readonly string[];

/** Short texts over few words, so that grams repeat. */
const text = (generator: Generator, length: number) =>
  Array.from({ length }, () => generator.choice(["sea", "bell", "fog", "lamp", "tide"]));

const pairsOf = (words: Text): [string, string][] => words.slice(1).map((word, i) => [words[i], word]);
const keyed = (words: Text, f: (word: string) => number): Record<string, number> =>
  Object.fromEntries([...new Set(words)].sort().map((word) => [word, f(word)]));

export const lecture01: readonly Exercise[] = [
  {
    id: "01.1",
    title: "P(“I love you”) by bigrams",
    expected: () => probability(["<s>", "I", "love", "you", "</s>"]),
    mistakes: [
      {
        wrong: () => probability(["<s>", "I", "love", "you"]),
        says: "the end of the sentence is missing: P(</s> | you) is a factor too",
      },
      {
        wrong: () => probability(["I", "love", "you", "</s>"]),
        says: "the beginning is missing: P(I | <s>) is a factor too",
      },
      {
        wrong: () => ["I", "love", "you"].reduce((p, word) => p * unigram(word), 1),
        says: "you multiplied the shares of the single words: each factor must be given the word before",
      },
    ],
    hints: [
      "There are four factors, because the end is predicted and the beginning is not.",
      "P(I | <s>) · P(love | I) · P(you | love) · P(</s> | you), each count of the pair over the count of its first word.",
    ],
  },
  {
    id: "01.2",
    title: "A row of add-one smoothing",
    expected: () => (counts: number[]) => counts.map((c) => (c + 1) / (total(counts) + counts.length)),
    probe: onInputs((g) => [Array.from({ length: 3 + g.int(3) }, () => g.int(5))], { names: ["counts"] }),
    mistakes: [
      {
        wrong: () => (counts: number[]) => counts.map((c) => (c + 1) / total(counts)),
        says: "the denominator lacks V: adding 1 to each of V counts adds V to their sum, and the row must sum to 1",
      },
      {
        wrong: () => (counts: number[]) => counts.map((c) => (c + 1) / (total(counts) + 1)),
        says: "you added 1 to the denominator instead of V: all V counts have grown by 1",
      },
      {
        wrong: () => (counts: number[]) => counts.map((c) => c / total(counts)),
        says: "nothing was added: this is maximum likelihood, and what was never seen has probability 0",
      },
      {
        wrong: () => (counts: number[]) => counts.map((c) => c + 1),
        says: "these are the raised counts: divide them by their sum",
      },
    ],
    hints: ["What does your row sum to?", "V is counts.length."],
  },
  {
    id: "01.3",
    title: "Continuation counts",
    expected: () => keyed(twelve, (word) => leftNeighbours(twelve, word)),
    mistakes: [
      {
        wrong: () => keyed(twelve, (word) => pairsOf(twelve).filter(([, w]) => w === word).length),
        says: "you counted tokens, not types: however often “san” stands before “francisco”, it is one neighbour",
      },
      {
        wrong: () => keyed(twelve, (word) => rightNeighbours(twelve, word)),
        says: "you counted what comes after the word; N₁₊(• w) counts what stands before it",
      },
    ],
    hints: [
      "For each word collect the words before it in a Set.",
      "“francisco” has one left neighbour, although it occurs three times.",
    ],
  },
  {
    id: "01.4",
    title: "The lower order of Kneser–Ney",
    expected: () => (words: string[]) =>
      keyed(words.slice(1), (word) => leftNeighbours(words, word) / pairTypes(words)),
    probe: onInputs((g) => [text(g, 9 + g.int(6))], { names: ["words"] }),
    tolerance: { rtol: 1e-12, atol: 0 },
    mistakes: [
      {
        wrong: () => (words: string[]) =>
          keyed(
            words.slice(1),
            (word) => pairsOf(words).filter(([, w]) => w === word).length / (words.length - 1),
          ),
        says: "you took tokens for types: these are the shares of the words, not of their contexts",
      },
      {
        wrong: () => (words: string[]) =>
          keyed(words.slice(1), (word) => leftNeighbours(words, word) / (words.length - 1)),
        says: "you divided by the number of pairs; divide by the number of different pairs, so that the sum is 1",
      },
      {
        wrong: () => (words: string[]) => keyed(words.slice(1), (word) => leftNeighbours(words, word)),
        says: "these are the counts N₁₊(• w); divide them by N₁₊(• •), so that the sum is 1",
      },
      {
        wrong: () => (words: string[]) =>
          keyed(words.slice(0, -1), (word) => rightNeighbours(words, word) / pairTypes(words)),
        says: "you counted what comes after the word; the lower order counts what stands before it",
      },
    ],
    hints: [
      "P(w) = N₁₊(• w) / N₁₊(• •): both are counts of different things.",
      "N₁₊(• •) is the number of different pairs of neighbours in the text.",
    ],
  },
  {
    id: "01.5",
    title: "Entries of the table against order",
    expected: () => (words: string[], n: number) => grams(words, n).size,
    probe: onInputs((g) => [text(g, 12), 1 + g.int(4)], { names: ["words", "n"], tries: 6 }),
    mistakes: [
      {
        wrong: () => (words: string[], n: number) => words.length - n + 1,
        says: "you counted tokens, not types: an n-gram that occurs twice is one entry",
      },
      {
        wrong: () => (words: string[], n: number) => new Set(words).size ** n,
        says: "you counted all n-grams that could be, V to the power n; the table holds those that occur",
      },
      {
        wrong: () => (words: string[], n: number) => grams(words.slice(0, -1), n).size,
        says: "the last n-gram of the text is missing: the last one begins n words before its end",
      },
      {
        wrong: () => (words: string[], n: number) =>
          new Set(words.map((_, i) => words.slice(i, i + n).join(" "))).size,
        says: "you took in the pieces at the end of the text, which have fewer than n words",
      },
    ],
    hints: [
      "Slide a window of n words over the text.",
      'Put words.slice(i, i + n).join(" ") into a Set, for every i at which n words are left.',
    ],
  },
  {
    id: "01.6",
    title: "How much of the test is new?",
    expected: () => (train: string[], test: string[]) => newShare(train, test),
    probe: onInputs((g) => [text(g, 10), text(g, 8)], { names: ["train", "test"], tries: 6 }),
    mistakes: [
      {
        wrong: () => (train: string[], test: string[]) => newShare([...train, ...test], test),
        says: "you counted the test words too: in such counts nothing of the test is new",
      },
      {
        wrong: () => (train: string[], test: string[]) => {
          const known = grams(train, 2);
          const types = [...grams(test, 2)];
          return types.filter((pair) => !known.has(pair)).length / types.length;
        },
        says: "you counted types; the share is of the places in the test text at which a pair stands",
      },
      {
        wrong: () => (train: string[], test: string[]) =>
          (newShare(train, test) * (test.length - 1)) / test.length,
        says: "you divided by the number of words; they make one pair less",
      },
      {
        wrong: () => (train: string[], test: string[]) => 1 - newShare(train, test),
        says: "this is the share that is known; the share of what is new was asked for",
      },
    ],
    hints: [
      "Only pairs of the training text are known.",
      "Go through the pairs of the test text one by one, repeated ones too, and count those that are not known.",
    ],
  },
];

function probability(chain: Text): number {
  const pairs = sentences.flatMap((words) => pairsOf(["<s>", ...words, "</s>"]));
  return pairsOf(chain).reduce((p, [v, w]) => {
    const after = pairs.filter(([first]) => first === v);
    return (p * after.filter(([, second]) => second === w).length) / after.length;
  }, 1);
}

function unigram(word: string): number {
  const all = sentences.flatMap((words) => [...words, "</s>"]);
  return all.filter((other) => other === word).length / all.length;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, c) => sum + c, 0);
}

function leftNeighbours(words: Text, word: string): number {
  return new Set(
    pairsOf(words)
      .filter(([, w]) => w === word)
      .map(([v]) => v),
  ).size;
}

function rightNeighbours(words: Text, word: string): number {
  return leftNeighbours([...words].reverse(), word);
}

function pairTypes(words: Text): number {
  return grams(words, 2).size;
}

function grams(words: Text, n: number): Set<string> {
  return new Set(words.slice(0, words.length - n + 1).map((_, i) => words.slice(i, i + n).join(" ")));
}

function newShare(train: Text, test: Text): number {
  const known = grams(train, 2);
  const pairs = pairsOf(test).map((pair) => pair.join(" "));
  return pairs.filter((pair) => !known.has(pair)).length / pairs.length;
}
