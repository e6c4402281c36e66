import { ArgumentError, DataError, describe, expectNumber, expectOptions } from "../errors.ts";
import * as expect from "../expect.ts";
import { countCodePoints, cutAtCodePoints } from "./code-points.ts";
import { splitLines } from "./tokenizers.ts";

/** What can put lines into another order: `Generator`, or `PythonRandom` for a split made in Python. */
export interface Shuffler {
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
}

/** How a text is cut into parts; give fractions or counts. */
export interface SplitOptions {
  /**
   * Shares of train, valid and test; the last may be left out and is then the rest. Cuts fall at
   * ⌊share·N⌋ and ⌊(train + valid)·N⌋. Default [0.9, 0.1].
   */
  fractions?: readonly number[];
  /** Exact numbers for train, valid and test instead; the last may be left out and is then the rest. */
  counts?: readonly number[];
  /**
   * What is counted: code points of the text, tokens, or lines. Default: lines if every line is a sentence, tokens for
   * words, else characters.
   */
  by?: "character" | "token" | "line";
  /** Shuffles the lines first (only with `by: "line"`). */
  shuffle?: Shuffler;
}

/** The parts of a corpus. */
export type SplitName = "train" | "valid" | "test";

/** Where N things are cut: the ends of train and valid (test ends at N). */
export function splitEnds(total: number, options: SplitOptions): [number, number] {
  const { fractions, counts } = expectOptions(options, ["fractions", "counts", "by", "shuffle"], "split");
  if (fractions && counts) throw new ArgumentError("split: give fractions or counts, not both");
  const shares = counts ?? fractions ?? [0.9, 0.1];
  const what = counts ? "counts" : "fractions";
  expect.type(shares, "a list", `split: ${what}`);
  if (shares.length < 2 || shares.length > 3) {
    throw new ArgumentError(
      `split: ${what} must be [train, valid] or [train, valid, test], got ${describe(shares)}`,
    );
  }
  const whole = counts ? total : 1;
  for (const share of shares) {
    expectNumber(share, `split: each of the ${what}`, { min: 0, max: whole, integer: counts !== undefined });
  }
  const sum = shares.reduce((a, b) => a + b, 0);
  const wrong = shares.length === 3 ? Math.abs(sum - whole) > 1e-9 : sum > whole + 1e-9;
  if (wrong) {
    throw new ArgumentError(
      `split: the ${what} [${shares.join(", ")}] sum to ${sum}, but there ${counts ? `are ${total}` : "is 1"} to share`,
    );
  }
  // The tolerance makes 0.7 + 0.2 the same cut as 0.9; without it, rounding would take one thing away.
  const end = (share: number) => Math.min(total, counts ? share : Math.floor(share * total * (1 + 1e-12)));
  return [end(shares[0]), end(shares[0] + shares[1])];
}

/** A text in three parts, by code points or by lines. Every part of whole lines ends with a line break. */
export function splitText(text: string, options: SplitOptions & { by: "character" | "line" }): string[] {
  if (options.by === "character") {
    if (options.shuffle) throw new ArgumentError('split: only lines can be shuffled; use by: "line"');
    const total = countCodePoints(text);
    return cutAtCodePoints(text, [...splitEnds(total, options), total]);
  }
  expect.oneOf(options.by, ["character", "line"], "split: by");
  const lines = splitLines(text);
  if (lines.length === 0) throw new DataError("split: the text is empty; give at least one line");
  options.shuffle?.shuffle(lines);
  const [train, valid] = splitEnds(lines.length, options);
  const join = (part: readonly string[]) => part.map((line) => `${line}\n`).join("");
  return [join(lines.slice(0, train)), join(lines.slice(train, valid)), join(lines.slice(valid))];
}
