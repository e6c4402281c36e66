import assert from "node:assert/strict";
import fc from "fast-check";
import { compareCodePoints, countCodePoints, cutAtCodePoints } from "../../src/text/code-points.ts";

const anyString = fc.string({
  unit: fc.constantFrom("a", "b", "é", "가", "\ue000", "ﬁ", "\uffff", "😀", "𝒳", ""),
});

describe("code points", () => {
  it("sorts U+1F600 after U+FB01, where JavaScript's own order has it before", () => {
    assert.ok("😀" < "ﬁ");
    assert.deepEqual(["😀", "ﬁ", "a"].sort(compareCodePoints), ["a", "ﬁ", "😀"]);
  });

  it("compares as lists of code points do", () => {
    fc.assert(
      fc.property(anyString, anyString, (a, b) => {
        const x = [...a].map((c) => c.codePointAt(0)!);
        const y = [...b].map((c) => c.codePointAt(0)!);
        const i = x.findIndex((point, k) => point !== y[k]);
        const expected = i < 0 ? x.length - y.length : i >= y.length ? 1 : x[i] - y[i];
        assert.equal(Math.sign(compareCodePoints(a, b)), Math.sign(expected));
      }),
    );
  });

  it("counts and cuts as the list of code points does, lone surrogates included", () => {
    const units = fc.string({ unit: fc.constantFrom("a", "😀", "\ud83d", "\ude00", "가") });
    fc.assert(
      fc.property(units, fc.nat(12), fc.nat(12), (text, a, b) => {
        const points = [...text];
        assert.equal(countCodePoints(text), points.length);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        assert.deepEqual(cutAtCodePoints(text, [low, high, points.length]), [
          points.slice(0, low).join(""),
          points.slice(low, high).join(""),
          points.slice(high).join(""),
        ]);
      }),
    );
  });
});
