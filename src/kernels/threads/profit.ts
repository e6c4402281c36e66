/** How much time may be lost before sharing pauses. */
const MOST_LOST_MS = 1;
/** The first pause, and the longest. */
const SHORTEST_MS = 5;
const LONGEST_MS = 500;
/** Who lost again within so many pauses after the last one did not profit from sharing. */
const SOON = 10;
/** How much of the balance is left after one more region. */
const MEMORY = 0.95;

/**
 * Whether other threads save time. Where every core is busy with other processes they do not: a thread that has taken a
 * chunk and is then not let onto a core keeps the others waiting for milliseconds. Then sharing pauses, and twice as long
 * if that happens again soon. Results do not depend on who computes, so a clock may decide this.
 */
export class Profit {
  readonly #now: () => number;
  #balance = 0;
  #pause = SHORTEST_MS;
  #resume = -Infinity;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  worthwhile(): boolean {
    return this.#now() >= this.#resume;
  }

  /** A region is done: the main thread computed `share` of it in `workMs`, then waited for `waitMs`. */
  count(share: number, workMs: number, waitMs: number): void {
    if (share === 0) return; // all was done before it came to it
    const saved = workMs / share - (workMs + waitMs);
    // What was once saved excuses only so much.
    this.#balance = Math.min(MEMORY * this.#balance + saved, MOST_LOST_MS);
    if (this.#balance >= -MOST_LOST_MS) return;
    const now = this.#now();
    const soon = now - this.#resume < SOON * this.#pause;
    this.#pause = soon ? Math.min(2 * this.#pause, LONGEST_MS) : SHORTEST_MS;
    this.#resume = now + this.#pause;
    this.#balance = 0;
  }
}
