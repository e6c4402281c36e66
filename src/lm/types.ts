import type { Generator } from "../random.ts";
import type { Corpus } from "../text/corpus.ts";
import type { SplitName } from "../text/split.ts";
import type { Tokenizer } from "../text/tokenizers.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Generation, Hypothesis } from "./generation.ts";
import type { SamplingOptions } from "./sampling.ts";

/** Tokens as a user writes them: a text (cut by the model's tokenizer), a list of tokens, or ids. */
export type TokensLike = string | readonly string[] | ArrayLike<number>;

/** What `evaluate` takes: a corpus (a part of it), one row of tokens, or a list of sentences. */
export type EvaluationData = Corpus | TokensLike | readonly (readonly string[])[] | readonly Int32Array[];

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Which part of a corpus; default "valid". */
  split?: SplitName;
  /**
   * How many tokens at the beginning are given and not predicted. The default is 0 for models that know how a text
   * begins (n-grams), and 1, the least possible, for models that must read a token before they can predict one.
   */
  given?: number;
}

/**
 * The one interface of all language models here, counted or learned. Probabilities are natural; V is the size of the
 * vocabulary. A context is everything since the beginning (of the sentence, or of the text), and the chain rule holds:
 *
 *     Σ_t nll(ids)[t] = −Σ_t logProb(ids[0 … t−1], ids[t]).
 *
 * The state is an explicit value. `advance` never changes the state it is given, so that states can be kept and
 * compared (beam search does).
 */
export interface LanguageModel<State = unknown> {
  readonly vocabulary: Vocabulary;
  /** Cuts texts that are given as a string; null if the model was made from tokens. */
  readonly tokenizer: Tokenizer | null;
  /** The id after which a sentence is complete, null for an endless stream. */
  readonly endId: number | null;

  /** Before anything was read. */
  initialState(): State;
  /** After one more token. */
  advance(state: State, token: number): State;
  /** ln p(w | state) for every w: Float64Array(V), −∞ where p = 0. */
  logProbs(state: State): Float64Array;

  /** ln p(token | context) in nats. */
  logProb(context: TokensLike, token: string | number): number;
  /** p(w | context) for every w: Float64Array(V) that sums to 1. */
  distribution(context: TokensLike): Float64Array;
  /** −ln p of each predicted token, in nats. */
  nll(tokens: TokensLike, options?: { given?: number }): Float64Array;
  /** Σ −ln p and the number of predicted tokens. */
  evaluate(data: EvaluationData, options?: EvaluateOptions): Evaluation;
  /** Draws a continuation. */
  generate(options: GenerateOptions): Generation;
  /** Searches for the most probable continuations. */
  beam(options: BeamOptions): Hypothesis[];
}

/** The part of a language model that generation and beam search need. */
export type Predictor<State> = Pick<
  LanguageModel<State>,
  "vocabulary" | "tokenizer" | "endId" | "initialState" | "advance" | "logProbs"
>;

/** Options of `generate`. */
export interface GenerateOptions extends SamplingOptions {
  /** What the text begins with; it is read, not generated. Default: nothing. */
  prompt?: TokensLike;
  /** The most tokens to generate; default 100. */
  length?: number;
  /** The source of chance; or give `seed`. Neither is needed with `greedy`. */
  generator?: Generator;
  seed?: number | string;
  /**
   * Texts or tokens at which generation ends as soon as the end of what was generated is one of them; it is left out of
   * the result. A model of sentences also ends with its end token.
   */
  stop?: string | readonly string[];
}

/** Options of `beam`. */
export interface BeamOptions {
  prompt?: TokensLike;
  /** How many hypotheses are kept at each step, and returned; default 5. */
  width?: number;
  /** The most tokens of a hypothesis; default 20. */
  length?: number;
  /**
   * Hypotheses are ranked by (Σ ln p) / tokens^lengthPenalty; 0 (default) is the plain log-probability, 1 the mean per
   * token (Wu et al. 2016 use powers between).
   */
  lengthPenalty?: number;
}
