/** What must hold whichever kernels compute: extreme logits, long sums, empty and single elements, the same bits again. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type KernelsChoice, kernels } from "../../src/kernels/index.ts";
import { full, Generator, ids, nn, ops, optim, randn, type Tensor, tensor, zeros } from "../golden/core.ts";

const CHOICES: readonly KernelsChoice[] = ["blas", "wasm/plain", "wasm/relaxed", "wasm/wide", "reference"];

function isThere(choice: KernelsChoice): boolean {
  try {
    kernels.use(choice);
    return true;
  } catch {
    return false;
  } finally {
    kernels.use("auto");
  }
}

const finite = (x: Tensor | null) => x?.data.every((v: number) => Number.isFinite(v)) ?? false;
const T = 3;

/** Each with logits or states that are far out: layer, and x → results. */
function layers(generator: Generator): [name: string, inputs: number, run: (x: Tensor) => Tensor[]][] {
  const o = { generator };
  const [rnn, lstm, gru] = [new nn.RNN(4, 5, o), new nn.LSTM(4, 5, o), new nn.GRU(4, 5, o)];
  const cho = new nn.GRU(4, 5, { ...o, resetAfter: false });
  return [
    ["RNN", 4, (x) => [rnn.forward(x)[0]]],
    ["LSTM", 4, (x) => [lstm.forward(x)[0]]],
    ["GRU", 4, (x) => [gru.forward(x)[0]]],
    ["GRU, reset before", 4, (x) => [cho.forward(x)[0]]],
  ];
}

