/** The protocol counts characters as Unicode code points, JavaScript as UTF-16 units. */

/** @example toIndex("𝒙+y", 2) // 3 */
export function toIndex(text: string, codePoints: number): number {
  let index = 0;
  for (let i = 0; i < codePoints && index < text.length; i++)
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  return index;
}

/** @example toCodePoints("𝒙+y", 3) // 2 */
export function toCodePoints(text: string, index: number): number {
  let count = 0;
  for (let i = 0; i < index && i < text.length; count++) i += text.codePointAt(i)! > 0xffff ? 2 : 1;
  return count;
}
