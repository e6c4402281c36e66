import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromData, type Tensor } from "./core.ts";

/** The two precisions of the library that every value is tested in. */
export const precisions = ["float32", "float64"] as const;
export type Precision = (typeof precisions)[number];

/** An array of a golden file; see README.md beside this file. */
export interface GoldenTensor {
  shape: number[];
  dtype: "f32" | "f64" | "i32" | "bool";
  /** Little-endian, row-major, for floats. */
  b64?: string;
  /** For integers. */
  data?: number[];
  /** How far PyTorch's own float32 run of the same computation was from the float64 reference. */
  e32?: number;
  grad?: boolean;
}

/** A number, or the name of one that JSON lacks. */
export type GoldenNumber = number | "NaN" | "Infinity" | "-Infinity";

/** The cases of one golden file. @throws if the file is not of the schema, or does not hold as many as it says. */
export function loadCases<T>(name: string): T[] {
  const file = JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), "utf8")) as {
    schema: string;
    count: number;
    cases: T[];
  };
  assert.equal(file.schema, "golden/1", name);
  assert.equal(file.cases.length, file.count, name);
  return file.cases;
}

/** The values of an array, all as doubles: float32, integers and bools are exact in them. */
export function valuesOf(t: GoldenTensor): Float64Array {
  const size = t.shape.reduce((product, n) => product * n, 1);
  let values: Float64Array;
  if (t.b64 === undefined) values = Float64Array.from(t.data ?? []);
  else {
    const bytes = Buffer.from(t.b64, "base64");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    values = new Float64Array(bytes.byteLength / (t.dtype === "f64" ? 8 : 4));
    for (let i = 0; i < values.length; i++) {
      values[i] = t.dtype === "f64" ? view.getFloat64(8 * i, true) : view.getFloat32(4 * i, true);
    }
  }
  assert.equal(values.length, size, `golden array of shape [${t.shape}]`);
  return values;
}

/** A golden array as a tensor: floats in the precision under test, integers and bools as int32. */
export function toTensor(t: GoldenTensor, precision: Precision, requiresGrad: boolean = false): Tensor {
  const values = valuesOf(t);
  if (t.dtype === "i32" || t.dtype === "bool") return fromData(Int32Array.from(values), t.shape);
  const data = precision === "float64" ? values : Float32Array.from(values);
  return fromData(data, t.shape, { requiresGrad });
}

/** How far a result may be from a reference r whose largest element is `max`, element by element. */
function allowed(r: number, max: number, reference: GoldenTensor, precision: Precision): number {
  if (reference.dtype === "i32" || reference.dtype === "bool") return 0;
  if (precision === "float64") return 1e-9 * Math.abs(r) + 1e-11 * Math.max(1, max);
  return 8 * (reference.e32 ?? 0) + 4e-6 * Math.abs(r) + 1e-6 * max + 5e-8;
}

/** What is wrong with a result, or null. NaN must meet NaN and an infinity the same infinity. */
export function difference(
  actual: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  reference: GoldenTensor,
  precision: Precision,
): string | null {
  if (`${actual.shape}` !== `${reference.shape}`) return `shape [${actual.shape}], not [${reference.shape}]`;
  const expected = valuesOf(reference);
  if (actual.data.length !== expected.length) return `${actual.data.length} values, not ${expected.length}`;
  const max = expected.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  for (let i = 0; i < expected.length; i++) {
    const a = actual.data[i];
    const r = precision === "float32" ? Math.fround(expected[i]) : expected[i];
    if (!Number.isFinite(r) || !Number.isFinite(a)) {
      if (Object.is(a, r)) continue;
      return `element ${i} is ${a}, not ${r}`;
    }
    const bound = allowed(expected[i], max, reference, precision);
    const off = Math.abs(a - expected[i]);
    if (!(off <= bound)) {
      return `element ${i} is ${a}, not ${expected[i]} (off by ${off.toExponential(2)}, allowed ${bound.toExponential(2)})`;
    }
  }
  return null;
}

/** Fails with `what` in the message unless the result equals the reference within the tolerance of the precision. */
export function assertClose(
  actual: { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | null | undefined,
  reference: GoldenTensor,
  precision: Precision,
  what: string,
): void {
  assert.ok(actual, `${what}: there is nothing to compare`);
  const problem = difference(actual, reference, precision);
  assert.equal(problem, null, `${what}, ${precision}: ${problem}`);
}

/** Fails unless |actual − expected| ≤ tolerance · max(1, |expected|). */
export function assertNumber(actual: number, expected: GoldenNumber, tolerance: number, what: string): void {
  const r = Number(expected);
  if (!Number.isFinite(r)) assert.ok(Object.is(actual, r), `${what}: ${actual}, not ${r}`);
  else {
    const off = Math.abs(actual - r);
    assert.ok(off <= tolerance * Math.max(1, Math.abs(r)), `${what}: ${actual}, not ${r} (off by ${off})`);
  }
}
