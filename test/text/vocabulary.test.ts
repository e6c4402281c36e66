import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { bundleOf } from "../../src/show.ts";
import { compareCodePoints, Vocabulary } from "../../src/text/index.ts";

describe("Vocabulary", () => {
  it("counts, sorts by code point, encodes and decodes", () => {
    const v = Vocabulary.from("hello");
    assert.deepEqual(v.tokens, ["e", "h", "l", "o"]);
    assert.deepEqual(v.counts, [1, 1, 2, 1]);
    assert.equal(v.size, 4);
    assert.deepEqual(v.encode("hole"), Int32Array.of(1, 3, 2, 0));
    assert.deepEqual(v.decode([1, 0]), ["h", "e"]);
    assert.equal(v.id("l"), 2);
    assert.equal(v.token(3), "o");
    assert.equal(v.has("x"), false);
    assert.equal(v.unknownId, -1);
  });

  it("puts specials and the unknown token first, then the order asked for", () => {
    const words = "b a c a b a <unk>".split(" ");
    const byPoint = Vocabulary.from(words, { unknown: "<unk>" });
    assert.deepEqual(byPoint.tokens, ["<unk>", "a", "b", "c"]);
    assert.deepEqual(byPoint.counts, [1, 3, 2, 1]); // the text itself may hold "<unk>", as the Penn Treebank does
    const byCount = Vocabulary.from("b a c a b a d".split(" "), {
      unknown: "<unk>",
      specials: ["<pad>", "<eos>"],
      order: "frequency",
    });
    assert.deepEqual(byCount.tokens, ["<pad>", "<eos>", "<unk>", "a", "b", "c", "d"]); // c, d: a tie, by code point
    const inSpecials = Vocabulary.from(["a"], { unknown: "?", specials: ["<pad>", "?"] });
    assert.deepEqual(inSpecials.tokens, ["<pad>", "?", "a"]);
    assert.equal(inSpecials.unknownId, 1);
  });

  it("cuts rare tokens and gives their counts to the unknown token", () => {
    const words = "a a a b b c d".split(" ");
    const v = Vocabulary.from(words, { unknown: "<unk>", minCount: 2 });
    assert.deepEqual(v.tokens, ["<unk>", "a", "b"]);
    assert.deepEqual(v.counts, [2, 3, 2]);
    assert.deepEqual(v.encode(["a", "c", "new"]), Int32Array.of(1, 0, 0));
    const small = Vocabulary.from(words, { unknown: "<unk>", maxSize: 3 });
    assert.deepEqual(small.tokens, ["<unk>", "a", "b"]);
    assert.deepEqual(Vocabulary.from(words, { unknown: "<unk>", maxSize: 4 }).tokens, [
      "<unk>",
      "a",
      "b",
      "c",
    ]);
  });

  it("treats __proto__, constructor and the empty string as words", () => {
    const words = ["__proto__", "constructor", "hasOwnProperty", "", "__proto__"];
    const v = Vocabulary.from(words);
    assert.deepEqual(v.tokens, ["", "__proto__", "constructor", "hasOwnProperty"]);
    assert.deepEqual(v.encode(words), Int32Array.of(1, 2, 3, 0, 1));
    assert.equal(v.counts[v.id("__proto__")], 2);
    assert.equal(v.has("toString"), false);
    assert.deepEqual(Vocabulary.fromJSON(JSON.parse(JSON.stringify(v))).encode(words), v.encode(words));
    assert.equal(({} as { dtype?: unknown }).dtype, undefined);
  });

  it("keeps surrogate pairs together and sorts them after U+FB01", () => {
    const v = Vocabulary.from("😀ﬁa");
    assert.deepEqual(v.tokens, ["a", "ﬁ", "😀"]);
  });

  it("names an unknown token and its position", () => {
    const v = Vocabulary.from("hello");
    assert.throws(() => v.encode("hexe"), {
      name: "DataError",
      message: /^Vocabulary\.encode: token 2: "x" is not in the vocabulary of 4 tokens .*unknown: "<unk>"/,
    });
    assert.throws(() => v.id("\n"), { name: "DataError", message: /"\\n" is not in/ });
    assert.throws(() => v.token(4), {
      name: "IndexError",
      message: "Vocabulary.token: id 4 is outside 0 … 3",
    });
    for (const id of [-1, 2 ** 31 - 1, 0.5, Number.NaN]) {
      assert.throws(() => v.decode([id]), { name: "IndexError" });
    }
  });

  it("refuses what cannot be a vocabulary", () => {
    assert.throws(() => Vocabulary.from(""), { name: "DataError", message: /no tokens/ });
    assert.throws(() => Vocabulary.from("aab", { minCount: 2 }), {
      name: "ArgumentError",
      message: /would drop 1 of 2 tokens \(such as "b"\).*unknown: "<unk>"/,
    });
    assert.throws(() => Vocabulary.from("ab", { maxSize: 0 }), /maxSize must be/);
    assert.throws(
      () => Vocabulary.from("ab", { unknown: "?", specials: ["x"], maxSize: 1 }),
      /less than the 2 specials/,
    );
    assert.throws(() => Vocabulary.from("ab", { minCount: 1.5 }), /minCount must be a whole number/);
    assert.throws(() => Vocabulary.from("ab", { order: "random" as "codePoint" }), /order must be/);
    assert.throws(() => Vocabulary.fromTokens(["a", "b", "a"]), /"a" is listed twice/);
    assert.throws(() => Vocabulary.fromTokens(["a", "b"], "?"), /"\?" is not among the tokens/);
  });

  it("goes to JSON and back, and refuses other JSON", () => {
    const v = Vocabulary.from("a b a".split(" "), { unknown: "<unk>" });
    const back = Vocabulary.fromJSON(JSON.parse(JSON.stringify(v)));
    assert.deepEqual(back.toJSON(), v.toJSON());
    assert.equal(back.unknownId, 0);
    const bad: unknown[] = [
      null,
      {},
      { tokens: ["a"], counts: [], unknown: null },
      { tokens: ["a"], counts: [-1], unknown: null },
      { tokens: [1], counts: [1], unknown: null },
      { tokens: "a", counts: [1], unknown: null },
      { tokens: ["a"], counts: [1] },
    ];
    for (const json of bad) {
      assert.throws(() => Vocabulary.fromJSON(json as never), /not a vocabulary/, JSON.stringify(json));
    }
    assert.throws(
      () => Vocabulary.fromJSON({ tokens: ["a", "a"], counts: [1, 1], unknown: null }),
      /listed twice/,
    );
  });

  it("cannot be changed from outside", () => {
    const v = Vocabulary.from("ab");
    assert.throws(() => (v.tokens as string[]).push("c"), TypeError);
    assert.throws(() => (v.counts as number[]).fill(9), TypeError);
  });

  it("encodes what it was made from: ids are in range, decoding gives the tokens back", () => {
    const token = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom("__proto__", "constructor", "<unk>", "a"),
    );
    const order = fc.constantFrom<"codePoint" | "frequency">("codePoint", "frequency");
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 40 }), order, (tokens, by) => {
        const v = Vocabulary.from(tokens, { order: by });
        assert.deepEqual(v.decode(v.encode(tokens)), tokens);
        assert.equal(v.size, new Set(tokens).size);
        assert.equal(
          v.counts.reduce((a, b) => a + b, 0),
          tokens.length,
        );
        for (let id = 1; id < v.size; id++) {
          const inOrder = compareCodePoints(v.tokens[id - 1], v.tokens[id]) < 0;
          if (by === "codePoint") assert.ok(inOrder);
          else assert.ok(v.counts[id - 1] > v.counts[id] || (v.counts[id - 1] === v.counts[id] && inOrder));
        }
      }),
    );
  });

  it("keeps the counts whole when tokens are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(..."abcdef"), { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        (tokens, n) => {
          for (const cut of [{ minCount: n }, { maxSize: n + 1 }]) {
            const v = Vocabulary.from(tokens, { unknown: "<unk>", ...cut });
            assert.equal(
              v.counts.reduce((a, b) => a + b, 0),
              tokens.length,
            );
          }
        },
      ),
    );
  });

  it("shows itself as a table, with every token quoted and escaped", () => {
    const v = Vocabulary.from(["<b>", "\n", "a", "a"]);
    assert.match(inspect(v), /^Vocabulary of 3 tokens, counted 4\n/);
    assert.match(inspect(v), /\n {2}2 {3}"a" {8}2 {2}50\.00 %/);
    const html = String((bundleOf(v) as Record<string, unknown>)["text/html"]);
    assert.match(html, /&#34;&#60;b&#62;&#34;/);
    assert.ok(!html.includes("<b>"));
    const long = Vocabulary.from(Array.from({ length: 100 }, (_, i) => `w${i}`));
    const table = inspect(long).split("\n");
    assert.equal(table.length, 2 + 12 + 1 + 12);
    assert.equal(table[14], "  …   …          …       …"); // numbers stay aligned to the right around the gap
  });
});
