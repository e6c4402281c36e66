import assert from "node:assert/strict";
import { lm, optim, text } from "../../src/index.ts";
import { SENTENCES, setUp } from "./setup.ts";

describe("train: options", () => {
  it("refuses what does not belong together, and options out of range, by name", async () => {
    const { corpus, model, optimizer, options } = setUp("rnn");
    const refuses = (more: Partial<lm.TrainOptions>, message: RegExp) =>
      assert.rejects(lm.train(model, corpus, { ...options, ...more }), (error: Error) => {
        assert.equal(error.name, "ArgumentError");
        assert.match(error.message, message);
        return true;
      });
    const other = setUp("rnn");
    await refuses(
      { optimizer: other.optimizer },
      /not made for this model: its parameter 0 \[15,6\] is none of the model's, and the model's "embedding.weight", .*"output.bias" are not in it/,
    );
    await refuses({ optimizer: undefined as never }, /give an optimizer made from model.parameters\(\)/);
    const schedule = new optim.StepLR(other.optimizer, { stepSize: 1 });
    await refuses({ schedule }, /the schedule was made for another optimizer; make it for this one/);
    const half = new optim.SGD(model.output.parameters(), { lr: 0.1 });
    assert.equal(
      (await lm.train(model, corpus, { ...options, optimizer: half, maxSteps: 1 })).steps.length,
      1,
    );
    for (const name of ["epochs", "batchSize", "bptt", "patience"] as const) {
      await refuses({ [name]: 0 }, new RegExp(`train: ${name} must be a whole number and ≥ 1, got 0`));
    }
    await refuses({ maxSteps: -1 }, /train: maxSteps/);
    await refuses({ clipNorm: 0 }, /train: clipNorm must be .* > 0/);
    await refuses({ clipValue: Number.NaN }, /train: clipValue/);
    await refuses({ reduction: "sum" as never }, /reduction must be "mean" or "sumOverTime", got "sum"/);
    await refuses({ schedulePer: "batch" as never }, /schedulePer must be "epoch" or "step"/);
    await refuses({ checkpoint: { path: "" } }, /checkpoint.path must be the name of a file, got ""/);
    await refuses({ checkpoint: { path: "x", everySteps: 0 } }, /checkpoint.everySteps/);
    await refuses({ checkpoint: { path: "x", everyEpochs: 1.5 } }, /checkpoint.everyEpochs/);
    const abc = text.corpusFromText("xyz".repeat(99), { split: { fractions: [1, 0] } });
    await assert.rejects(
      lm.train(model, abc, options),
      /corpus "text" has a vocabulary of 3 tokens, the model one of 15/,
    );
    const renamed = text.corpusFromText(SENTENCES.replaceAll("c", "C"), { name: "Pets" });
    await assert.rejects(
      lm.train(model, renamed, options),
      /vocabularies of corpus "Pets" and of the model differ: token 2 is "C" there, "a" here/,
    );
    await assert.rejects(lm.train(model, corpus, { ...options, batchSize: 500 }), /500 streams/);
    assert.equal(optimizer.lr, 0.01);
  });

  it("refuses an option that there is not, by name, before anything is changed", async () => {
    const { corpus, model, options } = setUp("rnn");
    const refused: [object, RegExp][] = [
      [{ batchsize: 3 }, /^train: there is no option "batchsize"; did you mean "batchSize"\?$/],
      [
        { learningRate: 1 },
        /^train: there is no option "learningRate"; there are optimizer, epochs, .*progress$/,
      ],
      [
        { checkpoint: { path: "x", everyStep: 1 } },
        /^train: checkpoint: there is no option "everyStep"; did you mean "everySteps"\?$/,
      ],
    ];
    for (const [more, message] of refused) {
      await assert.rejects(lm.train(model, corpus, { ...options, ...more }), {
        name: "ArgumentError",
        message,
      });
    }
  });
});

describe("models: options", () => {
  const { corpus } = setUp("rnn");
  const given = { corpus, seed: 1, hiddenSize: 4 };

  it("refuse one that there is not, by name", () => {
    const refuses = (make: () => unknown, message: RegExp) =>
      assert.throws(make, { name: "ArgumentError", message });
    const hiden = { ...given, hiden: 3 };
    const hidden = /^RecurrentLM: there is no option "hiden"; did you mean "hiddenSize"\?$/;
    refuses(() => new lm.RecurrentLM(hiden), hidden);
    refuses(() => new lm.RecurrentLM({ ...given, Seed: 3 } as never), /"Seed"; did you mean "seed"\?$/);
    const layers = { ...given, layers: 3 };
    refuses(
      () => new lm.FixedWindowLM(layers),
      /^FixedWindowLM: there is no option "layers"; there are window, /,
    );
    const numLayers = { ...given, numLayers: 3 };
    refuses(() => new lm.FixedWindowLM(numLayers), /^FixedWindowLM: there is no option "numLayers"/);
  });

  it("may be the description of another model, and those of a subclass are its own", () => {
    const model = new lm.RecurrentLM(given);
    assert.equal(new lm.RecurrentLM({ ...model.config, corpus, seed: 2 }).rnn.hiddenSize, 4);
    const window = new lm.FixedWindowLM(given);
    assert.equal(new lm.FixedWindowLM({ ...window.config, corpus, seed: 2 }).window, 3);
    class Own extends lm.RecurrentLM {}
    assert.equal(new Own({ ...given, mine: 1 } as never).cell, "rnn");
  });
});
