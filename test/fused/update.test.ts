import assert from "node:assert/strict";
import { CHUNK, type Change } from "../../src/fused/update.ts";
import { fromData, Generator, optim, type Tensor } from "../../src/index.ts";
import { engineFor } from "../../src/kernels/index.ts";
import { assertNear } from "./close.ts";

const optimizers: [name: string, make: (params: Tensor[]) => optim.Optimizer][] = [
  ["SGD", (p) => new optim.SGD(p, { lr: 0.1 })],
  ["SGD, weight decay", (p) => new optim.SGD(p, { lr: 0.1, weightDecay: 0.02 })],
  ["SGD, momentum", (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })],
  ["SGD, dampening", (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 0.01 })],
  ["SGD, Nesterov", (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true })],
  ["Adagrad", (p) => new optim.Adagrad(p, { lr: 0.1 })],
  [
    "Adagrad, all options",
    (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, weightDecay: 0.02, eps: 1e-6 }),
  ],
  ["RMSprop", (p) => new optim.RMSprop(p, { lr: 0.01 })],
  [
    "RMSprop, all options",
    (p) => new optim.RMSprop(p, { lr: 0.01, alpha: 0.9, momentum: 0.8, weightDecay: 0.02 }),
  ],
  ["Adam", (p) => new optim.Adam(p, { lr: 0.01 })],
  [
    "Adam, all options",
    (p) => new optim.Adam(p, { lr: 0.01, beta1: 0.8, beta2: 0.95, eps: 1e-6, weightDecay: 0.02 }),
  ],
  ["AdamW", (p) => new optim.AdamW(p, { lr: 0.01, weightDecay: 0.1 })],
];
const dtypes = ["float32", "float64"] as const;
type Float = (typeof dtypes)[number];

function random(generator: Generator, size: number, dtype: Float): Float32Array | Float64Array {
  const values = Float64Array.from({ length: size }, () => generator.normal());
  return dtype === "float64" ? values : Float32Array.from(values);
}

/** Two copies of some parameters: one for the engine, one for the loops. */
function twice(sizes: readonly number[], dtype: Float, make: (params: Tensor[]) => optim.Optimizer) {
  return [true, false].map((fused) => {
    const generator = new Generator("parameters");
    const params = sizes.map((n) => fromData(random(generator, n, dtype), [n], { requiresGrad: true }));
    const optimizer = make(params);
    optimizer.fused = fused;
    return { params, optimizer };
  });
}

/** Rounding of one float32 step may differ by a few units in the last place; five steps of it are compared. */
const tolerance = { float32: { rtol: 2e-6 }, float64: { rtol: 1e-14 } };

