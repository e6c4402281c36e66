import { ArgumentError } from "../errors.ts";
import { combination, type Pair, PairTask } from "./pairs.ts";

const VEHICLES = ["bus", "train", "ferry"];
const PLACES = ["hollin", "dalgol", "the island", "the market", "the museum", "the old mill"];
const HOURS = ["six", "seven", "eight", "nine", "ten", "eleven"];
const PRICES = ["two", "three", "four", "five"];

/** The facts that a model has to remember: made by a rule, so that no two rows or columns look alike. */
const hourOf = (vehicle: number, place: number): string =>
  HOURS[(5 * vehicle + 2 * place + (place > 2 ? 1 : 0)) % HOURS.length];
const priceOf = (vehicle: number, place: number): string =>
  PRICES[(3 * vehicle + place * place) % PRICES.length];

type Ask = (vehicle: string, place: string) => string;
const TIMES: readonly Ask[] = [
  (vehicle, place) => `when does the ${vehicle} to ${place} leave ?`,
  (vehicle, place) => `what time does the ${vehicle} go to ${place} ?`,
  (vehicle, place) => `i have to catch the ${vehicle} to ${place} .`,
  (vehicle, place) => `tell me when the ${vehicle} to ${place} goes , please .`,
];
const FARES: readonly Ask[] = [
  (vehicle, place) => `how much is the ${vehicle} to ${place} ?`,
  (vehicle, place) => `what does the ${vehicle} to ${place} cost ?`,
  (vehicle, place) => `one ticket for the ${vehicle} to ${place} , please .`,
];
const SMALL_TALK: readonly Pair[] = [
  { source: "hello .", target: "hello . where do you want to go ?" },
  { source: "good morning .", target: "good morning . where do you want to go ?" },
  { source: "thank you .", target: "you are welcome ." },
  { source: "thank you very much .", target: "you are welcome ." },
  { source: "goodbye .", target: "goodbye . have a good journey ." },
];

const ASKS = [...TIMES, ...FARES];
const SIZES = [VEHICLES.length, PLACES.length, ASKS.length];
const QUESTIONS = SIZES.reduce((product, size) => product * size, 1);

/**
 * A traveller at the counter of a station, one turn each: "when does the ferry to hollin leave ?" → "the ferry to hollin
 * leaves at ten ." The answers are facts (a timetable and fares), which the model must remember; who only matches words
 * answers the question of somebody else.
 */
export function dialogue(): PairTask {
  return new PairTask({
    name: "dialogue",
    about: "questions at a station → answers by its timetable",
    size: QUESTIONS + SMALL_TALK.length,
    pair,
    solve(source) {
      const known = (answers ??= new Map(
        Array.from({ length: QUESTIONS + SMALL_TALK.length }, (_, item) => pair(item)).map((one) => [
          one.source,
          one.target,
        ]),
      ));
      const target = known.get(source);
      if (target === undefined)
        throw new ArgumentError(
          `dialogue: "${source}" is nothing that is said in this task; use a source of one of its pairs`,
        );
      return target;
    },
  });
}

let answers: Map<string, string> | undefined;

function pair(item: number): Pair {
  if (item >= QUESTIONS) return SMALL_TALK[item - QUESTIONS];
  const [vehicle, place, ask] = combination(item, SIZES);
  const way = `the ${VEHICLES[vehicle]} to ${PLACES[place]}`;
  const isTime = ask < TIMES.length;
  return {
    source: ASKS[ask](VEHICLES[vehicle], PLACES[place]),
    target: isTime
      ? `${way} leaves at ${hourOf(vehicle, place)} .`
      : `${way} costs ${priceOf(vehicle, place)} coins .`,
  };
}
