import assert from "node:assert/strict";
import { Generator, lm, nn, tensor, text } from "../../src/index.ts";
import { close, names, recurrent, stream, windowed } from "./models.ts";

describe("NeuralLM", () => {
  const models = {
    "RecurrentLM, one stream": { model: recurrent(stream), corpus: stream, minGiven: 1 },
    "RecurrentLM, sentences": { model: recurrent(names), corpus: names, minGiven: 0 },
    "FixedWindowLM, one stream": { model: windowed(stream), corpus: stream, minGiven: 4 },
    "FixedWindowLM, sentences": { model: windowed(names), corpus: names, minGiven: 0 },
  };
  for (const [name, { model, corpus, minGiven }] of Object.entries(models)) {
    it(`${name}: the score of a text is the product of its one-step predictions, whatever is given`, () => {
      const ids = corpus.train.subarray(0, 40);
      assert.equal(model.minGiven, minGiven);
      const all = model.nll(ids);
      assert.equal(all.length, 40 - minGiven);
      for (let t = minGiven; t < 40; t++) {
        close(model.logProb(ids.subarray(0, t), ids[t]), -all[t - minGiven], 1e-5, `token ${t}`);
      }
      for (const given of [minGiven + 1, 17, 39, 40, 50]) {
        assert.deepEqual([...model.nll(ids, { given })], [...all.subarray(given - minGiven)]);
      }
      const p = model.distribution(ids.subarray(0, 9));
      close(
        p.reduce((a, b) => a + b, 0),
        1,
        1e-9,
        "Σ p",
      );
      if (minGiven > 0) {
        assert.throws(
          () => model.nll(ids, { given: minGiven - 1 }),
          new RegExp(`${minGiven} tokens must be read before one can be predicted; given must be at least`),
        );
      }
      assert.throws(() => model.nll(ids, { given: -1 }), /given must be a whole number and ≥ 0/);
      assert.throws(() => model.evaluate(ids, { given: Number.NaN }), /given must be/);
    });

    it(`${name}: evaluates a part of a corpus with the context carried over all of it, in pieces`, () => {
      const long = Int32Array.from({ length: 1300 }, (_, i) => corpus.train[i % corpus.train.length]);
      const nll = model.nll(long);
      for (const t of [255, 256, 257, 516, 1299]) {
        close(model.logProb(long.subarray(0, t), long[t]), -nll[t - minGiven], 1e-5, `token ${t}`);
      }
      for (const given of [255, 300, 600]) {
        assert.deepEqual(model.nll(long, { given }), nll.subarray(given - minGiven), `given ${given}`);
      }
      const evaluation = model.evaluate(long);
      assert.equal(
        evaluation.nll,
        nll.reduce((a, b) => a + b, 0),
      );
      assert.equal(evaluation.tokens, 1300 - minGiven);
      assert.equal(model.evaluate(corpus).tokens, corpus.valid.length - minGiven);
      const pieces = model.evaluationInPieces(long);
      let [count, last] = [0, pieces.next()];
      for (; !last.done; last = pieces.next()) count++;
      assert.ok(count >= 3);
      assert.deepEqual(last.value, { nll: evaluation.nll, tokens: evaluation.tokens });
    });
  }

  it("reads each of several sentences from the beginning, and closes it", () => {
    for (const model of [recurrent(names), windowed(names)]) {
      const sentences = [
        ["b", "o", "b"],
        ["a", "b"],
      ];
      const alone = sentences.map((s) => model.nll([...s, "."]).reduce((a, b) => a + b, 0));
      const { nll, tokens } = model.evaluate(sentences);
      close(nll, alone[0] + alone[1], 1e-12, "Σ nll");
      assert.equal(tokens, 7);
    }
    // In one row the recurrent model still knows the sentence before; the window does not look over the border.
    const row = ["b", "o", "b", ".", "a", "b", "."];
    const [r, w] = [recurrent(names), windowed(names)].map((m) => m.nll(row).subarray(4));
    assert.notDeepEqual([...r], [...recurrent(names).nll(["a", "b", "."])]);
    assert.deepEqual([...w], [...windowed(names).nll(["a", "b", "."])]);
  });

  it("begins to score a text of any length", () => {
    const ids = Int32Array.from({ length: 300_000 }, (_, i) => i % names.vocabulary.size);
    for (const model of [recurrent(names), windowed(names)]) {
      assert.equal(model.evaluationInPieces(ids).next().done, false);
    }
  });

  it("gives figures per character for a corpus of words", () => {
    const words = text.corpusFromText("a bc a bc a def ".repeat(8).trim(), { level: "word", unknown: null });
    const evaluation = recurrent(words).evaluate(words);
    assert.equal(evaluation.unit, "word");
    // All but the first word, which is given.
    const [, ...rest] = words.vocabulary.decode(words.valid);
    assert.equal(evaluation.characters, rest.join(" ").length);
  });

  it("does not use dropout outside of training, and leaves every mode as it was", () => {
    const dropping = recurrent(stream, { dropout: 0.9 });
    const without = recurrent(stream);
    without.loadStateDict(dropping.stateDict());
    dropping.rnn.training = false;
    const modes = () => dropping.modules().map((m) => m.training);
    const before = modes();
    const generator = JSON.stringify(dropping.generatorStates());
    assert.equal(dropping.evaluate(stream).nll, without.evaluate(stream).nll);
    const options = { prompt: "the ", length: 20, seed: 1 };
    assert.equal(dropping.generate(options).text, without.generate(options).text);
    assert.equal(dropping.logProb("the ", "c"), without.logProb("the ", "c"));
    assert.throws(() => dropping.generate({ ...options, prompt: "☃" }));
    assert.deepEqual(modes(), before);
    assert.equal(JSON.stringify(dropping.generatorStates()), generator);
  });

  it("looks through its modules once for a text, not for each token", () => {
    class Counting extends lm.RecurrentLM {
      looks = 0;
      override modules(): nn.Module[] {
        this.looks++;
        return super.modules();
      }
    }
    const model = new Counting({ corpus: stream, hiddenSize: 4, seed: 1 });
    model.generate({ prompt: "the cat ", length: 100, seed: 1 });
    model.beam({ prompt: "the ", width: 3, length: 20 });
    assert.equal(model.looks, 2);
  });

  it("needs something read before it predicts", () => {
    assert.throws(() => recurrent(stream).generate({ seed: 1 }), /nothing was read yet; give a prompt/);
    assert.throws(
      () => windowed(stream).generate({ prompt: "the", seed: 1 }),
      /predicts from 4 tokens, only 3 were read/,
    );
  });

  it("refuses a tokenizer whose end it does not know, a missing seed and vocabulary", () => {
    const { vocabulary } = stream;
    const tokenizer = text.tokenizerFor("char", "|");
    assert.throws(
      () => new lm.RecurrentLM({ vocabulary, tokenizer, seed: 1 }),
      /RecurrentLM: the tokenizer's end "\|" is not in the vocabulary/,
    );
    assert.throws(() => new lm.FixedWindowLM({ seed: 1 }), /FixedWindowLM: give a corpus or a vocabulary/);
    assert.throws(() => new lm.RecurrentLM({ corpus: stream } as never), /give a seed/);
    assert.throws(() => new lm.RecurrentLM({ corpus: stream, seed: 1, dtype: "int32" as never }), /dtype/);
  });

  it("fills parameters as `init` says", () => {
    const init: lm.NeuralLMOptions["init"] = (name, _, generator) =>
      name.endsWith("bias")
        ? nn.init.constant(0.5)
        : name.startsWith("output")
          ? nn.init.uniform(generator, 0.1)
          : undefined;
    for (const [made, usual] of [
      [recurrent(stream, { init }), recurrent(stream)],
      [windowed(stream, { init }), windowed(stream)],
    ]) {
      const [own, before] = [made.stateDict(), usual.stateDict()];
      assert.deepEqual(own.get("embedding.weight")!.data, before.get("embedding.weight")!.data);
      assert.ok(own.get("output.bias")!.data.every((v) => v === 0.5));
      const weights = [...own.get("output.weight")!.data];
      assert.ok(Math.max(...weights.map(Math.abs)) <= 0.1 && new Set(weights).size > 20);
    }
  });
});

