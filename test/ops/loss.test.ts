import assert from "node:assert/strict";
import { ids, ops, tensor } from "../golden/core.ts";

const logits = [
  [0.2, -1, 0.5],
  [1, 2, -0.3],
  [0, 0.7, 0.1],
];
const make = (rows = logits) => tensor(rows, { dtype: "float64", requiresGrad: true });
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a}, not ${b}`);

describe("losses over classes", () => {
  for (const labelSmoothing of [0, 0.3]) {
    it(`a row whose target is ignored counts nothing, although its id is a class (smoothing ${labelSmoothing})`, () => {
      const [all, others] = [make(), make([logits[0], logits[2]])];
      const options = { labelSmoothing, reduction: "sum" } as const;
      const loss = ops.crossEntropy(all, ids([0, 1, 2]), { ...options, ignoreIndex: 1 });
      const expected = ops.crossEntropy(others, ids([0, 2]), options);
      close(loss.item(), expected.item());
      loss.backward();
      expected.backward();
      const [g, e] = [all.grad!.data, others.grad!.data];
      assert.deepEqual([...g.slice(3, 6)], [0, 0, 0]);
      for (const [i, j] of [
        [0, 0],
        [1, 1],
        [2, 2],
        [6, 3],
        [7, 4],
        [8, 5],
      ]) {
        close(g[i], e[j]);
      }
      const mean = ops.crossEntropy(make(), ids([0, 1, 2]), { labelSmoothing, ignoreIndex: 1 });
      close(mean.item(), expected.item() / 2);
    });
  }

  it("the gradient of the cross-entropy is softmax minus one-hot, over the number of rows", () => {
    const x = make();
    ops.crossEntropy(x, ids([2, 0, 1])).backward();
    const p = ops.softmax(x.detach(), 1).sub(ops.oneHot(ids([2, 0, 1]), 3, "float64"));
    x.grad!.data.forEach((g: number, i: number) => {
      close(g, p.data[i] / 3);
    });
  });

  it("a target that is no tensor is refused", () => {
    assert.throws(
      () => ops.crossEntropy(make(), [0, 1, 2] as never),
      /^ArgumentError: crossEntropy: targets must be int32, got an array of length 3/,
    );
    assert.throws(
      () => ops.nllLoss(make(), undefined as never),
      /^ArgumentError: nllLoss: targets must be int32, got undefined/,
    );
  });
});
