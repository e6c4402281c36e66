import { ArgumentError, describe, ShapeError } from "../errors.ts";
import { isList } from "./thin.ts";
import type { Matrix, Vector } from "./types.ts";

/** The numbers of a vector. @throws {ArgumentError} naming `what` if there is something else in it. */
export function numbersOf(vector: Vector, what: string): number[] {
  const list = unwrapped(vector);
  if (!isList(list)) throw new ArgumentError(`${what} must be a list of numbers, got ${describe(vector)}`);
  return Array.from(list, (item, i) => {
    const value = typeof item === "bigint" ? Number(item) : item;
    if (typeof value !== "number") {
      throw new ArgumentError(`${what} must hold numbers only, its entry ${i} is ${describe(item)}`);
    }
    return value;
  });
}

/** The rows of a matrix, copied. @throws {ShapeError} unless all rows are equally long and there is at least one number. */
export function rowsOf(matrix: Matrix, what: string): number[][] {
  const list = unwrapped(matrix);
  if (!isList(list)) throw new ArgumentError(`${what} must be rows of numbers, got ${describe(matrix)}`);
  const rows = Array.from(list, (row, i) => numbersOf(row as Vector, `${what}, row ${i},`));
  const columns = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== columns);
  if (odd >= 0) {
    throw new ShapeError(
      `${what}: row ${odd} has ${rows[odd].length} entries, row 0 has ${columns}; all need as many`,
    );
  }
  if (columns === 0)
    throw new ShapeError(`${what} is empty: it has ${rows.length} rows of ${columns} entries`);
  return rows;
}

/** @throws {ShapeError} naming both sizes. */
export function expectLength(found: number, expected: number, what: string, of: string): void {
  if (found !== expected) {
    throw new ShapeError(`${what}: ${found} given for ${expected} ${of} (${found} ≠ ${expected})`);
  }
}

/** The finite numbers' smallest and largest, undefined if there are none. Safe for any length. */
export function extent(values: Iterable<number>): [low: number, high: number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

function unwrapped(value: unknown): unknown {
  const convertible = value as { toArray?: unknown } | null;
  if (isList(value) || typeof convertible?.toArray !== "function") return value;
  return convertible.toArray();
}
