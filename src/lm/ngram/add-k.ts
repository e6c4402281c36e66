import { expectNumber } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import type { Smoother } from "./smoother.ts";
import { childRange } from "./trie.ts";

/**
 * Maximum likelihood: P(w | v) = c(v w) / c(v), with c(v) = Σ_w c(v w). Undefined (NaN) if v was never seen.
 */
export function maximumLikelihood(counts: NGramCounts): Smoother {
  return { ...ratio(counts, 0), parameters: [] };
}

/**
 * Add-k (Lidstone; k = 1 Laplace): P(w | v) = (c(v w) + k) / (c(v) + k V). A context never seen gives 1/V.
 * @throws {ArgumentError} unless k > 0.
 */
export function addK(counts: NGramCounts, k: number = 1): Smoother {
  expectNumber(k, "NGramLM: k of add-k smoothing", { above: 0 });
  return { ...ratio(counts, k), parameters: [["k", String(k)]] };
}

function ratio(counts: NGramCounts, k: number): Omit<Smoother, "parameters"> {
  const { levels } = counts;
  const size = counts.vocabulary.size;
  const total = (contexts: Int32Array, known: number) =>
    (contexts[known] < 0 ? 0 : counts.totals(known)[contexts[known]]) + k * size;
  return {
    normalized: true,
    probability(contexts, known, grams) {
      const gram = grams[known];
      return ((gram < 0 ? 0 : levels[known].count[gram]) + k) / total(contexts, known);
    },
    fill(row, contexts, known) {
      const sum = total(contexts, known);
      row.fill(k / sum); // 0/0 is NaN, as it should be
      if (contexts[known] < 0) return;
      const { symbol, count } = levels[known];
      const [from, to] = childRange(levels, known, contexts[known]);
      for (let child = from; child < to; child++) {
        if (count[child] > 0) row[symbol[child]] = (count[child] + k) / sum;
      }
    },
  };
}
