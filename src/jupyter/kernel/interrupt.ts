/**
 * What the kernel offers to code that runs for long, under `globalThis[Symbol.for("unrolled.interrupt")]`.
 * The library does not import the kernel: it looks the hook up, and does without where there is none.
 *
 * @example
 * const interrupt = globalThis[Symbol.for("unrolled.interrupt")] as InterruptHook | undefined;
 * const release = interrupt?.hold(); // one training step may take longer than the kernel's patience
 * try {
 *   for (const batch of batches) {
 *     step(batch);
 *     if (interrupt?.requested()) { interrupt.acknowledge(); return history; }
 *   }
 * } finally { release?.(); }
 */
import { cells, isStopped } from "./run/cell.ts";
import type { SharedState } from "./wire/shared-state.ts";

export interface InterruptHook {
  /** Whether the cell that this code belongs to was asked to stop. Costs well under a microsecond. */
  requested(): boolean;
  /** "I saw it and end by myself": the cell is not ended by force, and goes on with what follows. */
  acknowledge(): void;
  /**
   * "I look at `requested` often": until the returned function is called, the running cell is not ended when the
   * kernel's patience is over. A second interrupt ends it all the same.
   */
  hold(): () => void;
}

/** Functions to run before the next cell when a script was terminated without its `finally` blocks. */
export type ResetHooks = Set<() => void>;

const INTERRUPT = Symbol.for("unrolled.interrupt");
const RESET_HOOKS = Symbol.for("unrolled.resetHooks");

/** Makes both hooks known to everything that runs in this process. */
export function installInterruptHooks(state: SharedState): void {
  const hook: InterruptHook = {
    requested: () => {
      const cell = cells.getStore();
      if (cell) return isStopped(cell, state);
      // Code that lost its context belongs, most likely, to the cell that runs.
      const running = state.get("running");
      return running !== 0 && state.get("requested") === running;
    },
    acknowledge: () => {
      const running = cells.getStore()?.id ?? state.get("running");
      state.swap("requested", running, 0);
    },
    hold: () => {
      const id = cells.getStore()?.id ?? state.get("running");
      let held = true;
      if (id === state.get("running")) state.add("holds", 1);
      return () => {
        // What another cell holds, or held before it ended, is not counted any more.
        if (held && id === state.get("running")) state.add("holds", -1);
        held = false;
      };
    },
  };
  Object.defineProperty(globalThis, INTERRUPT, { value: hook, configurable: true });
  resetHooks();
}

/** The set of hooks; code that was loaded before the kernel may have made it already. */
export function resetHooks(): ResetHooks {
  const known = (globalThis as Record<symbol, unknown>)[RESET_HOOKS];
  if (known instanceof Set) return known as ResetHooks;
  const hooks: ResetHooks = new Set();
  Object.defineProperty(globalThis, RESET_HOOKS, { value: hooks, configurable: true });
  return hooks;
}
