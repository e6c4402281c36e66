import { ArgumentError, expectNumber } from "../errors.ts";
import type { StringSource } from "./source.ts";
import { expectedVisits, type Step, stationary } from "./visits.ts";

/** The least loss on the strings of a source. For an endless source a string is one symbol, in the long run. */
export interface Optimum {
  /** E[Σ −ln p of a string] / E[predicted symbols of a string], nats per predicted symbol. */
  readonly nats: number;
  readonly bits: number;
  /** exp(nats). */
  readonly perplexity: number;
  /** E[Σ −ln p], nats. */
  readonly nllPerString: number;
  /** E[predicted symbols]. */
  readonly symbolsPerString: number;
  /** Nats per symbol where strings follow on each other and the given symbol is predicted as well. */
  readonly stream: number;
  /**
   * The probability that a string leaves the states that were summed over, 0 if all were. The expectations are too small
   * by at most this × the expectation for the rest of such a string.
   */
  readonly cutOff: number;
}

/** The states of a source with their weight: expected visits, or share of time. */
interface Chain {
  readonly states: readonly string[];
  readonly weights: Float64Array;
  readonly cutOff: number;
}

const chains = new WeakMap<StringSource, Chain>();

function chainOf(source: StringSource): Chain {
  let chain = chains.get(source);
  if (!chain) {
    chain = makeChain(source);
    chains.set(source, chain);
  }
  return chain;
}

const MOST_STATES = 200_000;

function makeChain(source: StringSource): Chain {
  const { start, within = () => true, canonical = (state) => state } = source.definition;
  const states = [canonical(start)];
  const number = new Map([[states[0], 0]]);
  const steps: Step[][] = [];
  const lost: number[] = [];
  for (let from = 0; from < states.length; from++) {
    const row: Step[] = [];
    lost.push(0);
    for (const { p, to } of source.arcs(states[from])) {
      const state = to === null ? null : canonical(to);
      if (state !== null && !within(state)) {
        lost[from] += p;
        continue;
      }
      if (state !== null && !number.has(state)) {
        number.set(state, states.length);
        states.push(state);
        if (states.length > MOST_STATES) {
          throw new ArgumentError(`${source.name}: more than ${MOST_STATES} states, too many to sum over`);
        }
      }
      row.push({ p, to: state === null ? -1 : number.get(state)! });
    }
    steps.push(row);
  }
  const weights = source.endless ? stationary(steps) : expectedVisits(steps);
  return { states, weights, cutOff: lost.reduce((sum, p, i) => sum + weights[i] * p, 0) };
}

/** H = −Σ p ln p of what comes next, in nats. */
function entropy(source: StringSource, state: string): number {
  return source.arcs(state).reduce((sum, { p }) => sum - p * Math.log(p), 0);
}

/**
 * In an automaton in which every symbol leads to one state, E[Σ −ln p] = Σ_s v(s) H(s) and E[symbols] = Σ_s v(s), with
 * v(s) the expected visits to state s.
 */
export function optimumOf(source: StringSource): Optimum {
  const { states, weights, cutOff } = chainOf(source);
  const nllPerString = states.reduce((sum, state, i) => sum + weights[i] * entropy(source, state), 0);
  const symbolsPerString = weights.reduce((sum, weight) => sum + weight, 0);
  const nats = nllPerString / symbolsPerString;
  return {
    nats,
    bits: nats / Math.LN2,
    perplexity: Math.exp(nats),
    nllPerString,
    symbolsPerString,
    stream: nllPerString / (symbolsPerString + source.given),
    cutOff,
  };
}

/** Σ_{t < T} E[H(s_t)] / T from the start. */
export function optimumOver(source: StringSource, length: number): number {
  expectNumber(length, `${source.name}: the length`, { integer: true, min: 1 });
  let nll = 0;
  let now = new Map([[source.definition.start, 1]]);
  for (let t = 0; t < length; t++) {
    const next = new Map<string, number>();
    for (const [state, weight] of now) {
      nll += weight * entropy(source, state);
      for (const { p, to } of source.arcs(state))
        if (to !== null) next.set(to, (next.get(to) ?? 0) + weight * p);
    }
    now = next;
  }
  return nll / length;
}

/** A context, the state it led to, and how often both are met in a string. */
interface Place {
  context: string;
  state: string;
  weight: number;
}

const MOST_PLACES = 250_000;

/**
 * A model of order k knows P(symbol | last k symbols); its least loss is the entropy of the next symbol given these. All
 * places in a string are of two kinds: k or more symbols after some place, which is in state s with weight v(s), or
 * fewer than k after the beginning. From each the automaton is followed over all continuations.
 */
export function orderOptimum(source: StringSource, order: number): number {
  expectNumber(order, `${source.name}: order`, { integer: true, min: 0 });
  const { given, start, unseen = (state: string) => state } = source.definition;
  const { states, weights } = chainOf(source);
  const begin: Place = { context: "", state: start, weight: 1 };
  const table = new Map<string, Map<string, number>>();

  let full = states.map((state, i) => ({ context: "", state: unseen(state), weight: weights[i] }));
  for (let i = 0; i < order; i++) full = follow(source, full);
  count(source, full, table);
  if (!source.endless) {
    let short = [given === undefined ? begin : { ...begin, context: given + SEPARATOR }];
    for (let length = given === undefined ? 0 : 1; length < order; length++) {
      count(source, short, table);
      short = follow(source, short);
    }
    // With the given symbol in front, the places that are exactly `order` symbols after the beginning begin with it.
    if (given !== undefined && order > 0) count(source, short, table);
  }
  return conditionalEntropy(table);
}

/** The entropy of the next symbol given what is known of the state. */
export function optimumKnowing(source: StringSource, what: (state: string) => string): number {
  const { states, weights } = chainOf(source);
  const table = new Map<string, Map<string, number>>();
  const places = states.map((state, i) => ({ context: what(state), state, weight: weights[i] }));
  count(source, places, table);
  return conditionalEntropy(table);
}

const SEPARATOR = "\u0000";

/** Every place one symbol further; the same context and state are one place. */
function follow(source: StringSource, places: readonly Place[]): Place[] {
  const merged = new Map<string, Place>();
  for (const { context, state, weight } of places) {
    for (const { symbol, p, to } of source.arcs(state)) {
      if (to === null) continue;
      const next = context + symbol + SEPARATOR;
      const key = next + SEPARATOR + to;
      const place = merged.get(key);
      if (place) place.weight += weight * p;
      else merged.set(key, { context: next, state: to, weight: weight * p });
    }
    if (merged.size > MOST_PLACES) {
      throw new ArgumentError(`${source.name}: more than ${MOST_PLACES} contexts; ask for a smaller order`);
    }
  }
  return [...merged.values()];
}

function count(
  source: StringSource,
  places: readonly Place[],
  table: Map<string, Map<string, number>>,
): void {
  for (const { context, state, weight } of places) {
    if (weight === 0) continue;
    let row = table.get(context);
    if (!row) {
      row = new Map();
      table.set(context, row);
    }
    for (const { symbol, p } of source.arcs(state)) row.set(symbol, (row.get(symbol) ?? 0) + weight * p);
  }
}

/** Σ −w ln(w / Σ of its row) / Σ w. */
function conditionalEntropy(table: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
  let nll = 0;
  let total = 0;
  for (const row of table.values()) {
    let sum = 0;
    for (const weight of row.values()) sum += weight;
    for (const weight of row.values()) nll -= weight * Math.log(weight / sum);
    total += sum;
  }
  return nll / total;
}
