import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { NGramCounts, NGramLM } from "../../../src/lm/ngram/index.ts";
import { bundleOf } from "../../../src/show.ts";
import { corpusFromText } from "../../../src/text/index.ts";

const love = [
  ["I", "love", "you"],
  ["I", "love", "cats"],
  ["you", "love", "cats"],
];

describe("NGramLM", () => {
  it("works out P(I love you) by the chain rule", () => {
    const model = new NGramLM(love, { order: 2, smoothing: { kind: "mle" } });
    const factors = [
      model.logProb([], "I"), // 2/3 of the sentences begin with I
      model.logProb(["I"], "love"), // always
      model.logProb(["I", "love"], "you"), // 1 of 3 after love
      model.logProb(["I", "love", "you"], "</s>"), // you ends 1 of 2 times
    ];
    const expected = [2 / 3, 1, 1 / 3, 1 / 2];
    for (const [i, f] of factors.entries()) assert.ok(Math.abs(Math.exp(f) - expected[i]) < 1e-15);
    const nll = model.nll(["I", "love", "you", "</s>"]);
    for (const [i, value] of nll.entries()) assert.ok(Math.abs(value + factors[i]) < 1e-15);
    const e = model.evaluate([["I", "love", "you"]]);
    assert.equal(e.tokens, 4);
    assert.ok(Math.abs(e.perplexity - 9 ** 0.25) < 1e-12); // 1/P = 9
  });

  it("keeps the chain rule in every text: nll, logProb, and advance with logProbs agree", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "."), maxLength: 12 });
    const sentences = corpusFromText("abc\nbca\naab\ncab\nc\n", { end: ".", split: { fractions: [1, 0] } });
    const stream = corpusFromText("abcbcaaab.cab.c", { split: { fractions: [1, 0] } });
    const models = [sentences, stream].flatMap((corpus) =>
      ([1, "n-1"] as const).flatMap((startSymbols) =>
        [1, 2, 4].map(
          (order) => new NGramLM(corpus, { order, ...(corpus === stream ? {} : { startSymbols }) }),
        ),
      ),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...models), fc.nat(3), (t, model, given) => {
        const ids = model.tokenizer!.fragment(t).map((token) => model.vocabulary.id(token));
        const nll = model.nll(t);
        assert.equal(nll.length, ids.length);
        let state = model.initialState();
        ids.forEach((id, i) => {
          assert.ok(Math.abs(nll[i] + model.logProbs(state)[id]) < 1e-12);
          assert.ok(Math.abs(nll[i] + model.logProb(ids.slice(0, i), id)) < 1e-12);
          state = model.advance(state, id);
        });
        assert.deepEqual(model.nll(ids, { given }), nll.slice(given));
      }),
    );
  });

  it("does not change a state that it advances", () => {
    const model = new NGramLM(love, { order: 3 });
    const state = model.advance(model.initialState(), model.vocabulary.id("I"));
    const copy = { nodes: state.nodes.slice(), known: state.known };
    model.advance(state, model.vocabulary.id("love"));
    model.advance(state, model.endId!);
    assert.deepEqual(state, copy);
  });

  it("begins a new sentence after the end", () => {
    const model = new NGramLM(love, { order: 3 });
    assert.deepEqual(model.distribution(["you", "</s>"]), model.distribution([]));
    assert.deepEqual(model.distribution(["you", "<s>"]), model.distribution([]));
    assert.notDeepEqual(model.row(["</s>"]), model.distribution([]));
  });

  it("tells undefined from impossible", () => {
    const model = new NGramLM(love, { order: 2, smoothing: { kind: "mle" } });
    assert.equal(model.logProb(["love"], "I"), -Infinity);
    assert.ok(Number.isNaN(model.logProb(["never"], "I")));
    assert.ok(model.row(["never"]).every(Number.isNaN));
    assert.equal(model.evaluate([["cats", "love"]]).perplexity, Infinity);
    const stream = new NGramLM([["a", "b", "c"]], { order: 2, end: null, smoothing: { kind: "mle" } });
    assert.deepEqual([...stream.nll(["c", "a"], { given: 1 })], [Infinity]); // after c nothing was ever seen
    assert.throws(() => stream.generate({ prompt: ["c"], seed: 1 }), {
      name: "DataError",
      message: /never seen this context/,
    });
  });

  it("refuses to call scores a perplexity", () => {
    const model = new NGramLM(love, { order: 2, smoothing: { kind: "stupidBackoff" } });
    assert.throws(() => model.evaluate(love), {
      name: "ArgumentError",
      message: /stupid back-off do not sum to 1/,
    });
    assert.ok(Math.abs(model.nll(["you", "you"])[1] + Math.log((0.4 * 2) / 12)) < 1e-12); // but ranks by them
    assert.equal(model.generate({ seed: 1, length: 3 }).tokens.length <= 3, true);
  });

  it("predicts all tokens but those given", () => {
    const corpus = corpusFromText("abcabcabcab", { split: { counts: [8, 3] } });
    const model = new NGramLM(corpus, { order: 2 });
    assert.equal(model.evaluate(corpus).tokens, 3);
    assert.equal(model.evaluate(corpus, { given: 1 }).tokens, 2);
    assert.equal(model.evaluate(corpus, { split: "train" }).tokens, 8);
    assert.equal(model.evaluate("cab").unit, "character");
    // 책 has three letters, 나 two: without the first three, one character less stands behind the bits.
    const jamo = corpusFromText({ train: "책나책나책나", valid: "책나" }, { level: "jamo" });
    const letters = new NGramLM(jamo, { order: 2 });
    assert.equal(letters.evaluate(jamo).characters, 2);
    assert.equal(letters.evaluate(jamo, { given: 3 }).characters, 1);
    assert.equal(letters.evaluate(jamo, { given: 3 }).tokens, 2);
    assert.throws(() => model.evaluate(corpus, { split: "test" }), {
      name: "DataError",
      message: /0 characters were predicted/,
    });
    assert.throws(() => model.evaluate(corpus, { given: -1 }), /given must be/);
    assert.throws(() => model.evaluate("xyz"), {
      name: "DataError",
      message: /token 0: "x" is not in the vocabulary/,
    });
  });

  it("maps unknown words to <unk>, in contexts and as predictions", () => {
    const corpus = corpusFromText("a b a b a b x y z", {
      level: "word",
      minCount: 2,
      split: { fractions: [1, 0] },
    });
    const model = new NGramLM(corpus, { order: 2 });
    assert.equal(model.logProb(["b"], "new"), model.logProb(["b"], "<unk>"));
    assert.deepEqual(model.distribution(["new"]), model.distribution(["<unk>"]));
  });

  it("treats __proto__ and constructor as words", () => {
    const model = new NGramLM(
      [
        ["__proto__", "constructor"],
        ["constructor", "__proto__"],
      ],
      { order: 3 },
    );
    assert.ok(model.row(["__proto__"]).every((p) => p > 0 && p < 1));
    assert.equal(model.counts.count(["__proto__", "constructor"]), 1);
  });

  it("writes sentences that end, and finds the most probable ones", () => {
    const model = new NGramLM(love, { order: 3, smoothing: { kind: "mle" } });
    const text = model.generate({ seed: 2 });
    assert.equal(text.reason, "end");
    assert.ok(love.map((s) => s.join(" ")).includes(text.text), text.text);
    const [best, second, third, ...rest] = model.beam({ width: 9 });
    assert.equal(rest.length, 0);
    assert.deepEqual([best, second, third].map((h) => h.text).sort(), love.map((s) => s.join(" ")).sort());
    assert.ok(Math.abs(best.logProb - Math.log(1 / 3)) < 1e-12);
    assert.equal(model.generate({ prompt: ["you"], greedy: true }).text, "you love cats");
  });

  it("refuses options that make no model", () => {
    assert.throws(() => new NGramLM(love, {}), /give the order/);
    assert.throws(() => new NGramLM(NGramCounts.of(love, { order: 2 }), { order: 3 }), /order must be .*≤ 2/);
    const smooth = (smoothing: unknown) => () =>
      new NGramLM(love, { order: 2, smoothing: smoothing as { kind: "mle" } });
    assert.throws(smooth({ kind: "goodTuring" }), {
      name: "ArgumentError",
      message: /unknown smoothing "goodTuring"/,
    });
    assert.throws(smooth(null), /unknown smoothing/);
    assert.throws(smooth({ kind: "addK", k: 0 }), /k of add-k smoothing must be/);
    assert.throws(smooth({ kind: "kneserNey", discount: 1.5 }), /Kneser–Ney discount must be/);
    assert.throws(
      smooth({ kind: "kneserNey", discount: "mod" }),
      /must be a number, "estimate" or "modified", got "mod"/,
    );
    assert.throws(smooth({ kind: "stupidBackoff", alpha: 0 }), /alpha of stupid back-off must be/);
    const model = new NGramLM(love, { order: 2 });
    assert.throws(() => model.logProb([], "never"), {
      name: "DataError",
      message: /"never" is not in the vocabulary/,
    });
    assert.throws(() => model.logProb([], 99), { name: "IndexError" });
    assert.throws(() => model.logProb("I love", "you"), /made from lists of tokens/);
  });

  it("shows its method and what it estimated", () => {
    const model = new NGramLM(love, {
      order: 2,
      smoothing: { kind: "kneserNey", discount: 0.75, floor: false },
    });
    assert.match(
      inspect(model),
      /^NGramLM of order 2\n {2}smoothing +kneserNey\n {2}D, order 2 +0\.750\n {2}floor +none\n {2}vocabulary +5\n {2}different n-grams +8\n/,
    );
    assert.match(
      String((bundleOf(model) as Record<string, unknown>)["text/html"]),
      /<td[^>]*>kneserNey<\/td>/,
    );
  });
});
