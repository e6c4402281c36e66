import type { Pointer } from "../engine.ts";
import { WasmEngine } from "../wasm/engine.ts";
import type { Splittable } from "../wasm/exports.ts";
import type { WasmOptions } from "../wasm/memory.ts";
import type { Variant } from "../wasm/variants.ts";
import { threadCount } from "./count.ts";
import { Pool } from "./pool.ts";
import type { ChunkFunction } from "./protocol.ts";
import type { WorkerStart } from "./worker.ts";

/** What runs on WebAssembly alone: with a second thread where `threadCount` says so. */
export function threadedEngine(variant: Variant): ThreadedEngine {
  return new ThreadedEngine({ variant, threads: threadCount().threads });
}

export interface ThreadedOptions extends Omit<WasmOptions, "shared"> {
  /** Threads, the caller's included. */
  readonly threads: number;
  /** Shares work even while that costs time (`profit.ts`): for tests. */
  readonly always?: boolean;
}

/** Calls worth cutting up before the other threads are started: a few milliseconds of work. */
const BEFORE_START = 32;
/** Chunks for each thread: with more than one, a thread that comes late or is disturbed costs little. */
const CHUNKS_PER_THREAD = 2;

/** The WebAssembly engine with more threads on the same memory. They are started by the first work that is large. */
export class ThreadedEngine extends WasmEngine {
  readonly threads: number;
  #pool: Pool | null = null;
  readonly #always: boolean;
  #calls = 0;
  /** Functions of the module under the numbers that regions use; further ones of a subclass follow them. */
  readonly #names: readonly string[];

  constructor({ threads, always = false, ...options }: ThreadedOptions) {
    // Ordinary arrays are copied into shared memory at half the speed: V8 does it word by word.
    super({ ...options, shared: threads > 1 });
    this.threads = threads;
    this.#always = always;
    this.#names = Object.keys(this.exports).filter((name) => typeof this.#export(name) === "function");
  }

  #export(name: string): ChunkFunction {
    return (this.exports as unknown as Record<string, ChunkFunction>)[name];
  }

  /** Functions of a BLAS, which come after those of the module, and the file from which a worker opens them. */
  protected blasFunctions(): { file: string; functions: readonly ChunkFunction[] } | null {
    return null;
  }

  /** The functions of the module under their numbers; those of a BLAS come after them. */
  protected moduleFunctions(): ChunkFunction[] {
    return this.#names.map((name) => this.#export(name));
  }

  /** The number of a function of the module. */
  protected numberOf(name: Splittable): number {
    return this.#names.indexOf(name);
  }

  /** Waits until no thread works any more: an interrupt may have ended the script in the middle of a region. */
  protected settle(): void {
    this.#pool?.settle();
  }

  /** Threads that compute at present: fewer than `threads` before the first large work. */
  get running(): number {
    return 1 + (this.#pool?.ready ?? 0);
  }

  /** Why a thread is missing, if one is. */
  get threadProblem(): string | undefined {
    return this.#pool?.problem;
  }

  override alloc(length: number): Pointer {
    // An interrupt may have ended the script in the middle of a region, whose last chunk is still being written.
    if (#pool in this) this.#pool?.settle(); // not yet where the base class allocates while it is made
    return super.alloc(length);
  }

  protected override split(
    name: Splittable,
    total: number,
    chunk: number,
    sizeArg: number,
    args: number[],
    steps: readonly number[],
  ): void {
    const pool = total > chunk ? this.readyPool() : null;
    if (!pool) {
      super.split(name, total, chunk, sizeArg, args, steps);
      return;
    }
    // Any cut gives the same bits: so not more chunks than are of use.
    const factor = Math.max(1, Math.floor(total / chunk / (CHUNKS_PER_THREAD * this.threads)));
    const longer = steps.map((step) => step * factor);
    pool.run(this.#names.indexOf(name), total, chunk * factor, sizeArg, args, longer);
  }

  /** The pool if a thread of it is there and has a core; calling it counts as work that would be worth a thread. */
  protected readyPool(): Pool | null {
    if (this.threads === 1) return null;
    if (!this.#pool) {
      if (++this.#calls >= BEFORE_START) this.#pool = this.#start();
      return null;
    }
    return this.#pool.ready > 0 && (this.#always || this.#pool.worthwhile) ? this.#pool : null;
  }

  #start(): Pool {
    const blas = this.blasFunctions();
    const starts = Array.from(
      { length: this.threads - 1 },
      (): Omit<WorkerStart, "control"> => ({
        module: this.module,
        memory: this.wasmMemory,
        names: this.#names,
        scratch: this.alloc(this.exports.scratchLength()),
        blas: blas?.file ?? null,
      }),
    );
    return new Pool([...this.moduleFunctions(), ...(blas?.functions ?? [])], starts);
  }
}
