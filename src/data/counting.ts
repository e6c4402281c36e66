import { ArgumentError, expectNumber, expectOptions } from "../errors.ts";
import { type Arc, StringSource } from "./source.ts";

/** Of what is cut off a sum, the probability is below this: far less than rounding adds. */
const NEGLIGIBLE = 1e-18;

const END = ".";
const PAIRS = ["()", "[]", "{}", "<>"];

/** Options of `dyck`. */
export interface DyckOptions {
  /** How many kinds of brackets, 1 to 4; default 1. */
  kinds?: number;
  /** The probability of opening a bracket, in (0, ½); default 0.4. */
  open?: number;
}

/**
 * Dyck-k, the language of balanced brackets: with probability p a bracket is opened (each kind equally likely);
 * otherwise the last open one is closed, or, where none is open, the string ends with ".", which is predicted. For k = 1
 * a counter is enough, for more a stack is needed.
 *
 * The depth is not bounded. Sums are cut off at a depth that a string reaches with a probability below 10⁻¹⁸
 * (it falls as (p / (1 − p))^depth).
 */
export function dyck(options: DyckOptions = {}): StringSource {
  const { kinds = 1, open = 0.4 } = expectOptions(options, ["kinds", "open"], "dyck");
  expectNumber(kinds, "dyck: kinds", { integer: true, min: 1, max: PAIRS.length });
  expectNumber(open, "dyck: open", { above: 0, below: 0.5 });
  const pairs = PAIRS.slice(0, kinds);
  const deepest = Math.ceil(Math.log(NEGLIGIBLE) / Math.log(open / (1 - open)));
  if (deepest > 2000) throw new ArgumentError(`dyck: open = ${open} is too close to ½; strings get too deep`);
  /** The state is the stack of open brackets; "?" is one whose kind was not seen. */
  const arcs = (stack: string): Arc[] => {
    const opening = pairs.map((pair) => ({ symbol: pair[0], p: open / kinds, to: stack + pair[0] }));
    const rest = stack.slice(0, -1);
    const top = stack.at(-1);
    if (top === undefined) return [...opening, { symbol: END, p: 1 - open, to: null }];
    const closing = top === "?" ? pairs : pairs.filter((pair) => pair[0] === top);
    const p = (1 - open) / closing.length;
    return [...opening, ...closing.map((pair) => ({ symbol: pair[1], p, to: rest }))];
  };
  return new StringSource({
    name: `Dyck-${kinds}`,
    about: `balanced brackets of ${kinds} ${kinds === 1 ? "kind" : "kinds"}, opened with probability ${open}`,
    symbols: [END, ...pairs.join("")],
    start: "",
    arcs,
    within: (stack) => stack.length <= deepest,
    canonical: (stack) => pairs[0][0].repeat(stack.length),
    unseen: (stack) => "?".repeat(stack.length),
  });
}

/** Options of `anbn`. */
export interface CountingOptions {
  /** The probability of one more a, in (0, 1); default 0.5, so that n has the mean 2. */
  more?: number;
}

/**
 * aⁿbⁿ with n ≥ 1, the number of a geometric: after each a comes another with probability `more`, else the first b;
 * from there all is certain, the end "." included. Sums are cut off at an n of a probability below 10⁻¹⁸.
 */
export function anbn(options: CountingOptions = {}): StringSource {
  const { more = 0.5 } = expectOptions(options, ["more"], "anbn");
  expectNumber(more, "anbn: more", { above: 0, below: 1 });
  const largest = 1 + Math.ceil(Math.log(NEGLIGIBLE) / Math.log(more));
  if (largest > 100_000)
    throw new ArgumentError(`anbn: more = ${more} is too close to 1; strings get too long`);
  return new StringSource({
    name: "aⁿbⁿ",
    about: `n times a, n times b, n geometric with mean ${+(1 / (1 - more)).toFixed(3)}`,
    symbols: [END, "a", "b"],
    start: "a0",
    arcs: (state) => {
      const [phase, n] = [state[0], Number(state.slice(1))];
      const a = { symbol: "a", to: `a${n + 1}` };
      if (phase === "a" && n === 0) return [{ ...a, p: 1 }];
      if (phase === "a")
        return [
          { ...a, p: more },
          { symbol: "b", p: 1 - more, to: `b${n - 1}` },
        ];
      return n === 0 ? [{ symbol: END, p: 1, to: null }] : [{ symbol: "b", p: 1, to: `b${n - 1}` }];
    },
    within: (state) => state[0] !== "a" || Number(state.slice(1)) <= largest,
  });
}
