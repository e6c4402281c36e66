import assert from "node:assert/strict";
import { Generator, lm, optim } from "../../src/index.ts";
import { close, NAMES, names, recurrent, windowed } from "./models.ts";
import { setUp } from "./setup.ts";

describe("neural models write", () => {
  let model: lm.RecurrentLM;
  let namer: lm.RecurrentLM;
  before(async () => {
    const set = setUp("gru", { dropout: 0, hiddenSize: 24 });
    model = set.model;
    await lm.train(model, set.corpus, { ...set.options, epochs: 10 });
    namer = recurrent(names, { cell: "gru", hiddenSize: 24, numLayers: 1 });
    const optimizer = new optim.Adam(namer.parameters(), { lr: 0.02 });
    await lm.train(namer, names, { optimizer, epochs: 30, batchSize: 4, bptt: 12, progress: false });
  });

  const prompt = "the cat ";
  it("greedy, and its limits: temperature 0, top-1, a tiny top-p, a beam of 1", () => {
    const greedy = model.generate({ prompt, length: 30, greedy: true });
    assert.match(greedy.text, /^the cat (sat|and|ran|on|the)/);
    const same: lm.Generation[] = [{ temperature: 0 }, { topK: 1, seed: 5 }, { topP: 1e-9, seed: 5 }].map(
      (options) => model.generate({ prompt, length: 30, ...options }),
    );
    for (const { text } of same) assert.equal(text, greedy.text);
    const [beam] = model.beam({ prompt, width: 1, length: 30 });
    assert.equal(beam.text, greedy.text);
    close(beam.logProb, greedy.logProb, 1e-9, "ln p");
    const again = [...greedy.ids].reduce(
      ({ sum, read }, id) => ({ sum: sum + model.logProbs(read)[id], read: model.advance(read, id) }),
      {
        sum: 0,
        read: [...prompt].reduce((r, c) => model.advance(r, model.vocabulary.id(c)), model.initialState()),
      },
    );
    close(again.sum, greedy.logProb, 1e-9, "ln p of the generated tokens");
  });

  it("by chance from a seed: the same twice, another for another; temperature, top-k and top-p set the limits", () => {
    const write = (options: lm.GenerateOptions = {}) =>
      model.generate({ prompt, length: 40, seed: 5, ...options });
    assert.equal(write().text, write().text);
    assert.notEqual(write().text, write({ seed: 6 }).text);
    assert.equal(write({ seed: undefined, generator: new Generator(5) }).text, write().text);
    assert.ok(write({ temperature: 0.3 }).logProb > write({ temperature: 5 }).logProb);
    const within = (options: lm.GenerateOptions, allowed: (logProbs: Float64Array) => number[]) => {
      const { ids } = write({ temperature: 3, ...options });
      let read = [...prompt].reduce((r, c) => model.advance(r, model.vocabulary.id(c)), model.initialState());
      for (const id of ids) {
        assert.ok(allowed(model.logProbs(read)).includes(id));
        read = model.advance(read, id);
      }
    };
    within({ topK: 2 }, (logProbs) => lm.rankTokens(logProbs, 2));
    within({ topP: 0.5 }, (logProbs) => {
      const flat = lm.keepTopP(lm.applyTemperature(logProbs, 3), 0.5);
      return lm.rankTokens(flat);
    });
    assert.throws(() => model.generate({ prompt }), /give a generator or a seed, or greedy/);
  });

  it("until a stop, which is left out", () => {
    const { text, reason } = model.generate({ prompt, length: 99, greedy: true, stop: "." });
    assert.equal(reason, "stop");
    assert.match(text, /^the cat [a-z ]+$/);
    assert.equal(model.generate({ prompt, length: 5, greedy: true, stop: "." }).reason, "length");
  });

  it("a sentence from nothing, until the model ends it", () => {
    const made = Array.from({ length: 20 }, (_, seed) => namer.generate({ length: 30, seed }));
    const known = new Set(NAMES);
    const right = made.filter(({ text, reason }) => reason === "end" && known.has(text));
    assert.ok(right.length >= 15, made.map(({ text }) => text).join(" "));
    const beams = namer.beam({ width: 5, length: 12 });
    assert.deepEqual(beams.map(({ text, complete }) => complete && text).sort(), [...known].sort());
    for (const { ids, logProb } of beams) {
      close(-namer.nll(ids).reduce((a, b) => a + b, 0), logProb, 1e-5, "ln p of a hypothesis");
    }
  });

  it("a beam that is wide enough is never worse than the greedy path", () => {
    for (const start of ["the ", "a cat ", "d"]) {
      const greedy = model.generate({ prompt: start, length: 25, greedy: true });
      const [best] = model.beam({ prompt: start, width: 8, length: 25 });
      assert.ok(best.logProb >= greedy.logProb - 1e-9);
    }
  });

  it("a fixed window too", async () => {
    const fixed = windowed(names, { window: 5, hiddenSize: 30 });
    const optimizer = new optim.Adam(fixed.parameters(), { lr: 0.02 });
    const history = await lm.train(fixed, names, { optimizer, epochs: 8, batchSize: 16, progress: false });
    assert.ok(history.last.validLoss! < 0.7, `${history.last.validLoss}`);
    const [best] = fixed.beam({ width: 5, length: 10 });
    assert.ok(best.complete && NAMES.includes(best.text), best.text);
    const { text, reason } = fixed.generate({ prompt: "han", length: 30, greedy: true });
    assert.deepEqual([text, reason], ["hannah", "end"]);
    assert.equal(fixed.generate({ prompt: "han", length: 30, topK: 1, seed: 3 }).text, "hannah");
  });
});
