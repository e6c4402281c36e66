import { isList } from "./thin.ts";

/**
 * Plain JSON of anything a figure may hold: typed arrays become arrays, NaN and ±∞ become null (a gap in a curve),
 * fractions keep seven significant digits, as many as float32 has.
 */
export function plainJson(value: unknown): unknown {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return null;
    return Number.isInteger(value) ? value : Number(value.toPrecision(7));
  }
  if (typeof value === "bigint") return Number(value);
  if (isList(value)) return Array.from(value, (item) => plainJson(item) ?? null);
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  const plain: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const converted = plainJson(inner);
    if (converted !== undefined && key !== "__proto__") plain[key] = converted;
  }
  return plain;
}

/** `base` with the fields of `changes`; objects are merged field by field, everything else is replaced. */
export function merged(base: unknown, changes: unknown): unknown {
  if (!isObject(base) || !isObject(changes)) return changes;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (key !== "__proto__") result[key] = Object.hasOwn(base, key) ? merged(base[key], value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isList(value);
}
