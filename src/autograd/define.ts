import { generate, type NDArray } from "../array/ndarray.ts";
import { ArgumentError, describe, UnrolledError } from "../errors.ts";
import { type ListPullback, record, Tensor } from "./tensor.ts";

/** What an op can be given: a number stands for a 0-d tensor of the other operands' dtype. */
export type TensorLike = Tensor | number;

/** What an input may hold: floats (where a gradient can flow), int32 (ids, indices), or either. */
export type InputKind = "float" | "int32" | "any";

/** An input of an example: the shape of a float tensor, or ids smaller than a bound. */
export type SampleInput = readonly number[] | { readonly ids: readonly number[]; readonly below: number };

/** Ids smaller than a bound, as the input of an example; `below(2, 3)` is a mask of shape [3]. */
export function below(bound: number, ...shape: number[]): SampleInput {
  return { ids: shape, below: bound };
}

/** One example call. */
export interface Sample<A extends readonly unknown[] = readonly unknown[]> {
  readonly inputs: readonly SampleInput[];
  readonly attrs: A;
}

/** `on([2, 3], [3])`: a call on inputs of these shapes; `on([2, 3]).with({ dim: 0 })`: and these attributes. */
export function on(
  ...inputs: SampleInput[]
): Sample<[]> & { with: <A extends readonly unknown[]>(...attrs: A) => Sample<A> } {
  return { inputs, attrs: [], with: (...attrs) => ({ inputs, attrs }) };
}

/** Where the inputs of samples lie, made from a number in [−2, 2]; there unless told otherwise. */
export type Domain = (u: number) => number;
export const positive: Domain = (u) => 0.3 + (u + 2) / 2;
export const nonzero: Domain = (u) => u + (u < 0 ? -0.3 : 0.3);

/** What is known of an op besides its computation: for gradcheck, parity of kernels and the table of ops. */
export interface OpTexts<A extends readonly unknown[]> {
  name: string;
  /** What it computes and, after a semicolon, how gradients go back: "y = x²; dx = 2x ⊙ dy". */
  formula: string;
  samples: readonly Sample<A>[];
  domain?: Domain;
  /** The tensor inputs by name, in order; attributes follow them. */
  inputs?: Readonly<Record<string, InputKind>>;
}

/**
 * For an op with one output: a function for each input, from the gradient of the output to that of the input, called
 * only where one is wanted (null: none flows there). Or one function for all inputs, where they share work.
 */
export type Pullback =
  | readonly (((dy: NDArray) => NDArray) | null)[]
  | ((dy: NDArray, needs: readonly boolean[], keep: boolean) => readonly (NDArray | null)[]);

/** All there is to know about an op. One literal, in one place. `inputs` left out: one of any kind, x. */
export interface OpSpec<I extends readonly NDArray[], A extends readonly unknown[]> extends OpTexts<A> {
  /** Returns the value and its pullback; the pullback holds exactly what it needs of the inputs. */
  forward(...args: [...I, ...A]): readonly [NDArray, Pullback | null];
}

/** The same for ops with a list of inputs or of outputs, such as `cat` and `split`. */
export interface ListOpSpec<A extends readonly unknown[]> extends OpTexts<A> {
  forward(arrays: readonly NDArray[], attrs: A): readonly [readonly NDArray[], ListPullback | null];
}

/** An op as it is called by those who do not know which one it is. */
export interface RegisteredOp extends OpTexts<readonly unknown[]> {
  call(inputs: readonly TensorLike[], attrs: readonly unknown[]): Tensor[];
}

/** Every op by name: gradcheck, golden tests and the table of ops walk it. */
export const registry: Map<string, RegisteredOp> = new Map();

/** Makes an op on tensors from its definition on arrays. */
export function defineListOp<A extends readonly unknown[]>(
  spec: ListOpSpec<A>,
): (inputs: readonly TensorLike[], attrs: A) => Tensor[] {
  const kinds = Object.entries(spec.inputs ?? {});
  const call = (given: readonly TensorLike[], attrs: A) =>
    named(spec.name, () => {
      const inputs = asTensors(given, kinds);
      const arrays = inputs.map((x) => x.value);
      const [values, pullback] = spec.forward(arrays, attrs);
      // No closure is made here: it would keep all inputs alive for as long as the graph lives.
      return record(spec.name, inputs, values, pullback);
    });
  registry.set(spec.name, { ...spec, call: call as RegisteredOp["call"] });
  return call;
}

/** An op with a fixed number of inputs and one output, called with the inputs and then the attributes. */
export type Op<I extends readonly NDArray[], A extends readonly unknown[]> = (
  ...args: [...{ [K in keyof I]: TensorLike }, ...A]
) => Tensor;

export function defineOp<I extends readonly NDArray[], A extends readonly unknown[]>(
  spec: OpSpec<I, A>,
): Op<I, A> {
  const inputs = spec.inputs ?? { x: "any" };
  const count = Object.keys(inputs).length;
  const op = defineListOp<A>({
    ...spec,
    inputs,
    forward(arrays, attrs) {
      const [y, pullback] = spec.forward(...(arrays as unknown as I), ...attrs);
      if (pullback === null) return [[y], null];
      // dy is there: a node is visited only if an output was used, and this one has no other.
      if (typeof pullback === "function") return [[y], ([dy], needs, keep) => pullback(dy!, needs, keep)];
      return [[y], ([dy], needs) => pullback.map((pull, i) => (needs[i] && pull ? pull(dy!) : null))];
    },
  });
  return (...args) => op(args.slice(0, count) as TensorLike[], args.slice(count) as unknown as A)[0];
}

/** Puts the name of an op before the message of an error from inside it, in the printed stack too. */
export function named<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof UnrolledError && !error.message.startsWith(`${name}:`)) {
      const { message, stack } = error; // the stack first: it is made when it is first read
      error.message = `${name}: ${message}`;
      error.stack = stack?.replace(message, () => error.message);
    }
    throw error;
  }
}

/** Numbers become 0-d tensors; each input must be of its kind, and all floats of one dtype. */
function asTensors(
  given: readonly TensorLike[],
  kinds: readonly [name: string, kind: InputKind][],
): Tensor[] {
  const floats = given.filter((x) => x instanceof Tensor && x.dtype !== "int32") as Tensor[];
  const dtype = floats[0]?.dtype;
  const odd = floats.find((x) => x.dtype !== dtype);
  if (odd) {
    throw new ArgumentError(`dtypes differ: ${dtype} and ${odd.dtype}; convert one with to("${dtype}")`);
  }
  // Without a float among the operands, whole numbers are taken for ids.
  const whole = given.every((x) => typeof x !== "number" || x === (x | 0));
  return given.map((x, i) => {
    const [name, kind] = kinds[i] ?? [`input ${i}`, "any"];
    if (typeof x === "number") {
      const own = dtype ?? (whole && kind !== "float" ? "int32" : "float32");
      return Object.assign(new Tensor(generate([], own, () => x)), { name: `${x}` });
    }
    if (!(x instanceof Tensor)) {
      throw new ArgumentError(`${name} must be a tensor or a number, got ${describe(x)}`);
    }
    if (kind === "any" || (kind === "int32") === (x.dtype === "int32")) return x;
    const wanted = kind === "int32" ? kind : "float32";
    throw new ArgumentError(`${name} must be ${wanted}, got ${x.dtype}; convert with to("${wanted}")`);
  });
}
