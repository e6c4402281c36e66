import assert from "node:assert/strict";
import { CheckpointError, Generator, ids, nn, ops, type Tensor, tensor, zeros } from "../golden/core.ts";

const generator = () => new Generator(1);
const names = (m: nn.Module) => [...m.namedParameters().keys()];

class Model extends nn.Module {
  readonly embedding = new nn.Embedding(5, 3, { generator: generator() });
  readonly rnn = new nn.LSTM(3, 4, { generator: generator(), numLayers: 2, bidirectional: true });
  readonly layers = [
    new nn.Linear(8, 8, { generator: generator() }),
    new nn.Linear(8, 3, { generator: generator(), bias: false }),
  ];
  readonly norm = new nn.LayerNorm(3);
  readonly drop = new nn.Dropout(0.5, { generator: generator() });
  readonly size = 3;
  readonly outBias = new nn.Parameter(zeros([5]).value);

  forward(x: Tensor): Tensor {
    const [output] = this.rnn.forward(this.embedding.forward(x));
    const last = this.layers.reduce((y, layer) => layer.forward(y).tanh(), output);
    return ops.linear(this.norm.forward(this.drop.forward(last)), this.embedding.weight, this.outBias);
  }
}

describe("nn.Module", () => {
  it("names parameters as PyTorch does, in the order in which they were assigned", () => {
    assert.deepEqual(names(new Model()), [
      "embedding.weight",
      ...["l0", "l0_reverse", "l1", "l1_reverse"].flatMap((suffix) =>
        ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `rnn.${name}_${suffix}`),
      ),
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.weight",
      "norm.weight",
      "norm.bias",
      "out_bias",
    ]);
    const cell = new nn.GRUCell(2, 3, { generator: generator() });
    assert.deepEqual(names(cell), ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]);
    assert.deepEqual(names(new nn.RNNCell(2, 3, { generator: generator(), bias: false })), [
      "weight_ih",
      "weight_hh",
    ]);
    const deep = new nn.GRU(2, 3, { generator: generator(), numLayers: 11 });
    assert.ok(names(deep).includes("weight_ih_l10"));
  });

  it("counts, lists and prints parameters", () => {
    const linear = new nn.Linear(3, 2, { generator: generator() });
    linear.bias!.requiresGrad = false;
    assert.equal(linear.parameterCount(), 8);
    assert.deepEqual(linear.summary(), [
      { name: "weight", shape: [2, 3], count: 6, trainable: true },
      { name: "bias", shape: [2], count: 2, trainable: false },
    ]);
    assert.equal(String(linear), "Linear (8 parameters)\n  weight [2,3]\n  bias [2]");
  });

  it("a tied parameter is listed once, by its first name", () => {
    class Tied extends nn.Module {
      readonly embedding = new nn.Embedding(5, 3, { generator: generator() });
      readonly out = { weight: this.embedding.weight };
      readonly outWeight = this.embedding.weight;
      readonly again = [this.embedding];
    }
    const model = new Tied();
    assert.deepEqual(names(model), ["embedding.weight"]);
    assert.deepEqual([model.parameters().length, model.parameterCount(), model.modules().length], [1, 15, 2]);
    // PyTorch's state has the tied tensor under both names; either alone is enough too.
    const values = tensor(Float32Array.from({ length: 15 }, (_, i) => i)).reshape([5, 3]);
    for (const state of [["embedding.weight", "out_weight"], ["out_weight"], ["again.0.weight"]]) {
      model.embedding.weight.data.fill(0);
      model.loadStateDict(new Map(state.map((name) => [name, values])));
      assert.equal(model.embedding.weight.data[14], 14);
    }
  });

  it("modules that refer to each other are walked once", () => {
    class Part extends nn.Module {
      parent: nn.Module | null = null;
      readonly weight = new nn.Parameter(zeros([2]).value);
    }
    class Whole extends nn.Module {
      readonly part = new Part();
    }
    const whole = new Whole();
    whole.part.parent = whole;
    assert.deepEqual(names(whole), ["part.weight"]);
    assert.equal(whole.modules().length, 2);
    assert.equal(whole.eval().part.training, false);
  });

  it("refuses two parameters of one name", () => {
    class Clash extends nn.Module {
      readonly weightA = new nn.Parameter(zeros([1]).value);
      readonly weight_a = new nn.Parameter(zeros([1]).value);
    }
    assert.throws(() => new Clash().parameters(), /two parameters are named weight_a/);
  });

  it("train and eval reach all modules; zeroGrad all parameters", () => {
    const model = new Model();
    assert.equal(model.eval(), model);
    assert.ok(model.modules().every((m) => !m.training) && model.modules().includes(model.rnn.dropout));
    model.train();
    assert.ok(model.modules().every((m) => m.training));
    ops.crossEntropy(model.forward(ids([[1, 2]])).reshape([-1, 5]), ids([0, 1])).backward();
    assert.ok(model.parameters().every((p) => p.grad !== null));
    model.zeroGrad();
    assert.ok(model.parameters().every((p) => p.grad === null));
  });

  it("stateDict copies; loadStateDict brings back the same outputs", () => {
    const [a, b] = [new Model().eval(), new Model().eval()];
    for (const p of a.parameters())
      p.changeData((data) => data.set(data.map((v: number, i: number) => v + i / 10)));
    const state = a.stateDict();
    const x = ids([
      [1, 4],
      [0, 2],
    ]);
    const expected = a.forward(x).toArray();
    assert.notDeepEqual(b.forward(x).toArray(), expected);
    b.loadStateDict(state);
    assert.deepEqual(b.forward(x).toArray(), expected);
    a.embedding.weight.changeData((data) => data.fill(0));
    assert.deepEqual(b.forward(x).toArray(), expected, "the state does not share memory with the model");
    assert.ok([...state.values()].every((v) => !v.requiresGrad && v.isLeaf));
    const wide = new nn.Linear(2, 2, { generator: generator(), dtype: "float64" });
    wide.loadStateDict(new nn.Linear(2, 2, { generator: new Generator(5) }).stateDict());
    assert.equal(wide.weight.dtype, "float64");
  });

  it("loadStateDict refuses what does not fit, names all of it, and changes nothing", () => {
    const linear = new nn.Linear(3, 2, { generator: generator() });
    const before = linear.weight.toArray();
    const state = new Map([
      ["weight", zeros([2, 4])],
      ["wait", zeros([1])],
      ["__proto__", zeros([1])],
    ]);
    assert.throws(
      () => linear.loadStateDict(state),
      (error: Error) => {
        assert.ok(error instanceof CheckpointError);
        assert.match(error.message, /does not fit this Linear/);
        assert.match(error.message, /shape: weight is \[2,3\] here, \[2,4\] in the state/);
        assert.match(error.message, /missing: bias \[2\]/);
        assert.match(error.message, /unexpected: wait/);
        assert.match(error.message, /unexpected: __proto__/);
        assert.doesNotMatch(error.message, /missing: weight/);
        return true;
      },
    );
    assert.deepEqual(linear.weight.toArray(), before);
    assert.equal(({} as Record<string, unknown>).shape, undefined);
    const fits = new Map([
      ["weight", zeros([2, 3])],
      ["bias", zeros([3])],
    ]);
    assert.throws(() => linear.loadStateDict(fits), /shape: bias/);
    assert.deepEqual(linear.weight.toArray(), before);
  });

  it("a frozen parameter gets no gradient and stays part of the state", () => {
    const linear = new nn.Linear(2, 2, { generator: generator() });
    linear.weight.requiresGrad = false;
    linear
      .forward(tensor([[1, 2]]))
      .sum()
      .backward();
    assert.deepEqual([linear.weight.grad, linear.bias?.grad?.toArray()], [null, [1, 1]]);
    assert.deepEqual([...linear.stateDict().keys()], ["weight", "bias"]);
  });
});
