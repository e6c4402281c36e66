import { expectNumber, expectOptions } from "../errors.ts";
import type { StringSource } from "./source.ts";
import { type Filling, phrases, templateSource } from "./template.ts";

/** Who starts the clock, and what the students then open: nothing between says it again. */
const CUES: readonly (readonly [cue: string, answer: string])[] = [
  ["proctor", "exams"],
  ["librarian", "books"],
  ["waiter", "menus"],
  ["conductor", "scores"],
  ["postman", "letters"],
  ["dentist", "mouths"],
  ["magician", "eyes"],
  ["guard", "bags"],
];

const CLAUSES = phrases(
  "while the rain fell ,",
  "after the bell rang ,",
  "when the door closed ,",
  "before the sun set ,",
);
const ADJECTIVES = phrases("young", "tired", "quiet", "patient");

/** "CUE started the clock , the students opened their ANSWER" */
const SHORTEST = 9;
/** Words of one clause. */
const CLAUSE = 5;

/** Options of `farCue`. */
export interface FarCueOptions {
  /** How many words after the cue its answer stands, at least 9; default 9, the sentence without anything between. */
  distance?: number;
  /** How many different cues, 2 to 8; default 4. */
  cues?: number;
}

/**
 * "As the proctor started the clock , the students opened their exams ." The cue tells the answer, and only the cue does;
 * clauses and adjectives drawn at random stand between, so that it is `distance` words away. Who forgets the cue pays
 * ln(cues) once in a sentence.
 */
export function farCue(options: FarCueOptions = {}): StringSource {
  const { distance = SHORTEST, cues = 4 } = expectOptions(options, ["distance", "cues"], "farCue");
  expectNumber(distance, "farCue: distance", { integer: true, min: SHORTEST, max: 1000 });
  expectNumber(cues, "farCue: cues", { integer: true, min: 2, max: CUES.length });
  const chosen = CUES.slice(0, cues);
  const between = distance - SHORTEST;
  const always = (text: string) => () => phrases(text);
  const times = (count: number, fillings: readonly Filling[]) =>
    Array.from({ length: count }, () => () => fillings);
  return templateSource({
    name: "far cue",
    about: `a word that only a cue ${distance} words before it tells`,
    slots: [
      always("As the"),
      () => chosen.map(([cue, answer]) => ({ symbols: [cue], remember: answer })),
      always("started the clock ,"),
      ...times(Math.floor(between / CLAUSE), CLAUSES),
      always("the"),
      ...times(between % CLAUSE, ADJECTIVES),
      always("students opened their"),
      (answer) => phrases(answer),
      always("."),
    ],
    forgetting: { "cue forgotten": () => "" },
  });
}
