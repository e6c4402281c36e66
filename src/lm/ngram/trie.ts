/**
 * The n-gram table: a trie whose levels are plain sorted arrays. The node of an m-gram w₁…w_m is the child w_m of
 * the node of w₁…w_{m−1}; the children of a node lie side by side, ordered by symbol, so that a look-up is a binary
 * search and a whole row is one slice. Levels are built one after the other by counting sort, in
 * O(positions + nodes) each, without a hash table and without a string: 16 bytes a node.
 */

/** One level of the trie, the m-grams of one length m. Node 0 … size − 1, ordered by parent, then by symbol. */
export interface TrieLevel {
  readonly size: number;
  /** The last symbol of each m-gram. */
  readonly symbol: Int32Array;
  /** c(g): how often the gram occurs as an event, that is, ending at a symbol that is predicted. */
  readonly count: Int32Array;
  /** N₁₊(• g): how many different symbols stand before it (all zero at the last level, where nothing is longer). */
  readonly continuation: Int32Array;
  /** Children of node i are the nodes childStart[i] … childStart[i + 1] − 1 of the next level (absent at the last). */
  childStart: Int32Array;
}

/** Symbols in one row; `sentenceStart[i]` is 1 where a new sequence begins: no gram crosses such a border. */
export interface SymbolStream {
  readonly symbols: Int32Array;
  readonly sentenceStart: Uint8Array;
  /** Symbols are 0 … numSymbols − 1. */
  readonly numSymbols: number;
  /** The symbol that is given, never predicted (grams that end with it are not events); −1 if there is none. */
  readonly startSymbol: number;
}

const NOTHING = new Int32Array(0);

/** Builds levels 1 … `order`. */
export function buildTrie(stream: SymbolStream, order: number): TrieLevel[] {
  const { symbols, numSymbols, startSymbol } = stream;
  const total = symbols.length;
  const bySymbol = positionsBySymbol(symbols, numSymbols);

  // Level 1 has a node for every symbol, seen or not, so that the node of a unigram is its symbol.
  const unigrams = new Int32Array(numSymbols);
  for (let i = 0; i < total; i++) if (symbols[i] !== startSymbol) unigrams[symbols[i]]++;
  const levels: TrieLevel[] = [
    {
      size: numSymbols,
      symbol: Int32Array.from({ length: numSymbols }, (_, s) => s),
      count: unigrams,
      continuation: new Int32Array(numSymbols),
      childStart: NOTHING,
    },
  ];

  let nodeAt: Int32Array = symbols; // the node of the (m−1)-gram that ends at each position, −1 if there is none
  const sorted = new Int32Array(total);
  for (let m = 2; m <= order; m++) {
    const below = levels[m - 2];
    const { childStart, nodes, next } = sortGrams(nodeAt, bySymbol, sorted, stream, below.size);
    const symbol = new Int32Array(nodes);
    const count = new Int32Array(nodes);
    const suffix = new Int32Array(nodes);
    for (let i = 0; i < total; i++) {
      const node = next[i];
      if (node < 0) continue;
      symbol[node] = symbols[i];
      suffix[node] = nodeAt[i];
      if (symbols[i] !== startSymbol) count[node]++;
    }
    for (let node = 0; node < nodes; node++) if (count[node] > 0) below.continuation[suffix[node]]++;
    below.childStart = childStart;
    levels.push({
      size: nodes,
      symbol,
      count,
      continuation: new Int32Array(m < order ? nodes : 0),
      childStart: NOTHING,
    });
    nodeAt = next;
  }
  return levels;

  /** Positions in the order of their symbols: the first pass of the two-pass radix sort, the same at every level. */
  function positionsBySymbol(ids: Int32Array, buckets: number): Int32Array {
    const start = new Int32Array(buckets + 1);
    for (let i = 0; i < total; i++) start[ids[i] + 1]++;
    for (let s = 0; s < buckets; s++) start[s + 1] += start[s];
    const order = new Int32Array(total);
    for (let i = 0; i < total; i++) order[start[ids[i]]++] = i;
    return order;
  }

  /** Sorts the positions by (parent node, symbol), numbers the different pairs, and finds each parent's first child. */
  function sortGrams(
    parentAt: Int32Array,
    order: Int32Array,
    scratch: Int32Array,
    { sentenceStart: border }: SymbolStream,
    parents: number,
  ): { childStart: Int32Array; nodes: number; next: Int32Array } {
    const at = new Int32Array(parents + 1);
    for (let i = 1; i < total; i++) {
      if (border[i] === 0 && parentAt[i - 1] >= 0) at[parentAt[i - 1] + 1]++;
    }
    for (let p = 0; p < parents; p++) at[p + 1] += at[p];
    const valid = at[parents];
    for (let k = 0; k < total; k++) {
      const i = order[k];
      if (i > 0 && border[i] === 0 && parentAt[i - 1] >= 0) scratch[at[parentAt[i - 1]]++] = i;
    }
    const next = new Int32Array(total).fill(-1);
    const childStart = new Int32Array(parents + 1);
    let nodes = -1;
    let parent = -1;
    let last = -1;
    for (let k = 0; k < valid; k++) {
      const i = scratch[k];
      if (parentAt[i - 1] !== parent || symbols[i] !== last) {
        nodes++;
        while (parent < parentAt[i - 1]) childStart[++parent] = nodes;
        last = symbols[i];
      }
      next[i] = nodes;
    }
    nodes++;
    while (parent < parents) childStart[++parent] = nodes;
    return { childStart, nodes, next };
  }
}

/** The child of a node by a symbol, −1 if there is none: binary search in the node's slice of the next level. */
export function findChild(levels: readonly TrieLevel[], level: number, node: number, symbol: number): number {
  if (level === 0) return symbol; // below the root, node = symbol
  const { childStart } = levels[level - 1];
  const children = levels[level].symbol;
  let low = childStart[node];
  let high = childStart[node + 1] - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = children[middle];
    if (found === symbol) return middle;
    if (found < symbol) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Children of the node of a context of `length` tokens: nodes [from, to) of the next level; length 0 is the root. */
export function childRange(
  levels: readonly TrieLevel[],
  length: number,
  node: number,
): [from: number, to: number] {
  if (length === 0) return [0, levels[0].size];
  const { childStart } = levels[length - 1];
  return [childStart[node], childStart[node + 1]];
}

/** For every context of `length` tokens the sum of `values` over its children; length 0 gives one sum, of the root. */
export function sumChildren(
  levels: readonly TrieLevel[],
  length: number,
  values: ArrayLike<number>,
): Float64Array {
  const sums = new Float64Array(length === 0 ? 1 : levels[length - 1].size);
  for (let node = 0; node < sums.length; node++) {
    const [from, to] = childRange(levels, length, node);
    for (let child = from; child < to; child++) sums[node] += values[child];
  }
  return sums;
}
