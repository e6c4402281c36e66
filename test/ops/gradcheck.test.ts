import assert from "node:assert/strict";
import { type RegisteredOp, registry, type Sample } from "../../src/autograd/define.ts";
import { Generator, gradcheck, type Tensor } from "../golden/core.ts";
import { drawInput, type Layout, layouts } from "./layouts.ts";

/** Ops whose result is int32: there is nothing to differentiate. */
const withoutDerivative = ["argmax", "eq", "ge", "gt", "le", "lt", "ne"];

const tolerances = { atol: 1e-8, rtol: 1e-6 };
const wanted = 20;

function draw(op: RegisteredOp, sample: Sample, layout: Layout, seed: string): Tensor[] {
  const generator = new Generator(`${op.name} ${seed}`);
  return sample.inputs.map((input) => drawInput(input, layout, generator, op.domain));
}

/** Each sample in each layout, with its operands repeated, and again with other numbers until there are enough. */
function checkOp(op: RegisteredOp): { runs: number; elements: number; repeated: number } {
  let runs = 0;
  let elements = 0;
  let repeated = 0;
  for (let round = 0; runs < wanted; round++) {
    for (const [i, sample] of op.samples.entries()) {
      for (const layout of layouts) {
        const inputs = draw(op, sample, layout, `${i} ${layout} ${round}`);
        const what = `${op.name}, sample ${i} ${JSON.stringify(sample)}, ${layout}, round ${round}`;
        try {
          elements += gradcheck((...xs) => op.call(xs, sample.attrs), inputs, tolerances).checked;
          runs++;
          const twin = inputs
            .slice(1)
            .find((x) => x.dtype === "float64" && `${x.shape}` === `${inputs[0].shape}`);
          if (!twin || inputs[0].dtype === "int32") continue;
          const same = (x: Tensor) => inputs.map((other) => (other === twin ? x : other)).with(0, x);
          gradcheck((x) => op.call(same(x), sample.attrs), [inputs[0]], tolerances);
          runs++;
          repeated++;
        } catch (error) {
          throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
        }
      }
    }
  }
  return { runs, elements, repeated };
}

describe("gradcheck of every op in the registry", () => {
  it("the registry holds at least 40 ops; those without derivative are the known ones", () => {
    assert.ok(registry.size >= 40, `${registry.size} ops`);
    for (const op of registry.values()) {
      const inputs = draw(op, op.samples[0], "contiguous", "kind");
      const outputs = op.call(inputs, op.samples[0].attrs);
      const integer = outputs.every((y) => y.dtype === "int32");
      assert.equal(integer, withoutDerivative.includes(op.name), op.name);
      // The formula says how gradients go back exactly where they do.
      assert.equal(op.formula.includes(";"), !integer, `${op.name}: ${op.formula}`);
    }
  });

  it("samples cover 0-d, size-1 and size-0 inputs wherever the op can take them", () => {
    const needsDimensions = ["cat", "gather", "linear", "logSoftmax", "matmul", "softmax", "split"];
    const without0d = [...needsDimensions, "embedding", "flip", "transpose", "unbind"];
    for (const op of registry.values()) {
      if (withoutDerivative.includes(op.name)) continue;
      const shapes = op.samples.flatMap((s) => s.inputs.map((x) => ("ids" in x ? x.ids : x)));
      const has = (test: (shape: readonly number[]) => boolean) => shapes.some(test);
      assert.ok(
        has((s) => s.includes(0)),
        `${op.name}: size 0`,
      );
      assert.ok(
        has((s) => s.includes(1)),
        `${op.name}: size 1`,
      );
      if (!without0d.includes(op.name)) {
        assert.ok(
          op.samples.some((s) => s.inputs.some((x) => !("ids" in x) && x.length === 0)),
          `${op.name}: 0-d`,
        );
      }
    }
  });

  for (const op of registry.values()) {
    if (withoutDerivative.includes(op.name)) continue;
    it(`${op.name}: at least ${wanted} samples`, () => {
      const { runs, elements, repeated } = checkOp(op);
      assert.ok(runs >= wanted, `${runs} runs`);
      assert.ok(elements >= wanted, `only ${elements} elements were compared`);
      const twoFloats = op.samples.some(
        (s) => s.inputs.length > 1 && s.inputs.every((x) => `${x}` === `${s.inputs[0]}` && !("ids" in x)),
      );
      if (twoFloats) assert.ok(repeated > 0, "no sample with a repeated operand");
    });
  }
});
