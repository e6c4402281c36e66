import type { NDArray } from "../array/ndarray.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { record, Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../errors.ts";
import type { Engine, Packed, Pointer } from "../kernels/engine.ts";
import { engineFor } from "../kernels/index.ts";
import { packsFor } from "./packs.ts";
import {
  type BackwardPass,
  type ForwardPass,
  type Pass,
  padded,
  type Recurrence,
  slotAfter,
  slotBefore,
  timeOf,
} from "./recurrence.ts";
import { gradientOut } from "./resident.ts";
import { type Saved, savedOf } from "./saved.ts";
import { copyOut, floats, type Scratch, withScratch } from "./scratch.ts";
import type { Source } from "./sources.ts";

/** Elements of a weight from which on packing it again costs more than a step with it. */
const WORTH_KEEPING = 2 ** 14;

/** Weights of one layer in one direction: weightIh [n, D], weightHh [n, H], biases [n] or none; n = gates·H. */
export interface SequenceWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
}

/** One layer in one direction over a whole sequence. */
export interface SequenceCall {
  readonly recurrence: Recurrence;
  readonly source: Source;
  /** h, or h and c, each [1, B, H] (or [B, H]; the final state has the same shape). */
  readonly initial: readonly Tensor[];
  readonly weights: SequenceWeights;
  /** The last step is read first. */
  readonly backwards?: boolean;
  /** Real steps of each sequence of a right-padded batch: outputs after them are 0, and states stay as they are. */
  readonly lengths?: readonly number[];
}

/**
 * A whole sequence as one node of the graph: outputs [T, B, H], then the final state. T and B are at least 1.
 * @throws {ArgumentError} for tensors of different dtypes.
 */
export function runSequence(call: SequenceCall): Tensor[] {
  const { recurrence, source, initial, weights } = call;
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const biases = biasIh && biasHh ? [biasIh, biasHh] : [];
  const input = source.input ? [source.input] : [];
  const inputs = [...input, ...initial, weightIh, weightHh, ...biases];
  const { dtype } = weightHh;
  const odd = inputs.find((x) => x.dtype !== dtype);
  if (odd) {
    const what = `${recurrence.name}: dtypes differ: ${odd.dtype} and ${dtype}`;
    throw new ArgumentError(`${what}; convert with to("${dtype}")`);
  }
  const engine = engineFor(dtype as "float32" | "float64");
  const sequence = new Sequence(call, engine);
  const keep = isGradEnabled() && inputs.some((x) => x.requiresGrad);
  const results = withScratch(engine, (scratch) => sequence.forward(scratch, weights, keep));
  if (!keep) return results.map((value) => new Tensor(value));
  return record(recurrence.name, inputs, results, (dys, needs, again) =>
    withScratch(engine, (scratch) => {
      // In the order of the inputs.
      const wants = needs.slice(input.length);
      const [dInput, dInitial, dWeights] = sequence.backward(scratch, dys, again, {
        input: input.length > 0 && needs[0],
        initial: wants.slice(0, initial.length).some(Boolean),
        weightIh: wants[initial.length],
        weightHh: wants[initial.length + 1],
        biases: wants.slice(initial.length + 2).some(Boolean),
        areLeaves: [weightIh, weightHh, ...biases].every((x) => x.isLeaf),
      });
      return [...(source.input ? [dInput] : []), ...dInitial, ...dWeights.slice(0, 2 + biases.length)];
    }),
  );
}

interface Wanted {
  readonly input: boolean;
  readonly initial: boolean;
  readonly weightIh: boolean;
  readonly weightHh: boolean;
  readonly biases: boolean;
  /** Weights and biases are leaves: their gradients may stay in the engine's memory. */
  readonly areLeaves: boolean;
}

/** The sums of one node, and what it keeps between its two ways: the arrays it was given, its outputs, one block. */
class Sequence {
  readonly #recurrence: Recurrence;
  readonly #source: Source;
  readonly #engine: Engine;
  readonly #sizes: Pick<Pass, "T" | "B" | "H" | "backwards" | "lengths">;
  readonly #initial: readonly NDArray[];
  readonly #weightIh: NDArray;
  readonly #weightHh: NDArray;
  readonly #biases: readonly NDArray[];
  #outputs: NDArray | null = null;
  #saved: Saved | null = null;

