import { broadcastShapes, broadcastTo, map, mapRows, unbroadcast, zip } from "../array/elementwise.ts";
import { allocate, NDArray, type Shape, sizeOf } from "../array/ndarray.ts";
import {
  awayFromZero,
  type Domain,
  defineOp,
  named,
  on,
  positive,
  type Sample,
  type TensorLike,
} from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import { active } from "../kernels/index.ts";
import type { FloatArray } from "../kernels/types.ts";

export type Unary = (x: TensorLike) => Tensor;
export type Binary = (a: TensorLike, b: TensorLike) => Tensor;

/** y = f(x) on whole arrays. */
type ArrayMap = (x: FloatArray, y: FloatArray) => void;

const kernel =
  (name: "exp" | "tanh" | "sigmoid"): ArrayMap =>
  (x, y) =>
    active[name](x, y);

const each =
  (f: (x: number) => number): ArrayMap =>
  (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
  };

/** dy/dx, from the input or, where that is cheaper and keeps one array less alive, from the output. */
type Slope = { of: "input" | "output"; at: (v: number) => number };
const ofInput = (at: Slope["at"]): Slope => ({ of: "input", at });
const ofOutput = (at: Slope["at"]): Slope => ({ of: "output", at });

/** y = f(x), dx = dy ⊙ slope, each in words and as a function. */
function unary(
  name: string,
  formula: string,
  f: ArrayMap,
  slopeFormula: string,
  slope: Slope,
  domain?: Domain,
): Unary {
  return defineOp<[NDArray], []>({
    name,
    formula: `y = ${formula}`,
    derivative: `dx = dy ⊙ ${slopeFormula}`,
    inputs: { x: "float" },
    forward(x) {
      const y = mapRows(x, f);
      const saved = slope.of === "input" ? x : y;
      return [y, [(dy) => zip(dy, saved, (dy, v) => dy * slope.at(v))]];
    },
    samples: [on([]), on([1]), on([3]), on([2, 3]), on([0]), on([2, 1, 2]), on([2, 0])],
    domain,
  });
}

const sigma = (x: number) => 1 / (1 + Math.exp(-x));
const logOnePlusExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const reluOf = (x: number) => Math.max(x, 0);

/** y = −x. */
export const neg: Unary = unary(
  "neg",
  "−x",
  each((x) => -x),
  "−1",
  ofOutput(() => -1),
);

/** y = |x|. The slope at 0 is taken as 0. */
export const abs: Unary = unary("abs", "|x|", each(Math.abs), "sign x", ofInput(Math.sign), awayFromZero);

/** y = eˣ. */
export const exp: Unary = unary(
  "exp",
  "eˣ",
  kernel("exp"),
  "y",
  ofOutput((y) => y),
);

/** y = ln x (nats); −∞ at 0, NaN below. */
export const log: Unary = unary(
  "log",
  "ln x",
  each(Math.log),
  "1/x",
  ofInput((x) => 1 / x),
  positive,
);

/** y = √x. */
export const sqrt: Unary = unary(
  "sqrt",
  "√x",
  each(Math.sqrt),
  "1/(2y)",
  ofOutput((y) => 0.5 / y),
  positive,
);

/** y = x². */
export const square: Unary = unary(
  "square",
  "x²",
  each((x) => x * x),
  "2x",
  ofInput((x) => 2 * x),
);

/** y = tanh x. Its slope comes from the output: the input is not kept. */
export const tanh: Unary = unary(
  "tanh",
  "tanh x",
  kernel("tanh"),
  "(1 − y²)",
  ofOutput((y) => 1 - y * y),
);

/** y = σ(x) = 1/(1 + e⁻ˣ). Its slope is at most 1/4. */
export const sigmoid: Unary = unary(
  "sigmoid",
  "σ(x)",
  kernel("sigmoid"),
  "y(1−y)",
  ofOutput((y) => y * (1 - y)),
);

/** y = max(x, 0). The slope at 0 is taken as 0; a NaN lets the gradient through, as in PyTorch. */
export const relu: Unary = unary(
  "relu",
  "max(x, 0)",
  each(reluOf),
  "[x > 0]",
  ofOutput((y) => (y <= 0 ? 0 : 1)),
  awayFromZero,
);

