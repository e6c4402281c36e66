import { alikeIn, type Difference, differences, type Entry, entriesOf } from "./entries.ts";
import type { Exercise } from "./exercise.ts";
import { type Obstacle, obstacleOf } from "./obstacle.ts";
import { record } from "./progress.ts";
import { exerciseOf } from "./registry.ts";
import { Verdict } from "./verdict.ts";

/** Options of `check`. */
export interface CheckOptions {
  /** Whether the result is entered in the learner's progress; default true. Solutions check themselves without. */
  record?: boolean;
}

/**
 * Compares an answer with the expected one, values and gradients, and says what differs; for a known mistake also what
 * was done wrong. `null` and `undefined` stand for "not answered yet".
 *
 * @example check("02.1", perplexity)   // ✓ 02.1 Perplexity of a text
 * @throws {ArgumentError} for an unknown id.
 */
export function check(id: string, answer: unknown, { record: keep = true }: CheckOptions = {}): Verdict {
  const verdict = judge(exerciseOf(id), answer);
  if (!keep || verdict.status === "unanswered") return verdict;
  const note = record(id, { attempt: verdict.passed ? "passed" : "wrong" });
  return note === undefined ? verdict : new Verdict({ ...verdict, note });
}

/** What `check` says, without keeping it. */
export function judge(exercise: Exercise, answer: unknown): Verdict {
  const { id, title, tolerance, mistakes } = exercise;
  const none = { id, title, difference: undefined, wrong: 0, of: 0, cause: undefined, note: undefined };
  const plain = { instead: undefined, isOneNumber: false };
  if (answer === undefined || answer === null)
    return new Verdict({ ...none, ...plain, status: "unanswered" });

  const probed = (value: unknown): unknown => exercise.probe?.(value) ?? value;
  const piecesOf = (value: unknown): Map<string, Entry> => entriesOf(probed(value));
  const [wanted, found] = [probed(exercise.expected()), probed(answer)];
  const expected = entriesOf(wanted);
  const got = entriesOf(found);
  const wrong = differences(expected, got, tolerance);
  if (wrong.length === 0) return new Verdict({ ...none, ...plain, status: "passed", of: expected.size });

  // A mistake that explains the whole answer comes before one that explains only its first wrong part. That a part is 0
  // is no trace of any: where nothing has arrived, many things may be wrong.
  const [difference] = wrong;
  const isZero = [...got.values()].every(({ part, value }) => part !== difference.part || value === 0);
  const planted = mistakes.map(({ wrong: make, says }) => ({ says, pieces: piecesOf(make()) }));
  const made =
    planted.find(({ pieces }) => differences(pieces, got, tolerance).length === 0) ??
    planted.find(
      ({ pieces }) =>
        !isZero &&
        alikeIn(difference.part, pieces, got, tolerance) &&
        !alikeIn(difference.part, pieces, expected, tolerance),
    );
  const count = { wrong: wrong.length, of: Math.max(expected.size, wrong.length) };
  const instead = insteadOf(difference, obstacleOf(wanted, found));
  const isOneNumber = typeof wanted === "number"; // which must not be handed out at the first wrong try
  return new Verdict({
    ...none,
    ...count,
    status: "wrong",
    difference,
    instead,
    isOneNumber,
    cause: made?.says,
  });
}

/** An obstacle if it lies where the first difference is; an exception wherever it is. */
function insteadOf(difference: Difference, obstacle: Obstacle | undefined): Obstacle | undefined {
  if (!obstacle || obstacle.threw) return obstacle;
  const { part, where } = obstacle;
  const within = part === "" || `${difference.part}.`.startsWith(`${part}.`);
  // What is no function at all was tried on no input.
  return within && (where === "" || where === difference.where) ? obstacle : undefined;
}

/**
 * What is not right about an exercise: its own answer fails, a listed mistake passes or is not recognised, or two of
 * them cannot be told apart. Empty for a good one.
 */
export function problemsOf(exercise: Exercise): string[] {
  const problems: string[] = [];
  const { id } = exercise;
  const own = judge(exercise, exercise.expected());
  const pieces = entriesOf(exercise.probe?.(exercise.expected()) ?? exercise.expected());
  for (const { label, value } of pieces.values()) {
    if (typeof value === "string" && value.startsWith("an error: "))
      problems.push(`${id}: ${label} is ${value}`);
  }
  if (!own.passed) problems.push(`${id}: the expected answer fails: ${own.message}`);
  for (const { wrong, says } of exercise.mistakes) {
    const verdict = judge(exercise, wrong());
    if (verdict.status !== "wrong") problems.push(`${id}: the mistake "${says}" is ${verdict.status}`);
    else if (verdict.cause !== says) {
      problems.push(
        `${id}: the mistake "${says}" is taken for ${verdict.cause ? `"${verdict.cause}"` : "an unknown one"}: ${verdict.message}`,
      );
    }
  }
  if (exercise.hints.length === 0) problems.push(`${id}: there is no hint`);
  return problems;
}
