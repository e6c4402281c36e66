import { expectNumber, expectOptions } from "../errors.ts";
import type { StringSource } from "./source.ts";
import { phrases, templateSource } from "./template.ts";

/** Words of a class can all stand with each other; words of different classes never meet. */
const CLASSES: readonly { nouns: readonly string[]; verbs: readonly string[]; places: readonly string[] }[] =
  [
    {
      nouns: ["cat", "dog", "horse", "goat", "goose", "pony"],
      verbs: ["sleeps", "eats", "drinks", "hides", "rests", "plays"],
      places: ["in the barn", "in the garden", "by the pond"],
    },
    {
      nouns: ["teacher", "baker", "pilot", "nurse", "sailor", "tailor"],
      verbs: ["reads", "writes", "sings", "waits", "smiles", "talks"],
      places: ["in the kitchen", "at the table", "at the window"],
    },
    {
      nouns: ["bus", "train", "lorry", "tram", "van", "ferry"],
      verbs: ["stops", "starts", "turns", "slows", "halts", "departs"],
      places: ["at the station", "at the bridge", "by the harbour"],
    },
  ];
const SIZE = CLASSES[0].nouns.length;

/** Options of `combinations`. */
export interface CombinationsOptions {
  /** With how many of the 6 verbs of its class each noun is never seen in training, 1 to 4; default 2. */
  heldOut?: number;
}

/** Three sources over the same words. */
export interface Combinations {
  /** All sentences. Its optimal model is the one to compare with on either part. */
  readonly all: StringSource;
  /** Sentences for training, without the held-out pairs. */
  readonly train: StringSource;
  /** Sentences with a held-out pair. */
  readonly heldOut: StringSource;
  /** "cat hides" … */
  readonly pairs: readonly string[];
}

/**
 * "the cat sleeps in the barn ." where some pairs of noun and verb are held out, although each noun, each verb and each
 * class is seen in training: after Bengio et al. (2003), whose model generalises from "The cat is walking in the
 * bedroom" to "A dog was running in a room". A table of counts has nothing to say about a pair that it never met.
 */
export function combinations(options: CombinationsOptions = {}): Combinations {
  const { heldOut = 2 } = expectOptions(options, ["heldOut"], "combinations");
  expectNumber(heldOut, "combinations: heldOut", { integer: true, min: 1, max: SIZE - 2 });
  const nounOf = new Map(
    CLASSES.flatMap((words) => words.nouns.map((noun, row) => [noun, { words, row }] as const)),
  );
  const isHeldOut = (row: number, column: number) => (column - row + SIZE) % SIZE < heldOut;
  const source = (part: string, keep: (row: number, column: number) => boolean) =>
    templateSource({
      name: `combinations, ${part}`,
      about: "a noun, a verb and a place of one class",
      slots: [
        () => phrases("the", "a", "every", "my"),
        () => [...nounOf.keys()].map((noun) => ({ symbols: [noun], remember: noun })),
        (noun) => {
          const { words, row } = nounOf.get(noun)!;
          return phrases(...words.verbs.filter((_, column) => keep(row, column)));
        },
        (noun) => phrases(...nounOf.get(noun)!.words.places),
        () => phrases("."),
      ],
    });
  return {
    all: source("all", () => true),
    train: source("train", (row, column) => !isHeldOut(row, column)),
    heldOut: source("held out", isHeldOut),
    pairs: CLASSES.flatMap(({ nouns, verbs }) =>
      nouns.flatMap((noun, row) =>
        verbs.filter((_, column) => isHeldOut(row, column)).map((verb) => `${noun} ${verb}`),
      ),
    ),
  };
}
