import { broadcastShapes, broadcastTo, map, mapKernel, unbroadcast, zip } from "../array/elementwise.ts";
import { allocate, NDArray, sizeOf } from "../array/ndarray.ts";
import { defineOp, expectFloat, type Sample, type TensorLike } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import { active } from "../kernels/index.ts";
import type { FloatArray } from "../kernels/types.ts";

export type Unary = (x: TensorLike) => Tensor;
export type Binary = (a: TensorLike, b: TensorLike) => Tensor;

const unaryShapes = [[], [1], [3], [2, 3], [0], [2, 1, 2], [2, 0]];
const binaryShapes = [
  [[], []],
  [[3], [3]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[2, 3], []],
  [[0, 2], [2]],
  [[1], [2, 1, 2]],
];

interface UnarySpec {
  name: string;
  formula: string;
  derivative: string;
  f: (x: number) => number;
  /** A whole-array kernel that computes the same as `f`. */
  kernel?: (x: FloatArray, y: FloatArray) => void;
  /** dy/dx, from the input or, where that is cheaper and keeps one array less alive, from the output. */
  slope: { ofInput: (x: number) => number } | { ofOutput: (y: number) => number };
  sample?: Omit<Sample, "inputs">;
}

function unary({ f, kernel, slope, sample, ...texts }: UnarySpec): Unary {
  return defineOp<[NDArray], []>({
    ...texts,
    inputs: 1,
    forward(x) {
      expectFloat(x);
      const y = kernel ? mapKernel(x, kernel) : map(x, f);
      const saved = "ofInput" in slope ? x : y;
      const d = "ofInput" in slope ? slope.ofInput : slope.ofOutput;
      return [y, (dy) => [zip(dy, saved, (dy, v) => dy * d(v))]];
    },
    samples: unaryShapes.map((shape) => ({ inputs: [shape], ...sample }) as Sample<[]>),
  });
}

/** y = −x. */
export const neg: Unary = unary({
  name: "neg",
  formula: "y = −x",
  derivative: "dx = −dy",
  f: (x) => -x,
  slope: { ofInput: () => -1 },
});

/** y = |x|. The slope at 0 is taken as 0. */
export const abs: Unary = unary({
  name: "abs",
  formula: "y = |x|",
  derivative: "dx = dy ⊙ sign(x), 0 at x = 0",
  f: Math.abs,
  slope: { ofInput: Math.sign },
  sample: { awayFromZero: 0.1 },
});

/** y = eˣ. */
export const exp: Unary = unary({
  name: "exp",
  formula: "y = exp x",
  derivative: "dx = dy ⊙ y",
  f: Math.exp,
  kernel: active.exp,
  slope: { ofOutput: (y) => y },
});

/** y = ln x (nats); −∞ at 0, NaN below. */
export const log: Unary = unary({
  name: "log",
  formula: "y = ln x",
  derivative: "dx = dy / x",
  f: Math.log,
  slope: { ofInput: (x) => 1 / x },
  sample: { domain: [0.3, 3] },
});

/** y = √x. */
export const sqrt: Unary = unary({
  name: "sqrt",
  formula: "y = √x",
  derivative: "dx = dy / (2y)",
  f: Math.sqrt,
  slope: { ofOutput: (y) => 0.5 / y },
  sample: { domain: [0.3, 3] },
});

/** y = x². */
export const square: Unary = unary({
  name: "square",
  formula: "y = x²",
  derivative: "dx = 2x ⊙ dy",
  f: (x) => x * x,
  slope: { ofInput: (x) => 2 * x },
});

/** y = tanh x, from the saved output: the input is not kept. */
export const tanh: Unary = unary({
  name: "tanh",
  formula: "y = tanh x",
  derivative: "dx = dy ⊙ (1 − y²)",
  f: Math.tanh,
  kernel: active.tanh,
  slope: { ofOutput: (y) => 1 - y * y },
});

/** y = σ(x) = 1/(1 + e⁻ˣ). Its slope is at most 1/4. */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  formula: "y = 1/(1 + exp(−x))",
  derivative: "dx = dy ⊙ y(1 − y)",
  f: (x) => 1 / (1 + Math.exp(-x)),
  kernel: active.sigmoid,
  slope: { ofOutput: (y) => y * (1 - y) },
});

