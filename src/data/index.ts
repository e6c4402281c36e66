export {
  type CatalogueEntry,
  type CatalogueSplit,
  dataFolders,
  entryPath,
  expectEntry,
  fileName,
  readCatalogue,
  readEntry,
} from "../text/catalogue.ts";
export { readBytes } from "../text/files.ts";
export { articleErrors, takesAn, withArticle } from "./articles.ts";
export { type Authors, authors } from "./authors.ts";
export { type Combinations, type CombinationsOptions, combinations } from "./combinations.ts";
export { anbn, type CountingOptions, type DyckOptions, dyck } from "./counting.ts";
export { type DateLanguage, type DatesOptions, dates } from "./dates.ts";
export { dialogue } from "./dialogue.ts";
export { allStrings } from "./enumerate.ts";
export { type FarCueOptions, farCue } from "./far-cue.ts";
export { type FilmBatch, type FilmOptions, type FilmTask, film } from "./film.ts";
export { headlines } from "./headlines.ts";
export {
  editDistance,
  type Hypotheses,
  type HypothesesOptions,
  recognise,
  similarWords,
} from "./hypotheses.ts";
export { LINE_NAMES, type LineWriter, lineWriter } from "./named.ts";
export {
  type NumberLanguage,
  type NumberWordsOptions,
  numberToWords,
  numberWords,
  wordsToNumber,
} from "./number-words.ts";
export { OptimalModel, type OptimalState, optimalModel, type Regret, regret } from "./optimal-model.ts";
export type { Optimum } from "./optimum.ts";
export { type Pair, type PairCounts, type PairDefinition, type PairSplit, PairTask } from "./pairs.ts";
export {
  hasFinalConsonant,
  PARTICLES,
  type Particle,
  particleErrors,
  particleSentences,
  withParticle,
} from "./particles.ts";
export {
  type CaptionBatch,
  type CaptionTask,
  captions,
  type PictureOptions,
  type Scene,
} from "./pictures.ts";
export { embeddedReber, reber } from "./reber.ts";
export { type Sentiment, type SentimentSentence, type SentimentTask, sentiment } from "./sentiment.ts";
export { type Arc, type SourceCorpusOptions, type SourceDefinition, StringSource } from "./source.ts";
export { type SpellingChannel, type SpellingOptions, spellingChannel } from "./spelling.ts";
export { elman, type StickyChainOptions, stickyChain } from "./streams.ts";
export {
  type AddingOptions,
  adding,
  type CopyOptions,
  copy,
  type LabelledBatch,
  type RealBatch,
  type Task,
  type TemporalOrderOptions,
  temporalOrder,
} from "./tasks.ts";
export { type Filling, phrases, type Slot, type Template, templateSource } from "./template.ts";
export { translation } from "./translation.ts";
