import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Generator, lm, optim, text } from "../../src/index.ts";
import { encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";

const SENTENCES = "the cat sat on the mat. the dog sat on the log. a cat and a dog ran to the mat. ".repeat(
  12,
);

function setUp(cell: "rnn" | "lstm" | "gru", extra: Partial<lm.RecurrentLMOptions> = {}) {
  const corpus = text.corpusFromText(SENTENCES, { name: "pets", split: { fractions: [0.8, 0.2] } });
  const model = new lm.RecurrentLM({
    corpus,
    cell,
    embeddingSize: 6,
    hiddenSize: 8,
    seed: 3,
    dropout: 0.2,
    ...extra,
  });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const options: lm.TrainOptions = {
    optimizer,
    epochs: 4,
    batchSize: 4,
    bptt: 9,
    clipNorm: 1,
    progress: false,
  };
  return { corpus, model, optimizer, options };
}

/** One line per run: a mismatch prints two short lines, not two histories. */
const curve = (history: lm.History) =>
  createHash("sha256")
    .update(JSON.stringify(history.toJSON({ timings: false })))
    .digest("hex");

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

    it(`${cell}: interrupted at a random step and resumed, in memory and from a file, it is the run that was not`, async () => {
      const seed = process.env.UNROLLED_TEST_SEED ?? String(Date.now());
      const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-test-"));
      try {
        const whole = setUp(cell);
        const schedule = new optim.ExponentialLR(whole.optimizer, { gamma: 0.8 });
        const expected = await lm.train(whole.model, whole.corpus, { ...whole.options, schedule });
        const wanted = encodeCheckpoint({ ...whole, schedule, history: expected }).bytes;
        const stop = 1 + new Generator(seed).int(expected.steps.length - 1);

        const half = setUp(cell);
        const abort = new AbortController();
        const schedule1 = new optim.ExponentialLR(half.optimizer, { gamma: 0.8 });
        const onStep = ({ step }: lm.StepRecord) => (step === stop ? abort.abort() : undefined);
        const first = await lm.train(half.model, half.corpus, {
          ...half.options,
          schedule: schedule1,
          signal: abort.signal,
          onStep,
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
        assert.equal(curve(resumed), curve(expected), note);
        const resumedBytes = encodeCheckpoint({ ...half, schedule: schedule1, history: resumed }).bytes;
        assert.ok(Buffer.compare(resumedBytes, wanted) === 0, note);

        const loaded = lm.load(file);
        const optimizer = loaded.optimizer!;
        const schedule2 = new optim.ExponentialLR(optimizer, { gamma: 0.8 });
        schedule2.loadState(loaded.scheduleState!);
        const again = await lm.train(loaded.model as lm.RecurrentLM, whole.corpus, {
          ...half.options,
          optimizer,
          schedule: schedule2,
          resume: loaded.history!,
        });
        assert.equal(curve(again), curve(expected), `from a file: ${note}`);
        const bytes = encodeCheckpoint({
          model: loaded.model,
          optimizer,
          schedule: schedule2,
          history: again,
        }).bytes;
        assert.ok(Buffer.compare(bytes, wanted) === 0, `from a file: ${note}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("trains on from the present weights when it is called again, with epochs counted anew", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    const first = await lm.train(model, corpus, options);
    const second = await lm.train(model, corpus, options);
    assert.ok(second.steps[0].loss < first.steps[0].loss - 0.1);
    assert.equal(second.steps[0].epoch, 1);
  });

  it("refuses a resume with other settings, naming what differs", async () => {
    const { corpus, model, options } = setUp("rnn");
    const history = await lm.train(model, corpus, { ...options, maxSteps: 3 });
    await assert.rejects(
      lm.train(model, corpus, { ...options, batchSize: 5, resume: history }),
      /cannot resume: batchSize was 4, now it is 5/,
    );
    const other = text.corpusFromText(SENTENCES.replace("cat", "act"), {
      name: "pets",
      split: { fractions: [0.8, 0.2] },
    });
    await assert.rejects(
      lm.train(model, other, { ...options, resume: history }),
      /cannot resume: corpus was/,
    );
    const bare = lm.History.fromJSON(history.toJSON());
    await assert.rejects(lm.train(model, corpus, { ...options, resume: bare }), /no position to resume from/);
  });

  it("refuses a corpus with another vocabulary, and one shorter than a window", async () => {
    const { corpus, model, options } = setUp("rnn");
    const other = text.corpusFromText("xyz".repeat(99), { split: { fractions: [1, 0] } });
    await assert.rejects(lm.train(model, other, options), /3 tokens in its vocabulary, the model/);
    await assert.rejects(lm.train(model, corpus, { ...options, batchSize: 500 }), /500 streams/);
  });

  it("stops where the loss is not finite, naming step and parameter, before the update", async () => {
    const { corpus, model, options } = setUp("rnn", { dropout: 0 });
    await lm.train(model, corpus, { ...options, maxSteps: 2 });
    model.output.bias!.data[0] = Number.NaN;
    const before = model.stateDict();
    await assert.rejects(lm.train(model, corpus, options), (error: Error) => {
      assert.equal(error.name, "TrainingError");
      assert.match(
        error.message,
        /at step 1 the loss is NaN; first in "output.bias".*Try a smaller learning rate/s,
      );
      return true;
    });
    for (const [name, x] of model.stateDict()) assert.deepEqual(x.data, before.get(name)!.data);
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
    const { corpus, model, options } = setUp("lstm", { dropout: 0, hiddenSize: 16 });
    const optimizer = new optim.SGD(model.parameters(), { lr: 60 }); // far too large on purpose
    const history = await lm.train(model, corpus, {
      ...options,
      optimizer,
      epochs: 50,
      patience: 2,
      keepBest: true,
    });
    const best = Math.min(...history.epochs.map((e) => e.validLoss!));
    assert.ok(history.epochs.length < 50);
    assert.equal(history.epochs.at(-3)!.validLoss, best);
    assert.equal(model.evaluate(corpus).nats, best);
  });

  it("writes checkpoints as it goes, and leaves no temporary files", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-test-"));
    try {
      const { corpus, model, options } = setUp("gru");
      const file = path.join(folder, "model.safetensors");
      await lm.train(model, corpus, { ...options, epochs: 1, checkpoint: { path: file, everySteps: 2 } });
      const { model: loaded } = lm.load(file);
      assert.equal(loaded.evaluate(corpus).nats, model.evaluate(corpus).nats);
      assert.equal(JSON.parse(readFileSync(`${file}.json`, "utf8")).config.cell, "gru");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("lets timers run while it trains", async () => {
    const { corpus, model, options } = setUp("lstm", { hiddenSize: 48 });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await lm.train(model, corpus, { ...options, epochs: 6 });
    clearInterval(timer);
    assert.ok(ticks > 0);
  });

  it("reports progress whose last state holds no times", async () => {
    const { corpus, model, options } = setUp("rnn");
    const ends: string[] = [];
    const progress: lm.ProgressReporter = {
      update: () => {},
      end: (p, how) => ends.push(`${how} ${p.step}/${p.totalSteps}`),
    };
    const history = await lm.train(model, corpus, { ...options, epochs: 2, progress });
    assert.deepEqual(ends, [`finished ${history.steps.length}/${history.steps.length}`]);
  });
});

describe("FixedWindowLM", () => {
  const corpus = text.corpusFromText(SENTENCES, { split: { fractions: [0.8, 0.2] } });

  it("trains, evaluates every token after its window, and resumes exactly", async () => {
    const build = () => {
      const model = new lm.FixedWindowLM({
        corpus,
        window: 4,
        embeddingSize: 5,
        hiddenSize: 12,
        direct: true,
        seed: 1,
      });
      return { model, optimizer: new optim.Adam(model.parameters(), { lr: 0.02 }) };
    };
    const a = build();
    const options = { epochs: 3, batchSize: 16, seed: 9, progress: false } as const;
    const whole = await lm.train(a.model, corpus, { ...options, optimizer: a.optimizer });
    const evaluation = a.model.evaluate(corpus);
    assert.equal(evaluation.tokens, corpus.valid.length - 4);
    const direct = a.model.logProb(corpus.valid.subarray(0, 4), corpus.valid[4]);
    assert.ok(Math.abs(a.model.nll(corpus.valid)[0] + direct) < 1e-5);
    const b = build();
    const first = await lm.train(b.model, corpus, { ...options, optimizer: b.optimizer, maxSteps: 17 });
    const resumed = await lm.train(b.model, corpus, { ...options, optimizer: b.optimizer, resume: first });
    assert.equal(curve(resumed), curve(whole));
    assert.ok(whole.last.validLoss! < 1);
  });

  it("says how much it must read before it can predict", () => {
    const model = new lm.FixedWindowLM({ corpus, window: 4, seed: 1 });
    assert.throws(
      () => model.generate({ prompt: "the", seed: 1 }),
      /predicts from 4 tokens, only 3 were read/,
    );
  });
});

describe("RecurrentLM", () => {
  const corpus = text.corpusFromText(SENTENCES, { split: { fractions: [0.8, 0.2] } });
  const model = new lm.RecurrentLM({
    corpus,
    cell: "lstm",
    embeddingSize: 5,
    hiddenSize: 7,
    numLayers: 2,
    seed: 2,
  });

  it("scores a text as the product of its one-step predictions, whatever the chunks", () => {
    const ids = corpus.valid.subarray(0, 40);
    const nll = model.nll(ids);
    assert.equal(nll.length, 39);
    for (const t of [1, 7, 39]) {
      assert.ok(Math.abs(model.logProb(ids.subarray(0, t), ids[t]) + nll[t - 1]) < 1e-5);
    }
    const p = model.distribution("the ");
    assert.ok(Math.abs(p.reduce((a, b) => a + b, 0) - 1) < 1e-9);
  });

  it("evaluates with the state carried over the whole text", () => {
    const long = Int32Array.from({ length: 600 }, (_, i) => corpus.train[i % corpus.train.length]);
    const nll = model.nll(long);
    assert.ok(Math.abs(model.logProb(long.subarray(0, 300), long[300]) + nll[299]) < 1e-5);
    assert.ok(Math.abs(model.evaluate(long).nll - nll.reduce((a, b) => a + b, 0)) < 1e-9);
  });

  it("needs something read before it predicts", () => {
    assert.throws(() => model.generate({ seed: 1 }), /nothing was read yet; give a prompt/);
  });

  it("generates the same text for the same seed, and does not change the model's mode", () => {
    const options = { prompt: "the ", length: 30, temperature: 0.8, seed: 5 };
    assert.equal(model.generate(options).text, model.generate(options).text);
    assert.notEqual(model.generate(options).text, model.generate({ ...options, seed: 6 }).text);
    assert.equal(model.training, true);
  });

  it("shares the embedding with the output when tied: one parameter, two uses", () => {
    const tied = new lm.RecurrentLM({ corpus, embeddingSize: 8, hiddenSize: 8, tied: true, seed: 1 });
    assert.equal(tied.output.weight, tied.embedding!.weight);
    assert.deepEqual([...tied.namedParameters().keys()].slice(0, 1), ["embedding.weight"]);
    assert.ok(!tied.namedParameters().has("output.weight"));
    assert.throws(
      () => new lm.RecurrentLM({ corpus, embeddingSize: 4, hiddenSize: 8, tied: true, seed: 1 }),
      /embeddingSize = hiddenSize/,
    );
  });
});
