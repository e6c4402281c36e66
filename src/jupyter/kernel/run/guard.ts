/**
 * Runs JavaScript so that SIGINT can end it. Node's `vm` terminates a script on SIGINT, but only what runs inside
 * that call: after the first `await` of a cell, everything runs from the event loop, out of its reach. So the queue of
 * microtasks is drained inside such a call, and a cell that comes back from an `await` comes back through one.
 *
 * Outside of such a call, and for some microseconds at its end, SIGINT ends the process. So the wire thread sends it
 * only while the shared slot `guard` says "inside", and the guard is not left while a signal is on its way.
 */
import vm from "node:vm";
import { GUARD } from "../wire/escalation.ts";
import type { SharedState } from "../wire/shared-state.ts";

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
  readonly #state: SharedState;
  readonly #onTerminated: () => void;
  #depth = 0;

  /** `onTerminated` is called when a SIGINT ended what ran. */
  constructor(state: SharedState, onTerminated: () => void) {
    this.#state = state;
    this.#onTerminated = onTerminated;
  }

  /** Whether the code that asks can be ended by SIGINT. */
  get active(): boolean {
    return this.#depth > 0;
  }

  /** Runs `body`, then every tick and microtask that is waiting. Only to be called straight from the event loop. */
  run(body: () => void): void {
    const value = (): void => {
      this.enter();
      try {
        body();
        drainQueues.call(process);
      } finally {
        this.leave();
      }
    };
    Object.defineProperty(globalThis, BODY, { configurable: true, value });
    this.#depth++;
    try {
      script.runInThisContext({ breakOnSigint: true });
    } catch (error) {
      if (!wasTerminated(error)) throw error;
      this.#state.set("guard", GUARD.outside);
      this.#onTerminated();
      throw new Unwound();
    } finally {
      this.#depth--;
    }
  }

  /** From here on signals may come. */
  enter(): void {
    if (this.active) this.#state.set("guard", GUARD.inside);
  }

  /** From here on no signal comes. One that is on its way ends the script here. */
  leave(): void {
    while (!this.#state.swap("guard", GUARD.inside, GUARD.outside)) {
      if (this.#state.get("guard") === GUARD.outside) return;
      this.#state.wait("guard", GUARD.signalled, 1000);
    }
  }

  /** To be called when another `vm` script, inside of this one, was terminated: the signal has arrived. */
  signalArrived(): void {
    this.#state.swap("guard", GUARD.signalled, GUARD.inside);
  }
}

/** Whether `vm` says that SIGINT ended a script. */
export function wasTerminated(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}
