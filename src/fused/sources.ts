import { expectInRange, type NDArray } from "../array/ndarray.ts";
import type { Tensor } from "../autograd/tensor.ts";
import type { Packed, Pointer } from "../kernels/engine.ts";
import { gradientOut } from "./resident.ts";
import { copyOut, floats, type Scratch } from "./scratch.ts";

/** Which gradients of a source's product are wanted. */
export interface WantedOfSource {
  readonly input: boolean;
  readonly weight: boolean;
  /** The weight is a leaf: its gradient may stay in the engine's memory. */
  readonly isLeaf: boolean;
}

/**
 * Where the input's share of the gates comes from: all T·B rows of X W_ihᵀ + b at once, whatever X is given as.
 * Rows have n = gates·H elements.
 */
export interface Source {
  readonly T: number;
  readonly B: number;
  /** What a gradient can flow to besides the weight: x, or the table; none for one-hot ids. */
  readonly input: Tensor | null;
  /** Whether it multiplies by W_ihᵀ, packed; otherwise it looks columns up. */
  readonly multiplies: boolean;
  /** share [T·B, n] = X W_ihᵀ + b. `packed` is W_ihᵀ where it multiplies. */
  project(
    scratch: Scratch,
    weight: NDArray,
    packed: Packed | null,
    bias: Pointer | null,
    share: Pointer,
  ): void;
  /**
   * From the gradient of the share [T·B, n]: that of the input and that of W_ih [n, D], where they are wanted; and
   * adds its column sums, the gradient of the bias, to `sums`.
   */
  pull(
    scratch: Scratch,
    weight: NDArray,
    dShare: Pointer,
    sums: Pointer | null,
    wanted: WantedOfSource,
  ): [dInput: NDArray | null, dWeight: NDArray | null];
}

/** dA [m, k] and dB [k, n] of C = A Bᵀ for A [m, k] and B [n, k]: dA = dC B, dB = dCᵀ A. */
function pullProduct(
  scratch: Scratch,
  [m, n, k]: readonly [number, number, number],
  dC: Pointer,
  a: NDArray,
  b: NDArray,
  wanted: WantedOfSource,
): [dA: NDArray | null, dB: NDArray | null] {
  const { engine } = scratch;
  let dA: NDArray | null = null;
  let dB: NDArray | null = null;
  if (wanted.input) {
    const out = scratch.block(m * k);
    engine.gemm(m, { at: dC, rowStride: n, colStride: 1 }, scratch.pack(n, k, floats(b)), out, k, false);
    dA = copyOut(scratch, out, a.shape);
  }
  if (wanted.weight) {
    const out = scratch.block(n * k);
    engine.gemm(n, { at: dC, rowStride: 1, colStride: n }, scratch.pack(m, k, floats(a)), out, k, false);
    dB = gradientOut(scratch, out, { shape: b.shape, isLeaf: wanted.isLeaf });
  }
  return [dA, dB];
}

/** X is given: x [T, B, D], or [B, D] for a single step. One product for all steps. */
export function fromVectors(input: Tensor): Source {
  const x = input.value;
  const [T, B, D] = x.ndim === 2 ? [1, ...x.shape] : x.shape;
  const rows = T * B;
  return {
    T,
    B,
    input,
    multiplies: true,
    project(scratch, weight, packed, bias, share) {
      const { engine } = scratch;
      const n = weight.shape[0];
      const a = { at: scratch.copyOf(floats(x)), rowStride: D, colStride: 1 };
      engine.gemm(rows, a, packed!, share, n, false);
      if (bias !== null) engine.addBias(rows, n, share, bias);
    },
    pull(scratch, weight, dShare, sums, wanted) {
      const n = weight.shape[0];
      if (sums !== null) scratch.engine.addColumnSums(rows, n, dShare, sums);
      return pullProduct(scratch, [rows, n, D], dShare, x, weight, wanted);
    },
  };
}

/**
 * Rows of a table [V, D] at ids [T, B], or one-hot vectors without a table; for a layer with this W_ih [n, D].
 * @returns null where nothing is gained over looking the rows up first (V ≥ T·B), and for arguments that do not fit,
 * which the composed way then refuses.
 * @throws {IndexError} for an id outside 0 … V − 1.
 */
