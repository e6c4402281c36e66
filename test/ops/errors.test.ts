import assert from "node:assert/strict";
import {
  ArgumentError,
  DataError,
  Generator,
  IndexError,
  ids,
  nn,
  ones,
  ops,
  ShapeError,
  tensor,
  UnrolledError,
  zeros,
} from "../golden/core.ts";
import { type GoldenTensor, loadCases, toTensor } from "../golden/decode.ts";
import { type Attrs, callOp } from "./dispatch.ts";

interface ErrorCase {
  id: string;
  class: string;
  op?: string;
  inputs?: GoldenTensor[];
  attrs?: Attrs;
  call?: { kind: string; module?: string; inputSize?: number; hiddenSize?: number; x?: number[] };
}

type Class = new (...args: never[]) => Error;

/** A call that must be refused: the error's class, and what its message must contain. */
type Refusal = [what: string, call: () => unknown, type: Class, message: RegExp];

/** The message names the thing; the printed stack, which is what a person sees, carries the same message. */
function assertRefused(call: () => unknown, type: Class, message: RegExp): void {
  assert.throws(call, (error: Error) => {
    assert.ok(error instanceof type, `a ${error.name}: ${error.message}`);
    assert.match(error.message, message);
    assert.ok(error.stack?.startsWith(`${error.name}: ${error.message}\n`), `the stack says ${error.stack}`);
    return true;
  });
}

const x = (...shape: number[]) => ones(shape);
const z = (...values: number[]) => ids(values);

