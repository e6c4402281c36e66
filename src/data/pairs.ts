import { ArgumentError, expectNumber } from "../errors.ts";
import * as expect from "../expect.ts";
import { Generator } from "../random.ts";
import { type MimeBundle, showAs } from "../show.ts";
import { formatCount, tableView } from "../text/table.ts";

/** A text and the text it is to be turned into. */
export interface Pair {
  readonly source: string;
  readonly target: string;
}

/** Pairs for training, validation and test; none occurs twice. */
export interface PairSplit {
  readonly train: readonly Pair[];
  readonly valid: readonly Pair[];
  readonly test: readonly Pair[];
}

/** How many items of each part. */
export interface PairCounts {
  train: number;
  valid: number;
  test?: number;
  generator: Generator;
}

/** What makes pairs: items 0 … size − 1, each written in one of several ways. */
export interface PairDefinition {
  readonly name: string;
  readonly about: string;
  readonly size: number;
  readonly pair: (item: number, generator: Generator) => Pair;
  readonly solve: (source: string) => string;
}

/**
 * A sequence-to-sequence task whose targets follow from the sources, so that the least loss, given the source, is 0 and
 * exact match can be 1.
 */
export class PairTask {
  readonly name: string;
  readonly about: string;
  /** How many different items there are. */
  readonly size: number;
  readonly #definition: PairDefinition;

  constructor(definition: PairDefinition) {
    this.#definition = definition;
    this.name = definition.name;
    this.about = definition.about;
    this.size = definition.size;
  }

  /** The pair of one item; the generator chooses among several ways to write it. */
  pair(item: number, generator: Generator): Pair {
    expectNumber(item, `${this.name}: item`, { integer: true, min: 0, below: this.size });
    return this.#definition.pair(item, generator);
  }

  /** Draws one pair, every item equally likely. */
  sample(generator: Generator): Pair {
    expect.generator(generator, `${this.name}.sample`);
    return this.pair(generator.int(this.size), generator);
  }

  /** The target of a source, by rule. @throws {ArgumentError} for a text that is no source of this task. */
  solve(source: string): string {
    return this.#definition.solve(source);
  }

  /** Parts without a common item. @throws {ArgumentError} if there are not so many items. */
  split({ train, valid, test = 0, generator }: PairCounts): PairSplit {
    expect.generator(generator, `${this.name}.split`);
    const counts = [train, valid, test];
    for (const count of counts)
      expectNumber(count, `${this.name}: pairs of a part`, { integer: true, min: 0 });
    const total = train + valid + test;
    if (total > this.size) {
      throw new ArgumentError(
        `${this.name}: ${total} pairs were asked for, but there are ${this.size} different items`,
      );
    }
    const chosen = distinct(total, this.size, generator);
    const part = (from: number, count: number) =>
      chosen.slice(from, from + count).map((item) => this.pair(item, generator));
    return { train: part(0, train), valid: part(train, valid), test: part(train + valid, test) };
  }
}

/** `count` different numbers below `size` in random order: the beginning of a shuffle, without making all of it. */
function distinct(count: number, size: number, generator: Generator): number[] {
  const moved = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const j = i + generator.int(size - i);
    const item = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    return item;
  });
}

/** Item 0 … ∏ sizes − 1 as one index for each list: every combination once. */
export function combination(item: number, sizes: readonly number[]): number[] {
  let rest = item;
  return sizes.map((size) => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return index;
  });
}

const SHOWN = 5;

showAs(PairTask, (task): MimeBundle => {
  const generator = new Generator("shown"); // the same pairs each time
  const rows = Array.from({ length: SHOWN }, () => task.sample(generator)).map(({ source, target }) => [
    source,
    target,
  ]);
  return tableView(
    `${task.name}: ${task.about}, ${formatCount(task.size)} different items, for example`,
    rows,
    ["source", "target"],
  );
});
