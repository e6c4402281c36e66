import assert from "node:assert/strict";

type Class = abstract new (...args: never[]) => Error;

/** A bad call, the class of the error, and what the message must name. The call may give a promise. */
export type Refusal = [call: () => unknown, type: Class, names: RegExp];

/** How a message says what to do: what is wanted, what there is, or what to give, make or change. */
const REMEDY =
  /\b(must|need|needs|needed|use|using|give|make|put|take|try|choose|call|pass|convert|expected|did you mean|there (is|are)|known are|count to|save|load|read|fetch|leave|run|reduce|detach|compute|draw|say|in its place|at most|at least|out of range|such as|instead|outside|only|shorter|sum to|not both|refused|missing|unexpected|set|wants|belongs|looks like|which cannot|exclude each other|Commands|See --help|is of)\b|[≠]|does not (fit|broadcast)/i;

/** Takes what a bad call throws, now or later; undefined where it is accepted. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
}

/** What is wrong with the answer to a bad call; undefined if it is as it must be. */
async function problemOf([call, type, names]: Refusal): Promise<string | undefined> {
  const error = await thrownBy(call);
  if (!(error instanceof Error)) return "it is accepted";
  const { name, message } = error;
  if (!(error instanceof type)) return `it throws a ${name}: ${message}`;
  if (!names.test(message)) return `the message does not name ${names}: ${message}`;
  if (!REMEDY.test(message)) return `the message does not say what to do: ${message}`;
  return error.stack?.startsWith(`${name}: ${message}`) ? undefined : `the stack begins ${error.stack}`;
}

/** Holds every call of a table to its refusal, and says of all that fail what they did. */
export async function assertAllRefused(table: readonly Refusal[]): Promise<void> {
  const problems: string[] = [];
  for (const refusal of table) {
    const problem = await problemOf(refusal);
    if (problem !== undefined) problems.push(`${refusal[0]}\n  ${problem}`);
  }
  assert.equal(problems.join("\n"), "");
}

/** The library as it is met by someone who writes plain JavaScript, or whom the compiler did not stop. */
export interface Anything {
  (...args: unknown[]): Anything;
  // biome-ignore lint/suspicious/noMisleadingInstantiator: it stands for classes and for functions
  new (...args: unknown[]): Anything;
  [name: string]: Anything;
  [Symbol.iterator](): Iterator<never>;
}
