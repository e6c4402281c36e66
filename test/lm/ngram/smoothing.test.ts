import assert from "node:assert/strict";
import fc from "fast-check";
import { reber } from "../../../src/data/reber.ts";
import { NGramCounts, NGramLM, type Smoothing } from "../../../src/lm/ngram/index.ts";
import { Generator } from "../../../src/random.ts";
import { corpusFromText, Vocabulary } from "../../../src/text/index.ts";

const LETTERS = ["a", "b", "c", "d"];
const sentence = fc.array(fc.constantFrom(...LETTERS), { maxLength: 8 });
const corpus = fc.array(sentence, { minLength: 1, maxLength: 10 });
const order = fc.integer({ min: 1, max: 5 });
/** How sentences begin and end. The last is one stream. */
const borders = fc.constantFrom<{ startSymbols: 0 | 1 | "n-1"; end: string | null }>(
  { startSymbols: 1, end: "</s>" },
  { startSymbols: "n-1", end: "</s>" },
  { startSymbols: 0, end: "</s>" },
  { startSymbols: 0, end: null },
);
const normalized = fc.constantFrom<Smoothing>(
  { kind: "addK" },
  { kind: "addK", k: 0.01 },
  { kind: "jelinekMercer", floor: true },
  { kind: "jelinekMercer" },
  { kind: "kneserNey" },
  { kind: "kneserNey", floor: false },
  { kind: "kneserNey", discount: "estimate" },
  { kind: "kneserNey", discount: "estimate", floor: false },
  { kind: "kneserNey", discount: 0.75 },
  { kind: "kneserNey", discount: 0, floor: false },
  { kind: "kneserNey", discount: 1, floor: true },
);

const sum = (row: Float64Array): number => row.reduce((a, b) => a + b, 0);

