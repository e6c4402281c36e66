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

/** An optional package that a command needs and that is not installed. */
export class MissingPackageError extends UnrolledError {
  constructor(packageName: string, purpose: string, install: string = packageName, options?: ErrorOptions) {
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
 */
export function expectShape(
  shape: readonly number[],
  expected: readonly (number | string)[],
  what: string,
): Record<string, number> {
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

/** A short, safe description of any value for a message. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (typeof value === "object" && value !== null) return `a ${value.constructor?.name ?? "object"}`;
  return String(value);
}
