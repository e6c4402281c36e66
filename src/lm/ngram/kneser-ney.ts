import { ArgumentError, describe, expectNumber } from "../../errors.ts";
import type { NGramCounts } from "./counts.ts";
import type { KneserNeyOptions, Smoother } from "./smoother.ts";
import { childRange, sumChildren, type TrieLevel } from "./trie.ts";

/** D(c) for c = 1, 2 and 3 or more. */
type Discounts = readonly [number, number, number];

/**
 * Interpolated Kneser–Ney smoothing (Kneser & Ney 1995; Chen & Goodman 1999):
 *
 *     P(w | v) = (a(v w) − D(a(v w))) / a(v •) + λ(v) P(w | v without its first token),
 *     λ(v) = Σ_w D(a(v w)) / a(v •),
 *
 * where a = c, the count, at the highest order and a = N₁₊(• v w), the number of different tokens before the gram,
 * below it. Where nothing stands before any gram of a context v, its grams keep a = c: those that begin with the start
 * symbol when there is one of it, or with a token that only begins sequences.
 * Unigrams are N₁₊(• w) / N₁₊(• •); with `floor` they are discounted too and the rest is shared by all V tokens alike.
 * A context never seen passes on to the shorter one.
 *
 * Discounts, for each order from its counts of counts n_i (how many grams have a = i), Y = n₁ / (n₁ + 2 n₂):
 * "estimate" D = Y; "modified" D₁ = 1 − 2Y n₂/n₁, D₂ = 2 − 3Y n₃/n₂, D₃₊ = 3 − 4Y n₄/n₃. If n₁ = 0, D = ½; a D_i whose
 * n_i is 0 takes the value of the one before. A negative D_i (few data) is kept while every λ(v) of its order stays ≥ 0,
 * else it becomes 0, so that each row is a distribution.
 */
export function kneserNey(counts: NGramCounts, order: number, options: KneserNeyOptions): Smoother {
  const { discount = "modified", floor = true } = options;
  if (typeof discount === "number") {
    expectNumber(discount, "NGramLM: the Kneser–Ney discount", { min: 0, max: 1 });
  } else if (discount !== "estimate" && discount !== "modified") {
    throw new ArgumentError(
      `NGramLM: the Kneser–Ney discount must be a number, "estimate" or "modified", got ${describe(discount)}`,
    );
  }
  const size = counts.vocabulary.size;
  const levels = counts.levels.slice(0, order);
  const orders = levels.map((level, j) => {
    const adjusted = j === order - 1 ? level.count : lowerOrderCounts(levels, j);
    return discounted(levels, j, adjusted, estimate(adjusted, discount));
  });
  const unigram = unigrams(orders[0], size, floor);

  return {
    normalized: true,
    parameters: [
      ...orders
        .map(({ discounts }, j) => [`D, order ${j + 1}`, showDiscounts(discounts)] as const)
        .slice(floor ? 0 : 1),
      ["floor", floor ? "1/V" : "none"],
    ],
    probability(contexts, known, grams) {
      let p = unigram[grams[0]];
      for (let j = 1; j <= known && contexts[j] >= 0; j++) {
        const { adjusted, total, left, discounts } = orders[j];
        const context = contexts[j];
        if (total[context] === 0) continue;
        const a = grams[j] < 0 ? 0 : adjusted[grams[j]];
        p = (a - discountOf(a, discounts) + left[context] * p) / total[context];
      }
      return p;
    },
    fill(row, contexts, known) {
      row.set(unigram);
      for (let j = 1; j <= known && contexts[j] >= 0; j++) {
        const { adjusted, total, left, discounts } = orders[j];
        const context = contexts[j];
        if (total[context] === 0) continue;
        const lambda = left[context] / total[context];
        for (let w = 0; w < size; w++) row[w] *= lambda;
        const { symbol } = levels[j];
        const [from, to] = childRange(levels, j, context);
        for (let child = from; child < to; child++) {
          const a = adjusted[child];
          if (a > 0) row[symbol[child]] += (a - discountOf(a, discounts)) / total[context];
        }
      }
    },
  };
}

/** One order: its counts a, and for every context v the sums a(v •) and Σ_w D(a(v w)). */
interface Order {
  adjusted: Int32Array;
  total: Float64Array;
  left: Float64Array;
  discounts: Discounts;
}

function discounted(
  levels: readonly TrieLevel[],
  j: number,
  adjusted: Int32Array,
  discounts: Discounts,
): Order {
  const taken = (by: Discounts) =>
    sumChildren(
      levels,
      j,
      Float64Array.from(adjusted, (a) => discountOf(a, by)),
    );
  const total = sumChildren(levels, j, adjusted);
  const left = taken(discounts);
  if (discounts.every((d) => d >= 0) || left.every((sum) => sum >= 0))
    return { adjusted, total, left, discounts };
  const clipped = discounts.map((d) => Math.max(0, d)) as unknown as Discounts;
  return { adjusted, total, left: taken(clipped), discounts: clipped };
}

function unigrams({ adjusted, total, left, discounts }: Order, size: number, floor: boolean): Float64Array {
  return Float64Array.from({ length: size }, (_, w) =>
    floor
      ? (adjusted[w] - discountOf(adjusted[w], discounts) + left[0] / size) / total[0]
      : adjusted[w] / total[0],
  );
}

function lowerOrderCounts(levels: readonly TrieLevel[], j: number): Int32Array {
  const { count, continuation } = levels[j];
  const adjusted = continuation.slice();
  sumChildren(levels, j, continuation).forEach((total, context) => {
    if (total > 0) return;
    const [from, to] = childRange(levels, j, context);
    adjusted.set(count.subarray(from, to), from);
  });
  return adjusted;
}

function discountOf(a: number, [one, two, more]: Discounts): number {
  return a >= 3 ? more : a === 2 ? two : a === 1 ? one : 0;
}

function estimate(adjusted: Int32Array, discount: number | "estimate" | "modified"): Discounts {
  if (typeof discount === "number") return [discount, discount, discount];
  const n = [0, 0, 0, 0, 0];
  for (const a of adjusted) if (a > 0 && a <= 4) n[a]++;
  if (n[1] === 0) return [0.5, 0.5, 0.5];
  const y = n[1] / (n[1] + 2 * n[2]);
  if (discount === "estimate") return [y, y, y];
  const one = 1 - 2 * y * (n[2] / n[1]);
  const two = n[2] > 0 ? 2 - 3 * y * (n[3] / n[2]) : one;
  return [one, two, n[3] > 0 ? 3 - 4 * y * (n[4] / n[3]) : two];
}

function showDiscounts(discounts: Discounts): string {
  return [...new Set(discounts.map((d) => d.toFixed(3)))].join(" / ");
}
