import { zip } from "../array/elementwise.ts";
import { NDArray, type Shape } from "../array/ndarray.ts";
import { AutogradError } from "../errors.ts";
import type { Engine, Pointer } from "../kernels/engine.ts";
import type { FloatArray } from "../kernels/types.ts";
import { type Saved, SavedList } from "./saved.ts";
import { copyOut, type Scratch } from "./scratch.ts";

/** Smaller gradients are copied out at once; from here on V8 puts an array outside its heap, which takes a microsecond. */
const WORTH_KEEPING = 64;
/** Bytes of gradients that may stay: those of one step, and those of the step before while they are replaced. */
const BUDGET = 128 * 2 ** 20;

/**
 * The gradient of a parameter that stays in the engine's memory, where the optimizer reads it, so that it is neither
 * copied out nor in. Whoever reads its `data` gets an ordinary array, and the block is free from then on. It belongs to
 * one leaf: no other array looks at the same block.
 */
export class Resident extends NDArray {
  readonly #engine: Engine;
  readonly #float64: boolean;
  #saved: Saved | null;

  /** Takes over the block at `at`, of this shape. */
  constructor(engine: Engine, at: Pointer, shape: Shape) {
    super(null, shape);
    this.#engine = engine;
    this.#float64 = engine.memory instanceof Float64Array;
    this.#saved = listOf(engine).keep(at, this.size);
  }

  override get dtype(): "float32" | "float64" {
    return this.#float64 ? "float64" : "float32";
  }

  /** Where it lies in the memory of this engine; null if it does not (any more). */
  in(engine: Engine): Pointer | null {
    return this.#saved !== null && engine === this.#engine ? this.#saved.at : null;
  }

  override settle(): void {
    this.elements ??= this.load();
  }

  override release(): void {
    this.#saved?.free();
    this.#saved = null;
  }

  /** Multiplies it where it lies. @returns whether it was there. */
  scale(factor: number): boolean {
    if (this.#saved !== null && factor !== 1) this.#engine.scale(this.size, factor, this.#saved.at);
    return this.#saved !== null;
  }

  /** Several uses of one parameter: added up where they lie, since nobody has seen this one yet. */
  override plus(other: NDArray): NDArray {
    const [to, from] = [this.in(this.#engine), other instanceof Resident ? other.in(this.#engine) : null];
    if (to === null || from === null)
      return other.plus && !(other instanceof Resident)
        ? other.plus(this)
        : zip(this, other, (x, y) => x + y);
    this.#engine.addScaled(this.size, 1, from, to);
    other.release?.();
    return this;
  }

  protected override load(): FloatArray {
    const saved = this.#saved;
    if (saved === null) throw new AutogradError("a gradient was read after zeroGrad()");
    this.#saved = null;
    return saved.take();
  }
}

/** The gradient that lies in a block of this call; it stays there if it is large and that of a leaf. */
export function gradientOut(
  scratch: Scratch,
  at: Pointer,
  { shape, isLeaf }: { shape: Shape; isLeaf: boolean },
): NDArray {
  const size = shape.reduce((product, n) => product * n, 1);
  if (!isLeaf || size < WORTH_KEEPING) return copyOut(scratch, at, shape);
  return new Resident(scratch.engine, scratch.release(at), shape);
}

const lists = new WeakMap<Engine, SavedList>();

/** Gradients have a list of their own, so that they and what the graphs keep do not drive each other out. */
function listOf(engine: Engine): SavedList {
  const list = lists.get(engine) ?? new SavedList(engine, BUDGET);
  lists.set(engine, list);
  return list;
}
