import { broadcastShapes, broadcastTo, map, mapRows, unbroadcast, zip } from "../array/elementwise.ts";
import { allocate, NDArray, type Shape, sizeOf } from "../array/ndarray.ts";
import type { Domain, Sample, TensorLike } from "../autograd/define.ts";
import { below, defineOp, named, nonzero, on, positive } from "../autograd/define.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import { active } from "../kernels/index.ts";

/** An op of each element. */
export type Unary = (x: TensorLike) => Tensor;
/** An op of two tensors, broadcast against each other. */
export type Binary = (a: TensorLike, b: TensorLike) => Tensor;

interface UnaryRule {
  f: (x: number) => number;
  /** A kernel that computes f on whole arrays. */
  kernel?: "exp" | "tanh" | "sigmoid";
  /** dy/dx from the input; or from the output, where that is cheaper and keeps one array less alive. */
  ofInput?: (x: number) => number;
  ofOutput?: (y: number) => number;
  domain?: Domain;
}

function unary(name: string, formula: string, rule: UnaryRule): Unary {
  const { f, kernel, ofInput, ofOutput, domain } = rule;
  const slope = ofInput ?? ofOutput!;
  return defineOp<[NDArray], []>({
    name,
    formula,
    inputs: { x: "float" },
    forward(x) {
      const y = kernel ? mapRows(x, (x, y) => active[kernel](x, y)) : map(x, f);
      const saved = ofInput ? x : y;
      return [y, [(dy) => zip(dy, saved, (dy, v) => dy * slope(v))]];
    },
    samples: [on([]), on([1]), on([2, 3]), on([0]), on([2, 1, 2])],
    domain,
  });
}

/** y = −x. */
export const neg: Unary = unary("neg", "y = −x; dx = −dy", { f: (x) => -x, ofOutput: () => -1 });

/** y = |x|. The slope at 0 is taken as 0. */
export const abs: Unary = unary("abs", "y = |x|; dx = sign(x) ⊙ dy", {
  f: Math.abs,
  ofInput: Math.sign,
  domain: nonzero,
});

/** y = eˣ. */
export const exp: Unary = unary("exp", "y = eˣ; dx = y ⊙ dy", {
  f: Math.exp,
  kernel: "exp",
  ofOutput: (y) => y,
});

/** y = ln x (nats); −∞ at 0, NaN below. */
export const log: Unary = unary("log", "y = ln x; dx = dy / x", {
  f: Math.log,
  ofInput: (x) => 1 / x,
  domain: positive,
});

/** y = √x. */
export const sqrt: Unary = unary("sqrt", "y = √x; dx = dy / 2y", {
  f: Math.sqrt,
  ofOutput: (y) => 0.5 / y,
  domain: positive,
});

/** y = x². */
export const square: Unary = unary("square", "y = x²; dx = 2x ⊙ dy", {
  f: (x) => x * x,
  ofInput: (x) => 2 * x,
});

/** y = tanh x. Its slope comes from the output: the input is not kept. */
export const tanh: Unary = unary("tanh", "y = tanh x; dx = (1 − y²) ⊙ dy", {
  f: Math.tanh,
  kernel: "tanh",
  ofOutput: (y) => 1 - y * y,
});

const sigma = (x: number) => 1 / (1 + Math.exp(-x));

/** y = σ(x) = 1/(1 + e⁻ˣ). Its slope is at most 1/4. */
export const sigmoid: Unary = unary("sigmoid", "y = 1/(1 + e⁻ˣ); dx = y(1 − y) ⊙ dy", {
  f: sigma,
  kernel: "sigmoid",
  ofOutput: (y) => y * (1 - y),
});

/** y = max(x, 0). The slope at 0 is taken as 0; a NaN lets the gradient through, as in PyTorch. */
export const relu: Unary = unary("relu", "y = max(x, 0); dx = dy where x > 0, else 0", {
  f: (x) => Math.max(x, 0),
  ofOutput: (y) => (y <= 0 ? 0 : 1),
  domain: nonzero,
});

const logOnePlusExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** y = ln(1 + eˣ), without overflow. */
export const softplus: Unary = unary("softplus", "y = ln(1 + eˣ); dx = σ(x) ⊙ dy", {
  f: logOnePlusExp,
  ofInput: sigma,
});

/** y = ln σ(x) = −softplus(−x), without overflow. */
export const logSigmoid: Unary = unary("logSigmoid", "y = ln σ(x); dx = σ(−x) ⊙ dy", {
  f: (x) => -logOnePlusExp(-x),
  ofInput: (x) => sigma(-x),
});

type Limits = { min?: number; max?: number };

/** y = min(max(x, min), max). @throws {ArgumentError} if min > max. */
export const clamp: (x: TensorLike, limits: Limits) => Tensor = defineOp<[NDArray], [Limits]>({
  name: "clamp",
  formula: "y = min(max(x, min), max); dx = dy where min ≤ x ≤ max, else 0",
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
  on([2, 3], [2, 3]),
  on([2, 1], [1, 3]),
  on([2, 3], []),
  on([0, 2], [2]),
  on([1], [2, 1, 2]),
];

type Pairwise = (a: number, b: number) => number;

interface BinaryRule {
  f: Pairwise;
  /** ∂y/∂a and ∂y/∂b at (a, b), or a constant: then neither a nor b is kept alive. */
  da: Pairwise | number;
  db: Pairwise | number;
  domain?: Domain;
}

/** y = f(a, b) with numpy broadcasting; gradients are summed where an operand was broadcast. */
function binary(name: string, formula: string, { f, da, db, domain }: BinaryRule): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula,
    inputs: { a: "float", b: "float" },
    forward(a, b) {
      const pull = (slope: Pairwise | number, { shape }: NDArray) =>
        typeof slope === "number" ? scaledTo(shape, slope) : slopeTo(shape, slope, a, b);
      return [zip(a, b, f), [pull(da, a), pull(db, b)]];
    },
    samples: pairs,
    domain,
  });
}

