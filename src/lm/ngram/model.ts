import { ArgumentError, expectNumber, expectOptions } from "../../errors.ts";
import { type MimeBundle, showAs } from "../../show.ts";
import { countCodePoints } from "../../text/code-points.ts";
import { Corpus } from "../../text/corpus.ts";
import { formatBytes, tableView } from "../../text/table.ts";
import type { Tokenizer } from "../../text/tokenizers.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";
import { beamFrom, generateFrom, toIds, toRows } from "../decoding.ts";
import { Evaluation } from "../evaluation.ts";
import type { Generation, Hypothesis } from "../generation.ts";
import type {
  BeamOptions,
  EvaluateOptions,
  EvaluationData,
  GenerateOptions,
  LanguageModel,
  TokensLike,
} from "../types.ts";
import { type CountOptions, type CountSource, NGramCounts } from "./counts.ts";
import type { Smoother, Smoothing } from "./smoother.ts";
import { makeSmoother } from "./smoothing.ts";
import { emptyState, lookUp, type NGramState, pushSymbol, startState, walk } from "./walk.ts";

/** Options of `NGramLM`. */
export interface NGramOptions extends Partial<CountOptions> {
  /** How counts become probabilities; default modified Kneser–Ney with the uniform floor. */
  smoothing?: Smoothing;
  /** Text on which Jelinek–Mercer weights are estimated; default: the validation part of the corpus. */
  heldOut?: EvaluationData;
}

const OPTIONS = ["order", "startSymbols", "start", "end", "vocabulary", "smoothing", "heldOut"];

/**
 * An n-gram language model: P(w | everything before) ≈ P(w | the last n − 1 tokens), from counts.
 *
 * Made from a corpus, from sentences as lists of tokens, or from `NGramCounts` (one table serves models of every order
 * up to its own). Sentences begin after start symbols and end with an end token that is predicted; a corpus without end
 * token is one endless stream, whose first tokens are predicted from the shorter contexts there are.
 *
 * @example
 * const model = new NGramLM([["I", "am", "Sam"], ["Sam", "I", "am"]], { order: 2, smoothing: { kind: "mle" } });
 * model.logProb(["I"], "am"); // ln 1 = 0
 */
export class NGramLM implements LanguageModel<NGramState> {
  readonly order: number;
  readonly counts: NGramCounts;
  readonly smoothing: Smoothing;
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer | null;
  readonly endId: number | null;
  /** The method with the discounts, weights … that it uses. */
  readonly smoother: Smoother;
  readonly #start: NGramState;

  /** @throws {ArgumentError} for options out of range. @throws {DataError} for a corpus that is empty. */
  constructor(data: NGramCounts | CountSource, options: NGramOptions) {
    expectOptions(options, OPTIONS, "NGramLM");
    const { smoothing = { kind: "kneserNey" } } = options;
    if (!(data instanceof NGramCounts) && options.order === undefined) {
      throw new ArgumentError("NGramLM: give the order, for example { order: 3 }");
    }
    this.counts =
      data instanceof NGramCounts
        ? data
        : NGramCounts.of(data, { ...options, order: options.order as number });
    const most = this.counts.order;
    this.order = expectNumber(options.order ?? most, "NGramLM: order", { integer: true, min: 1, max: most });
    this.vocabulary = this.counts.vocabulary;
    this.tokenizer = this.counts.tokenizer;
    this.endId = this.counts.endId;
    this.smoothing = smoothing;
    this.#start = startState(this.counts, this.order);
    this.smoother = makeSmoother(this.counts, this.order, smoothing, () => {
      const heldOut = options.heldOut ?? (data instanceof Corpus ? data : undefined);
      if (!heldOut)
        throw new ArgumentError("NGramLM: estimating lambdas needs { heldOut }, text that was not counted");
      return toRows(this, heldOut).rows;
    });
  }

  initialState(): NGramState {
    return this.#start;
  }

  /** After the end token the next sentence begins. */
  advance(state: NGramState, token: number): NGramState {
    return token === this.endId ? this.#start : pushSymbol(this.counts, state, token);
  }

  /** −∞ where p = 0, and everywhere if p is undefined (maximum likelihood, context never seen). */
  logProbs(state: NGramState): Float64Array {
    const row = this.#row(state);
    for (let w = 0; w < row.length; w++) row[w] = Number.isNaN(row[w]) ? -Infinity : Math.log(row[w]);
    return row;
  }

