import * as library from "../../src/index.ts";
import { ArgumentError, DataError, IndexError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { text, Generator } = given;

const g = new Generator(1);
const corpus = text.corpusFromText("abc ".repeat(60), { split: { fractions: [0.8, 0.2] } });
const v = text.Vocabulary.from("hello");
const ID = Int32Array.from({ length: 100 }, (_, i) => i % 4);

const refusals: Refusal[] = [
  [() => text.corpusFromText(""), DataError, /^corpus "text": the text is empty/],
  [() => text.corpusFromText(), ArgumentError, /^corpus: give a text or \{ train, valid, test \} of texts/],
  [() => text.corpusFromText(5), ArgumentError, /^corpus: give a text or \{ train, valid, test \} of texts/],
  [() => text.corpusFromText({}), ArgumentError, /^corpus: give a text or \{ train, valid, test \} of texts/],
  [
    () => text.corpusFromText(new Uint8Array(4)),
    ArgumentError,
    /^corpus: give a text or \{ train, valid, test \} of texts/,
  ],
  [() => text.corpusFromText("aaaa"), DataError, /^corpus "text": its only token is "a"/],
  [() => text.corpusFromText("a"), DataError, /^corpus "text": its only token is "a"/],
  [
    () => text.corpusFromText("abab", { split: { fractions: [0, 1] } }),
    DataError,
    /^corpus "text": the training part has 0 tokens/,
  ],
  [() => text.corpusFromText("abc", { level: "bpe" }), ArgumentError, /^tokenizerFor: unknown level "bpe"/],
  [
    () => text.corpusFromText("abc", { level: "__proto__" }),
    ArgumentError,
    /^tokenizerFor: unknown level "__proto__"/,
  ],
  [
    () => text.corpusFromText("abc", { lvel: "char" }),
    ArgumentError,
    /^corpusFromText: there is no option "lvel"/,
  ],
  [
    () => text.corpusFromText("abc", { split: { fraction: [0.5, 0.5] } }),
    ArgumentError,
    /^split: there is no option "fraction"/,
  ],
  [() => text.corpusFromText("abc", { split: [0.5, 0.5] }), ArgumentError, /^split: there is no option "0"/],
  [() => text.corpusFromText("abc", { split: { fractions: [1] } }), ArgumentError, /^split: fractions/],
  [
    () => text.corpusFromText("abc", { split: { fractions: [0.8, 0.8] } }),
    ArgumentError,
    /^split: the fractions \[0\.8, 0\.8\] sum to 1\.6, but there is 1 to share/,
  ],
  [
    () => text.corpusFromText("abc", { split: { fractions: [1.5, -0.5] } }),
    ArgumentError,
    /^split: each of the fractions/,
  ],
  [
    () => text.corpusFromText("abc", { split: { fractions: [NaN, 0.5] } }),
    ArgumentError,
    /^split: each of the fractions/,
  ],
  [() => text.corpusFromText("abc", { split: { fractions: 0.8 } }), ArgumentError, /^split: fractions/],
  [
    () => text.corpusFromText("abc", { split: { fractions: [1, 0], counts: [1, 2] } }),
    ArgumentError,
    /^split: give fractions or counts, not both/,
  ],
  [
    () => text.corpusFromText("abc", { split: { counts: [2, 2] } }),
    ArgumentError,
    /^split: the counts \[2, 2\] sum to 4, but there are 3 to share/,
  ],
  [() => text.corpusFromText("abc", { split: { by: "word" } }), ArgumentError, /^split: by/],
  [
    () => text.corpusFromText("abc", { split: { by: "character", shuffle: g } }),
    ArgumentError,
    /^split: only lines can be shuffled/,
  ],
  [() => text.corpusFromText("a\nb", { end: "" }), ArgumentError, /^tokenizerFor: the end of a sentence/],
  [() => text.corpusFromText("a\nb", { end: 3 }), ArgumentError, /^tokenizerFor: the end of a sentence/],
  [
    () => text.corpusFromText("abc", { minCount: 2 }),
    ArgumentError,
    /^Vocabulary: minCount 2 and maxSize 2147483647 would drop 3 of 3 tokens/,
  ],
  [() => text.corpusFromText("abc", { minCount: -1 }), ArgumentError, /^Vocabulary: minCount/],
  [() => text.corpusFromText("abc", { maxSize: 0, unknown: "<u>" }), ArgumentError, /^Vocabulary: maxSize/],
  [
    () => text.corpusFromText("abc", { maxSize: 1 }),
    ArgumentError,
    /^Vocabulary: minCount 1 and maxSize 1 would drop 2 of 3 tokens/,
  ],
  [() => text.corpusFromText("abc", { order: "alpha" }), ArgumentError, /^Vocabulary: order/],
  [() => text.corpusFromText("abc", { vocabularyFrom: "valid" }), ArgumentError, /^corpus: vocabularyFrom/],
  [() => text.corpusFromText("abc", { vocabulary: ["a"] }), ArgumentError, /^corpus: the vocabulary/],
  [
    () => text.corpusFromText("abcx", { vocabulary: text.Vocabulary.from("abc") }),
    DataError,
    /^corpus "text", valid: Vocabulary\.encode: token 0: "x" is not in the vocabulary o/,
  ],
  [
    () => text.corpusFromText("abc", { tokenizer: (t: string) => [...t] }),
    ArgumentError,
    /^corpus: the tokenizer t=>\[\.\.\.t\] has no iterate, tokenize, fragment, detokenize, /,
  ],
  [
    () => text.corpusFromText({ train: "abc" }, { split: {} }),
    ArgumentError,
    /^corpus: the parts are given, so there is nothing to split/,
  ],
  [() => corpus.split("dev"), ArgumentError, /^corpus "text": no part "dev"/],
  [
    () => corpus.encode("xyz"),
    DataError,
    /^Vocabulary\.encode: token 0: "x" is not in the vocabulary of 4 tokens and there i/,
  ],
  [() => corpus.encode(5), ArgumentError, /^Vocabulary\.encode: the tokens/],
  [() => corpus.decode([99]), IndexError, /^Vocabulary\.decode: id 99 is outside 0 … 3/],
  [() => corpus.decode([-1]), IndexError, /^Vocabulary\.decode: id -1 is outside 0 … 3/],
  [() => corpus.decode("a"), IndexError, /^Vocabulary\.decode: id "a" is outside 0 … 3/],
  [() => text.loadCorpus(), ArgumentError, /^loadCorpus/],
  [() => text.loadCorpus(""), ArgumentError, /^loadCorpus/],
  [
    () => text.loadCorpus("harbor"),
    DataError,
    /^corpus "harbor": neither a file here, nor one of the catalogue/,
  ],
  [
    () => text.loadCorpus("nonesuch"),
    DataError,
    /^corpus "nonesuch": neither a file here, nor one of the catalogue/,
  ],
  [() => text.loadCorpus("./none.txt"), DataError, /^\.\/none\.txt: no such file/],
  [() => text.loadCorpus("./src/"), DataError, /^\.\/src\/: a folder, not a file/],
  [
    () => text.loadCorpus("./package.json", { encoding: "utf-9" }),
    ArgumentError,
    /^decodeUtf8: unknown encoding "utf-9"/,
  ],
  [() => text.loadCorpus({}), DataError, /^corpus "text": the text is empty/],
  [() => text.loadCorpus({ train: "./none.txt" }), DataError, /^\.\/none\.txt: no such file/],
  [() => text.readText("/dev/null"), DataError, /^\/dev\/null: a device, not a file/],
  [() => text.readText(), ArgumentError, /^reading a file: its path/],
  [() => text.readText(3), ArgumentError, /^reading a file: its path/],
  [() => text.readText("a\0b"), ArgumentError, /^reading a file: its path/],
  [() => text.decodeUtf8("abc"), ArgumentError, /^decodeUtf8: give the bytes as a Uint8Array/],
  [() => text.decodeUtf8(Uint8Array.of(0xff, 0xfe, 0x41, 0), "x"), DataError, /^x: not UTF-8 at byte 0/],
  [
    () => text.decodeUtf8(Uint8Array.of(0xb0, 0xa1, 0xb0, 0xa1, 0xb0, 0xa1), "x"),
    DataError,
    /^x: not UTF-8 at byte 0/,
  ],
  [
    () => text.decodeUtf8(Uint8Array.of(65), "x", { encoding: "nope" }),
    ArgumentError,
    /^decodeUtf8: unknown encoding "nope"/,
  ],
  [() => text.Vocabulary.from(""), DataError, /^Vocabulary: no tokens: the text is empty/],
  [() => text.Vocabulary.from(5), ArgumentError, /^Vocabulary\.from: the tokens/],
  [() => text.Vocabulary.from([1, 2]), ArgumentError, /^Vocabulary: a token/],
  [
    () => text.Vocabulary.from("ab", { unk: "<unk>" }),
    ArgumentError,
    /^Vocabulary: there is no option "unk"/,
  ],
  [() => text.Vocabulary.fromTokens(["a", "a"]), ArgumentError, /^Vocabulary: the token "a" is listed twice/],
  [
    () => text.Vocabulary.fromTokens(["a"], "<unk>"),
    ArgumentError,
    /^Vocabulary: the unknown token "<unk>" is not among the tokens/,
  ],
  [() => text.Vocabulary.fromTokens([1, 2]), ArgumentError, /^Vocabulary: a token/],
  [() => text.Vocabulary.fromCounts({ a: 1 }), ArgumentError, /^Vocabulary\.fromCounts: the counts/],
  [
    () => text.Vocabulary.fromCounts(new Map([["a", NaN]])),
    ArgumentError,
    /^Vocabulary\.fromCounts: the count of "a"/,
  ],
  [
    () => text.Vocabulary.fromCounts(new Map([["a", -3]])),
    ArgumentError,
    /^Vocabulary\.fromCounts: the count of "a"/,
  ],
  [
    () => text.Vocabulary.fromJSON({ tokens: ["a"] }),
    ArgumentError,
    /^Vocabulary\.fromJSON: not a vocabulary/,
  ],
  [() => text.Vocabulary.fromJSON(null), ArgumentError, /^Vocabulary\.fromJSON: not a vocabulary/],
  [
    () => v.id("x"),
    DataError,
    /^Vocabulary: "x" is not in the vocabulary of 4 tokens and there is no unknown tok/,
  ],
  [
    () => v.id(),
    DataError,
    /^Vocabulary: undefined is not in the vocabulary of 4 tokens and there is no unkno/,
  ],
  [() => v.token(9), IndexError, /^Vocabulary\.token: id 9 is outside 0 … 3/],
  [() => v.token(0.5), IndexError, /^Vocabulary\.token: id 0\.5 is outside 0 … 3/],
  [() => v.token("h"), IndexError, /^Vocabulary\.token: id "h" is outside 0 … 3/],
  [
    () => v.encode("hex"),
    DataError,
    /^Vocabulary\.encode: token 2: "x" is not in the vocabulary of 4 tokens and there i/,
  ],
  [() => v.encode(5), ArgumentError, /^Vocabulary\.encode: the tokens/],
  [() => v.decode([0, 2 ** 31 - 1]), IndexError, /^Vocabulary\.decode: id 2147483647 is outside 0 … 3/],
  [() => v.decode(3), ArgumentError, /^Vocabulary\.decode: the ids/],
  [() => text.padSequences([]), DataError, /^padSequences: there are no sequences/],
  [() => text.padSequences([[1], []]), DataError, /^padSequences: sequence 1 of 2 is empty/],
  [() => text.padSequences(), ArgumentError, /^padSequences: the sequences/],
  [() => text.padSequences(["ab"]), ArgumentError, /^padSequences: sequence 0/],
  [() => text.padSequences([[1.5]]), ArgumentError, /^padSequences: sequence 0: element 0 is 1\.5, an id/],
  [() => text.padSequences([[1]], { padding: "x" }), ArgumentError, /^padSequences: padding/],
  [() => text.padSequences([[1]], { pad: 1 }), ArgumentError, /^padSequences: there is no option "pad"/],
  [
    () => [...text.sentenceBatches({ sentences: [[1]], batchSize: 0, begin: 0, end: 1 })],
    ArgumentError,
    /^sentenceBatches: batchSize/,
  ],
  [
    () => [...text.sentenceBatches({ sentences: [], batchSize: 1, begin: 0, end: 1 })],
    DataError,
    /^sentenceBatches: there are no sentences/,
  ],
  [
    () => [...text.sentenceBatches({ sentences: [[1]], batchSize: 1 })],
    ArgumentError,
    /^sentenceBatches: begin/,
  ],
  [
    () => [...text.sentenceBatches({ sentences: [[1]], batchSize: 1, begin: 0, end: 1, shuffle: true })],
    ArgumentError,
    /^sentenceBatches: there is no option "shuffle"/,
  ],
  [() => text.splitSentences(ID), ArgumentError, /^splitSentences: end/],
  [
    () => text.transposeIds([1, 2, 3], [2, 2]),
    DataError,
    /^transposeIds: 3 ids cannot have the shape \[2,2\], which/,
  ],
  [
    () => new text.Streams({ ids: ID, batchSize: 50, bptt: 10 }),
    DataError,
    /^Streams: a corpus of 100 tokens in 50 streams gives 2 each, but a window of 10 a/,
  ],
  [() => new text.Streams({ ids: [], batchSize: 1, bptt: 1 }), DataError, /^Streams: the corpus is empty/],
  [() => new text.Streams({ ids: ID, batchSize: 0, bptt: 10 }), ArgumentError, /^Streams: batchSize/],
  [() => new text.Streams({ ids: ID, batchSize: 1, bptt: 1.5 }), ArgumentError, /^Streams: bptt/],
  [
    () => new text.Streams(),
    ArgumentError,
    /^Streams: give the options as an object \{ ids, batchSize, bptt \}/,
  ],
  [() => new text.Streams({ batchSize: 1, bptt: 2 }), ArgumentError, /^Streams: ids/],
  [() => new text.Streams({ ids: corpus, batchSize: 1, bptt: 2 }), ArgumentError, /^Streams: ids/],
  [
    () => new text.Streams({ ids: ID, batchsize: 1, bptt: 2 }),
    ArgumentError,
    /^Streams: there is no option "batchsize"/,
  ],
  [
    () => new text.Streams({ ids: ID, batchSize: 1, bptt: 2 }).restore({ position: 3 }),
    ArgumentError,
    /^Streams\.restore: position 3 is not a multiple of bptt 2 within a stream of 100 t/,
  ],
  [
    () => new text.Streams({ ids: ID, batchSize: 1, bptt: 2 }).restore(null),
    ArgumentError,
    /^Streams\.restore: position undefined is not a multiple of bptt 2 within a stream /,
  ],
  [
    () => [...text.evaluationBatches({ ids: [1], batchSize: 1, bptt: 2 })],
    DataError,
    /^evaluationBatches: a corpus of 1 token in 1 stream gives 1 each, but a window of/,
  ],
  [
    () => [...text.evaluationBatches({ ids: ID, batchSize: 0, bptt: 2 })],
    ArgumentError,
    /^evaluationBatches: batchSize/,
  ],
  [() => new text.Windows({ ids: ID, context: 0, batchSize: 1 }), ArgumentError, /^Windows: context/],
  [
    () => new text.Windows({ ids: [1, 2], context: 3, batchSize: 1 }),
    DataError,
    /^Windows: a corpus of 2 tokens has 0 windows of 3 tokens and a target, too few fo/,
  ],
  [
    () => new text.Windows(),
    ArgumentError,
    /^Windows: give the options as an object \{ ids, context, batchSize, generator, bou/,
  ],
  [() => new text.Windows({ context: 1, batchSize: 1 }), ArgumentError, /^Windows: ids/],
  [
    () => new text.Windows({ ids: ID, context: 1, batchSize: 1, generator: 5 }),
    ArgumentError,
    /^Windows: the generator/,
  ],
  [
    () => new text.Windows({ ids: ID, context: 1, batchSize: 1, window: 3 }),
    ArgumentError,
    /^Windows: there is no option "window"/,
  ],
  [
    () =>
      new text.Windows({ ids: ID, context: 1, batchSize: 1 }).restore({ position: 1e9, shuffledFrom: null }),
    ArgumentError,
    /^Windows\.restore: position 1000000000, shuffled: false, does not fit 99 ordered w/,
  ],
  [() => text.splitText("abc", { by: "token" }), ArgumentError, /^split: by/],
  [
    () => text.splitText("abc", { by: "character", fractions: [2, 0] }),
    ArgumentError,
    /^split: each of the fractions/,
  ],
  [() => text.splitText("", { by: "line" }), DataError, /^split: the text is empty/],
  [() => text.tokenizerFor("bpe"), ArgumentError, /^tokenizerFor: unknown level "bpe"/],
  [() => text.tokenizerFor(), ArgumentError, /^tokenizerFor: unknown level undefined/],
  [() => new text.PythonRandom(NaN), ArgumentError, /^PythonRandom: seed/],
  [() => new text.PythonRandom("a"), ArgumentError, /^PythonRandom: seed/],
];

describe("text: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
