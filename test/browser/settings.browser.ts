import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Ajv } from "ajv";
import { ensureLabUi } from "../../src/jupyter/lab/ensure-ui.ts";
import { labUiPackage } from "../../src/jupyter/lab/ui-source.ts";
import { needsBrowser } from "./browser.ts";

interface Validate {
  (data: unknown): boolean;
  errors: { instancePath: string; keyword: string; message: string; params: object }[] | null;
}

interface SchemaValidator {
  addSchema(schema: object, key: string): SchemaValidator;
  getSchema(key: string): Validate | undefined;
  compile(schema: object): Validate;
  removeSchema(key?: string): SchemaValidator;
}

type Schema = Record<string, unknown> & { properties?: Record<string, { type?: unknown }> };

describe("the page's validator of settings, against ajv", function () {
  this.timeout(120_000);
  let Validator: new (options?: { useDefaults?: boolean }) => SchemaValidator;
  let schemas: Record<string, { schema: Schema }>;

  before(async function () {
    needsBrowser(this);
    const { dir } = await ensureLabUi();
    schemas = JSON.parse(await readFile(path.join(dir, "schemas.json"), "utf8"));
    const module = await import(path.join(labUiPackage, "src", "schema-validator.js"));
    Validator = module.default;
  });

  /** Both, with the same schema under the same name. */
  function pair(schema: object, useDefaults = false): [Validate, (data: unknown) => boolean] {
    const own = new Validator({ useDefaults }).addSchema(schema, "x").getSchema("x");
    assert.ok(own);
    const ajv = new Ajv({ strict: false, useDefaults, logger: false });
    return [own, ajv.compile(structuredClone(schema))];
  }

  it("fills in the same defaults for every plugin of the bundle", () => {
    let filled = 0;
    for (const [id, { schema }] of Object.entries(schemas)) {
      const [own, ajv] = pair(schema, true);
      const ours = {};
      const theirs = {};
      assert.equal(own(ours), ajv(theirs), id);
      assert.deepEqual(ours, theirs, id);
      filled += Object.keys(ours).length;
    }
    assert.ok(filled > 100, `${filled} defaults`);
  });

  it("accepts and refuses the same values of every setting of the bundle", () => {
    const candidates = [null, true, 0, -1, 1.5, "", "text", [], ["a"], {}, { a: 1 }, [{}]];
    let refused = 0;
    for (const [id, { schema }] of Object.entries(schemas)) {
      const [own, ajv] = pair(schema);
      for (const name of Object.keys(schema.properties ?? {})) {
        for (const value of candidates) {
          const data = { [name]: value };
          const ours = own(structuredClone(data));
          assert.equal(ours, ajv(structuredClone(data)), `${id} ${JSON.stringify(data)}`);
          if (!ours) refused++;
        }
      }
    }
    assert.ok(refused > 500, `${refused} refused`);
  });

  it("says where and what, in ajv's form", () => {
    const validate = new Validator().compile({
      type: "object",
      properties: {
        a: { type: "object", properties: { b: { type: "number", minimum: 0 } }, required: ["c"] },
      },
    });
    assert.equal(validate({ a: { b: -1 } }), false);
    const found = validate.errors?.map(({ instancePath, keyword, params }) => ({
      instancePath,
      keyword,
      params,
    }));
    assert.deepEqual(found, [
      { instancePath: "/a", keyword: "required", params: { missingProperty: "c" } },
      { instancePath: "/a/b", keyword: "minimum", params: {} },
    ]);
    assert.equal(validate({ a: { b: 0, c: 1 } }), true);
    assert.equal(validate.errors, null);
  });

  it("fills in defaults through references, lists and allOf, and not through alternatives", () => {
    const schema = {
      type: "object",
      definitions: { point: { type: "object", properties: { x: { default: 1 } } } },
      properties: {
        one: { $ref: "#/definitions/point" },
        many: { type: "array", items: { $ref: "#/definitions/point" } },
        any: { anyOf: [{ properties: { x: { default: 2 } } }] },
        map: { type: "object", additionalProperties: { $ref: "#/definitions/point" } },
        whole: { type: "object", default: { y: 3 }, properties: { z: { default: 4 } } },
      },
      allOf: [{ properties: { all: { default: 5 } } }],
    };
    const [own, ajv] = pair(schema, true);
    const data = { one: {}, many: [{}, { x: 9 }], any: {}, map: { k: {} } };
    const theirs = structuredClone(data);
    assert.equal(own(data), true);
    ajv(theirs);
    assert.deepEqual(data, theirs);
    assert.deepEqual(data, {
      one: { x: 1 },
      many: [{ x: 1 }, { x: 9 }],
      any: {},
      map: { k: { x: 1 } },
      whole: { y: 3, z: 4 },
      all: 5,
    });
  });

  it("does not hand the same default to two settings", () => {
    const schema = { type: "object", properties: { list: { type: "array", default: [] } } };
    const validate = new Validator({ useDefaults: true }).compile(schema);
    const first: { list?: unknown[] } = {};
    const second: { list?: unknown[] } = {};
    validate(first);
    first.list?.push(1);
    validate(second);
    assert.deepEqual(second, { list: [] });
  });

  it("follows references from one schema into another, and forgets removed ones", () => {
    const validator = new Validator()
      .addSchema({ definitions: { n: { type: "number" } } }, "root")
      .addSchema({ properties: { a: { $ref: "root#/definitions/n" } } }, "user");
    assert.equal(validator.getSchema("user")?.({ a: 1 }), true);
    assert.equal(validator.getSchema("user")?.({ a: "1" }), false);
    validator.removeSchema("user");
    assert.equal(validator.getSchema("user"), undefined);
  });
});