/** y = max(x, 0). The slope at 0 is taken as 0. */
export const relu: Unary = unary({
  name: "relu",
  formula: "y = max(x, 0)",
  derivative: "dx = dy where x > 0, else 0",
  f: (x) => Math.max(x, 0),
  slope: { ofOutput: (y) => (y <= 0 ? 0 : 1) }, // a NaN lets the gradient through, as in PyTorch
  sample: { awayFromZero: 0.1 },
});

/** y = ln(1 + eˣ), without overflow. */
export const softplus: Unary = unary({
  name: "softplus",
  formula: "y = ln(1 + exp x)",
  derivative: "dx = dy ⊙ σ(x)",
  f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  slope: { ofInput: (x) => 1 / (1 + Math.exp(-x)) },
});

/** y = ln σ(x) = −softplus(−x), without overflow. */
export const logSigmoid: Unary = unary({
  name: "logSigmoid",
  formula: "y = ln σ(x)",
  derivative: "dx = dy ⊙ σ(−x)",
  f: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  slope: { ofInput: (x) => 1 / (1 + Math.exp(x)) },
});

/** y = min(max(x, min), max). @throws {ArgumentError} if min > max. */
export const clamp: (x: TensorLike, limits: { min?: number; max?: number }) => Tensor = defineOp<
  [NDArray],
  [{ min?: number; max?: number }]
>({
  name: "clamp",
  formula: "y = min(max(x, min), max)",
  derivative: "dx = dy where min ≤ x ≤ max, else 0",
  inputs: 1,
  forward(x, { min = -Infinity, max = Infinity }) {
    expectFloat(x);
    if (!(min <= max)) throw new ArgumentError(`min ${min} is not ≤ max ${max}`);
    const y = map(x, (x) => (x < min ? min : x > max ? max : x));
    return [y, (dy) => [zip(dy, x, (dy, x) => (x >= min && x <= max ? dy : 0))]];
  },
  samples: [[], [3], [2, 3], [0]].map((shape) => ({ inputs: [shape], attrs: [{ min: -0.5, max: 0.7 }] })),
});

interface BinarySpec {
  name: string;
  formula: string;
  derivative: string;
  f: (a: number, b: number) => number;
  /** ∂y/∂a and ∂y/∂b at (a, b). */
  da: (a: number, b: number) => number;
  db: (a: number, b: number) => number;
  /** The partial derivatives do not depend on a and b: nothing needs saving. */
  linear?: boolean;
  sample?: Omit<Sample, "inputs">;
}

function binary({ f, da, db, linear = false, sample, ...texts }: BinarySpec): Binary {
  const toShape = (dy: NDArray, shape: readonly number[], slope: () => NDArray) =>
    unbroadcast(
      zip(dy, slope(), (dy, s) => dy * s),
      shape,
    );
  return defineOp<[NDArray, NDArray], []>({
    ...texts,
    inputs: 2,
    forward(a, b) {
      expectFloat(a);
      expectFloat(b);
      const y = zip(a, b, f);
      const [aShape, bShape] = [a.shape, b.shape];
      if (linear) {
        const scaled = (dy: NDArray, by: number, shape: readonly number[]) => {
          const dx = unbroadcast(dy, shape);
          return by === 1 ? dx : map(dx, (v) => by * v);
        };
        return [
          y,
          (dy, needs) => [
            needs[0] ? scaled(dy, da(0, 0), aShape) : null,
            needs[1] ? scaled(dy, db(0, 0), bShape) : null,
          ],
        ];
      }
      return [
        y,
        (dy, needs) => [
          needs[0] ? toShape(dy, aShape, () => zip(a, b, da)) : null,
          needs[1] ? toShape(dy, bShape, () => zip(a, b, db)) : null,
        ],
      ];
    },
    samples: binaryShapes.map((inputs) => ({ inputs, ...sample }) as Sample<[]>),
  });
}

/** y = a + b, with numpy broadcasting, as all binary ops. */
export const add: Binary = binary({
  name: "add",
  formula: "y = a + b",
  derivative: "da = dy, db = dy (summed where broadcast)",
  f: (a, b) => a + b,
  da: () => 1,
  db: () => 1,
  linear: true,
});

/** y = a − b. */
export const sub: Binary = binary({
  name: "sub",
  formula: "y = a − b",
  derivative: "da = dy, db = −dy",
  f: (a, b) => a - b,
  da: () => 1,
  db: () => -1,
  linear: true,
});

