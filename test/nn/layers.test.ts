import assert from "node:assert/strict";
import {
  ArgumentError,
  CheckpointError,
  Generator,
  IndexError,
  ids,
  nn,
  noGrad,
  ones,
  ops,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../golden/core.ts";

const generator = (seed: string | number = 1) => new Generator(seed);
const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));

describe("nn.init", () => {
  const fill = (shape: number[], init: nn.init.Initializer, dtype: "float32" | "float64" = "float64") =>
    nn.init.parameter(shape, init, dtype);
  const within = (p: Tensor, bound: number) => p.data.every((v: number) => Math.abs(v) <= bound);
  const variance = (p: Tensor) => norm(p.data) ** 2 / p.size;

  it("uniform, normal, constant", () => {
    const u = fill([100, 100], nn.init.uniform(generator(), 0.3));
    assert.ok(within(u, 0.3) && Math.abs(variance(u) - 0.03) < 0.001);
    const half = fill([1000], nn.init.uniform(generator(), 1, 2));
    assert.ok(half.data.every((v: number) => v >= 1 && v < 2));
    const z = fill([100, 100], nn.init.normal(generator(), 0.5, 3));
    const mean = Float64Array.from(z.data).reduce((sum, v) => sum + v, 0) / z.size;
    assert.ok(Math.abs(mean - 3) < 4 * 0.005 && Math.abs(variance(z) - 9.25) < 0.2);
    assert.deepEqual(fill([2], nn.init.constant(7)).toArray(), [7, 7]);
  });

  it("Xavier: bounds and variance by fan-in and fan-out; matrices only", () => {
    const u = fill([60, 140], nn.init.xavierUniform(generator(), 2));
    const bound = 2 * Math.sqrt(6 / 200);
    assert.ok(within(u, bound) && !within(u, 0.98 * bound));
    const z = fill([60, 140], nn.init.xavierNormal(generator()));
    assert.ok(Math.abs(variance(z) / (2 / 200) - 1) < 4 * Math.sqrt(2 / z.size));
    for (const init of [nn.init.xavierUniform, nn.init.xavierNormal, nn.init.orthogonal]) {
      assert.throws(() => fill([3], init(generator())), /^ShapeError: init\.\w+: .*\[3\]/);
    }
  });

  for (const [rows, cols] of [
    [6, 6],
    [3, 7],
    [12, 4],
    [1, 5],
  ]) {
    it(`orthogonal [${rows},${cols}]: rows or columns are orthonormal to 1e-6`, () => {
      for (const dtype of ["float32", "float64"] as const) {
        const q = fill([rows, cols], nn.init.orthogonal(generator(), 1.5), dtype);
        const gram = rows <= cols ? ops.matmul(q, q.t()) : ops.matmul(q.t(), q);
        const n = Math.min(rows, cols);
        gram.data.forEach((v: number, i: number) => {
          assert.ok(Math.abs(v - (i % (n + 1) === 0 ? 2.25 : 0)) < 1e-6, `${dtype} element ${i}: ${v}`);
        });
      }
    });
  }

  it("layers start as in PyTorch: U(±1/√in), U(±1/√H), N(0, 1)", () => {
    const linear = new nn.Linear(100, 50, { generator: generator() });
    for (const p of linear.parameters()) assert.ok(within(p, 0.1) && !within(p, 0.09));
    const lstm = new nn.LSTM(3, 25, { generator: generator(), numLayers: 2, bidirectional: true });
    for (const p of lstm.parameters()) assert.ok(within(p, 0.2) && !within(p, 0.18), `${p.shape}`);
    const { weight } = new nn.Embedding(100, 100, { generator: generator() });
    assert.ok(Math.abs(variance(weight) - 1) < 4 * Math.sqrt(2 / weight.size));
  });

  it("the same seed gives the same bits; layers made one after the other differ", () => {
    const make = (seed: number) => new nn.GRU(4, 5, { generator: generator(seed), bidirectional: true });
    assert.deepEqual(make(3).stateDict(), make(3).stateDict());
    assert.notDeepEqual(make(3).stateDict(), make(4).stateDict());
    const shared = generator();
    const [a, b] = [new nn.Linear(3, 3, { generator: shared }), new nn.Linear(3, 3, { generator: shared })];
    assert.notDeepEqual(a.weight.toArray(), b.weight.toArray());
  });
});

