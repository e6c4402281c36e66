import { expectNumber, expectOptions } from "../errors.ts";
import type { Generator } from "../random.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Options of `spellingChannel`. */
export interface SpellingOptions {
  /** The probability that a word is written with a mistake, in (0, 1); default 0.2. */
  errors?: number;
  /** The letters that may be put in; default a … z. */
  letters?: string;
}

/** A noisy channel: how a word that was meant becomes the word that was written. */
export interface SpellingChannel {
  /** Every way to make one mistake, each equally likely; a result that can come about in two ways is listed twice. */
  edits(word: string): string[];
  /** What was written for the word. */
  corrupt(word: string, generator: Generator): string;
  /** ln P(written | meant), −∞ where it cannot come about. */
  logProb(written: string, meant: string): number;
}

/**
 * A channel of spelling mistakes whose probabilities are known (after Kernighan, Church & Gale 1990, with equal chances):
 * a word is written as it is meant, or with probability `errors` with one mistake: a letter left out, put in, exchanged
 * for another one, or two neighbours swapped. With a language model P(meant), the best correction is
 *
 *     argmax P(meant) P(written | meant).
 */
export function spellingChannel(options: SpellingOptions = {}): SpellingChannel {
  const { errors = 0.2, letters = LETTERS } = expectOptions(
    options,
    ["errors", "letters"],
    "spellingChannel",
  );
  expectNumber(errors, "spellingChannel: errors", { above: 0, below: 1 });
  const alphabet = [...letters];
  const edits = (word: string): string[] => {
    const w = [...word];
    const at = (i: number, count: number, ...put: string[]) => w.toSpliced(i, count, ...put).join("");
    const found: string[] = [];
    for (let i = 0; i <= w.length; i++) {
      for (const letter of alphabet) found.push(at(i, 0, letter));
      if (i === w.length) continue;
      // A word of one letter that is left out would be no word.
      if (w.length > 1) found.push(at(i, 1));
      for (const letter of alphabet) if (letter !== w[i]) found.push(at(i, 1, letter));
      if (i + 1 < w.length && w[i] !== w[i + 1]) found.push(at(i, 2, w[i + 1], w[i]));
    }
    return found;
  };
  return {
    edits,
    corrupt: (word, generator) => (generator.uniform() < errors ? generator.choice(edits(word)) : word),
    logProb(written, meant) {
      if (written === meant) return Math.log(1 - errors);
      if (Math.abs([...written].length - [...meant].length) > 1) return -Infinity;
      const all = edits(meant);
      return Math.log((errors * all.filter((edit) => edit === written).length) / all.length);
    },
  };
}
