import { Tensor } from "../autograd/tensor.ts";
import { describe, formatShape } from "../errors.ts";
import type { Tolerance } from "./exercise.ts";

/** One comparable piece of an answer. */
export interface Entry {
  /** Where it was found, for people: `∂L/∂W[0,1]`. */
  readonly label: string;
  /** The label without indices: mistakes are made in parts, not in elements. */
  readonly part: string;
  /** Under which circumstances: "input 2: x = 0.31"; empty where there is only one. */
  readonly where: string;
  readonly value: Value;
}

export type Value = number | string | boolean | null | undefined;

/** Values that were obtained under different circumstances, as `onInputs` makes them. */
export class Cases {
  readonly cases: readonly { readonly where: string; readonly value: unknown }[];

  constructor(cases: readonly { where: string; value: unknown }[]) {
    this.cases = cases;
  }
}

/** What a function threw instead of answering. */
export class Thrown {
  /** Class and message: `ShapeError: reshape …`. */
  readonly what: string;

  constructor(error: unknown) {
    // An error that was made in a cell may be of another realm's Error.
    const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
    this.what = typeof message === "string" ? `${String(name ?? "Error")}: ${message}` : String(error);
  }
}

/** An answer in pieces, by a key that is the same for the same piece of another answer. */
export function entriesOf(answer: unknown): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const put = (where: string, part: string, index: string, value: Value): void => {
    const label = `${part === "" ? "the answer" : part}${index}`;
    entries.set(`${where}|${label}`, { label, part, where, value });
  };
  const visit = (value: unknown, where: string, part: string): void => {
    if (value instanceof Cases) {
      for (const one of value.cases) visit(one.value, one.where, part);
    } else if (value instanceof Thrown) {
      put(where, part, "", `an error: ${value.what}`);
    } else if (isLeaf(value)) {
      put(where, part, "", value);
    } else if (value instanceof Tensor) {
      putArray(value.shape, value.data, where, part);
      if (value.grad) visit(value.grad, where, `∂L/∂${part === "" ? "(the answer)" : part}`);
    } else if (ArrayBuffer.isView(value)) {
      const list = value as unknown as ArrayLike<number>;
      putArray([list.length], list, where, part);
    } else if (Array.isArray(value)) {
      const shape = shapeOf(value);
      if (shape) putArray(shape, value.flat(shape.length) as number[], where, part);
      else {
        put(where, part, ".length", value.length);
        value.forEach((item, i) => {
          visit(item, where, `${part}[${i}]`);
        });
      }
    } else if (value instanceof Set) {
      visit([...value].sort(), where, part);
    } else if (isRecord(value)) {
      const pairs = value instanceof Map ? [...value] : Object.entries(value);
      for (const [key, item] of pairs) visit(item, where, part === "" ? String(key) : `${part}.${key}`);
    } else {
      put(where, part, "", describe(value));
    }
  };
  const putArray = (shape: readonly number[], data: ArrayLike<number>, where: string, part: string): void => {
    if (shape.length > 0) put(where, part, ".shape", formatShape(shape));
    for (let i = 0; i < data.length; i++)
      put(where, part, shape.length > 0 ? formatShape(indexOf(i, shape)) : "", data[i]);
  };
  visit(answer, "", "");
  return entries;
}

/** The entries of `expected` that `got` lacks or has with another value, and those that it has in addition. */
export function differences(
  expected: ReadonlyMap<string, Entry>,
  got: ReadonlyMap<string, Entry>,
  tolerance: Tolerance = {},
): Difference[] {
  const found: Difference[] = [];
  for (const [key, entry] of expected) {
    const other = got.get(key);
    if (!other || !same(entry.value, other.value, tolerance)) {
      found.push({ ...entry, expected: entry.value, got: other?.value });
    }
  }
  for (const [key, entry] of got) {
    if (!expected.has(key)) found.push({ ...entry, expected: undefined, got: entry.value });
  }
  return found;
}

export interface Difference extends Omit<Entry, "value"> {
  readonly expected: Value;
  readonly got: Value;
}

/** Whether two answers are alike in one part, in every case. */
export function alikeIn(
  part: string,
  a: ReadonlyMap<string, Entry>,
  b: ReadonlyMap<string, Entry>,
  tolerance: Tolerance = {},
): boolean {
  const of = (entries: ReadonlyMap<string, Entry>) =>
    new Map([...entries].filter(([, entry]) => entry.part === part));
  return differences(of(a), of(b), tolerance).length === 0;
}

function same(expected: Value, got: Value, { rtol = 1e-4, atol = 1e-8 }: Tolerance): boolean {
  if (typeof expected !== "number" || typeof got !== "number") return expected === got;
  if (Object.is(expected, got) || expected === got) return true;
  return Number.isFinite(expected) && Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
}

function isLeaf(value: unknown): value is Value {
  return value === null || value === undefined || ["number", "string", "boolean"].includes(typeof value);
}

export function isRecord(value: unknown): value is object {
  if (value instanceof Map) return true;
  const prototype: unknown =
    typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  // An object that was made in a cell may have another realm's Object.
  return prototype === null || (prototype as object | undefined)?.constructor?.name === "Object";
}

/** The shape of nested lists of numbers, undefined where they are ragged or hold other things. */
export function shapeOf(list: readonly unknown[]): number[] | undefined {
  if (list.length > 0 && list.every((item) => typeof item === "number")) return [list.length];
  const inner = list.map((item) => (Array.isArray(item) ? shapeOf(item) : undefined));
  const [first] = inner;
  if (!first || !inner.every((shape) => shape !== undefined && `${shape}` === `${first}`)) return undefined;
  return [list.length, ...first];
}

function indexOf(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return shape
    .map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1))
    .map((inner) => {
      const i = Math.floor(rest / inner);
      rest -= i * inner;
      return i;
    });
}
