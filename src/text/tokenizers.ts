import { ArgumentError, DataError, describe } from "../errors.ts";
import * as expect from "../expect.ts";

/**
 * A way to cut a text into tokens and to join it again. For every text t
 *
 *     detokenize(tokenize(t)) = canonical(t)
 *
 * where `canonical` changes nothing for characters and words, composes to NFC for syllables and jamo, and closes the
 * last line for tokenizers of lines.
 */
export interface Tokenizer {
  /** What one token is: "character", "word", "syllable", "jamo". Results are labelled with it. */
  readonly unit: string;
  /** The token that closes a sentence, null if the text is one endless stream. */
  readonly end: string | null;
  /** The tokens one by one, so that a long text needs no list of strings. */
  iterate(text: string): Iterable<string>;
  tokenize(text: string): string[];
  /**
   * The tokens of a piece of text such as a prompt. The same as `tokenize`, except that tokenizers of lines leave the
   * last line open if no line break follows, and take a token equal to `end` for the end.
   */
  fragment(text: string): string[];
  detokenize(tokens: Iterable<string>): string;
  canonical(text: string): string;
}

const keep = (text: string): string => text;
const compose = (text: string): string => text.normalize("NFC");

function makeTokenizer(
  unit: string,
  iterate: (text: string) => Iterable<string>,
  separator: string,
  canonical: (text: string) => string,
): Tokenizer {
  return {
    unit,
    end: null,
    iterate,
    tokenize: (text) => [...iterate(text)],
    fragment: (text) => (text === "" ? [] : [...iterate(text)]),
    detokenize: (tokens) => canonical([...tokens].join(separator)),
    canonical,
  };
}

/** Code points (not UTF-16 units, not graphemes): a pair of surrogates is one token, a combining accent its own. */
export const characters: Tokenizer = makeTokenizer("character", keep, "", keep);

/** Words between single spaces, `text.split(" ")`: two spaces give an empty word, a line break is part of a word. */
export const words: Tokenizer = makeTokenizer("word", (text) => text.split(" "), " ", keep);

/**
 * A syllable block of Hangul that has no precomposed form (old Hangul), or any other code point. After NFC modern
 * syllables are single code points; the pattern is the Hangul part of Unicode's grapheme clusters (UAX #29):
 * leading consonants, vowels or a precomposed syllable, trailing consonants.
 */
const SYLLABLE =
  /[\u1100-\u115f\ua960-\ua97c]*(?:[\uac00-\ud7a3]|[\u1160-\u11a7\ud7b0-\ud7c6])[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*|./gsu;

/** Hangul syllables: the text in NFC, one token for each syllable block and for each other code point. */
export const syllables: Tokenizer = makeTokenizer("syllable", iterateSyllables, "", compose);

function* iterateSyllables(text: string): Iterable<string> {
  for (const [token] of compose(text).matchAll(SYLLABLE)) yield token;
}

/**
 * Conjoining jamo: the text in NFD, one token for each code point (한 → ᄒ ᅡ ᆫ, and é → e ◌́ as well). Leading and
 * trailing consonants are different code points, therefore the syllables can be put together again. Compatibility
 * jamo such as ㅋ (U+314B) do not decompose and stay what they are.
 */
export const jamo: Tokenizer = makeTokenizer("jamo", (text) => text.normalize("NFD"), "", compose);

/** Words between spaces of any number, without those at the ends. */
const spacedWords: Tokenizer = makeTokenizer(
  "word",
  (text) => text.split(/[ \t]+/).filter((word) => word !== ""),
  " ",
  (text) => text.replace(/^[ \t]+|[ \t]+$/g, "").replace(/[ \t]+/g, " "),
);

/**
 * Every line is a sentence, cut by `inner` and closed by the token `end`; the line break itself is no token.
 * A last line without a break is closed too.
 *
 * @example lines(characters, ".").tokenize("ab\nc") // ["a", "b", ".", "c", "."]
 * @throws {DataError} on a text in which `end` itself occurs as a token: the sentences could not be told apart.
 */
export function lines(inner: Tokenizer, end: string): Tokenizer {
  const canonical = (text: string) =>
    splitLines(text)
      .map((line) => `${inner.canonical(line)}\n`)
      .join("");
  function* iterate(text: string): Iterable<string> {
    let number = 0;
    for (const line of splitLines(text)) {
      number++;
      // An empty line has no token; asking `words` would give it an empty one.
      for (const token of line === "" ? [] : inner.iterate(line)) {
        if (token === end) {
          throw new DataError(
            `lines: the token ${JSON.stringify(end)} that is to close each sentence occurs in line ${number}; ` +
              "choose an end that the text does not contain",
          );
        }
        yield token;
      }
      yield end;
    }
  }
  const detokenize = (tokens: Iterable<string>) => {
    let text = "";
    let line: string[] = [];
    for (const token of tokens) {
      if (token === end) {
        text += `${inner.detokenize(line)}\n`;
        line = [];
      } else line.push(token);
    }
    return line.length > 0 ? text + inner.detokenize(line) : text;
  };
  const fragment = (text: string) =>
    text.split("\n").flatMap((line, i) => [...(i > 0 ? [end] : []), ...inner.fragment(line)]);
  return {
    unit: inner.unit,
    end,
    iterate,
    tokenize: (text) => [...iterate(text)],
    fragment,
    detokenize,
    canonical,
  };
}

/**
 * The usual reading of the Penn Treebank in Mikolov's preprocessing: the words of each line and `end` after each
 * line, which counts as a token that is predicted.
 */
export function lineWords(end: string = "<eos>"): Tokenizer {
  return lines(spacedWords, end);
}

/** The lines of a text; a line break at its very end begins no further line. */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

/** The names under which a corpus asks for a tokenizer. */
export type Level = "char" | "word" | "syllable" | "jamo";

/** @throws {ArgumentError} for what is no tokenizer, naming what it lacks. */
export function expectTokenizer(value: Tokenizer, who: string): void {
  const parts = ["iterate", "tokenize", "fragment", "detokenize", "canonical"] as const;
  const missing = parts.filter((part) => typeof (value as Tokenizer | null)?.[part] !== "function");
  if (missing.length === 0) return;
  throw new ArgumentError(
    `${who}: the tokenizer ${describe(value)} has no ${missing.join(", ")}; use text.tokenizerFor(level), or spread one ` +
      "of text.characters, text.words … and replace its parts",
  );
}

/**
 * The tokenizer of a level; with `end` every line is a sentence that this token closes.
 * @param end makes every line a sentence closed by this token; words then stand between any number of spaces.
 */
export function tokenizerFor(level: Level, end?: string): Tokenizer {
  if (end !== undefined) expect.type(end, "a text", "tokenizerFor: the end of a sentence");
  if (end === "") throw new ArgumentError("tokenizerFor: the end of a sentence must be a token, not empty");
  if (level === "word" && end !== undefined) return lineWords(end);
  const known: Record<Level, Tokenizer> = { char: characters, word: words, syllable: syllables, jamo };
  if (!Object.hasOwn(known, level)) {
    throw new ArgumentError(
      `tokenizerFor: unknown level ${describe(level)}; use "char", "word", "syllable" or "jamo"`,
    );
  }
  return end === undefined ? known[level] : lines(known[level], end);
}
