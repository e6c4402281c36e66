/** Text as a row of code points: the unit of every character count, sort and cut here. UTF-16 units never are. */

/** < 0, 0, > 0: order by code point. JavaScript's own `<` would put U+1F600 before U+FB01. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // Surrogates stand for code points above every other unit, so they are moved above U+E000 … U+FFFF.
    if (x !== y)
      return (
        (x >= 0xe000 ? x - 0x800 : x >= 0xd800 ? x + 0x2000 : x) -
        (y >= 0xe000 ? y - 0x800 : y >= 0xd800 ? y + 0x2000 : y)
      );
  }
  return a.length - b.length;
}

/** The number of code points of a text, without making a list of them. */
export function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) count--;
  }
  return count;
}

/** Cuts a text at code-point positions: `[0, …, ends[0])`, `[ends[0], …, ends[1])`, … */
export function cutAtCodePoints(text: string, ends: readonly number[]): string[] {
  const parts: string[] = [];
  let unit = 0;
  let points = 0;
  for (const end of ends) {
    const from = unit;
    while (points < end && unit < text.length) {
      unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
      points++;
    }
    parts.push(text.slice(from, unit));
  }
  return parts;
}
