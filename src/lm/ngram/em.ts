import { DataError } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import type { Sequences } from "./symbols.ts";
import { walk } from "./walk.ts";

const MOST_ROUNDS = 1000;
const ENOUGH = 1e-10;

/**
 * The weights of Jelinek–Mercer smoothing that make held-out text most probable, by expectation-maximisation: which
 * order "spoke" each token is the hidden variable. Returned highest order first, the uniform distribution last.
 *
 * With `unseen: "renormalize"` the mixture is a chain: from the longest seen context downwards, order j speaks with
 * probability μ_j or passes on to the next, so that λ_j = μ_j ∏_{i>j} (1 − μ_i). Leaving out unseen contexts and
 * renormalising the λ is then the same as starting the chain lower down, and both steps have closed forms.
 *
 * @throws {DataError} if the held-out text is empty or has no token that the training text has.
 */
export function estimateWeights(
  counts: NGramCounts,
  order: number,
  floor: boolean,
  unseen: "renormalize" | "zero",
  heldOut: Sequences,
): number[] {
  const parts = order + (floor ? 1 : 0);
  const { events, seen } = collect(counts, order, parts, heldOut);
  const total = seen.length;
  // Part 0 is the lowest (uniform or unigram), as the chain ends there.
  let weight: Float64Array = new Float64Array(parts).fill(1 / parts);
  let before = -Infinity;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const spoke = new Float64Array(parts);
    const reached = new Float64Array(parts);
    let logLikelihood = 0;
    for (let e = 0; e < total; e++) {
      let p = 0;
      let speaking = 0;
      for (let i = 0; i < seen[e]; i++) {
        p += weight[i] * events[e * parts + i];
        speaking += weight[i];
      }
      logLikelihood += Math.log(unseen === "zero" ? p : p / speaking);
      let below = 0;
      for (let i = 0; i < seen[e]; i++) {
        const share = (weight[i] * events[e * parts + i]) / p;
        below += share;
        spoke[i] += share;
        reached[i] += below;
      }
    }
    weight = unseen === "zero" ? spoke.map((value) => value / total) : fromChain(spoke, reached);
    if (logLikelihood - before < ENOUGH * total) break;
    before = logLikelihood;
  }
  return Array.from(weight).reverse();
}

/** μ_i = (spoke at i) / (reached i), then λ_i = μ_i ∏_{higher} (1 − μ). An order never reached gets no weight. */
function fromChain(spoke: Float64Array, reached: Float64Array): Float64Array {
  const weight = new Float64Array(spoke.length);
  let rest = 1;
  for (let i = spoke.length - 1; i >= 0; i--) {
    const speaks = i === 0 ? 1 : reached[i] > 0 ? spoke[i] / reached[i] : 0;
    weight[i] = rest * speaks;
    rest -= weight[i];
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
