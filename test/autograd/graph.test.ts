import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AutogradError,
  Generator,
  ids,
  isGradEnabled,
  nn,
  noGrad,
  ones,
  ops,
  optim,
  randn,
  ShapeError,
  Tensor,
  tensor,
  zeros,
} from "../golden/core.ts";

const leaf = (values: number | number[] | number[][]) =>
  tensor(values, { dtype: "float64", requiresGrad: true });
const values = (x: Tensor | null) => x && [...x.data];

describe("backward", () => {
  it("adds up the gradients of all uses of a value", () => {
    const x = leaf([2, 3]);
    const y = x.mul(x).add(x).add(x.mul(3)); // x² + 4x
    y.sum().backward();
    assert.deepEqual(values(x.grad), [8, 10]);
  });

  it("passes a diamond's gradient on once, when it is complete", () => {
    const x = leaf(3);
    const shared = x.mul(2);
    let calls = 0;
    const [counted] = [shared.add(0)];
    const node = counted.edge!.node;
    const { pullback } = node;
    node.pullback = (dys, keep) => {
      calls++;
      return pullback!(dys, keep);
    };
    counted.mul(5).add(counted.square()).backward(); // 10x + 4x²
    assert.deepEqual([x.grad?.item(), calls], [10 + 8 * 3, 1]);
  });

  it("tells a pullback whether it will be called again, so that it can free what it saved", () => {
    const x = leaf(3);
    const y = x.mul(2);
    const node = y.edge!.node;
    const { pullback } = node;
    const told: boolean[] = [];
    node.pullback = (dys, keep) => {
      told.push(keep);
      return pullback!(dys, keep);
    };
    y.backward({ retainGraph: true });
    y.backward();
    assert.deepEqual(told, [true, false]);
  });

  it("adds up over several calls until zeroGrad, each time in a new tensor", () => {
    const x = leaf([1, 2]);
    x.square().sum().backward();
    const first = x.grad;
    x.square().sum().backward();
    assert.deepEqual(
      [values(first), values(x.grad)],
      [
        [2, 4],
        [4, 8],
      ],
    );
    x.zeroGrad();
    assert.equal(x.grad, null);
    x.mul(3).sum().backward();
    assert.deepEqual(values(x.grad), [3, 3]);
  });

  it("takes a gradient for a result of any shape, and does not keep its memory", () => {
    const x = leaf([1, 2, 3]);
    const dy = tensor([1, 10, 100], { dtype: "float64" });
    x.backward(dy);
    dy.data[0] = -1;
    assert.deepEqual(values(x.grad), [1, 10, 100]);
    const single = tensor([1, 2], { requiresGrad: true });
    single.mul(2).backward(tensor([1, 0.5], { dtype: "float64" }));
    assert.equal(single.grad?.dtype, "float32");
    assert.deepEqual(values(single.grad), [2, 1]);
  });

  it("gives a leaf its own gradient when it is the loss itself, and none to what does not require it", () => {
    const x = leaf(2);
    x.backward();
    assert.equal(x.grad?.item(), 1);
    const fixed = tensor([2], { dtype: "float64" });
    const y = leaf([3]);
    y.mul(fixed).sum().backward();
    assert.equal(fixed.grad, null);
  });

  it("runs a second time with retainGraph, and is refused by the op's name without", () => {
    const x = leaf([1, 2]);
    const y = x.tanh().sum();
    y.backward({ retainGraph: true });
    y.backward();
    const once = x.tanh().data.map((t: number) => 1 - t * t);
    values(x.grad)!.forEach((g, i) => {
      assert.ok(Math.abs(g - 2 * once[i]) < 1e-15);
    });
    assert.throws(
      () => y.backward(),
      (error: Error) => {
        assert.ok(error instanceof AutogradError);
        assert.match(error.message, /^backward: the graph through "sum" was released.*retainGraph/);
        return true;
      },
    );
  });

  it("refuses a graph of which a part was released, before it changes anything", () => {
    const x = leaf([1, 2]);
    const state = x.exp();
    state.sum().backward();
    const other = leaf([1, 1]);
    const later = state.mul(other).sum();
    x.zeroGrad();
    assert.throws(() => later.backward(), /"exp" was released/);
    assert.deepEqual([x.grad, other.grad], [null, null]);
  });

  it("refuses second derivatives by name", () => {
    assert.throws(
      () => leaf(1).exp().backward({ createGraph: true }),
      /^AutogradError: backward: createGraph/,
    );
    const y = leaf([1]).exp();
    assert.throws(() => y.backward(ones([1], { dtype: "float64" }), { createGraph: true }), /createGraph/);
  });

  it("refuses what has no graph, what is no scalar, and a gradient of another shape", () => {
    assert.throws(
      () => tensor([1]).sum().backward(),
      /^AutogradError: backward: nothing to differentiate: .*; make the inputs with tensor\(…, \{ requiresGrad: true \}\)$/,
    );
    assert.throws(() => noGrad(() => leaf(1).exp()).backward(), /noGrad/);
    assert.throws(() => leaf([1, 2]).exp().backward(), ShapeError);
    assert.throws(
      () =>
        leaf([1, 2])
          .exp()
          .backward(ones([3])),
      /gradient: expected shape \[2\], got \[3\]/,
    );
  });

  it("refuses a graph whose parameters an optimizer has changed since, before it changes anything", () => {
    const w = leaf([1, 2]);
    const bias = leaf([0, 0]);
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    const first = w.square().sum();
    const second = w.mul(3).add(bias).sum();
    first.backward();
    optimizer.step();
    assert.throws(() => second.backward(), /an input of "mul" was changed in place.*Compute the loss again/);
    assert.equal(bias.grad, null);
    w.zeroGrad();
    w.mul(3).sum().backward();
    assert.deepEqual(values(w.grad), [3, 3]);
  });

  it("goes back through an RNN unrolled over 10,000 steps", () => {
    const cell = new nn.RNNCell(1, 2, { generator: new Generator(1), dtype: "float64" });
    const x = ones([1, 1], { dtype: "float64" });
    const h0 = zeros([1, 2], { dtype: "float64" });
    h0.requiresGrad = true;
    let h: Tensor = h0;
    for (let t = 0; t < 10_000; t++) h = cell.forward(x, h);
    h.sum().backward();
    assert.ok(cell.parameters().every((p) => p.grad!.data.every((g: number) => Number.isFinite(g))));
    assert.equal(h0.grad?.size, 2);
  });

  it("sums 10,000 uses of one value in one chain", () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 1; i < 10_000; i++) y = y.add(x);
    y.backward();
    assert.equal(x.grad?.item(), 10_000);
  });
});

