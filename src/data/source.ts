import { ArgumentError, expectNumber } from "../errors.ts";
import * as expect from "../expect.ts";
import type { Generator } from "../random.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { type Corpus, corpusFromText } from "../text/corpus.ts";
import { tableView } from "../text/table.ts";
import { Vocabulary } from "../text/vocabulary.ts";
import { type Optimum, optimumKnowing, optimumOf, optimumOver, orderOptimum } from "./optimum.ts";

/** With probability p this symbol comes next, and leads to the state `to`; null completes the string. */
export interface Arc {
  readonly symbol: string;
  readonly p: number;
  readonly to: string | null;
}

/**
 * A probabilistic automaton: from each state every symbol leads to one state, so that what was read tells the state, and
 * with it the exact distribution of the next symbol.
 */
export interface SourceDefinition {
  readonly name: string;
  /** One sentence for tables. */
  readonly about: string;
  /** All symbols, in the order of their ids. */
  readonly symbols: readonly string[];
  /** A symbol that stands before every string; it is given, not predicted. */
  readonly given?: string;
  readonly start: string;
  readonly arcs: (state: string) => readonly Arc[];
  /** For a source with infinitely many states: how far sums reach. What lies outside is cut off, and stated. */
  readonly within?: (state: string) => boolean;
  /** A state that stands for all that differ from this one by names of symbols only. Default: itself. */
  readonly canonical?: (state: string) => string;
  /** The canonical state as it is to someone who did not see how it came about. Default: itself. */
  readonly unseen?: (state: string) => string;
  /** What a model may fail to remember: by name, what is left of a state. See `levels`. */
  readonly forgetting?: Readonly<Record<string, (state: string) => string>>;
}

/** How many symbols of each part are drawn. */
export interface SourceCorpusOptions {
  /** How many strings (of an endless source: symbols) of each part. */
  train: number;
  valid: number;
  test?: number;
  generator: Generator;
}

/**
 * A source of strings with known probabilities: it draws samples, knows the least loss that any model can reach on them
 * and makes the model that reaches it.
 *
 * A string is a list of symbols with all that belongs to it: what is given before it ("B" of Reber's grammar) and the
 * symbol that ends it.
 *
 * @example
 * const source = data.reber();
 * source.sample(new Generator(1)).join("");  // "BTSSXXVVE"
 * source.optimum.nats;                       // 0.594126… nats per predicted symbol
 * source.orderOptimum(1);                    // what a model can reach that sees one symbol
 */
export class StringSource {
  readonly name: string;
  readonly about: string;
  readonly vocabulary: Vocabulary;
  /** How many symbols of each string are given and not predicted: 0 or 1. */
  readonly given: number;
  /** Whether strings never end. */
  readonly endless: boolean;
  readonly definition: SourceDefinition;
  readonly #arcs = new Map<string, readonly Arc[]>();
  #optimum: Optimum | undefined;

  /**
   * @throws {ArgumentError} if the arcs of a state are no distribution, or one symbol leads to two states.
   * @throws {DataError} if the given symbol is none of the symbols.
   */
  constructor(definition: SourceDefinition) {
    this.definition = definition;
    this.name = definition.name;
    this.about = definition.about;
    this.vocabulary = Vocabulary.fromTokens(definition.symbols);
    this.given = definition.given === undefined ? 0 : 1;
    if (definition.given !== undefined) this.vocabulary.id(definition.given); // throws for another symbol
    this.endless = !this.#canEnd();
  }

