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
  const chosen =
    lambdas === "estimate"
      ? estimateWeights(counts, order, floor, unseen, heldOut())
      : checked(lambdas, order, floor);
  /** By length of context; the uniform distribution apart. */
  const weight = Array.from({ length: order }, (_, j) => chosen[order - 1 - j]);
  const uniform = floor ? chosen[order] : 0;

  /** Calls `add` for every order whose context was seen, returns the weight of all that speak. */
  const mix = (contexts: Int32Array, known: number, add: (j: number, factor: number) => void): number => {
    let speaking = uniform;
    for (let j = 0; j <= known && contexts[j] >= 0; j++) {
      const total = counts.totals(j)[contexts[j]];
      if (total === 0) continue;
      speaking += weight[j];
      add(j, weight[j] / total);
    }
    return unseen === "zero" ? 1 : speaking;
  };
  return {
    normalized: true,
    parameters: [["λ", chosen.map((value) => value.toFixed(4)).join(", ")]],
    probability(contexts, known, grams) {
      let p = uniform / size;
      const whole = mix(contexts, known, (j, factor) => {
        if (grams[j] >= 0) p += factor * counts.levels[j].count[grams[j]];
      });
      return p / whole;
    },
    fill(row, contexts, known) {
      row.fill(uniform / size);
      const whole = mix(contexts, known, (j, factor) => {
        const { symbol, count } = counts.levels[j];
        const [from, to] = childRange(counts.levels, j, contexts[j]);
        for (let child = from; child < to; child++) {
          if (count[child] > 0) row[symbol[child]] += factor * count[child];
        }
      });
      for (let w = 0; w < row.length; w++) row[w] /= whole;
    },
  };
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
