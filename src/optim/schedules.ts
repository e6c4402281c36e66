import { ArgumentError, CheckpointError, describe, expectNumber } from "../errors.ts";
import type { Optimizer } from "./optimizer.ts";

type AnyOptimizer = Pick<Optimizer, "lr"> & { groups: { lr: number }[] };

/** A schedule's memory, as plain data for a checkpoint. */
export interface ScheduleState {
  name: string;
  [key: string]: number | string | number[];
}

/** Changes the learning rate of an optimizer each time `step()` is called: after an epoch, or after a step. */
export abstract class Schedule {
  protected readonly optimizer: AnyOptimizer;
  protected count: number = 0;
  protected readonly base: number[];

  constructor(optimizer: AnyOptimizer) {
    this.optimizer = optimizer;
    this.base = optimizer.groups.map((g) => g.lr);
  }

  /** The learning rate of the first group. */
  get lr(): number {
    return this.optimizer.groups[0].lr;
  }

  /** @param metric what ReduceLROnPlateau watches; the others need none. */
  step(_metric?: number): void {
    this.count++;
    this.optimizer.groups.forEach((group, i) => {
      group.lr = this.next(group.lr, this.base[i]);
    });
  }

  /** The rate after `count` steps, from the rate before and the rate at the start. */
  protected abstract next(lr: number, base: number): number;

  state(): ScheduleState {
    return { name: this.constructor.name, count: this.count, base: [...this.base] };
  }

  loadState(state: ScheduleState): void {
    if (state?.name !== this.constructor.name) {
      throw new CheckpointError(`optim.${this.constructor.name}: the state is of ${describe(state?.name)}`);
    }
    this.count = state.count as number;
    this.base.splice(0, this.base.length, ...(state.base as number[]));
  }
}

/** Multiplies the rate by gamma every stepSize steps. */
export class StepLR extends Schedule {
  readonly #stepSize: number;
  readonly #gamma: number;
  constructor(optimizer: AnyOptimizer, { stepSize, gamma = 0.1 }: { stepSize: number; gamma?: number }) {
    super(optimizer);
    this.#stepSize = expectNumber(stepSize, "optim.StepLR: stepSize", { integer: true, min: 1 });
    this.#gamma = expectNumber(gamma, "optim.StepLR: gamma", { above: 0 });
  }
  protected next(lr: number): number {
    return this.count % this.#stepSize === 0 ? lr * this.#gamma : lr;
  }
}

/** Multiplies the rate by gamma at every step. */
export class ExponentialLR extends Schedule {
  readonly #gamma: number;
  constructor(optimizer: AnyOptimizer, { gamma }: { gamma: number }) {
    super(optimizer);
    this.#gamma = expectNumber(gamma, "optim.ExponentialLR: gamma", { above: 0 });
  }
  protected next(lr: number): number {
    return lr * this.#gamma;
  }
}

/**
 * η_min + (η₀ − η_min)(1 + cos(π t / tMax)) / 2 (Loshchilov & Hutter 2017), by PyTorch's recursion from the rate
 * before, so that it composes with rates set by hand; past tMax it rises again.
 */
export class CosineAnnealingLR extends Schedule {
  readonly #tMax: number;
  readonly #etaMin: number;
  constructor(optimizer: AnyOptimizer, { tMax, etaMin = 0 }: { tMax: number; etaMin?: number }) {
    super(optimizer);
    this.#tMax = expectNumber(tMax, "optim.CosineAnnealingLR: tMax", { integer: true, min: 1 });
    this.#etaMin = expectNumber(etaMin, "optim.CosineAnnealingLR: etaMin", { min: 0 });
  }
  protected next(lr: number, base: number): number {
    const angle = (t: number) => Math.cos((Math.PI * t) / this.#tMax);
    if ((this.count - 1 - this.#tMax) % (2 * this.#tMax) === 0) {
      return lr + ((base - this.#etaMin) * (1 - Math.cos(Math.PI / this.#tMax))) / 2;
    }
    return ((1 + angle(this.count)) / (1 + angle(this.count - 1))) * (lr - this.#etaMin) + this.#etaMin;
  }
}

/** The rate at the start times f(step). */
export class LambdaLR extends Schedule {
  readonly #f: (step: number) => number;
  constructor(optimizer: AnyOptimizer, f: (step: number) => number) {
    super(optimizer);
    this.#f = f;
    optimizer.groups.forEach((group, i) => {
      group.lr = this.base[i] * f(0);
    });
  }
  protected next(_lr: number, base: number): number {
    return base * this.#f(this.count);
  }
}

export interface PlateauOptions {
  factor?: number;
  /** Steps without improvement that are tolerated. */
  patience?: number;
  /** How much better counts as better: relative to the best. */
  threshold?: number;
  /** Steps to wait after a reduction. */
  cooldown?: number;
  minLr?: number;
  mode?: "min" | "max";
}

/** Multiplies the rate by `factor` when a metric has not improved for more than `patience` steps. */
export class ReduceLROnPlateau extends Schedule {
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #bad = 0;
  #cooling = 0;

  constructor(optimizer: AnyOptimizer, options: PlateauOptions = {}) {
    super(optimizer);
    this.#options = {
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      cooldown: 0,
      minLr: 0,
      mode: "min",
      ...options,
    };
    expectNumber(this.#options.factor, "optim.ReduceLROnPlateau: factor", { above: 0, below: 1 });
    expectNumber(this.#options.patience, "optim.ReduceLROnPlateau: patience", { integer: true, min: 0 });
    this.#best = this.#options.mode === "min" ? Infinity : -Infinity;
  }

  override step(metric?: number): void {
    if (metric === undefined)
      throw new ArgumentError("optim.ReduceLROnPlateau: step(metric) needs the value it watches");
    const { factor, patience, threshold, cooldown, minLr, mode } = this.#options;
    this.count++;
    const better =
      mode === "min" ? metric < this.#best * (1 - threshold) : metric > this.#best * (1 + threshold);
    if (better) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad > patience) {
      for (const group of this.optimizer.groups) group.lr = Math.max(group.lr * factor, minLr);
      this.#cooling = cooldown;
      this.#bad = 0;
    }
  }

  protected next(lr: number): number {
    return lr;
  }

  override state(): ScheduleState {
    // ±Infinity (nothing seen yet) has no place in JSON.
    const best = Number.isFinite(this.#best) ? this.#best : "none";
    return { ...super.state(), best, bad: this.#bad, cooling: this.#cooling };
  }

  override loadState(state: ScheduleState): void {
    super.loadState(state);
    this.#best =
      state.best === "none" ? (this.#options.mode === "min" ? Infinity : -Infinity) : (state.best as number);
    this.#bad = state.bad as number;
    this.#cooling = state.cooling as number;
  }
}
