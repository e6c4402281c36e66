import { ArgumentError, DataError, describe, expectNumber } from "../../errors.ts";
import { type MimeBundle, showAs } from "../../show.ts";
import { Corpus } from "../../text/corpus.ts";
import { formatBytes, formatCount, tableView } from "../../text/table.ts";
import type { Tokenizer } from "../../text/tokenizers.ts";
import { Vocabulary } from "../../text/vocabulary.ts";
import { layOut, type Sequences, sentencesOf } from "./symbols.ts";
import { buildTrie, findChild, sumChildren, type TrieLevel } from "./trie.ts";

/** How n-grams are counted. */
export interface CountOptions {
  /** n, the length of the longest grams counted. Models of every order up to n can be made from the same table. */
  order: number;
  /**
   * How many start symbols are given before each sentence: 1 (default), "n-1", or 0. One endless stream has none.
   */
  startSymbols?: 0 | 1 | "n-1";
  /** The name of the start symbol in contexts; default "<s>". It is never predicted and not in the vocabulary. */
  start?: string;
  /**
   * The token that is added after each sentence, for sentences given as lists of tokens; default "</s>", null for none.
   * A corpus brings its own.
   */
  end?: string | null;
  /** The vocabulary, for sentences given as lists of tokens; default: their tokens and `end`, by code point. */
  vocabulary?: Vocabulary;
}

/** What can be counted: the training part of a corpus, or sentences as lists of tokens. */
export type CountSource = Corpus | readonly (readonly string[])[];

/**
 * The counts of all m-grams, m = 1 … n, from which models of every order and smoothing are made. Counted are the grams
 * that end at a token that is predicted (a word or the end), never those that end at a start symbol; no gram reaches
 * from one sentence into the next.
 *
 * @example
 * const counts = NGramCounts.of([["I", "am", "Sam"], ["Sam", "I", "am"]], { order: 2 });
 * counts.count(["I", "am"]);          // 2
 * counts.count(["<s>", "Sam"]);       // 1
 * counts.continuations(["am"]);       // 1: only "I" stands before it
 */
export class NGramCounts {
  readonly order: number;
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer | null;
  readonly endId: number | null;
  /** The number of start symbols before each sentence. */
  readonly startSymbols: number;
  /** The name of the start symbol. */
  readonly start: string;
  /** The id of the start symbol in contexts: V, one more than the last id of the vocabulary. */
  readonly startId: number;
  /** The trie, level m − 1 holding the m-grams: for the smoothing methods. */
  readonly levels: readonly TrieLevel[];
  readonly #totals: Float64Array[] = [];

  private constructor(source: Source, order: number, startSymbols: number, start: string) {
    this.order = order;
    this.vocabulary = source.vocabulary;
    this.tokenizer = source.tokenizer;
    this.endId = source.endId;
    this.startSymbols = startSymbols;
    this.start = start;
    this.startId = source.vocabulary.size;
    const stream = layOut(source.sequences, this.startId, startSymbols);
    if (stream.symbols.length === 0) throw new DataError("n-gram counts: the corpus is empty (0 tokens)");
    this.levels = buildTrie(stream, order);
  }

  /** @throws {ArgumentError} for options out of range. @throws {DataError} for an empty corpus. */
  static of(data: CountSource, options: CountOptions): NGramCounts {
    if (typeof options !== "object" || options === null) {
      throw new ArgumentError("n-gram counts: give the order, for example { order: 3 }");
    }
    const { order, startSymbols, start = "<s>" } = options;
    expectNumber(order, "n-gram counts: order", { integer: true, min: 1, max: 64 });
    const source = data instanceof Corpus ? fromCorpus(data) : fromSentences(data, options);
    // What has no end has no beginning either: its first token is where somebody began to read.
    const chosen = startSymbols ?? (source.sentences ? 1 : 0);
    if (!source.sentences && chosen !== 0) {
      throw new ArgumentError(
        "n-gram counts: an endless stream has no start symbols; make the corpus of sentences with { end }",
      );
    }
    if (chosen !== 0 && chosen !== 1 && chosen !== "n-1") {
      throw new ArgumentError(`n-gram counts: startSymbols must be 0, 1 or "n-1", got ${describe(chosen)}`);
    }
    // A unigram sees no start symbol, but one is needed to know where sentences begin.
    return new NGramCounts(source, order, chosen === "n-1" ? Math.max(1, order - 1) : chosen, start);
  }

  /** Whether the text is sentences with a beginning, or one endless stream. */
  get sentences(): boolean {
    return this.startSymbols > 0;
  }

