import { expectNumber } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import type { Smoother } from "./smoother.ts";
import { childRange } from "./trie.ts";

/**
 * Stupid back-off (Brants et al. 2007): S(w | v) = c(v w) / c(v) if the gram was seen, else α S(w | v without its first
 * token), and c(w) / N at last. Scores, not probabilities: a row does not sum to 1.
 * @throws {ArgumentError} unless 0 < α ≤ 1.
 */
export function stupidBackoff(counts: NGramCounts, alpha: number = 0.4): Smoother {
  expectNumber(alpha, "NGramLM: alpha of stupid back-off", { above: 0, max: 1 });
  const { levels } = counts;
  return {
    normalized: false,
    parameters: [["α", String(alpha)]],
    probability(contexts, known, grams) {
      let factor = 1;
      for (let j = known; j >= 0; j--) {
        const count = grams[j] < 0 ? 0 : levels[j].count[grams[j]];
        if (count > 0) return (factor * count) / counts.totals(j)[contexts[j]];
        factor *= alpha;
      }
      return 0;
    },
    fill(row, contexts, known) {
      row.fill(0);
      // From the shortest context to the longest: what a longer one has seen replaces the backed-off score.
      for (let j = 0; j <= known && contexts[j] >= 0; j++) {
        const { symbol, count } = levels[j];
        const factor = alpha ** (known - j) / counts.totals(j)[contexts[j]];
        const [from, to] = childRange(levels, j, contexts[j]);
        for (let child = from; child < to; child++) {
          if (count[child] > 0) row[symbol[child]] = factor * count[child];
        }
      }
    },
  };
}
