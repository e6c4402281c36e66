import { Allocator } from "./allocator.ts";
import type { Block, Packed, Pointer } from "./engine.ts";
import type { FloatArray } from "./types.ts";

const arrays = { float32: Float32Array, float64: Float64Array };
const LINE = 64; // bytes of a cache line
/** Elements whose squares are added up in one go. */
const PIECE = 16384;

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The memory of the reference engine, matrices and maps. */
export class ReferenceMemory {
  readonly name: string;
  readonly #allocator: Allocator;
  #memory: FloatArray;
  #ids: Int32Array;

  constructor(dtype: "float32" | "float64") {
    this.name = `reference ${dtype}`;
    this.#memory = new arrays[dtype](0);
    this.#ids = new Int32Array(0);
    this.#allocator = new Allocator({
      granule: LINE / this.#memory.BYTES_PER_ELEMENT,
      grow: (end) => {
        if (end <= this.#memory.length) return;
        const larger = new arrays[dtype](Math.max(end, 2 * this.#memory.length));
        larger.set(this.#memory);
        this.#memory = larger;
        this.#ids = new Int32Array(larger.buffer);
      },
    });
  }

  get memory(): FloatArray {
    return this.#memory;
  }
  get ids(): Int32Array {
    return this.#ids;
  }
  idsAt(p: Pointer): number {
    return p * (this.#memory.BYTES_PER_ELEMENT / 4);
  }
  alloc(length: number): Pointer {
    return this.#allocator.alloc(length);
  }
  free(p: Pointer): void {
    this.#allocator.free(p);
  }
  get allocated(): { readonly now: number; readonly peak: number } {
    return this.#allocator;
  }

  /** B as it is, row-major. */
  pack(k: number, n: number, b: Block, into?: Packed): Packed {
    const packed = into ?? { k, n, at: this.alloc(k * n), length: k * n };
    const x = this.#memory;
    for (let l = 0; l < k; l++) {
      for (let j = 0; j < n; j++) x[packed.at + l * n + j] = x[b.at + l * b.rowStride + j * b.colStride];
    }
    return packed;
  }

  freePacked(b: Packed): void {
    this.free(b.at);
  }

  /** c_ij = Σ_l a_il b_lj, row i of C as a sum of rows of B, because memory is read fast only along a row. */
  gemm(m: number, a: Block, { k, n, at }: Packed, c: Pointer, cStride: number, accumulate: boolean): void {
    const x = this.#memory;
    const row = new Float64Array(n);
    for (let i = 0; i < m; i++) {
      row.fill(0);
      for (let l = 0; l < k; l++) {
        const scale = x[a.at + i * a.rowStride + l * a.colStride];
        for (let j = 0; j < n; j++) row[j] += scale * x[at + l * n + j];
      }
      const cRow = c + i * cStride;
      for (let j = 0; j < n; j++) x[cRow + j] = accumulate ? x[cRow + j] + row[j] : row[j];
    }
  }

  addBias(rows: number, n: number, x: Pointer, b: Pointer): void {
    for (let r = 0; r < rows; r++) this.addScaled(n, 1, b, x + r * n);
  }

  addColumnSums(rows: number, n: number, x: Pointer, sum: Pointer): void {
    const data = this.#memory;
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let r = 0; r < rows; r++) total += data[x + r * n + j];
      data[sum + j] += total;
    }
  }

  addScaled(n: number, a: number, x: Pointer, y: Pointer): void {
    const data = this.#memory;
    for (let i = 0; i < n; i++) data[y + i] += a * data[x + i];
  }
  scale(n: number, a: number, x: Pointer): void {
    this.map(n, x, x, (v) => a * v);
  }
  fill(n: number, value: number, x: Pointer): void {
    this.#memory.fill(value, x, x + n);
  }
  sumOfSquares(n: number, x: Pointer): number {
    let total = 0;
    for (let start = x; start < x + n; start += PIECE) {
      let sum = 0;
      for (let i = start; i < Math.min(start + PIECE, x + n); i++) sum += this.#memory[i] ** 2;
      total += sum;
    }
    return total;
  }
  exp(n: number, x: Pointer, y: Pointer): void {
    this.map(n, x, y, Math.exp);
  }
  tanh(n: number, x: Pointer, y: Pointer): void {
    this.map(n, x, y, Math.tanh);
  }
  sigmoid(n: number, x: Pointer, y: Pointer): void {
    this.map(n, x, y, sigmoid);
  }

  protected map(n: number, x: Pointer, y: Pointer, f: (v: number) => number): void {
    const data = this.#memory;
    for (let i = 0; i < n; i++) data[y + i] = f(data[x + i]);
  }

  gatherRows(rows: number, n: number, table: Pointer, ids: number, out: Pointer): void {
    for (let r = 0; r < rows; r++) {
      const from = table + this.#ids[ids + r] * n;
      this.#memory.copyWithin(out + r * n, from, from + n);
    }
  }
  scatterAddRows(rows: number, n: number, x: Pointer, ids: number, table: Pointer): void {
    for (let r = 0; r < rows; r++) this.addScaled(n, 1, x + r * n, table + this.#ids[ids + r] * n);
  }
  gatherColumns(rows: number, n: number, V: number, W: Pointer, ids: number, out: Pointer): void {
    const data = this.#memory;
    for (let r = 0; r < rows; r++) {
      const column = W + this.#ids[ids + r];
      for (let j = 0; j < n; j++) data[out + r * n + j] = data[column + j * V];
    }
  }
  scatterAddColumns(rows: number, n: number, V: number, x: Pointer, ids: number, W: Pointer): void {
    const data = this.#memory;
    for (let r = 0; r < rows; r++) {
      const column = W + this.#ids[ids + r];
      for (let j = 0; j < n; j++) data[column + j * V] += data[x + r * n + j];
    }
  }
}
