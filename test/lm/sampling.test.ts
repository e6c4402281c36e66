import assert from "node:assert/strict";
import fc from "fast-check";
import {
  applyTemperature,
  argmax,
  keepTopK,
  keepTopP,
  logSumExp,
  normalizeLogProbs,
  rankTokens,
  sampleToken,
  samplingLogProbs,
} from "../../src/lm/sampling.ts";
import { Generator } from "../../src/random.ts";

const ln = (...p: number[]): Float64Array => Float64Array.from(p, Math.log);
const probabilities = (logProbs: Float64Array): number[] => Array.from(logProbs, Math.exp);
const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-12): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) <= tolerance, `[${Array.from(actual)}] is not [${expected}]`);
  });
};
const entropy = (logProbs: Float64Array): number =>
  logProbs.reduce((sum, value) => sum - (value > -Infinity ? Math.exp(value) * value : 0), 0);

/** Random distributions with zeros, ties and very small probabilities. */
const distribution = fc
  .array(fc.constantFrom(0, 0, 1, 1, 2, 3, 1e-9, 1e-200, 100), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((w) => w > 0))
  .map((weights) => normalizeLogProbs(Float64Array.from(weights, Math.log)));

describe("sampling: the parts", () => {
  it("argmax takes the lowest id of equal ones", () => {
    assert.equal(argmax(ln(0.2, 0.4, 0.4)), 1);
    assert.equal(argmax([-Infinity, -Infinity, -700]), 2);
    assert.throws(() => argmax(ln(0, 0)), {
      name: "DataError",
      message: /none of the 2 tokens has a probability above 0/,
    });
    assert.throws(() => argmax([0, Number.NaN]), { name: "DataError", message: /token 1 is NaN/ });
    assert.throws(() => argmax([]), /none of the 0 tokens/);
  });

  it("logSumExp neither overflows nor underflows", () => {
    assert.equal(logSumExp([1000, 1000]), 1000 + Math.LN2);
    assert.equal(logSumExp([-1000, -Infinity]), -1000);
    assert.equal(logSumExp([-Infinity, -Infinity]), -Infinity);
    assert.equal(logSumExp([]), -Infinity);
  });

  it("temperature sharpens and flattens: p^(1/τ), renormalised", () => {
    const p = [0.5, 0.3, 0.2, 0];
    near(probabilities(applyTemperature(ln(...p), 1)), p);
    const squares = p.map((x) => x * x);
    const sum = squares.reduce((a, b) => a + b);
    near(
      probabilities(applyTemperature(ln(...p), 0.5)),
      squares.map((x) => x / sum),
    );
    near(probabilities(applyTemperature(ln(...p), Infinity)), [1 / 3, 1 / 3, 1 / 3, 0]);
    assert.deepEqual(probabilities(applyTemperature(ln(...p), 0)), [1, 0, 0, 0]);
    for (const t of [-1, Number.NaN])
      assert.throws(() => applyTemperature(ln(...p), t), { name: "ArgumentError" });
  });

  it("temperature → 0 becomes the argmax, without NaN on the way", () => {
    const p = ln(0.3, 0.40001, 0.29999, 0);
    for (const t of [1e-6, 1e-100, 1e-300, 5e-324]) near(probabilities(applyTemperature(p, t)), [0, 1, 0, 0]);
    near(probabilities(applyTemperature(ln(0.4, 0.4, 0.2), 1e-300)), [0.5, 0.5, 0]); // a tie stays a tie …
    assert.deepEqual(probabilities(applyTemperature(ln(0.4, 0.4, 0.2), 0)), [1, 0, 0]); // … until the limit decides
  });

  it("entropy never falls as the temperature rises", () => {
    fc.assert(
      fc.property(distribution, (p) => {
        const entropies = [0, 0.1, 0.5, 1, 2, 10, Infinity].map((t) => entropy(applyTemperature(p, t)));
        for (let i = 1; i < entropies.length; i++)
          assert.ok(entropies[i] >= entropies[i - 1] - 1e-9, `${entropies}`);
      }),
    );
  });

  it("topK keeps exactly k, ties by id", () => {
    near(probabilities(keepTopK(ln(0.2, 0.4, 0.2, 0.2), 2)), [1 / 3, 2 / 3, 0, 0]);
    near(probabilities(keepTopK(ln(0.2, 0.8), 5)), [0.2, 0.8]);
    assert.throws(() => keepTopK(ln(1), 0), /topK must be a whole number and ≥ 1, got 0/);
    assert.throws(() => keepTopK(ln(1), 1.5), /whole number/);
  });

  it("topP keeps the token that crosses p, and renormalises", () => {
    const p = ln(0.5, 0.3, 0.15, 0.05);
    near(probabilities(keepTopP(p, 0.6)), [0.625, 0.375, 0, 0]);
    near(probabilities(keepTopP(p, 0.5)), [1, 0, 0, 0]); // reached exactly: nothing more is needed
    near(probabilities(keepTopP(p, 0.01)), [1, 0, 0, 0]);
    near(probabilities(keepTopP(p, 1)), [0.5, 0.3, 0.15, 0.05]);
    near(probabilities(keepTopP(ln(0.25, 0.25, 0.25, 0.25), 0.5)), [0.5, 0.5, 0, 0]);
    for (const bad of [0, -1, 1.1, Number.NaN])
      assert.throws(() => keepTopP(p, bad), { name: "ArgumentError" });
  });

  it("topP is the smallest set, and every step leaves a distribution", () => {
    fc.assert(
      fc.property(
        distribution,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (p, mass, k) => {
          for (const q of [
            keepTopP(p, mass),
            keepTopK(p, k),
            samplingLogProbs(p, { temperature: 0.7, topK: k, topP: mass }),
          ]) {
            assert.ok(Math.abs(q.reduce((sum, value) => sum + Math.exp(value), 0) - 1) < 1e-12);
          }
          const kept = rankTokens(p).filter((id) => keepTopP(p, mass)[id] > -Infinity);
          assert.deepEqual(kept, rankTokens(p, kept.length)); // the most probable ones
          const sum = (ids: number[]) => ids.reduce((s, id) => s + Math.exp(p[id]), 0);
          assert.ok(sum(kept) >= mass - 1e-12 || kept.length === rankTokens(p).length);
          assert.ok(sum(kept.slice(0, -1)) < mass + 1e-12); // as far as sums that are rounded can tell
        },
      ),
    );
  });

  it("does temperature first, then topK, then topP", () => {
    const p = ln(0.5, 0.3, 0.2);
    const options = { temperature: 0.5, topK: 2, topP: 0.7 };
    assert.deepEqual(samplingLogProbs(p, options), keepTopP(keepTopK(applyTemperature(p, 0.5), 2), 0.7));
    near(probabilities(samplingLogProbs(p, options)), [1, 0, 0]); // .25/.34 = .735 ≥ .7; before sharpening .625 < .7
  });
});

describe("sampleToken", () => {
  it("is the argmax when greedy or at temperature 0, and draws nothing then", () => {
    const p = ln(0.3, 0.4, 0.3);
    assert.equal(sampleToken(p, { greedy: true }, undefined), 1);
    assert.equal(sampleToken(p, { temperature: 0 }, undefined), 1);
    assert.throws(() => sampleToken(p, {}, undefined), /give a generator or a seed, or greedy: true/);
  });

  it("draws with the probabilities (χ² under its 99.99 % bound, fixed seed)", () => {
    const p = [0.5, 0.2, 0.2, 0.1, 0];
    const draws = 20000;
    const counts = new Array(p.length).fill(0);
    const generator = new Generator(7);
    for (let i = 0; i < draws; i++) counts[sampleToken(ln(...p), {}, generator)]++;
    assert.equal(counts[4], 0);
    let chi = 0;
    for (let i = 0; i < 4; i++) chi += (counts[i] - draws * p[i]) ** 2 / (draws * p[i]);
    assert.ok(chi < 21.1, `χ² = ${chi}, counts ${counts}`); // 3 degrees of freedom
  });
});
