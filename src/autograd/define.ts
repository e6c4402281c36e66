import { full, type NDArray } from "../array/ndarray.ts";
import { ArgumentError, AutogradError, describe, UnrolledError } from "../errors.ts";
import { record, Tensor } from "./tensor.ts";

/** What an op can be given: a number stands for a 0-d tensor of the other operands' dtype. */
export type TensorLike = Tensor | number;

/** Gradient of the output → gradient of each input (null: none). `needs[i]` tells whether input i wants one. */
export type Pullback = (dy: NDArray, needs: readonly boolean[]) => readonly (NDArray | null)[];

/** One example call, for gradcheck, parity of kernels and the table of ops. */
export interface Sample<A extends readonly unknown[] = readonly unknown[]> {
  /** Shapes of the inputs; `{ ids, below }` stands for integer ids, `{ mask }` for zeros and ones. */
  inputs: readonly SampleInput[];
  attrs?: A;
  /** Where the inputs may lie; [−2, 2] unless told: log needs positive numbers, relu stays clear of its kink. */
  domain?: readonly [number, number];
  /** Keep |x| above this, away from a kink at 0. */
  awayFromZero?: number;
}
export type SampleInput =
  | readonly number[]
  | { ids: readonly number[]; below: number }
  | { mask: readonly number[] };

/** All there is to know about an op. One literal, in one place. */
export interface OpSpec<I extends readonly NDArray[], A extends readonly unknown[]> {
  name: string;
  /** What it computes, in one line. */
  formula: string;
  /** Its pullback in one line; empty for an op without derivative. */
  derivative: string;
  /** Number of tensor inputs that precede the attributes; "list" for one list of tensors. */
  inputs: number | "list";
  /** Returns the value and its pullback; the pullback holds exactly what it needs of the inputs. */
  forward(...args: [...I, ...A]): readonly [NDArray, Pullback | null];
  samples: readonly Sample<A>[];
}

/** Every op by name: gradcheck, golden tests and the table of ops walk it. */
export const registry: Map<string, OpSpec<readonly NDArray[], readonly unknown[]>> = new Map();

type Inputs<I extends readonly NDArray[]> = { [K in keyof I]: TensorLike };

/** Makes an op on tensors from its definition on arrays. */
export function defineOp<I extends readonly NDArray[], A extends readonly unknown[]>(
  spec: OpSpec<I, A>,
): (...args: [...Inputs<I>, ...A]) => Tensor {
  registry.set(spec.name, spec as never);
  return (...args) => {
    const count = spec.inputs as number;
    const given = args.slice(0, count) as TensorLike[];
    return apply(spec.name, given, (arrays) =>
      spec.forward(...(arrays as unknown as I), ...(args.slice(count) as unknown as A)),
    );
  };
}

/** An op with several results, such as `split`. Its pullback gets the gradient of each (null where unused). */
export function defineMultiOp<A extends readonly unknown[]>(
  spec: MultiOpSpec<A>,
): (x: Tensor, ...attrs: A) => Tensor[] {
  multiRegistry.set(spec.name, spec as never);
  return (x, ...attrs) =>
    named(spec.name, () => {
      const [values, pullback] = spec.forward(x.value, ...attrs);
      return record(spec.name, [x], values, (dys) => [pullback(dys)]);
    });
}

export interface MultiOpSpec<A extends readonly unknown[]> {
  name: string;
  formula: string;
  derivative: string;
  forward(x: NDArray, ...attrs: A): readonly [NDArray[], (dys: readonly (NDArray | null)[]) => NDArray];
  samples: readonly Sample<A>[];
}
export const multiRegistry: Map<string, MultiOpSpec<readonly unknown[]>> = new Map();

/** An op on a list of tensors, such as `cat`. */
export function defineListOp<A extends readonly unknown[]>(
  spec: Omit<OpSpec<readonly NDArray[], A>, "forward"> & {
    inputs: "list";
    forward(arrays: readonly NDArray[], ...attrs: A): readonly [NDArray, Pullback];
  },
): (tensors: readonly Tensor[], ...attrs: A) => Tensor {
  registry.set(spec.name, spec as never);
  return (tensors, ...attrs) => apply(spec.name, tensors, (arrays) => spec.forward(arrays, ...attrs));
}

function apply(
  name: string,
  given: readonly TensorLike[],
  forward: (arrays: NDArray[]) => readonly [NDArray, Pullback | null],
): Tensor {
  return named(name, () => {
    const inputs = asTensors(given);
    const [value, pullback] = forward(inputs.map((x) => x.value));
    if (pullback === null) return new Tensor(value);
    const needs = inputs.map((x) => x.requiresGrad);
    return record(name, inputs, [value], ([dy]) => (dy ? pullback(dy, needs) : inputs.map(() => null)))[0];
  });
}

/** Puts the op's name before the message of an error that does not have it yet. */
export function named<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof UnrolledError && !error.message.startsWith(`${name}:`))
      error.message = `${name}: ${error.message}`;
    throw error;
  }
}

/** Numbers become 0-d tensors; all floating inputs must share one dtype. */
function asTensors(given: readonly TensorLike[]): Tensor[] {
  const floats = given.filter((x): x is Tensor => x instanceof Tensor && x.dtype !== "int32");
  const dtype = floats[0]?.dtype ?? given.find((x) => x instanceof Tensor)?.dtype ?? "float32";
  for (const x of floats) {
    if (x.dtype !== dtype) {
      throw new ArgumentError(`dtypes differ: ${dtype} and ${x.dtype}; convert one with to("${dtype}")`);
    }
  }
  return given.map((x, i) => {
    if (x instanceof Tensor) return x;
    if (typeof x === "number") return new Tensor(full([], x, dtype));
    throw new ArgumentError(`input ${i} must be a tensor or a number, got ${describe(x)}`);
  });
}

/** @throws {AutogradError} where a differentiable op is given integers. */
export function expectFloat(x: NDArray): void {
  if (x.dtype === "int32")
    throw new AutogradError('needs float32 or float64, got int32; convert with to("float32")');
}

/** @throws {ArgumentError} unless x holds ids. */
export function expectIds(x: NDArray, what: string): void {
  if (x.dtype !== "int32")
    throw new ArgumentError(`${what} must be int32, got ${x.dtype}; convert with to("int32")`);
}
