import { ArgumentError, expectNumber } from "../errors.ts";
import type { Generator } from "../random.ts";

/** What a recogniser offers for one sentence. */
export interface Hypotheses {
  /** What was said or written. */
  readonly reference: readonly string[];
  /** The best by the channel alone, best first; the reference need not be among them. */
  readonly list: readonly { readonly words: readonly string[]; readonly score: number }[];
}

/** Options of `recognise`. */
export interface HypothesesOptions {
  /** The words that can be taken for each other. */
  vocabulary: readonly string[];
  /** How many words, itself included, each word can be taken for; default 4. */
  confusions?: number;
  /**
   * d, how clearly each word was heard, > 0; default 2.5. The score of a candidate is ln p(heard | candidate) up to what is
   * the same for all: normal with standard deviation d, and greater by d² for the right one.
   */
  clarity?: number;
  /** How many hypotheses are offered; default 20. */
  count?: number;
  generator: Generator;
}

/**
 * Simulates a recogniser of speech or handwriting: each word could also be one of those that look or sound most like it
 * (fewest letters to change), and each candidate gets a score, ln p(heard | candidate). The hypotheses are the combinations
 * with the largest sums. A language model re-ranks them by score + λ ln P(words), Bayes' rule for λ = 1; a model whose
 * probabilities are not quite right may do better with another λ.
 *
 * @throws {ArgumentError} for a word outside the vocabulary.
 */
export function recognise(reference: readonly string[], options: HypothesesOptions): Hypotheses {
  const { vocabulary, confusions = 4, clarity = 2.5, count = 20, generator } = options;
  expectNumber(confusions, "recognise: confusions", { integer: true, min: 1, max: vocabulary.length });
  expectNumber(count, "recognise: count", { integer: true, min: 1 });
  expectNumber(clarity, "recognise: clarity", { above: 0 });
  let beam: { words: string[]; score: number }[] = [{ words: [], score: 0 }];
  for (const word of reference) {
    const candidates = similarWords(word, vocabulary, confusions).map((candidate) => ({
      candidate,
      score: generator.normal(0, clarity) + (candidate === word ? clarity ** 2 : 0),
    }));
    // The best combinations of n words begin with the best of n − 1 words, because scores only add up.
    beam = beam
      .flatMap(({ words, score }) =>
        candidates.map((next) => ({ words: [...words, next.candidate], score: score + next.score })),
      )
      .sort((a, b) => b.score - a.score)
      .slice(0, count);
  }
  return { reference, list: beam };
}

const neighbours = new WeakMap<readonly string[], Map<string, readonly string[]>>();

/** The word itself and those that differ from it in the fewest letters; among equals, those that come first. */
export function similarWords(word: string, vocabulary: readonly string[], count: number): readonly string[] {
  if (!vocabulary.includes(word))
    throw new ArgumentError(`recognise: "${word}" is not in the vocabulary; give one that has it`);
  let known = neighbours.get(vocabulary);
  if (!known) {
    known = new Map();
    neighbours.set(vocabulary, known);
  }
  let sorted = known.get(word);
  if (!sorted) {
    sorted = vocabulary
      .map((other) => ({ other, distance: editDistance(word, other) }))
      .sort((a, b) => a.distance - b.distance)
      .map(({ other }) => other);
    known.set(word, sorted);
  }
  return sorted.slice(0, count);
}

/** The fewest letters to put in, take out or exchange to make one word of the other (Levenshtein 1966). */
export function editDistance(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1])));
    }
    row = next;
  }
  return row[b.length];
}
