import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fromData, Generator, lm, noGrad, text } from "../../src/index.ts";
import { type Array64, readModel, runModel } from "./onnx-runtime.ts";
import { inFolder } from "./setup.ts";

const vocabulary = text.Vocabulary.fromTokens(["a", "b", "é", "한", "__proto__", " "]);
const V = vocabulary.size;

function makeModel(options: Partial<lm.RecurrentLMOptions>): lm.RecurrentLM {
  const model = new lm.RecurrentLM({ cell: "rnn", hiddenSize: 4, vocabulary, seed: 1, ...options });
  const random = new Generator("weights");
  for (const p of model.parameters()) {
    p.changeData((data) => {
      for (let i = 0; i < data.length; i++) data[i] = random.normal(0, 0.6);
    });
  }
  return model.eval();
}

const wide = (shape: readonly number[], data: ArrayLike<number>): Array64 => ({
  shape,
  data: Float64Array.from(data),
});

const cases: [string, Partial<lm.RecurrentLMOptions>][] = [
  ["RNN tanh", { cell: "rnn", embeddingSize: 3 }],
  ["RNN relu on one-hot vectors", { cell: "rnn", nonlinearity: "relu", embeddingSize: null }],
  ["RNN sigmoid", { cell: "rnn", nonlinearity: "sigmoid", embeddingSize: 3 }],
  ["LSTM", { cell: "lstm", embeddingSize: 3 }],
  ["LSTM of two layers with dropout", { cell: "lstm", embeddingSize: 3, numLayers: 2, dropout: 0.5 }],
  ["LSTM with tied weights", { cell: "lstm", embeddingSize: 4, tied: true }],
  ["GRU, reset after", { cell: "gru", embeddingSize: 3, numLayers: 2 }],
  ["GRU, reset before", { cell: "gru", embeddingSize: 3, resetAfter: false }],
];

describe("ONNX files", () => {
  for (const [name, options] of cases) {
    it(`${name}: read and computed from the format's definition, logits and states are the model's`, () => {
      const model = makeModel(options);
      const [T, B, L, H] = [5, 2, model.rnn.numLayers, model.rnn.hiddenSize];
      const random = new Generator(name);
      const ids = Int32Array.from({ length: T * B }, () => random.int(V));
      const names = options.cell === "lstm" ? ["h", "c"] : ["h"];
      const states = names.map(() => Float32Array.from({ length: L * B * H }, () => random.normal()));
      const [logits, state] = noGrad(() =>
        model.forward(
          fromData(ids, [T, B]),
          new lm.RecurrentState(states.map((s) => fromData(s, [L, B, H]))),
        ),
      );
      const file = readModel(lm.toOnnx(model));
      assert.deepEqual(file.inputs, ["ids", ...names]);
      assert.deepEqual(file.outputs, ["logits", ...names.map((n) => `new${n.toUpperCase()}`)]);
      const results = runModel(file, {
        ids: wide([T, B], ids),
        ...Object.fromEntries(names.map((n, i) => [n, wide([L, B, H], states[i])])),
      });
      const expected = [logits, ...state.tensors];
      file.outputs.forEach((output, i) => {
        const { shape, data } = results.get(output)!;
        assert.deepEqual(shape, expected[i].shape, output);
        expected[i].data.forEach((v: number, k: number) => {
          assert.ok(Math.abs(v - data[k]) < 1e-5, `${output}, element ${k}: ${data[k]}, not ${v}`);
        });
      });
    });
  }

  it("carries the vocabulary and the version of its operators, and is written whole", () =>
    inFolder(async (folder) => {
      const model = makeModel({ embeddingSize: 3 });
      const file = path.join(folder, "model.onnx");
      lm.saveOnnx(file, model);
      const bytes = readFileSync(file);
      assert.deepEqual(new Uint8Array(bytes), lm.toOnnx(model));
      const { metadata, opset, constants } = readModel(bytes);
      assert.deepEqual(JSON.parse(metadata.get("unrolled.vocabulary")!), vocabulary.tokens);
      assert.equal(opset, 17);
      assert.deepEqual(constants.get("embedding")!.shape, [V, 3]);
    }));

  it("refuses a float64 model by name", () => {
    assert.throws(() => lm.toOnnx(makeModel({ dtype: "float64" })), /^ArgumentError: toOnnx: .*float32 only/);
  });
});