  /** What can come next. @throws {ArgumentError} as the constructor does. */
  arcs(state: string): readonly Arc[] {
    let arcs = this.#arcs.get(state);
    if (!arcs) {
      arcs = this.definition.arcs(state);
      this.#check(state, arcs);
      if (this.#arcs.size < MOST_KEPT) this.#arcs.set(state, arcs);
    }
    return arcs;
  }

  /** Draws one string. @throws {ArgumentError} for an endless source: see `stream`. */
  sample(generator: Generator): string[] {
    if (this.endless) {
      throw new ArgumentError(`${this.name}: this source never ends; use stream(length, generator)`);
    }
    return this.#draw(generator, Infinity);
  }

  samples(count: number, generator: Generator): string[][] {
    expectNumber(count, `${this.name}: the number of samples`, { integer: true, min: 0 });
    return Array.from({ length: count }, () => this.sample(generator));
  }

  /** Draws the first `length` symbols of an endless source. @throws {ArgumentError} for one whose strings end. */
  stream(length: number, generator: Generator): string[] {
    expectNumber(length, `${this.name}: the length of the stream`, { integer: true, min: 1 });
    if (!this.endless) throw new ArgumentError(`${this.name}: its strings end; use sample(generator)`);
    return this.#draw(generator, length);
  }

  /**
   * The parts as text: one string after the other without anything between (words with a space between), or one stream.
   * Read so, the given symbol of each string is a symbol like any other, and predicted: compare with `optimum.stream`.
   */
  corpus({ train, valid, test = 0, generator }: SourceCorpusOptions): Corpus {
    const single = this.vocabulary.tokens.every((symbol) => [...symbol].length === 1);
    const part = (count: number) => {
      if (count === 0) return "";
      const symbols = this.endless ? this.stream(count, generator) : this.samples(count, generator).flat();
      return symbols.join(single ? "" : " ");
    };
    return corpusFromText(
      { train: part(train), valid: part(valid), test: part(test) },
      { name: this.name, level: single ? "char" : "word", vocabulary: this.vocabulary },
    );
  }

  /** The least mean −ln p per predicted symbol that any model can reach, and what it follows from. */
  get optimum(): Optimum {
    return (this.#optimum ??= optimumOf(this));
  }

  /**
   * The least mean −ln p per predicted symbol, in nats, for a model that sees the last `order` symbols (the given one
   * among them; fewer at the start of a string; none of the string before).
   * @throws {ArgumentError} for an order that is no whole number ≥ 0, or for which there are too many contexts.
   */
  orderOptimum(order: number): number {
    return orderOptimum(this, order);
  }

  /** The least mean −ln p over the first `length` symbols of an endless source, all of them predicted. */
  optimumOver(length: number): number {
    if (!this.endless) throw new ArgumentError(`${this.name}: its strings end; use optimum`);
    return optimumOver(this, length);
  }

  /**
   * The least mean −ln p per predicted symbol, in nats, for a model that remembers `what` of the state and no more.
   * @example embeddedReber().optimumKnowing((state) => state.replace(/^[TP] /, "")) // the outer letter is forgotten
   */
  optimumKnowing(what: (state: string) => string): number {
    return optimumKnowing(this, what);
  }

  /** Losses of those who have learned all but one thing, by its name, in nats per predicted symbol. */
  get levels(): Readonly<Record<string, number>> {
    const forgetting = Object.entries(this.definition.forgetting ?? {});
    return Object.fromEntries(forgetting.map(([name, what]) => [name, this.optimumKnowing(what)]));
  }

  #draw(generator: Generator, length: number): string[] {
    expect.generator(generator, `${this.name}: drawing`);
    const { given, start } = this.definition;
    const symbols = given === undefined ? [] : [given];
    let state: string | null = start;
    while (state !== null && symbols.length < length) {
      const arcs: readonly Arc[] = this.arcs(state);
      const arc: Arc = arcs.length === 1 ? arcs[0] : arcs[generator.categorical(arcs.map(({ p }) => p))];
      symbols.push(arc.symbol);
      state = arc.to;
    }
    return symbols;
  }

  /** Whether some string ends; looks at no more states than it must. */
  #canEnd(): boolean {
    const open = [this.definition.start];
    const seen = new Set(open);
    for (const state of open) {
      for (const { to } of this.arcs(state)) {
        if (to === null) return true;
        if (seen.size < MOST_KEPT && !seen.has(to)) {
          seen.add(to);
          open.push(to);
        }
      }
    }
    return false;
  }

  #check(state: string, arcs: readonly Arc[]): void {
    const where = `${this.name}, state ${JSON.stringify(state)}`;
    let sum = 0;
    const seen = new Set<string>();
    for (const { symbol, p } of arcs) {
      if (!(p > 0 && p <= 1)) throw new ArgumentError(`${where}: "${symbol}" has probability ${p}`);
      if (seen.has(symbol)) throw new ArgumentError(`${where}: "${symbol}" leads to two states`);
      if (!this.vocabulary.has(symbol))
        throw new ArgumentError(`${where}: "${symbol}" is none of its symbols`);
      seen.add(symbol);
      sum += p;
    }
    if (Math.abs(sum - 1) > 1e-9) throw new ArgumentError(`${where}: the probabilities sum to ${sum}, not 1`);
  }
}

/** A source with infinitely many states must not fill the memory. */
const MOST_KEPT = 100_000;

showAs(StringSource, (source): MimeBundle => {
  const { optimum, vocabulary } = source;
  const figure = (value: number) => value.toFixed(6);
  return tableView(`${source.name}: ${source.about}`, [
    ["symbols", vocabulary.tokens.slice(0, 20).join(" ") + (vocabulary.size > 20 ? " …" : "")],
    ["least loss", `${figure(optimum.nats)} nats per predicted symbol`],
    ["perplexity", figure(optimum.perplexity)],
    ...Object.entries(source.levels).map(([what, nats]) => [what, `${figure(nats)} nats`]),
    ...(source.endless
      ? []
      : [
          [
            "a string",
            `${figure(optimum.nllPerString)} nats, ${figure(optimum.symbolsPerString)} predicted symbols`,
          ],
        ]),
  ]);
});