for (const choice of CHOICES.filter(isThere)) {
  describe(`numerics with ${choice}`, () => {
    before(() => kernels.use(choice));
    after(() => kernels.use("auto"));

    it("logits of ±1e3 give finite probabilities, losses and gradients, in small and in large arrays", () => {
      for (const V of [1, 2, 7, 400]) {
        const N = V === 400 ? 300 : 3;
        const generator = new Generator(V);
        const targets = ids(Array.from({ length: N }, () => generator.int(V)));
        const logits = () =>
          tensor(
            Array.from({ length: N }, () =>
              Array.from({ length: V }, () => generator.choice([-1e3, 0, 1e3])),
            ),
            {
              requiresGrad: true,
            },
          );
        const results: [string, (x: Tensor) => Tensor][] = [
          ["softmax", (x) => ops.softmax(x, 1)],
          ["logSoftmax", (x) => ops.logSoftmax(x, 1)],
          ["logsumexp", (x) => ops.logsumexp(x, { dim: 1 })],
          ["crossEntropy", (x) => ops.crossEntropy(x, targets)],
          ["crossEntropy, smoothed", (x) => ops.crossEntropy(x, targets, { labelSmoothing: 0.1 })],
          ["linearCrossEntropy", (x) => nn.linearCrossEntropy(x, ops.mul(tensor(eye(V)), 1), null, targets)],
          ["sigmoid", ops.sigmoid],
          ["tanh", ops.tanh],
          ["logSigmoid", ops.logSigmoid],
        ];
        for (const [name, f] of results) {
          const x = logits();
          const y = f(x);
          assert.ok(finite(y), `${name} of ${V}`);
          y.sum().backward();
          assert.ok(finite(x.grad), `the gradient of ${name} of ${V}`);
        }
        const p = ops.softmax(logits(), 1);
        for (const total of ops.sum(p, { dim: 1 }).data) assert.ok(Math.abs(total - 1) < 1e-5, `${total}`);
      }
    });

    it("inputs of ±1e3 leave recurrent layers finite, forward and back", () => {
      for (const [name, size, run] of layers(new Generator(7))) {
        const generator = new Generator(3);
        const x = ops.mul(randn([T, 2, size], generator), 1e3).detach();
        x.requiresGrad = true;
        const results = run(x);
        assert.ok(results.every(finite), name);
        ops.sum(results[0]).backward();
        assert.ok(finite(x.grad), name);
      }
    });

    it("sums of 1,000,000 values, and products over 1,000,000, are right to one rounding or a few", () => {
      const n = 1_000_000;
      const tenth = Math.fround(0.1);
      assert.equal(ops.sum(full([n], 0.1)).item(), Math.fround(n * tenth));
      assert.equal(ops.mean(full([n], 0.1)).item(), tenth);
      const values = randn([n], new Generator(3));
      let [exact, squares, size] = [0, 0, 0];
      for (const v of values.data) [exact, squares, size] = [exact + v, squares + v * v, size + Math.abs(v)];
      assert.equal(ops.sum(values).item(), Math.fround(exact));
      const dot = ops.matmul(values, values).item();
      assert.ok(Math.abs(dot - squares) < 1e-5 * squares, `${dot}, not ${squares}`);
      const row = ops.matmul(values.reshape([1, n]), full([n, 1], 1)).item();
      assert.ok(Math.abs(row - exact) < 1e-5 * size, `${row}, not ${exact}`);
      const norm = optim.gradNorm([Object.assign(zeros([n]), { requiresGrad: true, grad: values })]);
      assert.ok(Math.abs(norm - Math.sqrt(squares)) < 1e-6 * norm, `${norm}`);
    });

    it("empty and single elements: results and gradients have their shapes, products of nothing are 0", () => {
      for (const [m, k, n] of [
        [0, 3, 2],
        [2, 0, 3],
        [2, 3, 0],
        [1, 1, 1],
        [1, 3, 1],
        [0, 0, 0],
      ]) {
        const [a, b] = [randn([m, k], new Generator(1)), randn([k, n], new Generator(2))];
        a.requiresGrad = b.requiresGrad = true;
        const y = ops.matmul(a, b);
        assert.deepEqual(y.shape, [m, n]);
        if (k === 0) assert.ok(y.data.every((v: number) => v === 0));
        ops.sum(y).backward();
        assert.deepEqual([a.grad?.shape, b.grad?.shape], [a.shape, b.shape]);
      }
      for (const shape of [[0], [1], [0, 3], [3, 0], [1, 1]]) {
        for (const f of [ops.exp, ops.tanh, ops.sigmoid, ops.relu, (x: Tensor) => ops.softmax(x, -1)]) {
          const x = zeros(shape, { requiresGrad: true });
          const y = f(x);
          assert.deepEqual(y.shape, shape);
          ops.sum(y).backward();
          assert.deepEqual(x.grad?.shape, shape);
        }
      }
      const one = new nn.LSTM(1, 1, { generator: new Generator(1) });
      const [output] = one.forward(zeros([1, 1, 1]));
      assert.deepEqual(output.shape, [1, 1, 1]);
      const [none] = one.forward(zeros([2, 0, 1]));
      assert.deepEqual(none.shape, [2, 0, 1]);
      assert.ok(ops.crossEntropy(zeros([1, 1]), ids([0])).item() === 0);
      const loss = nn.linearCrossEntropy(zeros([0, 3]), zeros([4, 3]), null, ids([]), { reduction: "sum" });
      assert.equal(loss.item(), 0);
    });

    it("three trainings of each kind of layer with one seed have the same losses and weights, bit for bit", () => {
      const train = (Layer: typeof nn.RNN | typeof nn.LSTM | typeof nn.GRU) => {
        const generator = new Generator(11);
        const [H, V, B] = [64, 60, 32];
        const rnn = new Layer(H, H, { generator });
        const [table, output] = [new nn.Embedding(V, H, { generator }), new nn.Linear(H, V, { generator })];
        const params = [...table.parameters(), ...rnn.parameters(), ...output.parameters()];
        const adam = new optim.Adam(params, { lr: 0.01 });
        const hash = createHash("sha256");
        for (let step = 0; step < 5; step++) {
          const draw = () =>
            tensor(Int32Array.from({ length: 8 * B }, () => generator.int(V))).reshape([8, B]);
          const [h] = rnn.forwardIds(draw(), table.weight);
          const loss = nn.linearCrossEntropy(h, output.weight, output.bias, draw());
          adam.zeroGrad();
          loss.backward();
          adam.step({ clipNorm: 1 });
          hash.update(loss.data as Float32Array);
        }
        for (const p of params) hash.update(p.data as Float32Array);
        return hash.digest("hex");
      };
      for (const Layer of [nn.RNN, nn.LSTM, nn.GRU]) {
        const [one, two, three] = [train(Layer), train(Layer), train(Layer)];
        assert.deepEqual([two, three], [one, one], Layer.name);
      }
    });
  });
}

/** The identity as nested lists. */
function eye(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
}