describe("ops with several results", () => {
  it("treat a result that was not used as one without gradient", () => {
    const x = leaf([1, 2, 3, 4, 5]);
    const [first, , last] = x.split(2);
    first.mul(10).sum().add(last.mul(3).sum()).backward();
    assert.deepEqual(values(x.grad), [10, 10, 0, 0, 3]);
    const rows = leaf([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    rows.unbind()[1].square().sum().backward();
    assert.deepEqual(values(rows.grad), [0, 0, 6, 8, 0, 0]);
    const columns = leaf([
      [1, 2],
      [3, 4],
    ]);
    columns.unbind(1)[1].sum().backward();
    assert.deepEqual(values(columns.grad), [0, 1, 0, 1]);
  });

  it("collect the gradients of all results and uses", () => {
    const x = leaf([1, 2, 3]);
    const parts = x.chunk(3);
    parts[0].add(parts[1]).add(parts[1]).sum().backward();
    assert.deepEqual(values(x.grad), [1, 2, 0]);
  });
});

describe("detach, noGrad, retainGrad", () => {
  it("detach cuts the graph and shares the elements", () => {
    const x = leaf([2]);
    const y = x.square();
    const cut = y.detach();
    assert.deepEqual([cut.requiresGrad, cut.isLeaf, cut.data === y.data], [false, true, true]);
    y.mul(cut).sum().backward(); // d(x² · 4)/dx
    assert.deepEqual(values(x.grad), [16]);
  });

  it("noGrad records nothing, nests, and ends with an exception too", () => {
    const x = leaf([2]);
    assert.equal(isGradEnabled(), true);
    noGrad(() => {
      noGrad(() => assert.equal(isGradEnabled(), false));
      assert.equal(isGradEnabled(), false);
      const y = x.square();
      assert.deepEqual([y.requiresGrad, y.edge, y.isLeaf], [false, null, true]);
    });
    assert.throws(
      () =>
        noGrad(() => {
          throw new RangeError("inside");
        }),
      /inside/,
    );
    assert.equal(isGradEnabled(), true);
    assert.equal(
      noGrad(() => 7),
      7,
    );
  });

  it("noGrad refuses an asynchronous function by name", () => {
    assert.throws(() => noGrad(async () => {}), /^AutogradError: noGrad: .*synchronous/);
    assert.equal(isGradEnabled(), true);
  });

  it("a kernel that ends a cell without `finally` can reset noGrad", () => {
    const hooks = (globalThis as unknown as Record<symbol, Set<() => void>>)[
      Symbol.for("unrolled.resetHooks")
    ];
    assert.ok(hooks.size > 0);
    let inside = false;
    noGrad(() => {
      for (const hook of hooks) hook();
      inside = isGradEnabled();
    });
    assert.equal(inside, true);
    assert.equal(isGradEnabled(), true);
  });

  it("retainGrad keeps the gradient of a computed tensor", () => {
    const x = leaf([1, 2]);
    const h = x.mul(2).retainGrad();
    const unkept = x.mul(3);
    h.square().sum().add(unkept.sum()).backward();
    assert.deepEqual([values(h.grad), unkept.grad, values(x.grad)], [[4, 8], null, [11, 19]]);
    assert.throws(() => tensor([1]).retainGrad(), /^AutogradError: retainGrad/);
    const parts = leaf([1, 2, 3]).split(2);
    parts[1].retainGrad();
    parts[0].sum().add(parts[1].mul(5).sum()).backward();
    assert.deepEqual(values(parts[1].grad), [5]);
  });

  it("requiresGrad is for float leaves", () => {
    assert.throws(() => tensor([1], { dtype: "int32", requiresGrad: true }), /int32 has no gradient/);
    const y = leaf([1]).exp();
    assert.throws(() => {
      y.requiresGrad = false;
    }, /only a leaf/);
    const x = leaf([1]);
    x.requiresGrad = false;
    assert.equal(x.exp().requiresGrad, false);
  });
});

describe("gradients and number types", () => {
  it("ids carry no gradient through the ops that take them", () => {
    const table = leaf([
      [1, 2],
      [3, 4],
    ]);
    const index = ids([1, 1, 0]);
    const y = ops.embedding(table, index);
    y.sum().backward();
    assert.deepEqual([values(table.grad), index.grad], [[1, 1, 2, 2], null]);
    const moved = ids([[1, 2]]).transpose(0, 1);
    assert.deepEqual([moved.dtype, moved.requiresGrad, moved.toArray()], ["int32", false, [[1], [2]]]);
  });

  it("comparisons and argmax end the graph; their results are int32", () => {
    const x = leaf([1, 3, 2]);
    for (const y of [x.gt(1), x.eq(x), x.argmax()]) {
      assert.deepEqual([y.dtype, y.requiresGrad], ["int32", false]);
    }
  });

  it("compares ids with numbers as they are", () => {
    const x = ids([0, 1, 2]);
    assert.deepEqual(x.lt(0.5).toArray(), [1, 0, 0]);
    assert.deepEqual(x.gt(0.5).toArray(), [0, 1, 1]);
    assert.deepEqual(x.ge(-0.5).toArray(), [1, 1, 1]);
    assert.deepEqual(x.eq(0.9).toArray(), [0, 0, 0]);
    assert.deepEqual(ids([16_777_217, 16_777_216]).eq(16_777_217).toArray(), [1, 0]);
  });

  it("where picks among ids, and refuses ids beside floats", () => {
    assert.deepEqual(ops.where(ids([1, 0]), ids([5, 6]), -1).toArray(), [5, -1]);
    assert.equal(ops.where(ids([1, 0]), 0.5, 1).dtype, "float32");
    assert.throws(
      () => ops.where(ids([1]), ids([1]), tensor([0.5])),
      /^ArgumentError: where: .*int32 and float32/,
    );
  });

  it("to() carries gradients between float32 and float64, and ends at int32", () => {
    const x = tensor([1.5, 2.5], { requiresGrad: true });
    x.to("float64").square().sum().backward();
    assert.deepEqual([x.grad?.dtype, values(x.grad)], ["float32", [3, 5]]);
    assert.equal(x.to("float32"), x);
    const whole = x.to("int32");
    assert.deepEqual([whole.toArray(), whole.requiresGrad], [[1, 2], false]);
  });

  it("clone() copies the elements and carries gradients", () => {
    const x = leaf([1, 2]);
    const copy = x.clone();
    copy.square().sum().backward();
    assert.deepEqual(values(x.grad), [2, 4]);
    const independent = x.detach().clone();
    independent.data[0] = 9;
    assert.deepEqual([independent.requiresGrad, values(x)], [false, [1, 2]]);
    const view = tensor([
      [1, 2],
      [3, 4],
    ])
      .t()
      .clone();
    assert.deepEqual([view.value.isContiguous, [...view.data]], [true, [1, 3, 2, 4]]);
  });

  it("refuses to mix float32 and float64 by name", () => {
    const a = randn([2], new Generator(1));
    const b = randn([2], new Generator(1), { dtype: "float64" });
    assert.throws(() => a.add(b), /^ArgumentError: add: dtypes differ: float32 and float64; convert/);
    assert.equal(b.add(0.1).data[0], b.data[0] + 0.1); // a number takes the tensor's precision
    assert.equal(a.add(0.1).dtype, "float32");
  });
});

describe("what stays in memory", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;

  /** Whether the data are collected although `keep` is alive. */
  const collected = async (make: () => { keep: unknown; data: object }): Promise<boolean> => {
    const hold = (): [unknown, WeakRef<object>] => {
      const { keep, data } = make();
      return [keep, new WeakRef(data)];
    };
    const [alive, watched] = hold();
    // A WeakRef holds its target to the end of the turn, and the compiler, at work in the background, for some turns more.
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, turn));
      collectGarbage();
      if (watched.deref() === undefined) return alive !== undefined;
    }
    return false;
  };

  it("ops keep of their inputs only what the way back needs", async () => {
    const index = ids([[0, 0]]);
    const keepsNothing: Record<string, (x: Tensor) => Tensor> = {
      add: (x) => ops.add(leaf([[1, 2]]), x),
      sub: (x) => ops.sub(leaf([[1, 2]]), x),
      exp: (x) => ops.exp(x.add(leaf([[1, 2]]))),
      tanh: ops.tanh,
      sigmoid: ops.sigmoid,
      relu: ops.relu,
      sqrt: ops.sqrt,
      sum: (x) => ops.sum(x),
      mean: (x) => ops.mean(x),
      softmax: (x) => ops.softmax(x, 1),
      logSoftmax: (x) => ops.logSoftmax(x, 0),
      gather: (x) => ops.gather(x, 1, index),
      where: (x) => ops.where(index, x, 0),
      cat: (x) => ops.cat([x, x], 0),
      slice: (x) => ops.slice(x, [0]).exp(),
    };
    for (const [name, f] of Object.entries(keepsNothing)) {
      const make = () => {
        const x = tensor([[3, 4]], { dtype: "float64" });
        const y = leaf([[1, 1]])
          .mul(2)
          .add(x); // computed, so that only the graph can keep it
        return { keep: f(y), data: y.value.data };
      };
      assert.equal(await collected(make), true, name);
    }
    const product = () => {
      const b = tensor([3, 4], { dtype: "float64" });
      return { keep: ops.mul(leaf([1, 2]), b), data: b.value.data };
    };
    assert.equal(await collected(product), false, "mul needs its operands");
  });

  it("backward releases what the graph kept, although the loss lives on", async () => {
    const run = () => {
      const x = leaf([1, 2]);
      const inner = x.exp();
      const loss = inner.square().sum();
      loss.backward();
      return { keep: loss, data: inner.value };
    };
    assert.equal(await collected(run), true);
  });
});

