import { ArgumentError } from "../../errors.ts";
import type { SymbolStream } from "./trie.ts";

/** Sequences of ids, none of which knows of another: sentences, or one endless text. */
export type Sequences = readonly Int32Array[];

/**
 * Writes sequences into one row of symbols with `starts` start symbols before each. The ids are 0 … V − 1, the start
 * symbol is V.
 * @throws {ArgumentError} for an id outside the vocabulary.
 */
export function layOut(sequences: Sequences, vocabularySize: number, starts: number): SymbolStream {
  const length = sequences.reduce((sum, ids) => sum + ids.length + starts, 0);
  const symbols = new Int32Array(length).fill(vocabularySize);
  const sentenceStart = new Uint8Array(length);
  let at = 0;
  for (const ids of sequences) {
    if (ids.length === 0) continue;
    sentenceStart[at] = 1;
    symbols.set(ids, at + starts);
    at += starts + ids.length;
  }
  const used = symbols.subarray(0, at);
  for (let i = 0; i < at; i++) {
    if (used[i] >= 0 && used[i] <= vocabularySize) continue;
    throw new ArgumentError(
      `n-gram counts: token id ${used[i]} is outside the vocabulary 0 … ${vocabularySize - 1}`,
    );
  }
  return {
    symbols: used,
    sentenceStart: sentenceStart.subarray(0, at),
    numSymbols: vocabularySize + 1,
    startSymbol: vocabularySize,
  };
}

/** Cuts a row of ids after each `end`, which stays the last symbol of its sentence. */
export function sentencesOf(ids: Int32Array, end: number): Int32Array[] {
  const sentences: Int32Array[] = [];
  let start = 0;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== end) continue;
    sentences.push(ids.subarray(start, i + 1));
    start = i + 1;
  }
  if (start < ids.length) sentences.push(ids.subarray(start));
  return sentences;
}
