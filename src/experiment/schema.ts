import { ArgumentError, describe, nearest } from "../errors.ts";

/** What a field of a configuration may hold. One table serves the check, the messages and the published JSON Schema. */
export type Field =
  | { type: "string"; says: string }
  | { type: "boolean"; says: string }
  | {
      type: "number";
      says: string;
      integer?: true;
      min?: number;
      above?: number;
      max?: number;
      nullable?: true;
    }
  | { type: "choice"; says: string; of: readonly (string | number)[] }
  | { type: "list"; says: string; item: Field }
  | { type: "object"; says: string; fields: Fields; required?: readonly string[] }
  /** The first form that fits by its JSON type. */
  | { type: "either"; says: string; forms: readonly Field[] }
  /** An object whose field `by` names which fields the others are. */
  | {
      type: "variants";
      says: string;
      by: string;
      variants: Readonly<Record<string, Fields>>;
      /** Of every variant, and of one. */
      required?: readonly string[];
      requiredOf?: Readonly<Record<string, readonly string[]>>;
    };

export type Fields = Readonly<Record<string, Field>>;

/** @throws {ArgumentError} naming the first place that does not fit, what it must be, and what was found. */
export function check(value: unknown, field: Field, at: string): void {
  const refuse = (want: string): never => {
    throw new ArgumentError(`${at} must be ${want}, got ${describe(value)}`);
  };
  switch (field.type) {
    case "string":
      if (typeof value !== "string" || value === "") refuse("a text, not empty");
      return;
    case "boolean":
      if (typeof value !== "boolean") refuse("true or false");
      return;
    case "number":
      if (!(field.nullable && value === null) && !fits(value, field)) refuse(rangeOf(field));
      return;
    case "choice":
      if (!field.of.includes(value as string)) refuse(listed(field.of));
      return;
    case "list":
      if (!Array.isArray(value)) refuse("a list");
      for (const [i, item] of (value as unknown[]).entries()) check(item, field.item, `${at}[${i}]`);
      return;
    case "object":
      checkFields(value, field.fields, field.required ?? [], at);
      return;
    case "either": {
      const form = field.forms.find((one) => jsonType(one) === typeOf(value));
      if (form) check(value, form, at);
      else refuse(field.forms.map((one) => `a ${jsonType(one)}`).join(" or "));
      return;
    }
    case "variants": {
      if (!isRecord(value)) refuse("an object");
      const which = (value as Record<string, unknown>)[field.by];
      const names = Object.keys(field.variants);
      if (typeof which !== "string" || !names.includes(which)) {
        const found = which === undefined ? "is missing" : `is ${describe(which)}`;
        throw new ArgumentError(`${at}.${field.by} ${found}; use ${listed(names)}`);
      }
      const by: Field = { type: "string", says: "" };
      const required = [...(field.required ?? []), ...(field.requiredOf?.[which] ?? [])];
      checkFields(value, { [field.by]: by, ...field.variants[which] }, required, at);
    }
  }
}

function checkFields(value: unknown, fields: Fields, required: readonly string[], at: string): void {
  if (!isRecord(value)) throw new ArgumentError(`${at} must be an object, got ${describe(value)}`);
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new ArgumentError(`${at}.${missing} is missing: ${fields[missing].says}`);
  for (const [name, item] of Object.entries(value)) {
    if (!Object.hasOwn(fields, name)) {
      const near = nearest(name, Object.keys(fields));
      const help = near ? `did you mean "${near}"?` : `there are ${Object.keys(fields).join(", ")}`;
      throw new ArgumentError(`${at} has no option "${name}"; ${help}`);
    }
    check(item, fields[name], at === "" ? name : `${at}.${name}`);
  }
}

type NumberField = Extract<Field, { type: "number" }>;

function fits(
  value: unknown,
  { integer, min = -Infinity, above = -Infinity, max = Infinity }: NumberField,
): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return value >= min && value > above && value <= max && (!integer || Number.isSafeInteger(value));
}

function rangeOf({ integer, min, above, max, nullable }: NumberField): string {
  const parts = [integer ? "a whole number" : "a number"];
  if (min !== undefined) parts.push(`≥ ${min}`);
  if (above !== undefined) parts.push(`> ${above}`);
  if (max !== undefined) parts.push(`≤ ${max}`);
  return `${parts.join(" ")}${nullable ? " or null" : ""}`;
}

function listed(names: readonly (string | number)[]): string {
  return names.map((name) => JSON.stringify(name)).join(" or ");
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

function jsonType(field: Field): string {
  if (field.type === "choice") return typeof field.of[0];
  if (field.type === "list") return "array";
  return field.type === "either" || field.type === "variants" ? "object" : field.type;
}

/** The same table as JSON Schema (2020-12), for editors. */
export function toJsonSchema(field: Field): Record<string, unknown> {
  const description = field.says === "" ? {} : { description: field.says };
  switch (field.type) {
    case "string":
      return { ...description, type: "string", minLength: 1 };
    case "boolean":
      return { ...description, type: "boolean" };
    case "number":
      return {
        ...description,
        type: field.nullable ? [numberType(field), "null"] : numberType(field),
        ...(field.min === undefined ? {} : { minimum: field.min }),
        ...(field.above === undefined ? {} : { exclusiveMinimum: field.above }),
        ...(field.max === undefined ? {} : { maximum: field.max }),
      };
    case "choice":
      return { ...description, enum: [...field.of] };
    case "list":
      return { ...description, type: "array", items: toJsonSchema(field.item) };
    case "object":
      return { ...description, ...objectSchema(field.fields, field.required ?? []) };
    case "either":
      return { ...description, anyOf: field.forms.map(toJsonSchema) };
    case "variants":
      return {
        ...description,
        oneOf: Object.entries(field.variants).map(([name, fields]) => {
          const required = [field.by, ...(field.required ?? []), ...(field.requiredOf?.[name] ?? [])];
          const { properties, ...rest } = objectSchema(fields, required);
          return { ...rest, properties: { [field.by]: { const: name }, ...(properties as object) } };
        }),
      };
  }
}

const numberType = ({ integer }: NumberField) => (integer ? "integer" : "number");

function objectSchema(fields: Fields, required: readonly string[]): Record<string, unknown> {
  const properties = Object.entries(fields).map(([name, field]) => [name, toJsonSchema(field)]);
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 ? { required: [...required] } : {}),
    properties: Object.fromEntries(properties),
  };
}
