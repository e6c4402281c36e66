/**
 * A second thread of the kernels: an instance of the same WebAssembly module on the same memory, and the same BLAS. It
 * waits for regions and takes chunks of them; it never returns to its event loop, and ends with the process.
 */
import { bindBlas } from "../blas/koffi.ts";
import { builtin } from "./builtin.ts";
import {
  BUSY,
  type ChunkFunction,
  CLOSED,
  controlOn,
  FAILED,
  isOpen,
  NEXT,
  READY,
  SLEEPING,
  takeChunks,
  WAITING,
} from "./protocol.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Exports of the module in the order in which regions name them. */
  readonly names: readonly string[];
  /** The element from which this instance's scratch memory lies. */
  readonly scratch: number;
  /** The file of the BLAS whose functions follow those of the module. */
  readonly blas: string | null;
}

/** How often it looks for a region before it goes to sleep: some 50 µs. Waking takes 7 µs, looking 2 ns. */
const LOOKS = 25_000;

function main({ control: buffer, module, memory, names, scratch, blas }: WorkerStart): never {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  (exports["useScratch"] as ChunkFunction)(scratch);
  const functions = names.map((name) => exports[name] as ChunkFunction);
  if (blas !== null) functions.push(...bindBlas(blas, { functions, scratch }));
  const control = controlOn(buffer);
  const { slots } = control;
  Atomics.add(slots, READY, 1);
  for (;;) {
    waitForRegion(slots);
    Atomics.add(slots, BUSY, 1);
    try {
      // Only now is the description certain to stay as it is.
      if (isOpen(slots)) takeChunks(control, functions);
    } catch {
      Atomics.store(slots, FAILED, 1);
    }
    Atomics.sub(slots, BUSY, 1);
    if (Atomics.load(slots, WAITING) === 1) Atomics.notify(slots, BUSY);
  }
}

function waitForRegion(slots: Int32Array): void {
  for (let looks = 0; !isOpen(slots); looks++) {
    if (looks < LOOKS) continue;
    Atomics.add(slots, SLEEPING, 1);
    Atomics.wait(slots, NEXT, CLOSED);
    Atomics.sub(slots, SLEEPING, 1);
    looks = 0;
  }
}

main(builtin<typeof import("node:worker_threads")>("node:worker_threads")?.workerData);
