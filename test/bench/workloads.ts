/**
 * The six workloads, written as a user of the library writes them: a Module, an optimizer, clipping, contiguous streams
 * with a carried state. Only what the package exports, and nothing that `lm.train` does not use.
 */
import type * as Library from "../../src/index.ts";

/** The library as a user gets it: `dist/bundle.js`, imported at run time. */
export type Unrolled = typeof Library;

export interface Workload {
  /** Targets predicted in one step. */
  tokensPerStep: number;
  /** One whole training step; returns the mean loss in nats. */
  step(): number;
}

interface Recurrent {
  cell: "LSTM" | "GRU";
  V: number;
  E: number;
  H: number;
  layers: number;
  B: number;
  T: number;
  optimizer: (u: Unrolled, parameters: Library.nn.Parameter[]) => Library.optim.Optimizer;
  clip: number;
}

const adam: Recurrent["optimizer"] = (u, parameters) => new u.optim.Adam(parameters, { lr: 1e-3 });
const sgd: Recurrent["optimizer"] = (u, parameters) => new u.optim.SGD(parameters, { lr: 1 });

/** By name; the sizes stand in test/bench/README.md. */
export const WORKLOADS: Record<string, (u: Unrolled) => Workload> = {
  W1: charRNN,
  W2: (u) =>
    recurrent(u, { cell: "LSTM", V: 65, E: 64, H: 256, layers: 1, B: 32, T: 64, optimizer: adam, clip: 5 }),
  W3: (u) =>
    recurrent(u, {
      cell: "LSTM",
      V: 10_000,
      E: 200,
      H: 200,
      layers: 2,
      B: 20,
      T: 20,
      optimizer: sgd,
      clip: 5,
    }),
  W4: (u) =>
    recurrent(u, {
      cell: "LSTM",
      V: 10_000,
      E: 128,
      H: 1024,
      layers: 1,
      B: 20,
      T: 30,
      optimizer: adam,
      clip: 0.5,
    }),
  W5: fixedWindow,
  W6: (u) =>
    recurrent(u, { cell: "GRU", V: 65, E: 64, H: 256, layers: 1, B: 32, T: 64, optimizer: adam, clip: 5 }),
};

/**
 * A text with uniform ids, as the other libraries' scripts draw them, but one that can be learnt: half of the time the next
 * token follows from the last one. So a step that computes nonsense shows in the loss.
 */
function syntheticText(u: Unrolled, length: number, V: number): Int32Array {
  const random = new u.Generator("bench text");
  const ids = new Int32Array(length);
  for (let i = 1; i < length; i++) {
    ids[i] = random.uniform() < 0.5 ? (ids[i - 1] * 7 + 3) % V : random.int(V);
  }
  return ids;
}

/** W1: Karpathy's character RNN, one stream, one-hot input, summed loss, Adagrad, clipped by value. */
function charRNN(u: Unrolled): Workload {
  const { nn, optim } = u;
  const [V, H, T] = [65, 100, 25];
  class CharRNN extends nn.Module {
    readonly rnn: Library.nn.RNN;
    readonly output: Library.nn.Linear;
    constructor(generator: Library.Generator) {
      super();
      this.rnn = new nn.RNN(V, H, { generator });
      this.output = new nn.Linear(H, V, { generator });
    }
    forward(x: Library.Tensor, h: Library.Tensor | null): [Library.Tensor, Library.Tensor] {
      const [y, last] = this.rnn.forwardIds(x, null, h);
      return [y.reshape([-1, H]), last];
    }
  }
  const model = new CharRNN(new u.Generator(1));
  const parameters = model.parameters();
  const optimizer = new optim.Adagrad(parameters, { lr: 0.1 });
  const streams = new u.text.Streams({ ids: syntheticText(u, 20_000, V), batchSize: 1, bptt: T });
  let h: Library.Tensor | null = null;
  return {
    tokensPerStep: T,
    step() {
      const { x, y, shape, reset } = streams.next();
      const [outputs, last] = model.forward(u.fromData(x, shape), reset ? null : h);
      const { weight, bias } = model.output;
      const loss = nn.linearCrossEntropy(outputs, weight, bias, u.fromData(y, [T]), { reduction: "sum" });
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step({ clipValue: 5 });
      h = last.detach();
      return loss.item() / T;
    },
  };
}

