import assert from "node:assert/strict";
import { linearCrossEntropy } from "../../src/fused/cross-entropy.ts";
import { embedRows } from "../../src/fused/embedding.ts";
import { SparseRows } from "../../src/fused/sparse-rows.ts";
import { fromData, Generator, nn, ops, optim, Tensor } from "../../src/index.ts";
import { assertNear } from "./close.ts";

const V = 40;
const D = 3;
const ids = (...values: number[]) => fromData(Int32Array.from(values), [values.length]);

function table(dtype: "float32" | "float64" = "float32"): Tensor {
  const generator = new Generator(1);
  return fromData(
    Float64Array.from({ length: V * D }, () => generator.normal()),
    [V, D],
  )
    .to(dtype)
    .detach()
    .clone()
    .detach();
}

/** The gradients of a table for the same loss, by the sparse node and by the op. */
function gradients(loss: (look: (weight: Tensor, ids: Tensor) => Tensor, weight: Tensor) => Tensor) {
  return [embedRows, ops.embedding].map((look) => {
    const weight = new Tensor(table().value, { requiresGrad: true });
    loss(look, weight).backward();
    return weight.grad!;
  });
}

describe("sparse gradients of a table", () => {
  it("forward and gradient are those of ops.embedding, repeated ids and padding included", () => {
    for (const paddingIdx of [undefined, 7]) {
      const x = ids(3, 7, 3, 39, 0, 7, 3);
      const results = [embedRows, ops.embedding].map((look) => {
        const weight = new Tensor(table().value, { requiresGrad: true });
        const y = look(weight, x, { paddingIdx });
        y.mul(y).sum().backward();
        return { y, weight };
      });
      assert.deepEqual(results[0].y.data, results[1].y.data);
      assert.ok(results[0].weight.grad!.value instanceof SparseRows);
      assert.deepEqual(results[0].weight.grad!.shape, [V, D]);
      assert.equal(results[0].weight.grad!.dtype, "float32");
      assert.deepEqual(results[0].weight.grad!.data, results[1].weight.grad!.data);
    }
  });

  it("rows are added up once each; whoever reads the dense data may change them, so the rows are forgotten", () => {
    const values = Float32Array.of(1, 2, 10, 20, 100, 200);
    const g = new SparseRows(Int32Array.of(5, 2, 5), values, [8, 2]);
    assert.deepEqual(g.rows, { ids: Int32Array.of(5, 2), values: Float32Array.of(101, 202, 10, 20) });
    assert.deepEqual(values, Float32Array.of(1, 2, 10, 20, 100, 200), "what was given stays");
    assert.deepEqual([...g.flat()], [0, 0, 0, 0, 10, 20, 0, 0, 0, 0, 101, 202, 0, 0, 0, 0]);
    assert.equal(g.rows, null);
    g.data[0] = 9;
    assert.equal(g.flat()[0], 9);
  });

  it("accumulates with another sparse gradient, with a dense one, and with too many rows", () => {
    const few = (look: typeof embedRows, w: Tensor) =>
      look(w, ids(1, 2, 1))
        .square()
        .sum();
    const other = (look: typeof embedRows, w: Tensor) => look(w, ids(2, 9)).mul(3).sum();
    const many = (look: typeof embedRows, w: Tensor) =>
      look(
        w,
        fromData(
          Int32Array.from({ length: 3 * V }, (_, i) => (7 * i) % V),
          [3 * V],
        ),
      )
        .square()
        .sum();
    const dense = (_: typeof embedRows, w: Tensor) => w.square().sum();
    for (const [name, parts] of Object.entries({
      "sparse + sparse": [few, other],
      "sparse + dense": [few, dense],
      "dense + sparse": [dense, few],
      "sparse + many": [few, many],
      three: [few, other, few],
    })) {
      // In one graph, and by several calls of backward.
      const [a, b] = gradients((look, w) => parts.map((f) => f(look, w)).reduce((x, y) => x.add(y)));
      assertNear(a.data, b.data, { rtol: 1e-6 }, name);
      const weights = [embedRows, ops.embedding].map((look) => {
        const weight = new Tensor(table().value, { requiresGrad: true });
        for (const f of parts) f(look, weight).backward();
        return weight;
      });
      assertNear(weights[0].grad!.data, weights[1].grad!.data, { rtol: 1e-6 }, `${name}, called in turn`);
    }
  });

  it("a gradient that was kept stays as it was when another is added", () => {
    const weight = new Tensor(table().value, { requiresGrad: true });
    embedRows(weight, ids(1, 2)).sum().backward();
    const kept = weight.grad!;
    embedRows(weight, ids(2, 3)).sum().backward();
    assert.ok(weight.grad!.value instanceof SparseRows);
    assert.deepEqual(
      [...kept.data].flatMap((x, i) => (x === 0 ? [] : [Math.floor(i / D)])),
      [1, 1, 1, 2, 2, 2],
    );
    assert.equal(weight.grad!.data[2 * D], 2);
  });

  it("refuses to be added to a gradient of another shape", () => {
    const weight = new Tensor(table().value, { requiresGrad: true });
    weight.grad = fromData(new Float32Array(V), [V]);
    assert.throws(
      () => embedRows(weight, ids(1)).sum().backward(),
      /gradients \[40,3\] and \[40\] cannot be added/,
    );
  });

  it("a computed table gets its gradient too", () => {
    const [a, b] = gradients((look, w) => look(w.tanh(), ids(3, 3, 8)).sum());
    assert.deepEqual(a.data, b.data);
  });

  it("norm and clipping are those of the dense gradient, and stay sparse", () => {
    const run = (look: typeof embedRows, change: (w: Tensor) => number | void) => {
      const weight = new Tensor(table().value, { requiresGrad: true });
      look(weight, ids(3, 3, 3, 8))
        .square()
        .sum()
        .backward();
      const result = change(weight);
      return { result, grad: weight.grad! };
    };
    for (const change of [
      (w: Tensor) => optim.gradNorm([w]),
      (w: Tensor) => optim.gradNorm([w], 1),
      (w: Tensor) => optim.gradNorm([w], Infinity),
      (w: Tensor) => optim.clipGradNorm([w], 0.5),
      (w: Tensor) => optim.clipGradValue([w], 0.7),
    ]) {
      const [sparse, dense] = [run(embedRows, change), run(ops.embedding, change)];
      assertNear([sparse.result ?? 0], [dense.result ?? 0], { rtol: 1e-6 }, "result");
      assert.ok(sparse.grad.value instanceof SparseRows);
      assertNear(sparse.grad.data, dense.grad.data, { rtol: 1e-6 }, "gradient");
    }
  });

  const optimizers: [string, (p: Tensor[]) => optim.Optimizer][] = [
    ["SGD", (p) => new optim.SGD(p, { lr: 0.1 })],
    ["SGD, momentum", (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })],
    ["SGD, weight decay", (p) => new optim.SGD(p, { lr: 0.1, weightDecay: 0.1 })],
    ["Adagrad", (p) => new optim.Adagrad(p, { lr: 0.1 })],
    ["Adagrad, lrDecay", (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.5 })],
    ["Adagrad, weight decay", (p) => new optim.Adagrad(p, { lr: 0.1, weightDecay: 0.1 })],
    ["RMSprop", (p) => new optim.RMSprop(p)],
    ["Adam", (p) => new optim.Adam(p, { lr: 0.1 })],
    ["AdamW", (p) => new optim.AdamW(p, { lr: 0.1 })],
  ];
  for (const [name, make] of optimizers) {
    for (const fused of [true, false]) {
      it(`${name}${fused ? "" : " by its loop"}: five steps are those of dense gradients`, () => {
        const runs = [embedRows, ops.embedding].map((look) => {
          const weight = new Tensor(table().clone().detach().value, { requiresGrad: true });
          const optimizer = make([weight]);
          optimizer.fused = fused;
          for (let step = 0; step < 5; step++) {
            optimizer.zeroGrad();
            // Other rows at each step: what Adam does to rows without a gradient counts.
            look(weight, ids(step, step + 1, step, 30))
              .square()
              .sum()
              .backward();
            optimizer.step({ clipNorm: 2, clipValue: 1 });
          }
          return { weight, slot: optimizer.stateDict().slots[0]! };
        });
        assertNear(runs[0].weight.data, runs[1].weight.data, { rtol: 1e-6 }, "weights");
        for (const [moment, expected] of Object.entries(runs[1].slot)) {
          if (typeof expected === "number") assert.equal(runs[0].slot[moment], expected);
          else assertNear(runs[0].slot[moment] as Float32Array, expected, { rtol: 1e-6 }, moment);
        }
      });
    }
  }

  it("a step of SGD or Adagrad leaves the gradient sparse: nothing of size [V, D] was made for it", () => {
    for (const make of [optimizers[0][1], optimizers[3][1]]) {
      const weight = new Tensor(table().value, { requiresGrad: true });
      const optimizer = make([weight]);
      embedRows(weight, ids(3, 4)).sum().backward();
      optimizer.step({ clipNorm: 1 });
      assert.notEqual((weight.grad!.value as SparseRows).rows, null);
    }
  });

  it("tied weights get the sum of both uses", () => {
    const x = ids(3, 9, 3);
    const y = ids(1, 3, 5);
    const run = (look: typeof embedRows, fused: boolean) => {
      const weight = new Tensor(table("float64").value, { requiresGrad: true });
      const h = look(weight, x).tanh();
      const loss = fused ? linearCrossEntropy(h, weight, null, y) : ops.crossEntropy(h.matmul(weight.t()), y);
      loss.backward();
      return weight.grad!.data;
    };
    assertNear(run(embedRows, true), run(ops.embedding, false), { rtol: 1e-12 }, "gradient");
  });

  it("nn.Embedding uses it, and refuses what the op refuses", () => {
    const layer = new nn.Embedding(V, D, { generator: new Generator(1) });
    layer.forward(ids(1)).sum().backward();
    assert.ok(layer.weight.grad!.value instanceof SparseRows);
    assert.throws(
      () => layer.forward(ids(V)),
      /embedding: id 40 at position 0 is out of range: must be 0 … 39/,
    );
    assert.throws(() => layer.forward(fromData(Float32Array.of(1), [1])), /embedding: ids must be int32/);
    assert.throws(
      () => embedRows(fromData(new Float32Array(3), [3]), ids(0)),
      /weight must be \[V, D\], got \[3\]/,
    );
  });

  it("memory of the ids may be used again before the way back", () => {
    const weight = new Tensor(table().value, { requiresGrad: true });
    const memory = Int32Array.of(1, 2);
    const y = embedRows(weight, fromData(memory, [2]));
    memory.fill(5);
    y.sum().backward();
    assert.equal(weight.grad!.data[1 * D], 1);
  });
});
