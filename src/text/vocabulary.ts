import { ArgumentError, DataError, describe, expectNumber, expectOptions, IndexError } from "../errors.ts";
import * as expect from "../expect.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { compareCodePoints } from "./code-points.ts";
import { formatCount, showToken, tableView } from "./table.ts";

/** Which tokens a vocabulary has, and in which order. */
export interface VocabularyOptions {
  /** The token that stands for all others, for example "<unk>"; default null: there is none. */
  unknown?: string | null;
  /** Tokens that are there whether or not they occur, with ids 0, 1, … in this order, before the unknown token. */
  specials?: readonly string[];
  /** Tokens that occur less often are cut (their counts go to the unknown token); default 1. */
  minCount?: number;
  /** The most tokens to keep, specials and unknown included: the most frequent, ties by code point. */
  maxSize?: number;
  /** The order of the ids after specials and unknown: by code point (default), or most frequent first. */
  order?: "codePoint" | "frequency";
}

const OPTIONS = ["unknown", "specials", "minCount", "maxSize", "order"];

/** The saved form: plain JSON. */
export interface VocabularyJSON {
  tokens: string[];
  counts: number[];
  unknown: string | null;
}

/**
 * The tokens a model knows, with ids 0 … size − 1 in an order that depends on the text alone. Look-ups go through a
 * Map, therefore words such as `__proto__` and `constructor` are words like any other.
 *
 * @example
 * const v = Vocabulary.from("hello");   // e h l o
 * v.encode("hole");                     // Int32Array [ 1, 3, 2, 0 ]
 * v.decode([1, 0]).join("");            // "he"
 */
export class Vocabulary {
  /** token(i) for i = 0 … size − 1. */
  readonly tokens: readonly string[];
  /** How often each token occurred in the text the vocabulary was made from; tokens cut count for the unknown. */
  readonly counts: readonly number[];
  /** The token that stands for all others, null if there is none. */
  readonly unknown: string | null;
  readonly #ids: Map<string, number>;

