import assert from "node:assert/strict";
import { toCodePoints, toIndex } from "../../../../src/jupyter/kernel/assist/code-points.ts";
import { History } from "../../../../src/jupyter/kernel/assist/history.ts";

describe("kernel/assist: history", () => {
  const history = new History();
  before(() => {
    for (const [i, [input, output]] of (
      [
        ["a = 1", undefined],
        ["a + 1", "2"],
        ["a = 1", undefined],
        ["b.c()", "x"],
        ["(x)\ny", "3"],
      ] as const
    ).entries()) {
      history.add(i + 1, input, output);
    }
  });
  const lines = (request: Record<string, unknown>): number[] =>
    history.answer(request).map(([, line]) => line);

  it("tail", () => {
    assert.deepEqual(lines({ hist_access_type: "tail", n: 2 }), [4, 5]);
    assert.deepEqual(lines({ hist_access_type: "tail", n: 0 }), []);
    assert.deepEqual(lines({ hist_access_type: "tail", n: 99 }), [1, 2, 3, 4, 5]);
  });

  it("range, of this session only", () => {
    assert.deepEqual(lines({ hist_access_type: "range", session: 0, start: 2, stop: 4 }), [2, 3]);
    assert.deepEqual(lines({ hist_access_type: "range", session: 1, start: 4 }), [4, 5]);
    assert.deepEqual(lines({ hist_access_type: "range", session: -1, start: 1, stop: 9 }), []);
  });

  it("search by pattern over the whole text, unique, the last n", () => {
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "a*" }), [1, 2, 3]);
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "a*", unique: true }), [2, 3]);
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "a*", n: 1 }), [3]);
    assert.deepEqual(
      lines({ hist_access_type: "search", pattern: "b.c()" }),
      [4],
      "no character but * and ? is special",
    );
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "b?c()" }), [4]);
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "(x)*" }), [5], "over lines");
    assert.deepEqual(lines({ hist_access_type: "search", pattern: "x" }), []);
    assert.deepEqual(lines({ hist_access_type: "nonsense" }), []);
  });

  it("gives outputs when they are asked for", () => {
    assert.deepEqual(history.answer({ hist_access_type: "tail", n: 4, output: true })[0], [
      1,
      2,
      ["a + 1", "2"],
    ]);
    assert.deepEqual(history.answer({ hist_access_type: "range", start: 1, stop: 2, output: true }), [
      [1, 1, ["a = 1", null]],
    ]);
  });
});

describe("kernel/assist: code points", () => {
  it("and UTF-16 units are turned into each other", () => {
    const text = "a😀é𝒙b";
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 9].map((n) => toIndex(text, n)),
      [0, 1, 3, 4, 6, 7, 7],
    );
    assert.deepEqual(
      [0, 1, 3, 4, 6, 7, 99].map((n) => toCodePoints(text, n)),
      [0, 1, 2, 3, 4, 5, 5],
    );
  });
});
