import { ArgumentError, describe } from "../errors.ts";
import type { Exercise } from "./exercise.ts";
import { series } from "./exercises/index.ts";

const builtIn: ReadonlyMap<string, Exercise> = new Map(series.map((exercise) => [exercise.id, exercise]));
const own = new Map<string, Exercise>();

/**
 * Adds an exercise of a teacher's own; the same id again replaces it, so that its cell can be run again.
 * @throws {ArgumentError} for an id of the series, or for a literal with a part missing.
 */
export function defineExercise(exercise: Exercise): void {
  expectWhole(exercise);
  if (builtIn.has(exercise.id)) {
    throw new ArgumentError(
      `defineExercise: ${exercise.id} belongs to the series; take another id, such as "mine.1"`,
    );
  }
  own.set(exercise.id, exercise);
}

/** All exercises, those of the series first, in order. */
export function listExercises(): readonly Exercise[] {
  return [...builtIn.values(), ...own.values()];
}

/** @throws {ArgumentError} naming the exercises there are, for an unknown id. */
export function exerciseOf(id: string): Exercise {
  const found = builtIn.get(id) ?? own.get(id);
  if (found) return found;
  const near = listExercises().filter((one) => one.id.split(".")[0] === String(id).split(".")[0]);
  const known = (near.length > 0 ? near : listExercises()).map((one) => one.id).join(", ");
  throw new ArgumentError(`there is no exercise ${describe(id)}; there are ${known}`);
}

function expectWhole({ id, title, expected, mistakes, hints }: Exercise): void {
  if (!/^[\w-]+\.\d+$/.test(String(id))) {
    throw new ArgumentError(`defineExercise: id must look like "06.2" or "mine.1", got ${describe(id)}`);
  }
  if (typeof expected !== "function") {
    throw new ArgumentError(`defineExercise ${id}: expected must be a function that computes the answer`);
  }
  if (!title || !Array.isArray(mistakes) || !Array.isArray(hints)) {
    throw new ArgumentError(`defineExercise ${id}: title, mistakes and hints must be given`);
  }
}
