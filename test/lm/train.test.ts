import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { lm, optim, text } from "../../src/index.ts";
import { encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";
import { curve, inFolder, SENTENCES, setUp } from "./setup.ts";

describe("train", () => {
  it("learns: the validation loss falls well below the unigram entropy", async () => {
    const { corpus, model, options } = setUp("gru", { dropout: 0, hiddenSize: 24 });
    const before = model.evaluate(corpus).nats;
    const history = await lm.train(model, corpus, { ...options, epochs: 12 });
    const counts = corpus.vocabulary.counts;
    const total = counts.reduce((a, b) => a + b, 0);
    const entropy = -counts.reduce((sum, c) => sum + (c > 0 ? (c / total) * Math.log(c / total) : 0), 0);
    assert.ok(Math.abs(before - Math.log(corpus.vocabulary.size)) < 0.4, `untrained ${before}`);
    assert.ok(history.last.validLoss! < 0.6 * entropy, `${history.last.validLoss} against ${entropy}`);
    assert.equal(history.last.validLoss, model.evaluate(corpus).nats);
  });

  for (const cell of ["rnn", "lstm", "gru"] as const) {
    it(`${cell}: the same seed gives the same curve and the same checkpoint bytes, another seed others`, async () => {
      const runs = [];
      for (const seed of [3, 3, 4]) {
        const { corpus, model, optimizer, options } = setUp(cell, { seed });
        const history = await lm.train(model, corpus, options);
        runs.push({ curve: curve(history), bytes: encodeCheckpoint({ model, optimizer, history }).bytes });
      }
      assert.equal(runs[0].curve, runs[1].curve);
      assert.ok(Buffer.compare(runs[0].bytes, runs[1].bytes) === 0);
      assert.notEqual(runs[0].curve, runs[2].curve);
    });
  }

  it("trains on from the present weights when it is called again, with epochs counted anew", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    const first = await lm.train(model, corpus, options);
    const second = await lm.train(model, corpus, options);
    assert.ok(second.steps[0].loss < first.steps[0].loss - 0.1);
    assert.equal(second.steps[0].epoch, 1);
  });

  it("records each epoch: loss over its targets, mean gradient norm, rate of its last update", async () => {
    const { corpus, model, optimizer, options } = setUp("rnn");
    const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.9 });
    const { steps, epochs } = await lm.train(model, corpus, {
      ...options,
      epochs: 2,
      schedule,
      schedulePer: "step",
    });
    const perEpoch = Math.floor((768 / 4 - 1) / 9);
    assert.equal(steps.length, 2 * perEpoch);
    for (const [e, record] of epochs.entries()) {
      const own = steps.slice(e * perEpoch, (e + 1) * perEpoch);
      const mean = (f: (s: lm.StepRecord) => number) => own.reduce((sum, s) => sum + f(s), 0) / perEpoch;
      assert.ok(Math.abs(record.trainLoss - mean((s) => s.loss)) < 1e-12);
      assert.equal(
        record.gradNorm,
        mean((s) => s.gradNorm),
      );
      assert.equal(record.lr, own.at(-1)!.lr);
      assert.deepEqual([record.step, record.tokens], [own.at(-1)!.step, own.at(-1)!.tokens]);
    }
    steps.forEach((s, i) => {
      assert.ok(Math.abs(s.lr - 0.01 * 0.9 ** i) < 1e-15);
    });
    assert.equal(steps.at(-1)!.tokens, steps.length * 4 * 9);
  });

  it("steps a schedule after each epoch with the validation loss, or the training loss without one", async () => {
    for (const validate of [true, false]) {
      const { corpus, model, optimizer, options } = setUp("rnn");
      const watched: (number | undefined)[] = [];
      const schedule = new optim.ReduceLROnPlateau(optimizer);
      const step = schedule.step.bind(schedule);
      schedule.step = (metric) => {
        watched.push(metric);
        step(metric);
      };
      const { epochs } = await lm.train(model, corpus, { ...options, schedule, validate });
      assert.deepEqual(
        watched,
        epochs.map((e) => (validate ? e.validLoss : e.trainLoss)),
      );
      assert.equal("validLoss" in epochs[0], validate);
    }
  });

  it("differentiates the sum over time where it is asked to, and reports the mean", async () => {
    const norms = [];
    const losses = [];
    for (const reduction of ["mean", "sumOverTime"] as const) {
      const { corpus, model, options } = setUp("rnn", { dropout: 0 });
      const history = await lm.train(model, corpus, {
        ...options,
        maxSteps: 1,
        clipNorm: undefined,
        reduction,
      });
      norms.push(history.steps[0].gradNorm);
      losses.push(history.steps[0].loss);
    }
    assert.equal(losses[0], losses[1]);
    assert.ok(Math.abs(norms[1] / norms[0] - 9) < 1e-4, `${norms[1] / norms[0]} is not T = 9`);
  });

  it("clips by norm before the update, and by value after that", async () => {
    const { corpus, model } = setUp("rnn", { dropout: 0 });
    const before = model.stateDict();
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
    const options = { optimizer, batchSize: 4, bptt: 9, maxSteps: 1, progress: false };
    const { steps } = await lm.train(model, corpus, { ...options, clipNorm: 0.1 });
    assert.ok(steps[0].gradNorm > 0.2, "what is reported is the norm before clipping");
    let [norm, largest] = [0, 0];
    for (const [name, p] of model.namedParameters()) {
      p.data.forEach((v, i) => {
        const change = Math.abs(v - before.get(name)!.data[i]);
        norm = Math.hypot(norm, change);
        largest = Math.max(largest, change);
      });
    }
    assert.ok(Math.abs(norm - 0.1) < 1e-4, `${norm}`);
    model.loadStateDict(before);
    await lm.train(model, corpus, { ...options, clipNorm: 0.1, clipValue: largest / 2 });
    for (const [name, p] of model.namedParameters()) {
      const old = before.get(name)!.data;
      assert.ok(p.data.every((v: number, i: number) => Math.abs(v - old[i]) <= largest / 2 + 1e-6));
    }
  });

  it("starts every step from zero gradients, also of parameters that the optimizer leaves alone", async () => {
    const { corpus, model } = setUp("rnn", { dropout: 0 });
    const optimizer = new optim.SGD(model.output.parameters(), { lr: 1e-9 });
    const { steps } = await lm.train(model, corpus, {
      optimizer,
      batchSize: 4,
      bptt: 9,
      maxSteps: 9,
      progress: false,
    });
    const norms = steps.map((s) => s.gradNorm);
    assert.ok(Math.max(...norms) < 2 * Math.min(...norms), `${norms}`);
  });

  it("carries the state from window to window unless told otherwise", async () => {
    const losses = [];
    for (const carryState of [true, false]) {
      const { corpus, model, options } = setUp("lstm", { dropout: 0 });
      losses.push(
        (await lm.train(model, corpus, { ...options, maxSteps: 2, carryState })).steps.map((s) => s.loss),
      );
    }
    assert.equal(losses[0][0], losses[1][0]);
    assert.notEqual(losses[0][1], losses[1][1]);
  });

  it("stops early and puts back the best weights", async () => {
    for (const validate of [true, false]) {
      const { corpus, model, options } = setUp("lstm", { dropout: 0, hiddenSize: 16 });
      const optimizer = new optim.SGD(model.parameters(), { lr: 60 }); // far too large on purpose
      let best = { loss: Infinity, weights: model.stateDict() };
      const history = await lm.train(model, corpus, {
        ...options,
        optimizer,
        validate,
        epochs: 50,
        patience: 2,
        keepBest: true,
        onEpoch: ({ validLoss, trainLoss }) => {
          const loss = validLoss ?? trainLoss;
          if (loss < best.loss) best = { loss, weights: model.stateDict() };
        },
      });
      const losses = history.epochs.map((e) => e.validLoss ?? e.trainLoss);
      assert.ok(losses.length < 50);
      assert.equal(losses.at(-3), Math.min(...losses));
      assert.equal(history.interrupted, false);
      for (const [name, x] of model.stateDict()) assert.deepEqual(x.data, best.weights.get(name)!.data);
      if (validate) assert.equal(model.evaluate(corpus).nats, best.loss);
    }
  });

  it("validates where there is enough text for it, and says so where it was asked for and there is not", async () => {
    const { model, options } = setUp("rnn");
    const part = (valid: string) => {
      const { vocabulary } = model;
      return text.corpusFromText({ train: SENTENCES, valid }, { vocabulary });
    };
    const history = await lm.train(model, part("t"), { ...options, epochs: 1 });
    assert.equal(history.last.validLoss, undefined);
    assert.ok((await lm.train(model, part("th"), { ...options, epochs: 1 })).last.validLoss! > 0);
    await assert.rejects(
      lm.train(model, part("t"), { ...options, validate: true }),
      /validation part of corpus "text" has 1 tokens, too few: this model needs 1/,
    );
  });

  it("trains a model in evaluation mode with dropout all the same, and leaves every mode as it was", async () => {
    const wanted = setUp("lstm");
    const expected = await lm.train(wanted.model, wanted.corpus, wanted.options);
    const { corpus, model, options } = setUp("lstm");
    model.eval();
    model.rnn.training = true;
    const history = await lm.train(model, corpus, options);
    assert.equal(curve(history), curve(expected));
    assert.deepEqual([model.training, model.rnn.training, model.dropout.training], [false, true, false]);
  });

  it("writes checkpoints when they are due and at the end, and leaves no temporary files", () =>
    inFolder(async (folder) => {
      const file = path.join(folder, "model.safetensors");
      const { corpus, model, options } = setUp("gru");
      const seen: (number | null)[] = [];
      const look = () => void seen.push(existsSync(file) ? lm.load(file).history!.steps.length : null);
      const run = (checkpoint: object, more: Partial<lm.TrainOptions>) =>
        lm.train(model, corpus, { ...options, checkpoint: { path: file, ...checkpoint }, ...more });
      const { steps } = await run({ everyEpochs: 2 }, { epochs: 4, onEpoch: look });
      assert.deepEqual(seen, [null, null, steps.length / 2, steps.length / 2]);
      assert.equal(lm.load(file).history!.steps.length, steps.length);
      seen.length = 0;
      await run({ everySteps: 2 }, { maxSteps: 5, onStep: look });
      assert.deepEqual(seen, [steps.length, steps.length, 2, 2, 4]);
      const loaded = lm.load(file);
      assert.equal(loaded.history!.steps.length, 5);
      assert.equal(loaded.model.evaluate(corpus).nats, model.evaluate(corpus).nats);
      assert.equal(JSON.parse(readFileSync(`${file}.json`, "utf8")).config.cell, "gru");
      assert.deepEqual(readdirSync(folder).sort(), ["model.safetensors", "model.safetensors.json"]);
    }));

  it("does nothing for a signal that was aborted before, and leaves the checkpoint of another run alone", () =>
    inFolder(async (folder) => {
      const file = path.join(folder, "model.safetensors");
      const { corpus, model, options } = setUp("rnn");
      await lm.train(model, corpus, { ...options, maxSteps: 3, checkpoint: { path: file } });
      const [bytes, weights] = [readFileSync(file), model.stateDict()];
      const ends: string[] = [];
      const history = await lm.train(model, corpus, {
        ...options,
        checkpoint: { path: file },
        signal: AbortSignal.abort(),
        progress: { update: () => {}, end: (_, how) => ends.push(how) },
      });
      assert.deepEqual([history.interrupted, history.steps.length, ends], [true, 0, []]);
      assert.ok(readFileSync(file).equals(bytes));
      for (const [name, x] of model.stateDict()) assert.deepEqual(x.data, weights.get(name)!.data);
    }));

  it("is not interrupted by a signal that comes in its last step", async () => {
    const { corpus, model, options } = setUp("rnn");
    const abort = new AbortController();
    const history = await lm.train(model, corpus, {
      ...options,
      maxSteps: 3,
      signal: abort.signal,
      onStep: ({ step }) => (step === 3 ? abort.abort() : undefined),
    });
    assert.equal(history.interrupted, false);
  });

  it("refuses to train a model twice at the same time", async () => {
    const { corpus, model, options } = setUp("rnn");
    const first = lm.train(model, corpus, { ...options, maxSteps: 2 });
    await assert.rejects(lm.train(model, corpus, options), /this model is being trained already; await/);
    await first;
    await lm.train(model, corpus, { ...options, maxSteps: 2 });
    // A kernel that ended a cell by force says so: the call it ended will never come back.
    void lm.train(model, corpus, { ...options, onStep: () => new Promise(() => {}) });
    const hooks = (globalThis as Record<symbol, unknown>)[Symbol.for("unrolled.resetHooks")] as Set<
      () => void
    >;
    for (const reset of hooks) reset();
    await lm.train(model, corpus, { ...options, maxSteps: 2 });
  });
});
