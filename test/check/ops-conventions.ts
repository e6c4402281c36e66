import assert from "node:assert/strict";
import {
  ArgumentError,
  DataError,
  IndexError,
  ids,
  ops,
  ShapeError,
  type Tensor,
  tensor,
} from "../golden/core.ts";

export interface Convention {
  what: string;
  here: string;
  /** "the same", or what PyTorch does. */
  torch: string;
  /** Asserts what `here` says. */
  holds: () => void;
}

const x64 = (values: number[]) => tensor(values, { dtype: "float64", requiresGrad: true });

/** The gradients of Σ f(inputs). */
function slopes(f: (...x: Tensor[]) => Tensor, ...inputs: Tensor[]): number[][] {
  f(...inputs)
    .sum()
    .backward();
  return inputs.map((x) => [...x.grad!.data]);
}

/** Cases where a derivative does not exist or a result is a matter of agreement; documented in src/ops/README.md. */
export const conventions: readonly Convention[] = [
  {
    what: "slope of `abs` and `relu` at 0",
    here: "0",
    torch: "the same",
    holds: () => {
      assert.deepEqual(slopes(ops.abs, x64([0])), [[0]]);
      assert.deepEqual(slopes(ops.relu, x64([0])), [[0]]);
    },
  },
  {
    what: "`relu` of NaN",
    here: "NaN, and the gradient passes",
    torch: "the same",
    holds: () => {
      const x = x64([Number.NaN]);
      assert.ok(Number.isNaN(ops.relu(x).data[0]));
      assert.deepEqual(slopes(ops.relu, x), [[1]]);
    },
  },
  {
    what: "`clamp` at min and max",
    here: "the gradient passes",
    torch: "the same",
    holds: () =>
      assert.deepEqual(
        slopes((x) => ops.clamp(x, { min: -1, max: 1 }), x64([-1, 1, 1.5])),
        [[1, 1, 0]],
      ),
  },
  {
    what: "`maximum` and `minimum` of equal numbers",
    here: "half of the gradient to each",
    torch: "the same",
    holds: () => assert.deepEqual(slopes(ops.maximum, x64([2]), x64([2])), [[0.5], [0.5]]),
  },
  {
    what: "`amax` and `amin` with ties",
    here: "the gradient is shared among them",
    torch: "the same",
    holds: () =>
      assert.deepEqual(
        slopes((x) => ops.amax(x), x64([3, 3, 1])),
        [[0.5, 0.5, 0]],
      ),
  },
  {
    what: "`argmax` with ties",
    here: "the first",
    torch: "not specified",
    holds: () => assert.equal(ops.argmax(tensor([1, 3, 3])).item(), 1),
  },
  {
    what: "slope of `pow(a, b)` in b at a = 0",
    here: "0 for b ≥ 0",
    torch: "the same",
    holds: () =>
      assert.deepEqual(
        slopes((b) => ops.pow(0, b), x64([2])),
        [[0]],
      ),
  },
  {
    what: "slope of `sqrt` and `std` at 0",
    here: "∞ and NaN",
    torch: "the same",
    holds: () => {
      assert.deepEqual(slopes(ops.sqrt, x64([0])), [[Infinity]]);
      assert.ok(Number.isNaN(slopes((x) => ops.std(x), x64([1, 1]))[0][0]));
    },
  },
  {
    what: "`mean` of nothing, `var` of too few elements",
    here: "NaN",
    torch: "the same",
    holds: () => {
      assert.ok(Number.isNaN(ops.mean(tensor([])).item()));
      assert.ok(Number.isNaN(ops.variance(tensor([1])).item()));
    },
  },
  {
    what: "`amax`, `amin`, `argmax` of nothing",
    here: "IndexError",
    torch: "the same",
    holds: () => assert.throws(() => ops.amax(tensor([])), IndexError),
  },
  {
    what: "`crossEntropy` and `nllLoss` with every target ignored, reduction `mean`",
    here: "DataError",
    torch: "NaN",
    holds: () =>
      assert.throws(() => ops.crossEntropy(tensor([[1, 2]]), ids([0]), { ignoreIndex: 0 }), DataError),
  },
  {
    what: "`mseLoss`, `l1Loss`, `bceWithLogits` of two shapes that broadcast",
    here: "ShapeError: it is nearly always a mistake",
    torch: "broadcasts, with a warning",
    holds: () => assert.throws(() => ops.mseLoss(tensor([[1], [2]]), tensor([1, 2])), ShapeError),
  },
  {
    what: "`bceWithLogits` with a target outside [0, 1]",
    here: "ArgumentError",
    torch: "computes",
    holds: () => assert.throws(() => ops.bceWithLogits(tensor([1]), tensor([2])), ArgumentError),
  },
  {
    what: "comparisons",
    here: "an int32 mask of 0 and 1",
    torch: "bool",
    holds: () => {
      const mask = ops.gt(tensor([1, 3]), 2);
      assert.deepEqual([mask.dtype, mask.toArray()], ["int32", [0, 1]]);
    },
  },
  {
    what: "arithmetic on int32 tensors",
    here: "ArgumentError: ids are not added; convert with `to`",
    torch: "integer arithmetic",
    holds: () => {
      assert.throws(() => ops.add(ids([1]), ids([2])), ArgumentError);
      assert.throws(() => ops.sum(ids([1])), ArgumentError);
    },
  },
  {
    what: "float32 beside float64",
    here: "ArgumentError: convert with `to`",
    torch: "promotes to float64",
    holds: () => assert.throws(() => ops.add(tensor([1]), x64([1])), ArgumentError),
  },
  {
    what: "sums in float32",
    here: "kept in double precision, rounded once at the end",
    torch: "pairwise in float32",
    holds: () => assert.equal(ops.sum(tensor([3e7, 1, 1, 1, 1, -3e7])).item(), 4),
  },
  {
    what: "`embedding` with a negative padding index",
    here: "no row has it",
    torch: "counts from the end",
    holds: () => {
      const weight = tensor([[1], [2]], { requiresGrad: true });
      assert.deepEqual(
        slopes((w) => ops.embedding(w, ids([1]), { paddingIdx: -1 }), weight),
        [[0, 1]],
      );
    },
  },
  {
    what: "a second derivative (`createGraph`)",
    here: "AutogradError",
    torch: "computes",
    holds: () => assert.throws(() => x64([1]).square().backward({ createGraph: true }), /second derivatives/),
  },
];
