import assert from "node:assert/strict";
import { linearCrossEntropy, linearNLL } from "../../src/fused/cross-entropy.ts";
import { fromData, Generator, gradcheck, nn, noGrad, ops, Tensor } from "../../src/index.ts";
import { engineFor } from "../../src/kernels/index.ts";
import { assertNear } from "./close.ts";

type Float = "float32" | "float64";

function random(generator: Generator, shape: number[], dtype: Float): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  return fromData(
    Float64Array.from({ length: size }, () => generator.normal()),
    shape,
  )
    .to(dtype)
    .detach();
}

interface Case {
  N: number;
  H: number;
  V: number;
  bias: boolean;
  ignoreIndex?: number;
  reduction?: "mean" | "sum";
}

function inputs({ N, H, V, bias, ignoreIndex }: Case, dtype: Float) {
  const generator = new Generator(`${N} ${H} ${V}`);
  const targets = Int32Array.from({ length: N }, (_, i) =>
    ignoreIndex !== undefined && i % 3 === 1 ? ignoreIndex : generator.int(V),
  );
  const leaf = (shape: number[]) => new Tensor(random(generator, shape, dtype).value, { requiresGrad: true });
  return { h: leaf([N, H]), w: leaf([V, H]), b: bias ? leaf([V]) : null, y: fromData(targets, [N]) };
}

const cases: Case[] = [
  { N: 1, H: 1, V: 1, bias: true },
  { N: 5, H: 3, V: 7, bias: true },
  { N: 7, H: 8, V: 65, bias: false },
  { N: 9, H: 17, V: 31, bias: true, ignoreIndex: -100 },
  { N: 9, H: 17, V: 31, bias: true, ignoreIndex: 2, reduction: "sum" },
  { N: 6, H: 4, V: 5, bias: false, reduction: "sum" },
  { N: 0, H: 4, V: 5, bias: true, reduction: "sum" },
  // Three chunks, of which the last is shorter.
  { N: 150, H: 2, V: 60_000, bias: true },
];

