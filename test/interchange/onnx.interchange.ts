/** Another runtime computes the exported file: onnxruntime-web, fetched for this test only. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { fromData, Generator, lm, noGrad, text } from "../../src/index.ts";
import { needs } from "../hooks.ts";

interface OrtTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
interface Ort {
  Tensor: new (type: string, data: Int32Array | Float32Array, dims: readonly number[]) => OrtTensor;
  InferenceSession: {
    create(
      bytes: Uint8Array,
    ): Promise<{ run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> }>;
  };
}

const folder = process.env["UNROLLED_ONNXRUNTIME"];

describe("ONNX files in onnxruntime", () => {
  let ort: Ort;
  before(function () {
    needs(
      this,
      folder !== undefined,
      "npm install --prefix DIR onnxruntime-web@1.30.0, and set UNROLLED_ONNXRUNTIME=DIR",
    );
    ort = createRequire(path.join(path.resolve(folder!), "node_modules", "x.js"))("onnxruntime-web") as Ort;
  });

  const cases: [string, Omit<lm.RecurrentLMOptions, "vocabulary" | "seed">][] = [
    ["RNN", { cell: "rnn", embeddingSize: 5, hiddenSize: 7 }],
    [
      "RNN with relu, one-hot input",
      { cell: "rnn", nonlinearity: "relu", embeddingSize: null, hiddenSize: 6 },
    ],
    ["LSTM of two layers", { cell: "lstm", embeddingSize: 5, hiddenSize: 7, numLayers: 2, dropout: 0.5 }],
    ["LSTM with tied weights", { cell: "lstm", embeddingSize: 6, hiddenSize: 6, tied: true }],
    ["GRU, reset after", { cell: "gru", embeddingSize: 5, hiddenSize: 7, numLayers: 2 }],
    ["GRU, reset before", { cell: "gru", embeddingSize: 5, hiddenSize: 7, resetAfter: false }],
  ];
  for (const [name, options] of cases) {
    it(`${name}: logits and states agree to 1e-4`, async () => {
      const generator = new Generator("onnx");
      const vocabulary = makeVocabulary(11);
      const model = new lm.RecurrentLM({ ...options, vocabulary, seed: 4 });
      model.eval();
      for (const p of model.parameters()) {
        p.changeData((data) => {
          for (let k = 0; k < data.length; k++) data[k] = generator.normal(0, 0.5);
        });
      }
      const [T, B, L, H] = [9, 3, model.rnn.numLayers, model.rnn.hiddenSize];
      const x = Int32Array.from({ length: T * B }, () => generator.int(11));
      const names = options.cell === "lstm" ? ["h", "c"] : ["h"];
      const states = names.map(() => Float32Array.from({ length: L * B * H }, () => generator.normal()));
      const [logits, after] = noGrad(() =>
        model.forward(fromData(x, [T, B]), new lm.RecurrentState(states.map((s) => fromData(s, [L, B, H])))),
      );
      const session = await ort.InferenceSession.create(lm.toOnnx(model));
      const feeds: Record<string, OrtTensor> = { ids: new ort.Tensor("int32", x, [T, B]) };
      names.forEach((s, i) => {
        feeds[s] = new ort.Tensor("float32", states[i], [L, B, H]);
      });
      const out = await session.run(feeds);
      assert.deepEqual([...out["logits"].dims], [T, B, 11]);
      close(out["logits"].data, logits.data, 1e-4);
      names.forEach((s, i) => {
        close(out[`new${s.toUpperCase()}`].data, after.tensors[i].data, 1e-4);
      });
    });
  }
});

function makeVocabulary(size: number): lm.RecurrentLMOptions["vocabulary"] {
  return text.Vocabulary.fromTokens(Array.from({ length: size }, (_, i) => String.fromCharCode(97 + i)));
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `element ${i}: ${actual[i]}, expected ${expected[i]}`,
    );
  }
}
