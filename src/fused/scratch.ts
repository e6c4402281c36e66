import { NDArray } from "../array/ndarray.ts";
import type { Engine, Packed, Pointer } from "../kernels/engine.ts";
import type { FloatArray } from "../kernels/types.ts";

/**
 * What one fused call borrows of an engine's memory. Everything is given back when the call ends, whether it returns
 * or throws.
 */
export class Scratch {
  readonly engine: Engine;
  readonly #blocks: Pointer[] = [];
  readonly #packs: Packed[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** `length` elements, contents undefined. */
  block(length: number): Pointer {
    const at = this.engine.alloc(length);
    this.#blocks.push(at);
    return at;
  }

  zeros(length: number): Pointer {
    const at = this.block(length);
    this.engine.fill(length, 0, at);
    return at;
  }

  /** A copy of `data`. */
  copyOf(data: FloatArray): Pointer {
    const at = this.block(data.length);
    this.engine.memory.set(data, at);
    return at;
  }

  /** A copy of ids, as an index into the engine's `ids`. */
  copyOfIds(ids: Int32Array): number {
    const at = this.engine.idsAt(this.block(ids.length));
    this.engine.ids.set(ids, at);
    return at;
  }

  /** A matrix [rows, cols] packed as the right-hand side of products. */
  pack(rows: number, cols: number, data: FloatArray): Packed {
    const at = this.copyOf(data);
    return this.#packed(at, this.engine.pack(rows, cols, { at, rowStride: cols, colStride: 1 }));
  }

  /** The transposed of a matrix [rows, cols], packed: a right-hand side [cols, rows]. */
  packTransposed(rows: number, cols: number, data: FloatArray): Packed {
    const at = this.copyOf(data);
    return this.#packed(at, this.engine.pack(cols, rows, { at, rowStride: 1, colStride: cols }));
  }

  /** Both from one copy: the transposed, and the matrix itself where it is wanted. */
  packs(
    rows: number,
    cols: number,
    data: FloatArray,
    plain: boolean,
  ): [transposed: Packed, plain: Packed | null] {
    const at = this.copyOf(data);
    const transposed = this.engine.pack(cols, rows, { at, rowStride: 1, colStride: cols });
    this.#packs.push(transposed);
    const own = plain ? this.packBlock(rows, cols, at) : null;
    if (transposed.at !== at) this.engine.free(this.release(at));
    return [transposed, own];
  }

  /** A matrix [rows, cols] that is in memory already, packed. */
  packBlock(rows: number, cols: number, at: Pointer): Packed {
    const packed = this.engine.pack(rows, cols, { at, rowStride: cols, colStride: 1 });
    this.#packs.push(packed);
    return packed;
  }

  /** The copy goes at once, unless the pack only refers to it. */
  #packed(copy: Pointer, packed: Packed): Packed {
    this.#packs.push(packed);
    if (packed.at !== copy) this.engine.free(this.release(copy));
    return packed;
  }

  /** Takes a block out of this call's hands: whoever asked for it frees it. */
  release(at: Pointer): Pointer {
    this.#blocks.splice(this.#blocks.lastIndexOf(at), 1);
    return at;
  }

  /** Gives everything back. */
  end(): void {
    while (this.#packs.length > 0) this.engine.freePacked(this.#packs.pop()!);
    while (this.#blocks.length > 0) this.engine.free(this.#blocks.pop()!);
  }
}

/** The elements of a float array in row-major order. */
export function floats(x: NDArray): FloatArray {
  return x.flat() as FloatArray;
}

/** A copy of what lies in the engine's memory, in an array of its own. */
export function copyOut({ engine }: Scratch, at: Pointer, shape: readonly number[]): NDArray {
  const size = shape.reduce((product, n) => product * n, 1);
  return new NDArray(engine.memory.slice(at, at + size), shape);
}

/** Calls that are under way: one, or several where one fused call runs inside another. */
const underWay: Scratch[] = [];

/** Runs `f` with scratch memory of an engine, and gives the memory back. */
export function withScratch<T>(engine: Engine, f: (scratch: Scratch) => T): T {
  const scratch = new Scratch(engine);
  underWay.push(scratch);
  try {
    return f(scratch);
  } finally {
    underWay.pop();
    scratch.end();
  }
}

// A notebook kernel can end a running cell without letting `finally` run. It calls these hooks before the next cell.
const hooks = globalThis as unknown as Record<symbol, Set<() => void> | undefined>;
const key = Symbol.for("unrolled.resetHooks");
hooks[key] ??= new Set();
hooks[key].add(() => {
  while (underWay.length > 0) underWay.pop()?.end();
});
