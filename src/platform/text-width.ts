/**
 * Advance widths of DejaVu Sans, in hundredths of an em, for the characters U+0020 … U+007E. It is the widest of the
 * sans-serif faces in common use, so that room measured with it suffices for Arial, Helvetica, Segoe or Roboto too.
 * A table instead of the fonts of this machine: the same picture everywhere, byte for byte.
 */
const WIDTHS: readonly number[] = (
  "32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 " +
  "100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 " +
  "50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84"
)
  .split(" ")
  .map(Number);

/** How far a line of text reaches above and below its baseline, in em (DejaVu Sans). */
export const ASCENT = 0.93;
export const DESCENT = 0.24;

const BOLD = 1.13;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
/** Hangul, kana, Chinese characters, full-width forms and emoji fill a square. */
const SQUARE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
/** General punctuation such as dashes, arrows, mathematical operators, box drawing and other symbols. */
const SYMBOL = /^[\u2014\u2026\u2030\u2190-\u23ff\u2500-\u2bff]$/;

/** The width of one line of text in em. */
export function textWidth(text: string, bold: boolean = false): number {
  let hundredths = 0;
  for (const character of text.normalize("NFC")) hundredths += characterWidth(character);
  return ((bold ? BOLD : 1) * hundredths) / 100;
}

function characterWidth(character: string): number {
  const known = WIDTHS[character.codePointAt(0)! - 0x20];
  if (known !== undefined) return known;
  if (SQUARE.test(character)) return 100;
  if (ZERO_WIDTH.test(character)) return 0;
  if (SYMBOL.test(character)) return 100;
  const base = character.normalize("NFD"); // é is as wide as e
  if (base.length > 1) return characterWidth(base[0]);
  return character === character.toLowerCase() ? 66 : 80;
}
