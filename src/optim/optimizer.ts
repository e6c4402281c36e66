import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, CheckpointError, describe, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { type LiveSlot, liveSlot, type Slot, savedSlot } from "../fused/moments.ts";
import { type Change, update } from "../fused/update.ts";
import type { Rule } from "../fused/update-rules.ts";
import type { FloatArray } from "../kernels/types.ts";
import { clipScale, gradNorm } from "./clip.ts";

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

/** How `step` clips all gradients of the optimizer before it uses them. The gradients themselves stay as they are. */
export interface Clipping {
  /** Scale them so that their common norm is at most this; see `clipGradNorm`. */
  clipNorm?: number;
  /** Then limit each element to ± this. */
  clipValue?: number;
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
 * grad is null is skipped.
 */
export abstract class Optimizer<H extends Hyper = Hyper> {
  readonly groups: (H & { params: readonly Tensor[] })[];
  /** false: the loops of `update`, as they are taught; else the same sums by the engine. */
  fused: boolean = true;
  readonly #slots = new Map<Tensor, LiveSlot>();

  /** @throws {ArgumentError} for an option out of range or unknown, or a parameter listed twice or that is none. */
  constructor(params: Params<H>, defaults: H, options: Partial<H> = {}) {
    expect.parameters(params, this.label);
    expectOptions(options, Object.keys(defaults), this.label);
    const grouped = params.length > 0 && !(params[0] instanceof Tensor) && params[0] instanceof Object;
    const given = (grouped ? params : [{ params }]) as readonly ParamGroup<H>[];
    this.groups = given.map((group) => ({ ...defaults, ...defined(options), ...defined(group) }));
    const seen = new Set<Tensor>();
    for (const group of this.groups) {
      const { params: _, ...hyper } = group;
      expectOptions(hyper, Object.keys(defaults), this.label);
      expect.parameters(group.params, this.label, 1);
      this.validate(group);
      for (const p of group.params) {
        if (!p?.isLeaf)
          throw new ArgumentError(`${this.label}: ${describe(p)} is no parameter: use parameters()`);
        if (seen.has(p))
          throw new ArgumentError(`${this.label}: a parameter is listed twice; give each once`);
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
      const below = ["alpha", "beta1", "beta2"].includes(name) ? 1 : undefined;
      if (name === "nesterov") expect.type(value, "true or false", `${this.label}: nesterov`);
      else expectNumber(value as number, `${this.label}: ${name}`, { min: 0, below });
    }
  }

  /** The names of what is remembered of each parameter besides the number of its updates. */
  protected moments(_hyper: H): readonly string[] {
    return [];
  }

  /** Changes a parameter and its moments, given its gradient. */
  protected abstract update(change: Change, hyper: H): void;

  /** The same for an engine; an optimizer of one's own needs none. */
  protected readonly rule: Rule<H> | null = null;

  /** The rule that stands for a class's own `update`: none in a subclass that has another one. */
  protected own(update: (change: Change, hyper: H) => void, rule: Rule<H>): Rule<H> | null {
    return this.update === update ? rule : null;
  }

  /** One update. */
  step(): undefined;
  /**
   * One update with clipped gradients, in one pass over them after that for their norm.
   * @returns the 2-norm of all gradients before clipping. Where it is NaN or ∞ nothing is changed: it is for the
   * caller to stop or to go on.
   */
  step(clipping: Clipping): number;
  step(clipping?: Clipping): number | undefined {
    const { clipNorm = Infinity, clipValue = Infinity } = clipping ?? {};
    if (clipping) expectOptions(clipping, ["clipNorm", "clipValue"], `${this.label}.step`);
    for (const [name, value] of Object.entries(clipping ?? {})) {
      if (value !== undefined) expectNumber(value, `${this.label}: ${name}`, { min: 0 });
    }
    const norm = clipping && gradNorm(this.groups.flatMap((group) => group.params));
    if (norm !== undefined && !Number.isFinite(norm)) return norm;
    const clip = { scale: norm === undefined ? 1 : clipScale(norm, clipNorm), limit: clipValue };
    for (const group of this.groups) {
      for (const p of group.params) {
        const g = p.gradient;
        if (!g) continue;
        const slot = this.#slots.get(p) ?? { step: 0, moments: new Map() };
        this.#slots.set(p, slot);
        slot.step++;
        const [rule, moments] = [this.fused ? this.rule : null, this.moments(group)];
        const loop = (change: Change) => this.update(change, group);
        p.changeData((data) =>
          update({ p: data as FloatArray, g, slot, moments, clip, hyper: group, rule, loop }),
        );
      }
    }
    return norm;
  }

  zeroGrad(): void {
    for (const group of this.groups) for (const p of group.params) p.zeroGrad();
  }

  /** The learning rate of the first group; setting it sets all groups. */
  get lr(): number {
    return this.groups[0].lr;
  }
  set lr(value: number) {
    expectNumber(value, `${this.label}: lr`, { min: 0 });
    for (const group of this.groups) group.lr = value;
  }

  /** Name and options; several groups one below the other. */
  toString(): string {
    const lines = this.groups.map(({ params, ...hyper }) => {
      const options = Object.entries(hyper).map(([name, value]) => `${name}: ${value}`);
      return `${params.length} parameter${params.length === 1 ? "" : "s"}, ${options.join(", ")}`;
    });
    return `${this.constructor.name}(${lines.join("\n  ")})`;
  }

  stateDict(): OptimizerState {
    return {
      name: this.constructor.name,
      groups: this.groups.map(({ params: _, ...hyper }) => ({ ...hyper }) as unknown as Hyper),
      sizes: this.groups.map((g) => g.params.length),
      slots: this.groups.flatMap((g) => g.params.map((p) => savedSlot(this.#slots.get(p)))),
    };
  }

  /**
   * Moments of another dtype are rounded to the parameter's.
   * @throws {CheckpointError} if the state is another optimizer's, or of other parameters.
   */
  loadStateDict(state: OptimizerState): void {
    const params = this.groups.flatMap((g) => g.params);
    const refuse = (what: string) => new CheckpointError(`${this.label}: the state ${what}`);
    if (state?.name !== this.constructor.name) throw refuse(`is of ${describe(state?.name)}`);
    const sizes = this.groups.map((g) => g.params.length);
    if (`${state.sizes}` !== `${sizes}` || state.slots.length !== params.length) {
      throw refuse(`has groups of ${state.sizes} parameters, this optimizer needs ${sizes}`);
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
      const slot = state.slots[i];
      if (slot) this.#slots.set(p, liveSlot(slot, p.dtype));
      else this.#slots.delete(p);
    });
  }
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