/** y = a ⊙ b. */
export const mul: Binary = binary({
  name: "mul",
  formula: "y = a ⊙ b",
  derivative: "da = dy ⊙ b, db = dy ⊙ a",
  f: (a, b) => a * b,
  da: (_a, b) => b,
  db: (a) => a,
});

/** y = a / b. */
export const div: Binary = binary({
  name: "div",
  formula: "y = a / b",
  derivative: "da = dy / b, db = −dy ⊙ a / b²",
  f: (a, b) => a / b,
  da: (_a, b) => 1 / b,
  db: (a, b) => -a / (b * b),
  sample: { awayFromZero: 0.4 },
});

/** y = aᵇ. */
export const pow: Binary = binary({
  name: "pow",
  formula: "y = a^b",
  derivative: "da = dy ⊙ b a^(b−1), db = dy ⊙ y ln a (0 where a = 0)",
  f: (a, b) => a ** b,
  da: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
  db: (a, b) => (a === 0 && b >= 0 ? 0 : a ** b * Math.log(a)),
  sample: { domain: [0.3, 2] },
});

/** y = max(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const maximum: Binary = binary({
  name: "maximum",
  formula: "y = max(a, b)",
  derivative: "dy to the larger, half to each where equal",
  f: Math.max,
  da: (a, b) => (a > b ? 1 : a === b ? 0.5 : 0),
  db: (a, b) => (b > a ? 1 : a === b ? 0.5 : 0),
});

/** y = min(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const minimum: Binary = binary({
  name: "minimum",
  formula: "y = min(a, b)",
  derivative: "dy to the smaller, half to each where equal",
  f: Math.min,
  da: (a, b) => (a < b ? 1 : a === b ? 0.5 : 0),
  db: (a, b) => (b < a ? 1 : a === b ? 0.5 : 0),
});

function comparison(name: string, symbol: string, f: (a: number, b: number) => boolean): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula: `y = 1 where a ${symbol} b, else 0 (int32)`,
    derivative: "",
    inputs: 2,
    forward: (a, b) => [zip(a, b, (a, b) => (f(a, b) ? 1 : 0), "int32"), null],
    samples: binaryShapes.map((inputs) => ({ inputs })),
  });
}

/** Comparisons give an int32 mask of zeros and ones, without gradient. */
export const gt: Binary = comparison("gt", ">", (a, b) => a > b);
export const ge: Binary = comparison("ge", "≥", (a, b) => a >= b);
export const lt: Binary = comparison("lt", "<", (a, b) => a < b);
export const le: Binary = comparison("le", "≤", (a, b) => a <= b);
export const eq: Binary = comparison("eq", "=", (a, b) => a === b);
export const ne: Binary = comparison("ne", "≠", (a, b) => a !== b);

/** y = a where the mask is not 0, else b; all three broadcast. */
export const where: (mask: TensorLike, a: TensorLike, b: TensorLike) => Tensor = defineOp<
  [NDArray, NDArray, NDArray],
  []
>({
  name: "where",
  formula: "y = a where mask ≠ 0, else b",
  derivative: "da = dy where mask ≠ 0, db = dy where mask = 0",
  inputs: 3,
  forward(mask, a, b) {
    expectFloat(a);
    expectFloat(b);
    const shape = broadcastShapes(mask.shape, broadcastShapes(a.shape, b.shape));
    const [m, x, y] = [mask, a, b].map((v) => broadcastTo(v, shape).flat());
    const out = allocate(a.dtype, sizeOf(shape));
    for (let i = 0; i < out.length; i++) out[i] = m[i] !== 0 ? x[i] : y[i];
    const [aShape, bShape] = [a.shape, b.shape];
    return [
      new NDArray(out, shape),
      (dy, needs) => [
        null,
        needs[1]
          ? unbroadcast(
              zip(dy, mask, (dy, m) => (m !== 0 ? dy : 0)),
              aShape,
            )
          : null,
        needs[2]
          ? unbroadcast(
              zip(dy, mask, (dy, m) => (m !== 0 ? 0 : dy)),
              bShape,
            )
          : null,
      ],
    ];
  },
  samples: [
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[3], [2, 3], []],
    [[2, 1], [3], [1]],
    [[], [2], [2]],
    [[0], [0], [1]],
  ].map(([mask, a, b]) => ({ inputs: [{ mask }, a, b] })),
});

/** y = value where the mask is not 0, else x. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  return where(mask, value, x);
}