describe("nn.Dropout", () => {
  const drop = (p: number, seed: string | number = "drop") =>
    new nn.Dropout(p, { generator: generator(seed) });

  it("keeps 1 − p of the elements within 4σ, scaled by 1/(1 − p)", () => {
    for (const p of [0.1, 0.5, 0.8]) {
      const y = drop(p).forward(ones([200, 200], { dtype: "float64" }));
      const kept = y.data.filter((v: number) => v !== 0);
      assert.ok(kept.every((v: number) => v === 1 / (1 - p)));
      const sigma = Math.sqrt((p * (1 - p)) / y.size);
      assert.ok(
        Math.abs(kept.length / y.size - (1 - p)) <= 4 * sigma,
        `${kept.length} of ${y.size} at p = ${p}`,
      );
    }
  });

  it("is the identity in evaluation and at p = 0; the gradient goes through the same mask", () => {
    const x = ones([10]);
    assert.equal(drop(0.5).eval().forward(x), x);
    assert.equal(drop(0).forward(x), x);
    x.requiresGrad = true;
    const y = drop(0.5).forward(x);
    y.sum().backward();
    assert.deepEqual(x.grad?.toArray(), y.toArray());
  });

  it("the same seed gives the same bits, the next call others", () => {
    const layer = drop(0.5);
    const first = layer.forward(ones([50])).toArray();
    assert.deepEqual(
      drop(0.5)
        .forward(ones([50]))
        .toArray(),
      first,
    );
    assert.notDeepEqual(layer.forward(ones([50])).toArray(), first);
  });

  it("refuses p outside [0, 1) and a missing generator by name", () => {
    for (const p of [-0.1, 1, Number.NaN])
      assert.throws(() => drop(p), /^ArgumentError: nn\.Dropout: p must be/);
    assert.throws(() => new nn.Dropout(0.5, {} as never), /^ArgumentError: nn\.Dropout: needs \{ generator/);
  });

  it("two recurrent layers from one generator draw different masks", () => {
    const shared = generator();
    const make = () => new nn.RNN(2, 40, { generator: shared, numLayers: 2, dropout: 0.5 });
    const [a, b] = [make(), make()];
    const mask = (layer: nn.RNN) => layer.dropout.forward(ones([40])).toArray();
    assert.notDeepEqual(mask(a), mask(b));
  });
});

describe("nn.Embedding", () => {
  it("looks up rows of any shape of ids, and refuses others by name", () => {
    const layer = new nn.Embedding(4, 2, { generator: generator() });
    const rows = layer.weight.toArray() as number[][];
    assert.deepEqual(layer.forward(ids([[3, 0]])).toArray(), [[rows[3], rows[0]]]);
    assert.deepEqual(layer.forward(ids(2)).toArray(), rows[2]);
    assert.throws(() => layer.forward(ids([0, 4])), IndexError);
    assert.throws(
      () => layer.forward(tensor([1])),
      /^ArgumentError: embedding: ids must be int32, got float32/,
    );
  });

  it("the padding row is zero at the start", () => {
    const layer = new nn.Embedding(4, 2, { generator: generator(), paddingIdx: 1 });
    assert.deepEqual((layer.weight.toArray() as number[][])[1], [0, 0]);
    assert.ok(layer.weight.data.filter((v: number) => v !== 0).length === 6);
    assert.throws(
      () => new nn.Embedding(4, 2, { generator: generator(), paddingIdx: 4 }),
      /^ArgumentError: nn\.Embedding: paddingIdx/,
    );
  });

  it("fromPretrained copies a table: frozen unless told otherwise", () => {
    const table = randn([3, 2], generator());
    const frozen = nn.Embedding.fromPretrained(table.t().clone().t());
    assert.deepEqual(frozen.forward(ids([1])).toArray(), table.slice([1, 2]).toArray());
    assert.deepEqual(
      [frozen.weight.requiresGrad, frozen.training, frozen.paddingIdx],
      [false, true, undefined],
    );
    assert.deepEqual([...frozen.namedParameters().keys()], ["weight"]);
    const tuned = nn.Embedding.fromPretrained(table, { freeze: false, paddingIdx: 0 });
    tuned
      .forward(ids([0, 1]))
      .sum()
      .backward();
    assert.deepEqual(tuned.weight.grad?.toArray(), [
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    assert.equal(frozen.forward(ids([1])).requiresGrad, false);
    tuned.weight.changeData((data) => data.fill(0));
    assert.ok(
      table.data.every((v: number) => v !== 0),
      "the given table is not changed",
    );
    assert.throws(
      () => nn.Embedding.fromPretrained(zeros([3])),
      /^ShapeError: Embedding\.fromPretrained: .*\[3\]/,
    );
    assert.throws(() => nn.Embedding.fromPretrained(table, { paddingIdx: 9 }), ArgumentError);
  });

  it("can use a weight that exists, for tying", () => {
    const out = new nn.Linear(2, 5, { generator: generator() });
    const layer = new nn.Embedding(5, 2, { weight: out.weight });
    assert.equal(layer.weight, out.weight);
    assert.throws(() => new nn.Embedding(4, 2, { weight: out.weight }), ShapeError);
  });
});

describe("nn recurrent layers", () => {
  const make = { generator: generator(), dtype: "float64" } as const;

  it("a sequence equals its cell applied step by step, and a state carried over equals one long sequence", () => {
    const x = randn([6, 3, 2], generator("x"), { dtype: "float64" });
    const pairs: [nn.RNN | nn.GRU | nn.LSTM, nn.RNNCell | nn.GRUCell | nn.LSTMCell][] = [
      [new nn.RNN(2, 4, make), new nn.RNNCell(2, 4, make)],
      [
        new nn.GRU(2, 4, { ...make, resetAfter: false }),
        new nn.GRUCell(2, 4, { ...make, resetAfter: false }),
      ],
      [new nn.LSTM(2, 4, make), new nn.LSTMCell(2, 4, make)],
    ];
    for (const [layer, cell] of pairs) {
      const state = new Map([...layer.stateDict()].map(([name, value]) => [name.replace("_l0", ""), value]));
      cell.loadStateDict(state);
      const run = (layer as unknown as { forward(x: Tensor, s?: unknown): [Tensor, unknown] }).forward.bind(
        layer,
      );
      const step = (cell as unknown as { forward(x: Tensor, s?: unknown): unknown }).forward.bind(cell);
      const [whole] = run(x);
      const [first, middle] = run(x.slice([0, 4]));
      const [second] = run(x.slice([4, 6]), middle);
      assert.deepEqual(ops.cat([first, second], 0).toArray(), whole.toArray());
      let s: unknown;
      const outputs = x.unbind().map((xt) => {
        s = step(xt, s);
        return Array.isArray(s) ? s[0] : s;
      });
      const off = ops.stack(outputs).sub(whole).abs().amax().item();
      assert.ok(off < 1e-15, `${layer.constructor.name}: off by ${off}`);
    }
  });

  it("the LSTM forget bias", () => {
    const lstm = new nn.LSTM(2, 3, { ...make, numLayers: 2, bidirectional: true }).setForgetBias(1);
    for (const [name, p] of lstm.namedParameters()) {
      if (!name.startsWith("bias")) continue;
      assert.deepEqual([...p.data].slice(3, 6), new Array(3).fill(name.startsWith("bias_ih") ? 1 : 0));
      assert.ok([...p.data.slice(0, 3), ...p.data.slice(6)].every((v) => v !== 0));
    }
    assert.throws(
      () => new nn.LSTM(2, 3, { ...make, bias: false }).setForgetBias(1),
      /^ArgumentError: nn\.LSTM/,
    );
  });

  it("weights(layer, direction) are the parameters under PyTorch's names; others are refused", () => {
    const gru = new nn.GRU(2, 3, { ...make, numLayers: 2, bidirectional: true });
    const named = gru.namedParameters();
    assert.equal(gru.weights(1, 1).weightHh, named.get("weight_hh_l1_reverse"));
    assert.equal(gru.weights().biasIh, named.get("bias_ih_l0"));
    assert.throws(() => gru.weights(2), /^ArgumentError: nn\.GRU: there is no layer 2, direction 0/);
    assert.throws(() => new nn.GRU(2, 3, make).weights(0, 1), /no layer 0, direction 1/);
  });

  it("padded steps change nothing: neither values nor gradients", () => {
    const layer = new nn.LSTM(2, 3, { ...make, bidirectional: true });
    const x = randn([4, 2, 2], generator("x"), { dtype: "float64" });
    const lengths = [4, 2];
    const [a, [h]] = layer.forward(x, null, { lengths });
    const noise = x.clone();
    noise.data.set([50, -50], 3 * 4 + 2);
    const [b, [h2]] = layer.forward(noise, null, { lengths });
    assert.deepEqual([b.toArray(), h2.toArray()], [a.toArray(), h.toArray()]);
    assert.ok(a.slice([2, 4], 1).data.every((v: number) => v === 0));
  });

  it("dropout acts between layers only while training", () => {
    const layer = new nn.RNN(2, 8, { ...make, generator: generator(), numLayers: 2, dropout: 0.5 });
    const x = randn([3, 1, 2], generator("x"), { dtype: "float64" });
    assert.notDeepEqual(layer.forward(x)[0].toArray(), layer.forward(x)[0].toArray());
    layer.eval();
    assert.deepEqual(layer.forward(x)[0].toArray(), layer.forward(x)[0].toArray());
  });

  it("refuses sizes, states, lengths and options that do not fit, by name", () => {
    const rnn = new nn.RNN(3, 2, { generator: generator() });
    const lstm = new nn.LSTM(3, 2, { generator: generator(), batchFirst: true });
    const x = zeros([4, 2, 3]);
    const refused: [() => unknown, RegExp][] = [
      [
        () => rnn.forward(zeros([4, 2, 5])),
        /^ShapeError: nn\.RNN input: expected shape \[T,B,3\], got \[4,2,5\]/,
      ],
      [
        () => lstm.forward(zeros([4, 3])),
        /^ShapeError: nn\.LSTM input: expected shape \[B,T,3\], got \[4,3\]/,
      ],
      [() => rnn.forward(zeros([0, 2, 3])), /^ShapeError: nn\.RNN: the sequence is empty/],
      [
        () => rnn.forward(x, zeros([1, 3, 2])),
        /^ShapeError: nn\.RNN state: expected shape \[1,2,2\], got \[1,3,2\]/,
      ],
      [
        () => lstm.forward(x, [zeros([1, 4, 2])] as never),
        /^ArgumentError: nn\.LSTM: the state has 2 tensors, got 1/,
      ],
      [() => rnn.forward(x, null, { lengths: [4] }), /^ShapeError: nn\.RNN: 1 lengths for a batch of 2/],
      [
        () => rnn.forward(x, null, { lengths: [4, 0] }),
        /^ArgumentError: nn\.RNN: a length must be .*, got 0/,
      ],
      [() => rnn.forward(x, null, { lengths: [5, 1] }), /nn\.RNN: a length must be .*≤ 4, got 5/],
      [() => rnn.forward(x, null, { lengths: [1.5, 1] }), /nn\.RNN: a length must be a whole number/],
      [() => rnn.forward(zeros([4, 2, 3], { dtype: "float64" })), /dtypes differ: float64 and float32/],
      [
        () => new nn.RNN(0, 2, { generator: generator() }),
        /^ArgumentError: nn\.RNN: inputSize must be .*got 0/,
      ],
      [() => new nn.GRU(2, 1.5, { generator: generator() }), /^ArgumentError: nn\.GRU: hiddenSize/],
      [() => new nn.LSTM(2, 3, {} as never), /^ArgumentError: nn\.LSTM: needs \{ generator/],
      [() => new nn.LSTM(2, 3, undefined as never), /^ArgumentError: nn\.LSTM: needs \{ generator/],
      [
        () => new nn.RNN(2, 3, { generator: generator(), numLayers: 0 }),
        /^ArgumentError: nn\.RNN: numLayers/,
      ],
      [
        () => new nn.RNN(2, 3, { generator: generator(), nonlinearity: "elu" as never }),
        /nn\.RNN: nonlinearity .*"elu"/,
      ],
      [
        () => new nn.RNN(2, 3, { generator: generator(), nonlinearity: "__proto__" as never }),
        /nn\.RNN: nonlinearity .*"__proto__"/,
      ],
      [
        () => new nn.GRUCell(2, 3, { generator: generator() }).forward(zeros([1, 3])),
        /^ShapeError: nn\.GRUCell input/,
      ],
      [() => new nn.LSTMCell(2, 3, undefined as never), /^ArgumentError: nn\.LSTMCell: needs \{ generator/],
      [() => new nn.Linear(2, 3, {} as never), /^ArgumentError: nn\.Linear: needs \{ generator/],
      [() => new nn.Linear(2, 3, undefined as never), /^ArgumentError: nn\.Linear: needs \{ generator/],
      [() => new nn.Embedding(0, 3, { generator: generator() }), /^ArgumentError: nn\.Embedding: count/],
      [
        () => new nn.Linear(2, 3, { generator: generator() }).forward(zeros([4])),
        /^ShapeError: linear: .*\[4\]/,
      ],
      [() => new nn.LayerNorm(3).forward(zeros([2])), /^ShapeError: layerNorm/],
      [() => rnn.loadStateDict(new Map()), /missing: weight_ih_l0/],
    ];
    for (const [call, message] of refused) assert.throws(call, message);
    assert.throws(() => rnn.loadStateDict(new Map()), CheckpointError);
  });

  it("without gradient, nothing is recorded", () => {
    const rnn = new nn.RNN(3, 2, { generator: generator() });
    const [output, h] = noGrad(() => rnn.forward(ones([2, 1, 3])));
    assert.deepEqual([output.requiresGrad, h.requiresGrad], [false, false]);
  });
});
