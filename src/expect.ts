/** Checks at the borders of the library, used as `expect.type(…)`. Those of shapes and numbers are in errors.ts. */
import {
  ArgumentError,
  CheckpointError,
  describe,
  expectNumber,
  expectOptions,
  formatShape,
  IndexError,
  ShapeError,
} from "./errors.ts";
import { Generator } from "./random.ts";

/** Checks that a value is of a class. `remedy` says where one comes from. @throws {ArgumentError} naming all three. */
export function instance<T>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
  what: string,
  remedy: string,
): T {
  if (value instanceof type) return value;
  throw new ArgumentError(`${what} must be a ${type.name}, got ${describe(value)}: ${remedy}`);
}

type Wanted =
  | "a function"
  | "true or false"
  | "a text"
  | "a list"
  | "a Map"
  | "something to go through, such as a list"
  | "a Float32Array, Float64Array or Int32Array";

const TYPES: Readonly<Record<Wanted, (value: unknown) => boolean>> = {
  "a function": (value) => typeof value === "function",
  "true or false": (value) => typeof value === "boolean",
  "a text": (value) => typeof value === "string",
  "a list": (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
  "a Map": (value) => Object.prototype.toString.call(value) === "[object Map]",
  "something to go through, such as a list": (value) =>
    typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === "function",
  "a Float32Array, Float64Array or Int32Array": (value) =>
    value instanceof Float32Array || value instanceof Float64Array || value instanceof Int32Array,
};

/** Checks the type of a simple value. @throws {ArgumentError} naming what it is for, what it must be and what it is. */
export function type(value: unknown, wanted: Wanted, what: string): void {
  if (!TYPES[wanted](value)) throw new ArgumentError(`${what} must be ${wanted}, got ${describe(value)}`);
}

/** Checks that a value is one of a few. @throws {ArgumentError} naming them all and the value found. */
export function oneOf(value: unknown, choices: readonly string[], what: string): void {
  if (choices.includes(value as string)) return;
  const known = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new ArgumentError(`${what} must be ${known}, got ${describe(value)}`);
}

/** @throws {ArgumentError} for what is no list of so many parameters at least, such as a model or its stateDict(). */
export function parameters(value: unknown, who: string, least: number = 0): void {
  if (Array.isArray(value) && value.length >= least) return;
  const problem = Array.isArray(value)
    ? "a parameter list is empty"
    : `${describe(value)} is no list of parameters`;
  throw new ArgumentError(`${who}: ${problem}; give model.parameters()`);
}

/** Checks a source of chance. @throws {ArgumentError} naming who needs it. */
export function generator(value: unknown, who: string): Generator {
  return instance(value, Generator, `${who}: the generator`, "give new Generator(seed)");
}

/**
 * Checks what every layer is made with: its sizes, a generator, a dtype, and no options but these and its `own`. `layer` is
 * its name for the message.
 */
export function layer(
  name: string,
  sizes: Readonly<Record<string, number>>,
  options: { generator?: unknown; dtype?: unknown } | undefined,
  own: readonly string[] = [],
): void {
  for (const [size, n] of Object.entries(sizes))
    expectNumber(n, `nn.${name}: ${size}`, { integer: true, min: 1 });
  if (!(options?.generator instanceof Generator)) {
    const got = describe(options?.generator);
    throw new ArgumentError(`nn.${name}: needs { generator: new Generator(seed) } to draw from, got ${got}`);
  }
  expectOptions(options, ["generator", "dtype", ...own], `nn.${name}`);
  if (options.dtype !== undefined) oneOf(options.dtype, ["float32", "float64"], `nn.${name}: dtype`);
}

/** Checks that a recurrent layer got as many states as it has. */
export function states(value: readonly unknown[], count: number, who: string): void {
  type(value, "a list", `${who}: the state`);
  if (value.length === count) return;
  const wanted = count === 1 ? "1 tensor, got" : "2 tensors, got";
  throw new ArgumentError(
    `${who}: the state has ${wanted} ${value.length}; give ${count === 1 ? "h" : "[h, c]"}, or nothing for zeros`,
  );
}

/** Checks sizes of which there must be one at least. */
export function sizes(value: readonly number[], what: string): void {
  if (!Array.isArray(value) || value.length === 0) throw new ShapeError(`${what}: give at least one size`);
  for (const n of value) expectNumber(n, `${what}: a size`, { integer: true, min: 1 });
}

/** @throws {ShapeError} unless every size is a whole number ≥ 0. */
export function shape(value: readonly number[]): void {
  if (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)) return;
  const found = Array.isArray(value) ? formatShape(value) : describe(value);
  throw new ShapeError(`a shape must be a list of whole numbers ≥ 0, got ${found}`);
}

