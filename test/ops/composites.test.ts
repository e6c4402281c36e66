import assert from "node:assert/strict";
import {
  below,
  type Domain,
  nonzero,
  on,
  positive,
  registry,
  type Sample,
} from "../../src/autograd/define.ts";
import { Generator, gradcheck, ops, type Tensor, tensor } from "../golden/core.ts";
import { drawInput, layouts } from "./layouts.ts";

interface Composite {
  f: (...x: Tensor[]) => Tensor | readonly Tensor[];
  samples: readonly Sample[];
  domain?: Domain;
}

const classWeight = tensor([0.5, 2, 1], { dtype: "float64" });
const mask = below(2, 2, 3);

/** Public functions that are put together from ops of the registry: their gradients are checked like those of ops. */
const composites: Record<string, Composite> = {
  "linear without bias": {
    f: (x, w) => ops.linear(x, w),
    samples: [on([2, 3], [4, 3]), on([3], [1, 3]), on([2, 2, 3], [4, 3]), on([0, 3], [4, 3])],
  },
  bmm: {
    f: ops.bmm,
    samples: [on([2, 2, 3], [2, 3, 2]), on([1, 1, 1], [1, 1, 1]), on([0, 2, 3], [0, 3, 2])],
  },
  dot: { f: ops.dot, samples: [on([3], [3]), on([1], [1]), on([0], [0])] },
  outer: { f: ops.outer, samples: [on([2], [3]), on([1], [1]), on([2], [2]), on([0], [2])] },
  "matmul with one operand twice": {
    f: (x) => ops.matmul(x, x),
    samples: [on([3, 3]), on([2, 2, 2]), on([3])],
  },
  maskedFill: {
    f: (x, m) => ops.maskedFill(x, m, 0.7),
    samples: [on([2, 3], mask), on([3], mask), on([], below(2)), on([0], below(2, 1))],
  },
  select: { f: (x) => ops.select(x, -1, -1), samples: [on([2, 3]), on([1]), on([0, 3])] },
  narrow: { f: (x) => ops.narrow(x, 0, -1, 1), samples: [on([3]), on([1]), on([2, 3]), on([1, 0])] },
  "narrow to nothing": { f: (x) => ops.narrow(x, 0, 0, 0), samples: [on([3]), on([2, 2])] },
  squeeze: { f: (x) => ops.squeeze(x), samples: [on([1, 3, 1]), on([]), on([1]), on([1, 0])] },
  "squeeze of one dimension": { f: (x) => ops.squeeze(x, 0), samples: [on([1, 3, 1]), on([2, 1])] },
  unsqueeze: { f: (x) => ops.unsqueeze(x, -1), samples: [on([]), on([3]), on([2, 3]), on([0])] },
  flatten: { f: (x) => ops.flatten(x), samples: [on([]), on([3]), on([2, 1, 2]), on([0, 3])] },
  "flatten of some dimensions": { f: (x) => ops.flatten(x, 1, -2), samples: [on([2, 3, 2, 2])] },
  "t()": { f: (x) => x.t(), samples: [on([2, 3]), on([1, 1]), on([0, 3])] },
  stack: { f: (...x) => ops.stack(x, -1), samples: [on([2, 3], [2, 3]), on([], []), on([1]), on([0], [0])] },
  chunk: { f: (x) => ops.chunk(x, 2, 1), samples: [on([2, 5]), on([1, 1]), on([2, 0])] },
  indexSelect: {
    f: (x, index) => ops.indexSelect(x, 0, index),
    samples: [
      on([4, 3], below(4, 6)),
      on([1], below(1, 2)),
      on([4, 2], below(4, 0)),
      on([2, 0], below(2, 3)),
    ],
  },
  "gather of the same place many times": {
    f: (x, index) => ops.gather(x, 1, index),
    samples: [on([2, 2], below(1, 2, 5))],
  },
  "layerNorm with weight and bias": {
    f: (x, weight, bias) => ops.layerNorm(x, [3], { weight, bias }),
    samples: [on([2, 3], [3], [3]), on([3], [3], [3]), on([2, 2, 3], [3], [3]), on([0, 3], [3], [3])],
  },
  "layerNorm over two dimensions": {
    f: (x, weight, bias) => ops.layerNorm(x, [2, 2], { weight, bias, eps: 0.1 }),
    samples: [on([2, 2, 2], [2, 2], [2, 2])],
  },
  "embedding with a padding row": {
    f: (w, ids) => ops.embedding(w, ids, { paddingIdx: 1 }).mul(ids.ne(1).to("float64").unsqueeze(-1)),
    samples: [on([4, 3], below(4, 5)), on([2, 1], below(2, 2, 3)), on([2, 2], below(2, 0))],
  },
  "nllLoss, mean": {
    f: (x, z) => ops.nllLoss(x, z),
    samples: [on([4, 3], below(3, 4)), on([3], below(3)), on([2, 3, 2], below(3, 2, 2))],
  },
  "nllLoss, none": {
    f: (x, z) => ops.nllLoss(x, z, { reduction: "none" }),
    samples: [on([4, 3], below(3, 4))],
  },
  "crossEntropy, mean": {
    f: (x, z) => ops.crossEntropy(x, z),
    samples: [
      on([4, 3], below(3, 4)),
      on([3], below(3)),
      on([2, 3, 2], below(3, 2, 2)),
      on([1, 1], below(1, 1)),
    ],
  },
  "crossEntropy with class weights": {
    f: (x, z) => ops.crossEntropy(x, z, { classWeight }),
    samples: [on([4, 3], below(3, 4)), on([2, 3, 2], below(3, 2, 2)), on([3], below(3))],
  },
  "crossEntropy with class weights and label smoothing": {
    f: (x, z) => ops.crossEntropy(x, z, { classWeight, labelSmoothing: 0.2, reduction: "sum" }),
    samples: [on([4, 3], below(3, 4))],
  },
  "crossEntropy with ignored rows": {
    f: (x, z) => ops.crossEntropy(x, z, { ignoreIndex: 0, reduction: "none", labelSmoothing: 0.1 }),
    samples: [on([6, 3], below(3, 6)), on([0, 3], below(3, 0))],
  },
  mseLoss: { f: (x, t) => ops.mseLoss(x, t), samples: [on([2, 3], [2, 3]), on([], []), on([1], [1])] },
  "mseLoss, none": {
    f: (x, t) => ops.mseLoss(x, t, { reduction: "none" }),
    samples: [on([2], [2]), on([0], [0])],
  },
  l1Loss: { f: (x, t) => ops.l1Loss(x, t), samples: [on([2, 3], [2, 3]), on([], [])] },
  bceWithLogits: {
    f: (x, t) => ops.bceWithLogits(x, t.sigmoid()),
    samples: [on([2, 3], [2, 3]), on([], []), on([0], [0])].slice(0, 2),
  },
  var: { f: (x) => x.var({ dim: 0 }), samples: [on([3]), on([3, 2]), on([2, 0])] },
  "var, biased, all": { f: (x) => x.var({ unbiased: false }), samples: [on([]), on([1]), on([2, 3])] },
  std: { f: (x) => ops.std(x, { dim: -1, keepdim: true }), samples: [on([3]), on([2, 4]), on([0, 2])] },
  "pow by a number": { f: (x) => ops.pow(x, 3), samples: [on([]), on([2, 3]), on([0])], domain: nonzero },
  "number to a power": { f: (x) => ops.pow(2, x), samples: [on([]), on([3])] },
  "number / x": { f: (x) => ops.div(3, x), samples: [on([]), on([3])], domain: nonzero },
  "clone and to": { f: (x) => x.clone().to("float64"), samples: [on([2, 3]), on([]), on([0])] },
  "log of a softmax": { f: (x) => x.softmax(0).log(), samples: [on([3]), on([2, 2])], domain: positive },
};

describe("gradcheck of what is composed from ops", () => {
  it("every public function is in the registry, in this list, or has no derivative", () => {
    const named = [...Object.keys(composites), ...registry.keys()].map((name) => name.split(/[ ,]/)[0]);
    const others = ["oneHot", "variance"];
    const missing = Object.keys(ops).filter((name) => !named.includes(name) && !others.includes(name));
    assert.deepEqual(missing, []);
  });

  for (const [name, { f, samples, domain }] of Object.entries(composites)) {
    it(name, () => {
      let runs = 0;
      for (let round = 0; runs < 20; round++) {
        for (const [i, sample] of samples.entries()) {
          for (const layout of layouts) {
            const generator = new Generator(`${name} ${i} ${layout} ${round}`);
            const inputs = sample.inputs.map((input) => drawInput(input, layout, generator, domain));
            try {
              gradcheck(f, inputs, { atol: 1e-8, rtol: 1e-6 });
            } catch (error) {
              throw new Error(`sample ${i}, ${layout}, round ${round}: ${(error as Error).message}`, {
                cause: error,
              });
            }
            runs++;
          }
        }
      }
    });
  }
});
