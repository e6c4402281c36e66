import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Generator } from "../../src/random.ts";
import { corpusFromText, lines, syllables, Vocabulary, words } from "../../src/text/index.ts";

describe("corpusFromText", () => {
  it("makes a character corpus, split 90 : 10 by default", () => {
    const corpus = corpusFromText("abcdefghij");
    assert.equal(corpus.vocabulary.size, 10);
    assert.equal(corpus.decode(corpus.train), "abcdefghi");
    assert.equal(corpus.decode(corpus.valid), "j");
    assert.equal(corpus.test.length, 0);
    assert.deepEqual(corpus.characters, { train: 9, valid: 1, test: 0 });
    assert.equal(corpus.endId, null);
    assert.deepEqual(corpus.encode("cab"), Int32Array.of(2, 0, 1));
    assert.equal(corpus.split("valid"), corpus.valid);
    assert.throws(() => corpus.split("dev" as "valid"), /no part "dev"/);
  });

  it("makes the alphabet from the whole text, or from train if asked", () => {
    const split = { counts: [4, 1] };
    assert.equal(corpusFromText("ababc", { split }).vocabulary.size, 3);
    assert.throws(() => corpusFromText("ababc", { split, vocabularyFrom: "train", name: "x" }), {
      name: "DataError",
      message: /^corpus "x", valid: Vocabulary\.encode: token 0: "c" is not in the vocabulary/,
    });
    const open = corpusFromText("ababc", { split, unknown: "�" });
    assert.deepEqual(open.vocabulary.tokens, ["�", "a", "b"]);
    assert.deepEqual([...open.valid], [0]);
  });

  it("makes words with an unknown token, from the training part", () => {
    const corpus = corpusFromText("the cat sat on the mat", { level: "word", split: { counts: [5, 1] } });
    assert.deepEqual(corpus.vocabulary.tokens, ["<unk>", "cat", "on", "sat", "the"]);
    assert.equal(corpus.decode(corpus.valid), "<unk>");
    assert.equal(corpus.tokenizer, words);
    assert.equal(corpus.characters.valid, 3); // the characters of the text, not of "<unk>"
    const cut = corpusFromText("a a a b", { level: "word", minCount: 2, split: { fractions: [1, 0] } });
    assert.deepEqual(cut.vocabulary.tokens, ["<unk>", "a"]);
    const closed = corpusFromText("a b", { level: "word", unknown: null, split: { fractions: [1, 0] } });
    assert.deepEqual(closed.vocabulary.tokens, ["a", "b"]);
  });

  it("makes sentences of lines", () => {
    const corpus = corpusFromText("emma\nava\nmia", { end: ".", split: { counts: [2, 1] } });
    assert.deepEqual(corpus.vocabulary.tokens, [".", "a", "e", "i", "m", "v"]);
    assert.equal(corpus.endId, 0);
    assert.equal(corpus.vocabulary.decode(corpus.train).join(""), "emma.ava.");
    assert.equal(corpus.decode(corpus.train), "emma\nava\n");
    assert.equal(corpus.vocabulary.decode(corpus.valid).join(""), "mia.");
    const tree = corpusFromText(" a b \n c \n", {
      level: "word",
      end: "<eos>",
      split: { fractions: [1, 0] },
    });
    assert.deepEqual(tree.vocabulary.decode(tree.train), ["a", "b", "<eos>", "c", "<eos>"]);
    assert.deepEqual(tree.characters.train, "a b\nc\n".length);
  });

  it("cuts at the same place for syllables and jamo, so that their bits can be compared", () => {
    const text = "가나다라 마바사아 자차카타 파하".normalize("NFD");
    const options = { split: { fractions: [0.7, 0.3] } };
    const [s, j] = (["syllable", "jamo"] as const).map((level) =>
      corpusFromText(text, { level, ...options }),
    );
    assert.deepEqual(s.characters, j.characters);
    assert.equal(s.decode(s.train), j.decode(j.train));
    assert.equal(s.decode(s.valid), j.decode(j.valid));
    assert.equal(s.train.length, s.characters.train);
    assert.equal(s.decode(s.train) + s.decode(s.valid), text.normalize("NFC"));
    assert.ok(j.train.length > s.train.length);
  });

  it("takes parts, a tokenizer and a vocabulary that are there already", () => {
    const parts = corpusFromText({ train: "abab", valid: "ba", test: "a" });
    assert.deepEqual([...parts.valid], [1, 0]);
    assert.equal(parts.test.length, 1);
    assert.throws(() => corpusFromText({ train: "ab" }, { split: {} }), /nothing to split/);
    const own = corpusFromText("가 나\n다", {
      tokenizer: lines(syllables, "$"),
      split: { fractions: [1, 0] },
    });
    assert.equal(own.vocabulary.decode(own.train).join(""), "가 나$다$");
    const vocabulary = Vocabulary.from("zyx");
    assert.equal(corpusFromText("xyzzy", { vocabulary }).vocabulary, vocabulary);
    assert.throws(() => corpusFromText("xyzzy!", { vocabulary }), { name: "DataError", message: /"!"/ });
  });

  it("shuffles lines by an explicit generator", () => {
    const text = Array.from({ length: 20 }, (_, i) => `line ${i}`).join("\n");
    const make = (seed: number) =>
      corpusFromText(text, { end: "$", split: { shuffle: new Generator(seed) } });
    assert.deepEqual(make(1).train, make(1).train);
    assert.notDeepEqual(make(1).train, make(2).train);
    assert.throws(
      () => corpusFromText(text, { split: { shuffle: new Generator(1) } }),
      /only lines can be shuffled/,
    );
    assert.throws(
      () => corpusFromText(text, { level: "word", split: { shuffle: new Generator(1) } }),
      /only lines can be shuffled/,
    );
    assert.throws(() => corpusFromText(text, { split: { by: "page" as "line" } }), /got "page"/);
  });

  it("refuses by name what nothing can be learnt from", () => {
    assert.throws(() => corpusFromText("", { name: "empty.txt" }), {
      name: "DataError",
      message: 'corpus "empty.txt": the text is empty; give at least two tokens',
    });
    assert.throws(() => corpusFromText("x"), {
      name: "DataError",
      message: /its only token is "x".*at least two different/,
    });
    assert.throws(() => corpusFromText("aaaaaaaa"), { name: "DataError", message: /its only token is "a"/ });
    assert.throws(() => corpusFromText("ab", { split: { counts: [1, 1] } }), {
      name: "DataError",
      message: /the training part has 1 tokens; a language model needs at least 2/,
    });
    assert.throws(() => corpusFromText("Mr. X\nY", { end: "." }), {
      name: "DataError",
      message: /occurs in line 1/,
    });
    assert.throws(() => corpusFromText("ab", { level: "byte" as "char" }), /unknown level "byte"/);
  });

  it("shows its parts, with the share of unknown tokens", () => {
    const corpus = corpusFromText("a b a c", { level: "word", split: { counts: [2, 2] }, name: "tiny" });
    assert.equal(
      inspect(corpus),
      'Corpus "tiny": V = 3, one token = one word, one stream\n' +
        "  part   tokens  characters    <unk>\n" +
        "  train       2           3   0.00 %\n" +
        "  valid       2           3  50.00 %\n" +
        "  test        0           0   0.00 %",
    );
    assert.match(
      inspect(corpusFromText("a\nb", { end: "$", split: { fractions: [1, 0] } })),
      /sentences closed by "\$"/,
    );
  });
});
