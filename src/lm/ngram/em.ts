import { DataError } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import type { Sequences } from "./symbols.ts";
import { walk } from "./walk.ts";

const MOST_ROUNDS = 1000;
const ENOUGH = 1e-10;

/**
 * The weights of Jelinek–Mercer smoothing that make held-out text most probable, by expectation-maximisation: which
 * order "spoke" each token is the hidden variable. Returned lowest part first (the uniform distribution, with `floor`).
 *
 * For a chain they are μ_i = E[spoke at i] / E[reached i], where the chain of a token begins at its longest seen context;
 * else they are λ_i = E[spoke at i] / tokens. Both steps have these closed forms, so the likelihood never falls.
 *
 * @throws {DataError} if the held-out text is empty or has no token that the training text has.
 */
export function estimateWeights(
  counts: NGramCounts,
  order: number,
  floor: boolean,
  chain: boolean,
  heldOut: Sequences,
): Float64Array {
  const parts = order + (floor ? 1 : 0);
  const { events, seen } = collect(counts, order, parts, heldOut);
  let weight: Float64Array = Float64Array.from({ length: parts }, (_, i) => 1 / (chain ? i + 1 : parts));
  const joint = new Float64Array(parts);
  let before = -Infinity;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const spoke = new Float64Array(parts);
    const reached = new Float64Array(parts);
    let logLikelihood = 0;
    for (let e = 0; e < seen.length; e++) {
      let p = 0;
      let rest = 1;
      for (let i = seen[e] - 1; i >= 0; i--) {
        joint[i] = rest * weight[i] * events[e * parts + i];
        p += joint[i];
        if (chain) rest *= 1 - weight[i];
      }
      logLikelihood += Math.log(p);
      let below = 0;
      for (let i = 0; i < seen[e]; i++) {
        below += joint[i] / p;
        spoke[i] += joint[i] / p;
        reached[i] += below;
      }
    }
    const whole = chain ? reached : new Float64Array(parts).fill(seen.length);
    weight = spoke.map((value, i) => (chain && i === 0 ? 1 : whole[i] > 0 ? value / whole[i] : 0));
    if (logLikelihood - before < ENOUGH * seen.length) break;
    before = logLikelihood;
  }
  return weight;
}

/** P_ML of every held-out token at every order, and at how many orders (from the lowest) its context was seen. */
function collect(
  counts: NGramCounts,
  order: number,
  parts: number,
  heldOut: Sequences,
): { events: Float64Array; seen: Int32Array } {
  const length = heldOut.reduce((sum, ids) => sum + ids.length, 0);
  const events = new Float64Array(length * parts);
  const seen = new Int32Array(length);
  const lowest = parts - order; // 1 with the uniform distribution
  let size = 0;
  for (const ids of heldOut) {
    walk(counts, order, ids, 0, (contexts, known, grams) => {
      const row = size * parts;
      let count = lowest;
      let possible = lowest > 0;
      if (lowest > 0) events[row] = 1 / counts.vocabulary.size;
      for (let j = 0; j <= known && contexts[j] >= 0; j++) {
        const total = counts.totals(j)[contexts[j]];
        if (total === 0) break;
        const p = grams[j] < 0 ? 0 : counts.levels[j].count[grams[j]] / total;
        events[row + count++] = p;
        if (p > 0) possible = true;
      }
      // A token that no order can have said tells nothing about their weights.
      if (possible) seen[size++] = count;
      else events.fill(0, row, row + parts);
    });
  }
  if (size === 0) {
    throw new DataError(
      length === 0
        ? "NGramLM: the held-out text for estimating the lambdas is empty; give heldOut or the lambdas themselves"
        : "NGramLM: no token of the held-out text occurs in the training text; the lambdas cannot be estimated",
    );
  }
  return { events: events.subarray(0, size * parts), seen: seen.subarray(0, size) };
}
