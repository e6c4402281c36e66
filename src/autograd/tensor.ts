import { zip } from "../array/elementwise.ts";
import { formatArray } from "../array/format.ts";
import { type DType, full, NDArray, type Nested, type TypedArray, toNested } from "../array/ndarray.ts";
import { AutogradError, formatShape, ShapeError } from "../errors.ts";
import { backward, type Edge, type Node } from "./graph.ts";
import type { TensorMethods } from "./methods.ts";
import { isGradEnabled } from "./mode.ts";

export interface TensorOptions {
  /** Collect a gradient in `grad`. Only for float32 and float64. */
  requiresGrad?: boolean;
}

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
  /** ∂L/∂this after `backward()`; null before, and after `zeroGrad()`. */
  grad: Tensor | null = null;
  /** A name for messages, drawings and tables. */
  name: string = "";
  #edge: Edge<NDArray> | null = null;
  readonly #leaf: boolean;

  constructor(value: NDArray, options: TensorOptions = {}, edge: Edge<NDArray> | null = null) {
    this.value = value;
    this.#edge = edge;
    this.#leaf = edge === null;
    if (options.requiresGrad) this.requiresGrad = true;
  }

  get shape(): readonly number[] {
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
  /** True for tensors that were made, not computed: parameters and inputs. */
  get isLeaf(): boolean {
    return this.#leaf;
  }
  /** The op that computed this tensor, and which of its outputs this is; null for leaves without gradient. */
  get edge(): Edge<NDArray> | null {
    return this.#edge;
  }

  get requiresGrad(): boolean {
    return this.#edge !== null;
  }

  /** @throws {AutogradError} for an int32 tensor, or for a computed one (use `detach()`). */
  set requiresGrad(value: boolean) {
    if (value === this.requiresGrad) return;
    if (!this.isLeaf) throw new AutogradError("requiresGrad: only a leaf can change it; use detach()");
    if (this.dtype === "int32") throw new AutogradError("requiresGrad: an int32 tensor has no gradient");
    this.#edge = value ? { node: leafNode((dy) => this.#collect(dy)), output: 0 } : null;
  }

  /** The single element as a number. @throws {ShapeError} if there is not exactly one. */
  item(): number {
    return this.value.item();
  }

  /** Nested arrays; a number for a 0-d tensor. */
  toArray(): Nested {
    return toNested(this.value);
  }

  /** The same elements, cut off from the graph. */
  detach(): Tensor {
    return new Tensor(this.value);
  }

  /** The same tensor in other memory: a leaf like the original, without its graph. */
  clone(): Tensor {
    return new Tensor(new NDArray(this.data.slice(), this.shape), {
      requiresGrad: this.isLeaf && this.requiresGrad,
    });
  }

  /** Another number type, cut off from the graph. */
  to(dtype: DType): Tensor {
    return new Tensor(this.value.to(dtype));
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
    const dy = gradient instanceof Tensor ? gradient : undefined;
    const { retainGraph = false, createGraph = false } =
      gradient instanceof Tensor ? options : (gradient ?? options);
    if (createGraph) {
      throw new AutogradError(
        "backward: createGraph (second derivatives) is not supported; use gradcheck's differences",
      );
    }
    if (this.#edge === null) {
      throw new AutogradError(
        "backward: nothing to differentiate: no input of this tensor requires a gradient (or it was computed under noGrad)",
      );
    }
    if (!dy && this.size !== 1) {
      throw new ShapeError(
        `backward: only a tensor with one element has a default gradient, this one has shape ${formatShape(this.shape)}; ` +
          "reduce it with sum() or mean(), or pass ∂L/∂this",
      );
    }
    if (dy && (dy.ndim !== this.ndim || dy.shape.some((n, d) => n !== this.shape[d]))) {
      throw new ShapeError(
        `backward: gradient ${formatShape(dy.shape)} for a tensor of shape ${formatShape(this.shape)}`,
      );
    }
    const seed = dy ? dy.value.to(this.dtype) : full(this.shape, 1, this.dtype);
    backward(this.#edge, seed, (a, b) => zip(a, b, (x, y) => x + y), retainGraph);
  }

  /** Gradients of several backward() calls add up, each time in a new array: one that was kept stays as it was. */
  #collect(dy: NDArray): void {
    const sum = this.grad ? zip(this.grad.value, dy, (a, b) => a + b) : dy.contiguous();
    this.grad = new Tensor(sum);
  }

  toString(): string {
    const { node } = this.#edge ?? {};
    const note = node ? (this.isLeaf ? ", requiresGrad" : `, from ${node.name}`) : "";
    return `${formatArray(this.value).slice(0, -1)}${note})`;
  }
}

function leafNode(sink: (dy: NDArray) => void): Node<NDArray> {
  return { name: "leaf", parents: [], pullback: null, outputs: 1, sinks: new Map([[0, sink]]) };
}

/**
 * Makes the results of an op, and records how to go back where some input requires a gradient.
 * This is the only place where graph nodes are made.
 *
 * @param pullback gradients of the outputs (null where unused) → gradients of the inputs (null where not needed).
 */
export function record(
  name: string,
  inputs: readonly Tensor[],
  values: readonly NDArray[],
  pullback: (dys: readonly (NDArray | null)[]) => readonly (NDArray | null)[],
): Tensor[] {
  if (!isGradEnabled() || !inputs.some((x) => x.requiresGrad))
    return values.map((value) => new Tensor(value));
  const parents = inputs.map((x) => x.edge);
  const node: Node<NDArray> = { name, parents, pullback, outputs: values.length, sinks: new Map() };
  return values.map((value, output) =>
    value.dtype === "int32" ? new Tensor(value) : new Tensor(value, {}, { node, output }),
  );
}
