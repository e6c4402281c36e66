import { ArgumentError, describe, expectNumber } from "../errors.ts";
import { englishNumber, MOST_ENGLISH, parseEnglishNumber } from "./english-numbers.ts";
import {
  koreanNumber,
  MOST_KOREAN,
  MOST_NATIVE_KOREAN,
  nativeKoreanNumber,
  parseKoreanNumber,
  parseNativeKoreanNumber,
} from "./korean-numbers.ts";
import { PairTask } from "./pairs.ts";

/** "en"; "ko" for Sino-Korean (삼십이); "ko-native" for native Korean numerals (서른둘). */
export type NumberLanguage = "en" | "ko" | "ko-native";

interface Writing {
  readonly write: (n: number) => string;
  readonly parse: (words: string) => number;
  readonly min: number;
  readonly max: number;
}

const WRITINGS: Readonly<Record<NumberLanguage, Writing>> = {
  en: { write: englishNumber, parse: parseEnglishNumber, min: 0, max: MOST_ENGLISH },
  ko: { write: koreanNumber, parse: parseKoreanNumber, min: 0, max: MOST_KOREAN },
  "ko-native": { write: nativeKoreanNumber, parse: parseNativeKoreanNumber, min: 1, max: MOST_NATIVE_KOREAN },
};

function writing(language: NumberLanguage): Writing {
  if (Object.hasOwn(WRITINGS, language)) return WRITINGS[language];
  throw new ArgumentError(
    `number words: language must be "en", "ko" or "ko-native", got ${describe(language)}`,
  );
}

/**
 * A whole number in words: 42 → "forty-two", "사십이", "마흔둘".
 * @throws {ArgumentError} for a number that has no word here: 0 … 10¹² − 1 have, in native Korean 1 … 99.
 */
export function numberToWords(n: number, language: NumberLanguage = "en"): string {
  const { write, min, max } = writing(language);
  return write(expectNumber(n, `numberToWords("${language}")`, { integer: true, min, max }));
}

/** The inverse of `numberToWords`. @throws {ArgumentError} for words that it does not make. */
export function wordsToNumber(words: string, language: NumberLanguage = "en"): number {
  return writing(language).parse(words);
}

/** Options of `numberWords`. */
export interface NumberWordsOptions {
  /** Default "en". */
  language?: NumberLanguage;
  /** What is given: digits to be turned into words (default), or words into digits. */
  from?: "digits" | "words";
  /** The smallest and the largest number; default 0 (native Korean: 1) and 9,999 (99). */
  min?: number;
  max?: number;
}

/**
 * Digits ↔ number words as a translation task: one item for each number of a range. Held-out numbers of the range are in
 * `split`; a task with a range above it asks for extrapolation.
 *
 * @example
 * const task = data.numberWords({ language: "ko", max: 99_999 });
 * task.pair(12_345, generator); // { source: "12345", target: "만 이천삼백사십오" }
 */
export function numberWords(options: NumberWordsOptions = {}): PairTask {
  const { language = "en", from = "digits" } = options;
  const own = writing(language);
  const { min = own.min, max = Math.min(own.max, 9999) } = options;
  expectNumber(max, "numberWords: max", { integer: true, min: own.min, max: own.max });
  expectNumber(min, "numberWords: min", { integer: true, min: own.min, max });
  if (from !== "digits" && from !== "words") {
    throw new ArgumentError(`numberWords: from must be "digits" or "words", got ${describe(from)}`);
  }
  const toDigits = from === "words";
  return new PairTask({
    name: "number words",
    about: `${toDigits ? "words to digits" : "digits to words"} (${language}), ${min} to ${max}`,
    size: max - min + 1,
    pair: (item) => {
      const [digits, words] = [String(min + item), own.write(min + item)];
      return toDigits ? { source: words, target: digits } : { source: digits, target: words };
    },
    solve: (source) => {
      if (toDigits) return String(own.parse(source));
      if (!/^(0|[1-9]\d*)$/.test(source)) {
        throw new ArgumentError(`number words: ${describe(source)} is no number in digits`);
      }
      return numberToWords(Number(source), language);
    },
  });
}
