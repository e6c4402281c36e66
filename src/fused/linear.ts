import type { NDArray } from "../array/ndarray.ts";
import { named } from "../autograd/define.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { record, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError, formatShape, ShapeError } from "../errors.ts";
import type { Engine, Pointer } from "../kernels/engine.ts";
import { engineFor } from "../kernels/index.ts";
import { packsFor } from "./packs.ts";
import { gradientOut } from "./resident.ts";
import { copyOut, floats, type Scratch, withScratch } from "./scratch.ts";

/** φ of a layer; its derivative is computed from its value. */
export type Activation = "tanh" | "relu" | "sigmoid";

/**
 * A layer in one node: y = φ(x Wᵀ + b) for x [..., in], weight [out, in], bias [out] or none; without φ the same as
 * `ops.linear`. da = dy ⊙ φ'(a), dx = da W, dW = daᵀ x, db = Σ da.
 */
export function linearLayer(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: Activation | null = null,
): Tensor {
  return named("linear", () => {
    expectFit(x, weight, bias);
    const inputs = bias ? [x, weight, bias] : [x, weight];
    const layer = new Layer(x.value, weight.value, activation);
    const { engine } = layer;
    const keep = isGradEnabled() && inputs.some((input) => input.requiresGrad);
    const y = withScratch(engine, (scratch) => {
      const [out, size] = weight.shape;
      const packed = keep
        ? scratch.packTransposed(out, size, floats(weight.value))
        : packsFor(engine).of(weight, true);
      return layer.forward(scratch, packed, bias?.value ?? null);
    });
    return record("linear", inputs, [y], ([dy], needs) =>
      withScratch(engine, (scratch) => layer.backward(scratch, dy!, y, needs, weight.isLeaf)),
    )[0];
  });
}

function expectFit(x: Tensor, weight: Tensor, bias: Tensor | null): void {
  const given = bias ? [x, weight, bias] : [x, weight];
  const [out, size] = weight.shape;
  if (weight.ndim !== 2 || x.shape.at(-1) !== size || (bias && `${bias.shape}` !== `${out}`)) {
    const found = given.map(({ shape }) => formatShape(shape)).join(", ");
    throw new ShapeError(`needs x [..., in], weight [out, in], bias [out], got ${found}`);
  }
  const dtypes = given.map(({ dtype }) => dtype);
  if (dtypes.some((dtype) => dtype === "int32" || dtype !== dtypes[0])) {
    throw new ArgumentError(
      `x, weight and bias must all be float32 or all float64, got ${dtypes.join(", ")}`,
    );
  }
}

/** The sums of one node. It holds the arrays of x and of the weight for the way back. */
class Layer {
  readonly engine: Engine;
  readonly #x: NDArray;
  readonly #weight: NDArray;
  readonly #activation: Activation | null;
  readonly #rows: number;

  constructor(x: NDArray, weight: NDArray, activation: Activation | null) {
    this.engine = engineFor(weight.dtype as "float32" | "float64");
    this.#x = x;
    this.#weight = weight;
    this.#activation = activation;
    this.#rows = x.shape.slice(0, -1).reduce((n, m) => n * m, 1);
  }

  forward(scratch: Scratch, packed: Parameters<Engine["gemm"]>[2], bias: NDArray | null): NDArray {
    const { engine } = this;
    const [out, size] = this.#weight.shape;
    const rows = this.#rows;
    const y = scratch.block(rows * out);
    const x = { at: scratch.copyOf(floats(this.#x)), rowStride: size, colStride: 1 };
    engine.gemm(rows, x, packed, y, out, false);
    if (bias) engine.addBias(rows, out, y, scratch.copyOf(floats(bias)));
    if (this.#activation) engine.rnnForward(this.#activation, rows * out, y, y);
    return copyOut(scratch, y, [...this.#x.shape.slice(0, -1), out]);
  }

  backward(
    scratch: Scratch,
    dy: NDArray,
    y: NDArray,
    needs: readonly boolean[],
    isLeaf: boolean,
  ): (NDArray | null)[] {
    const { engine } = this;
    const [out, size] = this.#weight.shape;
    const rows = this.#rows;
    const da: Pointer = scratch.copyOf(floats(dy));
    if (this.#activation) {
      engine.rnnBackward(this.#activation, rows * out, scratch.copyOf(floats(y)), da, da);
    }
    const gradients: (NDArray | null)[] = [null, null, null];
    if (needs[0]) {
      const dx = scratch.block(rows * size);
      const packed = scratch.pack(out, size, floats(this.#weight));
      engine.gemm(rows, { at: da, rowStride: out, colStride: 1 }, packed, dx, size, false);
      gradients[0] = copyOut(scratch, dx, this.#x.shape);
    }
    if (needs[1]) {
      const dW = scratch.block(out * size);
      const packed = scratch.pack(rows, size, floats(this.#x));
      engine.gemm(out, { at: da, rowStride: 1, colStride: out }, packed, dW, size, false);
      gradients[1] = gradientOut(scratch, dW, { shape: this.#weight.shape, isLeaf });
    }
    if (needs[2]) {
      const db = scratch.zeros(out);
      engine.addColumnSums(rows, out, da, db);
      gradients[2] = copyOut(scratch, db, [out]);
    }
    return gradients.slice(0, needs.length);
  }
}
