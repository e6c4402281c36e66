import { ArgumentError, DataError, describe, expectNumber } from "../errors.ts";
import { logSumExp } from "../kernels/rows.ts";
import type { Generator } from "../random.ts";

export { logSumExp };

/**
 * From log-probabilities to one token. Pure functions over Float64Array; chance comes from an explicit Generator.
 * Where two tokens are equally probable the lower id goes first, so that results are the same everywhere.
 */
export interface SamplingOptions {
  /** τ: p_τ ∝ p^{1/τ}. 1 (default) changes nothing, below sharpens, above flattens; 0 is its limit, the argmax. */
  temperature?: number;
  /** Keeps the k most probable tokens. */
  topK?: number;
  /** Keeps the smallest set of most probable tokens whose probabilities sum to p or more (Holtzman et al. 2020). */
  topP?: number;
  /** Always the most probable token; the same as temperature 0. */
  greedy?: boolean;
}

/** The index of the largest value, the lowest one if several are equal. @throws {DataError} if all are −∞ or one is NaN. */
export function argmax(logProbs: ArrayLike<number>): number {
  let best = -1;
  let largest = -Infinity;
  for (let i = 0; i < logProbs.length; i++) {
    if (Number.isNaN(logProbs[i]))
      throw new DataError(
        `sampling: the log-probability of token ${i} is NaN; did the training diverge? Load a checkpoint from before`,
      );
    if (logProbs[i] > largest) {
      largest = logProbs[i];
      best = i;
    }
  }
  if (best < 0) {
    throw new DataError(
      `sampling: none of the ${logProbs.length} tokens has a probability above 0; the model has never seen this context; use a smoothing, or another prompt`,
    );
  }
  return best;
}

/** The ids of the `count` most probable tokens, most probable first, equal ones by id; impossible ones are left out. */
export function rankTokens(logProbs: ArrayLike<number>, count: number = logProbs.length): number[] {
  const possible: number[] = [];
  for (let i = 0; i < logProbs.length; i++) if (logProbs[i] > -Infinity) possible.push(i);
  return possible.sort((a, b) => logProbs[b] - logProbs[a] || a - b).slice(0, count);
}

/** Adds the constant that makes Σ exp = 1. */
export function normalizeLogProbs(logProbs: ArrayLike<number>): Float64Array {
  const total = logSumExp(logProbs);
  const normalized = new Float64Array(logProbs.length);
  for (let i = 0; i < normalized.length; i++) normalized[i] = logProbs[i] - total;
  return normalized;
}

/** ln p_τ with p_τ ∝ p^{1/τ}. τ = 0 puts everything on the argmax, τ = ∞ gives every possible token the same. */
export function applyTemperature(logProbs: ArrayLike<number>, temperature: number): Float64Array {
  if (typeof temperature !== "number" || !(temperature >= 0)) {
    throw new ArgumentError(`sampling: temperature must be a number ≥ 0, got ${describe(temperature)}`);
  }
  const best = argmax(logProbs);
  if (temperature === 0) return Float64Array.from(logProbs, (_, i) => (i === best ? 0 : -Infinity));
  const largest = logProbs[best];
  // Measured from the largest, x/τ stays ≤ 0 for the smallest τ; what is impossible stays so for τ = ∞.
  const scaled = new Float64Array(logProbs.length);
  for (let i = 0; i < scaled.length; i++) {
    scaled[i] = logProbs[i] === -Infinity ? -Infinity : (logProbs[i] - largest) / temperature;
  }
  return normalizeLogProbs(scaled);
}

/** Keeps the k most probable tokens and renormalises. */
export function keepTopK(logProbs: ArrayLike<number>, k: number): Float64Array {
  expectNumber(k, "sampling: topK", { integer: true, min: 1 });
  return keep(logProbs, rankTokens(logProbs, k));
}

/**
 * Keeps the smallest set of most probable tokens with Σ p ≥ `p` and renormalises. The token that crosses `p` belongs
 * to the set, so that there is always one.
 */
export function keepTopP(logProbs: ArrayLike<number>, p: number): Float64Array {
  expectNumber(p, "sampling: topP", { above: 0, max: 1 });
  const total = logSumExp(logProbs);
  const order = rankTokens(logProbs);
  let sum = 0;
  let size = 0;
  while (size < order.length && sum < p) sum += Math.exp(logProbs[order[size++]] - total);
  return keep(logProbs, order.slice(0, size));
}

/**
 * The log-probabilities that are drawn from: temperature first, then topK, then topP, each renormalised.
 * @throws {ArgumentError} for an option out of range. @throws {DataError} if no token is possible or one is NaN.
 */
export function samplingLogProbs(logProbs: ArrayLike<number>, options: SamplingOptions = {}): Float64Array {
  const { temperature = 1, topK, topP, greedy = false } = options;
  let result = applyTemperature(logProbs, greedy ? 0 : temperature);
  if (topK !== undefined) result = keepTopK(result, topK);
  if (topP !== undefined) result = keepTopP(result, topP);
  return result;
}

/** Draws one token. `generator` is not touched when there is nothing to choose (greedy, temperature 0). */
export function sampleToken(
  logProbs: ArrayLike<number>,
  options: SamplingOptions,
  generator: Generator | undefined,
): number {
  if (options.greedy || options.temperature === 0) return argmax(logProbs);
  if (!generator) throw new ArgumentError("sampling: give a generator or a seed, or greedy: true");
  const weights = samplingLogProbs(logProbs, options);
  for (let i = 0; i < weights.length; i++) weights[i] = Math.exp(weights[i]);
  return generator.categorical(weights);
}

function keep(logProbs: ArrayLike<number>, ids: readonly number[]): Float64Array {
  const kept = new Float64Array(logProbs.length).fill(-Infinity);
  for (const id of ids) kept[id] = logProbs[id];
  return normalizeLogProbs(kept);
}