describe("RecurrentLM", () => {
  it("shares the embedding with the output when tied: one parameter, whose gradient is the sum of both uses", () => {
    const build = (tied: boolean) =>
      new lm.RecurrentLM({ corpus: stream, embeddingSize: 8, hiddenSize: 8, tied, seed: 1 });
    const [tied, free] = [build(true), build(false)];
    assert.equal(tied.output.weight, tied.embedding!.weight);
    assert.ok(!tied.namedParameters().has("output.weight"));
    assert.equal(free.parameterCount() - tied.parameterCount(), 8 * stream.vocabulary.size);
    free.loadStateDict(new Map([...tied.stateDict(), ["output.weight", tied.output.weight]]));
    const batch = tied.batches(stream.train, { batchSize: 2, bptt: 5, generator: new Generator(1) }).next();
    for (const model of [tied, free]) model.lossOf(batch, null).loss.backward();
    const [a, b] = [free.embedding!.weight.grad!.data, free.output.weight.grad!.data];
    const both = tied.output.weight.grad!.data;
    for (const [i, g] of both.entries()) close(g, a[i] + b[i], 1e-6, `element ${i}`);
    assert.throws(
      () => new lm.RecurrentLM({ corpus: stream, embeddingSize: 4, hiddenSize: 8, tied: true, seed: 1 }),
      /embeddingSize = hiddenSize, got 4 and 8/,
    );
  });

  it("refuses a cell it does not know, and options that its cell does not have", () => {
    const make = (options: object) => () =>
      new lm.RecurrentLM({ corpus: stream, seed: 1, hiddenSize: 3, ...options });
    assert.throws(make({ cell: "constructor" }), /cell must be "rnn", "lstm" or "gru", got "constructor"/);
    assert.throws(
      make({ cell: "gru", forgetBias: 1 }),
      /forgetBias is an option of cell "lstm", not of "gru"/,
    );
    assert.throws(make({ cell: "lstm", nonlinearity: "relu" }), /nonlinearity is an option of cell "rnn"/);
    assert.throws(make({ resetAfter: false }), /resetAfter is an option of cell "gru", not of "rnn"/);
    const bias = (make({ cell: "lstm", forgetBias: 2 })().rnn as nn.LSTM).weights().biasIh!;
    assert.deepEqual([...bias.data.subarray(3, 6)], [2, 2, 2]);
  });

  it("its state is a value: detached, copied, set to zero for some sequences", () => {
    const x = tensor(
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [
          [7, 8],
          [9, 10],
          [11, 12],
        ],
      ],
      { requiresGrad: true },
    );
    const state = new lm.RecurrentState([x.mul(1), x.mul(2)]);
    assert.deepEqual(
      state.detach().tensors.map((t) => t.requiresGrad),
      [false, false],
    );
    const some = state.reset([1]);
    assert.deepEqual(some.tensors[0].toArray(), [
      [
        [1, 2],
        [0, 0],
        [5, 6],
      ],
      [
        [7, 8],
        [0, 0],
        [11, 12],
      ],
    ]);
    assert.deepEqual([...some.tensors[1].data], [2, 4, 0, 0, 10, 12, 14, 16, 0, 0, 22, 24]);
    assert.ok(state.reset().tensors.every((t) => t.data.every((v) => v === 0) && !t.requiresGrad));
    assert.equal(state.tensors[0].data[2], 3, "the state itself stays");
    assert.notEqual(state.clone().tensors[0].data, state.tensors[0].data);
    assert.throws(() => state.reset([3]), /RecurrentState.reset: a sequence must be .* < 3, got 3/);
  });
});
