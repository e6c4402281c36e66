import { unbroadcast, zip } from "../array/elementwise.ts";
import { asMatrix, asRows, matmul as product } from "../array/matmul.ts";
import type { NDArray } from "../array/ndarray.ts";
import { reshape, transpose } from "../array/shape.ts";
import { defineOp, named, on } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { formatShape, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";

const flip = (x: NDArray) => transpose(x, -2, -1);

/**
 * The matrix product Y = A B: [m, k] @ [k, n] → [m, n]. Vectors are promoted and leading dimensions broadcast as
 * in PyTorch.
 */
export const matmul: (a: Tensor, b: Tensor) => Tensor = defineOp<[NDArray, NDArray], []>({
  name: "matmul",
  formula: "Y = A B; dA = dY Bᵀ, dB = Aᵀ dY (summed over broadcast batches)",
  inputs: { a: "float", b: "float" },
  forward(a, b) {
    const y = product(a, b);
    const A = asMatrix(a, 0);
    const B = asMatrix(b, 1);
    const lead = y.shape.slice(0, y.ndim - Math.min(a.ndim - 1, 1) - Math.min(b.ndim - 1, 1));
    const asY = (dy: NDArray) => reshape(dy, [...lead, A.shape[A.ndim - 2], B.shape[B.ndim - 1]]);
    // The same for the gradient of a matrix that a whole batch used: one product over all rows, not a sum of many.
    const shared = B.ndim === 2 && A.ndim > 2;
    return [
      y,
      [
        (dy) => reshape(unbroadcast(product(asY(dy), flip(B)), A.shape), a.shape),
        (dy) => {
          const dB = shared ? product(flip(asRows(A)), asRows(asY(dy))) : product(flip(A), asY(dy));
          return reshape(unbroadcast(dB, B.shape), b.shape);
        },
      ],
    ];
  },
  samples: [
    on([2, 3], [3, 4]),
    on([3], [3]),
    on([3], [3, 2]),
    on([2, 3], [3]),
    on([2, 2, 3], [3, 2]),
    on([2, 2, 3], [3]),
    on([2, 1, 2, 3], [3, 3, 2]),
    on([2, 3], [2, 3, 2]),
    on([3], [2, 3, 2]),
    on([1, 1], [1, 1]),
    on([2, 2], [2, 2]),
    on([0, 3], [3, 2]),
    on([2, 0], [0, 2]),
    on([2, 2, 3], [3, 0]),
  ],
});

/** Y = X Wᵀ + b for X [..., in], W [out, in], b [out] or none; Y [..., out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (bias) return linearWithBias(x, weight, bias);
  return named("linear", () => {
    expect.linearShapes(x.shape, weight.shape);
    return matmul(x, weight.t());
  });
}

const linearWithBias = defineOp<[NDArray, NDArray, NDArray], []>({
  name: "linear",
  formula: "Y = X Wᵀ + b; dX = dY W, dW = dYᵀ X, db = Σ dY",
  inputs: { x: "float", weight: "float", bias: "float" },
  forward(x, weight, bias) {
    expect.linearShapes(x.shape, weight.shape, bias.shape);
    const biasShape = bias.shape;
    return [
      zip(product(x, flip(weight)), bias, (y, b) => y + b),
      [
        (dy) => product(dy, weight),
        (dy) => product(flip(asRows(dy)), asRows(x)),
        (dy) => unbroadcast(dy, biasShape),
      ],
    ];
  },
  samples: [[2, 3], [3], [1, 3], [2, 2, 3], [0, 3]].map((x) => on(x, [4, 3], [4])),
});

type Product = (a: Tensor, b: Tensor) => Tensor;

function ofRank(name: string, ndim: number, product: Product): Product {
  return (a, b) =>
    named(name, () => {
      if (a.ndim === ndim && b.ndim === ndim) return product(a, b);
      const found = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
      throw new ShapeError(`needs two tensors of ${ndim} dimensions, got ${found}`);
    });
}

/** Batched product [B, m, k] @ [B, k, n], without broadcasting. */
export const bmm: Product = ofRank("bmm", 3, (a, b) => {
  if (a.shape[0] === b.shape[0]) return matmul(a, b);
  throw new ShapeError(`batch sizes differ: ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
});

/** The inner product of two vectors, a 0-d tensor. */
export const dot: Product = ofRank("dot", 1, matmul);

/** The outer product a bᵀ of two vectors: [m], [n] → [m, n]. */
export const outer: Product = ofRank("outer", 1, (a, b) => matmul(a.unsqueeze(1), b.unsqueeze(0)));