describe("ops: what is refused", () => {
  const golden = loadCases<ErrorCase>("errors");

  it(`the ${golden.length} golden calls that PyTorch refuses, naming op and shapes`, () => {
    for (const c of golden) {
      if (c.op && c.inputs) {
        const inputs = c.inputs.map((t) => toTensor(t, "float32"));
        const shape = `\\[${inputs[0].shape.join(",")}\\]`;
        // A shape that does not fit is printed; an index is printed with the size that it exceeds.
        const message = c.class === "index" ? `^${c.op}: .*\\d` : `^${c.op}: .*${shape}`;
        assertRefused(() => callOp(c.op!, inputs, c.attrs), UnrolledError, new RegExp(message));
      } else if (c.call?.kind === "backwardNonScalar") {
        const y = tensor([1, 2], { requiresGrad: true }).mul(2);
        assertRefused(() => y.backward(), ShapeError, /^backward: .*\[2\]/);
      } else if (c.call?.kind === "rnnForward") {
        const { inputSize, hiddenSize, x: shape } = c.call;
        const lstm = new nn.LSTM(inputSize!, hiddenSize!, { generator: new Generator(1) });
        assertRefused(() => lstm.forward(zeros(shape!)), ShapeError, /^nn\.LSTM input: .*3\].*\[2,1,4\]/);
      } else assert.fail(`unknown golden error case ${c.id}`);
    }
  });

  const refusals: Refusal[] = [
    // Shapes that do not broadcast, for every op with two operands.
    ...(
      ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "gt", "ge", "lt", "le", "eq", "ne"] as const
    ).map(
      (op): Refusal => [
        `${op} of shapes that do not broadcast`,
        () => ops[op](x(2, 3), x(2)),
        ShapeError,
        new RegExp(`^${op}: .*\\[2,3\\] and \\[2\\] \\(3 ≠ 2`),
      ],
    ),
    ["where", () => ops.where(ids([1, 0, 1]), x(3), x(2)), ShapeError, /^where: .*\[3\] and \[2\]/],
    ["where with a mask", () => ops.where(z(1, 0), x(3), x(1)), ShapeError, /^where: .*\[2\]/],
    ["maskedFill", () => ops.maskedFill(x(3), z(1, 0), 0), ShapeError, /^maskedFill: .*\[2\]/],
    // Integers where a derivative would be needed.
    ...(
      [
        "neg",
        "abs",
        "exp",
        "log",
        "sqrt",
        "square",
        "tanh",
        "sigmoid",
        "relu",
        "softplus",
        "logSigmoid",
      ] as const
    ).map(
      (op): Refusal => [`${op} of ids`, () => ops[op](z(1)), ArgumentError, new RegExp(`^${op}: .*int32`)],
    ),
    ["add of ids", () => ops.add(z(1), z(2)), ArgumentError, /^add: .*int32/],
    ["sum of ids", () => ops.sum(z(1)), ArgumentError, /^sum: .*int32/],
    ["mean of ids", () => ops.mean(z(1)), ArgumentError, /^mean: .*int32/],
    ["softmax of ids", () => ops.softmax(z(1), 0), ArgumentError, /^softmax: .*int32/],
    ["matmul of ids", () => ops.matmul(z(1), z(1)), ArgumentError, /^matmul: .*int32/],
    ["where on an id and a float", () => ops.where(z(1), z(1), x(1)), UnrolledError, /^where: .*int32/],
    // Mixed precision.
    [
      "add of two dtypes",
      () => ops.add(x(2), ones([2], { dtype: "float64" })),
      ArgumentError,
      /^add: .*float32 and float64/,
    ],
    [
      "matmul of two dtypes",
      () => ops.matmul(x(2, 2), ones([2, 2], { dtype: "float64" })),
      ArgumentError,
      /^matmul: .*float32 and float64/,
    ],
    ["cat of two dtypes", () => ops.cat([x(2), z(1)], 0), ArgumentError, /^cat: .*float32 and int32/],
    // Things that are no tensors.
    ["add of a string", () => ops.add("1" as never, x(1)), ArgumentError, /^add: a must be a tensor .*"1"/],
    ["exp of an array", () => ops.exp([1, 2] as never), ArgumentError, /^exp: x .*array/],
    ["exp of undefined", () => ops.exp(undefined as never), ArgumentError, /^exp: x .*undefined/],
    ["split of a number", () => ops.split(5 as never, 1), IndexError, /^split: .*0-d/],
    [
      "clamp with min above max",
      () => ops.clamp(x(1), { min: 1, max: 0 }),
      ArgumentError,
      /^clamp: min 1 .*max 0/,
    ],
    // Products.
    ["matmul", () => ops.matmul(x(2, 3), x(4, 5)), ShapeError, /^matmul: .*\[2,3\] @ \[4,5\] \(3 ≠ 4\)/],
    ["matmul of vectors", () => ops.matmul(x(2), x(3)), ShapeError, /^matmul: .*\[2\] @ \[3\]/],
    ["matmul of a 0-d tensor", () => ops.matmul(x(), x(2)), ShapeError, /^matmul: .*\[\] @ \[2\]/],
    ["matmul of batches", () => ops.matmul(x(2, 2, 3), x(3, 3, 2)), ShapeError, /^matmul: .*\[2\] and \[3\]/],
    ["bmm", () => ops.bmm(x(2, 2, 3), x(3, 3, 2)), ShapeError, /^bmm: .*\[2,2,3\] and \[3,3,2\]/],
    ["bmm of matrices", () => ops.bmm(x(2, 3), x(3, 2)), ShapeError, /^bmm: .*\[2,3\] and \[3,2\]/],
    ["bmm, inner sizes", () => ops.bmm(x(2, 2, 3), x(2, 4, 2)), ShapeError, /^bmm: .*\[2,2,3\].*\[2,4,2\]/],
    ["dot of matrices", () => ops.dot(x(2, 2), x(2, 2)), ShapeError, /^dot: .*\[2,2\]/],
    ["dot of two lengths", () => ops.dot(x(2), x(3)), ShapeError, /^dot: .*\[2\].*\[3\]/],
    ["outer of a matrix", () => ops.outer(x(2, 2), x(2)), ShapeError, /^outer: .*\[2,2\]/],
    ["linear", () => ops.linear(x(2, 3), x(4, 5)), ShapeError, /^linear: .*\[2,3\].*\[4,5\]/],
    ["linear with a bias", () => ops.linear(x(2, 3), x(4, 3), x(3)), ShapeError, /^linear: .*\[4,3\], \[3\]/],
    ["linear with a vector as weight", () => ops.linear(x(2, 3), x(3)), ShapeError, /^linear: .*\[3\]/],
    ["linear of a 0-d tensor", () => ops.linear(x(), x(2, 3)), ShapeError, /^linear: .*\[\]/],
    // Dimensions.
    ...(["sum", "mean", "amax", "amin", "logsumexp", "variance", "std"] as const).map(
      (op): Refusal => [
        `${op} over a dimension that does not exist`,
        () => ops[op](x(2, 3), { dim: -3 }),
        IndexError,
        new RegExp(`^(${op}|var): .*dimension -3 .*\\[2,3\\]`),
      ],
    ),
    ["sum over a fraction", () => ops.sum(x(2, 3), { dim: 0.5 }), IndexError, /^sum: dimension 0\.5/],
    ["sum over a dimension of a 0-d tensor", () => ops.sum(x(), { dim: 0 }), IndexError, /^sum: .*0-d/],
    ["sum twice over one", () => ops.sum(x(2, 3), { dim: [0, -2] }), ShapeError, /^sum: .*twice.*\[0,-2\]/],
    ["argmax", () => ops.argmax(x(2, 3), { dim: 2 }), IndexError, /^argmax: dimension 2 .*\[2,3\]/],
    ["softmax", () => ops.softmax(x(2, 3), 2), IndexError, /^softmax: dimension 2 .*\[2,3\]/],
    [
      "softmax without a dimension",
      () => ops.softmax(x(2), undefined as never),
      ArgumentError,
      /^softmax: .*dimension/,
    ],
    ["logSoftmax", () => ops.logSoftmax(x(2, 3), -3), IndexError, /^logSoftmax: dimension -3/],
    ["transpose", () => ops.transpose(x(2, 3), 0, 2), IndexError, /^transpose: dimension 2 .*\[2,3\]/],
    ["permute with too few", () => ops.permute(x(2, 3), [0]), IndexError, /^permute: .*\[2,3\].*\[0\]/],
    ["permute with one twice", () => ops.permute(x(2, 3), [1, 1]), IndexError, /^permute: .*\[1,1\]/],
    ["squeeze", () => ops.squeeze(x(1, 3), 5), IndexError, /^squeeze: dimension 5 .*\[1,3\]/],
    ["unsqueeze", () => ops.unsqueeze(x(2), 3), IndexError, /^unsqueeze: dimension 3/],
    ["flatten", () => ops.flatten(x(2, 3), 2), IndexError, /^flatten: dimension 2 .*\[2,3\]/],
    ["flatten backwards", () => ops.flatten(x(2, 3), 1, 0), ArgumentError, /^flatten: .*1.*0/],
    ["flip", () => ops.flip(x(2), [1]), IndexError, /^flip: dimension 1 .*\[2\]/],
    ["flip of one dimension twice", () => ops.flip(x(2, 2), [0, -2]), ShapeError, /^flip: .*twice.*\[0,-2\]/],
    ["stack", () => ops.stack([x(2), x(2)], 2), IndexError, /^stack: dimension 2/],
    ["unbind", () => ops.unbind(x(2), 1), IndexError, /^unbind: dimension 1 .*\[2\]/],
    ["chunk", () => ops.chunk(x(2), 2, 1), IndexError, /^chunk: dimension 1 .*\[2\]/],
    // Nothing to work on.
    ["amax of nothing", () => ops.amax(x(0)), IndexError, /^amax: .*\[0\]/],
    ["amin of an empty dimension", () => ops.amin(x(2, 0), { dim: 1 }), IndexError, /^amin: .*\[2,0\]/],
    ["argmax of nothing", () => ops.argmax(x(0)), IndexError, /^argmax: .*\[0\]/],
    ["cat of no tensors", () => ops.cat([], 0), ArgumentError, /^cat: .*empty/],
    ["stack of no tensors", () => ops.stack([]), ArgumentError, /^stack: .*empty/],
    // Shapes.
    ["reshape", () => ops.reshape(x(2, 3), [4]), ShapeError, /^reshape: .*\[2,3\].*\[4\]/],
    ["reshape with two unknowns", () => ops.reshape(x(2, 3), [-1, -1]), ShapeError, /^reshape: .*\[-1,-1\]/],
    [
      "reshape of nothing to an unknown",
      () => ops.reshape(x(0, 3), [-1, 0]),
      ShapeError,
      /^reshape: .*\[-1,0\]/,
    ],
    ["reshape to a fraction", () => ops.reshape(x(2, 3), [1.5, 4]), ShapeError, /^reshape: .*\[1\.5,4\]/],
    ["reshape to a negative size", () => ops.reshape(x(2, 3), [-2, -3]), ShapeError, /^reshape: .*\[-2,-3\]/],
    ["expand", () => ops.expand(x(2, 3), [2, 4]), ShapeError, /^expand: .*\[2,3\].*\[2,4\]/],
    ["expand to fewer dimensions", () => ops.expand(x(2, 3), [3]), ShapeError, /^expand: .*\[2,3\].*\[3\]/],
    ["expand, -1 in front", () => ops.expand(x(3), [-1, 3]), ShapeError, /^expand: -1 .*\[-1,3\]/],
    ["expand to a negative size", () => ops.expand(x(1), [-2]), ShapeError, /^expand: .*\[-2\]/],
    ["slice with too many ranges", () => ops.slice(x(2), [0, 0]), IndexError, /^slice: 2 ranges .*\[2\]/],
    ["slice with a step of 0", () => ops.slice(x(4), [[0, 4, 0]]), ArgumentError, /^slice: step .*0/],
    ["slice with a negative step", () => ops.slice(x(4), [[0, 4, -1]]), ArgumentError, /^slice: step .*-1/],
    ["slice from a fraction", () => ops.slice(x(4), [[0.5, 3]]), ArgumentError, /^slice: .*0\.5/],
    ["slice to NaN", () => ops.slice(x(4), [[0, Number.NaN]]), ArgumentError, /^slice: .*NaN/],
    ["slice at an index out of range", () => ops.slice(x(4), [4]), IndexError, /^slice: .*4 .*size 4/],
    ["slice at 2^31 − 1", () => ops.slice(x(4), [2 ** 31 - 1]), IndexError, /^slice: .*2147483647/],
    ["select", () => ops.select(x(2, 3), 1, 3), IndexError, /^select: .*3 .*size 3/],
    ["select of a negative index", () => ops.select(x(2, 3), 0, -3), IndexError, /^select: .*-3 .*size 2/],
    ["select in a dimension", () => ops.select(x(2, 3), 2, 0), IndexError, /^select: dimension 2 .*\[2,3\]/],
    ["narrow", () => ops.narrow(x(5), 0, 3, 3), ShapeError, /^narrow: .*size 5 .*\[5\]/],
    ["narrow of a negative length", () => ops.narrow(x(5), 0, 3, -1), ShapeError, /^narrow: -1 /],
    ["narrow in a dimension", () => ops.narrow(x(5), 1, 0, 1), IndexError, /^narrow: dimension 1 .*\[5\]/],
    ["cat of two ranks", () => ops.cat([x(2), x(2, 2)], 0), ShapeError, /^cat: .*\[2\], \[2,2\]/],
    [
      "split to sizes of another sum",
      () => ops.split(x(5), [2, 2]),
      ShapeError,
      /^split: .*\[2,2\].* 5.*\[5\]/,
    ],
    ["split to a negative size", () => ops.split(x(5), [6, -1]), ShapeError, /^split: .*\[6,-1\]/],
    ["split to fractions", () => ops.split(x(5), [2.5, 2.5]), UnrolledError, /^split: .*2\.5/],
    ["split to parts of 0", () => ops.split(x(5), 0), ArgumentError, /^split: .*0/],
    ["chunk into 0", () => ops.chunk(x(5), 0), ArgumentError, /^chunk: .*0/],
    ["t of a vector", () => x(3).t(), ShapeError, /^t: .*\[3\]/],
    // Ids and indices.
    ["embedding of floats", () => ops.embedding(x(4, 2), x(2)), ArgumentError, /^embedding: ids .*float32/],
    ["embedding with a vector as table", () => ops.embedding(x(4), z(0)), ShapeError, /^embedding: .*\[4\]/],
    [
      "embedding of 2^31 − 1",
      () => ops.embedding(x(4, 2), z(2 ** 31 - 1)),
      IndexError,
      /^embedding: id 2147483647/,
    ],
    ["embedding in an empty table", () => ops.embedding(x(0, 2), z(0)), IndexError, /^embedding: id 0/],
    ["oneHot out of range", () => ops.oneHot(z(0, 3), 3), IndexError, /^oneHot: .*3 at position 1 .*0 … 2/],
    ["oneHot of floats", () => ops.oneHot(x(2), 3), ArgumentError, /^oneHot: .*float32/],
    ["oneHot with 0 classes", () => ops.oneHot(z(), 0), ArgumentError, /^oneHot: .*0/],
    ["gather below 0", () => ops.gather(x(2, 3), 1, ids([[-1]])), IndexError, /^gather: index -1/],
    ["gather with floats", () => ops.gather(x(2, 3), 1, x(2, 1)), ArgumentError, /^gather: index .*float32/],
    [
      "gather of another rank",
      () => ops.gather(x(2, 3), 1, z(0)),
      ShapeError,
      /^gather: index \[1\] .*\[2,3\]/,
    ],
    [
      "gather with a larger index",
      () => ops.gather(x(2, 3), 1, ids([[0], [0], [0]])),
      ShapeError,
      /^gather: .*\[3,1\]/,
    ],
    [
      "indexSelect with a matrix",
      () => ops.indexSelect(x(2, 3), 0, ids([[0]])),
      ShapeError,
      /^indexSelect: .*\[1,1\]/,
    ],
    [
      "indexSelect out of range",
      () => ops.indexSelect(x(2, 3), 0, z(2)),
      IndexError,
      /^indexSelect: .*2 .*0 … 1/,
    ],
    [
      "indexSelect in a dimension",
      () => ops.indexSelect(x(2), 1, z(0)),
      IndexError,
      /^indexSelect: dimension 1/,
    ],
    // Losses.
    ["crossEntropy of a 0-d tensor", () => ops.crossEntropy(x(), z(0)), IndexError, /^crossEntropy: .*0-d/],
    [
      "crossEntropy, shapes",
      () => ops.crossEntropy(x(2, 3), z(0)),
      ShapeError,
      /^crossEntropy: .*\[2,3\].*\[2\].*\[1\]/,
    ],
    [
      "crossEntropy below 0",
      () => ops.crossEntropy(x(1, 3), z(-1)),
      IndexError,
      /^crossEntropy: target -1 at position 0/,
    ],
    [
      "crossEntropy of probabilities",
      () => ops.crossEntropy(x(2, 3), x(2, 3)),
      ArgumentError,
      /^crossEntropy: targets .*float32/,
    ],
    [
      "crossEntropy where all is ignored",
      () => ops.crossEntropy(x(2, 3), z(1, 1), { ignoreIndex: 1 }),
      DataError,
      /^crossEntropy: every target is ignored/,
    ],
    [
      "crossEntropy with a smoothing above 1",
      () => ops.crossEntropy(x(1, 3), z(0), { labelSmoothing: 1.1 }),
      ArgumentError,
      /^crossEntropy: labelSmoothing .*1\.1/,
    ],
    [
      "crossEntropy with weights for other classes",
      () => ops.crossEntropy(x(1, 3), z(0), { classWeight: x(2) }),
      ShapeError,
      /^crossEntropy: classWeight: .*\[3\], got \[2\]/,
    ],
    [
      "crossEntropy with class weights that want a gradient",
      () => ops.crossEntropy(x(1, 3), z(0), { classWeight: ones([3], { requiresGrad: true }) }),
      ArgumentError,
      /^crossEntropy: classWeight .*gradient/,
    ],
    [
      "crossEntropy with an unknown reduction",
      () => ops.crossEntropy(x(1, 3), z(0), { reduction: "avg" as never }),
      ArgumentError,
      /^crossEntropy: reduction .*"avg"/,
    ],
    ["nllLoss, shapes", () => ops.nllLoss(x(2, 3), z(0)), ShapeError, /^nllLoss: .*\[2,3\].*\[1\]/],
    ["nllLoss out of range", () => ops.nllLoss(x(1, 3), z(3)), IndexError, /^nllLoss: target 3 .*0 … 2/],
    [
      "nllLoss where all is ignored",
      () => ops.nllLoss(x(1, 3), z(0), { ignoreIndex: 0 }),
      DataError,
      /^nllLoss: every/,
    ],
    ...(["mseLoss", "l1Loss", "bceWithLogits"] as const).map(
      (op): Refusal => [
        `${op} of two shapes`,
        () => ops[op](x(2, 1), x(2)),
        ShapeError,
        new RegExp(`^${op}: .*\\[2,1\\].*\\[2\\]`),
      ],
    ),
    [
      "mseLoss, reduction",
      () => ops.mseLoss(x(2), x(2), { reduction: "avg" as never }),
      ArgumentError,
      /^mseLoss: .*"avg"/,
    ],
    [
      "bceWithLogits, target 2",
      () => ops.bceWithLogits(x(1), tensor([2])),
      ArgumentError,
      /^bceWithLogits: .*\[0, 1\]/,
    ],
    ["layerNorm", () => ops.layerNorm(x(2, 3), [2]), ShapeError, /^layerNorm: .*\[2,3\].*\[2\]/],
    ["layerNorm over nothing", () => ops.layerNorm(x(2, 3), []), ShapeError, /^layerNorm: .*\[2,3\].*\[\]/],
    [
      "layerNorm over more than there is",
      () => ops.layerNorm(x(3), [2, 3]),
      ShapeError,
      /^layerNorm: .*\[3\].*\[2,3\]/,
    ],
    ["layerNorm, eps", () => ops.layerNorm(x(3), [3], { eps: -1 }), ArgumentError, /^layerNorm: eps .*-1/],
  ];

  it(`${refusals.length} more bad calls, naming op and shapes or values`, () => {
    const problems: string[] = [];
    for (const [what, call, type, message] of refusals) {
      try {
        assertRefused(call, type, message);
      } catch (error) {
        problems.push(`${what}: ${(error as Error).message}`);
      }
    }
    assert.equal(problems.join("\n"), "");
  });
});
