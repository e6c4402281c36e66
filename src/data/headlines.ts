import { ArgumentError } from "../errors.ts";
import { withArticle } from "./articles.ts";
import { combination, type Pair, PairTask } from "./pairs.ts";

const TIMES = [
  "on monday",
  "last night",
  "in the early morning",
  "after a long debate",
  "to the surprise of many",
];
const ACTORS = ["mayor", "captain", "school", "council", "museum", "harbour master", "library", "clockmaker"];
const PLACES = ["", "of hollin", "of the old town", "on the hill"];
/** Past, and present as headlines have it. */
const VERBS: readonly (readonly [past: string, present: string])[] = [
  ["opened", "opens"],
  ["sold", "sells"],
  ["repaired", "repairs"],
  ["found", "finds"],
  ["closed", "closes"],
];
const OBJECTS = ["new bridge", "old lighthouse", "stone tower", "empty market", "wooden pier", "iron gate"];
const ENDS = [
  "despite heavy rain",
  "in front of a small crowd",
  "after three years of work",
  "for the second time this year",
  "although money was short",
];

const LISTS = [TIMES, ACTORS, PLACES, VERBS, OBJECTS, ENDS] as const;
const SIZE = LISTS.reduce((product, list) => product * list.length, 1);

/**
 * Reports of one sentence → headlines: "last night the mayor of hollin opened a new bridge despite heavy rain" →
 * "mayor opens new bridge". What is kept is who did what to what; the tense changes.
 */
export function headlines(): PairTask {
  return new PairTask({
    name: "headlines",
    about: "a report of one sentence → its headline",
    size: SIZE,
    pair,
    solve,
  });
}

function pair(item: number): Pair {
  const [time, actor, place, verb, object, end] = combination(
    item,
    LISTS.map((list) => list.length),
  );
  const [past, present] = VERBS[verb];
  const words = [
    TIMES[time],
    "the",
    ACTORS[actor],
    PLACES[place],
    past,
    withArticle(OBJECTS[object]),
    ENDS[end],
  ];
  return {
    source: words.filter(Boolean).join(" "),
    target: `${ACTORS[actor]} ${present} ${OBJECTS[object]}`,
  };
}

function solve(source: string): string {
  const [actor] = ACTORS.filter((name) => source.includes(` the ${name} `));
  const verb = VERBS.find(([past]) => source.split(" ").includes(past));
  const [object] = OBJECTS.filter((name) => source.includes(` ${withArticle(name)} `));
  if (!actor || !verb || !object) throw new ArgumentError(`headlines: "${source}" is no report of this task`);
  return `${actor} ${verb[1]} ${object}`;
}
