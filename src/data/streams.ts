import { expectNumber, expectOptions } from "../errors.ts";
import { StringSource } from "./source.ts";

/** What each consonant is followed by in Elman's words ba, dii, guuu. */
const VOWELS: Readonly<Record<string, readonly [vowel: string, times: number]>> = {
  b: ["a", 1],
  d: ["i", 2],
  g: ["u", 3],
};

/**
 * Elman's letters (Elman 1990, "Finding structure in time"): one endless stream of the words ba, dii and guuu, drawn
 * with probability ⅓ each, without anything between. Consonants cannot be predicted; vowels can, by counting.
 */
export function elman(): StringSource {
  const consonants = Object.keys(VOWELS);
  return new StringSource({
    name: "Elman",
    about: "an endless stream of ba, dii and guuu, each ⅓",
    symbols: ["a", "b", "d", "g", "i", "u"],
    start: "",
    arcs: (state) => {
      if (state === "") return consonants.map((symbol) => ({ symbol, p: 1 / 3, to: symbol }));
      const [vowel, times] = VOWELS[state[0]];
      return [{ symbol: vowel, p: 1, to: state.length === times ? "" : state + vowel }];
    },
  });
}

/** Options of `stickyChain`. */
export interface StickyChainOptions {
  /** The probability that a symbol differs from the one before, in (0, 1); default 0.1. */
  flip?: number;
}

/** An endless chain of 0 and 1, the first ½ each, that changes with probability `flip`: H(flip) nats per symbol. */
export function stickyChain(options: StickyChainOptions = {}): StringSource {
  const { flip = 0.1 } = expectOptions(options, ["flip"], "stickyChain");
  expectNumber(flip, "stickyChain: flip", { above: 0, below: 1 });
  return new StringSource({
    name: "sticky chain",
    about: `an endless stream of 0 and 1 that changes with probability ${flip}`,
    symbols: ["0", "1"],
    start: "",
    arcs: (state) =>
      ["0", "1"].map((symbol) => ({
        symbol,
        p: state === "" ? 1 / 2 : symbol === state ? 1 - flip : flip,
        to: symbol,
      })),
  });
}
