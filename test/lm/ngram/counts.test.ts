import assert from "node:assert/strict";
import { inspect } from "node:util";
import { NGramCounts } from "../../../src/lm/ngram/index.ts";
import { corpusFromText, Vocabulary } from "../../../src/text/index.ts";

const sam = [
  ["I", "am", "Sam"],
  ["Sam", "I", "am"],
];

describe("NGramCounts", () => {
  const counts = NGramCounts.of(sam, { order: 3 });

  it("counts grams that end at a predicted token, none over the end of a sentence", () => {
    assert.equal(counts.count(["I", "am"]), 2);
    assert.equal(counts.count(["<s>", "Sam"]), 1);
    assert.equal(counts.count(["am", "</s>"]), 1);
    assert.equal(counts.count(["Sam", "Sam"]), 0);
    assert.equal(counts.count(["<s>"]), 0); // given, not predicted
    assert.equal(counts.count(["</s>"]), 2);
    assert.equal(counts.count(["<s>", "I", "am"]), 1);
    assert.equal(counts.count(["never", "am"]), 0);
    assert.equal(counts.continuations(["am"]), 1);
    assert.equal(counts.continuations(["Sam"]), 2); // after <s> and after am
    assert.equal(counts.continuations(["I", "am"]), 2); // after <s> and after Sam
    assert.deepEqual(
      [1, 2, 3].map((m) => counts.entries(m)),
      [4, 7, 6],
    );
    assert.equal(counts.possible(2), 16);
    assert.deepEqual([...counts.totals(0)], [8]);
  });

  it("takes ids as well as tokens", () => {
    const id = (token: string) => counts.vocabulary.id(token);
    assert.equal(counts.count([id("I"), id("am")]), 2);
    assert.equal(counts.count([counts.startId, id("I")]), 1);
    assert.throws(() => counts.count([5]), { name: "IndexError" });
    assert.equal(counts.contextId("<s>"), counts.startId);
    assert.equal(counts.contextId("never"), -1);
  });

  it("counts a corpus of lines as sentences, one text as a stream", () => {
    const lines = NGramCounts.of(corpusFromText("ab\nba", { end: ".", split: { fractions: [1, 0] } }), {
      order: 2,
    });
    assert.equal(lines.count([".", "b"]), 0); // no gram from one line into the next
    assert.equal(lines.count(["<s>", "b"]), 1);
    assert.equal(lines.startSymbols, 1);
    const stream = NGramCounts.of(corpusFromText("ab\nba", { split: { fractions: [1, 0] } }), { order: 2 });
    assert.equal(stream.count(["\n", "b"]), 1);
    assert.equal(stream.startSymbols, 0);
    assert.equal(stream.contextId("b"), 2);
  });

  it("names the start symbol as asked", () => {
    const dots = NGramCounts.of(corpusFromText("ab\nba", { end: ".", split: { fractions: [1, 0] } }), {
      order: 2,
      start: ".",
    });
    assert.equal(dots.count([".", "b"]), 1);
    assert.equal(dots.vocabulary.size, 3);
  });

  it("maps words outside the vocabulary to <unk>", () => {
    const vocabulary = Vocabulary.fromTokens(["<unk>", "a", "</s>"], "<unk>");
    const open = NGramCounts.of([["a", "b", "c"]], { order: 2, vocabulary });
    assert.equal(open.count(["<unk>", "<unk>"]), 1);
    assert.equal(open.count(["a", "zzz"]), 1);
  });

  it("refuses what cannot be counted", () => {
    assert.throws(() => NGramCounts.of(sam, { order: 0 }), {
      name: "ArgumentError",
      message: /order must be .*≥ 1/,
    });
    assert.throws(
      () => NGramCounts.of(sam, { order: 2, startSymbols: 2 as 1 }),
      /startSymbols must be 0, 1 or "n-1", got 2/,
    );
    assert.throws(
      () => NGramCounts.of(sam, { order: 2, end: null, startSymbols: 1 }),
      /endless stream has no start symbols/,
    );
    assert.throws(() => NGramCounts.of([], { order: 2 }), { name: "DataError" });
    assert.throws(() => NGramCounts.of([[]], { order: 2, end: null }), { name: "DataError" });
    assert.throws(
      () => NGramCounts.of("text" as never, { order: 2 }),
      /expected a corpus or a list of sentences/,
    );
    assert.throws(() => NGramCounts.of(["a b"] as never, { order: 2 }), /each a list of tokens/);
    assert.throws(() => counts.count([]), /length of the gram must be/);
    assert.throws(() => counts.count(["I", "am", "Sam", "</s>"]), /≤ 3/);
    assert.throws(() => counts.continuations(["I", "am", "Sam"]), /count to order 4/);
    const vocabulary = Vocabulary.fromTokens(["a", "</s>"]);
    assert.throws(() => NGramCounts.of([["b"]], { order: 1, vocabulary }), {
      name: "DataError",
      message: /"b"/,
    });
  });

  it("shows storage and sparsity by length", () => {
    assert.equal(
      inspect(counts),
      `n-gram counts to order 3, V = 4, ${counts.bytes} B\n` +
        "  m  different m-grams  possible    seen  seen once\n" +
        "  1                  4         4   100 %          0\n" +
        "  2                  7        16  43.8 %          6\n" +
        "  3                  6        64  9.38 %          6",
    );
  });
});
