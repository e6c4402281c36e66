import assert from "node:assert/strict";
import { Generator, nn, noGrad, randn, type Tensor, tensor } from "../golden/core.ts";
import {
  assertSame,
  type Input,
  initialState,
  kinds,
  leaf,
  makeLayer,
  numbersOf,
  type Precision,
  randomIds,
  run,
} from "./layers.ts";

/** Sums in another order: a few hundred units in the last place of numbers near the largest. */
const tolerance = { float32: 3e-5, float64: 1e-11 };

interface Sizes {
  T: number;
  B: number;
  D: number;
  H: number;
}

/** Edges first, then sizes that are no multiple of any tile. */
const shapes: readonly Sizes[] = [
  { T: 1, B: 1, D: 1, H: 1 },
  { T: 1, B: 3, D: 2, H: 5 },
  { T: 4, B: 1, D: 3, H: 1 },
  { T: 3, B: 2, D: 7, H: 4 },
  { T: 5, B: 9, D: 17, H: 19 },
];

/** The same layer twice: fused and composed, with equal weights and equal streams for dropout. */
function both(kind: (typeof kinds)[number], { D, H }: Sizes, options: Partial<nn.SequenceOptions>) {
  const make = (fused: boolean) =>
    makeLayer(kind, D, H, { ...options, generator: new Generator(`${kind} ${D} ${H}`), fused });
  return [make(true), make(false)] as const;
}

function compare(
  kind: (typeof kinds)[number],
  sizes: Sizes,
  options: Partial<nn.SequenceOptions>,
  dtype: Precision,
  makeInput: (generator: Generator, batchFirst: boolean) => Input,
  withState: boolean,
): void {
  const [fused, composed] = both(kind, sizes, { ...options, dtype });
  const generator = new Generator(`inputs of ${JSON.stringify(sizes)}`);
  const input = makeInput(generator, fused.batchFirst);
  const state = withState ? initialState(fused, sizes.B, generator, dtype) : null;
  const what = `${kind} ${JSON.stringify(sizes)} ${JSON.stringify(options)} ${dtype}`;
  const own = numbersOf(fused, input, state);
  assertSame(own, numbersOf(composed, input, state), tolerance[dtype], what);
}

