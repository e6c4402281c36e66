import assert from "node:assert/strict";
import { lm, optim, text } from "../../src/index.ts";
import {
  assertClose,
  assertNumber,
  type GoldenTensor,
  loadCases,
  type Precision,
  precisions,
  valuesOf,
} from "../golden/decode.ts";

interface Params {
  embedding?: GoldenTensor;
  rnn: { weightIh: GoldenTensor; weightHh: GoldenTensor; biasIh: GoldenTensor; biasHh: GoldenTensor }[];
  outWeight?: GoldenTensor;
  outBias: GoldenTensor;
}

interface TrainCase {
  id: string;
  level: "char" | "word";
  model: {
    kind: "RNN" | "LSTM" | "GRU";
    embeddingSize: number | null;
    hiddenSize: number;
    numLayers: number;
    tied: boolean;
  };
  vocab: string[];
  text: string;
  batchSize: number;
  bpttLength: number;
  steps: number;
  carryState: boolean;
  optimizer: { name: "SGD" | "Adam" | "RMSprop" | "Adagrad"; lr: number };
  clipNorm: number | null;
  initialParams: Params;
  loss: number[];
  gradNorm: number[];
  lossTolRel: number;
  gradNormTolRel: number;
  finalParams: Params;
  eval: { tokens: number[]; nll: number[]; perplexity: number; bitsPerToken: number; nllE32: number };
  greedy: { prompt: number[]; tokens: number[] };
  temperature: { t: number; probs: GoldenTensor }[];
}

/** The model of a golden run with given weights, and its text as a corpus. */
function build(c: TrainCase, params: Params, dtype: Precision, fused: boolean = true) {
  const { kind, embeddingSize, hiddenSize, numLayers, tied } = c.model;
  const unknown = c.level === "word" ? "<unk>" : null;
  const vocabulary = text.Vocabulary.fromTokens(c.vocab, unknown);
  const corpus = text.corpusFromText(c.text, { level: c.level, vocabulary, split: { fractions: [1, 0] } });
  const cell = kind.toLowerCase() as "rnn" | "lstm" | "gru";
  const model = new lm.RecurrentLM({
    corpus,
    cell,
    embeddingSize,
    hiddenSize,
    numLayers,
    tied,
    dtype,
    fused,
    seed: 0,
  });
  const values = new Map<string, GoldenTensor | undefined>([
    ["embedding.weight", params.embedding],
    ["output.weight", params.outWeight],
    ["output.bias", params.outBias],
    ...params.rnn.flatMap((layer, i): [string, GoldenTensor][] => [
      [`rnn.weight_ih_l${i}`, layer.weightIh],
      [`rnn.weight_hh_l${i}`, layer.weightHh],
      [`rnn.bias_ih_l${i}`, layer.biasIh],
      [`rnn.bias_hh_l${i}`, layer.biasHh],
    ]),
  ]);
  for (const [name, p] of model.namedParameters())
    p.changeData((data) => data.set(valuesOf(values.get(name)!)));
  return { model, corpus };
}

describe("train and RecurrentLM: golden training runs of PyTorch", () => {
  for (const c of loadCases<TrainCase>("train")) {
    for (const precision of precisions) {
      for (const fused of [true, false]) {
        it(`${c.id}: the curve of ${c.steps} steps in ${precision}${fused ? "" : ", composed of single ops"}`, async () => {
          const { model, corpus } = build(c, c.initialParams, precision, fused);
          const optimizer = new optim[c.optimizer.name](model.parameters(), { lr: c.optimizer.lr });
          optimizer.fused = fused;
          const { steps } = await lm.train(model, corpus, {
            optimizer,
            epochs: 100,
            maxSteps: c.steps,
            batchSize: c.batchSize,
            bptt: c.bpttLength,
            carryState: c.carryState,
            clipNorm: c.clipNorm ?? undefined,
            progress: false,
          });
          assert.equal(steps.length, c.steps);
          const [lossTolerance, normTolerance] =
            precision === "float64" ? [1e-9, 1e-8] : [c.lossTolRel, c.gradNormTolRel];
          steps.forEach(({ loss, gradNorm }, k) => {
            const off = Math.abs(loss - c.loss[k]) / c.loss[k];
            assert.ok(off <= lossTolerance, `step ${k}: loss ${loss}, not ${c.loss[k]}`);
            const normOff = Math.abs(gradNorm - c.gradNorm[k]) / c.gradNorm[k];
            assert.ok(normOff <= normTolerance, `step ${k}: gradient norm ${gradNorm}, not ${c.gradNorm[k]}`);
          });
        });
      }

      it(`${c.id}: evaluation, greedy continuation and temperature in ${precision}`, () => {
        const { model } = build(c, c.finalParams, precision);
        const tolerance = precision === "float64" ? 1e-9 : 8 * c.eval.nllE32 + 1e-5;
        const nll = model.nll(c.eval.tokens);
        assert.equal(nll.length, c.eval.nll.length);
        for (const [i, v] of nll.entries())
          assertNumber(v, c.eval.nll[i], tolerance, `−ln p of token ${i + 1}`);
        const { perplexity, bits } = model.evaluate(c.eval.tokens);
        assertNumber(perplexity, c.eval.perplexity, 10 * tolerance, "perplexity");
        assertNumber(bits, c.eval.bitsPerToken, 2 * tolerance, "bits per token");
        const { prompt, tokens } = c.greedy;
        const { ids } = model.generate({ prompt, length: tokens.length, greedy: true });
        assert.deepEqual([...ids], tokens);
        const logProbs = model.distribution(prompt).map(Math.log);
        for (const { t, probs } of c.temperature) {
          const data = lm.applyTemperature(logProbs, t).map(Math.exp);
          assertClose({ shape: probs.shape, data }, probs, precision, `temperature ${t}`);
        }
      });
    }
  }
});
