import assert from "node:assert/strict";
import { savedOf } from "../../src/fused/saved.ts";
import { engineFor } from "../../src/kernels/index.ts";
import { Generator, type nn, noGrad, randn, type Tensor } from "../golden/core.ts";
import { assertSame, initialState, kinds, leaf, makeLayer, type Numbers, run, weighted } from "./layers.ts";

const engine = engineFor("float64");
const list = savedOf(engine);

const make = (kind: (typeof kinds)[number], more: Partial<nn.SequenceOptions> = {}) =>
  makeLayer(kind, 4, 3, { generator: new Generator(kind), dtype: "float64", ...more });

const gradients = (layer: nn.Module, x: Tensor): Numbers =>
  new Map([["x", x.grad!], ...[...layer.namedParameters()].map(([name, p]) => [name, p.grad!] as const)]);

/** Blocks that are out after `f`, compared with before. */
function blocksLeftBy(f: () => void): number {
  const before = engine.allocated.now;
  f();
  return engine.allocated.now - before;
}

describe("the graph of a fused recurrent layer", () => {
  const x = leaf([3, 2, 4], new Generator("x"), "float64");
  beforeEach(() => {
    x.zeroGrad();
    list.spillAll(); // what tests before this one have left
  });

  for (const kind of kinds) {
    it(`${kind}: a backward leaves nothing in the engine's memory but gradients that nobody has read`, () => {
      const layer = make(kind, { numLayers: 2, bidirectional: true });
      const back = () => weighted(run(layer, { x }, null)).backward();
      const left = blocksLeftBy(() => {
        back();
        layer.zeroGrad();
      });
      assert.equal(left, 0);
      const read = blocksLeftBy(() => {
        back();
        for (const p of layer.parameters()) assert.equal(p.grad?.size, p.size);
      });
      assert.equal(read, 0);
    });

    it(`${kind}: without a graph nothing is kept`, () => {
      const layer = make(kind, { numLayers: 2, bidirectional: true });
      assert.equal(
        blocksLeftBy(() => noGrad(() => run(layer, { x }, null))),
        0,
      );
      for (const p of layer.parameters()) p.requiresGrad = false;
      const plain = x.detach();
      assert.equal(
        blocksLeftBy(() => run(layer, { x: plain }, null)),
        0,
      );
    });

    it(`${kind}: retainGraph allows a second backward with the same result; a third is refused`, () => {
      const layer = make(kind);
      const left = blocksLeftBy(() => {
        const loss = weighted(run(layer, { x }, null));
        loss.backward({ retainGraph: true });
        const first = gradients(layer, x);
        for (const p of [...layer.parameters(), x]) p.zeroGrad();
        loss.backward();
        assertSame(gradients(layer, x), first, 0, kind);
        assert.throws(() => loss.backward(), /AutogradError: backward: the graph through .* was released/);
      });
      assert.equal(left, 0);
    });

    it(`${kind}: two graphs at once, gone back in either order, equal each alone`, () => {
      const layer = make(kind);
      const other = leaf([2, 2, 4], new Generator("other"), "float64");
      const alone = [x, other].map((input) => {
        layer.zeroGrad();
        weighted(run(layer, { x: input }, null)).backward();
        return gradients(layer, input);
      });
      for (const order of [
        [0, 1],
        [1, 0],
      ]) {
        for (const input of [x, other]) input.zeroGrad();
        const losses = [x, other].map((input) => weighted(run(layer, { x: input }, null)));
        for (const i of order) {
          layer.zeroGrad();
          losses[i].backward();
          assertSame(gradients(layer, [x, other][i]), alone[i], 0, kind);
        }
      }
    });

    it(`${kind}: a block that was spilled gives the same gradients`, () => {
      const layer = make(kind, { bidirectional: true });
      weighted(run(layer, { x }, null)).backward();
      const expected = gradients(layer, x);
      for (const p of [...layer.parameters(), x]) p.zeroGrad();
      const left = blocksLeftBy(() => {
        const loss = weighted(run(layer, { x }, null));
        list.spillAll();
        loss.backward({ retainGraph: true });
        list.spillAll();
        for (const p of [...layer.parameters(), x]) p.zeroGrad();
        loss.backward();
      });
      assert.equal(left, 0);
      assertSame(gradients(layer, x), expected, 0, kind);
    });

    it(`${kind}: a parameter changed since is refused, by name of the layer`, () => {
      const layer = make(kind);
      const loss = weighted(run(layer, { x }, null));
      layer.parameters()[0].changeData((data) => data.fill(0));
      assert.throws(
        () => loss.backward(),
        /AutogradError: backward: an input of "(rnn|lstm|gru)" was changed/,
      );
      list.spillAll();
    });
  }

  it("states flow from window to window, cut or not", () => {
    for (const kind of kinds) {
      const [fused, composed] = [true, false].map((fused) => {
        const layer = make(kind, { fused });
        const state = initialState(layer, 2, new Generator("state"), "float64");
        const [, ...middle] = run(layer, { x: x.slice([0, 2]) }, state);
        const second = run(layer, { x: x.slice([2, 3]) }, middle);
        x.zeroGrad();
        weighted(second).backward();
        return new Map([...gradients(layer, x), ...state.map((s, i) => [`state ${i}`, s.grad!] as const)]);
      });
      assertSame(fused, composed, 1e-11, kind);
    }
  });

  it("graphs that are dropped without a backward do not pile up in the engine's memory", () => {
    const small = makeLayer("LSTM", 8, 32, { generator: new Generator(1), dtype: "float64" });
    const input = randn([64, 16, 8], new Generator(2), { dtype: "float64" });
    const before = engine.allocated.now;
    let most = 0;
    for (let i = 0; i < 60; i++) {
      run(small, { x: input }, null);
      most = Math.max(most, list.size.bytes);
    }
    // 60 blocks of 64·16·32·6 numbers would be 94 MB.
    assert.ok(most > 32 * 2 ** 20 && most <= 64 * 2 ** 20, `${most} bytes`);
    assert.ok((engine.allocated.now - before) * 8 <= 64 * 2 ** 20);
    list.spillAll();
    assert.equal(list.size.blocks, 0);
  });

  it("a single step without a graph uses packs that are kept, and follows changes of the weights", () => {
    for (const kind of kinds) {
      // Large enough for packs to be kept.
      const layer = makeLayer(kind, 128, 128, { generator: new Generator(1), dtype: "float64" });
      const step = randn([1, 2, 128], new Generator(2), { dtype: "float64" });
      const values = () => run(layer, { x: step }, null).map((y) => [...y.data]);
      assert.deepEqual(noGrad(values), values(), kind);
      const left = blocksLeftBy(() => {
        for (let i = 0; i < 5; i++) assert.deepEqual(noGrad(values), values(), kind);
        list.spillAll();
      });
      assert.ok(left <= 0, `${kind}: ${left}`);
      const before = noGrad(values);
      for (const p of layer.parameters()) p.changeData((data) => data.reverse());
      assert.notDeepEqual(noGrad(values), before);
      assert.deepEqual(noGrad(values), values(), kind);
    }
  });

  it("numbers written into a weight by hand are seen by every pass with a graph or with several steps", () => {
    const layer = makeLayer("LSTM", 128, 128, { generator: new Generator(1), dtype: "float64" });
    const one = randn([1, 2, 128], new Generator(2), { dtype: "float64" });
    const two = randn([2, 2, 128], new Generator(3), { dtype: "float64" });
    const passes = [() => run(layer, { x: one }, null), () => noGrad(() => run(layer, { x: two }, null))];
    noGrad(() => run(layer, { x: one }, null)); // packs are kept from here on
    for (const pass of passes) {
      const before = [...pass()[0].data];
      layer.weights().weightHh.data.fill(0.01);
      layer.weights().weightIh.data[0] += 1;
      assert.notDeepEqual([...pass()[0].data], before);
    }
  });

  it("a backward that broke off cannot be taken up again", () => {
    const layer = make("LSTM");
    const [output] = run(layer, { x }, null);
    const back = () => output.backward(randn(output.shape, new Generator(1), { dtype: "float64" }));
    Object.defineProperty(engine, "lstmBackward", {
      configurable: true,
      value: () => {
        throw new Error("the engine broke");
      },
    });
    try {
      assert.throws(back, /the engine broke/);
    } finally {
      delete (engine as unknown as Record<string, unknown>)["lstmBackward"];
    }
    assert.throws(back, /AutogradError: backward: an earlier backward\(\) broke off/);
  });

  it("a call that throws gives its memory back", () => {
    const layer = make("GRU");
    const broken = new Error("the engine broke");
    for (const way of ["gruForward", "gruBackward"] as const) {
      const left = blocksLeftBy(() => {
        const loss = way === "gruBackward" ? weighted(run(layer, { x }, null)) : null;
        Object.defineProperty(engine, way, {
          configurable: true,
          value: () => {
            throw broken;
          },
        });
        try {
          assert.throws(
            () => (loss ? loss.backward() : run(layer, { x }, null)),
            (error) => error === broken,
          );
        } finally {
          delete (engine as unknown as Record<string, unknown>)[way];
        }
      });
      assert.equal(left, 0, way);
    }
  });

  it("after a cell that was ended in the middle of a call, its memory is given back", () => {
    const layer = make("LSTM");
    const hooks = (globalThis as unknown as Record<symbol, Set<() => void>>)[
      Symbol.for("unrolled.resetHooks")
    ];
    const before = engine.allocated.now;
    let under = 0;
    Object.defineProperty(engine, "lstmForward", {
      configurable: true,
      value: () => {
        under = engine.allocated.now;
        for (const reset of hooks) reset(); // as the kernel does, where no `finally` has run
        assert.equal(engine.allocated.now, before);
        throw new Error("ended");
      },
    });
    try {
      assert.throws(() => run(layer, { x }, null), /ended/);
    } finally {
      delete (engine as unknown as Record<string, unknown>)["lstmForward"];
    }
    assert.ok(under > before);
    assert.equal(engine.allocated.now, before);
  });
});
