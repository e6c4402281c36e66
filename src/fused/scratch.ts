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

  /** A matrix [rows, cols] packed as the right-hand side of products. `data` stays as it is until the call ends. */
  pack(rows: number, cols: number, data: FloatArray): Packed {
    return this.#packsOf(rows, cols, data, false, true)[1]!;
  }

  /** The transposed of a matrix [rows, cols], packed: a right-hand side [cols, rows]. */
  packTransposed(rows: number, cols: number, data: FloatArray): Packed {
    return this.#packsOf(rows, cols, data, true, false)[0]!;
  }

  /** Both from one copy. */
  packBoth(rows: number, cols: number, data: FloatArray): [transposed: Packed, plain: Packed] {
    return this.#packsOf(rows, cols, data, true, true) as [Packed, Packed];
  }

  /** A matrix [rows, cols] that is in memory already, packed. */
  packBlock(rows: number, cols: number, at: Pointer): Packed {
    return this.#packed(this.engine.pack(rows, cols, { at, rowStride: cols, colStride: 1 }));
  }

  #packed(packed: Packed): Packed {
    this.#packs.push(packed);
    return packed;
  }

  /** From where the array stands, if the engine can; otherwise from a copy, which goes at once unless a pack refers to it. */
  #packsOf(
    rows: number,
    cols: number,
    data: FloatArray,
    transposed: boolean,
    plain: boolean,
  ): (Packed | null)[] {
    const { engine } = this;
    const direct = [
      transposed ? (engine.packArray?.(cols, rows, data, 1, cols) ?? null) : null,
      plain ? (engine.packArray?.(rows, cols, data, cols, 1) ?? null) : null,
    ];
    for (const packed of direct) if (packed) this.#packs.push(packed);
    const missing = [transposed && !direct[0], plain && !direct[1]];
    if (!missing[0] && !missing[1]) return direct;
    const at = this.copyOf(data);
    if (missing[0]) direct[0] = this.#packed(engine.pack(cols, rows, { at, rowStride: 1, colStride: cols }));
    if (missing[1]) direct[1] = this.packBlock(rows, cols, at);
    if (!direct.some((packed) => packed?.at === at)) engine.free(this.release(at));
    return direct;
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
