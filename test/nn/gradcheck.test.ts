import assert from "node:assert/strict";
import { Generator, ids, nn, noGrad, ops, randn, type Tensor } from "../golden/core.ts";

const dtype = "float64";

/** Σ wᵢ yᵢ with weights that are all different. */
function weighted(results: readonly Tensor[]): Tensor {
  let k = 0;
  const parts = results.map((y) => {
    const weights = randn(y.shape, new Generator(`weights ${k++}`), { dtype });
    return y.mul(weights).sum();
  });
  return parts.reduce((sum, part) => sum.add(part));
}

/** Compares ∂loss/∂(every element of every parameter and input) with a central difference. */
function check(module: nn.Module, inputs: readonly Tensor[], run: () => readonly Tensor[]): number {
  const loss = () => weighted(run());
  const leaves = new Map<string, Tensor>(module.namedParameters());
  inputs.forEach((x, i) => {
    leaves.set(`input ${i}`, x);
  });
  loss().backward();
  let checked = 0;
  for (const [name, x] of leaves) {
    const analytic = x.grad?.data ?? new Float64Array(x.size);
    for (let i = 0; i < x.size; i++) {
      const at = (delta: number): number => {
        const before = x.data[i];
        x.changeData((data) => {
          data[i] = before + delta;
        });
        const value = noGrad(() => loss().item());
        x.changeData((data) => {
          data[i] = before;
        });
        return value;
      };
      const numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
      const error = Math.abs(analytic[i] - numeric);
      assert.ok(
        error <= 1e-8 + 1e-6 * Math.abs(numeric),
        `${name}, element ${i}: analytic ${analytic[i]}, numeric ${numeric}`,
      );
      checked++;
    }
  }
  return checked;
}

const leaf = (shape: readonly number[], seed: string) =>
  randn(shape, new Generator(seed), { dtype, requiresGrad: true });

