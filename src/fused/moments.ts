import { allocate, type DType } from "../array/ndarray.ts";
import type { Engine, Pointer } from "../kernels/engine.ts";
import type { FloatArray } from "../kernels/types.ts";
import { type Saved, SavedList } from "./saved.ts";

/** Bytes of moments that lie in engine memory: those of optimizers that nobody uses any more leave no more than that behind. */
const BUDGET = 128 * 2 ** 20;

/**
 * What an optimizer remembers of each element of one parameter. It lies in the engine's memory, where the updates run.
 * It goes there once: a moment that later ones have driven out is an ordinary array from then on, which is copied in and
 * out chunk by chunk.
 */
export class Moment {
  #array: FloatArray | null;
  #saved: Saved | null = null;
  #hasBeenIn = false;

  /** Takes over the array. */
  constructor(array: FloatArray) {
    this.#array = array;
  }

  /** Where it lies in the memory of this engine; null if it is an ordinary array. */
  in(engine: Engine): Pointer | null {
    if (this.#saved !== null) {
      if (this.#saved.isIn(engine)) return this.#saved.at;
      this.#array = this.#saved.take();
      this.#saved = null;
    }
    if (this.#hasBeenIn) return null;
    this.#hasBeenIn = true;
    const array = this.#array!;
    const at = engine.alloc(array.length);
    engine.memory.set(array, at);
    this.#saved = listOf(engine).keep(at, array.length);
    this.#array = null;
    return at;
  }

  /** An ordinary array, which it stays from now on. */
  get array(): FloatArray {
    this.#array ??= this.#saved!.take();
    this.#saved = null;
    this.#hasBeenIn = true;
    return this.#array;
  }

  /** A copy of the elements. */
  copy(): FloatArray {
    return this.#saved?.copy() ?? this.#array!.slice();
  }
}

const lists = new WeakMap<Engine, SavedList>();

/** The moments of all optimizers on an engine. */
function listOf(engine: Engine): SavedList {
  const list = lists.get(engine) ?? new SavedList(engine, BUDGET);
  lists.set(engine, list);
  return list;
}

/** What a checkpoint holds of one parameter: step count and moments, of the parameter's dtype. */
export interface Slot {
  step: number;
  [moment: string]: number | FloatArray;
}

/** The same while the optimizer works with it. */
export interface LiveSlot {
  step: number;
  readonly moments: Map<string, Moment>;
}

/** The way to a checkpoint: copies of the moments. */
export function savedSlot(slot: LiveSlot | undefined): Slot | null {
  if (!slot) return null;
  const moments = [...slot.moments].map(([name, moment]) => [name, moment.copy()]);
  return { step: slot.step, ...Object.fromEntries(moments) } as Slot;
}

/** The way back: copies, in the parameter's dtype. */
export function liveSlot({ step, ...moments }: Slot, dtype: DType): LiveSlot {
  const own = (moment: FloatArray) => {
    const copy = allocate(dtype, moment.length) as FloatArray;
    copy.set(moment);
    return new Moment(copy);
  };
  return { step, moments: new Map(Object.entries(moments).map(([k, v]) => [k, own(v as FloatArray)])) };
}
