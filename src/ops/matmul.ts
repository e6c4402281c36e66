import { unbroadcast, zip } from "../array/elementwise.ts";
import { matmul as product } from "../array/matmul.ts";
import { type NDArray, sizeOf } from "../array/ndarray.ts";
import { reshape, transpose } from "../array/shape.ts";
import { defineOp, expectFloat } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { formatShape, ShapeError } from "../errors.ts";

const flip = (x: NDArray) => transpose(x, -2, -1);
/** All leading dimensions as one: [..., k] → [N, k]. */
const asRows = (x: NDArray) => reshape(x, [-1, x.shape[x.ndim - 1]]);

/**
 * The matrix product Y = A B: [m, k] @ [k, n] → [m, n]. Vectors are promoted and leading dimensions broadcast as
 * in PyTorch.
 */
export const matmul: (a: Tensor, b: Tensor) => Tensor = defineOp<[NDArray, NDArray], []>({
  name: "matmul",
  formula: "Y = A B",
  derivative: "dA = dY Bᵀ, dB = Aᵀ dY (summed over broadcast batches)",
  inputs: 2,
  forward(a, b) {
    expectFloat(a);
    expectFloat(b);
    return [
      product(a, b),
      (dy, needs) => {
        // Vectors as matrices: a row on the left, a column on the right.
        const A = a.ndim === 1 ? reshape(a, [1, -1]) : a;
        const B = b.ndim === 1 ? reshape(b, [-1, 1]) : b;
        const lead = dy.shape.slice(0, dy.ndim - (a.ndim === 1 ? 0 : 1) - (b.ndim === 1 ? 0 : 1));
        const dY = reshape(dy, [...lead, A.shape[A.ndim - 2], B.shape[B.ndim - 1]]);
        const da = needs[0] ? reshape(unbroadcast(product(dY, flip(B)), A.shape), a.shape) : null;
        // One matrix used by a whole batch: its gradient is one product over all rows, not a sum of many.
        const shared = B.ndim === 2 && A.ndim > 2 && A.size > 0;
        const dB = !needs[1] ? null : shared ? product(flip(asRows(A)), asRows(dY)) : product(flip(A), dY);
        return [da, dB && reshape(unbroadcast(dB, B.shape), b.shape)];
      },
    ];
  },
  samples: [
    [
      [2, 3],
      [3, 4],
    ],
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [
      [2, 2, 3],
      [3, 2],
    ],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    [
      [2, 3],
      [2, 3, 2],
    ],
    [
      [0, 3],
      [3, 2],
    ],
    [
      [2, 0],
      [0, 2],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [[3], [2, 3, 2]],
  ].map((inputs) => ({ inputs })),
});

/** Y = X Wᵀ + b for X [..., in], W [out, in], b [out] or none; Y [..., out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return bias ? linearWithBias(x, weight, bias) : linearWithoutBias(x, weight);
}

function forwardLinear(x: NDArray, weight: NDArray): NDArray {
  expectFloat(x);
  expectFloat(weight);
  if (x.ndim === 0 || weight.ndim !== 2 || x.shape[x.ndim - 1] !== weight.shape[1]) {
    throw new ShapeError(
      `input ${formatShape(x.shape)} does not fit weight ${formatShape(weight.shape)}: the input's last size must be ${weight.shape[1]}`,
    );
  }
  const [out] = weight.shape;
  const lead = x.shape.slice(0, -1);
  return reshape(product(reshape(x, [sizeOf(lead), weight.shape[1]]), flip(weight)), [...lead, out]);
}

const linearWithBias = defineOp<[NDArray, NDArray, NDArray], []>({
  name: "linear",
  formula: "Y = X Wᵀ + b",
  derivative: "dX = dY W, dW = dYᵀ X, db = Σ dY",
  inputs: 3,
  forward(x, weight, bias) {
    const y = forwardLinear(x, weight);
    if (bias.ndim !== 1 || bias.shape[0] !== weight.shape[0]) {
      throw new ShapeError(
        `bias ${formatShape(bias.shape)} does not fit weight ${formatShape(weight.shape)}`,
      );
    }
    const biasShape = bias.shape;
    return [
      zip(y, bias, (y, b) => y + b),
      (dy, needs) => [...pullLinear(x, weight, dy, needs), needs[2] ? unbroadcast(dy, biasShape) : null],
    ];
  },
  samples: [[[2, 3]], [[3]], [[2, 2, 3]], [[0, 3]]].map(([x]) => ({ inputs: [x, [4, 3], [4]] })),
});

const linearWithoutBias = defineOp<[NDArray, NDArray], []>({
  name: "linearNoBias",
  formula: "Y = X Wᵀ",
  derivative: "dX = dY W, dW = dYᵀ X",
  inputs: 2,
  forward: (x, weight) => [forwardLinear(x, weight), (dy, needs) => pullLinear(x, weight, dy, needs)],
  samples: [[[2, 3]], [[3]], [[2, 2, 3]], [[0, 3]]].map(([x]) => ({ inputs: [x, [4, 3]] })),
});

function pullLinear(x: NDArray, weight: NDArray, dy: NDArray, needs: readonly boolean[]): (NDArray | null)[] {
  const [out, inner] = weight.shape;
  const rows = sizeOf(x.shape.slice(0, -1));
  const dY = reshape(dy, [rows, out]);
  return [
    needs[0] ? reshape(product(dY, weight), x.shape) : null,
    needs[1] ? product(flip(dY), reshape(x, [rows, inner])) : null,
  ];
}

/** Batched product [B, m, k] @ [B, k, n], without broadcasting. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 3 || b.ndim !== 3 || a.shape[0] !== b.shape[0]) {
    throw new ShapeError(
      `bmm: needs [B,m,k] and [B,k,n], got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  return matmul(a, b);
}

/** The inner product of two vectors, a 0-d tensor. */
export function dot(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 1 || b.ndim !== 1) {
    throw new ShapeError(`dot: needs two vectors, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  }
  return matmul(a, b);
}

/** The outer product a bᵀ of two vectors: [m], [n] → [m, n]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 1 || b.ndim !== 1) {
    throw new ShapeError(`outer: needs two vectors, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  }
  return matmul(a.reshape([-1, 1]), b.reshape([1, -1]));
}
