import { writeFileAtomic } from "#platform";
import { DataError } from "../errors.ts";
import { exists, readText } from "../text/files.ts";
import { node } from "../text/node-modules.ts";
import { listExercises } from "./registry.ts";

/** What is kept of one exercise. Times are ISO 8601 in UTC. */
export interface ExerciseProgress {
  attempts: number;
  /** When it was first passed. */
  passed?: string;
  /** When it was last tried. */
  last?: string;
  /** How many hints were asked for. */
  hints?: number;
  /** When the solution was looked at. */
  solution?: string;
}

/** The learner's file. */
export interface Progress {
  version: 1;
  exercises: Record<string, ExerciseProgress>;
}

const PURPOSE = "Keeping the progress of exercises";

/**
 * Where the progress is kept: the file in `UNROLLED_PROGRESS`, else `progress.json` in the nearest folder `.unrolled`
 * at or above the working folder (JupyterLab's copies of the lectures lie in one, and git ignores it), else in a new
 * one in the working folder. Undefined where `UNROLLED_PROGRESS` is "off", or without files (in a browser).
 */
export function progressFile(): string | undefined {
  if (!globalThis.process?.getBuiltinModule) return undefined;
  const process = node("process", PURPOSE);
  const { join, dirname, resolve } = node("path", PURPOSE);
  const chosen = process.env["UNROLLED_PROGRESS"];
  if (chosen === "off") return undefined;
  if (chosen) return resolve(chosen);
  const start = process.cwd();
  for (let folder = start, above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    if (exists(join(folder, ".unrolled"))) return join(folder, ".unrolled", "progress.json");
  }
  return join(start, ".unrolled", "progress.json");
}

/**
 * What was reached in the exercises; nothing where there is no file yet.
 * @throws {DataError} naming the file, if it is not a progress file.
 */
export function readProgress(file: string | undefined = progressFile()): Progress {
  if (file === undefined || !exists(file)) return { version: 1, exercises: {} };
  let found: Partial<Progress> | null;
  try {
    found = JSON.parse(readText(file)) as Partial<Progress> | null;
  } catch (cause) {
    throw new DataError(`${file}: not a progress file: ${(cause as Error).message}`, { cause });
  }
  if (found?.version !== 1 || typeof found.exercises !== "object" || found.exercises === null) {
    throw new DataError(`${file}: not a progress file of version 1; move it away to begin a new one`);
  }
  return found as Progress;
}

export interface ProgressEvent {
  attempt?: "passed" | "wrong";
  hint?: number;
  solution?: true;
}

/**
 * Enters what happened. The file is read anew each time, because several notebooks write to it.
 * @returns a note for the learner if it could not be saved: an exercise does not fail because a disk is full.
 */
export function record(id: string, event: ProgressEvent): string | undefined {
  try {
    const file = progressFile();
    if (file === undefined) return undefined;
    const progress = readProgress(file);
    const now = new Date().toISOString();
    const before = progress.exercises[id] ?? { attempts: 0 };
    const after: ExerciseProgress = { ...before };
    if (event.attempt) {
      after.attempts++;
      after.last = now;
    }
    if (event.attempt === "passed") after.passed ??= now;
    if (event.hint !== undefined) after.hints = Math.max(event.hint, before.hints ?? 0);
    if (event.solution) after.solution ??= now;
    progress.exercises[id] = after;
    node("fs", PURPOSE).mkdirSync(node("path", PURPOSE).dirname(file), { recursive: true });
    writeFileAtomic(file, `${JSON.stringify(progress, null, 1)}\n`);
    return undefined;
  } catch (error) {
    return `Your progress was not saved: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One learner's results, for a table or a mark. */
export interface ProgressReport {
  /** The file that was read. */
  file: string;
  passed: number;
  of: number;
  exercises: ({ id: string; title: string } & ExerciseProgress)[];
}

/**
 * The results of one learner or of many, exercise by exercise, those not tried included.
 * @param files the learners' `progress.json`; default one's own.
 * @throws {DataError} for a file that is missing or not a progress file.
 */
export function progressReport(files?: readonly string[]): ProgressReport[] {
  const mine = progressFile();
  return (files ?? (mine === undefined ? [] : [mine])).map((file) => {
    if (files && !exists(file)) throw new DataError(`${file}: no such file`);
    const { exercises } = readProgress(file);
    const known = listExercises();
    const titles = new Map(known.map(({ id, title }) => [id, title]));
    // A teacher's own exercises are known only where they were defined; their results count all the same.
    const ids = [...new Set([...titles.keys(), ...Object.keys(exercises)])];
    const rows = ids.map((id) => ({
      id,
      title: titles.get(id) ?? "",
      ...(exercises[id] ?? { attempts: 0 }),
    }));
    return {
      file,
      passed: rows.filter(({ passed }) => passed !== undefined).length,
      of: rows.length,
      exercises: rows,
    };
  });
}
