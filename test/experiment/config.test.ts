import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkConfig, jsonSchema } from "../../src/experiment/config.ts";
import { withSettings } from "../../src/experiment/config-file.ts";

const good = () => ({
  name: "one",
  corpus: "harbour" as unknown,
  model: { type: "RecurrentLM", seed: 1 } as Record<string, unknown>,
  optimizer: { type: "Adam", lr: 0.01 } as Record<string, unknown>,
});

describe("configurations", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-config-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (text: string) => {
    const file = path.join(folder, "c.json");
    writeFileSync(file, text);
    return file;
  };

  it("takes one with every part", () => {
    const config = {
      ...good(),
      $schema: "./schema.json",
      corpus: {
        source: { train: "a.txt", valid: "b.txt" },
        level: "word",
        end: "<eos>",
        split: { counts: [3, 4] },
      },
      schedule: { type: "decayAfter", after: 4, factor: 0.5 },
      training: { epochs: 2, clipNorm: 5, reduction: "sumOverTime" },
    };
    assert.equal(checkConfig(config, "c.json"), config);
  });

  const bad: [string, (config: Record<string, unknown>) => void, RegExp][] = [
    [
      "a misspelt option",
      (c) => Object.assign(c["model"] as object, { hidenSize: 3 }),
      /^c\.json: model has no option "hidenSize"; did you mean "hiddenSize"\?$/,
    ],
    [
      "an unknown option",
      (c) => Object.assign(c, { colour: 3 }),
      /^c\.json: the configuration has no option "colour"; there are \$schema, name, corpus,/,
    ],
    [
      "another model",
      (c) => Object.assign(c["model"] as object, { type: "Transformer" }),
      /^c\.json: model\.type is "Transformer"; use "RecurrentLM" or "FixedWindowLM"$/,
    ],
    [
      "no type",
      (c) => Object.assign(c, { optimizer: { lr: 1 } }),
      /^c\.json: optimizer\.type is missing; use "SGD" or/,
    ],
    [
      "an option of another optimizer",
      (c) => Object.assign(c["optimizer"] as object, { momentum: 0.9 }),
      /^c\.json: optimizer has no option "momentum"/,
    ],
    [
      "a text for a number",
      (c) => Object.assign(c, { training: { bptt: "35" } }),
      /^c\.json: training\.bptt must be a whole number ≥ 1, got "35"$/,
    ],
    [
      "zero epochs",
      (c) => Object.assign(c, { training: { epochs: 0 } }),
      /training\.epochs must be a whole number ≥ 1, got 0$/,
    ],
    [
      "half a layer",
      (c) => Object.assign(c["model"] as object, { numLayers: 1.5 }),
      /model\.numLayers must be a whole number ≥ 1, got 1\.5$/,
    ],
    [
      "a schedule without its number",
      (c) => Object.assign(c, { schedule: { type: "decayAfter", factor: 0.5 } }),
      /^c\.json: schedule\.after is missing: steps at the first rate$/,
    ],
    [
      "SGD without a rate",
      (c) => Object.assign(c, { optimizer: { type: "SGD" } }),
      /^c\.json: optimizer\.lr is missing: learning rate$/,
    ],
    [
      "no seed",
      (c) => Object.assign(c, { model: { type: "RecurrentLM" } }),
      /model\.seed is missing: seed of the initial weights/,
    ],
    ["no model", (c) => delete c["model"], /^c\.json: model is missing: the model$/],
    [
      "a corpus that is a number",
      (c) => Object.assign(c, { corpus: 3 }),
      /corpus must be a string or a object, got 3|corpus must be a string or an object, got 3/,
    ],
    [
      "a list that is none",
      (c) => Object.assign(c, { corpus: { source: "x", split: { fractions: 0.9 } } }),
      /corpus\.split\.fractions must be a list, got 0\.9$/,
    ],
    [
      "a share above 1",
      (c) => Object.assign(c, { corpus: { source: "x", split: { fractions: [0.9, 2] } } }),
      /corpus\.split\.fractions\[1\] must be a number ≥ 0 ≤ 1, got 2$/,
    ],
    [
      "an option of nobody",
      (c) => Object.defineProperty(c["model"], "__proto__", { value: 1, enumerable: true }),
      /model has no option "__proto__"/,
    ],
  ];
  for (const [what, spoil, message] of bad) {
    it(`refuses ${what}`, () => {
      const config: Record<string, unknown> = good();
      spoil(config);
      assert.throws(() => checkConfig(config, "c.json"), { name: "ArgumentError", message });
    });
  }

  it("refuses what is no object", () => {
    for (const value of [3, null, [], "x"]) {
      assert.throws(
        () => checkConfig(value, "c.json"),
        /^ArgumentError: c\.json: the configuration must be an object, got /,
      );
    }
  });

  it("names the line of a syntax error", () => {
    assert.throws(() => withSettings(write('{ "name": "x",\n  "corpus": }\n')), /c\.json, line 2: not JSON/);
    assert.throws(
      () => withSettings(write('{ "name": "x",\n\n "corpus": "y",\n "model": oops, "optimizer": {} }\n')),
      /c\.json, line 4: not JSON/,
    );
    assert.throws(() => withSettings(write('{ "name": "x",\n "a": 1\n')), /c\.json, line \d: not JSON/);
    assert.throws(() => withSettings(path.join(folder, "none.json")), /none\.json: there is no such file/);
  });

  it("changes settings by their paths, and checks them again", () => {
    const file = write(JSON.stringify(good()));
    const config = withSettings(file, ["model.seed=7", "optimizer.lr=1e-3", "training.epochs=2", "name=two"]);
    assert.equal(config.model.seed, 7);
    assert.equal(config.optimizer.lr, 0.001);
    assert.equal(config.training?.epochs, 2);
    assert.equal(config.name, "two");
    assert.throws(
      () => withSettings(file, ["model.seed=x"]),
      /with model\.seed=x: model\.seed must be a whole number/,
    );
    assert.throws(
      () => withSettings(file, ["seed"]),
      /a setting is PATH=VALUE, such as optimizer\.lr=0\.01, got "seed"/,
    );
    assert.throws(() => withSettings(file, ["__proto__.x=1"]), /no option "__proto__"/);
    assert.equal(({} as { x?: number }).x, undefined);
  });

  it("is published as a JSON Schema with the same options", () => {
    const schema = jsonSchema() as {
      properties: Record<string, { oneOf?: { properties: object }[] }>;
      required: string[];
    };
    assert.deepEqual(schema.required, ["name", "corpus", "model", "optimizer"]);
    assert.deepEqual(Object.keys(schema.properties["model"].oneOf![1].properties), [
      "type",
      "seed",
      "window",
      "embeddingSize",
      "hiddenSize",
      "direct",
      "dtype",
      "init",
    ]);
  });
});
