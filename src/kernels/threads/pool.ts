import { UnrolledError } from "../../errors.ts";
import { builtin } from "./builtin.ts";
import { Profit } from "./profit.ts";
import {
  BUSY,
  type ChunkFunction,
  CLOSED,
  CONTROL_BYTES,
  COUNT,
  type Control,
  controlOn,
  FAILED,
  HEADER,
  MOST_ARGUMENTS,
  NEXT,
  READY,
  SLEEPING,
  takeChunks,
  WAITING,
} from "./protocol.ts";
import type { WorkerStart } from "./worker.ts";

/** How often the main thread looks whether the others are done before it sleeps: some 50 µs. */
const LOOKS = 25_000;

/** The other threads. They need not be there: then the main thread takes all chunks. */
export class Pool {
  readonly #control: Control;
  readonly #functions: readonly ChunkFunction[];
  readonly #profit = new Profit();
  #problem: string | undefined;

  /** `functions` are those that workers have under the same numbers. Starts `workers`, which come when they come. */
  constructor(functions: readonly ChunkFunction[], workers: readonly Omit<WorkerStart, "control">[]) {
    this.#functions = functions;
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.#control = controlOn(control);
    Atomics.store(this.#control.slots, NEXT, CLOSED);
    try {
      for (const worker of workers) this.#start({ ...worker, control });
    } catch (error) {
      this.#problem = (error as Error).message; // Node's permission model may forbid it
    }
  }

  #start(workerData: WorkerStart): void {
    const { Worker } = builtin<typeof import("node:worker_threads")>("node:worker_threads")!;
    const worker = new Worker(...program(workerData));
    // Without its program (a bundler may have dropped it) there is one thread, and the same results.
    worker.on("error", (error: Error) => {
      this.#problem = error.message;
    });
    worker.unref();
  }

  /** Why a worker did not begin, or ended. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Workers that have begun and can take chunks. */
  get ready(): number {
    return Atomics.load(this.#control.slots, READY);
  }

  /** Whether sharing the next region is likely to save time. */
  get worthwhile(): boolean {
    return this.#profit.worthwhile();
  }

  /**
   * Calls function `which` for c = 0, 1, … with args[i] + c · steps[i], and as args[sizeArgument] how much of `total` is
   * in chunk c. Returns when all chunks are done.
   */
  run(
    which: number,
    total: number,
    chunk: number,
    sizeArgument: number,
    args: readonly number[],
    steps: readonly number[],
  ): void {
    const { slots, description } = this.#control;
    this.settle();
    Atomics.store(slots, FAILED, 0);
    description[0] = which;
    description[1] = args.length;
    description[2] = total;
    description[3] = chunk;
    description[4] = sizeArgument;
    description.set(args, HEADER);
    description.set(steps, HEADER + MOST_ARGUMENTS);
    Atomics.store(slots, COUNT, Math.ceil(total / chunk));
    Atomics.store(slots, NEXT, 0);
    if (Atomics.load(slots, SLEEPING) > 0) Atomics.notify(slots, NEXT);
    const begun = performance.now();
    const mine = takeChunks(this.#control, this.#functions);
    const worked = performance.now();
    this.settle();
    this.#profit.count(Math.min(1, (mine * chunk) / total), worked - begun, performance.now() - worked);
    if (Atomics.load(slots, FAILED) === 1) {
      throw new UnrolledError(
        "kernels: a chunk failed in the second thread; UNROLLED_THREADS=1 does without it",
      );
    }
  }

  /**
   * Closes the region, if one is open, and waits until nobody works on it. Afterwards memory that its chunks write may be
   * used for something else. One is left open where an interrupt ended the script that had begun it.
   */
  settle(): void {
    const { slots } = this.#control;
    // First closed, then waited: a worker that comes from here on finds nothing to take.
    Atomics.store(slots, NEXT, CLOSED);
    for (let looks = 0; ; looks++) {
      const busy = Atomics.load(slots, BUSY);
      if (busy === 0) break;
      if (looks < LOOKS) continue;
      Atomics.store(slots, WAITING, 1);
      Atomics.wait(slots, BUSY, busy);
      Atomics.store(slots, WAITING, 0);
    }
    Atomics.store(slots, NEXT, CLOSED); // who found nothing to take has counted it up
  }
}

/** The worker's program, seen from the sources, from `dist` and from the bundle; it needs no option and no variable. */
function program(workerData: WorkerStart): [URL | string, object] {
  const here = import.meta.url;
  const bare = { workerData, execArgv: [], env: {} };
  if (here.endsWith("/bundle.js")) return [new URL("./kernels/threads/worker.js", here), bare];
  if (!here.endsWith(".ts")) return [new URL("./worker.js", here), bare];
  // What translates the sources for the main thread does not do it for a worker by itself.
  const load = `const load = require("node:module").createRequire(${JSON.stringify(here)});`;
  return [`${load} load("tsx/cjs/api").register(); load("./worker.ts");`, { ...bare, eval: true }];
}
