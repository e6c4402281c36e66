import { ArgumentError, DataError, expectNumber } from "../errors.ts";
import * as expect from "../expect.ts";
import { beamFrom, generateFrom, toIds, toRows } from "../lm/decoding.ts";
import { Evaluation } from "../lm/evaluation.ts";
import type { Generation, Hypothesis } from "../lm/generation.ts";
import type {
  BeamOptions,
  EvaluateOptions,
  EvaluationData,
  GenerateOptions,
  LanguageModel,
  TokensLike,
} from "../lm/types.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { tableView } from "../text/table.ts";
import { characters, type Tokenizer, words } from "../text/tokenizers.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { type Arc, StringSource } from "./source.ts";

/** The state of the automaton: before the given symbol, in one of its states, or lost after an impossible symbol. */
export type OptimalState = string | typeof BEFORE | typeof LOST;

const BEFORE: unique symbol = Symbol("before the given symbol");
const LOST: unique symbol = Symbol("after an impossible symbol");

/**
 * The language model that knows the source: no model has a smaller expected loss on its strings. It can be scored,
 * asked and sampled beside trained models. After the end of a string the next begins.
 *
 * @example
 * const source = data.embeddedReber();
 * const optimal = data.optimalModel(source);
 * optimal.logProb("BTBTXSET", "E");                    // 0: certain
 * optimal.evaluate(strings, { given: source.given });  // close to source.optimum.nats
 */
export class OptimalModel implements LanguageModel<OptimalState> {
  readonly source: StringSource;
  readonly vocabulary: Vocabulary;
  readonly tokenizer: Tokenizer;
  /** null: a symbol that ends a string may occur within it too, so strings are written out, and scored, as they are. */
  readonly endId: null = null;

  constructor(source: StringSource) {
    expect.instance(
      source,
      StringSource,
      "optimalModel: the source",
      "data.reber(), data.dyck() and others make one",
    );
    this.source = source;
    this.vocabulary = source.vocabulary;
    this.tokenizer = source.vocabulary.tokens.every((symbol) => [...symbol].length === 1)
      ? characters
      : words;
  }

  initialState(): OptimalState {
    return this.source.given > 0 ? BEFORE : this.source.definition.start;
  }

  advance(state: OptimalState, token: number): OptimalState {
    const symbol = this.vocabulary.token(token);
    const arc = this.#arcs(state).find((arc) => arc.symbol === symbol);
    if (!arc) return LOST;
    return arc.to ?? this.initialState();
  }