  constructor(call: SequenceCall, engine: Engine) {
    const { recurrence, source, initial, weights, backwards = false } = call;
    const lengths = call.lengths ? Int32Array.from(call.lengths) : null;
    const { weightIh, weightHh, biasIh, biasHh } = weights;
    this.#recurrence = recurrence;
    this.#source = source;
    this.#engine = engine;
    this.#sizes = { T: source.T, B: source.B, H: weightHh.shape[1], backwards, lengths };
    this.#initial = initial.map((s) => s.value);
    this.#weightIh = weightIh.value;
    this.#weightHh = weightHh.value;
    this.#biases = biasIh && biasHh ? [biasIh.value, biasHh.value] : [];
  }

  forward(scratch: Scratch, weights: SequenceWeights, keep: boolean): NDArray[] {
    const { T, B, H } = this.#sizes;
    const { ownBias } = this.#recurrence;
    const engine = this.#engine;
    const n = this.#recurrence.gates * H;
    const whole = keep || this.#sizes.lengths !== null; // a state that is carried over is read after its step
    const length = this.#recurrence.room(T, B * H, whole);
    const room = length > 0 ? scratch.block(length) : 0;
    const biases = this.#biases.map((b) => scratch.copyOf(floats(b)));
    const inside: Pointer | null = biases[0] ?? null; // the bias of the input's share
    if (!ownBias && biases.length > 0) engine.addScaled(n, 1, biases[1], biases[0]);
    const packs = this.#packs(scratch, weights, keep);
    const weight = packs[packs.length - 1];
    const h = this.#states(scratch);
    const bias = biases[1] ?? null;
    const { backwards, lengths } = this.#sizes;
    // Written out field by field, here and on the way back: a spread costs more than ten steps of a small layer.
    const pass: ForwardPass = {
      T,
      B,
      H,
      backwards,
      lengths,
      scratch,
      engine,
      weight,
      bias,
      h,
      room,
      whole,
    };
    this.#source.project(
      scratch,
      this.#weightIh,
      this.#source.multiplies ? packs[0] : null,
      inside,
      this.#recurrence.share(pass),
    );
    const cell = this.#recurrence.cell?.(pass);
    if (cell) engine.memory.set(floats(this.#initial[1]), cell.initial);
    this.#recurrence.forward(pass);

    const { shape } = this.#initial[0];
    const outputs = copyOut(scratch, h + this.#slot("outputs") * B * H, [T, B, H]);
    this.#eachPadded((row) => outputs.data.fill(0, row * H, (row + 1) * H));
    const finals = [copyOut(scratch, h + this.#slot("final") * B * H, shape)];
    if (cell) finals.push(copyOut(scratch, cell.final, shape));
    if (keep) this.#outputs = outputs;
    if (keep && length > 0) this.#saved = savedOf(engine).keep(scratch.release(room), length);
    return [outputs, ...finals];
  }

  /**
   * W_ihᵀ, where the source multiplies by it, and W_hhᵀ, packed for this pass. A single step without a way back is
   * most likely one of a generation: there the packs of large weights are kept for the next.
   */
  #packs(scratch: Scratch, { weightIh, weightHh }: SequenceWeights, keep: boolean): Packed[] {
    const once = keep || this.#sizes.T > 1;
    return (this.#source.multiplies ? [weightIh, weightHh] : [weightHh]).map((weight) => {
      if (!once && weight.size >= WORTH_KEEPING) return packsFor(this.#engine).of(weight, true);
      return scratch.packTransposed(weight.shape[0], weight.shape[1], floats(weight.value));
    });
  }

  /** Gradients of the input, of the initial state, and of weightIh, weightHh, biasIh, biasHh. */
  backward(
    scratch: Scratch,
    [dOutputs, dFinal, dFinalCell]: readonly (NDArray | null)[],
    keep: boolean,
    wanted: Wanted,
  ): [NDArray | null, (NDArray | null)[], (NDArray | null)[]] {
    const { T, B, H } = this.#sizes;
    const engine = this.#engine;
    const n = this.#recurrence.gates * H;
    const h = this.#states(scratch, this.#outputs!);
    const dh = scratch.block((T + 1) * B * H);
    const outside = dh + this.#slot("outputs") * B * H;
    engine.fill(B * H, 0, dh + this.#slot("initial") * B * H);
    if (dOutputs) engine.memory.set(floats(dOutputs), outside);
    else engine.fill(T * B * H, 0, outside);
    this.#eachPadded((row) => engine.fill(H, 0, outside + row * H)); // these outputs are 0 whatever the states
    const final = dh + this.#slot("final") * B * H;
    if (dFinal) engine.addScaled(B * H, 1, scratch.copyOf(floats(dFinal)), final);
    const dc = scratch.zeros(this.#recurrence.states === 2 ? B * H : 0);
    if (dFinalCell) engine.memory.set(floats(dFinalCell), dc);
    try {
      const { backwards, lengths } = this.#sizes;
      const pass: BackwardPass = {
        T,
        B,
        H,
        backwards,
        lengths,
        scratch,
        engine,
        weight: scratch.pack(n, H, floats(this.#weightHh)),
        h,
        room: this.#saved?.at ?? 0,
        keep,
        dh,
        dc,
        initial: wanted.initial,
      };
      const { ofInput, ofState } = this.#recurrence.backward(pass);
      const sums = wanted.biases ? scratch.zeros(n) : null;
      const [dInput, dWeightIh] = this.#source.pull(scratch, this.#weightIh, ofInput, sums, {
        input: wanted.input,
        weight: wanted.weightIh,
        isLeaf: wanted.areLeaves,
      });
      const dWeightHh = wanted.weightHh ? this.#ofWeightHh(scratch, ofState, h, wanted.areLeaves) : null;
      const dBiases =
        sums === null ? [null, null] : this.#ofBiases(scratch, sums, ofInput, ofState, wanted.areLeaves);
      const { shape } = this.#initial[0];
      const places = [dh + this.#slot("initial") * B * H, dc];
      const dInitial = this.#initial.map((_, i) =>
        wanted.initial ? copyOut(scratch, places[i], shape) : null,
      );
      return [dInput, dInitial, [dWeightIh, dWeightHh, ...dBiases]];
    } finally {
      if (!keep) this.#saved?.free();
    }
  }

  /** dR = Σ_t da_tᵀ h_{t−1}: one product over all steps. */
  #ofWeightHh(scratch: Scratch, da: Pointer, h: Pointer, isLeaf: boolean): NDArray {
    const { T, B, H } = this.#sizes;
    const n = this.#recurrence.gates * H;
    const before = scratch.packBlock(T * B, H, h + this.#slot("before") * B * H);
    const out = scratch.block(n * H);
    this.#engine.gemm(n, { at: da, rowStride: 1, colStride: n }, before, out, H, false);
    return gradientOut(scratch, out, { shape: this.#weightHh.shape, isLeaf });
  }

  /** Both biases are added to the same sum, unless the step has its own: then each has the sums of its own share. */
  #ofBiases(scratch: Scratch, sums: Pointer, ofInput: Pointer, ofState: Pointer, isLeaf: boolean): NDArray[] {
    const { T, B, H } = this.#sizes;
    const engine = this.#engine;
    const n = this.#recurrence.gates * H;
    const own = ofState === ofInput ? scratch.block(n) : scratch.zeros(n);
    if (ofState === ofInput) engine.memory.copyWithin(own, sums, sums + n);
    else engine.addColumnSums(T * B, n, ofState, own);
    return [sums, own].map((at) => gradientOut(scratch, at, { shape: [n], isLeaf }));
  }

  /** Slots for the states h, with the initial one in its place, and the outputs too where they are known. */
  #states(scratch: Scratch, outputs?: NDArray): Pointer {
    const { T, B, H } = this.#sizes;
    const h = scratch.block((T + 1) * B * H);
    const { memory } = this.#engine;
    memory.set(floats(this.#initial[0]), h + this.#slot("initial") * B * H);
    if (!outputs) return h;
    const first = h + this.#slot("outputs") * B * H;
    memory.set(floats(outputs), first);
    // Backwards, the first real step of a sequence reads what padding has carried to it: the initial state.
    const initial = floats(this.#initial[0]);
    this.#eachPadded((row, b) => memory.set(initial.subarray(b * H, (b + 1) * H), first + row * H));
    return h;
  }

  /** Calls `f` with the row among T·B, and the sequence, of each step that is padding. */
  #eachPadded(f: (row: number, b: number) => void): void {
    const { T, B, lengths } = this.#sizes;
    for (let t = 0; lengths && t < T; t++) for (const b of padded(this.#sizes, t)) f(t * B + b, b);
  }

  /** Where the initial state stands, the final one, and where the T outputs and the T states before them begin. */
  #slot(what: "initial" | "final" | "outputs" | "before"): number {
    const sizes = this.#sizes;
    if (what === "initial") return slotBefore(sizes, timeOf(sizes, 0));
    if (what === "final") return slotAfter(sizes, timeOf(sizes, sizes.T - 1));
    return what === "outputs" ? slotAfter(sizes, 0) : slotBefore(sizes, 0);
  }
}
