import type { Tensor } from "../autograd/tensor.ts";
import type { Engine, Packed, Pointer } from "../kernels/engine.ts";

const BUDGET = 64 * 2 ** 20; // bytes
/** What a pack counts at least, so that there are never very many small ones. */
const LEAST = 1024;
/** So many of those used last are kept whatever their size: one fused call has no more of them in hand. */
const IN_HAND = 4;

/** A weight as it lies packed in engine memory. */
interface Kept {
  readonly packed: Packed;
  /** The copy that it refers to, where the engine has no layout of its own. */
  readonly source: Pointer | null;
  /** Of the weight, when it was packed. */
  readonly version: number;
  readonly bytes: number;
}

/** What a pack is found by: weights have theirs in a weak map, so that the list does not keep them alive. */
type Key = object;

/**
 * Weights packed once for many calls without a graph: a generation multiplies by the same weights at every token. A
 * pack serves as long as its weight's `version` stays; one that is out of date is freed when the weight is next asked
 * for. Beyond `budget` bytes those that were not used for longest are freed, so that models which nobody uses any more
 * leave no more than that behind.
 *
 * Elements that are written around `Tensor.changeData` are not noticed; nothing in the library does that.
 */
export class PackList {
  readonly engine: Engine;
  readonly #budget: number;
  readonly #keys = new WeakMap<Tensor, { readonly plain: Key; readonly transposed: Key }>();
  /** Those used last come last. */
  readonly #kept = new Map<Key, Kept>();
  #bytes = 0;

  constructor(engine: Engine, budget: number = BUDGET) {
    this.engine = engine;
    this.#budget = budget;
  }

  /** How many packs are kept, and their bytes. */
  get size(): { readonly packs: number; readonly bytes: number } {
    return { packs: this.#kept.size, bytes: this.#bytes };
  }

  /**
   * W [rows, cols] packed as the right-hand side of a product, or Wᵀ with `transposed`. It must not be freed, and holds
   * until three others were asked for.
   */
  of(weight: Tensor, transposed: boolean): Packed {
    const keys = this.#keys.get(weight) ?? { plain: {}, transposed: {} };
    this.#keys.set(weight, keys);
    const key = transposed ? keys.transposed : keys.plain;
    const before = this.#kept.get(key);
    if (before?.version === weight.version) {
      this.#kept.delete(key);
      this.#kept.set(key, before); // it is the last now
      return before.packed;
    }
    if (before) this.#drop(key, before);
    const fresh = this.#pack(weight, transposed);
    this.#kept.set(key, fresh);
    this.#bytes += fresh.bytes;
    for (const [oldest, kept] of this.#kept) {
      if (this.#bytes <= this.#budget || this.#kept.size <= IN_HAND) break;
      this.#drop(oldest, kept);
    }
    return fresh.packed;
  }

  /** Frees everything. */
  clear(): void {
    for (const [key, kept] of this.#kept) this.#drop(key, kept);
  }

  #pack({ shape, version, data }: Tensor, transposed: boolean): Kept {
    const { engine } = this;
    const [rows, cols] = shape;
    const at = engine.alloc(data.length);
    engine.memory.set(data, at);
    const packed = transposed
      ? engine.pack(cols, rows, { at, rowStride: 1, colStride: cols })
      : engine.pack(rows, cols, { at, rowStride: cols, colStride: 1 });
    const refers = packed.at === at;
    if (!refers) engine.free(at);
    const bytes = Math.max(LEAST, packed.length * data.BYTES_PER_ELEMENT);
    return { packed, source: refers ? at : null, version, bytes };
  }

  #drop(key: Key, { packed, source, bytes }: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= bytes;
    this.engine.freePacked(packed);
    if (source !== null) this.engine.free(source);
  }
}

const lists = new WeakMap<Engine, PackList>();

/** The list of an engine. */
export function packsFor(engine: Engine): PackList {
  const list = lists.get(engine) ?? new PackList(engine);
  lists.set(engine, list);
  return list;
}