/** y = ln(1 + eˣ), without overflow. */
export const softplus: Unary = unary("softplus", "ln(1 + eˣ)", each(logOnePlusExp), "σ(x)", ofInput(sigma));

/** y = ln σ(x) = −softplus(−x), without overflow. */
export const logSigmoid: Unary = unary(
  "logSigmoid",
  "ln σ(x)",
  each((x) => -logOnePlusExp(-x)),
  "σ(−x)",
  ofInput((x) => sigma(-x)),
);

/** y = min(max(x, min), max). @throws {ArgumentError} if min > max. */
export const clamp: (x: TensorLike, limits: { min?: number; max?: number }) => Tensor = defineOp<
  [NDArray],
  [{ min?: number; max?: number }]
>({
  name: "clamp",
  formula: "y = min(max(x, min), max)",
  derivative: "dx = dy where min ≤ x ≤ max, else 0",
  inputs: { x: "float" },
  forward(x, { min = -Infinity, max = Infinity }) {
    if (!(min <= max)) throw new ArgumentError(`min ${min} is not ≤ max ${max}`);
    const y = map(x, (x) => (x < min ? min : x > max ? max : x));
    return [y, [(dy) => zip(dy, x, (dy, x) => (x >= min && x <= max ? dy : 0))]];
  },
  samples: [[], [1], [3], [2, 3], [0]].map((shape) => on(shape).with({ min: -0.5, max: 0.7 })),
});

const pairs: readonly Sample<[]>[] = [
  on([], []),
  on([1], [1]),
  on([3], [3]),
  on([2, 3], [3]),
  on([2, 1], [1, 3]),
  on([2, 3], []),
  on([0, 2], [2]),
  on([1], [2, 1, 2]),
];

/** A partial derivative in words and as a function of (a, b). */
type Partial = readonly [formula: string, at: (a: number, b: number) => number];

/** y = f(a, b) with numpy broadcasting; da = dy ⊙ ∂y/∂a and db = dy ⊙ ∂y/∂b, summed where they were broadcast. */
function binary(
  name: string,
  formula: string,
  f: (a: number, b: number) => number,
  [aFormula, da]: Partial,
  [bFormula, db]: Partial,
  domain?: Domain,
): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula: `y = ${formula}`,
    derivative: `da = dy ⊙ ${aFormula}, db = dy ⊙ ${bFormula}`,
    inputs: { a: "float", b: "float" },
    forward(a, b) {
      const pull = (partial: typeof f, shape: Shape) => (dy: NDArray) => {
        const share = zip(dy, zip(a, b, partial), (dy, slope) => dy * slope);
        return unbroadcast(share, shape);
      };
      return [zip(a, b, f), [pull(da, a.shape), pull(db, b.shape)]];
    },
    samples: pairs,
    domain,
  });
}

/** y = a ± b. The derivatives do not depend on a and b, so only their shapes are kept. */
function additive(name: string, symbol: string, sign: 1 | -1): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula: `y = a ${symbol} b`,
    derivative: `da = dy, db = ${symbol} dy, summed where they were broadcast`,
    inputs: { a: "float", b: "float" },
    forward(a, b) {
      const y = zip(a, b, (a, b) => a + sign * b);
      return [y, [sumTo(a.shape, 1), sumTo(b.shape, sign)]];
    },
    samples: pairs,
  });
}

const sumTo = (shape: Shape, sign: 1 | -1) => (dy: NDArray) => {
  const dx = unbroadcast(dy, shape);
  return sign === 1 ? dx : map(dx, (v) => -v);
};

/** y = max or min of a and b: all of the gradient to the one that is taken, half to each where they are equal. */
function selection(name: string, f: (a: number, b: number) => number): Binary {
  const share = (own: number, other: number) => (own === other ? 0.5 : f(own, other) === own ? 1 : 0);
  return binary(name, `${name} of a and b`, f, ["[a taken]", share], ["[b taken]", (a, b) => share(b, a)]);
}

