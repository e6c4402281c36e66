import assert from "node:assert/strict";
import { NGramCounts, NGramLM, type Smoothing } from "../../../src/lm/ngram/index.ts";
import { loadCases } from "../../golden/decode.ts";

type Value = null | number | { p: number };

interface GoldenNGram {
  id: string;
  order: number;
  pad: boolean;
  sentences: string[][];
  vocab: string[];
  counts: Record<string, [string[], number][]>;
  discount: Value;
  lambdas: number[];
  stupidBackoffAlpha: number;
  handChecked?: Record<string, string>;
  rows: {
    context: string[];
    mle: Value[];
    addk: Record<string, Value[]>;
    kneserNey: Value[];
    interpolated: Value[];
    stupidBackoff: Value[];
  }[];
  perplexity: { sentences: string[][] } & Record<
    string,
    { logProb: number | string; tokens: number; perplexity: number | string }
  >;
}

const numberOf = (value: Value): number =>
  value === null ? Number.NaN : typeof value === "number" ? value : value.p;

/** The float64 rule of the golden README. */
function near(actual: number, expected: number, largest: number, where: string): void {
  const close = Math.abs(actual - expected) <= 1e-9 * Math.abs(expected) + 1e-11 * Math.max(1, largest);
  assert.ok(close || Object.is(actual, expected), `${where}: ${actual}, expected ${expected}`);
}

for (const golden of loadCases<GoldenNGram>("ngram")) {
  describe(`golden ${golden.id}`, () => {
    const { order, pad, sentences, stupidBackoffAlpha: alpha } = golden;
    const counts = NGramCounts.of(sentences, {
      order,
      startSymbols: pad ? "n-1" : 0,
      end: pad ? "</s>" : null,
    });
    const methods: Record<string, Smoothing> = {
      mle: { kind: "mle" },
      addk_1: { kind: "addK" },
      "addk_0.5": { kind: "addK", k: 0.5 },
      "addk_0.1": { kind: "addK", k: 0.1 },
      kneserNey: { kind: "kneserNey", discount: numberOf(golden.discount), floor: false },
      interpolated: { kind: "jelinekMercer", lambdas: golden.lambdas, unseen: "zero" },
      stupidBackoff: { kind: "stupidBackoff", alpha },
    };
    const models = Object.fromEntries(
      Object.entries(methods).map(([name, smoothing]) => [name, new NGramLM(counts, { smoothing })]),
    );

    it("vocabulary and counts", () => {
      assert.deepEqual(counts.vocabulary.tokens, golden.vocab);
      for (const [m, grams] of Object.entries(golden.counts ?? {})) {
        for (const [gram, count] of grams) assert.equal(counts.count(gram), count, gram.join(" "));
        assert.equal(counts.entries(Number(m)), grams.length, `different ${m}-grams`);
      }
    });

    for (const [name, model] of Object.entries(models)) {
      it(`rows: ${name}`, () => {
        for (const golden_ of golden.rows) {
          const k = name.startsWith("addk_") ? name.slice(5) : undefined;
          const expected = (k ? golden_.addk[k] : golden_[name as "mle"]).map(numberOf);
          const row = model.row(golden_.context);
          const largest = Math.max(0, ...expected.filter((v) => !Number.isNaN(v)).map(Math.abs));
          expected.forEach((value, w) => {
            near(row[w], value, largest, `P(${golden.vocab[w]} | ${golden_.context.join(" ")})`);
          });
          // The single look-up agrees with the row, in contexts that can stand in a text.
          if (golden_.context.includes("</s>")) continue;
          golden.vocab.forEach((token, w) => {
            near(
              Math.exp(model.logProb(golden_.context, token)),
              expected[w],
              largest,
              `logProb of ${token}`,
            );
          });
        }
      });

      const reference = golden.perplexity[name];
      if (!reference) continue;
      it(`perplexity: ${name}`, () => {
        // Without padding only positions with a whole context count.
        const { sentences: held } = golden.perplexity;
        const evaluation = model.evaluate(held, { given: pad ? 0 : order - 1 });
        assert.equal(evaluation.tokens, reference.tokens);
        near(
          -evaluation.nll,
          Number(reference.logProb),
          Math.abs(Number(reference.logProb)),
          "log-probability",
        );
        near(evaluation.perplexity, Number(reference.perplexity), evaluation.perplexity, "perplexity");
      });
    }

    if (golden.handChecked) {
      it("probabilities checked by hand", () => {
        for (const [what, fraction] of Object.entries(golden.handChecked!)) {
          const [, token, context] = /^P\((.+)\|(.+)\)$/.exec(what)!;
          const [top, bottom] = fraction.split("/").map(Number);
          near(Math.exp(models["mle"].logProb([context], token)), top / bottom, 1, what);
        }
      });
    }
  });
}
