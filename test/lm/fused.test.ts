import assert from "node:assert/strict";
import { SparseRows } from "../../src/fused/sparse-rows.ts";
import { Generator, lm, noGrad, type Tensor, text } from "../../src/index.ts";
import type { Batch } from "../../src/lm/neural/batch.ts";
import { assertNear } from "../fused/close.ts";
import { names, recurrent, stream, windowed } from "./models.ts";

type Model = lm.NeuralLM<Batch>;
const recurrents: Record<string, Partial<lm.RecurrentLMOptions>> = {
  "rnn on one-hot vectors": { cell: "rnn", embeddingSize: null, numLayers: 1 },
  "lstm of two layers": {},
  gru: { cell: "gru", numLayers: 1 },
  "gru with reset before": { cell: "gru", numLayers: 1, resetAfter: false },
  "lstm with tied weights": { tied: true, embeddingSize: 7 },
  "lstm with dropout": { dropout: 0.3 },
};
const makers: Record<string, (fused: boolean, dtype: "float32" | "float64") => Model> = {
  ...Object.fromEntries(
    Object.entries(recurrents).map(([name, options]) => [
      name,
      (fused: boolean, dtype: "float32" | "float64") =>
        recurrent(stream, { ...options, fused, dtype }) as Model,
    ]),
  ),
  "fixed window": (fused, dtype) => windowed(stream, { direct: false, fused, dtype }) as Model,
  "fixed window with a direct path": (fused, dtype) => windowed(stream, { fused, dtype }) as Model,
};

/** Two batches in a row, the state carried from one to the other: losses, and the gradients of the second. */
function run(model: Model): { losses: number[]; gradients: Map<string, Tensor> } {
  const batches = model.batches(stream.train, { batchSize: 3, bptt: 6, generator: new Generator(1) });
  let carried: lm.RecurrentState | null = null;
  const losses: number[] = [];
  for (let i = 0; i < 2; i++) {
    model.zeroGrad();
    const { loss, state }: ReturnType<Model["lossOf"]> = model.lossOf(batches.next(), carried);
    loss.backward();
    losses.push(loss.item());
    carried = state?.detach() ?? null;
  }
  return { losses, gradients: new Map([...model.namedParameters()].map(([name, p]) => [name, p.grad!])) };
}

describe("models, fused and composed", () => {
  for (const [name, make] of Object.entries(makers)) {
    for (const dtype of ["float64", "float32"] as const) {
      it(`${name} in ${dtype}: losses, gradients and scores are the same`, () => {
        const models = [make(true, dtype), make(false, dtype)];
        const [fused, composed] = models.map(run);
        const rtol = dtype === "float64" ? 1e-10 : 1e-4;
        assertNear(fused.losses, composed.losses, { rtol }, "losses");
        for (const [parameter, expected] of composed.gradients) {
          const found = fused.gradients.get(parameter)!;
          let floor = 0;
          for (const x of expected.data) floor = Math.max(floor, Math.abs(x));
          assertNear(found.data, expected.data, { rtol, floor }, parameter);
        }
        const ids = stream.valid.slice(0, 30);
        const [a, b] = models.map((model) => model.nll(ids));
        assertNear(a, b, { rtol }, "nll");
        const [p, q] = models.map((model) => model.distribution(ids.slice(0, 9)));
        assertNear(p, q, { rtol }, "distribution");
      });
    }
  }

  it("the table of a large vocabulary gets a sparse gradient, by whatever model it is used", () => {
    const vocabulary = text.Vocabulary.fromTokens(Array.from({ length: 500 }, (_, i) => `w${i}`));
    const ids = Int32Array.from({ length: 400 }, (_, i) => (i * i) % 500);
    const options = { vocabulary, embeddingSize: 4, hiddenSize: 5, seed: 1 };
    for (const model of [
      new lm.RecurrentLM({ ...options, cell: "lstm" }),
      new lm.RecurrentLM({ ...options, cell: "gru", dropout: 0.5 }),
      new lm.FixedWindowLM({ ...options, window: 3 }),
    ] as Model[]) {
      const batch = model.batches(ids, { batchSize: 4, bptt: 5, generator: new Generator(1) }).next();
      model.lossOf(batch, null).loss.backward();
      const grad = model.namedParameters().get("embedding.weight")!.grad!;
      assert.ok(grad.value instanceof SparseRows && grad.value.rows !== null, model.constructor.name);
    }
  });

  it("the scores of a text are those of its tokens one by one, before and after the weights change", () => {
    for (const corpus of [stream, names]) {
      for (const model of [recurrent(corpus), windowed(corpus)]) {
        for (const round of [1, 2]) {
          const ids = corpus.valid.slice(0, 12);
          const nll = model.nll(ids);
          const given = ids.length - nll.length;
          const single = [...nll].map((_, i) => -model.logProb(ids.slice(0, given + i), ids[given + i]));
          assertNear(nll, single, { rtol: 1e-5 }, `${model.constructor.name}, round ${round}`);
          for (const p of model.parameters()) {
            p.changeData((data) => {
              for (let i = 0; i < data.length; i++) data[i] *= 1.5;
            });
          }
        }
      }
    }
  });

  it("generates the same text, greedily and by chance", () => {
    for (const options of [{ greedy: true }, { seed: 3 }]) {
      const [a, b] = [true, false].map((fused) =>
        recurrent(stream, { fused, dtype: "float64" }).generate({ prompt: "the ", length: 60, ...options }),
      );
      assert.equal(a.text, b.text);
      assertNear([a.logProb], [b.logProb], { rtol: 1e-10 }, "log-probability");
    }
  });

  it("a state that was kept while generating reads the same afterwards", () => {
    const model = recurrent(stream);
    const first = model.advance(model.initialState(), 1)!;
    const before = first.state.tensors.map((x) => x.data.slice());
    const logProbs = model.logProbs(first);
    let state: typeof first | null = first;
    for (let i = 0; i < 20; i++) state = model.advance(state, i % 5);
    assert.deepEqual(
      first.state.tensors.map((x) => x.data),
      before,
    );
    assert.deepEqual(model.logProbs(first), logProbs);
  });

  it("is a matter of the model, not of the checkpoint", () => {
    assert.equal(recurrent(stream).fused, true);
    assert.equal(recurrent(stream, { fused: false }).fused, false);
    assert.deepEqual(recurrent(stream, { fused: false }).config, recurrent(stream).config);
    assert.equal(
      noGrad(() => windowed(stream, { fused: false }).fused),
      false,
    );
  });
});
