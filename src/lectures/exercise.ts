/** A wrong answer that is worth naming, given by the answer itself, so that it can be recognised and tested. */
export interface Mistake {
  /** The answer of someone who makes this mistake. */
  wrong: () => unknown;
  /** What was done, as said to the learner: "you divided by i". */
  says: string;
}

/** How far a number may lie from the expected one: |got − expected| ≤ atol + rtol · |expected|. */
export interface Tolerance {
  rtol?: number;
  atol?: number;
}

/**
 * An exercise in one literal. Answers are numbers, texts, truth values, lists, tensors (a gradient that the expected one
 * has is compared too), records and maps of these, or anything from which `probe` makes such a value.
 *
 * @example
 * defineExercise({
 *   id: "02.1",
 *   title: "Perplexity of three words",
 *   expected: () => 8 ** (1 / 3),
 *   mistakes: [{ wrong: () => Math.sqrt(8), says: "you took the square root, not the T-th root" }],
 *   hints: ["Multiply the probabilities first.", "There are T = 3 of them: take the third root."],
 * });
 */
export interface Exercise {
  /** Lecture and number: "06.2". A teacher's own: any word, a point and a number, such as "mine.1". */
  id: string;
  title: string;
  /** The right answer, computed anew each time. */
  expected: () => unknown;
  /** What is compared, made from an answer: `onInputs` calls it on inputs. Without it the answer itself. */
  probe?: (answer: unknown) => unknown;
  /** Default rtol 1e-4, atol 1e-8: an answer may be typed in with five digits. */
  tolerance?: Tolerance;
  mistakes: readonly Mistake[];
  /** From a push in the right direction to nearly the answer. */
  hints: readonly string[];
}
