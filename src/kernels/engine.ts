import type { FloatArray } from "./types.ts";

/** Index of an element in an engine's memory: element i of a block at p is `memory[p + i]`. */
export type Pointer = number;

/** A matrix in kernel memory: element (i, j) at `at + i·rowStride + j·colStride`. One of the two strides is 1. */
export interface Block {
  readonly at: Pointer;
  readonly rowStride: number;
  readonly colStride: number;
}

/** A right-hand matrix [k, n], laid out once for many products. Opaque: only the engine that made it can read it. */
export interface Packed {
  readonly k: number;
  readonly n: number;
  readonly at: Pointer;
  /** Elements from `at` on that it occupies. */
  readonly length: number;
}

/**
 * What the update rules share: p ← p − …, for `n` elements. The gradient is clipped first: multiplied by `scale`, then
 * limited to ± `limit` (∞ for none; a NaN stays NaN).
 */
export interface UpdateBase {
  readonly n: number;
  readonly p: Pointer;
  readonly g: Pointer;
  readonly scale: number;
  readonly limit: number;
  readonly lr: number;
  readonly weightDecay: number;
}

/**
 * Sums on memory of the engine's own, for whole layers at once: a fused layer copies its inputs in, computes, and copies
 * out what a user can hold. One implementation in plain TypeScript (`reference`, float32 or float64) states what each
 * sum is; the fast ones (WebAssembly, BLAS) are float32 and are tested against it.
 *
 * All matrices without strides of their own are row-major and contiguous. Blocks that a function reads and writes may
 * be the same block, never overlap otherwise. Nothing here checks its arguments: callers do.
 */
export interface Engine {
  readonly name: string;
  /** Kernel memory. Growing replaces it: take it anew after every `alloc`. */
  readonly memory: FloatArray;
  /** Kernel memory as int32; a block of ids allocated with `alloc` begins at `idsAt(p)` in it. */
  readonly ids: Int32Array;
  idsAt(p: Pointer): number;
  /** A block of `length` elements, aligned to 64 bytes; contents undefined. */
  alloc(length: number): Pointer;
  free(p: Pointer): void;
  /** Elements allocated at present, and at most so far. */
  readonly allocated: { readonly now: number; readonly peak: number };

  /**
   * Lays out B [k, n] for `gemm`; `into` reuses the block of an earlier pack of the same size. An engine may refer to
   * the block `b` instead of copying it (then `at` is `b.at`): keep it, unchanged, until `freePacked`.
   */
  pack(k: number, n: number, b: Block, into?: Packed): Packed;
  freePacked(b: Packed): void;
  /**
   * `pack` of an ordinary array with these strides, by an engine that reads it where it stands; null where it must be
   * copied in first. It is to stay as it is until `freePacked`.
   */
  packArray?(k: number, n: number, data: FloatArray, rowStride: number, colStride: number): Packed | null;
  /**
   * Calls `f` with a pointer that stands for an ordinary array, for the parameter `p` of update rules and nothing else.
   * @returns false, and nothing is called, where the array must be copied in.
   */
  onArray?(array: FloatArray, f: (p: Pointer) => void): boolean;
  /** C = A B, or C += A B with `accumulate`, for A [m, k] and C [m, n] row-major with `cStride` elements a row. */
  gemm(m: number, a: Block, b: Packed, c: Pointer, cStride: number, accumulate: boolean): void;

  /** Each row of x [rows, n] += b [n]. */
  addBias(rows: number, n: number, x: Pointer, b: Pointer): void;
  /** sum [n] += Σ over the rows of x [rows, n]. */
  addColumnSums(rows: number, n: number, x: Pointer, sum: Pointer): void;
  /** y_i += a x_i. */
  addScaled(n: number, a: number, x: Pointer, y: Pointer): void;
  scale(n: number, a: number, x: Pointer): void;
  fill(n: number, value: number, x: Pointer): void;
  /**
   * Σ x_i² in double precision: the sums of pieces of 16,384 elements, added up in their order. So it is the same bits
   * whether the pieces stand in one block or are copied in one after the other.
   */
  sumOfSquares(n: number, x: Pointer): number;
  exp(n: number, x: Pointer, y: Pointer): void;
  tanh(n: number, x: Pointer, y: Pointer): void;
  sigmoid(n: number, x: Pointer, y: Pointer): void;

