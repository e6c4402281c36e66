import { ArgumentError } from "../errors.ts";

const SMALL = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
  "eighteen nineteen"
).split(" ");
const TENS = ["", "", ..."twenty thirty forty fifty sixty seventy eighty ninety".split(" ")];
const POWERS: readonly (readonly [value: number, word: string])[] = [
  [1e9, "billion"],
  [1e6, "million"],
  [1e3, "thousand"],
];

/** The largest number that can be written: 999,999,999,999. */
export const MOST_ENGLISH: number = 1e12 - 1;

/** 1234 → "one thousand two hundred thirty-four": American style, without "and". */
export function englishNumber(n: number): string {
  if (n < 20) return SMALL[n];
  if (n < 100) return TENS[Math.floor(n / 10)] + (n % 10 > 0 ? `-${SMALL[n % 10]}` : "");
  if (n < 1000)
    return `${SMALL[Math.floor(n / 100)]} hundred${n % 100 > 0 ? ` ${englishNumber(n % 100)}` : ""}`;
  const [value, word] = POWERS.find(([value]) => n >= value)!;
  const rest = n % value;
  return `${englishNumber(Math.floor(n / value))} ${word}${rest > 0 ? ` ${englishNumber(rest)}` : ""}`;
}

/** "one thousand two hundred thirty-four" → 1234. @throws {ArgumentError} for words that no number is written with. */
export function parseEnglishNumber(words: string): number {
  let total = 0;
  let group = 0;
  for (const word of words.split(/[ -]/)) {
    const power = POWERS.find(([, name]) => name === word);
    const small = Math.max(SMALL.indexOf(word), 10 * TENS.indexOf(word || "?"));
    if (power) {
      total += group * power[0];
      group = 0;
    } else if (word === "hundred") group *= 100;
    else if (small >= 0) group += small;
    else
      throw new ArgumentError(
        `number words: "${word}" is no English number word; use words as numberToWords writes them`,
      );
  }
  const n = total + group;
  if (n > MOST_ENGLISH || englishNumber(n) !== words) {
    throw new ArgumentError(`number words: "${words}" is no number as it is written here`);
  }
  return n;
}
