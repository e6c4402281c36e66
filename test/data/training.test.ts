import assert from "node:assert/strict";
import { data, Generator, lm, optim } from "../../src/index.ts";

const SEED = 5;

describe("data: trained models against the optimum", () => {
  it("a small GRU comes close to the optimum of Elman's letters, and not below", async () => {
    const source = data.elman();
    const corpus = source.corpus({ train: 12_000, valid: 4000, generator: new Generator(SEED) });
    const model = new lm.RecurrentLM({
      corpus,
      cell: "gru",
      hiddenSize: 16,
      embeddingSize: null,
      seed: SEED,
    });
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2 });
    await lm.train(model, corpus, {
      optimizer,
      epochs: 2,
      batchSize: 8,
      bptt: 16,
      clipNorm: 1,
      progress: false,
    });
    const { nats } = model.evaluate(corpus);
    const best = data.optimalModel(source).evaluate(corpus, { given: 1 });
    assert.ok(nats < best.nats + 0.03, `${nats}, the optimal model ${best.nats}, seed ${SEED}`);
    // On the same symbols a model can be luckier than the truth, but not by much.
    assert.ok(nats > best.nats - 0.005, `${nats}, the optimal model ${best.nats}, seed ${SEED}`);
    assert.ok(nats < source.orderOptimum(2), "it has learned to count further than two letters");
  });

  it("the regret of a bigram is what order 1 misses", () => {
    const source = data.reber();
    const strings = source.samples(5000, new Generator(SEED));
    // What stands before a string is not predicted, so the bigram sees B as a token like any other.
    const model = new lm.NGramLM(strings, { order: 2, end: null, smoothing: { kind: "mle" } });
    const { nats, standardError } = data.regret(model, source, strings);
    const missed = source.orderOptimum(1) - source.optimum.nats;
    assert.ok(
      Math.abs(nats - missed) < 4 * standardError + 0.005,
      `${nats} ± ${standardError}, exactly ${missed}, seed ${SEED}`,
    );
  });
});
