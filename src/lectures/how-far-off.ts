/** `about 3 times too large`: how far a number is from the expected one, without naming this. */
export function howFarOff(expected: number, got: number): string {
  if (Number.isNaN(got)) return "which is not a number";
  if (!Number.isFinite(got) || !Number.isFinite(expected) || expected === 0) {
    return got > expected ? "which is too large" : "which is too small";
  }
  if (got === 0) return "which is too near to zero";
  if (Math.sign(got) !== Math.sign(expected)) return "which has the wrong sign";
  const ratio = got / expected;
  const [off, how] = ratio > 1 ? [ratio, "large"] : [1 / ratio, "small"];
  const sign = expected < 0 ? " in size" : "";
  if (off >= 1.5) return `about ${Number(off.toPrecision(2))} times too ${how}${sign}`;
  return `about ${Number((100 * Math.abs(ratio - 1)).toPrecision(1))} % too ${how}${sign}`;
}