// The pullbacks are made out here, where they hold their own arguments and nothing else.
const scaledTo = (shape: Shape, factor: number) => (dy: NDArray) => {
  const dx = unbroadcast(dy, shape);
  return factor === 1 ? dx : map(dx, (v) => v * factor);
};

const slopeTo = (shape: Shape, slope: Pairwise, a: NDArray, b: NDArray) => (dy: NDArray) => {
  const share = zip(dy, zip(a, b, slope), (dy, slope) => dy * slope);
  return unbroadcast(share, shape);
};

/** y = a + b, with numpy broadcasting, as all binary ops. */
export const add: Binary = binary("add", "y = a + b; da = dy, db = dy", { f: (a, b) => a + b, da: 1, db: 1 });

/** y = a − b. */
export const sub: Binary = binary("sub", "y = a − b; da = dy, db = −dy", {
  f: (a, b) => a - b,
  da: 1,
  db: -1,
});

/** y = a ⊙ b. */
export const mul: Binary = binary("mul", "y = a ⊙ b; da = b ⊙ dy, db = a ⊙ dy", {
  f: (a, b) => a * b,
  da: (_, b) => b,
  db: (a) => a,
});

/** y = a / b. */
export const div: Binary = binary("div", "y = a / b; da = dy / b, db = −(a / b²) ⊙ dy", {
  f: (a, b) => a / b,
  da: (_, b) => 1 / b,
  db: (a, b) => -a / (b * b),
  domain: nonzero,
});

/** y = aᵇ. The slope in b is taken as 0 where a = 0. */
export const pow: Binary = binary("pow", "y = aᵇ; da = b aᵇ⁻¹ ⊙ dy, db = y ln a ⊙ dy", {
  f: (a, b) => a ** b,
  da: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
  db: (a, b) => (a === 0 && b >= 0 ? 0 : a ** b * Math.log(a)),
  domain: positive,
});

function extremum(name: string, f: Pairwise): Binary {
  const share = (own: number, other: number) => (own === other ? 0.5 : f(own, other) === own ? 1 : 0);
  const formula = `y = ${name}(a, b); dy to the one that is taken, half to each where they are equal`;
  return binary(name, formula, { f, da: share, db: (a, b) => share(b, a) });
}

/** y = max(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const maximum: Binary = extremum("maximum", Math.max);

/** y = min(a, b); NaN if either is. Where a = b each gets half of the gradient. */
export const minimum: Binary = extremum("minimum", Math.min);

function comparison(name: string, symbol: string, f: (a: number, b: number) => boolean): Binary {
  return defineOp<[NDArray, NDArray], []>({
    name,
    formula: `y = 1 where a ${symbol} b, else 0 (int32)`,
    inputs: { a: "any", b: "any" },
    forward: (a, b) => [zip(a, b, (a, b) => (f(a, b) ? 1 : 0), "int32"), null],
    samples: pairs,
  });
}

/** Comparisons give an int32 mask of zeros and ones, without gradient. */
export const gt: Binary = comparison("gt", ">", (a, b) => a > b);
/** 1 where a ≥ b, else 0; not differentiable. */
export const ge: Binary = comparison("ge", "≥", (a, b) => a >= b);
/** 1 where a < b, else 0; not differentiable. */
export const lt: Binary = comparison("lt", "<", (a, b) => a < b);
/** 1 where a ≤ b, else 0; not differentiable. */
export const le: Binary = comparison("le", "≤", (a, b) => a <= b);
/** 1 where a = b, else 0; not differentiable. */
export const eq: Binary = comparison("eq", "=", (a, b) => a === b);
/** 1 where a ≠ b, else 0; not differentiable. */
export const ne: Binary = comparison("ne", "≠", (a, b) => a !== b);

/** y = a where the mask is not 0, else b; all three broadcast. a and b may both be int32: then there is no gradient. */
export const where: (mask: TensorLike, a: TensorLike, b: TensorLike) => Tensor = defineOp<
  [NDArray, NDArray, NDArray],
  []
>({
  name: "where",
  formula: "y = a where mask ≠ 0, else b; da = dy where mask ≠ 0, db = dy where mask = 0",
  inputs: { mask: "any", a: "any", b: "any" },
  forward(mask, a, b) {
    if (a.dtype !== b.dtype) throw new ArgumentError(`dtypes differ: ${a.dtype} and ${b.dtype}`);
    const shape = broadcastShapes(mask.shape, broadcastShapes(a.shape, b.shape));
    const [m, x, y] = [mask, a, b].map((v) => broadcastTo(v, shape).flat());
    const out = allocate(a.dtype, sizeOf(shape));
    for (let i = 0; i < out.length; i++) out[i] = m[i] !== 0 ? x[i] : y[i];
    return [new NDArray(out, shape), [null, routed(mask, true, a.shape), routed(mask, false, b.shape)]];
  },
  samples: [
    on(below(2, 2, 3), [2, 3], [3]),
    on(below(2, 2, 1), [3], [1]),
    on(below(2), [], []),
    on(below(2, 0), [0], [1]),
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