describe("gradcheck of every layer: parameters, inputs, states", () => {
  const make = (name: string) => ({ dtype, generator: new Generator(`weights of ${name}`) }) as const;

  for (const bias of [true, false]) {
    it(`Linear, bias ${bias}`, () => {
      const layer = new nn.Linear(3, 2, { ...make("Linear"), bias });
      for (const shape of [[4, 3], [3], [2, 2, 3], [0, 3]]) {
        const x = leaf(shape, "x");
        layer.zeroGrad();
        check(layer, [x], () => [layer.forward(x)]);
      }
    });
  }

  it("Embedding, whose padding row gets no gradient", () => {
    const layer = new nn.Embedding(4, 3, make("Embedding"));
    check(layer, [], () => [
      layer.forward(
        ids([
          [0, 2],
          [2, 3],
        ]),
      ),
    ]);
    const padded = new nn.Embedding(4, 3, { ...make("Embedding"), paddingIdx: 1 });
    weighted([padded.forward(ids([0, 1, 1, 3]))]).backward();
    const rows = padded.weight.grad!.toArray() as number[][];
    assert.deepEqual(rows[1], [0, 0, 0]);
    assert.ok(rows[0].every((v) => v !== 0) && rows[3].every((v) => v !== 0));
  });

  it("LayerNorm", () => {
    for (const shape of [[3], [2, 3]]) {
      const layer = new nn.LayerNorm(shape, { dtype });
      for (const p of layer.parameters())
        p.changeData((data) => data.set(leaf(p.shape, p.name + shape).data));
      const x = leaf([2, ...shape], "x");
      check(layer, [x], () => [layer.forward(x)]);
    }
  });

  it("Dropout, with the same mask at each call", () => {
    const layer = new nn.Dropout(0.4, { generator: new Generator("mask") });
    const x = leaf([4, 3], "x");
    check(layer, [x], () => {
      layer.generator = new Generator("mask");
      return [layer.forward(x)];
    });
    assert.ok(x.grad!.data.includes(0) && x.grad!.data.some((v: number) => v !== 0));
  });

  const variants: [what: string, options: object, lengths?: number[]][] = [
    ["one layer", {}],
    ["without bias", { bias: false }],
    ["two layers", { numLayers: 2 }],
    ["bidirectional, two layers", { numLayers: 2, bidirectional: true }],
    ["batch first", { batchFirst: true }],
    ["of several lengths, both directions", { bidirectional: true }, [3, 1]],
    ["of several lengths, batch first, two layers", { batchFirst: true, numLayers: 2 }, [2, 3]],
    ["with dropout between layers", { numLayers: 2, dropout: 0.3 }],
  ];
  const kinds: [what: string, Class: typeof nn.RNN | typeof nn.LSTM | typeof nn.GRU, options: object][] = [
    ["RNN tanh", nn.RNN, {}],
    ["RNN relu", nn.RNN, { nonlinearity: "relu" }],
    ["RNN sigmoid", nn.RNN, { nonlinearity: "sigmoid" }],
    ["LSTM", nn.LSTM, {}],
    ["GRU, reset after", nn.GRU, {}],
    ["GRU, reset before (Cho)", nn.GRU, { resetAfter: false }],
  ];
  for (const [kind, Class, own] of [true, false].flatMap((fused) =>
    kinds.map(([kind, Class, own]) => {
      const what = `${kind}, ${fused ? "one node" : "composed"}`;
      return [what, Class, { ...own, fused }] as const;
    }),
  )) {
    it(`${kind}: ${variants.length} variants`, () => {
      for (const [what, options, lengths] of variants) {
        const layer = new Class(2, 3, { ...make(`${kind} ${what}`), ...own, ...options });
        const x = leaf(layer.batchFirst ? [2, 3, 2] : [3, 2, 2], `x ${kind} ${what}`);
        const shape = [layer.numLayers * layer.directions, 2, 3];
        const states = [leaf(shape, "h"), leaf(shape, "c")].slice(0, layer instanceof nn.LSTM ? 2 : 1);
        const checked = check(layer, [x, ...states], () => {
          layer.dropout.generator = new Generator("mask");
          if (layer instanceof nn.LSTM) {
            const [output, [h, c]] = layer.forward(x, [states[0], states[1]], { lengths });
            return [output, h, c];
          }
          return layer.forward(x, states[0], { lengths });
        });
        const size = layer.parameterCount() + x.size + states.length * states[0].size;
        assert.equal(checked, size, `${kind}, ${what}`);
      }
    });
  }

  it("rows of a table and one-hot vectors, fewer and more than steps", () => {
    for (const [kind, Class, own] of kinds) {
      for (const V of [2, 9]) {
        const places = ids([
          [1, 0],
          [1, 1],
          [0, V - 1],
        ]);
        const layer = new Class(3, 2, { ...make(kind), ...own, bidirectional: true });
        const table = leaf([V, 3], "table");
        check(layer, [table], () => [layer.forwardIds(places, table)[0]]);
        const oneHot = new Class(V, 2, { ...make(kind), ...own });
        check(oneHot, [], () => [oneHot.forwardIds(places, null)[0]]);
      }
    }
  });

  it("cells: RNN (three nonlinearities), LSTM, GRU (both resets), unrolled over two steps", () => {
    const cells = [
      new nn.RNNCell(2, 3, make("RNNCell")),
      new nn.RNNCell(2, 3, { ...make("RNNCell relu"), nonlinearity: "relu" }),
      new nn.RNNCell(2, 3, { ...make("RNNCell sigmoid"), nonlinearity: "sigmoid", bias: false }),
      new nn.GRUCell(2, 3, make("GRUCell")),
      new nn.GRUCell(2, 3, { ...make("GRUCell Cho"), resetAfter: false }),
    ];
    const xs = [leaf([2, 2], "x1"), leaf([2, 2], "x2")];
    for (const cell of cells) {
      const h = leaf([2, 3], "h");
      for (const x of xs) x.zeroGrad();
      check(cell, [...xs, h], () => [cell.forward(xs[1], cell.forward(xs[0], h))]);
    }
    const lstm = new nn.LSTMCell(2, 3, make("LSTMCell"));
    const [h, c] = [leaf([2, 3], "h"), leaf([2, 3], "c")];
    for (const x of xs) x.zeroGrad();
    check(lstm, [...xs, h, c], () => lstm.forward(xs[1], lstm.forward(xs[0], [h, c])));
  });

  it("a language model with tied weights collects both uses", () => {
    class Tied extends nn.Module {
      readonly embedding = new nn.Embedding(5, 3, make("tied"));
      readonly rnn = new nn.RNN(3, 3, make("tied rnn"));
      readonly weight = this.embedding.weight;
      forward(x: Tensor): Tensor {
        return ops.linear(this.rnn.forward(this.embedding.forward(x))[0], this.weight);
      }
    }
    const model = new Tied();
    check(model, [], () => [
      model.forward(
        ids([
          [0, 1],
          [4, 2],
          [0, 0],
        ]),
      ),
    ]);
  });
});
