import assert from "node:assert/strict";
import { linearLayer } from "../../src/fused/linear.ts";
import { fromData, Generator, gradcheck, noGrad, ops, Tensor } from "../../src/index.ts";
import { engineFor } from "../../src/kernels/index.ts";
import { assertNear } from "./close.ts";

const activations = { tanh: ops.tanh, relu: ops.relu, sigmoid: ops.sigmoid, none: (x: Tensor) => x };
const shapes: [x: number[], out: number][] = [
  [[1, 1], 1],
  [[3], 4],
  [[7, 5], 9],
  [[2, 3, 17], 13],
  [[64, 300], 100],
  [[0, 3], 2],
];

function inputs([shape, out]: [number[], number], dtype: "float32" | "float64", bias: boolean) {
  const generator = new Generator(`${shape} ${out}`);
  const leaf = (...sizes: number[]) => {
    const data = Float64Array.from({ length: sizes.reduce((n, m) => n * m, 1) }, () => generator.normal());
    const x = fromData(data, sizes).to(dtype);
    return new Tensor(x.value, { requiresGrad: true });
  };
  const size = shape[shape.length - 1];
  return [leaf(...shape), leaf(out, size), ...(bias ? [leaf(out)] : [])];
}

describe("a linear layer in one node", () => {
  for (const [name, activation] of Object.entries(activations)) {
    const kind = name === "none" ? null : (name as "tanh" | "relu" | "sigmoid");
    for (const dtype of ["float64", "float32"] as const) {
      it(`φ = ${name} in ${dtype}: values and gradients are those of the ops`, () => {
        for (const shape of shapes) {
          for (const bias of [true, false]) {
            const run = (f: (x: Tensor, w: Tensor, b?: Tensor) => Tensor) => {
              const [x, w, b] = inputs(shape, dtype, bias);
              const y = f(x, w, b);
              y.square().sum().backward();
              return [y, ...[x, w, ...(b ? [b] : [])].map((leaf) => leaf.grad!)];
            };
            const fused = run((x, w, b) => linearLayer(x, w, b ?? null, kind));
            const composed = run((x, w, b) => activation(ops.linear(x, w, b)));
            const rtol = dtype === "float64" ? 1e-10 : 1e-5;
            for (const [i, found] of fused.entries()) {
              assert.deepEqual(found.shape, composed[i].shape);
              const floor = Math.max(1, ...composed[i].data.map(Math.abs));
              assertNear(
                found.data,
                composed[i].data,
                { rtol, floor },
                `${JSON.stringify(shape)} result ${i}`,
              );
            }
          }
        }
      });
    }

    it(`φ = ${name}: its gradients are the derivatives of its value`, () => {
      gradcheck((x, w, b) => linearLayer(x, w, b, kind), inputs([[2, 3, 4], 5], "float64", true));
    });
  }

  it("without a graph the weight stays packed until it changes", () => {
    const [x, w] = inputs([[7, 5], 9], "float32", false);
    for (const factor of [1, 2]) {
      w.changeData((data) => data.set(data.map((v) => v * factor)));
      const y = noGrad(() => linearLayer(x, w, null));
      assertNear(y.data, ops.linear(x, w).data, { rtol: 1e-6 }, `factor ${factor}`);
    }
  });

  it("names shapes and dtypes that do not fit", () => {
    const [x, w, b] = inputs([[7, 5], 9], "float32", true);
    assert.throws(
      () => linearLayer(x.t(), w, b),
      /linear: needs x \[..., in\].* got \[5,7\], \[9,5\], \[9\]/,
    );
    assert.throws(() => linearLayer(x, w, x), /got \[7,5\], \[9,5\], \[7,5\]/);
    assert.throws(() => linearLayer(x.to("float64"), w, b), /got float64, float32, float32/);
  });

  it("gives all engine memory back", () => {
    const engine = engineFor("float64");
    const before = engine.allocated.now;
    const [x, w, b] = inputs([[7, 5], 9], "float64", true);
    linearLayer(x, w, b, "tanh").sum().backward();
    assert.equal(engine.allocated.now, before);
  });
});
