/**
 * How a long computation stays polite: it looks for interrupts, and gives other work a turn.
 */
interface InterruptHook {
  requested(): boolean;
  acknowledge?(): void;
  hold?(): () => void;
}

function hook(): InterruptHook | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("unrolled.interrupt")] as
    | InterruptHook
    | undefined;
}

/** Whether the notebook asked the running cell to stop. Says to the kernel that it was heard. */
export function interruptRequested(): boolean {
  const interrupt = hook();
  if (!interrupt?.requested()) return false;
  interrupt.acknowledge?.();
  return true;
}

/** Tells the kernel that `f` looks for interrupts by itself, so that it is not cut off in the middle of a step. */
export async function whileTraining<T>(f: () => Promise<T>): Promise<T> {
  const release = hook()?.hold?.();
  try {
    return await f();
  } finally {
    // One that came after the last look is answered too: else the cell would end without the result of `f`.
    interruptRequested();
    release?.();
  }
}

/** At most this long without a turn for the event loop, in milliseconds. */
const EVERY = 30;

/** The turns that one long computation gives to other work. */
export class Turns {
  /** At first at once: many short trainings in a row give turns too. */
  #last = -Infinity;

  /** Lets timers, messages and drawing run, if it is time for it. */
  async next(): Promise<void> {
    if (performance.now() - this.#last < EVERY) return;
    await new Promise<void>((resolve) => {
      if (typeof setImmediate === "function") setImmediate(resolve);
      else setTimeout(resolve, 0);
    });
    this.#last = performance.now();
  }
}
