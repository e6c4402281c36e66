import assert from "node:assert/strict";
import { ops, tensor } from "../../src/index.ts";

/** Where a maximum is reached more than once finite differences say nothing: the convention is PyTorch's. */
describe("ties", () => {
  it("amax and amin share the gradient among all that reach the extreme", () => {
    const x = tensor(
      [
        [2, 2, 1],
        [0, 3, 3],
      ],
      { requiresGrad: true },
    );
    ops.amax(x, { dim: 1 }).backward(tensor([1, 4]));
    assert.deepEqual(x.grad!.toArray(), [
      [0.5, 0.5, 0],
      [0, 2, 2],
    ]);
    const y = tensor([1, 1, 1, 5], { requiresGrad: true });
    ops.amin(y).backward();
    assert.deepEqual([...y.grad!.data], [1 / 3, 1 / 3, 1 / 3, 0].map(Math.fround));
  });

  it("maximum and minimum give each of two equals half", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const b = tensor([1, 3], { requiresGrad: true });
    ops.maximum(a, b).sum().backward();
    assert.deepEqual([...a.grad!.data, ...b.grad!.data], [0.5, 0, 0.5, 1]);
  });

  it("argmax names the first", () => assert.equal(ops.argmax(tensor([1, 7, 7])).item(), 1));
});
