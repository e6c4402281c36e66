import type { Block, Packed, Pointer } from "../engine.ts";
import { ThreadedEngine, type ThreadedOptions } from "../threads/engine.ts";
import type { ChunkFunction } from "../threads/protocol.ts";
import type { FloatArray } from "../types.ts";
import type { Splittable } from "../wasm/exports.ts";
import { BLAS, chunkFunctions } from "./koffi.ts";
import type { BlasLibrary } from "./library.ts";
import { PANEL, PANEL_ROWS } from "./panels.ts";

const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** Products with fewer multiplications stay with WebAssembly, where no call leads out of it; with one row, and with more. */
const SMALL_VECTOR = 1 << 14;
const SMALL_PRODUCT = 1 << 12;
/** Products with so many multiplications are cut in two, and with so many in four. */
const IN_TWO = 1 << 20;
const IN_FOUR = 1 << 25;
/** A pointer that is none: the array of `onArray`, or of a pack. */
const OUTSIDE = -1;
/** Elements of an array that are updated at a time, in scratch memory. */
const UPDATED = 1 << 14;
/** About so many elements are laid out at a time. */
const LAID_OUT = 1 << 15;
/** Products whose inner dimension is so many times the others are cut along it, if C has at most so many elements. */
const DEEP = 16;
const HALF = 1 << 17;
/** Elements of B from which a vector times a matrix is cut in two. */
const LONG_VECTOR = 1 << 19;

/** A right-hand matrix that stays where it is, and what is laid out of it for products with few rows. */
class BlasPacked implements Packed {
  readonly k: number;
  readonly n: number;
  readonly at: Pointer;
  readonly length: number;
  readonly b: Block;
  /** Room for the panels, which are filled when a product with few rows asks for them. */
  panels: Pointer | null = null;
  filled = false;
  /** Room for the second half of a product that is cut along its inner dimension. */
  half: Pointer | null = null;
  /** The layout of WebAssembly's own products, for the small ones. */
  small: Packed | null = null;
  /** An ordinary array in the place of a block, and its address. */
  readonly array: { readonly data: FloatArray; readonly address: number } | null;

  constructor(k: number, n: number, b: Block, array: BlasPacked["array"] = null) {
    this.array = array;
    this.k = k;
    this.n = n;
    this.at = b.at;
    this.length = k * n;
    this.b = b;
  }
}

/**
 * The WebAssembly engine with the products of a BLAS. Products are cut by their shape alone, with one thread as with
 * several: in a BLAS a row may change its last bits with the block in which it is computed.
 */
export class BlasEngine extends ThreadedEngine {
  readonly library: BlasLibrary;
  readonly #functions: readonly ChunkFunction[];
  readonly #module: readonly ChunkFunction[];
  /** The address for which the pointer OUTSIDE stands. */
  #outside = 0;
  readonly #usesPanels: boolean;
  #address = 0;
  #addressOf: ArrayBufferLike | null = null;

  constructor(options: ThreadedOptions & { library: BlasLibrary }) {
    const { library, threads } = options;
    super({ ...options, threads: library.reentrant ? threads : 1 });
    this.library = library;
    this.#module = this.moduleFunctions();
    this.#functions = chunkFunctions(library, { functions: this.#module, scratch: this.scratch });
    this.#usesPanels = library.smallKernels;
  }

  override get name(): string {
    const { vendor, version, core } = this.library;
    return `${vendor} ${version} (${core}) + ${super.name}`;
  }

  protected override blasFunctions(): { file: string; functions: readonly ChunkFunction[] } {
    return { file: this.library.file, functions: this.#functions };
  }

  /** The address of element 0: another one after growing has moved the memory. */
  #base(): number {
    const { buffer } = this.memory;
    if (buffer !== this.#addressOf) {
      this.#address = this.library.addressOf(buffer);
      this.#addressOf = buffer;
    }
    return this.#address;
  }

