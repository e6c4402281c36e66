import { allocate, expectInRange, NDArray } from "../array/ndarray.ts";
import { named } from "../autograd/define.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { record, Tensor } from "../autograd/tensor.ts";
import { ArgumentError, DataError, expectOptions, expectShape, formatShape, ShapeError } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Engine, Pointer } from "../kernels/engine.ts";
import { engineFor } from "../kernels/index.ts";
import type { FloatArray } from "../kernels/types.ts";
import { packsFor } from "./packs.ts";
import { gradientOut, Resident } from "./resident.ts";
import { type Scratch, withScratch } from "./scratch.ts";

/** Logits that are in memory at once: 16 MiB of them. With fewer, some BLAS packs the weights too often. */
const CHUNK = 2 ** 22;

/** Options of `linearCrossEntropy`. */
export interface LinearCrossEntropyOptions {
  /** How the losses of the rows become one; "mean" is the default. */
  reduction?: "mean" | "sum";
  /** Rows with this target count nothing. */
  ignoreIndex?: number;
}

/**
 * An output layer and its loss in one node: `crossEntropy(linear(h, weight, bias), targets)` for h [..., H],
 * weight [V, H], bias [V] or none, targets [...] (int32), in nats.
 *
 * The logits [N, V] are never there as a whole: a chunk of rows is computed, becomes its own gradient in place
 * (softmax minus one-hot), and is multiplied into the gradients of h, weight and bias while it is in the cache. So the
 * gradients are ready when the loss is; the way back only multiplies them by ∂L/∂loss. A loss that will not be
 * differentiated is computed in `noGrad`, without them.
 * @throws {IndexError} for a target outside 0 … V − 1. @throws {DataError} if every target is ignored under "mean".
 */
export function linearCrossEntropy(
  h: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  targets: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  return named("linearCrossEntropy", () => {
    expectOptions(options, ["reduction", "ignoreIndex"], "linearCrossEntropy");
    const { reduction = "mean", ignoreIndex } = options;
    expect.oneOf(reduction, ["mean", "sum"], "reduction");
    const call = expectCall(h, weight, bias, targets, ignoreIndex);
    const counted = call.targets.reduce((n, z) => (z === ignoreIndex ? n : n + 1), 0);
    if (reduction === "mean" && counted === 0 && call.N > 0) {
      throw new DataError("every target is ignored: there is no mean");
    }
    const share = reduction === "mean" ? 1 / counted : 1;
    const inputs = bias ? [h, weight, bias] : [h, weight];
    const wanted = inputs.map((x) => isGradEnabled() && x.requiresGrad);
    const loss = allocate(h.dtype, 1);
    const take = (memory: FloatArray, at: Pointer) => {
      let sum = 0;
      for (let i = at; i < at + call.N; i++) sum += memory[i];
      loss[0] = sum * share;
    };
    const gradients = withScratch(call.engine, (scratch) => run(scratch, call, take, share, wanted, inputs));
    return record("linearCrossEntropy", inputs, [new NDArray(loss, [])], ([dy], needs, again) =>
      gradients.map((g, i) => (g && needs[i] ? scaled(g, dy!.item(), again) : null)),
    )[0];
  });
}

/** −ln p of each target, [...], without a graph and with weights that stay packed from call to call. */
export function linearNLL(h: Tensor, weight: Tensor, bias: Tensor | null, targets: Tensor): FloatArray {
  return named("linearNLL", () => {
    const call = expectCall(h, weight, bias, targets);
    const nll = allocate(h.dtype, call.N) as FloatArray;
    const take = (memory: FloatArray, at: Pointer) => nll.set(memory.subarray(at, at + call.N));
    withScratch(call.engine, (scratch) => run(scratch, call, take, 1, [], []));
    return nll;
  });
}

/** The sizes of one call, and what it computes with. */
interface Call {
  readonly engine: Engine;
  readonly N: number;
  readonly H: number;
  readonly V: number;
  readonly h: FloatArray;
  readonly weight: Tensor;
  readonly bias: FloatArray | null;
  readonly targets: Int32Array;
  readonly ignore: number;
}

