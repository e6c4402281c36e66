/**
 * Every error this library throws on purpose. Messages name the operation and the thing, print both shapes
 * or the line, and say what to do.
 */

/** Base class: `error instanceof UnrolledError` tells the library's own refusals from bugs. */
export class UnrolledError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** Two shapes that do not fit together, or a shape that does not fit the operation. */
export class ShapeError extends UnrolledError {}

/** An index, id or dimension outside its range. */
export class IndexError extends UnrolledError {}

/** An argument or option with a value that has no meaning here. */
export class ArgumentError extends UnrolledError {}

/** A misuse of the graph: backward through a released graph, a gradient of an integer tensor, … */
export class AutogradError extends UnrolledError {}

/** Text or a corpus that cannot be used: not UTF-8, empty, too short. */
export class DataError extends UnrolledError {}

/** A training that cannot go on: the loss or the gradient is NaN or infinite. */
export class TrainingError extends UnrolledError {}

/** A checkpoint or state that is malformed or belongs to something else. */
export class CheckpointError extends UnrolledError {}

/** What to give `npm install` for each optional package. A test holds this to package.json. */
export const INSTALLABLE: Readonly<Record<string, string>> = {
  "@napi-rs/canvas": "@napi-rs/canvas@1",
  "danfojs-node": "danfojs-node@1",
  jsdom: "jsdom@26",
  koffi: "koffi@3",
  // The bundle alone, under the name that is looked for: plotly.js itself brings hundreds of packages.
  "plotly.js": "plotly.js@npm:plotly.js-dist-min@4",
  tslab: "tslab@1.0.22",
  ws: "ws@8",
  zeromq: "zeromq@6",
};

/** An optional package that a command needs and that is not installed. */
export class MissingPackageError extends UnrolledError {
  constructor(packageName: string, purpose: string, options?: ErrorOptions) {
    const install = INSTALLABLE[packageName] ?? packageName;
    super(
      `${purpose} needs the package "${packageName}", which is not installed. Run: npm install ${install}`,
      options,
    );
  }
}

/** `[2, 3]` → `"[2,3]"`, as shapes are printed in every message. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(",")}]`;
}

/**
 * Checks a shape at a border of the library. Letters stand for sizes that are free but must agree,
 * numbers must match exactly.
 *
 * @example expectShape(x.shape, ["T", "B", 64], "nn.LSTM input") // { T: 35, B: 20 }
 * @throws {ShapeError} naming `what`, the expected and the found shape.
 * @throws {ArgumentError} for the shape of something that is no tensor.
 */
export function expectShape(
  shape: readonly number[],
  expected: readonly (number | string)[],
  what: string,
): Record<string, number> {
  if (!Array.isArray(shape)) {
    throw new ArgumentError(
      `${what} must be a tensor of shape ${formatShape(expected)}: make one with tensor(…) or ids(…)`,
    );
  }
  const sizes: Record<string, number> = {};
  const fits =
    shape.length === expected.length &&
    expected.every((want, i) => {
      if (typeof want === "number") return want === shape[i];
      sizes[want] ??= shape[i];
      return sizes[want] === shape[i];
    });
  if (!fits) {
    throw new ShapeError(`${what}: expected shape ${formatShape(expected)}, got ${formatShape(shape)}`);
  }
  return sizes;
}

/** Checks a number option. @throws {ArgumentError} naming the option, the rule and the value found. */
export function expectNumber(
  value: number,
  what: string,
  rule: { min?: number; max?: number; above?: number; below?: number; integer?: boolean } = {},
): number {
  const wants: string[] = [rule.integer ? "a whole number" : "a finite number"];
  if (rule.min !== undefined) wants.push(`≥ ${rule.min}`);
  if (rule.above !== undefined) wants.push(`> ${rule.above}`);
  if (rule.max !== undefined) wants.push(`≤ ${rule.max}`);
  if (rule.below !== undefined) wants.push(`< ${rule.below}`);
  const ok =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!rule.integer || Number.isSafeInteger(value)) &&
    value >= (rule.min ?? -Infinity) &&
    value > (rule.above ?? -Infinity) &&
    value <= (rule.max ?? Infinity) &&
    value < (rule.below ?? Infinity);
  if (!ok) throw new ArgumentError(`${what} must be ${wants.join(" and ")}, got ${describe(value)}`);
  return value;
}

/**
 * Refuses options that do not exist, as a slip of the finger makes them in plain JavaScript. One that is undefined was
 * not given.
 * @throws {ArgumentError} naming the first, and the known one that is nearest to it, or all that there are; and for
 * something that is no object of options.
 */
export function expectOptions<T extends object>(given: T, known: readonly string[], what: string): T {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ArgumentError(
      `${what}: give the options as an object { ${known.join(", ")} }, got ${describe(given)}`,
    );
  }
  const odd = Object.keys(given).find(
    (name) => !known.includes(name) && (given as Record<string, unknown>)[name] !== undefined,
  );
  if (odd === undefined) return given;
  const near = nearest(odd, known);
  const help = near === undefined ? `there are ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new ArgumentError(`${what}: there is no option "${odd}"; ${help}`);
}

/**
 * The name that was probably meant: one or two slips of the finger away, else one whose beginning is at most one away
 * ("hiden" for "hiddenSize"), whatever the case of the letters.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const found = names.map((one) => ({ one, ...distances(name.toLowerCase(), one.toLowerCase()) }));
  const [best] = found.sort((a, b) => a.whole - b.whole);
  if (best && best.whole <= Math.min(2, name.length / 2)) return best.one;
  const [begun] = found.sort((a, b) => a.beginning - b.beginning);
  return begun && name.length >= 4 && begun.beginning <= 1 ? begun.one : undefined;
}

/** Levenshtein's distance (insertions, deletions and replacements) to b, and the least to any beginning of it. */
function distances(a: string, b: string): { whole: number; beginning: number } {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return { whole: row[b.length], beginning: Math.min(...row) };
}

/** A short, safe description of any value for a message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (typeof value === "object" && value !== null) return `a ${value.constructor?.name ?? "object"}`;
  return String(value);
}
