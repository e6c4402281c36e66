import { AutogradError } from "../errors.ts";
import type { Engine, Pointer } from "../kernels/engine.ts";
import type { FloatArray } from "../kernels/types.ts";

const BUDGET = 64 * 2 ** 20; // bytes

/**
 * The blocks that fused nodes keep in an engine's memory for their way back. A backward frees its blocks; but a graph
 * may be dropped without one, and nobody is told of that. So the list is bounded: beyond `budget` bytes (or twice the
 * largest block so far, if that is more) the oldest block is moved into an ordinary array that only its handle holds,
 * which V8 collects together with the graph.
 */
export class SavedList {
  readonly engine: Engine;
  readonly #budget: number;
  #largest = 0;
  #bytes = 0;
  /** Handles with a block in the engine's memory, oldest first. */
  readonly #live = new Set<Saved>();

  constructor(engine: Engine, budget: number = BUDGET) {
    this.engine = engine;
    this.#budget = budget;
  }

  /** How many blocks lie in the engine's memory, and their bytes. */
  get size(): { readonly blocks: number; readonly bytes: number } {
    return { blocks: this.#live.size, bytes: this.#bytes };
  }

  /** Takes over a block of `length` elements. */
  keep(at: Pointer, length: number): Saved {
    const saved = new Saved(this, at, length);
    this.#enter(saved);
    return saved;
  }

  #enter(saved: Saved): void {
    this.#live.add(saved);
    this.#bytes += saved.bytes;
    this.#largest = Math.max(this.#largest, saved.bytes);
    const limit = Math.max(this.#budget, 2 * this.#largest);
    for (const oldest of this.#live) {
      if (this.#bytes <= limit) break;
      oldest.spill();
    }
  }

  /** Moves every block out, for those who need the engine's memory for something else. */
  spillAll(): void {
    for (const saved of this.#live) saved.spill();
  }

  /** Called by a handle whose block has come back into memory, or has left it. */
  moved(saved: Saved, inside: boolean): void {
    if (inside) this.#enter(saved);
    else if (this.#live.delete(saved)) this.#bytes -= saved.bytes;
  }
}

/** A block that is kept for the way back, in the engine's memory or, spilled, in an array of its own. */
export class Saved {
  readonly bytes: number;
  readonly #list: SavedList;
  readonly #length: number;
  #at: Pointer | null;
  #copy: FloatArray | null = null;

  constructor(list: SavedList, at: Pointer, length: number) {
    this.#list = list;
    this.#at = at;
    this.#length = length;
    this.bytes = length * list.engine.memory.BYTES_PER_ELEMENT;
  }

  /**
   * Where the block lies; it is copied in again if it was spilled.
   * @throws {AutogradError} if it was freed: the backward that did so has not come to its end.
   */
  get at(): Pointer {
    const { engine } = this.#list;
    if (this.#at === null) {
      if (this.#copy === null) {
        throw new AutogradError("backward: an earlier backward() broke off. Compute the loss again.");
      }
      const at = engine.alloc(this.#length);
      engine.memory.set(this.#copy, at);
      this.#at = at;
      this.#copy = null;
      this.#list.moved(this, true);
    }
    return this.#at;
  }

  get isSpilled(): boolean {
    return this.#copy !== null;
  }

  /** Whether it lies in the memory of this engine. */
  isIn(engine: Engine): boolean {
    return this.#at !== null && engine === this.#list.engine;
  }

  /** The contents, as an array of their own. */
  copy(): FloatArray {
    if (this.#at === null) return this.#copy!.slice();
    return this.#list.engine.memory.slice(this.#at, this.#at + this.#length);
  }

  /** Moves the block out of the engine's memory. */
  spill(): void {
    if (this.#at === null) return;
    const { engine } = this.#list;
    this.#copy = engine.memory.slice(this.#at, this.#at + this.#length);
    this.#leave();
  }

  /** The contents as an array of their own; the block is free again. */
  take(): FloatArray {
    this.spill();
    const copy = this.#copy!;
    this.#copy = null;
    return copy;
  }

  /** Ends it: the block is free again. */
  free(): void {
    this.#copy = null;
    if (this.#at !== null) this.#leave();
  }

  #leave(): void {
    this.#list.engine.free(this.#at!);
    this.#at = null;
    this.#list.moved(this, false);
  }
}

const lists = new WeakMap<Engine, SavedList>();

/** The list of an engine. */
export function savedOf(engine: Engine): SavedList {
  const list = lists.get(engine) ?? new SavedList(engine);
  lists.set(engine, list);
  return list;
}