describe("optim on an engine", () => {
  for (const dtype of dtypes) {
    for (const [name, make] of optimizers) {
      it(`${name} in ${dtype}: parameters and moments are those of the loop`, () => {
        // Not divisible by any width, empty, and more than one chunk.
        const both = twice([0, 1, 7, 1000, CHUNK + 3, 2 * CHUNK], dtype, make);
        for (const clipping of [
          undefined,
          {},
          { clipNorm: 3 },
          { clipValue: 0.5 },
          { clipNorm: 200, clipValue: 0.3 },
        ]) {
          const norms = both.map(({ params, optimizer }) => {
            const generator = new Generator(JSON.stringify(clipping ?? "none"));
            for (const p of params) p.grad = fromData(random(generator, p.size, dtype), p.shape);
            return clipping ? optimizer.step(clipping) : optimizer.step();
          });
          assert.equal(norms[0], norms[1]);
        }
        const [fused, loops] = both;
        for (const [i, p] of fused.params.entries()) {
          assertNear(p.data, loops.params[i].data, tolerance[dtype], `parameter ${i}`);
        }
        const [fusedSlots, loopSlots] = both.map(({ optimizer }) => optimizer.stateDict().slots);
        for (const [i, slot] of loopSlots.entries()) {
          for (const [moment, expected] of Object.entries(slot!)) {
            const found = fusedSlots[i]![moment];
            if (typeof expected === "number" || typeof found === "number") assert.equal(found, expected);
            else {
              assert.equal(found.constructor, fused.params[i].data.constructor, `${moment}: dtype`);
              assertNear(found, expected, tolerance[dtype], `${moment} of parameter ${i}`);
            }
          }
        }
      });
    }
  }

  it("step returns the norm before clipping, as clipGradNorm, and leaves the gradients alone", () => {
    const sizes = [5, CHUNK + 1];
    const [a, b] = twice(sizes, "float32", (p) => new optim.SGD(p, { lr: 1 }));
    const generator = new Generator(3);
    const gradients = sizes.map((n) => random(generator, n, "float32"));
    for (const { params } of [a, b])
      for (const [i, p] of params.entries()) p.grad = fromData(gradients[i].slice(), [sizes[i]]);
    let squares = 0;
    for (const g of gradients) for (const x of g) squares += x * x;
    const exact = Math.sqrt(squares);
    const norm = a.optimizer.step({ clipNorm: 1, clipValue: 0.001 });
    assertNear([norm], [exact], { rtol: 1e-12 }, "norm");
    assert.deepEqual(
      a.params.map((p) => p.grad!.data),
      gradients,
    );
    assert.equal(optim.clipGradNorm(b.params, 1), norm);
    optim.clipGradValue(b.params, 0.001);
    b.optimizer.step();
    for (const [i, p] of a.params.entries())
      assertNear(p.data, b.params[i].data, { rtol: 3e-7 }, `parameter ${i}`);
    assert.equal(new optim.SGD(a.params, { lr: 0.1 }).step(), undefined);
  });

  for (const bad of [Number.NaN, Infinity]) {
    it(`changes nothing where the norm is ${bad}, and says so`, () => {
      const [{ params, optimizer }] = twice([3], "float32", (p) => new optim.Adam(p));
      const before = params[0].data.slice();
      params[0].grad = fromData(Float32Array.of(1, bad, 2), [3]);
      assert.equal(optimizer.step({ clipNorm: 1 }), bad);
      assert.deepEqual(params[0].data, before);
      assert.deepEqual(optimizer.stateDict().slots, [null]);
    });
  }

  it("without clipping a NaN goes where it goes in the loop", () => {
    const [a, b] = twice([3], "float32", (p) => new optim.SGD(p, { lr: 1 }));
    for (const { params, optimizer } of [a, b]) {
      params[0].grad = fromData(Float32Array.of(1, Number.NaN, 2), [3]);
      optimizer.step();
    }
    assert.deepEqual(a.params[0].data, b.params[0].data);
    assert.ok(Number.isNaN(a.params[0].data[1]));
  });

  it("names an option that is out of range, and a gradient of another size", () => {
    const [{ params, optimizer }] = twice([3], "float32", (p) => new optim.SGD(p, { lr: 1 }));
    assert.throws(
      () => optimizer.step({ clipNorm: -1 }),
      /optim\.SGD: clipNorm must be a finite number and ≥ 0/,
    );
    params[0].grad = fromData(new Float32Array(4), [4]);
    assert.throws(() => optimizer.step(), /step: a gradient \[4\] for a parameter of 3 elements/);
  });

  it("a subclass with an update of its own is run by it, though it inherits a rule", () => {
    class Sign extends optim.SGD {
      protected override update({ p, g }: Change): void {
        for (let i = 0; i < p.length; i++) p[i] -= Math.sign(g[i]);
      }
    }
    const p = fromData(Float32Array.of(1, 2), [2], { requiresGrad: true });
    p.grad = fromData(Float32Array.of(-5, 5), [2]);
    new Sign([p], { lr: 1 }).step();
    assert.deepEqual([...p.data], [2, 1]);
  });

  it("momentum that is switched on later begins with the first velocity", () => {
    const [a, b] = twice([9], "float64", (p) => new optim.SGD(p, { lr: 0.1, dampening: 0.5 }));
    for (let step = 0; step < 4; step++) {
      for (const { params, optimizer } of [a, b]) {
        params[0].grad = fromData(new Float64Array(9).fill(step + 1), [9]);
        if (step === 2) (optimizer.groups[0] as optim.SGDOptions).momentum = 0.9;
        optimizer.step();
      }
    }
    assert.deepEqual(a.params[0].data, b.params[0].data);
  });

  it("a state goes on in another optimizer; moments of another dtype are rounded", () => {
    const run = (optimizer: optim.Optimizer, p: Tensor, steps: number) => {
      for (let i = 0; i < steps; i++) {
        p.grad = fromData(Float32Array.of(0.1, -0.7, 0.3), [3]);
        optimizer.step();
      }
    };
    const make = () => fromData(Float32Array.of(1, 2, 3), [3], { requiresGrad: true });
    const [whole, parts] = [make(), make()];
    run(new optim.Adam([whole]), whole, 6);
    const first = new optim.Adam([parts]);
    run(first, parts, 3);
    const state = first.stateDict();
    assert.ok(state.slots[0]!.mean instanceof Float32Array);
    // As older versions kept them.
    const wide = { ...state.slots[0]!, mean: Float64Array.from(state.slots[0]!.mean as Float32Array) };
    const second = new optim.Adam([parts]);
    second.loadStateDict({ ...state, slots: [wide] });
    assert.ok(second.stateDict().slots[0]!.mean instanceof Float32Array);
    run(second, parts, 3);
    assert.deepEqual(parts.data, whole.data);
  });

  it("gives all engine memory back", () => {
    const engine = engineFor("float32");
    const [{ params, optimizer }] = twice([CHUNK + 5], "float32", (p) => new optim.Adam(p));
    params[0].grad = fromData(new Float32Array(CHUNK + 5).fill(1), [CHUNK + 5]);
    optimizer.step({ clipNorm: 1 }); // its moments stay there
    const before = engine.allocated.now;
    optimizer.step({ clipNorm: 1 });
    assert.equal(engine.allocated.now, before);
  });
});
