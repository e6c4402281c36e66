import { allStrings } from "./enumerate.ts";
import type { StringSource } from "./source.ts";
import { type Filling, templateSource } from "./template.ts";

/** Two authors who say the same things with other habits. */
export interface Authors {
  readonly first: StringSource;
  readonly second: StringSource;
  /**
   * How often the author of one sentence can be told at best, both equally likely: Σ max(P₁, P₂) / 2 over all sentences.
   * The rule that reaches it is the sign of ln P₁ − ln P₂.
   */
  readonly accuracy: number;
}

/** How much more an author likes the first or the second way of each pair. */
const HABIT = 2;

const WAYS: readonly (readonly [first: string, second: string])[][] = [
  [["and then", "after that"]],
  [["the old", "the ancient"]],
  [
    ["captain", "skipper"],
    ["sailor", "seaman"],
  ],
  [
    ["walked", "wandered"],
    ["looked", "gazed"],
  ],
  [
    ["slowly", "without haste"],
    ["again", "once more"],
  ],
  [["to the", "towards the"]],
  [
    ["sea", "ocean"],
    ["boat", "vessel"],
    ["shore", "coast"],
  ],
  [[".", ", it is said ."]],
];

/**
 * Author identification where the best possible answer is known: two sources of sentences of the same words, in which one
 * author prefers the plain way to say something and the other the elaborate one, two to one.
 */
export function authors(): Authors {
  const source = (name: string, plain: number, elaborate: number) =>
    templateSource({
      name,
      about: "sentences of one author",
      slots: WAYS.map(
        (ways) => () =>
          ways.flatMap(([first, second]): Filling[] => [
            { symbols: first.split(" "), weight: plain },
            { symbols: second.split(" "), weight: elaborate },
          ]),
      ),
    });
  const [first, second] = [source("first author", HABIT, 1), source("second author", 1, HABIT)];
  const other = new Map([...allStrings(second)].map(([words, p]) => [words.join(" "), p]));
  let accuracy = 0;
  for (const [words, p] of allStrings(first)) accuracy += Math.max(p, other.get(words.join(" ")) ?? 0) / 2;
  return { first, second, accuracy };
}
