import assert from "node:assert/strict";
import { Generator, lm, type nn, optim, text } from "../../src/index.ts";
import { decodeCheckpoint, encodeCheckpoint, type Saved } from "../../src/lm/checkpoint/checkpoint.ts";
import { decodeTensors } from "../../src/lm/checkpoint/safetensors.ts";
import { curve, SENTENCES, setUp } from "./setup.ts";

describe("checkpoints: what is easily lost", () => {
  const options = { epochs: 3, batchSize: 4, bptt: 9, progress: false } as const;
  const through = (saved: Saved) => decodeCheckpoint(encodeCheckpoint(saved).bytes);

  it("tied weights stay tied: after loading, training goes on as if nothing had been", async () => {
    const build = () => {
      const set = setUp("lstm", { embeddingSize: 8, hiddenSize: 8, tied: true });
      return { ...set, options: { ...options, optimizer: set.optimizer } };
    };
    const whole = build();
    const expected = await lm.train(whole.model, whole.corpus, whole.options);
    const { model, corpus, optimizer, options: half } = build();
    const history = await lm.train(model, corpus, { ...half, maxSteps: 17 });
    const loaded = through({ model, optimizer, history });
    const tied = loaded.model as lm.RecurrentLM;
    assert.equal(tied.output.weight, tied.embedding!.weight);
    assert.equal(tied.parameters().length, model.parameters().length);
    const { tensors } = decodeTensors(encodeCheckpoint({ model }).bytes);
    assert.ok(tensors.has("embedding.weight") && !tensors.has("output.weight"));
    const resume = loaded.history!;
    const resumed = await lm.train(tied, corpus, { ...half, optimizer: loaded.optimizer!, resume });
    assert.equal(curve(resumed), curve(expected));
    assert.deepEqual(tied.output.weight.data, whole.model.embedding!.weight.data);
  });

  it("moments stay with their parameters, though the optimizer has them in another order, or only some", async () => {
    const { corpus, model } = setUp("gru");
    const [embedding, output, rnn] = [model.embedding!, model.output, model.rnn];
    for (const groups of [
      [
        { params: output.parameters() },
        { params: [...rnn.parameters(), ...embedding.parameters()], lr: 0.1 },
      ],
      [{ params: [rnn.weights().biasHh!, rnn.weights().biasIh!] }],
    ] as { params: nn.Parameter[]; lr?: number }[][]) {
      const optimizer = new optim.Adam(groups);
      const history = await lm.train(model, corpus, { ...options, optimizer, maxSteps: 5 });
      const loaded = through({ model, optimizer, history });
      assert.deepEqual(loaded.optimizer!.stateDict(), optimizer.stateDict());
      const names = (m: lm.NeuralLM, o: optim.Optimizer) => {
        const known = new Map([...m.namedParameters()].map(([name, p]) => [p as unknown, name]));
        return o.groups.map((g) => g.params.map((p) => known.get(p)));
      };
      assert.deepEqual(names(loaded.model, loaded.optimizer!), names(model, optimizer));
      const on = { ...options, maxSteps: 9 };
      const a = await lm.train(model, corpus, { ...on, optimizer, resume: history });
      const b = await lm.train(loaded.model, corpus, {
        ...on,
        optimizer: loaded.optimizer!,
        resume: loaded.history!,
      });
      assert.equal(curve(a), curve(b));
    }
    const foreign = new optim.SGD(setUp("gru").model.parameters(), { lr: 1 });
    assert.throws(
      () => encodeCheckpoint({ model, optimizer: foreign }),
      /has a parameter that is not the model's/,
    );
  });

  it("dropout goes on with the masks that would have come, also without a history", async () => {
    const { corpus, model, optimizer } = setUp("rnn", { dropout: 0.5, numLayers: 2 });
    await lm.train(model, corpus, { ...options, optimizer, maxSteps: 3 });
    const loaded = through({ model }).model as lm.RecurrentLM;
    const batch = model.batches(corpus.train, { batchSize: 2, bptt: 5, generator: new Generator(1) }).next();
    for (let k = 0; k < 3; k++)
      assert.equal(loaded.lossOf(batch, null).loss.item(), model.lossOf(batch, null).loss.item());
  });

  it("a model that was filled by `init`, with a forget bias, of doubles, comes back as it is", () => {
    const { corpus } = setUp("lstm");
    const model = new lm.RecurrentLM({
      corpus,
      cell: "lstm",
      hiddenSize: 4,
      embeddingSize: null,
      numLayers: 2,
      forgetBias: 1,
      dtype: "float64",
      seed: 1,
      init: (_, __, generator) => (p) => p.changeData((data) => data.set(data.map(() => generator.normal()))),
    });
    const { model: loaded } = through({ model });
    assert.equal(loaded.parameters()[0].dtype, "float64");
    assert.equal(loaded.evaluate(corpus).nll, model.evaluate(corpus).nll);
  });

  it("sentences keep their end, and tokenizers cut as before", () => {
    const lines = SENTENCES.replaceAll(". ", "\n");
    for (const level of ["char", "word", "syllable", "jamo"] as const) {
      for (const end of [undefined, "."]) {
        const corpus = text.corpusFromText(lines, { level, end });
        const model = new lm.RecurrentLM({ corpus, hiddenSize: 3, seed: 1 });
        const { model: loaded } = through({ model });
        assert.equal(loaded.endId, model.endId);
        assert.equal(loaded.evaluate(corpus).nll, model.evaluate(corpus).nll);
        const prompt = end ? "the dog" : "the";
        assert.deepEqual(loaded.tokenizer!.fragment(prompt), model.tokenizer!.fragment(prompt));
      }
    }
  });

  it("a tokenizer of one's own must be given again; it is never taken for another", () => {
    const lower: text.Tokenizer = {
      ...text.characters,
      iterate: (t) => t.toLowerCase(),
      fragment: (t) => [...t.toLowerCase()],
    };
    const odd: text.Tokenizer = { ...text.characters, unit: "byte" };
    for (const tokenizer of [lower, odd, text.lines(text.words, ".")]) {
      const corpus = text.corpusFromText("a b\nb a\n".repeat(9), { tokenizer });
      const { bytes } = encodeCheckpoint({ model: new lm.RecurrentLM({ corpus, hiddenSize: 3, seed: 1 }) });
      assert.throws(
        () => decodeCheckpoint(bytes, "c"),
        /c: the model has a tokenizer of its own .*lm\.load\(path, \{ tokenizer \}\)/,
      );
      assert.equal(decodeCheckpoint(bytes, "c", { tokenizer }).model.tokenizer, tokenizer);
    }
  });

  it("refuses what could not be loaded, before it trains", async () => {
    class Own extends lm.NeuralLM<lm.Batch, null> {
      readonly config = { model: "Own" };
      batches = () => assert.fail();
      lossOf = () => assert.fail();
      scores = () => assert.fail();
      initialState = () => null;
      advance = () => null;
      logProbs = () => new Float64Array(1);
    }
    const { corpus, optimizer, model } = setUp("rnn");
    const own = new Own({ corpus, seed: 1 });
    const wanted =
      /a checkpoint holds a RecurrentLM or a FixedWindowLM, not a Own; for other models use lm\.saveTensors/;
    assert.throws(() => encodeCheckpoint({ model: own }), wanted);
    Object.assign(own, { inner: model }); // so that the optimizer is one of its own
    await assert.rejects(lm.train(own, corpus, { optimizer, checkpoint: { path: "x" } }), wanted);
    class Lion extends optim.SGD {}
    const lion = new Lion(model.parameters(), { lr: 1 });
    assert.throws(
      () => encodeCheckpoint({ model, optimizer: lion }),
      /holds one of SGD, .*AdamW, not "Lion"/,
    );
  });
});