export function fromIds(ids: Tensor, table: Tensor | null, { shape, dtype }: Tensor): Source | null {
  if (ids.dtype !== "int32" || ids.ndim !== 2 || ids.size === 0) return null;
  const [V, D] = table ? table.shape : [shape[1], shape[1]];
  if (table && (table.ndim !== 2 || D !== shape[1] || table.dtype !== dtype || V >= ids.size)) return null;
  expectInRange(ids.data, V, "id");
  return table ? fromTable(ids, table) : fromOneHot(ids);
}

/**
 * Row r of X is row ids[r] of a table E [V, D]; `places` are the ids [T, B]. Where V < T·B it is cheaper to take the product of the whole table,
 * P = E W_ihᵀ + b [V, n], and to look up rows of P; back, the gradients of the rows of P are added up first, and the
 * two products are of V rows too.
 */
function fromTable(places: Tensor, input: Tensor): Source {
  const table = input.value;
  const ids = places.data.slice() as Int32Array; // a copy: the caller may write the next batch over them
  const [T, B] = places.shape;
  const [V, D] = table.shape;
  return {
    T,
    B,
    input,
    multiplies: true,
    project(scratch, weight, packed, bias, share) {
      const { engine } = scratch;
      const n = weight.shape[0];
      const a = { at: scratch.copyOf(floats(table)), rowStride: D, colStride: 1 };
      const p = scratch.block(V * n);
      engine.gemm(V, a, packed!, p, n, false);
      if (bias !== null) engine.addBias(V, n, p, bias);
      engine.gatherRows(ids.length, n, p, scratch.copyOfIds(ids), share);
    },
    pull(scratch, weight, dShare, sums, wanted) {
      const { engine } = scratch;
      const n = weight.shape[0];
      const dP = scratch.zeros(V * n);
      engine.scatterAddRows(ids.length, n, dShare, scratch.copyOfIds(ids), dP);
      if (sums !== null) engine.addColumnSums(V, n, dP, sums);
      return pullProduct(scratch, [V, n, D], dP, table, weight, wanted);
    },
  };
}

/** Row r of X is one-hot at ids[r]: its product with W_ihᵀ is column ids[r] of W_ih [n, V]. */
function fromOneHot(places: Tensor): Source {
  const ids = places.data.slice() as Int32Array; // a copy: the caller may write the next batch over them
  const [T, B] = places.shape;
  const rows = ids.length;
  return {
    T,
    B,
    input: null,
    multiplies: false,
    project(scratch, weight, _packed, bias, share) {
      const { engine } = scratch;
      const [n, V] = weight.shape;
      const w = scratch.copyOf(floats(weight));
      if (rows <= V) {
        engine.gatherColumns(rows, n, V, w, scratch.copyOfIds(ids), share);
        if (bias !== null) engine.addBias(rows, n, share, bias);
        return;
      }
      const p = scratch.block(V * n);
      engine.gatherColumns(V, n, V, w, scratch.copyOfIds(upTo(V)), p);
      if (bias !== null) engine.addBias(V, n, p, bias);
      engine.gatherRows(rows, n, p, scratch.copyOfIds(ids), share);
    },
    pull(scratch, weight, dShare, sums, wanted) {
      const { engine } = scratch;
      const [n, V] = weight.shape;
      if (sums !== null) engine.addColumnSums(rows, n, dShare, sums);
      if (!wanted.weight) return [null, null];
      const dW = scratch.zeros(n * V);
      if (rows <= V) engine.scatterAddColumns(rows, n, V, dShare, scratch.copyOfIds(ids), dW);
      else {
        const dP = scratch.zeros(V * n);
        engine.scatterAddRows(rows, n, dShare, scratch.copyOfIds(ids), dP);
        engine.scatterAddColumns(V, n, V, dP, scratch.copyOfIds(upTo(V)), dW);
      }
      return [null, gradientOut(scratch, dW, { shape: weight.shape, isLeaf: wanted.isLeaf })];
    },
  };
}

/** 0 … n − 1. */
function upTo(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}
