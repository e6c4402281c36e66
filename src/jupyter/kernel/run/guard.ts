/**
 * Runs JavaScript so that SIGINT can end it. Node's `vm` terminates a script on SIGINT, but only what runs inside
 * that call: after the first `await` of a cell, everything runs from the event loop, out of its reach. So the queue of
 * microtasks is drained inside such a call, and a cell that comes back from an `await` comes back through one.
 */
import vm from "node:vm";

/** Thrown out of a terminated callback on purpose, so that Node clears its stack of async ids. To be ignored. */
export class Unwound extends Error {
  override readonly name = "Unwound";
}

const BODY = Symbol.for("unrolled.guard");
const script = new vm.Script(`globalThis[Symbol.for("unrolled.guard")]()`, { filename: "unrolled:guard" });

/** Node's own "run the ticks and microtasks now", which it kept for old code; without it the reach is shorter. */
const drainQueues: () => void =
  (process as unknown as { _tickCallback?: () => void })._tickCallback ?? (() => {});

export class Guard {
  readonly #onTerminated: () => void;
  #depth = 0;

  /** `onTerminated` is called when a SIGINT ended what ran. */
  constructor(onTerminated: () => void) {
    this.#onTerminated = onTerminated;
  }

  /** Whether the code that asks can be ended by SIGINT. */
  get active(): boolean {
    return this.#depth > 0;
  }

  /** Runs `body`, then every tick and microtask that is waiting. Only to be called straight from the event loop. */
  run(body: () => void): void {
    const outer = (globalThis as Record<symbol, unknown>)[BODY];
    Object.defineProperty(globalThis, BODY, {
      configurable: true,
      value: () => {
        body();
        drainQueues.call(process);
      },
    });
    this.#depth++;
    try {
      script.runInThisContext({ breakOnSigint: true });
    } catch (error) {
      if (!wasTerminated(error)) throw error;
      this.#onTerminated();
      throw new Unwound();
    } finally {
      this.#depth--;
      Object.defineProperty(globalThis, BODY, { configurable: true, value: outer });
    }
  }
}

/** Whether `vm` says that SIGINT ended a script. */
export function wasTerminated(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}