describe("smoothing: properties over random corpora", () => {
  it("every row is a distribution, in every context, and the single look-up agrees with it", () => {
    const context = fc.array(fc.constantFrom(...LETTERS, "<s>", "never"), { maxLength: 6 });
    fc.assert(
      fc.property(
        corpus,
        order,
        borders,
        normalized,
        fc.array(context, { minLength: 1, maxLength: 6 }),
        (sentences, n, b, smoothing, contexts) => {
          fc.pre(sentences.some((s) => s.length > 0) || b.end !== null);
          const counts = NGramCounts.of(sentences, { order: n, ...b });
          const model = new NGramLM(counts, { smoothing, heldOut: sentences });
          for (const tokens of contexts) {
            const known = tokens.filter((t) => t !== "<s>" || b.startSymbols !== 0);
            const row = model.row(known);
            assert.ok(Math.abs(sum(row) - 1) < 1e-12, `Σ = ${sum(row)} after ${known}`);
            assert.ok(row.every((p) => p >= 0));
            const distribution = model.distribution(known);
            assert.ok(Math.abs(sum(distribution) - 1) < 1e-12);
            distribution.forEach((p, w) => {
              const single = Math.exp(model.logProb(known, w));
              assert.ok(Math.abs(single - p) < 1e-12, `${single} ≠ ${p}`);
            });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("with a floor no token is impossible, in any context", () => {
    fc.assert(
      fc.property(corpus, order, sentence, (sentences, n, context) => {
        const vocabulary = Vocabulary.fromTokens([...LETTERS, "</s>", "never seen"]);
        const lambdas = [...new Array(n).fill(0.9 / n), 0.1];
        for (const smoothing of [
          { kind: "kneserNey", discount: 0.5 },
          { kind: "jelinekMercer", floor: true, lambdas },
          { kind: "addK", k: 0.1 },
        ] as Smoothing[]) {
          const model = new NGramLM(sentences, { order: n, smoothing, vocabulary });
          assert.ok(model.row(context).every((p) => p > 0));
          assert.ok(model.distribution(context).every((p) => p > 0));
        }
      }),
    );
  });

  it("MLE rows sum to 1, or are undefined where the context was never seen", () => {
    fc.assert(
      fc.property(corpus, order, borders, sentence, (sentences, n, b, context) => {
        fc.pre(sentences.some((s) => s.length > 0) || b.end !== null);
        const model = new NGramLM(sentences, { order: n, ...b, smoothing: { kind: "mle" } });
        const row = model.row(context);
        const history = n === 1 ? [] : context.slice(-(n - 1));
        const followed = model.vocabulary.tokens.reduce(
          (sum, w) => sum + model.counts.count([...history, w]),
          0,
        );
        assert.equal(row.every(Number.isNaN), followed === 0);
        if (followed > 0) assert.ok(Math.abs(sum(row) - 1) < 1e-12);
      }),
    );
  });

  it("Kneser–Ney keeps the marginal: Σ_v c(v) P(w | v) = c(w), to 1e-12", () => {
    fc.assert(
      fc.property(corpus, borders, fc.double({ min: 0, max: 1, noNaN: true }), (sentences, b, discount) => {
        fc.pre(sentences.some((s) => s.length > 1));
        const counts = NGramCounts.of(sentences, { order: 2, ...b });
        const model = new NGramLM(counts, { smoothing: { kind: "kneserNey", discount, floor: false } });
        const V = counts.vocabulary.size;
        const marginal = new Float64Array(V);
        const target = new Float64Array(V);
        const totals = counts.totals(1);
        for (let v = 0; v <= V; v++) {
          if (totals[v] === 0) continue;
          model.row([v]).forEach((p, w) => {
            marginal[w] += totals[v] * p;
            target[w] += counts.count([v, w]);
          });
        }
        // With start symbols the sum over contexts is the unigram count; a stream's first token has no context.
        marginal.forEach((value, w) => {
          assert.ok(Math.abs(value - target[w]) <= 1e-12 * Math.max(1, target[w]), `${value} ≠ ${target[w]}`);
          if (b.startSymbols !== 0) assert.equal(target[w], counts.count([w]));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("one table serves every lower order: the same as counting to that order", () => {
    fc.assert(
      fc.property(corpus, borders, normalized, sentence, (sentences, b, smoothing, context) => {
        fc.pre(sentences.some((s) => s.length > 0) || b.end !== null);
        const counts = NGramCounts.of(sentences, { order: 5, ...b });
        for (let n = 1; n <= 5; n++) {
          const shared = new NGramLM(counts, { order: n, smoothing, heldOut: sentences });
          const own = new NGramLM(sentences, { order: n, ...b, smoothing, heldOut: sentences });
          assert.deepEqual(shared.row(context), own.row(context));
          assert.deepEqual(shared.distribution(context), own.distribution(context));
        }
      }),
    );
  });
});

/** Interpolated Kneser–Ney written as in the textbook, with maps of strings: slow, and nothing shared with the library. */
function textbookKneserNey(sentences: string[][], n: number, starts: number, D: number, floor: boolean) {
  const join = (g: string[]) => g.join(" ");
  const grams = new Map<string, number>();
  const add = (g: string[]) => grams.set(join(g), (grams.get(join(g)) ?? 0) + 1);
  const vocabulary = [...new Set([...sentences.flat(), "</s>"])].sort();
  for (const s of sentences) {
    const padded = [...new Array(starts).fill("<s>"), ...s, "</s>"];
    for (let end = starts; end < padded.length; end++) {
      for (let m = 1; m <= Math.min(n, end + 1); m++) add(padded.slice(end - m + 1, end + 1));
    }
  }
  const split = [...grams].map(([key, count]) => ({ gram: key.split(" "), count }));
  const a = (gram: string[]): number => {
    const raw = grams.get(join(gram)) ?? 0;
    if (gram.length === n || (starts === 1 && gram[0] === "<s>")) return raw;
    return split.filter((g) => g.gram.length === gram.length + 1 && join(g.gram.slice(1)) === join(gram))
      .length;
  };
  const p = (w: string, v: string[]): number => {
    const row = vocabulary.map((x) => a([...v, x]));
    const total = row.reduce((x, y) => x + y, 0);
    const discounted = v.length > 0 || floor;
    const lower = v.length > 0 ? p(w, v.slice(1)) : 1 / vocabulary.length;
    if (total === 0) return lower;
    const left = discounted ? row.filter((x) => x > 0).length * D : 0;
    return (Math.max(0, a([...v, w]) - (discounted ? D : 0)) + left * lower) / total;
  };
  return { vocabulary, p };
}

describe("Kneser–Ney against the textbook", () => {
  it("agrees on random sentences, with one start symbol and with n − 1, with and without floor", () => {
    const small = fc.array(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    });
    const D = fc.constantFrom(0.25, 0.75, 1);
    fc.assert(
      fc.property(
        small,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        D,
        fc.boolean(),
        (sentences, n, one, discount, floor) => {
          const model = new NGramLM(sentences, {
            order: n,
            startSymbols: one ? 1 : "n-1",
            smoothing: { kind: "kneserNey", discount, floor },
          });
          const starts = one ? 1 : Math.max(1, n - 1);
          const book = textbookKneserNey(sentences, n, starts, discount, floor);
          assert.deepEqual([...model.vocabulary.tokens].sort(), book.vocabulary);
          for (const test of [[], ["a"], ["a", "b", "a", "c"], ["c", "c", "c"]]) {
            const history = [...new Array(starts).fill("<s>"), ...test].slice(n === 1 ? Infinity : -(n - 1));
            for (const w of book.vocabulary) {
              const expected = book.p(w, history);
              const actual = Math.exp(model.logProb(test, w));
              assert.ok(
                Math.abs(actual - expected) < 1e-12,
                `P(${w} | ${history}) = ${actual}, expected ${expected}`,
              );
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("Kneser–Ney on lists without end token", () => {
  it("a token that only begins lists is a start symbol: the same models, given that token", () => {
    const body = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 });
    const bodies = fc.array(body, { minLength: 1, maxLength: 8 });
    const discounts = fc.constantFrom<0.75 | "estimate" | "modified">(0.75, "estimate", "modified");
    fc.assert(
      fc.property(bodies, fc.integer({ min: 2, max: 5 }), discounts, (strings, n, discount) => {
        const smoothing: Smoothing = { kind: "kneserNey", discount, floor: false };
        const whole = strings.map((body) => ["B", ...body, "E"]);
        const lists = new NGramLM(whole, { order: n, end: null, smoothing });
        const sentences = new NGramLM(strings, { order: n, start: "B", end: "E", smoothing });
        for (const string of [...strings, ["a", "c", "b", "b"]]) {
          const known = string.filter((token) => lists.vocabulary.has(token));
          const actual = lists.nll(["B", ...known, "E"], { given: 1 });
          const expected = sentences.nll([...known, "E"]);
          assert.equal(actual.length, expected.length);
          actual.forEach((nll, i) => {
            const close = Math.abs(nll - expected[i]) < 1e-9 || nll === expected[i];
            assert.ok(close, `token ${i} of ${known}: ${nll}, not ${expected[i]}`);
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("Reber's strings: a trigram model comes near the entropy rate 0.5941", () => {
    const lists = reber().samples(4000, new Generator("strings"));
    const model = new NGramLM(lists.slice(0, 3000), { order: 3, end: null });
    let [nll, tokens] = [0, 0];
    for (const list of lists.slice(3000)) {
      for (const value of model.nll(list, { given: 1 })) nll += value;
      tokens += list.length - 1;
    }
    assert.ok(Math.abs(nll / tokens - 0.594126) < 0.01, `${nll / tokens} nats per symbol`);
  });
});

describe("Kneser–Ney discounts", () => {
  const discountsOf = (model: NGramLM): string[] =>
    model.smoother.parameters.filter(([name]) => name.startsWith("D")).map(([, value]) => value);

  it("estimate D = n₁/(n₁ + 2n₂) for each order", () => {
    // Bigrams: <s> a 2, a b 2, b </s> 1, b a 1, a </s> 1: n₁ = 3, n₂ = 2, D = 3/7.
    // Unigrams by what stands before them: a 2 (<s>, b), b 1 (a), </s> 2 (b, a): n₁ = 1, n₂ = 2, D = 1/5.
    const model = new NGramLM(
      [
        ["a", "b"],
        ["a", "b", "a"],
      ],
      { order: 2, smoothing: { kind: "kneserNey", discount: "estimate" } },
    );
    assert.deepEqual(discountsOf(model), ["0.200", "0.429"]);
  });

  it("modify them by Chen & Goodman's formulas", () => {
    // Sequences of two letters, so that bigrams have chosen counts: one has 4, two have 3, three have 2, five have 1.
    const pairs: [string, number][] = [
      ["ab", 4],
      ["cd", 3],
      ["ef", 3],
      ["gh", 2],
      ["ij", 2],
      ["kl", 2],
      ["mn", 1],
      ["op", 1],
      ["qr", 1],
      ["st", 1],
      ["uv", 1],
    ];
    const sentences = pairs.flatMap(([pair, count]) => new Array(count).fill([...pair]));
    const model = new NGramLM(sentences, {
      order: 2,
      startSymbols: 0,
      end: null,
      smoothing: { kind: "kneserNey", floor: false },
    });
    const [n1, n2, n3, n4] = [5, 3, 2, 1];
    const Y = n1 / (n1 + 2 * n2);
    const expected = [1 - (2 * Y * n2) / n1, 2 - (3 * Y * n3) / n2, 3 - (4 * Y * n4) / n3];
    assert.deepEqual(discountsOf(model), [expected.map((d) => d.toFixed(3)).join(" / ")]);
    const row = model.row(["a"]);
    const unigram = new NGramLM(model.counts, {
      smoothing: { kind: "kneserNey", discount: 0, floor: false },
    }).row([]);
    const b = model.vocabulary.id("b");
    assert.ok(Math.abs(row[b] - ((4 - expected[2]) / 4 + (expected[2] / 4) * unigram[b])) < 1e-15);
  });

  it("are ½ where no gram occurs once, and go on from the one before where an n_i is 0", () => {
    const twice = [["a"], ["a"], ["b"], ["b"]];
    const options = { order: 1, startSymbols: 0, end: null } as const;
    assert.deepEqual(discountsOf(new NGramLM(twice, options)), ["0.500"]);
    assert.deepEqual(
      discountsOf(new NGramLM(twice, { ...options, smoothing: { kind: "kneserNey", discount: "estimate" } })),
      ["0.500"],
    );
    const once = [["a"], ["b"], ["c"], ["c"], ["c"], ["c"], ["c"]];
    assert.deepEqual(discountsOf(new NGramLM(once, options)), ["1.000"]);
  });

  it("become 0 where a negative one would make a probability negative, and only there", () => {
    // n₁ = 1, n₂ = 1, n₃ = 6: Y = 1/3, D₂ = 2 − 3·⅓·6 = −4.
    const count = (token: string, times: number) => new Array(times).fill([token]);
    const flat = [count("a", 1), count("b", 2), ...[..."cdefgh"].map((t) => count(t, 3))].flat();
    const options = { startSymbols: 0, end: null } as const;
    const kept = new NGramLM(flat, { order: 1, ...options });
    assert.deepEqual(discountsOf(kept), ["0.333 / -4.000 / 3.000"]); // one context, Σ D = ⅓ − 4 + 18 > 0
    assert.ok(Math.abs(sum(kept.row([])) - 1) < 1e-12 && kept.row([]).every((p) => p > 0));
    // The same counts as bigrams, each in a context of its own: after "b" all would be lost and more.
    const pairs = flat.map(([token]) => [token, token.toUpperCase()]);
    const clipped = new NGramLM(pairs, { order: 2, ...options });
    assert.equal(discountsOf(clipped)[1], "0.333 / 0.000 / 3.000");
    assert.ok(clipped.row(["b"]).every((p) => p >= 0));
    assert.ok(Math.abs(sum(clipped.row(["b"])) - 1) < 1e-12);
  });
});

describe("Jelinek–Mercer", () => {
  const train = ["abab", "abba", "aab"].map((s) => [...s]);
  const heldOut = ["abab", "ba", "aabb", "abb"].map((s) => [...s]);
  const lambdasOf = (model: NGramLM): number[] =>
    model.smoother.parameters
      .find(([name]) => name === "λ")![1]
      .split(", ")
      .map(Number);

  for (const unseen of ["renormalize", "zero"] as const) {
    for (const floor of [false, true]) {
      it(`EM (${unseen}, ${floor ? "with" : "without"} floor) finds the weights that no change improves`, () => {
        const base = { kind: "jelinekMercer", unseen, floor } as const;
        const counts = NGramCounts.of(train, { order: 3 });
        const score = (smoothing: Smoothing) =>
          new NGramLM(counts, { smoothing, heldOut }).evaluate(heldOut).nats;
        const best = score(base);
        const model = new NGramLM(counts, { smoothing: base, heldOut });
        const lambdas = lambdasOf(model);
        const total = lambdas.reduce((a, b) => a + b, 0);
        assert.equal(lambdas.length, floor ? 4 : 3);
        assert.ok(Math.abs(total - 1) < 1e-3);
        for (let i = 0; i < lambdas.length; i++) {
          for (let j = 0; j < lambdas.length; j++) {
            if (i === j || lambdas[j] < 0.01) continue;
            const moved = lambdas.map((l, k) => (l + (k === i ? 0.01 : k === j ? -0.01 : 0)) / total);
            assert.ok(score({ ...base, lambdas: moved }) >= best - 1e-7, `${lambdas} → ${moved}`);
          }
        }
      });
    }
  }

  it("backs off to the lowest order where no order with a weight has seen the context", () => {
    const model = new NGramLM(train, { order: 3, smoothing: { kind: "jelinekMercer", lambdas: [1, 0, 0] } });
    const unigram = new NGramLM(train, { order: 1, smoothing: { kind: "mle" } });
    const expected = unigram.row([]);
    model.row(["never"]).forEach((p, w) => {
      assert.ok(Math.abs(p - expected[w]) < 1e-15);
    });
    // Text that the highest order always knows drives its weight to 1; other contexts stay defined.
    const sure = new NGramLM([["a", "a", "a"]], {
      order: 3,
      smoothing: { kind: "jelinekMercer", floor: true },
      heldOut: [["a"]],
    });
    assert.ok(Math.abs(sum(sure.row([])) - 1) < 1e-12);
  });

  it("uses the validation part of a corpus when nothing else is held out", () => {
    const parts = corpusFromText({ train: "abababb", valid: "abab" });
    const own = new NGramLM(parts, { order: 2, smoothing: { kind: "jelinekMercer" } });
    const same = new NGramLM(parts, { order: 2, smoothing: { kind: "jelinekMercer" }, heldOut: "abab" });
    assert.deepEqual(own.smoother.parameters, same.smoother.parameters);
  });

  it("needs held-out text", () => {
    assert.throws(
      () => new NGramLM(train, { order: 2, smoothing: { kind: "jelinekMercer" } }),
      /needs \{ heldOut \}/,
    );
    assert.throws(
      () => new NGramLM(train, { order: 2, smoothing: { kind: "jelinekMercer" }, heldOut: [] as string[] }),
      { name: "DataError", message: /held-out text .* is empty/ },
    );
  });

  it("refuses weights that are no weights", () => {
    const make =
      (lambdas: number[], floor = false) =>
      () =>
        new NGramLM(train, { order: 2, smoothing: { kind: "jelinekMercer", lambdas, floor } });
    assert.throws(make([1]), {
      name: "ArgumentError",
      message: /order 2 needs 2 lambdas, highest order first/,
    });
    assert.throws(make([0.5, 0.5], true), /order 2 and the uniform floor needs 3 lambdas/);
    assert.throws(make([0.5, 0.6]), /sum to 1\.1/);
    assert.throws(make([1.5, -0.5]), /each lambda must be/);
    const bad = { kind: "jelinekMercer", lambdas: [0.5, 0.5], unseen: "drop" } as never;
    assert.throws(() => new NGramLM(train, { order: 2, smoothing: bad }), /unseen must be/);
  });
});
