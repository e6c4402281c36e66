/** The exercises of the lectures: checking, hints, solutions, progress. See README.md, also for teachers. */
export { type CheckOptions, check, problemsOf } from "./check.ts";
export type { Exercise, Mistake, Tolerance } from "./exercise.ts";
export { Help, hint, solution } from "./help.ts";
export { type InputOptions, onInputs } from "./on-inputs.ts";
export {
  type ExerciseProgress,
  type Progress,
  type ProgressReport,
  progressFile,
  progressReport,
  readProgress,
} from "./progress.ts";
export { defineExercise, listExercises } from "./registry.ts";
export { hasCorpus, Reproduced, type Reproduction, reproduce } from "./reproduce.ts";
export { type Status, Verdict } from "./verdict.ts";
