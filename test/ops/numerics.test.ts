import assert from "node:assert/strict";
import {
  fromData,
  full,
  Generator,
  ids,
  noGrad,
  ops,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../golden/core.ts";
import { precisions } from "../golden/decode.ts";

const finite = (x: Tensor) => x.data.every((v: number) => Number.isFinite(v));
const close = (actual: number, expected: number, tolerance: number, what = "") =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual}, not ${expected}`);

describe("ops: numerics", () => {
  for (const dtype of precisions) {
    it(`logits of ±1000 give finite probabilities, losses and gradients in ${dtype}`, () => {
      const rows = [
        [1000, -1000, 0],
        [-1000, -1000, -1000],
        [1000, 1000, -1000],
      ];
      const make = () => tensor(rows, { dtype, requiresGrad: true });
      const targets = ids([1, 0, 2]);
      const results: [string, (x: Tensor) => Tensor][] = [
        ["softmax", (x) => ops.softmax(x, 1)],
        ["logSoftmax", (x) => ops.logSoftmax(x, 1)],
        ["logsumexp", (x) => ops.logsumexp(x, { dim: 1 })],
        ["crossEntropy", (x) => ops.crossEntropy(x, targets)],
        ["crossEntropy, smoothed", (x) => ops.crossEntropy(x, targets, { labelSmoothing: 0.1 })],
        ["sigmoid", ops.sigmoid],
        ["softplus", ops.softplus],
        ["logSigmoid", ops.logSigmoid],
        ["bceWithLogits", (x) => ops.bceWithLogits(x, zeros([3, 3], { dtype }))],
      ];
      for (const [name, f] of results) {
        const x = make();
        const y = f(x);
        assert.ok(finite(y), `${name}: ${y}`);
        y.sum().backward();
        assert.ok(finite(x.grad!), `${name}: ${x.grad}`);
      }
      const loss = ops.crossEntropy(make(), targets, { reduction: "none" });
      close(loss.data[0], 2000, 1e-3);
      close(loss.data[1], Math.log(3), 1e-6);
      close(loss.data[2], 2000 + Math.log(2), 1e-3);
      const p = ops.softmax(make(), 1);
      assert.deepEqual([...p.data].slice(0, 3), [1, 0, 0]);
      assert.deepEqual(ops.logSoftmax(make(), 1).toArray()[0 as never], [0, -2000, -1000]);
    });

    it(`masked logits (−∞) give 0 probability and no NaN in loss and gradient in ${dtype}`, () => {
      const x = tensor([[0, -Infinity, 1]], { dtype, requiresGrad: true });
      const loss = ops.crossEntropy(x, ids([2]));
      loss.backward();
      close(loss.item(), Math.log(1 + Math.exp(-1)), 1e-6);
      assert.equal(x.grad!.data[1], 0);
      assert.ok(finite(x.grad!));
      assert.deepEqual(ops.logsumexp(tensor([-Infinity, -Infinity], { dtype })).item(), -Infinity);
    });
  }

  it("a float32 sum of 1,000,000 values is right to one rounding: it is kept in double precision", () => {
    const n = 1_000_000;
    const tenth = Math.fround(0.1);
    assert.equal(ops.sum(full([n], 0.1)).item(), Math.fround(n * tenth));
    assert.equal(ops.mean(full([n], 0.1)).item(), tenth);
    const values = randn([n], new Generator(3));
    let exact = 0;
    for (const v of values.data) exact += v;
    assert.equal(ops.sum(values).item(), Math.fround(exact));
    const big = fromData(Float32Array.from([3e7, 1, 1, 1, 1, -3e7]), [6]);
    assert.equal(ops.sum(big).item(), 4);
    assert.equal(ops.matmul(big, full([6], 1)).item(), 4);
    // Broadcast in the forward pass, so summed on the way back.
    const bias = zeros([1]);
    bias.requiresGrad = true;
    ops.add(full([n], 0), bias).backward(full([n], 0.1));
    assert.equal(bias.grad?.item(), Math.fround(n * tenth));
  });

  it("NaN passes through, and is never taken for a number", () => {
    const x = tensor([1, Number.NaN, 3]);
    for (const f of [ops.sum, ops.mean, ops.amax, ops.amin, ops.logsumexp]) {
      assert.ok(Number.isNaN(f(x).item()), f.name);
    }
    assert.equal(ops.argmax(x).item(), 1);
    assert.ok(Number.isNaN(ops.relu(x).data[1]));
    assert.ok(Number.isNaN(ops.clamp(x, { min: 0, max: 1 }).data[1]));
    assert.ok(Number.isNaN(ops.maximum(x, 5).data[1]) && Number.isNaN(ops.minimum(x, 5).data[1]));
    assert.ok([...ops.softmax(x, 0).data].every(Number.isNaN));
    assert.deepEqual(ops.gt(x, 2).toArray(), [0, 0, 1]);
  });

  it("infinities: log 0, exp of much, their slopes", () => {
    assert.deepEqual(ops.log(tensor([0, 1])).toArray(), [-Infinity, 0]);
    assert.deepEqual(ops.exp(tensor([1000, -1000])).toArray(), [Infinity, 0]);
    assert.deepEqual(ops.amax(tensor([-Infinity, -Infinity])).item(), -Infinity);
    assert.deepEqual(ops.tanh(tensor([1e4, -1e4])).toArray(), [1, -1]);
  });

  it("at a tie the gradient is shared: amax, maximum; at a kink it is 0: relu, abs", () => {
    const grad = (f: (x: Tensor) => Tensor, values: number[]) => {
      const x = tensor(values, { requiresGrad: true });
      f(x).sum().backward();
      return [...x.grad!.data];
    };
    assert.deepEqual(
      grad((x) => ops.amax(x), [2, 1, 2]),
      [0.5, 0, 0.5],
    );
    assert.deepEqual(
      grad((x) => ops.amin(x), [2, 1, 1, 1]).map((g) => Math.round(g * 3)),
      [0, 1, 1, 1],
    );
    assert.deepEqual(
      grad((x) => ops.maximum(x, 1), [2, 1, 0]),
      [1, 0.5, 0],
    );
    assert.deepEqual(
      grad((x) => ops.minimum(x, 1), [2, 1, 0]),
      [0, 0.5, 1],
    );
    assert.deepEqual(grad(ops.relu, [0, -1, 2]), [0, 0, 1]);
    assert.deepEqual(grad(ops.abs, [0, -1, 2]), [0, -1, 1]);
    assert.deepEqual(
      grad((x) => ops.clamp(x, { min: 0, max: 1 }), [-1, 0, 0.5, 1, 2]),
      [0, 1, 1, 1, 0],
    );
    assert.deepEqual(
      grad((x) => ops.pow(x, 2), [-3, 0, 2]),
      [-6, 0, 4],
    );
  });

  it("empty shapes: sums are 0, means NaN, products of nothing are zeros, and gradients have the shape", () => {
    assert.equal(ops.sum(zeros([0])).item(), 0);
    assert.ok(Number.isNaN(ops.mean(zeros([0])).item()));
    assert.equal(ops.logsumexp(zeros([0])).item(), -Infinity);
    assert.deepEqual(ops.sum(zeros([2, 0]), { dim: 1 }).toArray(), [0, 0]);
    assert.deepEqual(ops.sum(zeros([2, 0]), { dim: 0 }).shape, [0]);
    assert.deepEqual(ops.matmul(zeros([2, 0]), zeros([0, 3])).toArray(), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    assert.ok(Number.isNaN(ops.crossEntropy(zeros([0, 3]), ids([])).item()));
    assert.equal(ops.crossEntropy(zeros([0, 3]), ids([]), { reduction: "sum" }).item(), 0);
    assert.deepEqual(ops.softmax(zeros([2, 0]), 1).shape, [2, 0]);
    assert.deepEqual(ops.cat([zeros([0, 2]), zeros([3, 2])], 0).shape, [3, 2]);
    assert.deepEqual(ops.embedding(zeros([4, 3]), ids([])).shape, [0, 3]);
    for (const shape of [[0], [0, 3], [2, 0]]) {
      const x = zeros(shape);
      x.requiresGrad = true;
      x.mul(2).add(1).tanh().sum().backward();
      assert.deepEqual(x.grad?.shape, shape);
    }
    const [a, b] = [zeros([2, 2, 3]), zeros([3, 0])];
    a.requiresGrad = b.requiresGrad = true;
    ops.matmul(a, b).sum().backward();
    assert.deepEqual(
      [a.grad?.shape, b.grad?.shape],
      [
        [2, 2, 3],
        [3, 0],
      ],
    );
  });

  it("softmax of every row sums to 1, whatever the dimension", () => {
    const x = randn([4, 5, 6], new Generator(5), { dtype: "float64" });
    for (const dim of [0, 1, 2, -1, -2]) {
      for (const total of noGrad(() => ops.sum(ops.softmax(x, dim), { dim })).data) close(total, 1, 1e-14);
    }
  });

  it("crossEntropy divides by the weight of the rows that count", () => {
    const x = randn([4, 3], new Generator(7), { dtype: "float64" });
    const targets = ids([0, 2, 1, 2]);
    const each = ops.crossEntropy(x, targets, { reduction: "none" });
    close(ops.crossEntropy(x, targets).item(), ops.mean(each).item(), 1e-15);
    const [l0, , l2] = each.data;
    close(ops.crossEntropy(x, targets, { ignoreIndex: 2 }).item(), (l0 + l2) / 2, 1e-15);
    const classWeight = tensor([1, 2, 5], { dtype: "float64" });
    const weighted = ops.crossEntropy(x, targets, { classWeight, ignoreIndex: 2 }).item();
    close(weighted, (1 * l0 + 2 * l2) / 3, 1e-15);
    close(ops.nllLoss(ops.logSoftmax(x, 1), targets).item(), ops.mean(each).item(), 1e-14);
  });
});