  /** Use `Vocabulary.from`, `fromCounts`, `fromTokens` or `fromJSON`. */
  constructor({ tokens, counts, unknown }: VocabularyJSON) {
    const odd = tokens.find((token) => typeof token !== "string");
    if (odd !== undefined)
      throw new ArgumentError(`Vocabulary: a token must be a text, got ${describe(odd)}`);
    this.tokens = Object.freeze([...tokens]);
    this.counts = Object.freeze([...counts]);
    this.unknown = unknown;
    this.#ids = new Map(this.tokens.map((token, id) => [token, id]));
    if (tokens.length === 0)
      throw new DataError("Vocabulary: no tokens: the text is empty; give at least one");
    if (this.#ids.size < tokens.length) {
      const twice = tokens.find((token, id) => this.#ids.get(token) !== id)!;
      throw new ArgumentError(`Vocabulary: the token ${showToken(twice)} is listed twice; give each once`);
    }
    if (unknown !== null && !this.#ids.has(unknown)) {
      throw new ArgumentError(
        `Vocabulary: the unknown token ${showToken(unknown)} is not among the tokens; put it there`,
      );
    }
  }

  /** Counts the tokens of a text (a string counts its code points). */
  static from(tokens: Iterable<string>, options: VocabularyOptions = {}): Vocabulary {
    expect.type(tokens, "something to go through, such as a list", "Vocabulary.from: the tokens");
    const counts = new Map<string, number>();
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    return Vocabulary.fromCounts(counts, options);
  }

  /**
   * @throws {DataError} if there is no token at all.
   * @throws {ArgumentError} if a cut would drop tokens and there is no unknown token to stand for them.
   */
  static fromCounts(counts: ReadonlyMap<string, number>, options: VocabularyOptions = {}): Vocabulary {
    expectOptions(options, OPTIONS, "Vocabulary");
    expect.type(counts, "a Map", "Vocabulary.fromCounts: the counts");
    for (const [token, count] of counts) {
      expectNumber(count, `Vocabulary.fromCounts: the count of ${describe(token)}`, {
        integer: true,
        min: 0,
      });
    }
    const {
      unknown = null,
      specials = [],
      minCount = 1,
      maxSize = 2 ** 31 - 1,
      order = "codePoint",
    } = options;
    expectNumber(minCount, "Vocabulary: minCount", { integer: true, min: 0 });
    expectNumber(maxSize, "Vocabulary: maxSize", { integer: true, min: 1 });
    if (order !== "codePoint" && order !== "frequency") {
      throw new ArgumentError(`Vocabulary: order must be "codePoint" or "frequency", got ${describe(order)}`);
    }
    const first = unknown === null || specials.includes(unknown) ? [...specials] : [...specials, unknown];
    const reserved = new Set(first);
    const byFrequency = (a: [string, number], b: [string, number]) =>
      b[1] - a[1] || compareCodePoints(a[0], b[0]);
    const others = [...counts].filter(([token]) => !reserved.has(token)).sort(byFrequency);
    const room = maxSize - first.length;
    if (room < 0)
      throw new ArgumentError(`Vocabulary: maxSize ${maxSize} is less than the ${first.length} specials`);
    const kept = others.filter(([, count], rank) => count >= minCount && rank < room);
    const cut = others.slice(kept.length); // both rules keep the most frequent
    if (cut.length > 0 && unknown === null) {
      throw new ArgumentError(
        `Vocabulary: minCount ${minCount} and maxSize ${maxSize} would drop ${cut.length} of ${others.length} tokens ` +
          `(such as ${showToken(cut[0][0])}); give { unknown: "<unk>" } to stand for them`,
      );
    }
    if (order === "codePoint") kept.sort((a, b) => compareCodePoints(a[0], b[0]));
    const tokens = [...first, ...kept.map(([token]) => token)];
    const dropped = cut.reduce((sum, [, count]) => sum + count, 0);
    return new Vocabulary({
      tokens,
      counts: tokens.map((token) => (counts.get(token) ?? 0) + (token === unknown ? dropped : 0)),
      unknown,
    });
  }

  /** Tokens in the order given, without counts. @throws {ArgumentError} if one is listed twice. */
  static fromTokens(tokens: Iterable<string>, unknown: string | null = null): Vocabulary {
    const list = [...tokens];
    return new Vocabulary({ tokens: list, counts: list.map(() => 0), unknown });
  }

  /** @throws {ArgumentError} for anything that `toJSON` does not make. */
  static fromJSON(json: VocabularyJSON): Vocabulary {
    const { tokens, counts, unknown } = json ?? {};
    const ok =
      Array.isArray(tokens) &&
      tokens.every((token) => typeof token === "string") &&
      Array.isArray(counts) &&
      counts.length === tokens.length &&
      counts.every((count) => Number.isSafeInteger(count) && count >= 0) &&
      (unknown === null || typeof unknown === "string");
    if (!ok) {
      throw new ArgumentError(
        "Vocabulary.fromJSON: not a vocabulary; needs { tokens: strings, counts: as many numbers, unknown: string or null }",
      );
    }
    return new Vocabulary(json);
  }

  toJSON(): VocabularyJSON {
    return { tokens: [...this.tokens], counts: [...this.counts], unknown: this.unknown };
  }

  /** V, the number of tokens. */
  get size(): number {
    return this.tokens.length;
  }

  /** The id of the unknown token, −1 if there is none. */
  get unknownId(): number {
    return this.unknown === null ? -1 : this.#ids.get(this.unknown)!;
  }

  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /** @throws {DataError} for a token that is not in the vocabulary, if there is no unknown token. */
  id(token: string): number {
    const id = this.#ids.get(token) ?? this.unknownId;
    if (id < 0) throw new DataError(`Vocabulary: ${this.#missing(token)}`);
    return id;
  }

  /** @throws {IndexError} for an id outside 0 … size − 1. */
  token(id: number): string {
    this.#check(id, "token");
    return this.tokens[id];
  }

  /**
   * Tokens → ids. A string is taken as its code points.
   * @throws {DataError} naming the first token that is not in the vocabulary and its position, if nothing stands for it.
   */
  encode(tokens: Iterable<string>): Int32Array {
    expect.type(tokens, "something to go through, such as a list", "Vocabulary.encode: the tokens");
    let ids = new Int32Array(typeof tokens === "string" || Array.isArray(tokens) ? tokens.length : 1024);
    let length = 0;
    const unknown = this.unknownId;
    for (const token of tokens) {
      const id = this.#ids.get(token) ?? unknown;
      if (id < 0) throw new DataError(`Vocabulary.encode: token ${length}: ${this.#missing(token)}`);
      if (length === ids.length) {
        const larger = new Int32Array(2 * length + 16);
        larger.set(ids);
        ids = larger;
      }
      ids[length++] = id;
    }
    return length === ids.length ? ids : ids.slice(0, length);
  }

  /** Ids → tokens. @throws {IndexError} for an id outside 0 … size − 1. */
  decode(ids: ArrayLike<number>): string[] {
    if (typeof ids !== "string") expect.type(ids, "a list", "Vocabulary.decode: the ids");
    return Array.from(ids, (id) => {
      this.#check(id, "decode");
      return this.tokens[id];
    });
  }

  #check(id: number, what: string): void {
    if (Number.isInteger(id) && id >= 0 && id < this.size) return;
    throw new IndexError(`Vocabulary.${what}: id ${describe(id)} is outside 0 … ${this.size - 1}`);
  }

  #missing(token: string): string {
    return (
      `${showToken(token)} is not in the vocabulary of ${this.size} tokens and there is no unknown token; ` +
      'make the vocabulary from more text, or with { unknown: "<unk>" }'
    );
  }
}

const SHOWN = 12;

showAs(Vocabulary, (vocabulary): MimeBundle => {
  const total = vocabulary.counts.reduce((sum, count) => sum + count, 0);
  const ids = vocabulary.tokens.map((_, id) => id);
  const shown = ids.length <= 2 * SHOWN ? ids : [...ids.slice(0, SHOWN), ...ids.slice(-SHOWN)];
  const rows: (string | number)[][] = shown.map((id) => [
    String(id),
    showToken(vocabulary.tokens[id]) + (id === vocabulary.unknownId ? " (unknown)" : ""),
    vocabulary.counts[id],
    total > 0 ? `${((100 * vocabulary.counts[id]) / total).toFixed(2)} %` : "",
  ]);
  if (shown.length < ids.length) rows.splice(SHOWN, 0, ["…", "…", "…", "…"]);
  const title = `Vocabulary of ${formatCount(vocabulary.size)} tokens, counted ${formatCount(total)}`;
  return tableView(title, rows, ["id", "token", "count", "share"]);
});
