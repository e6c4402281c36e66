import {
  ArgumentError,
  AutogradError,
  arange,
  CheckpointError,
  check,
  clearOutput,
  DataError,
  describe,
  display,
  drawGraph,
  expectNumber,
  expectOptions,
  expectShape,
  eye,
  formatShape,
  fromData,
  full,
  Generator,
  gradcheck,
  hint,
  INSTALLABLE,
  IndexError,
  ids,
  isGradEnabled,
  kernels,
  linspace,
  lm,
  MissingPackageError,
  nearest,
  noGrad,
  ones,
  ops,
  optim,
  rand,
  randn,
  ShapeError,
  showAs,
  solution,
  Tensor,
  TrainingError,
  tensor,
  text,
  UnrolledError,
  updateDisplay,
  zeros,
} from "../../../src/index.ts";

// tensor Tensor
{
  const W = tensor([[0.5, -1], [2, 0.3]], { requiresGrad: true });
  const loss = ops.tanh(W.matmul(tensor([1, 2]))).sum();
  loss.backward();
  W.grad; // tensor([[ 0.18071,  0.36141], [0.021825,  0.04365]], shape [2,2])
  W.shape; // [ 2, 2 ]
  W instanceof Tensor; // true
  W.transpose(0, 1).mul(10).toArray(); // [ [ 5, 20 ], [ -10, 3 ] ]
}

// zeros
{
  zeros([2, 3]); // tensor([[0, 0, 0], [0, 0, 0]], shape [2,3])
}

// ones
{
  ones([2], { dtype: "float64" }).dtype; // 'float64'
}

// full
{
  full([2, 2], 7); // tensor([[7, 7], [7, 7]], shape [2,2])
}

// eye
{
  eye(2); // tensor([[1, 0], [0, 1]], shape [2,2])
}

// arange
{
  arange(4); // tensor([0, 1, 2, 3], shape [4], int32)
  arange(1, 2, 0.25); // tensor([   1, 1.25,  1.5, 1.75], shape [4])
}

// linspace
{
  linspace(0, 1, 5); // tensor([   0, 0.25,  0.5, 0.75,    1], shape [5])
}

// fromData
{
  fromData(new Float32Array([1, 2, 3, 4]), [2, 2]); // tensor([[1, 2], [3, 4]], shape [2,2])
}

// ids
{
  ids([[1, 2], [3, 4]]).dtype; // 'int32'
}

// rand
{
  rand([3], new Generator(1)).amax().item() < 1; // true
}

// randn
{
  const x = randn([10_000], new Generator(1));
  Math.abs(x.mean().item()) < 0.05; // true
}

// Generator
{
  const generator = new Generator("a seed");
  const state = generator.state();
  const drawn = [generator.uniform(), generator.int(6), generator.normal()];
  drawn.length; // 3
  Generator.fromState(state).uniform() === drawn[0]; // true
  generator.shuffle(["a", "b", "c"]).sort(); // [ 'a', 'b', 'c' ]
}

// noGrad isGradEnabled
{
  const w = tensor([1, 2], { requiresGrad: true });
  noGrad(() => w.mul(2).requiresGrad); // false
  noGrad(() => isGradEnabled()); // false
  isGradEnabled(); // true
}

// gradcheck
{
  const x = tensor([0.5, -1], { dtype: "float64", requiresGrad: true });
  const { maxError, checked } = gradcheck((t) => ops.tanh(t), [x]);
  checked; // 2
  maxError < 1e-6; // true
}

// drawGraph
{
  const a = tensor([1, 2], { requiresGrad: true });
  drawGraph(a.mul(a).sum()).nodes.map(({ name }) => name); // [ '', 'mul', 'sum' ]
}

// kernels
{
  const { tier, fingerprint } = kernels.info();
  [typeof tier, typeof fingerprint]; // [ 'string', 'string' ]
  kernels.use("reference");
  kernels.info().engine; // 'reference float32'
  kernels.use("auto");
}

// check
{
  const verdict = check("01.1", undefined, { record: false });
  verdict.passed; // false
}

// hint
{
  hint("01.2", 1).title; // 'Hint 1 of 2 for 01.2'
}

// solution
{
  solution("01.1").isCode; // true
}

// display updateDisplay
{
  // In a notebook: shows a value now, and replaces it later. Elsewhere its text is printed.
  const later = () => {
    display("step 1", { id: "progress" });
    updateDisplay("progress", "step 2");
  };
  typeof later; // 'function'
}

// clearOutput
{
  // In a notebook: the cell's output goes away when the next one comes.
  const between = () => clearOutput({ wait: true });
  typeof between; // 'function'
}

// showAs
{
  class Temperature {
    degrees: number;
    constructor(degrees: number) {
      this.degrees = degrees;
    }
  }
  showAs(Temperature, ({ degrees }) => ({
    "text/plain": `${degrees} °C`,
    "text/html": `<b>${degrees} °C</b>`,
  }));
  new Temperature(21); // 21 °C
}

// describe
{
  [describe("a"), describe([1, 2]), describe(null)]; // [ '"a"', 'an array of length 2', 'null' ]
}

// nearest
{
  nearest("hidenSize", ["hiddenSize", "embeddingSize"]); // 'hiddenSize'
}

// formatShape
{
  formatShape(["T", "B", 64]); // '[T,B,64]'
}

// expectShape
{
  expectShape([35, 20, 64], ["T", "B", 64], "my layer"); // { T: 35, B: 20 }
}

// expectNumber
{
  expectNumber(0.5, "dropout", { min: 0, below: 1 }); // 0.5
}

// expectOptions ArgumentError
{
  const thrown = (f: () => unknown) => {
    try {
      f();
    } catch (error) {
      return error as Error;
    }
  };
  thrown(() => expectOptions({ hidenSize: 3 }, ["hiddenSize"], "my model"))?.message; // 'my model: there is no option "hidenSize"; did you mean "hiddenSize"?'
  thrown(() => new optim.SGD([], { lr: -1 })) instanceof ArgumentError; // true
}

// ShapeError UnrolledError
{
  try {
    ones([2, 3]).matmul(ones([5, 4]));
  } catch (error) {
    error instanceof ShapeError && error instanceof UnrolledError; // true
    (error as Error).message; // 'matmul: inner dimensions differ: [2,3] @ [5,4] (3 ≠ 5)'
  }
}

// IndexError
{
  try {
    ops.embedding(ones([3, 2]), ids([5]));
  } catch (error) {
    error instanceof IndexError; // true
  }
}

// AutogradError
{
  try {
    tensor([1, 2]).backward();
  } catch (error) {
    error instanceof AutogradError; // true
  }
}

// DataError
{
  try {
    text.loadCorpus("no-such-corpus.txt");
  } catch (error) {
    error instanceof DataError; // true
  }
}

// CheckpointError
{
  try {
    lm.decodeCheckpoint(new Uint8Array(3));
  } catch (error) {
    error instanceof CheckpointError; // true
  }
}

// TrainingError
{
  // What keeps a training from going on, a loss that is not a number for instance.
  Object.getPrototypeOf(lm.DivergenceError) === TrainingError; // true
}

// MissingPackageError INSTALLABLE
{
  new MissingPackageError("jsdom", "A static picture").message; // 'A static picture needs the package "jsdom", which is not installed. Run: npm install jsdom@26'
  Object.keys(INSTALLABLE).includes("tslab"); // true
}