describe("Tensor", () => {
  it("prints values, shape, dtype and where it comes from", () => {
    const x = leaf([[1, -2.5]]);
    assert.equal(String(x), "tensor([[   1, -2.5]], shape [1,2], float64, requiresGrad)");
    assert.equal(String(x.exp().sum()), "tensor(2.8004, float64, from sum)");
    assert.equal(String(tensor(3)), "tensor(3)");
  });

  it("item, toArray, shape, ndim, size", () => {
    assert.throws(() => tensor([1, 2]).item(), /^ShapeError: item: .*\[2\]/);
    assert.equal(tensor([[5]]).item(), 5);
    const x = zeros([2, 0, 3]);
    assert.deepEqual([x.ndim, x.size, x.toArray()], [3, 0, [[], []]]);
  });

  it("every op that takes a tensor first is a method", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const name of Object.keys(ops).filter((n) => !["cat", "stack", "slice", "variance"].includes(n))) {
      assert.equal(typeof (x as unknown as Record<string, unknown>)[name], "function", name);
    }
    assert.deepEqual(x.slice(null, 1).toArray(), [2, 4]);
    assert.deepEqual(x.t().toArray(), [
      [1, 3],
      [2, 4],
    ]);
    assert.equal(x.var().item(), ops.variance(x).item());
    assert.deepEqual(x.matmul(x).toArray(), ops.matmul(x, x).toArray());
    assert.ok(!Object.keys(x).includes("add"), "methods are not listed as own properties");
    assert.ok(x instanceof Tensor);
  });
});