function expectCall(
  h: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  targets: Tensor,
  ignoreIndex?: number,
): Call {
  for (const [name, x] of Object.entries({ h, weight, targets })) {
    expect.instance(x, Tensor, name, "make one with tensor(…) or ids(…)");
  }
  const { V, H } = expectShape(weight.shape, ["V", "H"], "weight");
  if (bias) expectShape(bias.shape, [V], "bias");
  expectShape(targets.shape, h.shape.slice(0, -1), `targets for h ${formatShape(h.shape)}`);
  if (h.shape.at(-1) !== H) {
    throw new ShapeError(`h ${formatShape(h.shape)} does not fit weight ${formatShape(weight.shape)}`);
  }
  const { dtype } = weight;
  if (dtype === "int32" || h.dtype !== dtype || (bias && bias.dtype !== dtype)) {
    const found = [h, weight, ...(bias ? [bias] : [])].map((x) => x.dtype).join(", ");
    throw new ArgumentError(`h, weight and bias must all be float32 or all float64, got ${found}`);
  }
  if (targets.dtype !== "int32") throw new ArgumentError(`targets must be int32, got ${targets.dtype}`);
  const z = targets.data as Int32Array;
  expectInRange(z, V, "target", ignoreIndex);
  return {
    engine: engineFor(dtype),
    N: z.length,
    H,
    V,
    h: h.data as FloatArray,
    weight,
    bias: bias && (bias.data as FloatArray),
    targets: z,
    ignore: ignoreIndex ?? -1, // no target is −1
  };
}

/** Rows at once: a matter of the shapes alone, so that results are. */
function rowsAtOnce(V: number): number {
  return Math.max(64, 8 * Math.ceil(CHUNK / V / 8));
}

/**
 * Calls `take` with where the N losses stand, and returns the gradients of `share` times their sum that are wanted: of
 * h, of the weight, of the bias.
 */
function run(
  scratch: Scratch,
  { engine, N, H, V, h, weight, bias, targets, ignore }: Call,
  take: (memory: FloatArray, losses: Pointer) => void,
  share: number,
  [wantsH, wantsWeight, wantsBias]: readonly boolean[],
  inputs: readonly Tensor[],
): (NDArray | null)[] {
  const w = weight.data as FloatArray;
  const training = wantsH || wantsWeight || wantsBias;
  const kept = training ? null : packsFor(engine).of(weight, true);
  const [wT, wPlain] = kept
    ? [kept, null]
    : wantsH
      ? scratch.packBoth(V, H, w)
      : [scratch.packTransposed(V, H, w), null];
  const step = Math.min(N, rowsAtOnce(V));
  const input = scratch.copyOf(h);
  const b = bias && scratch.copyOf(bias);
  const ids = scratch.copyOfIds(targets);
  const logits = scratch.block(step * V);
  const losses = scratch.block(N);
  const dH = wantsH ? scratch.block(N * H) : null;
  const dW = wantsWeight ? scratch.block(V * H) : null;
  const dB = wantsBias ? scratch.zeros(V) : null;
  for (let row = 0; row < N; row += step) {
    const n = Math.min(step, N - row);
    const rows = { at: input + row * H, rowStride: H, colStride: 1 };
    engine.gemm(n, rows, wT, logits, V, false);
    if (b !== null) engine.addBias(n, V, logits, b);
    engine.softmaxCrossEntropy(n, V, logits, ids + row, ignore, share, losses + row);
    if (wPlain && dH !== null) {
      engine.gemm(n, { at: logits, rowStride: V, colStride: 1 }, wPlain, dH + row * H, H, false);
    }
    if (dW !== null) {
      const packed = scratch.packBlock(n, H, rows.at);
      engine.gemm(V, { at: logits, rowStride: 1, colStride: V }, packed, dW, H, row > 0);
    }
    if (dB !== null) engine.addColumnSums(n, V, logits, dB);
  }
  if (dW !== null && N === 0) engine.fill(V * H, 0, dW);
  take(engine.memory, losses);
  return inputs.map((x, i) => {
    const at = [dH, dW, dB][i];
    return at === null ? null : gradientOut(scratch, at, x);
  });
}

/** The array itself for 1; a gradient that is not asked for again is multiplied where it lies. */
function scaled(g: NDArray, scale: number, again: boolean): NDArray {
  if (g instanceof Resident && !again && g.scale(scale)) return g;
  const data = g.data as FloatArray;
  if (scale === 1) return new NDArray(data, g.shape);
  const out = data.slice();
  for (let i = 0; i < out.length; i++) out[i] *= scale;
  return new NDArray(out, g.shape);
}
