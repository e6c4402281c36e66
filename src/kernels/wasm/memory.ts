import { UnrolledError } from "../../errors.ts";
import { Allocator } from "../allocator.ts";
import type { Pointer } from "../engine.ts";
import type { Splittable, WasmExports } from "./exports.ts";
import { compile, type Variant } from "./variants.ts";

const PAGE = 65536; // bytes; WebAssembly grows its memory by pages
/** Elements at the start that the constants of the module may fill (4096 bytes; `build.mjs` checks it). */
const RESERVED = 1024;
/** 64 bytes, a cache line. */
const GRANULE = 16;
/** 4 GiB, 1 GiB, 256 MiB: a browser may refuse to set aside so many addresses. */
const MAXIMA = [65536, 16384, 4096];

export interface WasmOptions {
  readonly variant: Variant;
  /** Memory that threads can share; growing it never moves it. Browsers allow it to few pages. */
  readonly shared: boolean;
}

/** One instance of the module, its memory, and who has which part of it. */
export class WasmMemory {
  readonly variant: Variant;
  readonly shared: boolean;
  readonly module: WebAssembly.Module;
  readonly wasmMemory: WebAssembly.Memory;
  readonly exports: WasmExports;
  /** Room of this instance for rows of A; between products for other things. */
  protected readonly scratch: Pointer;
  readonly #allocator: Allocator;
  #memory: Float32Array<ArrayBufferLike>;
  #ids: Int32Array<ArrayBufferLike>;
  #doubles: Float64Array<ArrayBufferLike>;

  /** @throws {UnrolledError} if there is no room for the memory. @throws {WebAssembly.CompileError} */
  constructor({ variant, shared }: WasmOptions) {
    this.variant = variant;
    this.shared = shared;
    this.module = compile(variant, shared);
    this.wasmMemory = createMemory(shared);
    const instance = new WebAssembly.Instance(this.module, { env: { memory: this.wasmMemory } });
    this.exports = instance.exports as unknown as WasmExports;
    this.#memory = new Float32Array(this.wasmMemory.buffer);
    this.#ids = new Int32Array(this.wasmMemory.buffer);
    this.#doubles = new Float64Array(this.wasmMemory.buffer);
    this.#allocator = new Allocator({
      granule: GRANULE,
      first: RESERVED,
      grow: (end) => this.#reach(end),
    });
    this.scratch = this.alloc(this.exports.scratchLength());
    this.exports.useScratch(this.scratch);
  }

  get memory(): Float32Array<ArrayBufferLike> {
    if (this.#memory.length === 0) this.#view();
    return this.#memory;
  }
  get ids(): Int32Array<ArrayBufferLike> {
    if (this.#ids.length === 0) this.#view();
    return this.#ids;
  }
  /** The memory as doubles: the elements p and p + 1, p even, are the double p / 2. */
  protected get doubles(): Float64Array<ArrayBufferLike> {
    if (this.#doubles.length === 0) this.#view();
    return this.#doubles;
  }
  idsAt(p: Pointer): number {
    return p;
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

  /** Pages that nobody has written to cost addresses only, so memory grows by half. */
  #reach(end: Pointer): void {
    if (end <= this.#memory.length) return;
    const { wasmMemory } = this;
    const have = wasmMemory.buffer.byteLength / PAGE;
    const need = Math.ceil((end * 4) / PAGE);
    if (need > have) {
      try {
        wasmMemory.grow(Math.max(need, Math.ceil(have * 1.5)) - have);
      } catch {
        this.#growExactly(have, need);
      }
    }
    this.#view();
  }

  #growExactly(have: number, need: number): void {
    try {
      this.wasmMemory.grow(need - have);
    } catch (error) {
      throw new UnrolledError(
        `WebAssembly memory cannot grow from ${mebibytes(have)} to ${mebibytes(need)} MiB: use smaller batches or shorter sequences, or kernels.use("reference")`,
        { cause: error },
      );
    }
  }

  /** Growing takes the old arrays away. An interrupt may come between the two, so whoever finds them empty looks again. */
  #view(): void {
    const { buffer } = this.wasmMemory;
    this.#memory = new Float32Array(buffer);
    this.#ids = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  /**
   * Calls the function `name` for all of `total` rows, elements or panels: `args[sizeArg]` says for how many, and chunk
   * c of `chunk` of them begins at `args[i] + c · steps[i]`. The results are the same for every cut, so here it is one
   * call; an engine with threads calls chunk by chunk.
   */
  protected split(
    name: Splittable,
    total: number,
    _chunk: number,
    sizeArg: number,
    args: number[],
    _steps: readonly number[],
  ): void {
    args[sizeArg] = total;
    (this.exports[name] as (...args: number[]) => void)(...args);
  }
}

function createMemory(shared: boolean): WebAssembly.Memory {
  let refused: unknown;
  for (const maximum of MAXIMA) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared });
    } catch (error) {
      refused = error;
    }
  }
  throw new UnrolledError("there is no room for WebAssembly memory", { cause: refused });
}

const mebibytes = (pages: number): number => Math.ceil(pages / 16);
