import { Tensor } from "../autograd/tensor.ts";
import { describe, formatShape } from "../errors.ts";
import { Cases, isRecord, shapeOf, Thrown } from "./entries.ts";

/** Why an answer, or a part of it, cannot be compared with the expected one at all. */
export interface Obstacle {
  /** The part of the answer, as in `Entry`. */
  readonly part: string;
  readonly where: string;
  /** To be said instead of a difference: `expected a list of 3 numbers, got a text`. */
  readonly says: string;
  readonly threw: boolean;
}

/**
 * The first thing that stands in the way of comparing: an exception if there is one anywhere, else a promise or a
 * value of another kind.
 */
export function obstacleOf(expected: unknown, got: unknown): Obstacle | undefined {
  const found = [...obstacles(expected, got, "", "")];
  return found.find(({ threw }) => threw) ?? found[0];
}

function* obstacles(expected: unknown, got: unknown, part: string, where: string): Generator<Obstacle> {
  const obstacle = (says: string, threw: boolean = false): Obstacle => ({ part, where, says, threw });
  const called = where !== "";
  if (got instanceof Thrown) {
    yield obstacle(`your function threw: ${got.what}`, true);
  } else if (isPromise(got)) {
    yield obstacle(
      called
        ? "a Promise came back: your function must answer at once, so leave out `async`"
        : "got a Promise: write `await` before it",
    );
  } else if (expected instanceof Cases) {
    if (!(got instanceof Cases)) {
      yield obstacle(
        `expected ${isRecord(expected.cases[0]?.value) ? "functions" : "a function"}, got ${inWords(got)}`,
      );
      return;
    }
    for (const [i, one] of expected.cases.entries()) {
      yield* obstacles(one.value, got.cases[i]?.value, part, got.cases[i]?.where ?? "");
    }
  } else if (kindOf(expected) !== kindOf(got)) {
    // A part that is not there is a difference like any other.
    if (kindOf(got) === "nothing" && part !== "") return;
    const how = kindOf(got) === "nothing" && called ? " back: is a `return` missing?" : "";
    yield obstacle(`expected ${inWords(expected)}, got ${inWords(got)}${how}`);
  } else if (isRecord(expected)) {
    const parts = new Map(pairsOf(got as object));
    for (const [key, value] of pairsOf(expected)) {
      if (parts.has(key)) {
        yield* obstacles(value, parts.get(key), part === "" ? key : `${part}.${key}`, where);
      }
    }
  }
}

type Kind = "number" | "numbers" | "list" | "record" | "nothing" | (string & {});

/** Values of one kind can be compared piece by piece. */
function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return "nothing";
  if (value instanceof Tensor) return value.shape.length === 0 ? "number" : "numbers";
  if (ArrayBuffer.isView(value)) return "numbers";
  const list = listOf(value);
  if (list) return shapeOf(list) ? "numbers" : "list";
  return isRecord(value) ? "record" : typeof value;
}

/** What a value is, short enough for a message: `a list of 3 numbers`, `a record { h, c }`. */
export function inWords(value: unknown): string {
  if (value instanceof Cases) return inWords(() => undefined);
  if (value === null || value === undefined) return "nothing";
  if (value instanceof Tensor) return `a tensor ${formatShape(value.shape)}`;
  const list = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : listOf(value);
  if (list) return listInWords(list);
  if (isRecord(value)) return recordInWords(value);
  const words: Record<string, string> = {
    number: "a number",
    string: "a text",
    boolean: "true or false",
    function: "a function",
  };
  return words[typeof value] ?? describe(value);
}

function listInWords(list: readonly unknown[]): string {
  if (list.length === 0) return "an empty list";
  const shape = shapeOf(list);
  if (shape && shape.length > 1) return `lists of numbers of the shape ${formatShape(shape)}`;
  const type = list.every((item) => typeof item === typeof list[0]) ? typeof list[0] : "";
  const item = list.some(Array.isArray)
    ? "list"
    : ({ number: "number", string: "text" }[type as string] ?? "value");
  const uneven = item === "list" ? ", not all of one length or not all of numbers" : "";
  return `a list of ${list.length} ${item}${list.length === 1 ? "" : "s"}${uneven}`;
}

function recordInWords(record: object): string {
  const pairs = pairsOf(record);
  // With gradients a tensor is compared as such a record, which nobody was asked to make.
  const [first] = pairs;
  if (first?.[0] === "value" && first[1] instanceof Tensor) return inWords(first[1]);
  const names = pairs.map(([key]) => key);
  const shown = names.length > 6 ? `${names.slice(0, 6).join(", ")}, …` : names.join(", ");
  return names.length === 0 ? "an empty record" : `a record { ${shown} }`;
}

function pairsOf(record: object): [string, unknown][] {
  const pairs: [unknown, unknown][] = record instanceof Map ? [...record] : Object.entries(record);
  return pairs.map(([key, value]) => [String(key), value]);
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...value] : undefined;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
