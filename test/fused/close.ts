import assert from "node:assert/strict";

/** Asserts |a − e| ≤ rtol · max(|e|, floor) for each element; NaN must meet NaN, an infinity the same infinity. */
export function assertNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, floor = 1 }: { rtol: number; floor?: number },
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    if (Object.is(a, e) || Math.abs(a - e) <= rtol * Math.max(Math.abs(e), floor)) continue;
    assert.fail(`${what}: element ${i} is ${a}, not ${e}`);
  }
}
