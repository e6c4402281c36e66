import assert from "node:assert/strict";
import { Moment } from "../../src/fused/moments.ts";
import { Resident } from "../../src/fused/resident.ts";
import { fromData, Generator, kernels, nn, optim, type Tensor } from "../../src/index.ts";
import { engineFor } from "../../src/kernels/index.ts";

const [N, H, V] = [6, 40, 70];

type Float = "float32" | "float64";

function model(dtype: Float) {
  const layer = new nn.Linear(H, V, { generator: new Generator("layer"), dtype });
  const rnn = new nn.LSTM(5, H, { generator: new Generator("rnn"), dtype });
  const generator = new Generator("batch");
  const x = fromData(
    Float64Array.from({ length: N * 2 * 5 }, () => generator.normal()),
    [N, 2, 5],
  ).to(dtype);
  const targets = fromData(
    Int32Array.from({ length: N * 2 }, () => generator.int(V)),
    [N * 2],
  );
  const parameters = [...rnn.parameters(), ...layer.parameters()];
  const loss = () => {
    const [y] = rnn.forward(x);
    return nn.linearCrossEntropy(y.reshape([-1, H]), layer.weight, layer.bias, targets);
  };
  return { parameters, loss, layer };
}

const copies = (parameters: readonly Tensor[]) => parameters.map((p) => p.data.slice());

