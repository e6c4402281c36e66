import { ArgumentError, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";

/** What a schedule changes: any optimizer. */
export interface HasRates {
  readonly groups: { lr: number }[];
}

/** A schedule's memory, as plain data for a checkpoint. */
export interface ScheduleState {
  name: string;
  /** How often it stepped. */
  count: number;
  /** The rates at the start, one for each group. */
  base: number[];
  [more: string]: number | string | number[] | null;
}

/** The rate after `count` steps, from the rate before and the rate at the start. */
type Next = (lr: number, base: number, count: number) => number;

/** Changes the learning rate of an optimizer each time `step()` is called: after an epoch, or after a step. */
export abstract class Schedule {
  protected readonly optimizer: HasRates;
  protected readonly memory: ScheduleState;
  readonly #next: Next;

  constructor(optimizer: HasRates, next: Next, memory: Record<string, number | null> = {}) {
    expect.type(optimizer?.groups, "a list", `optim.${new.target.name}: the groups of the optimizer`);
    this.optimizer = optimizer;
    this.memory = {
      name: this.constructor.name,
      count: 0,
      base: optimizer.groups.map((g) => g.lr),
      ...memory,
    };
    this.#next = next;
  }

  protected get label(): string {
    return `optim.${this.constructor.name}`;
  }

  /** The learning rate of the first group. */
  get lr(): number {
    return this.optimizer.groups[0].lr;
  }

  /** @param _metric what ReduceLROnPlateau watches; the others need none. */
  step(_metric?: number): void {
    this.memory.count++;
    this.update();
  }

  /** Sets the rates for the present count. */
  protected update(): void {
    const { count, base } = this.memory;
    this.optimizer.groups.forEach((group, i) => {
      const lr = this.#next(group.lr, base[i], count);
      group.lr = expectNumber(lr, `${this.label}: the rate of step ${count}`, { min: 0 });
    });
  }

  state(): ScheduleState {
    return structuredClone(this.memory);
  }

  /** @throws {CheckpointError} if the state is another schedule's, or of another number of parameter groups. */
  loadState(state: ScheduleState): void {
    expect.scheduleState(state, this.memory, this.label);
    Object.assign(this.memory, structuredClone(state));
  }
}

/** Multiplies the rate by gamma every stepSize steps. */
export class StepLR extends Schedule {
  constructor(optimizer: HasRates, options: { stepSize: number; gamma?: number }) {
    const { stepSize, gamma = 0.1 } = expectOptions(options, ["stepSize", "gamma"], "optim.StepLR");
    super(optimizer, (lr, _, count) => (count % stepSize === 0 ? lr * gamma : lr));
    expectNumber(stepSize, `${this.label}: stepSize`, { integer: true, min: 1 });
    expectNumber(gamma, `${this.label}: gamma`, { above: 0 });
  }
}

/** Multiplies the rate by gamma at every step. */
export class ExponentialLR extends Schedule {
  constructor(optimizer: HasRates, options: { gamma: number }) {
    const { gamma } = expectOptions(options, ["gamma"], "optim.ExponentialLR");
    super(optimizer, (lr) => lr * gamma);
    expectNumber(gamma, `${this.label}: gamma`, { above: 0 });
  }
}

/**
 * η_min + (η₀ − η_min)(1 + cos(π t / tMax)) / 2 (Loshchilov & Hutter 2017), by PyTorch's recursion from the rate
 * before, so that it composes with rates set by hand; past tMax it rises again.
 */
export class CosineAnnealingLR extends Schedule {
  constructor(optimizer: HasRates, options: { tMax: number; etaMin?: number }) {
    const { tMax, etaMin = 0 } = expectOptions(options, ["tMax", "etaMin"], "optim.CosineAnnealingLR");
    const height = (t: number) => (1 + Math.cos((Math.PI * t) / tMax)) / 2;
    super(optimizer, (lr, base, t) => {
      // At the bottom the ratio below is 0 / 0: the first step up is computed from the rate at the start.
      if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + (base - etaMin) * height(tMax - 1);
      return etaMin + (lr - etaMin) * (height(t) / height(t - 1));
    });
    expectNumber(tMax, `${this.label}: tMax`, { integer: true, min: 1 });
    expectNumber(etaMin, `${this.label}: etaMin`, { min: 0 });
  }
}

/** The rate at the start times f(step). */
export class LambdaLR extends Schedule {
  constructor(optimizer: HasRates, f: (step: number) => number) {
    expect.type(f, "a function", "optim.LambdaLR: f");
    super(optimizer, (_, base, count) => base * f(count));
    this.update();
  }
}

/** Options of `ReduceLROnPlateau`. */
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
  declare protected readonly memory: ScheduleState & { best: number | null; bad: number; cooling: number };

  constructor(optimizer: HasRates, options: PlateauOptions = {}) {
    const defaults = {
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      cooldown: 0,
      minLr: 0,
      mode: "min",
    } as const;
    expectOptions(options, Object.keys(defaults), "optim.ReduceLROnPlateau");
    const all = { ...defaults, ...options };
    super(optimizer, (lr) => Math.min(lr, Math.max(lr * all.factor, all.minLr)), {
      best: null,
      bad: 0,
      cooling: 0,
    });
    this.#options = all;
    expectNumber(all.factor, `${this.label}: factor`, { above: 0, below: 1 });
    expectNumber(all.patience, `${this.label}: patience`, { integer: true, min: 0 });
    expectNumber(all.cooldown, `${this.label}: cooldown`, { integer: true, min: 0 });
    expectNumber(all.threshold, `${this.label}: threshold`, { min: 0 });
    expectNumber(all.minLr, `${this.label}: minLr`, { min: 0 });
    expect.oneOf(all.mode, ["min", "max"], `${this.label}: mode`);
  }

  override step(metric?: number): void {
    if (typeof metric !== "number")
      throw new ArgumentError(`${this.label}: step() needs the metric it watches`);
    const { memory } = this;
    memory.count++;
    memory.bad = this.#improves(metric) || memory.cooling > 0 ? 0 : memory.bad + 1;
    if (this.#improves(metric)) memory.best = metric;
    memory.cooling = Math.max(0, memory.cooling - 1);
    if (memory.bad > this.#options.patience) {
      this.update();
      memory.cooling = this.#options.cooldown;
      memory.bad = 0;
    }
  }

  #improves(metric: number): boolean {
    const { best } = this.memory;
    const { mode, threshold } = this.#options;
    if (best === null) return !Number.isNaN(metric);
    return mode === "min" ? metric < best * (1 - threshold) : metric > best * (1 + threshold);
  }
}