  /** ln p(token | context); NaN where maximum likelihood is 0/0. With stupid back-off the ln of a score. */
  logProb(context: TokensLike, token: string | number): number {
    const id = typeof token === "string" ? this.vocabulary.id(token) : token;
    this.vocabulary.token(id);
    const { nodes, known } = this.#stateAfter(context);
    const grams = new Int32Array(this.order);
    lookUp(this.counts, nodes, known, id, grams);
    return Math.log(this.smoother.probability(nodes, known, grams));
  }

  distribution(context: TokensLike): Float64Array {
    return this.#row(this.#stateAfter(context));
  }

  /**
   * p(w | history) for every w, where nothing is known but the tokens of `history` (the last n − 1 of them): one row of
   * the table, not a place in a sentence. `counts.start` stands for the start symbol; a token that was never seen is a
   * context that was never seen.
   */
  row(history: readonly (string | number)[]): Float64Array {
    let state = emptyState(this.order);
    for (const token of history) state = pushSymbol(this.counts, state, this.counts.contextId(token));
    return this.#row(state);
  }

  /** −ln p of each token; an end token begins a new sentence. ∞ where p is 0 or undefined. */
  nll(tokens: TokensLike, { given = 0 }: { given?: number } = {}): Float64Array {
    return this.#nll(toIds(this, tokens), given);
  }

  /**
   * A list of sentences gets the end token after each; a row of tokens is taken as it is.
   * @throws {ArgumentError} for stupid back-off, whose scores are no probabilities.
   */
  evaluate(data: EvaluationData, options: EvaluateOptions = {}): Evaluation {
    if (!this.smoother.normalized) {
      throw new ArgumentError(
        "NGramLM.evaluate: the scores of stupid back-off do not sum to 1, so they have no cross-entropy or perplexity; " +
          "use nll to rank texts by them, or another smoothing",
      );
    }
    const { given = 0 } = options;
    const { rows, characters } = toRows(this, data, options);
    let nll = 0;
    let tokens = 0;
    for (const ids of rows) {
      const part = this.#nll(ids, given);
      for (const value of part) nll += value;
      tokens += part.length;
    }
    return new Evaluation({
      nll,
      tokens,
      unit: this.tokenizer?.unit ?? "token",
      // Only the characters of the tokens that were predicted.
      characters: characters && characters - rows.reduce((sum, ids) => sum + this.#characters(ids, given), 0),
    });
  }

  generate(options: GenerateOptions): Generation {
    return generateFrom(this, options);
  }

  beam(options: BeamOptions): Hypothesis[] {
    return beamFrom(this, options);
  }

  #nll(ids: Int32Array, given: number): Float64Array {
    expectNumber(given, "NGramLM: given", { integer: true, min: 0 });
    const nll = new Float64Array(Math.max(0, ids.length - given));
    walk(this.counts, this.order, ids, given, (contexts, known, grams, at) => {
      const p = this.smoother.probability(contexts, known, grams);
      nll[at - given] = p > 0 ? -Math.log(p) : Infinity;
    });
    return nll;
  }

  /** How many characters the first tokens of a row stand for. */
  #characters(ids: Int32Array, count: number): number {
    const tokens = this.vocabulary.decode(ids.subarray(0, count));
    return countCodePoints(this.tokenizer?.detokenize(tokens) ?? tokens.join(""));
  }

  #row({ nodes, known }: NGramState): Float64Array {
    const row = new Float64Array(this.vocabulary.size);
    this.smoother.fill(row, nodes, known);
    return row;
  }

  /** From the beginning; a start symbol in the context is the beginning again. */
  #stateAfter(context: TokensLike): NGramState {
    const tokens = typeof context === "string" ? toIds(this, context) : context;
    let state = this.#start;
    for (let i = 0; i < tokens.length; i++) {
      const id = this.counts.contextId(tokens[i]);
      state = id === this.counts.startId ? this.#start : this.advance(state, id);
    }
    return state;
  }
}

showAs(NGramLM, (model): MimeBundle => {
  const rows: [string, string | number][] = [
    ["smoothing", model.smoothing.kind],
    ...model.smoother.parameters.map(([name, value]): [string, string] => [name, value]),
    ["vocabulary", model.vocabulary.size],
    ["different n-grams", model.counts.entries(model.order)],
    ["table", formatBytes(model.counts.bytes)],
  ];
  return tableView(`NGramLM of order ${model.order}`, rows);
});
