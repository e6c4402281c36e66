/**
 * How threads share the work of one call. The main thread describes a region: a function, its arguments, and how they
 * change from chunk to chunk. Then every thread, the main one included, takes the next chunk that nobody has taken, until
 * none is left. Nobody waits for a thread that is late: who comes takes a chunk, and if nobody comes the main thread does
 * all of them. Since the chunks are cut by shape alone, the results do not depend on who computed what.
 *
 * Slots of the control block (int32, shared):
 */
export const NEXT = 0; // the next chunk to take; CLOSED between regions
export const COUNT = 1; // chunks of the region
export const BUSY = 2; // workers that look at the region: it stays as it is until there are none
export const SLEEPING = 3; // workers that wait for NEXT to change
export const WAITING = 4; // the main thread waits for BUSY to change
export const READY = 5; // workers that have begun
export const FAILED = 6; // a chunk threw in a worker
/** Int32 slots of the control block; the description of the region follows it as float64. */
export const SLOTS = 8;

export const CLOSED: number = 1 << 30;

/** Of the description, in float64: function, number of arguments, total, chunk, size argument; arguments; steps. */
export const HEADER = 5;
export const MOST_ARGUMENTS = 24;
const DESCRIPTION: number = HEADER + 2 * MOST_ARGUMENTS;

/** A function that computes one chunk. All of them take numbers alone. */
export type ChunkFunction = (...args: number[]) => unknown;

/** A region's control block and description on one shared buffer. */
export interface Control {
  readonly slots: Int32Array;
  readonly description: Float64Array;
}

export function controlOn(buffer: SharedArrayBuffer): Control {
  return {
    slots: new Int32Array(buffer, 0, SLOTS),
    description: new Float64Array(buffer, SLOTS * 4, DESCRIPTION),
  };
}

export const CONTROL_BYTES: number = SLOTS * 4 + DESCRIPTION * 8;

/** Whether there are chunks left to take. */
export function isOpen(slots: Int32Array): boolean {
  return Atomics.load(slots, NEXT) < Atomics.load(slots, COUNT);
}

/** Takes chunks and computes them until there are none left. @returns how many it computed. */
export function takeChunks({ slots, description }: Control, functions: readonly ChunkFunction[]): number {
  const [which, length, total, chunk, sizeArgument] = description;
  const call = functions[which];
  const args = new Array<number>(length);
  const count = Atomics.load(slots, COUNT);
  let taken = 0;
  for (let c = Atomics.add(slots, NEXT, 1); c < count; c = Atomics.add(slots, NEXT, 1)) {
    for (let i = 0; i < length; i++) {
      args[i] = description[HEADER + i] + c * description[HEADER + MOST_ARGUMENTS + i];
    }
    args[sizeArgument] = Math.min(chunk, total - c * chunk);
    call(...args);
    taken++;
  }
  return taken;
}