/** W2, W3, W4, W6: embedding, LSTM or GRU, linear output. */
function recurrent(u: Unrolled, { cell, V, E, H, layers, B, T, optimizer, clip }: Recurrent): Workload {
  const { nn } = u;
  type State = Library.Tensor | readonly [h: Library.Tensor, c: Library.Tensor];
  type Layer = {
    forwardIds(ids: Library.Tensor, table: Library.Tensor, s: State | null): [Library.Tensor, State];
  };
  class LanguageModel extends nn.Module {
    readonly embedding: Library.nn.Embedding;
    readonly rnn: Library.nn.LSTM | Library.nn.GRU;
    readonly output: Library.nn.Linear;
    constructor(generator: Library.Generator) {
      super();
      this.embedding = new nn.Embedding(V, E, { generator });
      this.rnn = new nn[cell](E, H, { numLayers: layers, generator });
      this.output = new nn.Linear(H, V, { generator });
    }
    forward(x: Library.Tensor, state: State | null): [Library.Tensor, State] {
      const rnn = this.rnn as Layer;
      const [y, last] = rnn.forwardIds(x, this.embedding.weight, state);
      return [y.reshape([-1, H]), last];
    }
  }
  const model = new LanguageModel(new u.Generator(1));
  const parameters = model.parameters();
  const optim_ = optimizer(u, parameters);
  const streams = new u.text.Streams({ ids: syntheticText(u, B * (T * 40 + 1), V), batchSize: B, bptt: T });
  let state: State | null = null;
  return {
    tokensPerStep: B * T,
    step() {
      const { x, y, shape, reset } = streams.next();
      const [outputs, last] = model.forward(u.fromData(x, shape), reset ? null : state);
      const { weight, bias } = model.output;
      const loss = nn.linearCrossEntropy(outputs, weight, bias, u.fromData(y, [B * T]));
      optim_.zeroGrad();
      loss.backward();
      optim_.step({ clipNorm: clip });
      state = last instanceof u.Tensor ? last.detach() : [last[0].detach(), last[1].detach()];
      return loss.item();
    },
  };
}

/** W5: Bengio's fixed-window network. */
function fixedWindow(u: Unrolled): Workload {
  const { nn, ops, optim } = u;
  const [V, window, E, H, B] = [10_000, 5, 60, 100, 64];
  class FixedWindow extends nn.Module {
    readonly embedding: Library.nn.Embedding;
    readonly hidden: Library.nn.Linear;
    readonly output: Library.nn.Linear;
    constructor(generator: Library.Generator) {
      super();
      this.embedding = new nn.Embedding(V, E, { generator });
      this.hidden = new nn.Linear(window * E, H, { generator });
      this.output = new nn.Linear(H, V, { generator });
    }
    forward(x: Library.Tensor): Library.Tensor {
      const words = this.embedding.forward(x).reshape([x.shape[0], window * E]);
      return ops.tanh(this.hidden.forward(words));
    }
  }
  const generator = new u.Generator(1);
  const model = new FixedWindow(generator);
  const parameters = model.parameters();
  const optimizer = new optim.SGD(parameters, { lr: 0.1 });
  const windows = new u.text.Windows({
    ids: syntheticText(u, 40 * B + window, V),
    context: window,
    batchSize: B,
    generator: generator.fork("order"),
    dropLast: true,
  });
  return {
    tokensPerStep: B,
    step() {
      const { x, y, shape } = windows.next();
      const hidden = model.forward(u.fromData(x, shape));
      const { weight, bias } = model.output;
      const loss = nn.linearCrossEntropy(hidden, weight, bias, u.fromData(y, [B]));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step({ clipNorm: 5 });
      return loss.item();
    },
  };
}
