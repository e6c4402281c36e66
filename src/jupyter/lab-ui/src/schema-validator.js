/**
 * In place of `ajv`, for JupyterLab's settings and its forms. ajv turns each schema into program text and runs it
 * by eval, which the page's Content-Security-Policy forbids; this one walks the schema. It has the part of ajv's
 * interface that `@jupyterlab/settingregistry` and `@rjsf/validator-ajv8` use.
 */
import { Validator } from "@cfworker/json-schema";

/** Keywords whose errors only say that something below them is wrong, and what is said of the schema `false`. */
const WRAPPERS = new Set(["$ref", "allOf", "items", "patternProperties", "properties", "false"]);

export default class SchemaValidator {
  #useDefaults;
  /** @type {Map<string, object>} */
  #schemas = new Map();
  /** @type {Map<string, (data: unknown) => boolean>} */
  #compiled = new Map();

  /** Of the last `validateSchema`. */
  errors = null;

  /** @param {{ useDefaults?: boolean }} options ajv's others change nothing here: all errors are always found. */
  constructor({ useDefaults = false } = {}) {
    this.#useDefaults = useDefaults;
  }

  addSchema(schema, key = schema.$id) {
    this.#schemas.set(key, schema);
    this.#compiled.clear(); // another schema may refer to this one
    return this;
  }

  addMetaSchema() {
    return this;
  }

  addFormat() {
    return this;
  }

  addKeyword() {
    return this;
  }

  removeSchema(key) {
    if (key === undefined) this.#schemas.clear();
    else this.#schemas.delete(key);
    this.#compiled.clear();
    return this;
  }

  /** The schemas are those of installed packages, which the build has read. */
  validateSchema() {
    return true;
  }

  getSchema(key) {
    const schema = this.#schemas.get(key);
    if (schema === undefined) return undefined;
    let validate = this.#compiled.get(key);
    if (!validate) {
      validate = this.compile(schema, key);
      this.#compiled.set(key, validate);
    }
    return validate;
  }

  /** @returns a function as ajv's: true or false, with `errors` as a property of itself. */
  compile(schema, key = "") {
    const validator = new Validator(prepared(schema, key), "7", false);
    for (const [other, text] of this.#schemas) {
      if (other !== key && other !== schema.$id) validator.addSchema(prepared(text, other));
    }
    const validate = (data) => {
      if (this.#useDefaults) applyDefaults(schema, data, schema);
      const { valid, errors } = validator.validate(data);
      const causes = errors.filter(({ keyword }) => !WRAPPERS.has(keyword));
      validate.errors = valid ? null : (causes.length > 0 ? causes : errors).map(asAjvError);
      return valid;
    };
    validate.schema = schema;
    validate.errors = null;
    return validate;
  }
}

/** A copy under an address of its own, because the validator writes into schemas and forbids equal addresses. */
function prepared(schema, key) {
  const { $schema: _, $id = key, ...rest } = structuredClone(schema);
  return {
    ...rest,
    $id: $id.startsWith("https:") ? $id : new URL(encodeURI($id), "https://schema.invalid/").href,
  };
}

function asAjvError({ instanceLocation, keyword, keywordLocation, error }) {
  const missingProperty = keyword === "required" ? /"(.*)"\.$/.exec(error)?.[1] : undefined;
  return {
    instancePath: instanceLocation.replace(/^#/, ""),
    schemaPath: keywordLocation,
    keyword,
    message: error,
    params: missingProperty === undefined ? {} : { missingProperty },
  };
}

/**
 * Fills in `default` of absent properties, as ajv's `useDefaults` does: through `properties`, `items`, `allOf` and
 * references, not through alternatives (`anyOf`, `oneOf`, `not`, `if`), where it is open which one applies.
 * @param {any} schema
 * @param {any} data changed in place
 * @param {any} root the schema that `#/…` refers to
 */
export function applyDefaults(schema, data, root) {
  if (typeof schema !== "object" || schema === null || typeof data !== "object" || data === null) return;
  if (schema.$ref !== undefined) {
    applyDefaults(lookUp(root, schema.$ref), data, root);
    return;
  }
  for (const part of schema.allOf ?? []) applyDefaults(part, data, root);
  if (Array.isArray(data)) {
    const { items } = schema;
    for (const [i, item] of data.entries())
      applyDefaults(Array.isArray(items) ? items[i] : items, item, root);
    return;
  }
  const properties = schema.properties ?? {};
  for (const [name, property] of Object.entries(properties)) {
    if (data[name] === undefined && property?.default !== undefined)
      data[name] = structuredClone(property.default);
    applyDefaults(property, data[name], root);
  }
  for (const [name, value] of Object.entries(data)) {
    if (!Object.hasOwn(properties, name)) applyDefaults(schema.additionalProperties, value, root);
  }
}

/** `#/definitions/x` in `root`; undefined for what is elsewhere. */
function lookUp(root, reference) {
  if (!reference.startsWith("#/")) return reference === "#" ? root : undefined;
  const keys = reference.slice(2).split("/");
  return keys.reduce(
    (node, key) => node?.[decodeURIComponent(key).replace(/~1/g, "/").replace(/~0/g, "~")],
    root,
  );
}