  /** After an impossible symbol every symbol is impossible. */
  logProbs(state: OptimalState): Float64Array {
    const row = new Float64Array(this.vocabulary.size).fill(-Infinity);
    for (const { symbol, p } of this.#arcs(state)) row[this.vocabulary.id(symbol)] = Math.log(p);
    return row;
  }

  logProb(context: TokensLike, token: string | number): number {
    const id = typeof token === "string" ? this.vocabulary.id(token) : token;
    this.vocabulary.token(id);
    return this.logProbs(this.#after(context))[id];
  }

  distribution(context: TokensLike): Float64Array {
    return this.logProbs(this.#after(context)).map(Math.exp);
  }

  /** −ln p of each symbol after the first `given`; ∞ where it is impossible, and from there on. */
  nll(tokens: TokensLike, { given = 0 }: { given?: number } = {}): Float64Array {
    expectNumber(given, "OptimalModel: given", { integer: true, min: 0 });
    const ids = toIds(this, tokens);
    const nll = new Float64Array(Math.max(0, ids.length - given));
    let state = this.initialState();
    ids.forEach((id, i) => {
      const arc = this.#arcs(state).find(({ symbol }) => symbol === this.vocabulary.tokens[id]);
      if (i >= given) nll[i - given] = arc ? 0 - Math.log(arc.p) : Infinity;
      state = this.advance(state, id);
    });
    return nll;
  }

  evaluate(data: EvaluationData, options: EvaluateOptions = {}): Evaluation {
    const { rows, characters: count } = toRows(this, data, options);
    let nll = 0;
    let tokens = 0;
    for (const row of rows) {
      const part = this.nll(row, { given: options.given ?? 0 });
      for (const value of part) nll += value;
      tokens += part.length;
    }
    return new Evaluation({
      nll,
      tokens,
      unit: this.tokenizer.unit,
      characters: options.given ? undefined : count,
    });
  }

  generate(options: GenerateOptions = {}): Generation {
    return generateFrom(this, options);
  }

  beam(options: BeamOptions = {}): Hypothesis[] {
    return beamFrom(this, options);
  }

  #arcs(state: OptimalState): readonly Arc[] {
    if (state === LOST) return [];
    const { given, start } = this.source.definition;
    if (state !== BEFORE) return this.source.arcs(state);
    return [{ symbol: given as string, p: 1, to: start }];
  }

  #after(context: TokensLike): OptimalState {
    return toIds(this, context).reduce(
      (state: OptimalState, id) => this.advance(state, id),
      this.initialState(),
    );
  }
}

/** The perfect model of a source: no other has a lower expected loss. */
export function optimalModel(source: StringSource): OptimalModel {
  return new OptimalModel(source);
}

/** How much more a model pays per symbol than the best possible one, on the same strings. */
export interface Regret {
  /** Σ (−ln p_model + ln p_optimal) / predicted symbols, nats per symbol. */
  readonly nats: number;
  /** The standard error of `nats` over the strings (of a ratio, by linearisation); NaN for a single string. */
  readonly standardError: number;
  /** Mean −ln p of the model and of the optimal model, nats per symbol. */
  readonly model: number;
  readonly optimal: number;
  readonly strings: number;
  readonly symbols: number;
}

/**
 * Compares a model with the best possible one string by string, so that the luck of the draw cancels: the optimal
 * model's own loss on a sample has a standard error many times that of the difference.
 *
 * @param strings written out with the given and the last symbol, as `source.samples` draws them.
 * @throws {DataError} if there are no strings, or one is impossible in the source.
 */
export function regret(
  model: Pick<LanguageModel, "nll">,
  source: StringSource,
  strings: readonly (readonly string[])[],
): Regret {
  if (strings.length === 0) throw new DataError("regret: there are no strings");
  const best = new OptimalModel(source);
  const { given } = source;
  const rows = strings.map((string) => {
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const own = model.nll(string, { given });
    const least = best.nll(string, { given });
    if (own.length !== least.length) {
      throw new ArgumentError(
        `regret: the model scored ${own.length} of the ${least.length} symbols of a string; it must score each after the first ${given}`,
      );
    }
    if (sum(least) === Infinity) {
      throw new DataError(`regret: ${string.join(" ")} is no string of the source "${source.name}"`);
    }
    return { model: sum(own), optimal: sum(least), symbols: own.length };
  });
  const total = (key: "model" | "optimal" | "symbols") => rows.reduce((sum, row) => sum + row[key], 0);
  const [symbols, n] = [total("symbols"), rows.length];
  if (symbols === 0) throw new DataError("regret: the strings have no symbol to predict");
  const nats = (total("model") - total("optimal")) / symbols;
  const squares = rows.reduce((sum, row) => sum + (row.model - row.optimal - nats * row.symbols) ** 2, 0);
  return {
    nats,
    standardError: n > 1 ? Math.sqrt((squares * n) / (n - 1)) / symbols : Number.NaN,
    model: total("model") / symbols,
    optimal: total("optimal") / symbols,
    strings: n,
    symbols,
  };
}

showAs(
  OptimalModel,
  ({ source }): MimeBundle =>
    tableView(`OptimalModel of ${source.name}: knows the source, cannot be beaten`, [
      ["least loss", `${source.optimum.nats.toFixed(6)} nats per predicted symbol`],
      ["vocabulary", source.vocabulary.size],
    ]),
);