  /** c(w₁…w_m): how often the gram occurs. A token outside the vocabulary makes it 0. */
  count(gram: readonly (string | number)[]): number {
    const node = this.node(gram);
    return node < 0 ? 0 : this.levels[gram.length - 1].count[node];
  }

  /** N₁₊(• w₁…w_m): how many different tokens stand before the gram. @throws {ArgumentError} for m = n. */
  continuations(gram: readonly (string | number)[]): number {
    if (gram.length >= this.order) {
      throw new ArgumentError(
        `n-gram counts: what stands before a gram of ${gram.length} tokens was not counted; count to order ${gram.length + 1}`,
      );
    }
    const node = this.node(gram);
    return node < 0 ? 0 : this.levels[gram.length - 1].continuation[node];
  }

  /** Σ_w c(v w) for every context v of `length` tokens, by its trie node; length 0 is the empty context. */
  totals(length: number): Float64Array {
    return (this.#totals[length] ??= sumChildren(this.levels, length, this.levels[length].count));
  }

  /** How many different m-grams occur. */
  entries(length: number): number {
    expectNumber(length, "n-gram counts: length of the grams", { integer: true, min: 1, max: this.order });
    return this.levels[length - 1].count.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  }

  /** How many m-grams there could be with this vocabulary: V^m. */
  possible(length: number): number {
    return this.vocabulary.size ** length;
  }

  /** The memory of the table in bytes. */
  get bytes(): number {
    return this.levels.reduce(
      (sum, { symbol, count, continuation, childStart }) =>
        sum + symbol.byteLength + count.byteLength + continuation.byteLength + childStart.byteLength,
      0,
    );
  }

  /** The id of a token in a context: the start symbol has one too; −1 for a token that cannot have been seen. */
  contextId(token: string | number): number {
    if (typeof token === "number") {
      if (token !== this.startId) this.vocabulary.token(token); // throws for an id outside
      return token;
    }
    if (token === this.start && this.sentences) return this.startId;
    return this.vocabulary.has(token) ? this.vocabulary.id(token) : this.vocabulary.unknownId;
  }

  /** The trie node of a gram, −1 if it does not occur. @throws {ArgumentError} unless 1 ≤ m ≤ n. */
  node(gram: readonly (string | number)[]): number {
    expectNumber(gram.length, "n-gram counts: the length of the gram", {
      integer: true,
      min: 1,
      max: this.order,
    });
    let node = 0;
    for (let m = 0; m < gram.length && node >= 0; m++) {
      const symbol = this.contextId(gram[m]);
      node = symbol < 0 ? -1 : findChild(this.levels, m, node, symbol);
    }
    return node;
  }
}

interface Source {
  vocabulary: Vocabulary;
  tokenizer: Tokenizer | null;
  endId: number | null;
  sequences: Sequences;
  sentences: boolean;
}

function fromCorpus({ vocabulary, tokenizer, endId, train }: Corpus): Source {
  const sequences = endId === null ? [train] : sentencesOf(train, endId);
  return { vocabulary, tokenizer, endId, sequences, sentences: endId !== null };
}

function fromSentences(sentences: readonly (readonly string[])[], options: CountOptions): Source {
  const { end = "</s>" } = options;
  if (!Array.isArray(sentences) || !sentences.every(Array.isArray)) {
    throw new ArgumentError("n-gram counts: expected a corpus or a list of sentences, each a list of tokens");
  }
  const closed = sentences.map((tokens) => (end === null ? tokens : [...tokens, end]));
  const vocabulary = options.vocabulary ?? Vocabulary.from(closed.flat());
  return {
    vocabulary,
    tokenizer: null,
    endId: end === null ? null : vocabulary.id(end),
    sequences: closed.map((tokens) => vocabulary.encode(tokens)),
    sentences: end !== null,
  };
}

showAs(NGramCounts, (counts): MimeBundle => {
  const rows = counts.levels.map((level, i) => {
    const once = level.count.reduce((sum, count) => sum + (count === 1 ? 1 : 0), 0);
    const possible = counts.possible(i + 1);
    return [
      `${i + 1}`,
      counts.entries(i + 1),
      possible < 1e9 ? possible : possible.toExponential(1),
      `${((100 * counts.entries(i + 1)) / possible).toPrecision(3)} %`,
      once,
    ];
  });
  return tableView(
    `n-gram counts to order ${counts.order}, V = ${formatCount(counts.vocabulary.size)}, ${formatBytes(counts.bytes)}`,
    rows,
    ["m", "different m-grams", "possible", "seen", "seen once"],
  );
});
