import assert from "node:assert/strict";
import { Generator, lm, text } from "../../src/index.ts";
import { entropyBits, predictions } from "../../src/play/predictions.ts";
import { Reader } from "../../src/play/reader.ts";
import { append, cut, visible } from "../../src/play/text.ts";

const corpus = text.corpusFromText("the cat sat on the mat. ", { name: "cats" });
const sentences = text.corpusFromText("ab\nba\nabba\n", { name: "lines", level: "char", end: "." } as never);

type Options = Partial<lm.RecurrentLMOptions>;
const KINDS: [string, Options][] = [
  ["RNN", { cell: "rnn" }],
  ["RNN with relu, one-hot", { cell: "rnn", nonlinearity: "relu", embeddingSize: null }],
  ["LSTM of two layers", { cell: "lstm", numLayers: 2 }],
  ["GRU, reset after", { cell: "gru" }],
  ["GRU, reset before, float64", { cell: "gru", resetAfter: false, dtype: "float64" }],
];

describe("play: what happens inside", () => {
  for (const [name, options] of KINDS) {
    it(`${name}: probabilities and states are the model's own`, () => {
      const model = new lm.RecurrentLM({ corpus, hiddenSize: 6, embeddingSize: 4, seed: 3, ...options });
      const ids = [...corpus.vocabulary.encode("the cat")];
      const reader = new Reader(model);
      const steps = reader.read(ids);
      let reading = model.initialState();
      ids.forEach((id, t) => {
        const before = reading;
        reading = model.advance(reading, id);
        close(steps[t].logProbs!, model.logProbs(reading));
        assert.equal(steps[t].surprise, before ? -steps[t - 1].logProbs![id] : null);
        const { tensors } = reading!.state;
        reader.quantities.forEach(({ key, layer }, q) => {
          if (key !== "h" && key !== "c") return;
          const H = model.rnn.hiddenSize;
          close(steps[t].values![q], tensors["hc".indexOf(key)].data.slice(layer * H, (layer + 1) * H));
        });
      });
    });
  }

  it("gates lie between 0 and 1, and c' = f ⊙ c + i ⊙ g", () => {
    const model = new lm.RecurrentLM({ corpus, cell: "lstm", hiddenSize: 5, seed: 1 });
    const reader = new Reader(model);
    const steps = reader.read([0, 3, 2]);
    const of = (t: number, key: string) =>
      steps[t].values![reader.quantities.findIndex((q) => q.key === key)];
    const derived = of(2, "f").map((f, k) => f * of(1, "c")[k] + of(2, "i")[k] * of(2, "g")[k]);
    close(of(2, "c"), derived);
    for (const [q, { gate }] of reader.quantities.entries()) {
      if (gate) assert.ok(steps[2].values![q].every((v) => v > 0 && v < 1));
    }
  });

  it("reads only what is new, and reads again what was changed", () => {
    const model = new lm.RecurrentLM({ corpus, cell: "gru", hiddenSize: 5, seed: 1 });
    const reader = new Reader(model);
    const first = [...reader.read([1, 2, 3, 4])];
    const second = [...reader.read([1, 2, 5])];
    assert.equal(second[1], first[1]);
    assert.deepEqual(second, [...new Reader(model).read([1, 2, 5])]);
    assert.equal(reader.read([]).length, 0);
  });

  it("a fixed window is silent until it is filled", () => {
    const model = new lm.FixedWindowLM({ corpus, window: 3, hiddenSize: 4, seed: 1 });
    const ids = [...corpus.vocabulary.encode("the c")];
    const steps = new Reader(model).read(ids);
    assert.deepEqual(
      steps.map(({ logProbs }) => logProbs === null),
      [true, true, false, false, false],
    );
    close(steps[4].logProbs!, model.logProbs(ids.slice(-3)));
    assert.equal(steps[4].values![0].length, 4);
  });

  it("begins with the end token where sentences have one", () => {
    const model = new lm.RecurrentLM({ corpus: sentences, cell: "rnn", hiddenSize: 4, seed: 1 });
    const steps = new Reader(model).read([]);
    assert.equal(steps.length, 1);
    assert.equal(steps[0].token, model.endId);
    close(steps[0].logProbs!, model.logProbs(model.initialState()));
  });
});

describe("play: text and predictions", () => {
  const model = new lm.RecurrentLM({ corpus, cell: "rnn", hiddenSize: 4, seed: 1 });

  it("leaves out what the model does not know, and says what", () => {
    const { ids, unknown } = cut(model, "the zebra sat");
    assert.deepEqual(unknown, ["z", "b", "r"]);
    assert.equal(corpus.vocabulary.decode(ids).join(""), "the ea sat");
  });

  it("appends characters, words and ends of sentences", () => {
    const id = (m: lm.RecurrentLM, token: string) => m.vocabulary.id(token);
    assert.equal(append(model, "the c", id(model, "a")), "the ca");
    const words = text.Vocabulary.fromTokens(["the", "cat", "<end>"]);
    const wordModel = new lm.RecurrentLM({
      vocabulary: words,
      tokenizer: text.tokenizerFor("word", "<end>"),
      hiddenSize: 4,
      seed: 1,
    });
    assert.equal(append(wordModel, "the", id(wordModel, "cat")), "the cat");
    assert.equal(append(wordModel, "the cat ", id(wordModel, "<end>")), "the cat\n");
    assert.deepEqual(cut(wordModel, "the cat ").ids, [0, 1]);
    assert.equal(visible(wordModel, 2), "⏎");
    assert.equal(visible(model, id(model, " ")), "␣");
  });

  it("ranks by probability and follows the temperature", () => {
    const logProbs = Float64Array.of(0.5, 0.25, 0.25).map(Math.log);
    assert.deepEqual(
      predictions(logProbs, 0, 2).map(({ id, p }) => [id, p]),
      [
        [0, 1],
        [1, 0],
      ],
    );
    const hot = predictions(logProbs, 0.5, 3);
    close(
      hot.map(({ p }) => p),
      [4 / 6, 1 / 6, 1 / 6],
    );
    close(
      hot.map(({ p1 }) => p1),
      [0.5, 0.25, 0.25],
    );
    assert.equal(entropyBits(logProbs, 1), 1.5);
    assert.equal(entropyBits(logProbs, 0), 0);
    const generator = new Generator(1);
    const flat = Float64Array.from({ length: 8 }, () => generator.uniform());
    assert.ok(Math.abs(entropyBits(lm.normalizeLogProbs(flat), 1e9) - 3) < 1e-6);
  });
});

function close(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(Math.abs(actual[i] - expected[i]) < 1e-5, `${i}: ${actual[i]}, expected ${expected[i]}`);
  }
}