/** y = a + b, with numpy broadcasting, as all binary ops. */
export const add: Binary = additive("add", "+", 1);

/** y = a − b. */
export const sub: Binary = additive("sub", "−", -1);

/** y = a ⊙ b. */
export const mul: Binary = binary("mul", "a ⊙ b", (a, b) => a * b, ["b", (_, b) => b], ["a", (a) => a]);

/** y = a / b. */
export const div: Binary = binary(
  "div",
  "a / b",
  (a, b) => a / b,
  ["1 / b", (_, b) => 1 / b],
  ["(−a / b²)", (a, b) => -a / (b * b)],
  awayFromZero,
);

/** y = aᵇ. The slope in b is taken as 0 where a = 0. */
export const pow: Binary = binary(
  "pow",
  "a^b",
  (a, b) => a ** b,
  ["b a^(b−1)", (a, b) => (b === 0 ? 0 : b * a ** (b - 1))],
  ["y ln a", (a, b) => (a === 0 && b >= 0 ? 0 : a ** b * Math.log(a))],
  positive,
);

/** y = max(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const maximum: Binary = selection("maximum", Math.max);

/** y = min(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const minimum: Binary = selection("minimum", Math.min);

function comparison(name: string, symbol: string, f: (a: number, b: number) => boolean): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula: `y = 1 where a ${symbol} b, else 0 (int32)`,
    derivative: "",
    inputs: { a: "any", b: "any" },
    forward: (a, b) => [zip(a, b, (a, b) => (f(a, b) ? 1 : 0), "int32"), null],
    samples: pairs,
  });
}

/** Comparisons give an int32 mask of zeros and ones, without gradient. */
export const gt: Binary = comparison("gt", ">", (a, b) => a > b);
export const ge: Binary = comparison("ge", "≥", (a, b) => a >= b);
export const lt: Binary = comparison("lt", "<", (a, b) => a < b);
export const le: Binary = comparison("le", "≤", (a, b) => a <= b);
export const eq: Binary = comparison("eq", "=", (a, b) => a === b);
export const ne: Binary = comparison("ne", "≠", (a, b) => a !== b);

/** A sample mask: ids below 2. */
const mask = (ids: Shape) => ({ ids, below: 2 });

/** y = a where the mask is not 0, else b; all three broadcast. a and b may both be int32: then there is no gradient. */
export const where: (mask: TensorLike, a: TensorLike, b: TensorLike) => Tensor = defineOp<
  [NDArray, NDArray, NDArray],
  []
>({
  name: "where",
  formula: "y = a where mask ≠ 0, else b",
  derivative: "da = dy where mask ≠ 0, db = dy where mask = 0",
  inputs: { mask: "any", a: "any", b: "any" },
  forward(mask, a, b) {
    if (a.dtype !== b.dtype) throw new ArgumentError(`dtypes differ: ${a.dtype} and ${b.dtype}`);
    const shape = broadcastShapes(mask.shape, broadcastShapes(a.shape, b.shape));
    const m = broadcastTo(mask, shape).flat();
    const x = broadcastTo(a, shape).flat();
    const y = broadcastTo(b, shape).flat();
    const out = allocate(a.dtype, sizeOf(shape));
    for (let i = 0; i < out.length; i++) out[i] = m[i] !== 0 ? x[i] : y[i];
    return [new NDArray(out, shape), [null, routed(mask, true, a.shape), routed(mask, false, b.shape)]];
  },
  samples: [
    on(mask([2, 3]), [2, 3], [2, 3]),
    on(mask([3]), [2, 3], []),
    on(mask([2, 1]), [3], [1]),
    on(mask([]), [2], [2]),
    on(mask([]), [], []),
    on(mask([0]), [0], [1]),
  ],
});

/** The gradient where the mask says so, else 0. */
const routed = (mask: NDArray, side: boolean, shape: Shape) => (dy: NDArray) => {
  const share = zip(dy, mask, (dy, m) => ((m !== 0) === side ? dy : 0));
  return unbroadcast(share, shape);
};

/** y = value where the mask is not 0, else x. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  return named("maskedFill", () => where(mask, value, x));
}
