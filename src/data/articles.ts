import { expectNumber } from "../errors.ts";
import type { Generator } from "../random.ts";
import type { Pair } from "./pairs.ts";

/** Words whose first letter and first sound differ: "one", "useful", "unicorn", "European"; "heir", "honest", "hour". */
const CONSONANT_SOUND = /^(one(?!ro)|once|us[aeu]|uni(?!n|m)|eu|ewe)/i;
const VOWEL_SOUND = /^(heir|honest|honou?r|hour)/i;

/**
 * Whether "an" stands before a word: it begins with a vowel sound. A rule with the usual exceptions; letters that are
 * read as names ("an X", "an F") are told by being alone and in capitals.
 */
export function takesAn(word: string): boolean {
  if (/^[A-Z]\b/.test(word)) return /^[AEFHILMNORSX]/.test(word);
  return VOWEL_SOUND.test(word) || (/^[aeiou]/i.test(word) && !CONSONANT_SOUND.test(word));
}

/** "useful boat" → "a useful boat", "apple" → "an apple". */
export function withArticle(words: string): string {
  return `${takesAn(words) ? "an" : "a"} ${words}`;
}

/**
 * A text and what becomes of it when each "a" and "an" has the wrong form with probability `errors`: for correction.
 * `target` is the text as it was given.
 */
export function articleErrors(text: string, errors: number, generator: Generator): Pair {
  expectNumber(errors, "articleErrors: errors", { min: 0, max: 1 });
  const other: Record<string, string> = { a: "an", an: "a", A: "An", An: "A" };
  const source = text.replace(/\b([Aa]n?)(?= [A-Za-z])/g, (article) =>
    generator.uniform() < errors ? other[article] : article,
  );
  return { source, target: text };
}
