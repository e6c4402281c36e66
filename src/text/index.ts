export { compareCodePoints, countCodePoints } from "./code-points.ts";
export { Corpus, type CorpusOptions, type CorpusParts, corpusFromText } from "./corpus.ts";
export { readText } from "./files.ts";
export { type CorpusFiles, type LoadOptions, loadCorpus } from "./load.ts";
export {
  type PaddedBatch,
  type PadOptions,
  padSequences,
  type SentenceBatch,
  type SentenceOptions,
  sentenceBatches,
  splitSentences,
  transposeIds,
} from "./padded.ts";
export { PythonRandom } from "./python-random.ts";
export { type Shuffler, type SplitName, type SplitOptions, splitText } from "./split.ts";
export {
  evaluationBatches,
  IGNORE,
  type StreamBatch,
  type StreamOptions,
  type StreamPosition,
  Streams,
} from "./streams.ts";
export {
  characters,
  jamo,
  type Level,
  lines,
  lineWords,
  syllables,
  type Tokenizer,
  tokenizerFor,
  words,
} from "./tokenizers.ts";
export { type DecodeOptions, decodeUtf8 } from "./utf8.ts";
export { Vocabulary, type VocabularyJSON, type VocabularyOptions } from "./vocabulary.ts";
export { type WindowBatch, type WindowOptions, type WindowPosition, Windows } from "./windows.ts";