describe("fused recurrent layers equal those composed of ops", () => {
  for (const kind of kinds) {
    for (const dtype of ["float64", "float32"] as const) {
      it(`${kind} in ${dtype}: vectors, with and without state and bias`, () => {
        for (const sizes of shapes) {
          const { T, B, D } = sizes;
          const x = (generator: Generator) => ({ x: leaf([T, B, D], generator, dtype) });
          compare(kind, sizes, {}, dtype, x, true);
          compare(kind, sizes, { bias: false }, dtype, x, false);
        }
      });

      it(`${kind} in ${dtype}: layers, directions, dropout, batch first`, () => {
        for (const sizes of shapes.slice(1)) {
          const { T, B, D } = sizes;
          const x = (generator: Generator, batchFirst: boolean) => ({
            x: leaf(batchFirst ? [B, T, D] : [T, B, D], generator, dtype),
          });
          const options = { numLayers: 2, bidirectional: true, dropout: 0.3, batchFirst: true };
          compare(kind, sizes, options, dtype, x, true);
          compare(kind, sizes, { bidirectional: true, bias: false }, dtype, x, true);
          compare(kind, sizes, { numLayers: 3 }, dtype, x, false);
        }
      });

      it(`${kind} in ${dtype}: sequences of several lengths`, () => {
        for (const sizes of shapes) {
          const { T, B, D } = sizes;
          const generator = new Generator(`lengths ${T} ${B}`);
          for (const options of [{}, { bidirectional: true, numLayers: 2 }]) {
            const lengths = Array.from({ length: B }, () => 1 + generator.int(T));
            const x = (g: Generator) => ({ x: leaf([T, B, D], g, dtype), lengths });
            compare(kind, sizes, options, dtype, x, true);
            const rows = (g: Generator) => ({
              ids: randomIds(T, B, 2, g),
              table: leaf([2, D], g, dtype),
              lengths,
            });
            compare(kind, sizes, options, dtype, rows, false);
          }
        }
      });

      it(`${kind} in ${dtype}: rows of a table, and one-hot vectors, fewer and more than steps`, () => {
        for (const sizes of shapes) {
          const { T, B, D } = sizes;
          const bothWays = { bidirectional: true, numLayers: 2, batchFirst: true, bias: false };
          for (const V of [1, 2, T * B, 3 * T * B + 1]) {
            const rows = (generator: Generator, batchFirst: boolean) => ({
              ids: batchFirst ? randomIds(B, T, V, generator) : randomIds(T, B, V, generator),
              table: leaf([V, D], generator, dtype),
            });
            compare(kind, sizes, {}, dtype, rows, true);
            if (V === 2) compare(kind, sizes, bothWays, dtype, rows, false);
            const oneHot = (generator: Generator) => ({ ids: randomIds(T, B, V, generator), table: null });
            compare(kind, { ...sizes, D: V }, {}, dtype, oneHot, true);
            if (V !== 1)
              compare(kind, { ...sizes, D: V }, { ...bothWays, batchFirst: false }, dtype, oneHot, false);
          }
        }
      });
    }

    it(`${kind}: random sizes and options`, () => {
      const seed = `sizes of ${kind}`;
      const generator = new Generator(seed);
      for (let i = 0; i < 25; i++) {
        const size = (limit: number) => 1 + generator.int(limit);
        const sizes = { T: size(6), B: size(6), D: size(12), H: size(12) };
        const options = {
          numLayers: size(2),
          bidirectional: generator.int(2) === 1,
          bias: generator.int(2) === 1,
          batchFirst: generator.int(2) === 1,
          dropout: generator.int(2) * 0.5,
        };
        const { T, B, D } = sizes;
        const shape = options.batchFirst ? [B, T, D] : [T, B, D];
        const withState = generator.int(2) === 1;
        const lengths = generator.int(2) === 1 ? Array.from({ length: B }, () => size(T)) : undefined;
        const x = (g: Generator) => ({ x: leaf(shape, g, "float64"), lengths });
        compare(kind, sizes, options, "float64", x, withState);
      }
    });
  }

  it("a batch of size 0 has outputs and states of size 0, and gradients of 0", () => {
    for (const kind of kinds) {
      const [fused, composed] = both(kind, { T: 2, B: 0, D: 3, H: 2 }, { dtype: "float64" });
      const input = { x: leaf([2, 0, 3], new Generator(1), "float64") };
      assertSame(numbersOf(fused, input, null), numbersOf(composed, input, null), 0, kind);
      const none = {
        ids: randomIds(2, 0, 3, new Generator(1)),
        table: leaf([3, 3], new Generator(2), "float64"),
      };
      assertSame(numbersOf(fused, none, null), numbersOf(composed, none, null), 0, kind);
    }
  });

  it("cells: fused = composed, values and gradients", () => {
    for (const [Cell, count] of [
      [nn.RNNCell, 1],
      [nn.LSTMCell, 2],
      [nn.GRUCell, 1],
    ] as const) {
      for (const [B, D, H] of [
        [1, 1, 1],
        [3, 2, 5],
        [7, 9, 6],
      ]) {
        const cell = new Cell(D, H, { generator: new Generator(3), dtype: "float64" });
        const generator = new Generator(4);
        const x = leaf([B, D], generator, "float64");
        const state = Array.from({ length: count }, () => leaf([B, H], generator, "float64"));
        const numbers = (fused: boolean) => {
          cell.fused = fused;
          for (const p of [...cell.parameters(), x, ...state]) p.zeroGrad();
          const next = cell.forward(x, (count === 1 ? state[0] : state) as never) as Tensor | Tensor[];
          const results = Array.isArray(next) ? next : [next];
          results
            .reduce(
              (sum, s, i) =>
                sum.add(
                  s
                    .mul(s)
                    .mul(i + 1)
                    .sum(),
                ),
              tensor(0, { dtype: "float64" }),
            )
            .backward();
          const leaves = [...cell.namedParameters(), ["x", x], ...state.map((s, i) => [`s${i}`, s])];
          return new Map([
            ...results.map((s, i) => [`result ${i}`, s.detach()] as const),
            ...(leaves as [string, Tensor][]).map(([name, p]) => [name, p.grad!] as const),
          ]);
        };
        assertSame(numbers(true), numbers(false), tolerance.float64, `${Cell.name} ${B} ${D} ${H}`);
      }
    }
  });
});

