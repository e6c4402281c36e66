/** How counts become probabilities. Every option is explained in the file of its method. */
export type Smoothing =
  | { kind: "mle" }
  | { kind: "addK"; k?: number }
  | JelinekMercerOptions
  | KneserNeyOptions
  | { kind: "stupidBackoff"; alpha?: number };

/** Options of Jelinek–Mercer interpolation. */
export interface JelinekMercerOptions {
  kind: "jelinekMercer";
  /** Weights of the orders n, n − 1, …, 1 (and of the uniform distribution, with `floor`), or "estimate" by EM. */
  lambdas?: readonly number[] | "estimate";
  /** Adds the uniform distribution 1/V as the lowest order, so that no token is impossible; default false. */
  floor?: boolean;
  /**
   * What happens to the weight of the orders whose context was never seen: "renormalize" (default) divides it among the
   * others in proportion, "zero" loses it, and such rows sum to less than 1.
   */
  unseen?: "renormalize" | "zero";
}

/** Options of interpolated Kneser–Ney. */
export interface KneserNeyOptions {
  kind: "kneserNey";
  /** One number for all orders, "estimate" (one for each order), or "modified" (three for each order); the default. */
  discount?: number | "estimate" | "modified";
  /** Discounts unigrams too and gives what they lose to all V tokens alike, so that no token is impossible; default true. */
  floor?: boolean;
}

/**
 * One method over one table. `contexts[j]` is the trie node of the last j tokens (−1: never seen; contexts[0] is the
 * root), for j = 0 … `known`, the number of tokens that the model sees; `grams[j]` is the node of those j tokens and the one
 * in question (−1: never seen), so that `grams[0]` is its id.
 */
export interface Smoother {
  /** p(w | context); NaN where it is undefined (0/0). */
  probability(contexts: Int32Array, known: number, grams: Int32Array): number;
  /** p(w | context) for every w into `row`. */
  fill(row: Float64Array, contexts: Int32Array, known: number): void;
  /** False for scores that do not sum to 1. */
  readonly normalized: boolean;
  /** The method with what it estimated, for tables. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}