  /** Row r of out [rows, n] = row ids[r] of table [·, n]. `ids` as from `idsAt`. */
  gatherRows(rows: number, n: number, table: Pointer, ids: number, out: Pointer): void;
  /** Row ids[r] of table += row r of x [rows, n]; in the order of r. */
  scatterAddRows(rows: number, n: number, x: Pointer, ids: number, table: Pointer): void;

  /** Row r of out [rows, n] = column ids[r] of W [n, V]. */
  gatherColumns(rows: number, n: number, V: number, W: Pointer, ids: number, out: Pointer): void;
  /** Column ids[r] of W [n, V] += row r of x [rows, n]; in the order of r. */
  scatterAddColumns(rows: number, n: number, V: number, x: Pointer, ids: number, W: Pointer): void;

  /** h = φ(a), elementwise over n; a may be h. */
  rnnForward(kind: "tanh" | "relu" | "sigmoid", n: number, a: Pointer, h: Pointer): void;
  /** da = dh φ'(a) from h = φ(a). */
  rnnBackward(kind: "tanh" | "relu" | "sigmoid", n: number, h: Pointer, dh: Pointer, da: Pointer): void;

  /**
   * One LSTM step for B rows. gates [B, 4H] holds the pre-activations in the order i f g o and is overwritten by the
   * activations; c = f ⊙ cBefore + i ⊙ g, tanhC = tanh c, h = o ⊙ tanhC, each [B, H]. tanhC is not cBefore.
   */
  lstmForward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    c: Pointer,
    tanhC: Pointer,
    h: Pointer,
  ): void;
  /**
   * From dh [B, H] (total gradient of h) and dc [B, H] (gradient of c from the next step; overwritten by that of cBefore):
   * da [B, 4H], the gradient of the pre-activations.
   */
  lstmBackward(
    B: number,
    H: number,
    gates: Pointer,
    cBefore: Pointer,
    tanhC: Pointer,
    dh: Pointer,
    dc: Pointer,
    da: Pointer,
  ): void;

  /**
   * One GRU step with reset after the product. gx, gh [B, 3H]: the shares of input and state, biases included, in the
   * order r z n. gates [B, 3H] gets the activations r z n (it may be gx); h = (1 − z) n + z hBefore. gh is kept for the
   * way back (its third part is what r multiplies).
   */
  gruForward(
    B: number,
    H: number,
    gx: Pointer,
    gh: Pointer,
    gates: Pointer,
    hBefore: Pointer,
    h: Pointer,
  ): void;
  /** From dh [B, H]: dgx, dgh [B, 3H], and dhBefore [B, H] = dh ⊙ z (the direct path; the products add the rest). */
  gruBackward(
    B: number,
    H: number,
    gates: Pointer,
    gh: Pointer,
    hBefore: Pointer,
    dh: Pointer,
    dgx: Pointer,
    dgh: Pointer,
    dhBefore: Pointer,
  ): void;

  /**
   * For each row r of logits [rows, V] with target y_r: nll[r] = log Σ exp − logit of y_r (0 where y_r = ignore), and the
   * row becomes weight · (softmax − one-hot of y_r) (0 where ignored), the gradient of weight · nll[r].
   */
  softmaxCrossEntropy(
    rows: number,
    V: number,
    logits: Pointer,
    targets: number,
    ignore: number,
    weight: number,
    nll: Pointer,
  ): void;

  sgd(
    u: UpdateBase & { momentum: number; dampening: number; nesterov: boolean; first: boolean; v: Pointer },
  ): void;
  adagrad(u: UpdateBase & { eps: number; s: Pointer }): void;
  rmsprop(u: UpdateBase & { alpha: number; momentum: number; eps: number; s: Pointer; v: Pointer }): void;
  /** `decoupled`: AdamW. `t` is the number of this step, from 1. */
  adam(
    u: UpdateBase & {
      beta1: number;
      beta2: number;
      eps: number;
      t: number;
      decoupled: boolean;
      m: Pointer;
      v: Pointer;
    },
  ): void;
}
