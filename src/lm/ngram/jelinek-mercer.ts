import { ArgumentError, describe, expectNumber } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import { estimateWeights } from "./em.ts";
import type { JelinekMercerOptions, Smoother } from "./smoother.ts";
import type { Sequences } from "./symbols.ts";
import { childRange } from "./trie.ts";

/**
 * Jelinek & Mercer (1980): P(w | v) = Σ_j λ_j P_ML(w | last j tokens of v), j = n − 1 … 0, and λ/V for the uniform
 * distribution with `floor`. The λ are given, or estimated by expectation-maximisation on held-out text.
 *
 * Where a context was never seen, the λ of the others are renormalised. That is the same as a chain: from the longest
 * seen context downwards, order j speaks with probability μ_j = λ_j / Σ_{i≤j} λ_i or passes on to the next; the lowest
 * always speaks. So every row is a distribution, whatever was seen. With `unseen: "zero"` nothing is renormalised.
 *
 * @throws {ArgumentError} if the λ are too few or many, negative, or do not sum to 1.
 */
export function jelinekMercer(
  counts: NGramCounts,
  order: number,
  options: JelinekMercerOptions,
  heldOut: () => Sequences,
): Smoother {
  const { lambdas = "estimate", floor = false, unseen = "renormalize" } = options;
  if (unseen !== "renormalize" && unseen !== "zero") {
    throw new ArgumentError(`NGramLM: unseen must be "renormalize" or "zero", got ${describe(unseen)}`);
  }
  const size = counts.vocabulary.size;
  const chain = unseen === "renormalize";
  /** μ of each part of the mixture, or λ without renormalising; the lowest part first. */
  const weight =
    lambdas === "estimate"
      ? estimateWeights(counts, order, floor, chain, heldOut())
      : fromLambdas(checked(lambdas, order, floor), chain);
  const lowest = weight.length - order; // 1 where the uniform distribution is part 0

  /** Goes up through the orders whose context was seen, with the weight of what lies below and of the order itself. */
  const mix = (
    contexts: Int32Array,
    known: number,
    step: (j: number, below: number, factor: number) => void,
  ) => {
    for (let j = 0; j <= known && contexts[j] >= 0; j++) {
      const total = counts.totals(j)[contexts[j]];
      const mu = weight[j + lowest];
      if (total > 0) step(j, chain ? 1 - mu : 1, mu / total);
    }
  };
  const uniform = floor ? weight[0] / size : 0;
  return {
    normalized: true,
    parameters: [
      [
        "λ",
        lambdasOf(weight, chain)
          .map((value) => value.toFixed(4))
          .join(", "),
      ],
    ],
    probability(contexts, known, grams) {
      let p = uniform;
      mix(contexts, known, (j, below, factor) => {
        p = below * p + (grams[j] < 0 ? 0 : factor * counts.levels[j].count[grams[j]]);
      });
      return p;
    },
    fill(row, contexts, known) {
      row.fill(uniform);
      mix(contexts, known, (j, below, factor) => {
        const { symbol, count } = counts.levels[j];
        const [from, to] = childRange(counts.levels, j, contexts[j]);
        for (let w = 0; w < row.length; w++) row[w] *= below;
        for (let child = from; child < to; child++) {
          if (count[child] > 0) row[symbol[child]] += factor * count[child];
        }
      });
    },
  };
}

/** λ, highest order first → μ of the chain (or λ as they are), lowest first. */
function fromLambdas(lambdas: readonly number[], chain: boolean): Float64Array {
  const weight = Float64Array.from(lambdas).reverse();
  if (!chain) return weight;
  let sum = 0;
  return weight.map((lambda, i) => {
    sum += lambda;
    return i === 0 ? 1 : sum > 0 ? lambda / sum : 0;
  });
}

/** The inverse: λ_j = μ_j ∏_{i>j} (1 − μ_i), highest order first. */
function lambdasOf(weight: Float64Array, chain: boolean): number[] {
  let rest = 1;
  return Array.from(weight)
    .reverse()
    .map((mu) => {
      const lambda = chain ? rest * mu : mu;
      rest *= 1 - mu;
      return lambda;
    });
}

function checked(lambdas: readonly number[], order: number, floor: boolean): readonly number[] {
  const wanted = order + (floor ? 1 : 0);
  if (!Array.isArray(lambdas) || lambdas.length !== wanted) {
    throw new ArgumentError(
      `NGramLM: order ${order}${floor ? " and the uniform floor" : ""} needs ${wanted} lambdas, highest order first, ` +
        `or "estimate"; got ${describe(lambdas)}`,
    );
  }
  for (const lambda of lambdas) expectNumber(lambda, "NGramLM: each lambda", { min: 0, max: 1 });
  const sum = lambdas.reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > 1e-9)
    throw new ArgumentError(`NGramLM: the lambdas sum to ${sum}, they must sum to 1`);
  return lambdas;
}
