import type { Pointer } from "./engine.ts";

/** What an allocator hands out: pieces of a memory that is addressed by element and can grow at its end. */
export interface AllocatorOptions {
  /** Blocks begin at multiples of this many elements: 64 bytes, a cache line. */
  granule: number;
  /** The first element it may hand out; what lies before is the engine's own. */
  first?: Pointer;
  /** Called when the memory must reach up to element `end` (exclusive). */
  grow(end: Pointer): void;
}

/**
 * First fit: a block goes into the lowest hole that is large enough, or to the end. Holes that touch are joined. An
 * engine has a few dozen blocks at a time, so a walk over the holes costs less than a cleverer structure.
 */
export class Allocator {
  readonly #granule: number;
  readonly #grow: (end: Pointer) => void;
  /** For each granule: how many a block that is out and begins there has; 0 where none begins. */
  #lengths = new Int32Array(1024);
  /** Holes below `#end` in ascending order; no two touch each other or the end. */
  readonly #holes: { at: Pointer; length: number }[] = [];
  #end: Pointer;
  #now = 0;
  #peak = 0;

  constructor({ granule, first = 0, grow }: AllocatorOptions) {
    this.#granule = granule;
    this.#grow = grow;
    this.#end = Math.ceil(first / granule) * granule;
  }

  /** Elements that are out at present. */
  get now(): number {
    return this.#now;
  }

  /** The most that were out at one time. */
  get peak(): number {
    return this.#peak;
  }

  /** A block of at least `length` elements. @throws {RangeError} where the memory cannot grow so far. */
  alloc(length: number): Pointer {
    const granules = Math.max(1, Math.ceil(length / this.#granule));
    const size = granules * this.#granule;
    const at = this.#place(size);
    this.#lengths[at / this.#granule] = granules;
    this.#now += size;
    this.#peak = Math.max(this.#peak, this.#now);
    return at;
  }

  #place(size: number): Pointer {
    const holes = this.#holes;
    for (let i = 0; i < holes.length; i++) {
      const hole = holes[i];
      if (hole.length < size) continue;
      const { at } = hole;
      hole.at += size;
      hole.length -= size;
      if (hole.length === 0) holes.splice(i, 1);
      return at;
    }
    const at = this.#end;
    this.#grow(at + size); // if this throws, nothing has changed
    this.#list(at / this.#granule);
    this.#end = at + size;
    return at;
  }

  /** Makes room for the length of a block that begins with this granule. */
  #list(granule: number): void {
    const before = this.#lengths;
    if (granule < before.length) return;
    this.#lengths = new Int32Array(Math.max(granule + 1, 2 * before.length));
    this.#lengths.set(before);
  }

  /** @throws {RangeError} for what is no block: freed already, or never handed out. */
  free(at: Pointer): void {
    const granule = at / this.#granule;
    const length = this.#lengths[granule] * this.#granule;
    if (!(length > 0)) throw new RangeError(`free: there is no block at element ${at}`);
    this.#lengths[granule] = 0;
    this.#now -= length;
    const holes = this.#holes;
    let i = holes.length; // most blocks are freed soon after they were made: look from the end
    while (i > 0 && holes[i - 1].at > at) i--;
    const before = holes[i - 1];
    const after = holes[i];
    const joinsBefore = before !== undefined && before.at + before.length === at;
    const joinsAfter = after !== undefined && at + length === after.at;
    if (joinsBefore) before.length += length;
    if (joinsAfter) {
      if (joinsBefore) {
        before.length += after.length;
        holes.splice(i, 1);
      } else {
        after.at = at;
        after.length += length;
      }
    }
    if (!joinsBefore && !joinsAfter) holes.splice(i, 0, { at, length });
    const last = holes[holes.length - 1];
    if (last.at + last.length === this.#end) {
      this.#end = last.at;
      holes.pop();
    }
  }
}
