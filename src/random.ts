import seedrandom from "seedrandom";
import { ArgumentError, describe, expectNumber } from "./errors.ts";

/** A generator's complete state: plain JSON, so that it can stand in a checkpoint. */
export interface GeneratorState {
  seed: string;
  alea: { c: number; s0: number; s1: number; s2: number };
  /** The second normal deviate of a Box–Muller pair that has not been handed out yet. */
  spareNormal: number | null;
}

interface Alea {
  double(): number;
  state(): GeneratorState["alea"];
}

/**
 * The library's only source of randomness: seedrandom's Alea (Baagøe, 2010) with an explicit, saveable state.
 * The same seed gives the same numbers on every machine (uniform, int, shuffle, choice); `normal` uses
 * Math.log and Math.cos, whose last bit may differ between engines.
 */
export class Generator {
  readonly seed: string;
  #alea: Alea;
  #spareNormal: number | null = null;

  /** @param seed a whole number (|seed| ≤ 2⁵³ − 1) or any string. @throws {ArgumentError} for anything else. */
  constructor(seed: number | string) {
    if (typeof seed === "string" ? false : !Number.isSafeInteger(seed)) {
      throw new ArgumentError(`Generator: seed must be a whole number or a string, got ${describe(seed)}`);
    }
    this.seed = String(seed);
    this.#alea = seedrandom.alea(this.seed, { state: true }) as unknown as Alea;
  }

  /** Uniform in [low, high), 53 random bits. */
  uniform(low: number = 0, high: number = 1): number {
    return low + (high - low) * this.#alea.double();
  }

  /** Gaussian N(mean, std²) by Box & Muller (1958). */
  normal(mean: number = 0, std: number = 1): number {
    let z = this.#spareNormal;
    this.#spareNormal = null;
    if (z === null) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.#alea.double()));
      const angle = 2 * Math.PI * this.#alea.double();
      z = radius * Math.cos(angle);
      this.#spareNormal = radius * Math.sin(angle);
    }
    return mean + std * z;
  }

  /** A whole number in 0 … below − 1. @throws {ArgumentError} unless `below` is a whole number ≥ 1. */
  int(below: number): number {
    expectNumber(below, "Generator.int: the bound", { integer: true, min: 1 });
    return Math.floor(this.#alea.double() * below);
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  /** 0 … n − 1 in random order. */
  permutation(n: number): Int32Array {
    expectNumber(n, "Generator.permutation: n", { integer: true, min: 0 });
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }

  /** One item, each equally likely. @throws {ArgumentError} for an empty list. */
  choice<T>(items: ArrayLike<T>): T {
    if (!(items?.length > 0)) {
      const found = items?.length === 0 ? "the list is empty" : `${describe(items)} is no list`;
      throw new ArgumentError(`Generator.choice: ${found}; give at least one item`);
    }
    return items[this.int(items.length)];
  }

  /**
   * Draws index i with probability weights[i] / Σ weights.
   * @throws {ArgumentError} if a weight is negative or NaN, or if none is positive.
   */
  categorical(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0)) {
        throw new ArgumentError(`Generator.categorical: weight ${i} is ${weights[i]}, must be ≥ 0`);
      }
      total += weights[i];
    }
    if (!(total > 0 && total < Infinity)) {
      throw new ArgumentError(`Generator.categorical: the ${weights.length} weights sum to ${total}`);
    }
    let rest = this.#alea.double() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      last = i;
      rest -= weights[i];
      if (rest < 0) return i;
    }
    return last; // rounding can leave a crumb of `rest`
  }

  /** An independent generator for a named part, the same for the same seed and label; draws nothing from this one. */
  fork(label: string | number): Generator {
    if (typeof label !== "string" && typeof label !== "number") {
      throw new ArgumentError(`Generator.fork: the label must be a text or a number, got ${describe(label)}`);
    }
    return new Generator(`${this.seed}/${label}`);
  }

  state(): GeneratorState {
    return { seed: this.seed, alea: { ...this.#alea.state() }, spareNormal: this.#spareNormal };
  }

  /** Continues exactly where `state()` was taken. @throws {ArgumentError} for an object of another form. */
  static fromState(state: GeneratorState): Generator {
    const { c, s0, s1, s2 } = state?.alea ?? {};
    const numbers = [c, s0, s1, s2, state?.spareNormal ?? 0];
    if (typeof state?.seed !== "string" || !numbers.every((n) => Number.isFinite(n))) {
      throw new ArgumentError(
        "Generator.fromState: needs what state() gives: seed, alea { c, s0, s1, s2 }, spareNormal",
      );
    }
    const generator = new Generator(state.seed);
    generator.#alea = seedrandom.alea("", { state: { ...state.alea } as never }) as unknown as Alea;
    generator.#spareNormal = state.spareNormal;
    return generator;
  }
}
