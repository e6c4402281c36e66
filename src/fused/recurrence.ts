import type { Engine, Packed, Pointer } from "../kernels/engine.ts";
import type { Scratch } from "./scratch.ts";

/** Sizes of a pass over a sequence, and the order of its steps. */
export interface Pass {
  readonly scratch: Scratch;
  readonly engine: Engine;
  readonly T: number;
  readonly B: number;
  readonly H: number;
  /** The last step is read first. */
  readonly backwards: boolean;
  /** Real steps of each sequence of the batch, where they differ. What follows them is padding. */
  readonly lengths: Int32Array | null;
}

const NONE: readonly number[] = [];

/** Sequences for which step t is padding: it leaves their states, and the gradients of these, as they are. */
export function padded({ lengths }: Pick<Pass, "lengths">, t: number): readonly number[] {
  if (lengths === null) return NONE;
  const found: number[] = [];
  lengths.forEach((length, b) => {
    if (t >= length) found.push(b);
  });
  return found;
}

/**
 * States lie in T + 1 slots of [B, H] in the order of time. The slot at the end where reading begins holds the initial
 * state; step t reads the slot on its one side and writes that on the other.
 */
export function slotBefore({ backwards }: Pick<Pass, "backwards">, t: number): number {
  return backwards ? t + 1 : t;
}
export function slotAfter({ backwards }: Pick<Pass, "backwards">, t: number): number {
  return backwards ? t : t + 1;
}

/** The steps in the order in which they are read: the k-th is at time `timeOf(pass, k)`. */
export function timeOf({ backwards, T }: Pick<Pass, "backwards" | "T">, k: number): number {
  return backwards ? T - 1 - k : k;
}

/** Copies the state of each padded sequence from the slot before step t to that after it; the slots begin at `at`. */
export function carryOver(pass: Pass, t: number, at: Pointer): void {
  const { engine, B, H } = pass;
  for (const b of padded(pass, t)) {
    const from = at + (slotBefore(pass, t) * B + b) * H;
    engine.memory.copyWithin(at + (slotAfter(pass, t) * B + b) * H, from, from + H);
  }
}

export interface ForwardPass extends Pass {
  /** Rᵀ = W_hhᵀ [H, n], n = gates·H. */
  readonly weight: Packed;
  /** b_hh [n], where the recurrence adds it itself (`ownBias`). */
  readonly bias: Pointer | null;
  /** States h in their slots; the initial one is there already. */
  readonly h: Pointer;
  /** What the recurrence asked for by `room`. */
  readonly room: Pointer;
  /** Whether `room` has place for all steps, or for one after the other. */
  readonly whole: boolean;
}

export interface BackwardPass extends Pass {
  /** R = W_hh [n, H]. */
  readonly weight: Packed;
  readonly h: Pointer;
  /** As the forward pass left it. */
  readonly room: Pointer;
  /** Whether `room` is read again by a later backward; otherwise it may be written over. */
  readonly keep: boolean;
  /**
   * Gradients of the states in the slots of `h`: those that come from outside on entry. Each step adds its share for
   * the state before it, so that in the end the initial slot holds the gradient of the initial state.
   */
  readonly dh: Pointer;
  /** Gradient of the final cell state [B, H] of an LSTM on entry, of the initial one on return. */
  readonly dc: Pointer;
  /** Whether the gradient of the initial state is wanted. */
  readonly initial: boolean;
}

/** What one kind of layer does along time. `gates`·H is the number of its pre-activations, n. */
export interface Recurrence {
  readonly name: string;
  readonly gates: number;
  /** 1, or 2 with a cell state. */
  readonly states: number;
  /** b_hh stands inside the step and not beside b_ih: the GRU's, which the reset gate multiplies. */
  readonly ownBias: boolean;
  /** Elements of memory it works in: for all steps (`whole`), which a backward will read, or for one after the other. */
  room(T: number, BH: number, whole: boolean): number;
  /** Where the input's share of all steps, [T, B, n], is expected. */
  share(pass: ForwardPass): Pointer;
  /** Where the cell state [B, H] is put before the first step, and where it stands after the last. */
  cell?(pass: ForwardPass): { readonly initial: Pointer; readonly final: Pointer };
  forward(pass: ForwardPass): void;
  /** → the gradients [T, B, n] of the input's share and of the state's, h Rᵀ; one block where they are equal. */
  backward(pass: BackwardPass): { readonly ofInput: Pointer; readonly ofState: Pointer };
}
