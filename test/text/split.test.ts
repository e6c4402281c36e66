import assert from "node:assert/strict";
import fc from "fast-check";
import { Generator } from "../../src/random.ts";
import { PythonRandom, splitText } from "../../src/text/index.ts";
import { splitEnds } from "../../src/text/split.ts";

describe("splitEnds", () => {
  it("cuts where int(share·N) of the published splits cuts", () => {
    assert.deepEqual(splitEnds(32033, { fractions: [0.8, 0.1, 0.1] }), [25626, 28829]);
    assert.deepEqual(splitEnds(1115394, { fractions: [0.9, 0.1] }), [1003854, 1115394]);
    assert.deepEqual(splitEnds(1115394, {}), [1003854, 1115394]);
  });

  it("does not lose a thing to rounding", () => {
    assert.equal(0.7 + 0.2, 0.8999999999999999);
    assert.deepEqual(splitEnds(10, { fractions: [0.7, 0.2, 0.1] }), [7, 9]);
    assert.deepEqual(splitEnds(10, { fractions: [1, 0] }), [10, 10]);
    for (let n = 1; n <= 1000; n++) assert.equal(splitEnds(100 * n, { fractions: [0.29, 0.71] })[0], 29 * n);
  });

  it("takes exact counts, the last one being the rest", () => {
    assert.deepEqual(splitEnds(10, { counts: [6, 3, 1] }), [6, 9]);
    assert.deepEqual(splitEnds(10, { counts: [6, 3] }), [6, 9]);
  });

  it("refuses shares that do not fit", () => {
    assert.throws(() => splitEnds(10, { fractions: [0.8, 0.1, 0.2] }), /\[0\.8, 0\.1, 0\.2\] sum to 1\.1/);
    assert.throws(() => splitEnds(10, { fractions: [0.8, 0.1, 0.05] }), /sum to/);
    assert.throws(() => splitEnds(10, { counts: [6, 3, 2] }), /sum to 11, but there are 10/);
    assert.throws(() => splitEnds(10, { counts: [6, 5] }), /sum to 11/);
    assert.throws(() => splitEnds(10, { fractions: [0.9] }), /\[train, valid\] or \[train, valid, test\]/);
    assert.throws(() => splitEnds(10, { fractions: [1.1, 0] }), /≤ 1/);
    assert.throws(() => splitEnds(10, { counts: [6.5, 1] }), /whole number/);
    assert.throws(() => splitEnds(10, { counts: [6, 4], fractions: [0.5, 0.5] }), /not both/);
  });
});

describe("splitText", () => {
  it("cuts at code points", () => {
    assert.deepEqual(splitText("😀b😀d", { by: "character", counts: [2, 1] }), ["😀b", "😀", "d"]);
  });

  it("cuts at lines, and closes the last one", () => {
    assert.deepEqual(splitText("a\nb\nc", { by: "line", counts: [2, 0] }), ["a\nb\n", "", "c\n"]);
  });

  it("shuffles lines by an explicit generator, of this library or of Python", () => {
    const text = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    const python = splitText(text, { by: "line", counts: [9, 1], shuffle: new PythonRandom(42) });
    const order = new PythonRandom(42).shuffle([..."0123456789"]);
    assert.deepEqual(python.join("").trim().split("\n"), order);
    const ours = (seed: number) => splitText(text, { by: "line", shuffle: new Generator(seed) }).join("");
    assert.equal(ours(1), ours(1));
    assert.notEqual(ours(1), ours(2));
    assert.deepEqual(ours(1).trim().split("\n").sort(), [..."0123456789"]);
    assert.throws(
      () => splitText(text, { by: "character", shuffle: new Generator(1) }),
      /only lines can be shuffled/,
    );
  });

  it("loses and doubles nothing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, share) => {
          const parts = splitText(text, { by: "character", fractions: [share, 0] });
          assert.equal(parts.join(""), text);
        },
      ),
    );
  });
});
