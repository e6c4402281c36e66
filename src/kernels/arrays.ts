import type { Block, Engine, Packed, Pointer } from "./engine.ts";
import { reference } from "./reference.ts";
import type { FloatArray, Kernels, MatrixView } from "./types.ts";

/**
 * Products of fewer multiplications run in the plain loop. Copying pays from about 300 on (test/bench/kernels.ts), but
 * matrices small enough to be looked at should show the same digits on every machine.
 */
const GEMM_PAYS = 1024;
/** Likewise for the elements of a map, where copying pays from about 16 on. */
const MAP_PAYS = 64;
/** Elements of an array that are copied in at a time: they stay in the cache. */
const CHUNK = 8192;
/** Elements of A, of B and of C that are in engine memory at a time. */
const BLOCK = 1 << 18;

/**
 * The kernels on ordinary arrays by an engine: parts are copied in, computed on and copied out. What is float64 or small
 * goes through the plain loop, as does everything where there is no engine. The engine is asked for when it is needed.
 */
export function arrayKernels(engineOf: () => Engine | undefined): Omit<Kernels, "name"> {
  const scratch = new Scratch();
  const map = (f: "exp" | "tanh" | "sigmoid") => (x: FloatArray, y: FloatArray) => {
    const pays = x.length >= MAP_PAYS && x instanceof Float32Array && y instanceof Float32Array;
    const engine = pays ? engineOf() : undefined;
    if (!engine) {
      reference[f](x, y);
      return;
    }
    const [p] = scratch.blocks(engine, CHUNK);
    for (let i = 0; i < x.length; i += CHUNK) {
      const n = Math.min(CHUNK, x.length - i);
      engine.memory.set(x.subarray(i, i + n), p);
      engine[f](n, p, p);
      y.set(engine.memory.subarray(p, p + n), i);
    }
  };
  return {
    exp: map("exp"),
    tanh: map("tanh"),
    sigmoid: map("sigmoid"),
    gemm(m, n, k, a, b, c, cOffset) {
      const pays = m * n * k >= GEMM_PAYS && [a.data, b.data, c].every((x) => x instanceof Float32Array);
      const engine = pays ? engineOf() : undefined;
      if (!engine) reference.gemm(m, n, k, a, b, c, cOffset);
      else gemmInParts(engine, scratch, m, n, k, a, b, c as Float32Array, cOffset);
    },
  };
}

/** Blocks that are kept for the next call, so that a call that an interrupt ends halfway leaves nothing behind. */
class Scratch {
  #engine: Engine | undefined;
  #at: Pointer = 0;
  #length = 0;
  #packed: Packed | undefined;

  blocks(engine: Engine, ...lengths: number[]): Pointer[] {
    const starts: number[] = [];
    let total = 0;
    for (const length of lengths) {
      starts.push(total);
      total += Math.ceil(length / 16) * 16;
    }
    this.freePacked();
    if (engine !== this.#engine || total > this.#length) {
      if (engine === this.#engine) engine.free(this.#at);
      this.#engine = undefined; // in case there is no room
      this.#at = engine.alloc(total);
      this.#length = total;
      this.#engine = engine;
    }
    return starts.map((start) => this.#at + start);
  }

  /** Lays out a matrix until `freePacked` or the next `blocks`. */
  pack(k: number, n: number, b: Block): Packed {
    return (this.#packed = this.#engine!.pack(k, n, b));
  }

  freePacked(): void {
    const packed = this.#packed;
    this.#packed = undefined;
    if (packed) this.#engine!.freePacked(packed);
  }
}

/** Columns of B by the block, and for each block rows of A by the block; all of the inner dimension at once. */
function gemmInParts(
  engine: Engine,
  scratch: Scratch,
  m: number,
  n: number,
  k: number,
  a: MatrixView,
  b: MatrixView,
  c: Float32Array,
  cOffset: number,
): void {
  const columns = Math.min(n, Math.max(64, 16 * Math.floor(BLOCK / k / 16)));
  const rows = Math.min(m, Math.max(64, 16 * Math.floor(BLOCK / Math.max(k, columns) / 16)));
  const [aAt, bAt, cAt] = scratch.blocks(engine, rows * k, k * columns, rows * columns);
  for (let j = 0; j < n; j += columns) {
    const nj = Math.min(columns, n - j);
    const packed = scratch.pack(k, nj, copyIn(engine, bAt, k, nj, b, j * b.colStride));
    for (let i = 0; i < m; i += rows) {
      const mi = Math.min(rows, m - i);
      const block = copyIn(engine, aAt, mi, k, a, i * a.rowStride);
      engine.gemm(mi, block, packed, cAt, nj, false);
      const { memory } = engine;
      if (nj === n) c.set(memory.subarray(cAt, cAt + mi * n), cOffset + i * n);
      else {
        for (let r = 0; r < mi; r++) {
          c.set(memory.subarray(cAt + r * nj, cAt + (r + 1) * nj), cOffset + (i + r) * n + j);
        }
      }
    }
    scratch.freePacked();
  }
}

/** Copies a matrix to `at`, along whichever dimension lies contiguous in the source. */
function copyIn(engine: Engine, at: Pointer, rows: number, columns: number, x: MatrixView, offset: number) {
  const start = x.offset + offset;
  const { memory } = engine;
  if (x.rowStride === 1 && x.colStride !== 1) {
    copyLines(memory, at, columns, rows, x, start, x.colStride, 1);
    return { at, rowStride: 1, colStride: rows };
  }
  copyLines(memory, at, rows, columns, x, start, x.rowStride, x.colStride);
  return { at, rowStride: columns, colStride: 1 };
}

function copyLines(
  memory: FloatArray,
  at: Pointer,
  lines: number,
  length: number,
  { data }: MatrixView,
  start: number,
  lineStride: number,
  step: number,
): void {
  if (step === 1 && lineStride === length) memory.set(data.subarray(start, start + lines * length), at);
  else if (step === 1 && length >= 16) {
    for (let i = 0; i < lines; i++) {
      const from = start + i * lineStride;
      memory.set(data.subarray(from, from + length), at + i * length);
    }
  } else {
    for (let i = 0; i < lines; i++) {
      const from = start + i * lineStride;
      const to = at + i * length;
      for (let j = 0; j < length; j++) memory[to + j] = data[from + j * step];
    }
  }
}
