import assert from "node:assert/strict";
import { NDArray } from "../../src/array/ndarray.ts";
import { defineOp, on, registry } from "../../src/autograd/define.ts";
import { gradcheck, ids, ops, type Tensor, tensor } from "../golden/core.ts";

const x = tensor([[0.3, -0.7]], { dtype: "float64" });

describe("gradcheck", () => {
  it("tells input, index, analytic and numeric value of a wrong derivative", () => {
    const wrong = defineOp<[NDArray], []>({
      name: "a wrong square",
      formula: "y = x²; dx = x ⊙ dy",
      forward: (x) => [
        new NDArray(
          x.flat().map((v) => v * v),
          x.shape,
        ),
        [
          (dy) =>
            new NDArray(
              dy.flat().map((v: number, i: number) => v * x.flat()[i]),
              x.shape,
            ),
        ],
      ],
      samples: [on([1])],
    });
    registry.delete("a wrong square");
    assert.throws(
      () => gradcheck((a, b) => wrong(b).add(a), [x, x]),
      /^AutogradError: gradcheck: input 1 \[1,2\], element \[0,0\]: analytic 0\.16\d+, numeric 0\.32\d+ \(difference 1\.62e-1\)/,
    );
  });

  it("counts the elements, takes ids, several results, views and stretched inputs", () => {
    assert.equal(gradcheck((a) => ops.tanh(a), [x]).checked, 2);
    assert.equal(gradcheck((w, i) => ops.embedding(w.t(), i), [x, ids([1, 0, 0])]).checked, 2);
    assert.equal(gradcheck((a) => ops.split(a, 1, 1), [x]).checked, 2);
    assert.equal(gradcheck((a) => a.exp(), [x.t(), x.expand([3, 2])].slice(1)).checked, 6);
    assert.ok(gradcheck((a) => ops.exp(a), [x]).maxError < 1e-9);
  });

  it("refuses float32 and functions without a float result by name", () => {
    assert.throws(
      () => gradcheck((a) => a.exp(), [tensor([1])]),
      /^ArgumentError: gradcheck: input 0 is float32/,
    );
    assert.throws(
      () => gradcheck((a) => a.gt(0), [x]),
      /^ArgumentError: gradcheck: the function returns no float/,
    );
  });

  it("refuses inputs that are no list of tensors, and functions that return none, by name", () => {
    const refused: [() => unknown, string][] = [
      [() => gradcheck((a) => a, x as never), "give the inputs as a list: gradcheck(f, [x])"],
      [() => gradcheck((a) => a, [x, 2] as never), "input 1 is 2, no tensor"],
      [() => gradcheck(() => 1 as never, [x]), "the function returns 1, no tensor"],
      [() => gradcheck(() => undefined as never, [x]), "the function returns undefined, no tensor"],
      [() => gradcheck((a) => [a, null] as never, [x]), "the function returns null, no tensor"],
    ];
    for (const [call, message] of refused) {
      assert.throws(call, { name: "ArgumentError", message: `gradcheck: ${message}` });
    }
  });

  it("leaves the gradients of what it is given alone", () => {
    const own = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    gradcheck((a: Tensor) => a.square(), [own]);
    assert.equal(own.grad, null);
  });
});
