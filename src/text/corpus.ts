import { ArgumentError, DataError, describe, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { countCodePoints } from "./code-points.ts";
import { type SplitName, type SplitOptions, splitEnds, splitText } from "./split.ts";
import { showToken, tableView } from "./table.ts";
import { expectTokenizer, type Level, type Tokenizer, tokenizerFor } from "./tokenizers.ts";
import { Vocabulary, type VocabularyOptions } from "./vocabulary.ts";

/** How a text becomes a corpus. */
export interface CorpusOptions extends VocabularyOptions {
  /** What the corpus is called in messages and tables. */
  name?: string;
  /** What a token is; default "char". */
  level?: Level;
  /** Makes every line a sentence, closed by this token (which is predicted as any other). */
  end?: string;
  /** A tokenizer of one's own instead of `level` and `end`. */
  tokenizer?: Tokenizer;
  split?: SplitOptions;
  /** A vocabulary made before, for instance with a trained model; counts and cuts are then not made. */
  vocabulary?: Vocabulary;
  /**
   * The text the vocabulary is made from. Default: "train" where an unknown token can stand for new ones, else
   * "all": the alphabet of the whole text, without which validation could not be read.
   */
  vocabularyFrom?: "train" | "all";
}

/** Three texts to be made into one corpus. */
export interface CorpusParts {
  train: string;
  valid?: string;
  test?: string;
}

interface CorpusFields {
  name: string;
  vocabulary: Vocabulary;
  tokenizer: Tokenizer;
  train: Int32Array;
  valid: Int32Array;
  test: Int32Array;
  characters: Readonly<Record<SplitName, number>>;
}

/** A text as a model meets it: token ids in three parts, and the vocabulary and tokenizer that lead back to text. */
export class Corpus {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer;
  readonly train: Int32Array;
  readonly valid: Int32Array;
  readonly test: Int32Array;
  /**
   * Code points of each part in the tokenizer's canonical form (NFC for syllables and jamo): the common unit in which
   * models with different tokens can be compared.
   */
  readonly characters: Readonly<Record<SplitName, number>>;
  /** The id of the token that closes each sentence, null if the text is one endless stream. */
  readonly endId: number | null;

  /** Use `corpusFromText` or `loadCorpus`. @throws {DataError} if there is nothing to learn to predict. */
  constructor(fields: CorpusFields) {
    this.name = fields.name;
    this.vocabulary = fields.vocabulary;
    this.tokenizer = fields.tokenizer;
    this.train = fields.train;
    this.valid = fields.valid;
    this.test = fields.test;
    this.characters = fields.characters;
    const { end } = this.tokenizer;
    this.endId = end === null ? null : this.vocabulary.id(end);
    const { size } = this.vocabulary;
    if (size < 2) {
      throw new DataError(
        `corpus "${this.name}": its only token is ${showToken(this.vocabulary.tokens[0])}; ` +
          "a language model needs at least two different tokens to choose from",
      );
    }
    if (this.train.length < 2) {
      throw new DataError(
        `corpus "${this.name}": the training part has ${this.train.length} tokens; a language model needs at least ` +
          "2, one to see and one to predict. Give more text or a larger share for training",
      );
    }
  }

  /** Ids of a part by its name. @throws {ArgumentError} for another name. */
  split(name: SplitName): Int32Array {
    if (name !== "train" && name !== "valid" && name !== "test") {
      throw new ArgumentError(
        `corpus "${this.name}": no part ${describe(name)}; use "train", "valid" or "test"`,
      );
    }
    return this[name];
  }

  /** Text → ids. @throws {DataError} for a token outside the vocabulary, if there is no unknown token. */
  encode(text: string): Int32Array {
    return this.vocabulary.encode(this.tokenizer.iterate(text));
  }

  /** Ids → text. @throws {IndexError} for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>): string {
    return this.tokenizer.detokenize(this.vocabulary.decode(ids));
  }
}

/**
 * Makes a corpus from text in memory. The text is cut first and tokenized then, so that tokenizations of different
 * units (syllables, jamo) have the same parts.
 *
 * @example text.corpusFromText("hello world", { level: "char", split: { fractions: [1, 0] } })
 * @throws {DataError} for an empty text, one of a single token, or a token outside a given vocabulary.
 */
export function corpusFromText(source: string | CorpusParts, options: CorpusOptions = {}): Corpus {
  expectOptions(options, CORPUS_OPTIONS, "corpusFromText");
  return makeCorpus(source, options);
}

/** Names of options, held to the interfaces by the compiler. */
const OPTIONS: Readonly<Record<keyof CorpusOptions, true>> = {
  name: true,
  level: true,
  end: true,
  tokenizer: true,
  split: true,
  vocabulary: true,
  vocabularyFrom: true,
  unknown: true,
  specials: true,
  minCount: true,
  maxSize: true,
  order: true,
};
export const CORPUS_OPTIONS: readonly string[] = Object.keys(OPTIONS);

/** `corpusFromText`, also with options that others have looked at. */
export function makeCorpus(source: string | CorpusParts, options: CorpusOptions): Corpus {
  expectSource(source);
  if (options.vocabulary !== undefined) {
    const remedy = "make one with Vocabulary.from, or take model.vocabulary";
    expect.instance(options.vocabulary, Vocabulary, "corpus: the vocabulary", remedy);
  }
  if (options.tokenizer !== undefined) expectTokenizer(options.tokenizer, "corpus");
  if (options.vocabularyFrom !== undefined) {
    expect.oneOf(options.vocabularyFrom, ["train", "all"], "corpus: vocabularyFrom");
  }
  const { name = "text", level = "char", end, vocabularyFrom } = options;
  const tokenizer = options.tokenizer ?? tokenizerFor(level, end);
  const whole = typeof source === "string" ? source : source.train;
  if (whole === "") throw new DataError(`corpus "${name}": the text is empty; give at least two tokens`);
  const parts =
    typeof source === "string" ? cut(source, tokenizer, options) : given(source, tokenizer, options);
  const unknown =
    options.unknown === undefined && !options.vocabulary ? defaultUnknown(level, options) : options.unknown;
  const from = vocabularyFrom ?? (unknown ? "train" : "all");
  const vocabulary =
    options.vocabulary ??
    Vocabulary.from(tokensOf(from === "train" ? parts.slice(0, 1) : parts, tokenizer), {
      specials: options.specials,
      minCount: options.minCount,
      maxSize: options.maxSize,
      order: options.order,
      unknown,
    });
  const ids = parts.map((part, i) => {
    try {
      return vocabulary.encode(tokensOf([part], tokenizer));
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      throw new DataError(`corpus "${name}", ${["train", "valid", "test"][i]}: ${cause.message}`, { cause });
    }
  });
  const characters = parts.map((part) =>
    countCodePoints(typeof part === "string" ? tokenizer.canonical(part) : tokenizer.detokenize(part)),
  );
  return new Corpus({
    name,
    vocabulary,
    tokenizer,
    train: ids[0],
    valid: ids[1],
    test: ids[2],
    characters: { train: characters[0], valid: characters[1], test: characters[2] },
  });
}

function expectSource(source: unknown): void {
  const parts = typeof source === "string" ? [source] : Object.values((source ?? {}) as object);
  const isText = (part: unknown) => part === undefined || typeof part === "string";
  const whole = typeof source === "string" || typeof (source as CorpusParts | null)?.train === "string";
  if (whole && parts.every(isText)) return;
  throw new ArgumentError(
    `corpus: give a text or { train, valid, test } of texts, got ${describe(source)}; readText and decodeUtf8 make ` +
      "texts of files and of bytes",
  );
}

/** Text, or tokens where the cut fell between tokens. */
type Part = string | string[];

function* tokensOf(parts: readonly Part[], tokenizer: Tokenizer): Iterable<string> {
  for (const part of parts) {
    if (part.length > 0) yield* typeof part === "string" ? tokenizer.iterate(part) : part;
  }
}

/** Characters are a closed alphabet; of words there is always another one. */
function defaultUnknown(level: Level, { tokenizer }: CorpusOptions): string | null {
  return (tokenizer?.unit ?? level) === "word" ? "<unk>" : null;
}

function cut(source: string, tokenizer: Tokenizer, { split = {} }: CorpusOptions): Part[] {
  const by =
    split.by ?? (tokenizer.end !== null ? "line" : tokenizer.unit === "word" ? "token" : "character");
  if (by === "character") {
    // Lines are closed when they are tokenized, and closing both sides of a cut would add a character.
    const text = tokenizer.end === null ? tokenizer.canonical(source) : source;
    return splitText(text, { ...split, by });
  }
  if (by === "line") return splitText(source, { ...split, by });
  if (by !== "token") {
    throw new ArgumentError(`split: by must be "character", "token" or "line", got ${describe(by)}`);
  }
  if (split.shuffle) throw new ArgumentError('split: only lines can be shuffled; use by: "line"');
  const tokens = tokenizer.tokenize(source);
  const [train, valid] = splitEnds(tokens.length, split);
  return [tokens.slice(0, train), tokens.slice(train, valid), tokens.slice(valid)];
}

function given(
  { train, valid = "", test = "" }: CorpusParts,
  tokenizer: Tokenizer,
  { split }: CorpusOptions,
): Part[] {
  if (split) throw new ArgumentError("corpus: the parts are given, so there is nothing to split");
  return [train, valid, test].map((part) => (tokenizer.end === null ? tokenizer.canonical(part) : part));
}

showAs(Corpus, (corpus): MimeBundle => {
  const { vocabulary, tokenizer } = corpus;
  const unknown = vocabulary.unknownId;
  const rows = (["train", "valid", "test"] as const).map((name) => {
    const ids = corpus[name];
    const cells: (string | number)[] = [name, ids.length, corpus.characters[name]];
    if (unknown < 0) return cells;
    const share = ids.reduce((sum, id) => sum + (id === unknown ? 1 : 0), 0) / Math.max(1, ids.length);
    return [...cells, `${(100 * share).toFixed(2)} %`];
  });
  const kind = tokenizer.end === null ? "one stream" : `sentences closed by ${showToken(tokenizer.end)}`;
  return tableView(
    `Corpus "${corpus.name}": V = ${vocabulary.size}, one token = one ${tokenizer.unit}, ${kind}`,
    rows,
    ["part", "tokens", "characters", ...(unknown < 0 ? [] : [`${vocabulary.unknown}`])],
  );
});
