/**
 * How an interrupt grows: first a flag that the running code may look at, so that it ends by an ordinary exception
 * and its `finally` blocks run; if the cell has not ended after `GRACE_MS`, a SIGINT, which terminates the script
 * without `finally`. Code that holds off the second step (see interrupt.ts) is spared until it is asked again.
 */
import type { SharedState } from "./shared-state.ts";

const GRACE_MS = 150;
const POLL_MS = 25;

/** Value of the flag that means: whatever cells that have ended left running in the background. */
export const BACKGROUND = -1;

export interface EscalationOptions {
  state: SharedState;
  /** Asks the main thread to count `pongs` up. */
  ping: () => void;
  signal: () => void;
  /** `setTimeout`, unless a test wants to be the clock. */
  later?: (work: () => void, milliseconds: number) => void;
}

export class Escalation {
  readonly #state: SharedState;
  readonly #ping: () => void;
  readonly #signal: () => void;
  readonly #later: (work: () => void, milliseconds: number) => void;

  constructor({ state, ping, signal, later = setTimeout }: EscalationOptions) {
    this.#state = state;
    this.#ping = ping;
    this.#signal = signal;
    this.#later = later;
  }

  /** Asks the running cell to stop; asking a second time insists. */
  interrupt(): void {
    const cell = this.#state.get("running");
    if (cell === 0) {
      this.#interruptBackground();
    } else if (this.#state.get("requested") === cell) {
      this.#force(cell);
    } else {
      this.#state.set("requested", cell);
      this.#later(() => this.#afterGrace(cell), GRACE_MS);
    }
  }

  #afterGrace(cell: number): void {
    if (this.#state.get("requested") !== cell) return;
    if (this.#state.get("holds") === 0) this.#force(cell);
    else this.#later(() => this.#afterGrace(cell), POLL_MS);
  }

  /** Announces the signal first, then looks again whether the cell runs, so that it can never hit the next cell. */
  #force(cell: number): void {
    this.#state.set("forced", cell);
    if (this.#state.get("running") === cell) this.#signal();
    else this.#state.swap("forced", cell, 0);
  }

  /** No cell runs, but what one left behind may keep the main thread from answering. Only then it is stopped. */
  #interruptBackground(): void {
    const pongs = this.#state.get("pongs");
    const stuck = (): boolean => this.#state.get("pongs") === pongs;
    this.#ping();
    this.#later(() => {
      if (!stuck()) return;
      this.#state.set("requested", BACKGROUND);
      this.#later(() => {
        if (stuck()) this.#signal();
        this.#state.swap("requested", BACKGROUND, 0);
      }, GRACE_MS);
    }, GRACE_MS);
  }
}
