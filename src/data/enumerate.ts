import { ArgumentError } from "../errors.ts";
import type { StringSource } from "./source.ts";

const MOST_STRINGS = 1_000_000;
const LONGEST = 1000;

/**
 * All strings of a source with finitely many, each with its probability.
 * @throws {ArgumentError} once there are more than a million, or as many begun that have not ended.
 */
export function* allStrings(
  source: StringSource,
): Generator<readonly [symbols: readonly string[], p: number]> {
  const { given, start } = source.definition;
  const open: [symbols: string[], p: number, state: string][] = [
    [given === undefined ? [] : [given], 1, start],
  ];
  for (let found = 0; open.length > 0; ) {
    const [before, weight, state] = open.pop()!;
    for (const { symbol, p, to } of source.arcs(state)) {
      const symbols = [...before, symbol];
      if (to !== null) open.push([symbols, weight * p, to]);
      else if (++found <= MOST_STRINGS) yield [symbols, weight * p];
      // A source without end goes deeper and deeper: its strings are not found, they are only begun.
      if (found > MOST_STRINGS || symbols.length > LONGEST) {
        const why = found > MOST_STRINGS ? `more than ${MOST_STRINGS} strings` : "strings without end";
        throw new ArgumentError(
          `${source.name}: it has ${why}, which cannot be listed; draw from it with sample`,
        );
      }
    }
  }
}