describe("fused recurrent layers", () => {
  it("give gradients only where they are wanted", () => {
    for (const kind of kinds) {
      const [fused, composed] = both(kind, { T: 3, B: 2, D: 4, H: 3 }, { dtype: "float64" });
      const x = randn([3, 2, 4], new Generator(1), { dtype: "float64" });
      for (const wanted of ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]) {
        for (const layer of [fused, composed]) {
          for (const [name, p] of layer.namedParameters()) p.requiresGrad = name === wanted;
        }
        const own = numbersOf(fused, { x }, null);
        assert.deepEqual(
          [...own.keys()].filter((name) => name.startsWith("gradient")),
          [`gradient of ${wanted}`],
        );
        assertSame(own, numbersOf(composed, { x }, null), tolerance.float64, `${kind} ${wanted}`);
      }
      for (const layer of [fused, composed]) for (const p of layer.parameters()) p.requiresGrad = false;
      const onlyX = { x: leaf([3, 2, 4], new Generator(1), "float64") };
      assertSame(numbersOf(fused, onlyX, null), numbersOf(composed, onlyX, null), tolerance.float64, kind);
    }
  });

  it("use one part of the results alone: only an output, only the final h, only c", () => {
    for (const kind of kinds) {
      const [fused, composed] = both(kind, { T: 3, B: 2, D: 4, H: 3 }, { dtype: "float64" });
      const x = leaf([3, 2, 4], new Generator(1), "float64");
      const parts = run(fused, { x }, null).length;
      for (let part = 0; part < parts; part++) {
        const [own, expected] = [fused, composed].map((layer) => {
          for (const p of [...layer.parameters(), x]) p.zeroGrad();
          run(layer, { x }, null)[part].tanh().sum().backward();
          return new Map([
            ["x", x.grad!],
            ...[...layer.namedParameters()].map(([k, p]) => [k, p.grad!] as const),
          ]);
        });
        assertSame(own, expected, tolerance.float64, `${kind}, part ${part}`);
      }
    }
  });

  it("run without a graph give the same bits as with one", () => {
    for (const kind of kinds) {
      for (const sizes of shapes) {
        const { T, B, D, H } = sizes;
        const layer = makeLayer(kind, D, H, { generator: new Generator(1), bidirectional: true });
        const x = randn([T, B, D], new Generator(2));
        const bits = (results: Tensor[]) => results.map((y) => [...y.data]);
        assert.deepEqual(bits(noGrad(() => run(layer, { x }, null))), bits(run(layer, { x }, null)));
      }
    }
  });

  it("of several lengths give the same bits without a graph, and leave the final state of the last real step", () => {
    for (const kind of kinds) {
      const layer = makeLayer(kind, 2, 3, { generator: new Generator(1), bidirectional: true, numLayers: 2 });
      const input = { x: randn([4, 3, 2], new Generator(2)), lengths: [4, 1, 2] };
      const bits = (results: Tensor[]) => results.map((y) => [...y.data]);
      assert.deepEqual(bits(noGrad(() => run(layer, input, null))), bits(run(layer, input, null)));
      const single = makeLayer(kind, 2, 3, { generator: new Generator(1) });
      const [, ...finals] = run(single, input, null);
      const [, ...alone] = run(single, { x: input.x.slice([0, 1], [1, 2]) }, null);
      for (const [i, s] of finals.entries()) {
        assert.deepEqual(s.slice([0, 1], [1, 2]).toArray(), alone[i].toArray(), kind);
      }
    }
  });

  it("give the same bits every time, wherever their memory lies", () => {
    for (const kind of kinds) {
      const layer = makeLayer(kind, 7, 9, { generator: new Generator(1), numLayers: 2 });
      const input = { x: leaf([5, 3, 7], new Generator(2), "float32") };
      const bits = () => [...numbersOf(layer, input, null)].map(([name, y]) => [name, ...y.data]);
      const first = bits();
      const held = run(layer, input, null); // keeps blocks, so that the next run lies elsewhere
      assert.deepEqual(bits(), first);
      assert.deepEqual(bits(), first);
      assert.equal(held.length, layer instanceof nn.LSTM ? 3 : 2);
    }
  });

  it("a saturated LSTM and GRU stay finite, forward and back", () => {
    for (const kind of ["LSTM", "GRU"] as const) {
      const layer = makeLayer(kind, 2, 3, { generator: new Generator(1) });
      const x = tensor([[[1e4, -1e4]], [[-1e30, 1e30]]], { requiresGrad: true });
      for (const [name, y] of numbersOf(layer, { x }, null)) {
        assert.ok(
          y.data.every((v: number) => Number.isFinite(v)),
          `${kind} ${name}: ${[...y.data]}`,
        );
      }
    }
  });

  it("a NaN in the input reaches the output", () => {
    for (const kind of kinds) {
      const layer = makeLayer(kind, 2, 3, { generator: new Generator(1) });
      const x = tensor([[[1, Number.NaN]], [[0, 0]]]);
      assert.ok(
        run(layer, { x }, null)[0].data.every((v: number) => Number.isNaN(v)),
        kind,
      );
    }
  });

  it("ids are copied: the caller may write the next batch over them before the way back", () => {
    const layer = makeLayer("LSTM", 3, 4, { generator: new Generator(1), dtype: "float64" });
    const table = leaf([2, 3], new Generator(2), "float64");
    for (const rows of [table, null]) {
      const places = randomIds(4, 3, 2, new Generator(3));
      const gradients = (spoil: boolean) => {
        for (const p of [...layer.parameters(), table]) p.zeroGrad();
        const given = places.clone();
        const [output] = run(layer, { ids: given, table: rows }, null);
        if (spoil) given.changeData((data) => data.fill(0));
        output.sum().backward();
        return [...(rows ? [table] : []), ...layer.parameters()].map((p) => [...p.grad!.data]);
      };
      assert.deepEqual(gradients(true), gradients(false));
    }
  });

  it("refuse ids outside the table, other dtypes and shapes, by name", () => {
    const layer = new nn.RNN(3, 4, { generator: new Generator(1) });
    const table = randn([2, 3], new Generator(2));
    const places = randomIds(4, 3, 2, new Generator(3));
    const refused: [() => unknown, RegExp][] = [
      [
        () => layer.forwardIds(tensor([[0, 5, 1]], { dtype: "int32" }), table),
        /^IndexError: .*id 5 at position 1/,
      ],
      [
        () => layer.forwardIds(tensor([[0, 1, 3, 0]], { dtype: "int32" }), null),
        /^IndexError: .*id 3 at position 2/,
      ],
      [() => layer.forwardIds(tensor([[0, 1, 1]]), table), /ids must be int32, got float32/],
      [
        () => layer.forwardIds(places.reshape([12]), table),
        /nn\.RNN input: expected shape \[T,B,3\], got \[12,3\]/,
      ],
      [() => layer.forwardIds(places, randn([2, 5], new Generator(4))), /nn\.RNN input: .*got \[4,3,5\]/],
      [
        () => layer.forwardIds(places, randn([2, 3], new Generator(4), { dtype: "float64" })),
        /^ArgumentError: rnn: dtypes differ: float64 and float32/,
      ],
      [
        () => layer.forward(randn([4, 3, 3], new Generator(4), { dtype: "float64" })),
        /^ArgumentError: rnn: dtypes differ: float64 and float32; convert with to\("float32"\)/,
      ],
      [
        () =>
          layer.forward(
            randn([4, 3, 3], new Generator(4)),
            randn([1, 3, 4], new Generator(5), { dtype: "float64" }),
          ),
        /^ArgumentError: rnn: dtypes differ: float64 and float32/,
      ],
    ];
    for (const [call, message] of refused) assert.throws(call, message);
  });
});
