import { ArgumentError } from "../errors.ts";

const DIGITS = "영일이삼사오육칠팔구";
/** Within a group of four digits. */
const UNITS = ["", "십", "백", "천"];
/** Of the groups. */
const GROUPS = ["", "만", "억"];

/** The largest number that can be written: 9,999 억 9,999 만 9,999. */
export const MOST_KOREAN: number = 1e12 - 1;

/**
 * Sino-Korean numerals: 12345 → "만 이천삼백사십오". Groups of four digits (만, 억) are written apart, as the rules of
 * Korean spelling ask (한글 맞춤법, § 44); 일 is left out before 십, 백, 천 and before a leading 만.
 */
export function koreanNumber(n: number): string {
  if (n === 0) return DIGITS[0];
  const groups: string[] = [];
  let rest = n;
  for (const name of GROUPS) {
    const group = rest % 10000;
    rest = Math.floor(rest / 10000);
    if (group === 0) continue;
    groups.unshift(name === "만" && group === 1 && rest === 0 ? name : fourDigits(group) + name);
  }
  return groups.join(" ");
}

function fourDigits(group: number): string {
  return [3, 2, 1, 0]
    .map((power) => {
      const digit = Math.floor(group / 10 ** power) % 10;
      if (digit === 0) return "";
      return (digit === 1 && power > 0 ? "" : DIGITS[digit]) + UNITS[power];
    })
    .join("");
}

/** "만 이천삼백사십오" → 12345. @throws {ArgumentError} for words that no number is written with. */
export function parseKoreanNumber(words: string): number {
  let total = 0;
  for (const part of words.split(" ")) {
    const name = GROUPS.indexOf(part.at(-1) ?? "");
    let group = 0;
    let digit: number | undefined;
    for (const letter of name > 0 ? part.slice(0, -1) : part) {
      const unit = UNITS.indexOf(letter);
      if (unit > 0) {
        group += (digit ?? 1) * 10 ** unit;
        digit = undefined;
      } else if (DIGITS.includes(letter)) digit = DIGITS.indexOf(letter);
      else throw new ArgumentError(`number words: "${letter}" is no Sino-Korean numeral`);
    }
    group += digit ?? 0;
    total += name > 0 && part.length === 1 ? 10000 ** name : group * 10000 ** Math.max(0, name);
  }
  if (total > MOST_KOREAN || koreanNumber(total) !== words) {
    throw new ArgumentError(`number words: "${words}" is no number as it is written here`);
  }
  return total;
}

const ONES = ["", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉"];
const TENS = ["", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"];

/** The largest number with a native word. */
export const MOST_NATIVE_KOREAN = 99;

/**
 * Native Korean numerals, 1 to 99, as they stand alone: 32 → "서른둘". (Before a counter five of them are shortened:
 * 하나, 둘, 셋, 넷, 스물 to 한, 두, 세, 네, 스무; those forms are not written here.)
 */
export function nativeKoreanNumber(n: number): string {
  return TENS[Math.floor(n / 10)] + ONES[n % 10];
}

/** "서른둘" → 32. @throws {ArgumentError} for another word. */
export function parseNativeKoreanNumber(word: string): number {
  for (let n = 1; n <= MOST_NATIVE_KOREAN; n++) if (nativeKoreanNumber(n) === word) return n;
  throw new ArgumentError(
    `number words: "${word}" is no native Korean numeral from 1 to ${MOST_NATIVE_KOREAN}`,
  );
}
