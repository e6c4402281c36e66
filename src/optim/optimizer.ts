import type { TypedArray } from "../array/ndarray.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, CheckpointError, describe, expectNumber } from "../errors.ts";

/** The options of all optimizers; each takes some of them, and the same name means the same thing everywhere. */
export interface Hyperparameters {
  /** The learning rate. */
  lr: number;
  /** L2 penalty, added to the gradient; in AdamW the share by which weights shrink. */
  weightDecay: number;
  /** μ of the velocity. */
  momentum: number;
  /** How much of a gradient is kept out of the velocity. */
  dampening: number;
  nesterov: boolean;
  /** Adagrad: lr / (1 + (step − 1) · lrDecay). */
  lrDecay: number;
  /** RMSprop: how much of the running mean of squares is kept. */
  alpha: number;
  /** Adam: decay of the first and of the second moment. */
  beta1: number;
  beta2: number;
  /** Added outside the root. */
  eps: number;
}

/** Options that every parameter of a group shares. */
export type Hyper = { lr: number } & Partial<Hyperparameters>;

/** Parameters with options of their own: `{ params: embedding.parameters(), lr: 0.1 }`. */
export type ParamGroup<H extends Hyper> = { params: readonly Tensor[] } & Partial<H>;
export type Params<H extends Hyper> = readonly Tensor[] | readonly ParamGroup<H>[];

/** What an optimizer remembers of one parameter: step count and moments, as plain numbers. */
export interface Slot {
  step: number;
  [moment: string]: number | Float64Array;
}

/** Plain data for a checkpoint: one entry per parameter, in the order of the groups. */
export interface OptimizerState {
  name: string;
  groups: Hyper[];
  /** Number of parameters in each group. */
  sizes: number[];
  slots: (Slot | null)[];
}

/**
 * Base of all optimizers. `step()` reads `grad` of every parameter and changes the parameter in place; one whose
 * grad is null is skipped. Moments are kept in double precision.
 */
export abstract class Optimizer<H extends Hyper = Hyper> {
  readonly groups: (H & { params: readonly Tensor[] })[];
  readonly #slots = new Map<Tensor, Slot>();

  /** @throws {ArgumentError} for an option out of range or unknown, or a parameter listed twice or that is none. */
  constructor(params: Params<H>, defaults: H, options: Partial<H> = {}) {
    const grouped = params.length > 0 && !(params[0] instanceof Tensor);
    const given = (grouped ? params : [{ params }]) as readonly ParamGroup<H>[];
    this.groups = given.map((group) => ({ ...defaults, ...defined(options), ...defined(group) }));
    const seen = new Set<Tensor>();
    for (const group of this.groups) {
      const odd = Object.keys(group).find((name) => name !== "params" && !(name in defaults));
      if (odd) throw new ArgumentError(`${this.label}: there is no option "${odd}"`);
      this.validate(group);
      if (group.params.length === 0) throw new ArgumentError(`${this.label}: a parameter list is empty`);
      for (const p of group.params) {
        if (!p.isLeaf) throw new ArgumentError(`${this.label}: ${describe(p)} is no parameter`);
        if (seen.has(p)) throw new ArgumentError(`${this.label}: a parameter is listed twice`);
        seen.add(p);
      }
    }
  }

  protected get label(): string {
    return `optim.${this.constructor.name}`;
  }

  /** Checks the options of a group: all but flags are ≥ 0, and what is kept of a running mean is less than 1. */
  protected validate({ params: _, ...hyper }: H & { params: readonly Tensor[] }): void {
    for (const [name, value] of Object.entries(hyper)) {
      if (name === "nesterov") continue;
      const below = ["alpha", "beta1", "beta2"].includes(name) ? 1 : undefined;
      expectNumber(value as number, `${this.label}: ${name}`, { min: 0, below });
    }
  }

  /** Changes `p` given its gradient `g`; `slot` is what is remembered of p, its step already counted. */
  protected abstract update(p: TypedArray, g: TypedArray, slot: Slot, hyper: H): void;

  step(): void {
    for (const group of this.groups) {
      for (const p of group.params) {
        if (!p.grad) continue;
        const g = p.grad.data;
        const slot = this.#slots.get(p) ?? { step: 0 };
        this.#slots.set(p, slot);
        slot.step++;
        p.changeData((data) => this.update(data, g, slot, group));
      }
    }
  }

  zeroGrad(): void {
    for (const group of this.groups) for (const p of group.params) p.zeroGrad();
  }

  /** The learning rate of the first group; setting it sets all groups. */
  get lr(): number {
    return this.groups[0].lr;
  }
  set lr(value: number) {
    for (const group of this.groups) group.lr = value;
  }

  stateDict(): OptimizerState {
    return {
      name: this.constructor.name,
      groups: this.groups.map(({ params: _, ...hyper }) => ({ ...hyper }) as unknown as Hyper),
      sizes: this.groups.map((g) => g.params.length),
      slots: this.groups.flatMap((g) => g.params.map((p) => copySlot(this.#slots.get(p)))),
    };
  }

  /** @throws {CheckpointError} if the state is another optimizer's, or of other parameters. */
  loadStateDict(state: OptimizerState): void {
    const params = this.groups.flatMap((g) => g.params);
    const refuse = (what: string) => new CheckpointError(`${this.label}: the state ${what}`);
    if (state?.name !== this.constructor.name) throw refuse(`is of ${describe(state?.name)}`);
    const sizes = this.groups.map((g) => g.params.length);
    if (`${state.sizes}` !== `${sizes}` || state.slots.length !== params.length) {
      throw refuse(`has groups of ${state.sizes} parameters, this optimizer of ${sizes}`);
    }
    const groups = this.groups.map((group, i) => ({ ...group, ...state.groups[i], params: group.params }));
    for (const group of groups) this.validate(group);
    state.slots.forEach((slot, i) => {
      for (const [name, moment] of Object.entries(slot ?? {})) {
        if (typeof moment !== "number" && moment.length !== params[i].size) {
          const what = `${name} of parameter ${i} has ${moment.length} elements, not ${params[i].size}`;
          throw refuse(`does not fit: ${what}`);
        }
      }
    });
    groups.forEach((group, i) => {
      Object.assign(this.groups[i], group);
    });
    params.forEach((p, i) => {
      const slot = copySlot(state.slots[i]);
      if (slot) this.#slots.set(p, slot);
      else this.#slots.delete(p);
    });
  }
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function copySlot(slot: Slot | null | undefined): Slot | null {
  if (!slot) return null;
  const copies = Object.entries(slot).map(([k, v]) => [k, typeof v === "number" ? v : v.slice()]);
  return Object.fromEntries(copies) as Slot;
}

/** The moment of this name, made as zeros at its first use. */
export function moment(slot: Slot, name: string, size: number): Float64Array {
  const kept = slot[name];
  if (kept instanceof Float64Array) return kept;
  const fresh = new Float64Array(size);
  slot[name] = fresh;
  return fresh;
}
