import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, CheckpointError, describe, expectNumber } from "../errors.ts";

/** Options that every parameter of a group shares. `lr` is the learning rate. */
export type Hyper = { lr: number } & Record<string, number | boolean>;

/** Parameters with options of their own: `{ params: embedding.parameters(), lr: 0.1 }`. */
export type ParamGroup<H extends Hyper> = { params: readonly Tensor[] } & Partial<H>;

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

  /** @throws {ArgumentError} for an option out of range, an empty list, or a parameter that is listed twice. */
  constructor(params: readonly Tensor[] | readonly ParamGroup<H>[], defaults: H) {
    const grouped = params.length > 0 && !("shape" in params[0]);
    const given = (grouped ? params : [{ params }]) as readonly ParamGroup<H>[];
    this.groups = given.map(
      (group) => ({ ...defaults, ...definedOnly(group) }) as H & { params: readonly Tensor[] },
    );
    const seen = new Set<Tensor>();
    for (const group of this.groups) {
      if (group.params.length === 0) throw new ArgumentError(`${this.label}: a parameter list is empty`);
      for (const p of group.params) {
        if (seen.has(p)) throw new ArgumentError(`${this.label}: a parameter is listed twice`);
        seen.add(p);
      }
      this.validate(group);
    }
  }

  protected get label(): string {
    return `optim.${this.constructor.name}`;
  }

  /** Checks the options of a group. */
  protected validate(hyper: H): void {
    expectNumber(hyper.lr, `${this.label}: lr`, { min: 0 });
    if ("weightDecay" in hyper)
      expectNumber(hyper.weightDecay as number, `${this.label}: weightDecay`, { min: 0 });
    if ("eps" in hyper) expectNumber(hyper.eps as number, `${this.label}: eps`, { min: 0 });
  }

  /** Changes `p` given its gradient `g`; `slot` is what is remembered of p, its step already counted. */
  protected abstract update(p: Tensor["data"], g: Tensor["data"], slot: Slot, hyper: H): void;

  step(): void {
    for (const group of this.groups) {
      for (const p of group.params) {
        if (!p.grad) continue;
        const slot = this.#slots.get(p) ?? { step: 0 };
        this.#slots.set(p, slot);
        slot.step++;
        this.update(p.data, p.grad.data, slot, group);
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
    if (state?.name !== this.constructor.name) {
      throw new CheckpointError(`${this.label}: the state is of ${describe(state?.name)}`);
    }
    if (state.groups.length !== this.groups.length || state.slots.length !== params.length) {
      throw new CheckpointError(
        `${this.label}: the state has ${state.groups.length} groups with ${state.slots.length} parameters, ` +
          `this optimizer ${this.groups.length} with ${params.length}`,
      );
    }
    state.slots.forEach((slot, i) => {
      for (const [name, moment] of Object.entries(slot ?? {})) {
        if (typeof moment !== "number" && moment.length !== params[i].size) {
          throw new CheckpointError(
            `${this.label}: ${name} of parameter ${i} has ${moment.length} elements, not ${params[i].size}`,
          );
        }
      }
    });
    state.groups.forEach((hyper, i) => {
      Object.assign(this.groups[i], hyper);
    });
    params.forEach((p, i) => {
      const slot = copySlot(state.slots[i] ?? undefined);
      if (slot) this.#slots.set(p, slot);
      else this.#slots.delete(p);
    });
  }
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function copySlot(slot: Slot | undefined): Slot | null {
  if (!slot) return null;
  return Object.fromEntries(
    Object.entries(slot).map(([k, v]) => [k, typeof v === "number" ? v : v.slice()]),
  ) as Slot;
}

/** The moment of this name, made as zeros at its first use. */
export function moment(slot: Slot, name: string, size: number): Float64Array {
  const kept = slot[name];
  if (kept instanceof Float64Array) return kept;
  const fresh = new Float64Array(size);
  slot[name] = fresh;
  return fresh;
}
