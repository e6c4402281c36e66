type Floats = [scale: number, limit: number, lr: number, decay: number];

/**
 * The functions of the module (`assembly/`). Blocks are named by element, ids by element of int32, lengths come first.
 * All of them work on any part of the rows or elements: the result does not depend on how the work is cut.
 */
export interface WasmExports {
  readonly scratchLength: () => number;
  /** Gives this instance memory for its packed rows of A; instances on one memory need one each. */
  readonly useScratch: (p: number) => void;
  /** `count` panels of B from the panel p0 on. */
  readonly pack: (
    count: number,
    p0: number,
    k: number,
    n: number,
    b: number,
    rowStride: number,
    colStride: number,
    to: number,
  ) => void;
  /** The same for a BLAS: `count` panels of 64 columns from the panel p0 on. */
  readonly panels: WasmExports["pack"];
  /** The columns of C in `count` panels from p0 on; `c` is the start of C itself. */
  readonly gemm: (
    count: number,
    p0: number,
    m: number,
    k: number,
    n: number,
    a: number,
    rowStride: number,
    colStride: number,
    b: number,
    c: number,
    cStride: number,
    accumulate: number,
  ) => void;
  readonly exp: Map1;
  readonly tanh: Map1;
  readonly sigmoid: Map1;
  readonly relu: Map1;
  readonly scale: (n: number, a: number, x: number) => void;
  readonly fill: (n: number, value: number, x: number) => void;
  readonly tanhBackward: Map2;
  readonly sigmoidBackward: Map2;
  readonly reluBackward: Map2;
  readonly addScaled: (n: number, a: number, x: number, y: number) => void;
  readonly addBias: (rows: number, n: number, x: number, b: number) => void;
  /** `n` columns of a matrix with `stride` elements a row. */
  readonly addColumnSums: (n: number, rows: number, stride: number, x: number, sum: number) => void;
  readonly gatherRows: (rows: number, n: number, table: number, ids: number, out: number) => void;
  readonly gatherColumns: (rows: number, n: number, V: number, W: number, ids: number, out: number) => void;
  readonly scatterAddColumns: (rows: number, n: number, V: number, x: number, ids: number, W: number) => void;
  /** `n` columns of x and of the table, both with `stride` elements a row. */
  readonly scatterAddRows: (
    n: number,
    rows: number,
    stride: number,
    x: number,
    ids: number,
    table: number,
  ) => void;
  /** For `count` pieces of 16,384 elements from the piece `first` on; piece i writes a double to the elements sums + 2i, + 1. */
  readonly sumOfSquares: (count: number, first: number, n: number, x: number, sums: number) => void;
  readonly lstmForward: (
    B: number,
    H: number,
    gates: number,
    cBefore: number,
    c: number,
    tanhC: number,
    h: number,
  ) => void;
  readonly lstmBackward: (
    B: number,
    H: number,
    gates: number,
    cBefore: number,
    tanhC: number,
    dh: number,
    dc: number,
    da: number,
  ) => void;
  readonly gruForward: (
    B: number,
    H: number,
    gx: number,
    gh: number,
    gates: number,
    hBefore: number,
    h: number,
  ) => void;
  readonly gruBackward: (
    B: number,
    H: number,
    gates: number,
    gh: number,
    hBefore: number,
    dh: number,
    dgx: number,
    dgh: number,
    dhBefore: number,
  ) => void;
  readonly softmaxCrossEntropy: (
    rows: number,
    V: number,
    logits: number,
    targets: number,
    ignore: number,
    weight: number,
    nll: number,
  ) => void;
  readonly sgd: (n: number, p: number, g: number, ...rest: Floats) => void;
  readonly sgdMomentum: (
    n: number,
    p: number,
    g: number,
    v: number,
    ...rest: [...Floats, momentum: number, take: number, first: number, nesterov: number]
  ) => void;
  readonly adagrad: (n: number, p: number, g: number, s: number, ...rest: [...Floats, eps: number]) => void;
  readonly rmsprop: (
    n: number,
    p: number,
    g: number,
    s: number,
    v: number,
    ...rest: [...Floats, alpha: number, take: number, momentum: number, eps: number]
  ) => void;
  readonly adam: (
    n: number,
    p: number,
    g: number,
    m: number,
    v: number,
    scale: number,
    limit: number,
    decay: number,
    shrink: number,
    beta1: number,
    takeM: number,
    beta2: number,
    takeV: number,
    step: number,
    spread: number,
    eps: number,
  ) => void;
}

type Map1 = (n: number, x: number, y: number) => void;
type Map2 = (n: number, h: number, dh: number, da: number) => void;

/** The functions that may be cut into parts. */
export type Splittable = Exclude<keyof WasmExports, "scratchLength" | "useScratch">;
