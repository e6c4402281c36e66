import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { lm, optim, type Tensor, TrainingError } from "../../src/index.ts";
import { allFinite } from "../../src/lm/training/divergence.ts";
import { curve, inFolder, setUp } from "./setup.ts";

/** Takes what `train` throws. */
async function divergence(run: Promise<unknown>): Promise<lm.DivergenceError> {
  const error = await run.then(
    () => assert.fail("it should have diverged"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof lm.DivergenceError && error instanceof TrainingError, String(error));
  return error;
}

/** Once, at its n-th loss, the gradient of the output's bias is NaN though the loss is finite. */
class Faulty extends lm.RecurrentLM {
  countdown = Infinity;

  override lossOf(...args: Parameters<lm.RecurrentLM["lossOf"]>) {
    const { loss, state } = super.lossOf(...args);
    if (--this.countdown > 0) return { loss, state };
    this.countdown = Infinity;
    const zero: Tensor = this.output.bias!.sum().mul(0).sqrt(); // the derivative of √ at 0 is ∞, times 0
    return { loss: loss.add(zero), state };
  }
}

describe("train: divergence", () => {
  it("stops where the loss is not finite, naming step and parameter, before the update", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    let steps = 0;
    const poison = () => {
      if (++steps === 2) model.output.bias!.changeData((data) => data.fill(Number.NaN, 0, 1));
    };
    let before = model.stateDict();
    const error = await divergence(
      lm.train(model, corpus, {
        ...options,
        onStep: () => {
          poison();
          before = model.stateDict();
        },
      }),
    );
    const { loss, gradNorm } = error.history.steps[1];
    assert.equal(
      error.message,
      `train: at step 3 the loss is NaN; first in "output.bias"; step 2 had loss ${loss}, gradient norm ${gradNorm}. ` +
        "The parameters are those before this step. Try a smaller learning rate, or clipNorm.",
    );
    assert.equal(error.history.interrupted, true);
    for (const [name, x] of model.stateDict()) assert.deepEqual(x.data, before.get(name)!.data);
  });

  it("stops where the gradient is not finite, and goes on exactly when the cause is gone", async () => {
    const { corpus, model: plain, options } = setUp("rnn");
    const expected = await lm.train(plain, corpus, options);
    const build = { corpus, cell: "rnn", embeddingSize: 6, hiddenSize: 8, seed: 3, dropout: 0.2 } as const;
    const model = new Faulty(build);
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    model.countdown = 8;
    let before = model.stateDict();
    const onStep = () => {
      before = model.stateDict();
    };
    const error = await divergence(lm.train(model, corpus, { ...options, optimizer, onStep }));
    assert.match(
      error.message,
      /^train: at step 8 the gradient norm is NaN; first in the gradient of "output.bias"; step 7 had/,
    );
    for (const [name, x] of model.stateDict()) assert.deepEqual(x.data, before.get(name)!.data);
    const resumed = await lm.train(model, corpus, { ...options, optimizer, resume: error.history });
    assert.equal(curve(resumed), curve(expected));
  });

  it("does not put weights that are not finite over a good checkpoint", () =>
    inFolder(async (folder) => {
      const file = path.join(folder, "model.safetensors");
      const { corpus, model, options } = setUp("rnn", { dropout: 0 });
      const checkpoint = { path: file, everySteps: 1 };
      await lm.train(model, corpus, { ...options, checkpoint, maxSteps: 2 });
      const good = readFileSync(file);
      // Loss and gradient are finite, the updated weights are not.
      const optimizer = new optim.SGD(model.parameters(), { lr: 1e300 });
      const error = await divergence(lm.train(model, corpus, { ...options, checkpoint, optimizer }));
      assert.match(error.message, /after step 1 a parameter is not finite; first in "/);
      assert.ok(error.message.includes(`The checkpoint "${file}" was left as it is.`));
      assert.ok(readFileSync(file).equals(good));
      // A loss that is NaN later does not either.
      const { model: again, optimizer: adam } = lm.load(file);
      await divergence(
        lm.train(again, corpus, {
          ...options,
          optimizer: adam!,
          checkpoint: { path: file, everySteps: 3 },
          onStep: ({ step }) =>
            step === 5 ? again.output.bias!.changeData((data) => data.fill(Number.NaN)) : undefined,
        }),
      );
      const { model: kept, history } = lm.load(file);
      assert.equal(history!.steps.length, 3);
      assert.ok(kept.parameters().every((p) => allFinite(p.data)));
    }));

  it("stops where the validation loss is not finite", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    const optimizer = new optim.SGD(model.parameters(), { lr: 1e300 });
    const error = await divergence(
      lm.train(model, corpus, { ...options, optimizer, batchSize: 50, bptt: 14, keepBest: true }),
    );
    assert.match(error.message, /^train: after step 1 the validation loss is NaN; first in "/);
    assert.equal(error.history.epochs.length, 0);
  });
});