  override pack(k: number, n: number, b: Block, into?: Packed): Packed {
    if (into) this.freePacked(into);
    const packed = new BlasPacked(k, n, b);
    // All memory is taken here: a product must not move the memory under its caller.
    if (k * n < SMALL_VECTOR) packed.small = super.pack(k, n, b);
    else if (this.#usesPanels && isSquarish(k, n)) packed.panels = this.alloc(k * n);
    else if (k >= DEEP * n) packed.half = this.alloc(HALF);
    return packed;
  }

  /** Large matrices that need no layout are read where they stand: V8 keeps such arrays outside its heap, where nothing moves. */
  packArray(k: number, n: number, data: FloatArray, rowStride: number, colStride: number): Packed | null {
    if (k * n < SMALL_VECTOR || (this.#usesPanels && isSquarish(k, n))) return null;
    const address = this.library.addressOf(data.buffer) + data.byteOffset;
    const packed = new BlasPacked(k, n, { at: OUTSIDE, rowStride, colStride }, { data, address });
    if (k >= DEEP * n) packed.half = this.alloc(HALF);
    return packed;
  }

  onArray(array: FloatArray, f: (p: Pointer) => void): boolean {
    this.#outside = this.library.addressOf(array.buffer) + array.byteOffset;
    f(OUTSIDE);
    return true;
  }

  protected override update(name: Splittable, blocks: number, args: number[]): void {
    if (args[1] !== OUTSIDE) {
      super.update(name, blocks, args);
      return;
    }
    const [n, , ...rest] = args;
    const all = [n, this.numberOf(name), this.#outside, this.#base(), ...rest];
    const steps = all.map((_, i) => (i === 2 ? 4 * UPDATED : i > 3 && i < 3 + blocks ? UPDATED : 0));
    this.#inChunks(BLAS.update, n, UPDATED, 0, all, steps);
  }

  override freePacked(b: Packed): void {
    if (!(b instanceof BlasPacked)) return;
    if (b.array !== null) this.settle(); // the array may go
    if (b.panels !== null) this.free(b.panels);
    if (b.small !== null) super.freePacked(b.small);
    if (b.half !== null) this.free(b.half);
    b.half = null;
    b.panels = null;
    b.small = null;
  }

  override gemm(m: number, a: Block, b: Packed, c: Pointer, cStride: number, accumulate: boolean): void {
    if (!(b instanceof BlasPacked) || m === 0) return;
    const beta = accumulate ? 1 : 0;
    if (b.small !== null && m * b.k * b.n < (m === 1 ? SMALL_VECTOR : SMALL_PRODUCT)) {
      super.gemm(m, a, b.small, c, cStride, accumulate);
    } else if (m === 1) this.#vector(a, b, c, beta);
    else if (m <= PANEL_ROWS && b.panels !== null) this.#fewRows(m, a, b, b.panels, c, cStride, beta);
    else this.#manyRows(m, a, b, c, cStride, beta);
  }

  /** cᵀ = Bᵀ aᵀ. */
  #vector(a: Block, { k, n, b, array }: BlasPacked, c: Pointer, beta: number): void {
    const base = this.#base();
    const bAddress = array?.address ?? base + 4 * b.at;
    const plain = b.colStride === 1;
    const size = plain ? 3 : 2;
    const [rows, columns] = plain ? [k, n] : [n, k];
    const stride = Math.max(plain ? b.rowStride : b.colStride, columns);
    const args = [ROW_MAJOR, plain ? TRANSPOSED : PLAIN, rows, columns, 1, bAddress, stride];
    args.push(base + 4 * a.at, a.colStride, beta, base + 4 * c, 1);
    const chunk = k * n < LONG_VECTOR ? n : 64 * Math.ceil(n / 128);
    const steps = args.map((_, i) => (i === 5 ? 4 * chunk * b.colStride : i === 10 ? 4 * chunk : 0));
    this.#inChunks(BLAS.gemv, n, chunk, size, args, steps);
  }

  #fewRows(
    m: number,
    a: Block,
    packed: BlasPacked,
    panels: Pointer,
    c: Pointer,
    cStride: number,
    beta: number,
  ): void {
    const { k, n, b } = packed;
    if (!packed.filled) {
      this.layOutPanels(k, n, b, panels);
      packed.filled = true;
    }
    const base = this.#base();
    const transA = a.colStride === 1 ? 0 : 1;
    const aStride = Math.max(transA ? a.colStride : a.rowStride, transA ? m : k);
    const args = [n, m, k, transA, base + 4 * a.at, aStride, base + 4 * panels, beta, base + 4 * c, cStride];
    const chunk = PANEL * Math.ceil(n / PANEL / pieces(m * n * k));
    this.#inChunks(BLAS.panels, n, chunk, 0, args, [0, 0, 0, 0, 0, 0, 4 * chunk * k, 0, 4 * chunk, 0]);
  }

  /** B [k, n] into panels from element `to` on. */
  protected layOutPanels(k: number, n: number, { at, rowStride, colStride }: Block, to: Pointer): void {
    const chunk = Math.ceil(LAID_OUT / (PANEL * k));
    const args = [0, 0, k, n, at, rowStride, colStride, to];
    this.split("panels", Math.ceil(n / PANEL), chunk, 0, args, [0, chunk, 0, 0, 0, 0, 0, 0]);
  }

  #manyRows(m: number, a: Block, packed: BlasPacked, c: Pointer, cStride: number, beta: number): void {
    const { k, n, b, array, half } = packed;
    const base = this.#base();
    const bAddress = array?.address ?? base + 4 * b.at;
    const transA = a.colStride !== 1;
    const transB = b.colStride !== 1;
    const aStride = Math.max(transA ? a.colStride : a.rowStride, transA ? m : k);
    const bStride = Math.max(transB ? b.colStride : b.rowStride, transB ? k : n);
    const args = [ROW_MAJOR, transA ? TRANSPOSED : PLAIN, transB ? TRANSPOSED : PLAIN, m, n, k, 1];
    args.push(base + 4 * a.at, aStride, bAddress, bStride, beta, base + 4 * c, cStride);
    const steps = new Array<number>(args.length).fill(0);
    const count = pieces(m * n * k);
    if (half !== null && m * n <= HALF && k >= DEEP * m && count > 1) {
      // Cut otherwise, each part would read all of B. The first half goes to C, the second beside it.
      const chunk = 16 * Math.ceil(k / 32);
      steps[7] = 4 * chunk * a.colStride;
      steps[9] = 4 * chunk * b.rowStride;
      steps[11] = -beta;
      steps[12] = 4 * (half - c);
      steps[13] = n - cStride;
      this.#inChunks(BLAS.gemm, k, chunk, 5, args, steps);
      if (cStride === n) this.addScaled(m * n, 1, half, c);
      else for (let i = 0; i < m; i++) this.addScaled(n, 1, half + i * n, c + i * cStride);
    } else if (m > n) {
      const chunk = 16 * Math.ceil(m / 16 / count);
      steps[7] = 4 * chunk * a.rowStride;
      steps[12] = 4 * chunk * cStride;
      this.#inChunks(BLAS.gemm, m, chunk, 3, args, steps);
    } else {
      const chunk = 64 * Math.ceil(n / 64 / count);
      steps[9] = 4 * chunk * b.colStride;
      steps[12] = 4 * chunk;
      this.#inChunks(BLAS.gemm, n, chunk, 4, args, steps);
    }
  }

  /** Like `split`, but always with the same chunks. */
  #inChunks(
    which: number,
    total: number,
    chunk: number,
    sizeArg: number,
    args: number[],
    steps: readonly number[],
  ): void {
    const pool = total > chunk ? this.readyPool() : null;
    if (pool) {
      pool.run(this.#module.length + which, total, chunk, sizeArg, args, steps);
      return;
    }
    const call = this.#functions[which];
    for (let done = 0; done < total; done += chunk) {
      args[sizeArg] = Math.min(chunk, total - done);
      call(...args);
      for (let i = 0; i < args.length; i++) args[i] += steps[i];
    }
  }
}

/**
 * Matrices of about as many rows as columns are those of recurrent layers: multiplied at every step, they are worth laying
 * out. A long and narrow one is an output layer, used once or for many rows.
 */
function isSquarish(k: number, n: number): boolean {
  return k <= 4 * n && n <= 4 * k;
}

function pieces(multiplications: number): number {
  if (multiplications < IN_TWO) return 1;
  return multiplications < IN_FOUR ? 2 : 4;
}
