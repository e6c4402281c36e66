import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { Evaluation } from "../../src/lm/evaluation.ts";
import { bundleOf } from "../../src/show.ts";

const near = (a: number, b: number): void =>
  assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${a} ≠ ${b}`);

describe("Evaluation", () => {
  it("gives every figure from two sums", () => {
    const e = new Evaluation({ nll: 12 * Math.log(8), tokens: 12, unit: "word", characters: 60 });
    near(e.nats, Math.log(8));
    near(e.bits, 3);
    near(e.perplexity, 8);
    near(e.bitsPerCharacter, 36 / 60);
    near(e.natsPerCharacter, (36 / 60) * Math.LN2);
    near(e.perplexity, (2 ** e.bitsPerCharacter) ** (60 / 12)); // ppl_word = ppl_char^(characters per word)
  });

  it("gives a uniform choice of V the perplexity V", () => {
    for (const V of [1, 2, 27, 10000])
      near(new Evaluation({ nll: 5 * Math.log(V), tokens: 5 }).perplexity, V);
  });

  it("knows that a character is a character", () => {
    near(new Evaluation({ nll: 3, tokens: 3, unit: "character" }).bitsPerCharacter, 1 / Math.LN2);
    assert.throws(() => new Evaluation({ nll: 3, tokens: 3, unit: "word" }).bitsPerCharacter, {
      name: "ArgumentError",
      message: /bitsPerCharacter: the number of characters is not known/,
    });
  });

  it("merges parts of different length by their sums, not by their averages", () => {
    const a = new Evaluation({ nll: 10, tokens: 10, unit: "word", characters: 40 });
    const b = new Evaluation({ nll: 9, tokens: 3, unit: "word", characters: 9 });
    const both = a.merge(b);
    assert.deepEqual(both.toJSON(), { nll: 19, tokens: 13, unit: "word", characters: 49 });
    assert.equal(a.merge(new Evaluation({ nll: 1, tokens: 1, unit: "word" })).characters, undefined);
    assert.deepEqual(Evaluation.merge([a, b, a]).toJSON(), {
      nll: 29,
      tokens: 23,
      unit: "word",
      characters: 89,
    });
    assert.throws(
      () => a.merge(new Evaluation({ nll: 1, tokens: 1, unit: "jamo" })),
      /per word and nats per jamo cannot be added/,
    );
    assert.throws(() => Evaluation.merge([]), /expected evaluations/);
  });

  it("is the same however a text is cut", () => {
    const parts = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 20, noNaN: true })),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const merged = Evaluation.merge(
          list.map(([tokens, nats]) => new Evaluation({ nll: tokens * nats, tokens })),
        );
        const tokens = list.reduce((sum, [n]) => sum + n, 0);
        assert.equal(merged.tokens, tokens);
        near(merged.nats, list.reduce((sum, [n, nats]) => sum + n * nats, 0) / tokens);
      }),
    );
  });

  it("refuses an average over nothing, by name", () => {
    assert.throws(() => new Evaluation({ nll: 0, tokens: 0, unit: "word" }), {
      name: "DataError",
      message:
        "Evaluation: 0 words were predicted; the text to evaluate is empty or too short; give a longer one",
    });
    assert.throws(() => new Evaluation({ nll: Number.NaN, tokens: 2 }), {
      name: "DataError",
      message: /NaN/,
    });
    assert.throws(() => new Evaluation({ nll: 1, tokens: 1.5 }), { name: "ArgumentError" });
    assert.throws(() => new Evaluation({ nll: 1, tokens: 1, characters: 0 }), { name: "ArgumentError" });
  });

  it("allows what is impossible: −ln 0 = ∞", () => {
    const e = new Evaluation({ nll: Infinity, tokens: 3 });
    assert.equal(e.perplexity, Infinity);
    assert.equal(String(e), "Infinity nats per token, perplexity ∞");
  });

  it("goes through JSON", () => {
    const e = new Evaluation({ nll: 2, tokens: 4, unit: "word", characters: 9 });
    assert.deepEqual(new Evaluation(JSON.parse(JSON.stringify(e))), e);
  });

  it("shows each figure with its unit", () => {
    const e = new Evaluation({ nll: 24 * Math.log(4), tokens: 24, unit: "word", characters: 96 });
    assert.equal(
      inspect(e),
      "Evaluation\n" +
        "  cross-entropy  1.3863  nats per word\n" +
        "                 2.0000  bits per word\n" +
        "  perplexity      4.000  choices per word\n" +
        "                 0.5000  bits per character\n" +
        "  predicted          24  words",
    );
    assert.match(
      String((bundleOf(e) as Record<string, unknown>)["text/html"]),
      /<td[^>]*>nats per word<\/td>/,
    );
    assert.equal(String(e), "1.3863 nats per word, perplexity 4.000");
    const ofJamo = new Evaluation({ nll: 24, tokens: 24, unit: "jamo", characters: 10 });
    assert.match(inspect(ofJamo), / {2}predicted {10}24 {2}jamo$/);
  });
});
