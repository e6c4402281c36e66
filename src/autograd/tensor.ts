import { zip } from "../array/elementwise.ts";
import { formatArray } from "../array/format.ts";
import type { DType, Nested, Shape, TypedArray } from "../array/ndarray.ts";
import { generate, NDArray, toNested } from "../array/ndarray.ts";
import { AutogradError, expectShape, formatShape, ShapeError } from "../errors.ts";
import { backward, type Edge, type Node } from "./graph.ts";
import type { TensorMethods } from "./methods.ts";
import { isGradEnabled } from "./mode.ts";

/** How a tensor is made of an array. */
export interface TensorOptions {
  /** Collect a gradient in `grad`. Only for float32 and float64. */
  requiresGrad?: boolean;
}

/** How a backward pass runs. */
export interface BackwardOptions {
  /** Keep the graph for another backward(). */
  retainGraph?: boolean;
  /** Refused: the library has no second derivatives. */
  createGraph?: boolean;
}

// The ops add their methods to this class (see ops/methods.ts): `x.matmul(W)` is `ops.matmul(x, W)`.
export interface Tensor extends TensorMethods {}

/**
 * An n-dimensional array that remembers how it was computed.
 * Its elements are never changed by an op; only optimizers and `loadStateDict` write into parameters.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are assigned when ops/methods.ts loads
export class Tensor {
  /** The elements, shape and strides. */
  readonly value: NDArray;
  /** A name for messages, drawings and tables. */
  name: string = "";
  /** True for tensors that were made, not computed: parameters and inputs. */
  readonly isLeaf: boolean;
  #edge: Edge<NDArray> | null;
  #grad: Tensor | null = null;
  #version = 0;

  constructor(value: NDArray, options: TensorOptions = {}, edge: Edge<NDArray> | null = null) {
    this.value = value;
    this.isLeaf = edge === null;
    this.#edge = edge;
    if (options.requiresGrad) this.requiresGrad = true;
  }

  get shape(): Shape {
    return this.value.shape;
  }
  get dtype(): DType {
    return this.value.dtype;
  }
  get ndim(): number {
    return this.value.ndim;
  }
  get size(): number {
    return this.value.size;
  }
  /** The elements in row-major order. A window on the tensor's own memory where it is contiguous, else a copy. */
  get data(): TypedArray {
    return this.value.flat();
  }
  /** The op that computed this tensor, and which of its outputs this is; null where no gradient is wanted. */
  get edge(): Edge<NDArray> | null {
    return this.#edge;
  }
  /** How often `changeData` has been called. */
  get version(): number {
    return this.#version;
  }

  /** ∂L/∂this after `backward()`; null before, and after `zeroGrad()`. */
  get grad(): Tensor | null {
    this.#grad?.value.settle?.(); // whoever has seen it may keep it
    return this.#grad;
  }
  set grad(value: Tensor | null) {
    if (value !== this.#grad) this.#grad?.value.release?.();
    this.#grad = value;
  }
  /** The elements of `grad` for optimizers: they may still lie where they were computed. Not to be kept. */
  get gradient(): NDArray | null {
    return this.#grad?.value ?? null;
  }

  get requiresGrad(): boolean {
    return this.#edge !== null;
  }

  /** @throws {AutogradError} for an int32 tensor, or for a computed one (use `detach()`). */
  set requiresGrad(value: boolean) {
    if (value === this.requiresGrad) return;
    if (!this.isLeaf) throw new AutogradError("requiresGrad: only a leaf can change it; use detach()");
    if (this.dtype === "int32") throw new AutogradError("requiresGrad: int32 has no gradient: use float32");
    this.#edge = value ? { node: leafNode(this, (dy) => this.#collect(dy)), output: 0 } : null;
  }

  /** The single element as a number. @throws {ShapeError} if there is not exactly one. */
  item(): number {
    return this.value.item();
  }

  /** Nested arrays; a number for a 0-d tensor. */
  toArray(): Nested {
    return toNested(this.value);
  }

  /** The same elements (not a copy), cut off from the graph. */
  detach(): Tensor {
    return new Tensor(this.value);
  }

  /** A copy in memory of its own; gradients flow back through it. For an independent leaf, `detach()` it. */
  clone(): Tensor {
    const copy = new NDArray(this.data.slice(), this.shape);
    return record("clone", [this], [copy], (dys) => dys)[0];
  }

  /** The same numbers in another dtype. Gradients flow back, except through int32. */
  to(dtype: DType): Tensor {
    if (dtype === this.dtype) return this;
    const from = this.dtype;
    return record("to", [this], [this.value.to(dtype)], ([dy]) => [dy!.to(from)])[0];
  }

  /**
   * Lets `write` change the elements in place: for optimizers and loading. A graph that was recorded before refuses
   * to go backward from then on, because it would take the new values for the old ones.
   * @throws {AutogradError} for a view that is not contiguous.
   */
  changeData(write: (data: TypedArray) => void): void {
    if (!this.value.isContiguous) throw new AutogradError("changeData: this is a view; use clone() first");
    write(this.data);
    this.#version++;
  }

  /** Keeps the gradient of this computed tensor too. */
  retainGrad(): this {
    if (this.#edge === null) throw new AutogradError("retainGrad: this tensor needs no gradient");
    if (!this.isLeaf) this.#edge.node.sinks.set(this.#edge.output, (dy) => this.#collect(dy));
    return this;
  }

  zeroGrad(): void {
    this.grad = null;
  }

  /**
   * Adds ∂(this)/∂x to `x.grad` for every leaf x that requires a gradient and was used to compute this tensor.
   * @param gradient ∂L/∂this; may be left out for a tensor with one element (then it is 1).
   * @throws {AutogradError} without a graph, on a released graph, or when second derivatives are asked for.
   * @throws {ShapeError} if this tensor has more than one element and no gradient is given.
   */
  backward(gradient?: Tensor | BackwardOptions, options: BackwardOptions = {}): void {
    const given = gradient instanceof Tensor ? gradient : undefined;
    const { retainGraph, createGraph } = given ? options : ((gradient as BackwardOptions) ?? options);
    if (createGraph) {
      throw new AutogradError("backward: createGraph is refused: the library has no second derivatives");
    }
    if (this.#edge === null) {
      throw new AutogradError(
        "backward: nothing to differentiate: no input requires a gradient, or this was computed in noGrad; " +
          "make the inputs with tensor(…, { requiresGrad: true })",
      );
    }
    if (!given && this.size !== 1) {
      throw new ShapeError(
        `backward: a tensor of shape ${formatShape(this.shape)} has no default gradient; ` +
          "reduce it with sum() or mean(), or pass ∂L/∂this",
      );
    }
    if (given) expectShape(given.shape, this.shape, "backward: gradient");
    const seed = given
      ? given.detach().clone().to(this.dtype).value
      : generate(this.shape, this.dtype, () => 1);
    backward(this.#edge, seed, addArrays, retainGraph);
  }

  /** Gradients of several backward() calls add up, each time in a new array: one that was kept stays as it was. */
  #collect(dy: NDArray): void {
    this.#grad = new Tensor(this.#grad ? addArrays(this.#grad.value, dy) : dy.contiguous());
  }

  toString(): string {
    const node = this.#edge?.node;
    const note = node ? (this.isLeaf ? ", requiresGrad" : `, from ${node.name}`) : "";
    return `${formatArray(this.value).slice(0, -1)}${note})`;
  }
}

const addArrays = (a: NDArray, b: NDArray): NDArray =>
  a.plus?.(b) ?? b.plus?.(a) ?? zip(a, b, (x, y) => x + y);

function leafNode(x: Tensor, sink: (dy: NDArray) => void): Node<NDArray> {
  const drawn = { name: "leaf", labels: [x], shapes: [x.shape] };
  return { ...drawn, parents: [], pullback: null, verify: null, sinks: new Map([[0, sink]]) };
}

/**
 * Gradients of the outputs (null: that one was not used) → gradient of each input (null: none flows there).
 * `needs[i]` tells whether input i wants one; `keep`, whether the pullback will be called again.
 */
export type ListPullback = (
  dys: readonly (NDArray | null)[],
  needs: readonly boolean[],
  keep: boolean,
) => readonly (NDArray | null)[];

/**
 * Makes the results of an op, and records how to go back where it can (not null) and some input requires a gradient.
 * This is the only place where graph nodes are made.
 */
export function record(
  name: string,
  inputs: readonly Tensor[],
  values: readonly NDArray[],
  pullback: ListPullback | null,
): Tensor[] {
  const needs = inputs.map((x) => x.requiresGrad);
  if (!pullback || !isGradEnabled() || !needs.includes(true)) return values.map((value) => new Tensor(value));
  const parents = inputs.map((x) => x.edge);
  const leaves = inputs.filter((x) => x.isLeaf && x.requiresGrad);
  const versions = leaves.map((x) => x.version);
  const verify = () => {
    if (leaves.every((x, i) => x.version === versions[i])) return;
    const what = `an input of "${name}" was changed in place, by an optimizer's step or by loading`;
    throw new AutogradError(`backward: ${what}, after the graph was recorded. Compute the loss again.`);
  };
  const node: Node<NDArray> = {
    name,
    parents,
    pullback: (dys, keep) => pullback(dys, needs, keep),
    verify,
    labels: inputs.map((x) => (x.requiresGrad ? null : { name: x.name, shape: x.shape })),
    shapes: values.map((value) => value.shape),
    sinks: new Map(),
  };
  return values.map((value, output) =>
    value.dtype === "int32" ? new Tensor(value) : new Tensor(value, {}, { node, output }),
  );
}