describe("gradients in engine memory", () => {
  for (const dtype of ["float32", "float64"] as const) {
    it(`${dtype}: whether somebody reads them does not change a bit of a training`, () => {
      for (const make of [
        (p: Tensor[]) => new optim.SGD(p, { lr: 0.5 }),
        (p: Tensor[]) => new optim.Adagrad(p, { lr: 0.1 }),
        (p: Tensor[]) => new optim.Adam(p, { lr: 0.01 }),
      ]) {
        const train = (reads: boolean) => {
          const { parameters, loss } = model(dtype);
          const optimizer = make(parameters);
          const norms: number[] = [];
          for (let step = 0; step < 4; step++) {
            optimizer.zeroGrad();
            loss().backward();
            assert.ok(parameters.some((p) => p.gradient instanceof Resident));
            if (reads) for (const p of parameters) assert.equal(p.grad!.data.length, p.size);
            norms.push(optimizer.step({ clipNorm: 0.5, clipValue: 0.01 }));
          }
          return [norms, ...copies(parameters)];
        };
        assert.deepEqual(train(true), train(false));
      }
    });

    it(`${dtype}: one that was read is an ordinary array, and stays as it was`, () => {
      const { parameters, loss } = model(dtype);
      const optimizer = new optim.Adam(parameters);
      loss().backward();
      const kept = parameters.map((p) => p.grad!);
      const before = kept.map((g) => g.data.slice());
      for (let step = 0; step < 3; step++) {
        optimizer.step();
        optimizer.zeroGrad();
        loss().backward();
      }
      assert.deepEqual(
        kept.map((g) => g.data),
        before,
      );
      assert.notDeepEqual(parameters[0].grad!.data, before[0]);
    });

    it(`${dtype}: several backward() add up as ordinary ones do`, () => {
      const sum = (reads: boolean) => {
        const { parameters, loss } = model(dtype);
        for (let i = 0; i < 3; i++) {
          loss().backward();
          if (reads) for (const p of parameters) assert.equal(p.grad!.data.length, p.size);
        }
        return parameters.map((p) => p.grad!.data);
      };
      assert.deepEqual(sum(true), sum(false));
    });

    it(`${dtype}: two uses of a weight in one graph, and a graph that goes back twice`, () => {
      const { parameters, loss } = model(dtype);
      const doubled = model(dtype);
      loss().backward();
      doubled.loss().add(doubled.loss()).backward();
      const twice = model(dtype);
      const kept = twice.loss();
      kept.backward({ retainGraph: true });
      const first = twice.parameters.map((p) => p.grad!);
      const before = first.map((g) => g.data.slice());
      kept.backward();
      assert.deepEqual(
        first.map((g) => g.data),
        before,
      );
      parameters.forEach((p, i) => {
        const expected = p.grad!.data.map((g: number) => 2 * g);
        assert.deepEqual(doubled.parameters[i].grad!.data, expected);
        assert.deepEqual(twice.parameters[i].grad!.data, expected);
      });
    });

    it(`${dtype}: a weight that was computed has an ordinary one, which several leaves may share`, () => {
      const { layer } = model(dtype);
      const h = fromData(new Float64Array(N * H).fill(0.1), [N, H]).to(dtype);
      const targets = fromData(new Int32Array(N).fill(3), [N]);
      const more = fromData(layer.weight.data.slice(), [V, H], { requiresGrad: true });
      nn.linearCrossEntropy(h, layer.weight.add(more), null, targets).backward();
      const own = more.grad!.data.slice();
      layer.weight.zeroGrad();
      assert.deepEqual(more.grad!.data, own);
    });
  }

  it("those that nobody read go with zeroGrad, and when another takes their place", () => {
    const { parameters, loss } = model("float64");
    const engine = engineFor("float64"); // without threads, whose start takes memory too
    const before = engine.allocated.now;
    loss().backward();
    const during = engine.allocated.now;
    assert.ok(during > before);
    for (const p of parameters) p.zeroGrad();
    assert.equal(engine.allocated.now, before);
    loss().backward();
    for (const p of parameters) p.grad = fromData(p.data.slice(), p.shape);
    assert.equal(engine.allocated.now, before);
    loss().backward(); // adds to ordinary ones
    assert.equal(engine.allocated.now, before);
  });

  it("an optimizer that runs on other kernels than the backward reads them too", () => {
    const train = (other: "reference" | "wasm") => {
      kernels.use("wasm");
      const { parameters, loss } = model("float32");
      const optimizer = new optim.Adam(parameters, { lr: 0.1 });
      loss().backward();
      optimizer.step({ clipNorm: 1 });
      optimizer.zeroGrad();
      loss().backward();
      kernels.use(other);
      optimizer.step({ clipNorm: 1 });
      return parameters.map((p) => p.data);
    };
    try {
      const [changed, same] = [train("reference"), train("wasm")];
      changed.forEach((data, i) => {
        data.forEach((x, j) => {
          assert.ok(Math.abs(x - same[i][j]) < 1e-5, `parameter ${i}: ${x} and ${same[i][j]}`);
        });
      });
    } finally {
      kernels.use("auto");
    }
  });

  it("more than fit into their list are driven out, the oldest first, and read the same", () => {
    const engine = engineFor("float64");
    const size = 2 ** 22; // 32 MiB
    const residents = Array.from({ length: 6 }, (_, i) => {
      const at = engine.alloc(size);
      engine.memory.fill(i, at, at + size);
      return new Resident(engine, at, [size]);
    });
    const before = engine.allocated.now;
    residents.forEach((g, i) => {
      assert.equal(g.data[size - 1], i);
    });
    assert.equal(before - engine.allocated.now, 4 * size); // 128 MiB
  });
});

describe("moments in engine memory", () => {
  it("are an ordinary array again for whoever wants one, and on other kernels", () => {
    const engine = engineFor("float32");
    const values = Float32Array.from({ length: 100 }, (_, i) => i);
    const moment = new Moment(values.slice());
    const before = engine.allocated.now;
    const at = moment.in(engine)!;
    assert.deepEqual([...engine.memory.subarray(at, at + 3)], [0, 1, 2]);
    engine.memory[at] = 7;
    const copy = moment.copy();
    assert.equal(copy[0], 7);
    assert.equal(moment.in(engine), at);
    assert.equal(moment.in(engineFor("float64")), null);
    assert.equal(engine.allocated.now, before);
    assert.deepEqual(moment.array, copy);
    assert.equal(moment.in(engine), null, "it stays one");
  });

  it("those that later ones have driven out go on as arrays", () => {
    const engine = engineFor("float32");
    const large = Array.from({ length: 3 }, (_, i) => new Moment(new Float32Array(15 * 2 ** 20).fill(i)));
    for (const moment of large) assert.notEqual(moment.in(engine), null);
    assert.equal(large[0].in(engine), null);
    assert.notEqual(large[2].in(engine), null);
    large.forEach((moment, i) => {
      assert.equal(moment.array.at(-1), i);
    });
  });
});
