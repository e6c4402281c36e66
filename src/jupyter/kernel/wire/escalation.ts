/**
 * How an interrupt grows: first a flag that the running code may look at, so that it ends by an ordinary exception
 * and its `finally` blocks run; if the cell has not ended after `GRACE_MS`, it is ended by force. Code that holds that
 * off (see interrupt.ts) is spared until it is asked again.
 *
 * Force means SIGINT, which terminates what runs inside a guard (see run/guard.ts); a cell that is outside of one, as
 * when it waits for a timer, is given up by the main thread, which is told so.
 */
import type { SharedState } from "./shared-state.ts";

const GRACE_MS = 150;
const POLL_MS = 25;
/** So many polls after a signal that had no effect, because the cell's own code caught it, the next one is sent. */
const POLLS_PER_SIGNAL = 20;

/** Value of the flag that means: whatever cells that have ended left running in the background. */
export const BACKGROUND = -1;

export interface EscalationOptions {
  state: SharedState;
  /** Asks the main thread to count `pongs` up. */
  ping: () => void;
  /** Sends SIGINT to this process; undefined where that would end it (Windows). */
  signal: (() => void) | undefined;
  /** Tells the main thread to give the cell up. */
  giveUp: (cell: number) => void;
  /** `setTimeout`, unless a test wants to be the clock. */
  later?: (work: () => void, milliseconds: number) => void;
}

export class Escalation {
  readonly #state: SharedState;
  readonly #options: EscalationOptions;
  readonly #later: (work: () => void, milliseconds: number) => void;
  /** The cell that is being ended by force. */
  #forcing = 0;

  constructor(options: EscalationOptions) {
    this.#state = options.state;
    this.#options = options;
    this.#later = options.later ?? setTimeout;
  }

  /**
   * SIGINT arrived where no guard was. It comes from outside, as from Ctrl-C on a terminal; or it was ours, and missed.
   */
  signalMissed(): void {
    if (!this.#state.swap("guard", GUARD.signalled, GUARD.inside)) this.interrupt();
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

  #force(cell: number): void {
    if (this.#forcing === cell) return;
    this.#forcing = cell;
    this.#strike(cell, 0);
  }

  /** Again and again until the cell has ended: it may be on its way into a guard or out of one. */
  #strike(cell: number, polls: number): void {
    if (this.#state.get("running") !== cell) return;
    if (polls % POLLS_PER_SIGNAL === 0) this.#state.swap("guard", GUARD.signalled, GUARD.inside);
    if (!this.#signalled()) this.#options.giveUp(cell);
    this.#later(() => this.#strike(cell, polls + 1), POLL_MS);
  }

  /** Sends the signal if it is certain to find a guard; says whether one is on its way. */
  #signalled(): boolean {
    const { signal } = this.#options;
    if (signal && this.#state.swap("guard", GUARD.inside, GUARD.signalled)) signal();
    return this.#state.get("guard") === GUARD.signalled;
  }

  /** No cell runs, but what one left behind may keep the main thread from answering. Only then it is stopped. */
  #interruptBackground(): void {
    const pongs = this.#state.get("pongs");
    const stuck = (): boolean => this.#state.get("pongs") === pongs;
    this.#options.ping();
    this.#later(() => {
      if (!stuck()) return;
      this.#state.set("requested", BACKGROUND);
      this.#later(() => {
        if (stuck()) this.#signalled();
        this.#state.swap("requested", BACKGROUND, 0);
      }, GRACE_MS);
    }, GRACE_MS);
  }
}

/** Values of the shared slot `guard`. A guard is not left while a signal is on its way to it. */
export const GUARD = { outside: 0, inside: 1, signalled: 2 } as const;