/** @throws {IndexError} naming the first id that is not in 0 … size − 1, and where it stands. */
export function inRange(value: ArrayLike<number>, size: number, what: string, ignored?: number): void {
  for (let i = 0; i < value.length; i++) {
    if (value[i] === ignored || (value[i] >= 0 && value[i] < size)) continue;
    throw new IndexError(`${what} ${value[i]} at position ${i} is out of range: must be 0 … ${size - 1}`);
  }
}

/** Checks the shapes of a linear layer: x [..., in], weight [out, in], bias [out]. */
export function linearShapes(
  x: readonly number[],
  weight: readonly number[],
  bias: readonly number[] = weight.slice(0, 1),
): void {
  if (weight.length !== 2 || bias.length !== 1 || x.at(-1) !== weight[1] || bias[0] !== weight[0]) {
    const found = [x, weight, bias].map(formatShape).join(", ");
    throw new ShapeError(`needs x [..., in], weight [out, in], bias [out], got ${found}`);
  }
}

/** Checks the true lengths of a right-padded batch of B sequences. @throws {ShapeError} unless there are B of them. */
export function lengths(value: readonly number[], T: number, B: number, who: string): void {
  type(value, "a list", `${who}: lengths`);
  if (value.length !== B)
    throw new ShapeError(`${who}: ${value.length} lengths for a batch of ${B}; give one for each`);
  for (const n of value) expectNumber(n, `${who}: a length`, { integer: true, min: 1, max: T });
}

/** More elements than any array has: a slip in a size must not become the engine's "Invalid typed array length". */
const MOST_ELEMENTS = 2 ** 32;

/** @throws {ShapeError} for more elements than any array has. */
export function possibleSize(elements: number): void {
  if (elements <= MOST_ELEMENTS) return;
  throw new ShapeError(
    `${elements} elements are more than fit into one array (${MOST_ELEMENTS}); use smaller sizes`,
  );
}

/**
 * Checks that the state of a schedule has the form of its memory.
 * @throws {CheckpointError} if it is another schedule's, or naming the first entry that cannot be.
 */
export function scheduleState(
  state: { name?: unknown; base?: unknown },
  memory: { name: string; base: readonly number[] },
  who: string,
): void {
  const groups = Array.isArray(state?.base) ? state.base.length : "no";
  if (state?.name !== memory.name || groups !== memory.base.length) {
    const found = `${describe(state?.name)} with ${groups} groups`;
    const own = state?.name === memory.name ? "" : `${describe(memory.name)} with `;
    throw new CheckpointError(`${who}: the state is of ${found}, not of ${own}${memory.base.length}`);
  }
  const isNumber = (n: unknown) => n === null || (Number.isFinite(n) && (n as number) >= 0);
  for (const [key, value] of Object.entries(state)) {
    if (Object.hasOwn(memory, key) && (key === "name" || [value].flat().every(isNumber))) continue;
    throw new CheckpointError(
      `${who}: the state's ${key} cannot be ${describe(value)}; use one that state() gave`,
    );
  }
}

/** Checks a row of ids. @throws {ArgumentError} naming the first that is no whole number ≥ 0. */
export function ids(value: ArrayLike<number>, what: string): void {
  if (value instanceof Int32Array) return;
  type(value, "a list", what);
  for (let i = 0; i < value.length; i++) {
    if (Number.isSafeInteger(value[i])) continue;
    throw new ArgumentError(`${what}: element ${i} is ${describe(value[i])}, an id must be a whole number`);
  }
}
