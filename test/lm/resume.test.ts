import assert from "node:assert/strict";
import path from "node:path";
import { Generator, lm, optim, text } from "../../src/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";
import { curve, inFolder, SENTENCES, seedOfRun, setUp, withGlobal } from "./setup.ts";

/** A run so small that it can be stopped at every place: 3 epochs of 4 steps, validation in two pieces. */
function tiny() {
  const set = setUp("gru", { hiddenSize: 3, embeddingSize: 2, dropout: 0.3 });
  const { model, corpus, optimizer } = set;
  const valid = corpus.train.subarray(0, 300);
  const small = new text.Corpus({ ...corpus, train: corpus.train.subarray(0, 100), valid });
  const schedule = new optim.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 });
  const options: lm.TrainOptions = {
    optimizer,
    schedule,
    epochs: 3,
    batchSize: 3,
    bptt: 8,
    keepBest: true,
    progress: false,
  };
  return { model, corpus: small, optimizer, schedule, options };
}

const bytesOf = (
  run: { model: lm.NeuralLM; optimizer: optim.Optimizer; schedule?: optim.Schedule },
  history: lm.History,
) => encodeCheckpoint({ ...run, history }).bytes;

describe("train: resume", () => {
  for (const cell of ["rnn", "lstm", "gru"] as const) {
    it(`${cell}: interrupted at a random step and resumed, in memory and from a file, it is the run that was not`, () =>
      inFolder(async (folder) => {
        const seed = seedOfRun();
        const whole = setUp(cell);
        const schedule = new optim.ExponentialLR(whole.optimizer, { gamma: 0.8 });
        const expected = await lm.train(whole.model, whole.corpus, { ...whole.options, schedule });
        const wanted = bytesOf({ ...whole, schedule }, expected);
        const stop = 1 + new Generator(seed).int(expected.steps.length - 1);

        const half = setUp(cell);
        const abort = new AbortController();
        const schedule1 = new optim.ExponentialLR(half.optimizer, { gamma: 0.8 });
        const first = await lm.train(half.model, half.corpus, {
          ...half.options,
          schedule: schedule1,
          signal: abort.signal,
          onStep: ({ step }) => (step === stop ? abort.abort() : undefined),
        });
        const note = `seed ${seed}, stopped at step ${stop} of ${expected.steps.length}`;
        assert.equal(first.steps.length, stop, note);
        assert.equal(first.interrupted, true, note);
        const file = path.join(folder, "half.safetensors");
        lm.save(file, { model: half.model, optimizer: half.optimizer, schedule: schedule1, history: first });

        const resumed = await lm.train(half.model, half.corpus, {
          ...half.options,
          schedule: schedule1,
          resume: first,
        });
        assert.equal(resumed, first, "the history grows");
        assert.equal(curve(resumed), curve(expected), note);
        assert.ok(Buffer.compare(bytesOf({ ...half, schedule: schedule1 }, resumed), wanted) === 0, note);

        const { model, optimizer, scheduleState, history } = lm.load(file);
        assert.equal(history!.interrupted, true);
        const schedule2 = new optim.ExponentialLR(optimizer!, { gamma: 0.8 });
        schedule2.loadState(scheduleState!);
        const again = await lm.train(model, whole.corpus, {
          ...half.options,
          optimizer: optimizer!,
          schedule: schedule2,
          resume: history!,
        });
        assert.equal(curve(again), curve(expected), `from a file: ${note}`);
        const bytes = bytesOf({ model, optimizer: optimizer!, schedule: schedule2 }, again);
        assert.ok(Buffer.compare(bytes, wanted) === 0, `from a file: ${note}`);
      }));
  }

  it("is exact from every place at which the notebook can interrupt it, also in a validation", async () => {
    const whole = tiny();
    let looks = 0;
    const countLooks = { requested: () => ++looks < 0 };
    let expected = new lm.History();
    await withGlobal("unrolled.interrupt", countLooks, async () => {
      expected = await lm.train(whole.model, whole.corpus, whole.options);
    });
    const wanted = bytesOf(whole, expected);
    assert.deepEqual([expected.steps.length, expected.epochs.length], [12, 3]);
    const [all, places] = [looks, new Set<string>()];
    for (let at = 1; at < all; at++) {
      const { model, corpus, optimizer, schedule, options } = tiny();
      let look = 0;
      let history = new lm.History();
      await withGlobal("unrolled.interrupt", { requested: () => ++look === at }, async () => {
        history = await lm.train(model, corpus, options);
      });
      const { step, stepInEpoch } = history.state!;
      places.add(stepInEpoch === 4 ? "validation" : stepInEpoch === 0 ? "epoch's end" : "epoch");
      assert.equal(history.interrupted, true, `look ${at}, step ${step}`);
      // Through the bytes of a checkpoint, as after a restart.
      const loaded = decodeCheckpoint(bytesOf({ model, optimizer, schedule }, history));
      const fresh = new optim.ReduceLROnPlateau(loaded.optimizer!, { patience: 0, factor: 0.5 });
      fresh.loadState(loaded.scheduleState!);
      const resumed = await lm.train(loaded.model, corpus, {
        ...options,
        optimizer: loaded.optimizer!,
        schedule: fresh,
        resume: loaded.history!,
      });
      assert.equal(curve(resumed), curve(expected), `look ${at}, step ${step}`);
      const bytes = bytesOf({ model: loaded.model, optimizer: loaded.optimizer!, schedule: fresh }, resumed);
      assert.ok(Buffer.compare(bytes, wanted) === 0, `look ${at}, step ${step}`);
    }
    assert.deepEqual([...places].sort(), ["epoch", "epoch's end", "validation"]);
  });

  it("is exact after a callback that threw, and after maxSteps, in an epoch and at its end", async () => {
    const whole = tiny();
    const expected = await lm.train(whole.model, whole.corpus, whole.options);
    const wanted = bytesOf(whole, expected);
    for (const stop of [3, 4, 5]) {
      for (const how of ["onStep", "onEpoch", "maxSteps"] as const) {
        const run = tiny();
        const { model, corpus, options } = run;
        let history: lm.History | undefined;
        const fail = ({ step }: { step: number }, known: lm.History) => {
          history = known;
          if (step >= stop) throw new Error("on purpose");
        };
        if (how === "maxSteps") history = await lm.train(model, corpus, { ...options, maxSteps: stop });
        else await assert.rejects(lm.train(model, corpus, { ...options, [how]: fail }), /on purpose/);
        const note = `${how} at ${stop}`;
        assert.equal(history!.interrupted, how !== "maxSteps", note);
        const resumed = await lm.train(model, corpus, { ...options, resume: history });
        assert.equal(curve(resumed), curve(expected), note);
        assert.ok(Buffer.compare(bytesOf(run, resumed), wanted) === 0, note);
      }
    }
  });

  it("goes on for more epochs, as if they had been asked for at once", async () => {
    for (const keepBest of [false, true]) {
      const whole = tiny();
      const expected = await lm.train(whole.model, whole.corpus, { ...whole.options, keepBest });
      const run = tiny();
      const { model, corpus, options } = run;
      let history: lm.History | undefined;
      for (const epochs of [1, 2, 2, 3])
        history = await lm.train(model, corpus, { ...options, keepBest, epochs, resume: history });
      assert.equal(curve(history!), curve(expected));
      assert.ok(Buffer.compare(bytesOf(run, history!), bytesOf(whole, expected)) === 0);
    }
  });

  it("goes on from the last weights, though the model was given back with the best", () =>
    inFolder(async (folder) => {
      // A rate at which some epoch is worse than the one before.
      const build = () => {
        const { corpus, model, options } = setUp("rnn", { dropout: 0 });
        const optimizer = new optim.SGD(model.parameters(), { lr: 8 });
        return { corpus, model, options: { ...options, optimizer, epochs: 6, keepBest: true } };
      };
      const whole = build();
      const expected = await lm.train(whole.model, whole.corpus, whole.options);
      const losses = expected.epochs.map((e) => e.validLoss!);
      const worse = losses.findIndex((loss, i) => i > 0 && loss > Math.min(...losses.slice(0, i)));
      assert.ok(worse > 0 && worse < 5, `no epoch is worse: ${losses}`);
      const best = Math.min(...losses.slice(0, worse + 1));

      const run = build();
      const file = path.join(folder, "best.safetensors");
      const options = { ...run.options, checkpoint: { path: file } };
      const half = await lm.train(run.model, run.corpus, { ...options, epochs: worse + 1 });
      assert.equal(run.model.evaluate(run.corpus).nats, best);
      const loaded = lm.load(file);
      assert.equal(
        loaded.model.evaluate(run.corpus).nats,
        best,
        "the file holds the best weights as the model's",
      );
      for (const [model, optimizer, resume] of [
        [run.model, run.options.optimizer, half],
        [loaded.model, loaded.optimizer!, loaded.history!],
      ] as const) {
        const resumed = await lm.train(model, run.corpus, { ...run.options, optimizer, resume });
        assert.equal(curve(resumed), curve(expected));
        assert.equal(model.evaluate(run.corpus).nats, Math.min(...losses));
      }
    }));

  it("stays stopped where patience ended it, until more of it is given", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    const optimizer = new optim.SGD(model.parameters(), { lr: 60 });
    const wild = { ...options, optimizer, epochs: 30, patience: 1 };
    const history = await lm.train(model, corpus, wild);
    const { length } = history.steps;
    await lm.train(model, corpus, { ...wild, resume: history });
    assert.equal(history.steps.length, length);
    await lm.train(model, corpus, { ...wild, patience: 3, resume: history });
    assert.ok(history.steps.length > length);
  });

  it("asked for less than was done, does nothing and shows all of it", async () => {
    const { corpus, model, options } = setUp("rnn");
    const history = await lm.train(model, corpus, { ...options, epochs: 2 });
    const shown: string[] = [];
    const progress: lm.ProgressReporter = {
      update: () => {},
      end: (p) => shown.push(`${p.step}/${p.totalSteps}, ${p.epoch}/${p.epochs}`),
    };
    const { length } = history.steps;
    await lm.train(model, corpus, { ...options, epochs: 1, resume: history, progress });
    await lm.train(model, corpus, { ...options, maxSteps: 2, resume: history, progress });
    assert.deepEqual(shown, [`${length}/${length}, 2/2`, `${length}/${length}, 2/4`]);
    assert.equal(history.steps.length, length);
  });

  it("FixedWindowLM: the order of the examples and the rest of a pass are the same", async () => {
    const corpus = text.corpusFromText(SENTENCES, { split: { fractions: [0.8, 0.2] } });
    const build = () => {
      const model = new lm.FixedWindowLM({ corpus, window: 4, embeddingSize: 5, hiddenSize: 12, seed: 1 });
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
      return {
        model,
        optimizer,
        options: { optimizer, epochs: 3, batchSize: 100, seed: 9, progress: false },
      };
    };
    const whole = build();
    const expected = await lm.train(whole.model, corpus, whole.options);
    assert.equal(expected.steps.length, 24);
    for (let stop = 1; stop < 24; stop++) {
      const run = build();
      const first = await lm.train(run.model, corpus, { ...run.options, maxSteps: stop });
      const loaded = decodeCheckpoint(bytesOf(run, first));
      const options = { ...run.options, optimizer: loaded.optimizer!, resume: loaded.history! };
      const resumed = await lm.train(loaded.model, corpus, options);
      assert.equal(curve(resumed), curve(expected), `stopped at ${stop}`);
      const bytes = bytesOf({ model: loaded.model, optimizer: loaded.optimizer! }, resumed);
      assert.ok(Buffer.compare(bytes, bytesOf(whole, expected)) === 0, `stopped at ${stop}`);
    }
  });

  it("is refused with other settings, naming what differs", async () => {
    const { corpus, model, options } = setUp("rnn");
    const history = await lm.train(model, corpus, { ...options, maxSteps: 3 });
    const refuses = (more: Partial<lm.TrainOptions>, message: RegExp, on: text.Corpus = corpus) =>
      assert.rejects(lm.train(model, on, { ...options, resume: history, ...more }), message);
    await refuses({ batchSize: 5 }, /cannot resume: batchSize was 4, now it is 5/);
    await refuses({ bptt: 8 }, /cannot resume: bptt was 9, now it is 8/);
    await refuses({ carryState: false }, /cannot resume: carryState was true, now it is false/);
    const other = text.corpusFromText(SENTENCES.replace("cat", "act"), {
      name: "pets",
      split: { fractions: [0.8, 0.2] },
    });
    await refuses({}, /cannot resume: corpus was/, other);
    const bare = lm.History.fromJSON(history.toJSON());
    await refuses({ resume: bare }, /no position to resume from/);
    assert.equal(history.steps.length, 3);
    assert.equal((await lm.train(model, corpus, { ...options, resume: history })).epochs.length, 4);
  });

  it("is refused with a model, an optimizer or a schedule that is not as the training left it", async () => {
    const { corpus, model, optimizer, options } = setUp("rnn");
    const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.5 });
    const history = await lm.train(model, corpus, { ...options, schedule, epochs: 2 });
    const resume = (more: Partial<lm.TrainOptions>, on: lm.RecurrentLM = model) =>
      lm.train(on, corpus, { ...options, schedule, resume: history, ...more });
    const anew = setUp("rnn");
    await assert.rejects(
      resume({ optimizer: anew.optimizer, schedule: undefined }, anew.model),
      /the model's weights are not those that this history ended with; was the model made anew/,
    );
    const larger = setUp("rnn", { hiddenSize: 9 });
    await assert.rejects(
      resume({ optimizer: larger.optimizer, schedule: undefined }, larger.model),
      /the model's weights are not those that this history ended with/,
    );
    await assert.rejects(
      resume({ optimizer: new optim.SGD(model.parameters(), { lr: 1 }), schedule: undefined }),
      /the optimizer was Adam after \d+ updates, now it is SGD after 0 updates/,
    );
    const otherLetters = text.corpusFromText(SENTENCES.replaceAll("c", "C"), {
      name: "pets",
      split: { fractions: [0.8, 0.2] },
    });
    await assert.rejects(
      lm.train(model, otherLetters, { ...options, schedule, resume: history }),
      /vocabularies of corpus "pets" and of the model differ: token 2 is "C" there, "a" here/,
    );
    await assert.rejects(
      resume({ optimizer: new optim.Adam(model.parameters()), schedule: undefined }),
      /the optimizer was Adam after \d\d\d updates, now it is Adam after 0 updates; give the same object, or the one/,
    );
    await assert.rejects(
      resume({ schedule: undefined }),
      /the schedule was ExponentialLR after 2 steps, now it is none; give the same/,
    );
    await assert.rejects(
      resume({ schedule: new optim.ExponentialLR(optimizer, { gamma: 0.5 }) }),
      /ExponentialLR after 0 steps; .*schedule.loadState/,
    );
    assert.equal((await resume({})).epochs.length, 4);
  });
});
