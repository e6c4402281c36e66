/**
 * The few numbers that the two threads of the kernel share: the main thread runs cells and may be busy for minutes,
 * the wire thread (wire-thread.ts) must all the same be able to ask it to stop, and to know whether it did.
 */
const SLOTS = [
  /** 1 as soon as the main thread answers requests itself. */
  "warm",
  /** Number of the cell that runs, 0 when none does. */
  "running",
  /** How many pings the main thread has answered. */
  "pongs",
  /** Number of the cell that somebody asked to stop. */
  "requested",
  /** How many pieces of the running cell asked not to be ended, because they look at `requested` themselves. */
  "holds",
  /** Whether a SIGINT would be caught, or is on its way: see `GUARD` in escalation.ts. */
  "guard",
  /** 1 as soon as the signal thread waits for SIGINT. */
  "sentinel",
  /** Execute requests up to this sequence number that have not begun are aborted. */
  "abortThrough",
  /** Characters printed that have not left the process. */
  "backlog",
  /** 1 when everything is sent and the sockets are closed. */
  "closed",
] as const;
type Slot = (typeof SLOTS)[number];

export class SharedState {
  readonly memory: SharedArrayBuffer;
  readonly #slots: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4 * SLOTS.length)) {
    this.memory = memory;
    this.#slots = new Int32Array(memory);
  }

  get(slot: Slot): number {
    return Atomics.load(this.#slots, SLOTS.indexOf(slot));
  }

  /** Stores a value and wakes whoever waits for the slot. */
  set(slot: Slot, value: number): void {
    Atomics.store(this.#slots, SLOTS.indexOf(slot), value);
    Atomics.notify(this.#slots, SLOTS.indexOf(slot));
  }

  /** Adds and returns the new value. */
  add(slot: Slot, amount: number): number {
    const value = Atomics.add(this.#slots, SLOTS.indexOf(slot), amount) + amount;
    Atomics.notify(this.#slots, SLOTS.indexOf(slot));
    return value;
  }

  /** Stores `next` if the slot still holds `expected`; says whether it did. */
  swap(slot: Slot, expected: number, next: number): boolean {
    return Atomics.compareExchange(this.#slots, SLOTS.indexOf(slot), expected, next) === expected;
  }

  /** Blocks this thread until the slot holds something else than `value`, at most `milliseconds`. */
  wait(slot: Slot, value: number, milliseconds: number): void {
    Atomics.wait(this.#slots, SLOTS.indexOf(slot), value, milliseconds);
  }
}