describe("linear and cross-entropy in one node", () => {
  for (const dtype of ["float64", "float32"] as const) {
    for (const c of cases) {
      it(`${JSON.stringify(c)} in ${dtype}: loss and gradients are those of the two ops`, () => {
        const run = (fused: boolean) => {
          const { h, w, b, y } = inputs(c, dtype);
          const options = { reduction: c.reduction, ignoreIndex: c.ignoreIndex };
          const loss = fused
            ? linearCrossEntropy(h, w, b, y, options)
            : ops.crossEntropy(ops.linear(h, w, b), y, options);
          // Something follows the loss, so that its gradient is not 1.
          loss.mul(3).backward();
          return { loss, gradients: [h, w, ...(b ? [b] : [])].map((x) => x.grad!) };
        };
        const [fused, composed] = [run(true), run(false)];
        const rtol = dtype === "float64" ? 1e-10 : 2e-5;
        assert.deepEqual(fused.loss.shape, []);
        assert.equal(fused.loss.dtype, dtype);
        assertNear(fused.loss.data, composed.loss.data, { rtol }, "loss");
        let largest = 0;
        for (const g of composed.gradients) for (const x of g.data) largest = Math.max(largest, Math.abs(x));
        for (const [i, g] of fused.gradients.entries()) {
          assert.deepEqual(g.shape, composed.gradients[i].shape);
          assertNear(g.data, composed.gradients[i].data, { rtol, floor: largest }, `gradient ${i}`);
        }
      });
    }
  }

  it("its gradients are the derivatives of its loss", () => {
    for (const c of cases.slice(0, 7)) {
      const { h, w, b, y } = inputs(c, "float64");
      const options = { reduction: c.reduction, ignoreIndex: c.ignoreIndex };
      const leaves = b ? [h, w, b] : [h, w];
      gradcheck((h, w, b) => linearCrossEntropy(h, w, b ?? null, y, options), leaves);
    }
  });

  it("takes h and targets of any number of dimensions", () => {
    const { h, w, b, y } = inputs(cases[1], "float64");
    const flat = linearCrossEntropy(h, w, b, y);
    flat.backward();
    const expected = h.grad!.data;
    const cube = new Tensor(h.detach().reshape([5, 1, 3]).value, { requiresGrad: true });
    const loss = linearCrossEntropy(cube, w, b, y.reshape([5, 1]));
    loss.backward();
    assert.equal(loss.item(), flat.item());
    assert.deepEqual(cube.grad!.shape, [5, 1, 3]);
    assert.deepEqual(cube.grad!.data, expected);
  });

  it("computes only the gradients that are wanted, and none in noGrad", () => {
    const { h, w, b, y } = inputs(cases[1], "float64");
    const frozen = new Tensor(w.value);
    const loss = linearCrossEntropy(h, frozen, b, y);
    loss.backward();
    assert.ok(h.grad && b!.grad);
    assert.equal(frozen.grad, null);
    assert.equal(noGrad(() => linearCrossEntropy(h, w, b, y)).requiresGrad, false);
    assert.equal(noGrad(() => linearCrossEntropy(h, w, b, y)).item(), loss.item());
  });

  it("goes back twice with retainGraph, and the first gradient stays as it was", () => {
    const { h, w, b, y } = inputs(cases[1], "float64");
    const loss = linearCrossEntropy(h, w, b, y);
    loss.backward({ retainGraph: true });
    const first = w.grad!;
    const numbers = first.data.slice();
    loss.backward();
    assert.deepEqual(first.data, numbers);
    assert.deepEqual(
      w.grad!.data,
      numbers.map((x: number) => 2 * x),
    );
    assert.throws(() => loss.backward(), /was released/);
  });

  it("linearNLL gives the loss of each row, also after the weights have changed", () => {
    const { h, w, b, y } = inputs(cases[7], "float32");
    for (const factor of [1, 0.5]) {
      w.changeData((data) => {
        for (let i = 0; i < data.length; i++) data[i] *= factor;
      });
      const nll = linearNLL(h, w, b, y);
      const expected = ops.crossEntropy(ops.linear(h, w, b), y, { reduction: "none" });
      assertNear(nll, expected.data, { rtol: 1e-5 }, `factor ${factor}`);
    }
  });

  it("large logits do not overflow, and an impossible target costs ∞", () => {
    const h = fromData(Float32Array.of(1), [1, 1], { requiresGrad: true });
    const w = fromData(Float32Array.of(1000, -1000, 0), [3, 1], { requiresGrad: true });
    assert.equal(linearCrossEntropy(h, w, null, fromData(Int32Array.of(0), [1])).item(), 0);
    assert.equal(linearCrossEntropy(h, w, null, fromData(Int32Array.of(1), [1])).item(), 2000);
    const bias = fromData(Float32Array.of(0, -Infinity, 0), [3]);
    assert.equal(linearCrossEntropy(h, w, bias, fromData(Int32Array.of(1), [1])).item(), Infinity);
    const nan = fromData(Float32Array.of(0, Number.NaN, 0), [3]);
    assert.ok(Number.isNaN(linearCrossEntropy(h, w, nan, fromData(Int32Array.of(0), [1])).item()));
  });

  it("is nn.linearCrossEntropy for models of one's own", () => {
    assert.equal(nn.linearCrossEntropy, linearCrossEntropy);
  });

  it("names what does not fit", () => {
    const { h, w, b, y } = inputs(cases[1], "float32");
    const bad = fromData(Int32Array.of(0, 1, 7, 2, 3), [5]);
    assert.throws(
      () => linearCrossEntropy(h, w, b, bad),
      /linearCrossEntropy: target 7 at position 2 is out of range/,
    );
    assert.throws(() => linearCrossEntropy(h, w.t(), b, y), /weight|bias/);
    assert.throws(() => linearCrossEntropy(h.t(), w, b, y), /targets/);
    assert.throws(() => linearCrossEntropy(h.to("float64"), w, b, y), /got float64, float32, float32/);
    const ignored = fromData(new Int32Array(5).fill(-1), [5]);
    assert.throws(() => linearCrossEntropy(h, w, b, ignored, { ignoreIndex: -1 }), /every target is ignored/);
  });

  it("gives all engine memory back, after an error too", () => {
    const engine = engineFor("float64");
    const { h, w, b, y } = inputs(cases[1], "float64");
    const before = engine.allocated.now;
    const loss = linearCrossEntropy(h, w, b, y);
    assert.equal(engine.allocated.now, before);
    loss.backward();
    assert.equal(engine.allocated.now, before);
  });
});
