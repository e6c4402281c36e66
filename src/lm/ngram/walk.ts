import type { NGramCounts } from "./counts.ts";
import { findChild } from "./trie.ts";

/**
 * What an n-gram model remembers: `nodes[j]` is the trie node of the last j tokens (−1: never seen), j = 0 … `known`,
 * where `known` ≤ n − 1 is how many tokens it sees.
 */
export interface NGramState {
  readonly nodes: Int32Array;
  readonly known: number;
}

/** Nothing is known, not even whether a sentence begins. */
export function emptyState(order: number): NGramState {
  const nodes = new Int32Array(order).fill(-1);
  nodes[0] = 0;
  return { nodes, known: 0 };
}

/** The beginning: after the start symbols, if there are any. */
export function startState(counts: NGramCounts, order: number): NGramState {
  let state = emptyState(order);
  for (let i = 0; i < counts.startSymbols; i++) state = pushSymbol(counts, state, counts.startId);
  return state;
}

/** The state after one more symbol, whatever it is; −1 stands for one that was never seen. */
export function pushSymbol(counts: NGramCounts, { nodes, known }: NGramState, symbol: number): NGramState {
  const grams = new Int32Array(nodes.length);
  lookUp(counts, nodes, known, symbol, grams);
  const next = nodes.slice();
  return { nodes: next, known: shift(next, known, grams) };
}

/** Finds the node of (last j tokens, symbol) for j = 0 … known. */
export function lookUp(
  { levels }: NGramCounts,
  nodes: Int32Array,
  known: number,
  symbol: number,
  grams: Int32Array,
): void {
  for (let j = 0; j <= known; j++) {
    grams[j] = nodes[j] < 0 || symbol < 0 ? -1 : findChild(levels, j, nodes[j], symbol);
  }
}

/** The grams just found are the contexts of the next token. Changes `nodes`, returns how many tokens are known now. */
export function shift(nodes: Int32Array, known: number, grams: Int32Array): number {
  const next = Math.min(known + 1, nodes.length - 1);
  for (let j = next; j > 0; j--) nodes[j] = grams[j - 1];
  return next;
}

/**
 * Reads a row of ids from the beginning and calls `visit` for every token after the first `given` ones. After an end
 * token the next sentence begins. The arrays are reused from call to call.
 */
export function walk(
  counts: NGramCounts,
  order: number,
  ids: ArrayLike<number>,
  given: number,
  visit: (contexts: Int32Array, known: number, grams: Int32Array, at: number) => void,
): void {
  const start = startState(counts, order);
  const nodes = start.nodes.slice();
  const grams = new Int32Array(order);
  let known = start.known;
  for (let i = 0; i < ids.length; i++) {
    lookUp(counts, nodes, known, ids[i], grams);
    if (i >= given) visit(nodes, known, grams, i);
    if (ids[i] === counts.endId) {
      nodes.set(start.nodes);
      known = start.known;
    } else {
      known = shift(nodes, known, grams);
    }
  }
}
