import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readExamples, runExample } from "./examples.ts";
import { anchorOf } from "./markdown.ts";
import { readApi } from "./model.ts";
import { API, apiFiles } from "./write.ts";

describe("the reference of the public names", function () {
  this.timeout(120_000);
  const examples = readExamples();

  it("is what `npm run docs` writes", () => {
    const files = apiFiles();
    assert.deepEqual(readdirSync(API).sort(), [...files.keys()].sort());
    for (const [name, text] of files) {
      assert.equal(readFileSync(path.join(API, name), "utf8"), text, `src/api/${name}: run npm run docs`);
    }
  });

  it("has a doc comment for every name, and an example for every one that exists at run time", () => {
    const entries = readApi();
    assert.ok(entries.length > 400, `${entries.length} names`);
    const bare = entries.filter(({ text }) => text.trim() === "").map(({ name }) => name);
    assert.deepEqual(bare, []);
    const shown = new Set(examples.flatMap(({ names }) => names));
    const values = entries.filter(({ kind }) => kind !== "type").map(({ name }) => name);
    assert.deepEqual(
      values.filter((name) => !shown.has(name)),
      [],
    );
    assert.deepEqual(
      [...shown].filter((name) => !values.includes(name)),
      [],
    );
  });

  it("has links that lead somewhere", () => {
    const texts = new Map(readdirSync(API).map((name) => [name, readFileSync(path.join(API, name), "utf8")]));
    let links = 0;
    for (const [file, text] of texts) {
      for (const [, to, anchor = ""] of text.matchAll(/\]\(([\w.]*)#([^)]*)\)/g)) {
        const target = texts.get(to || file);
        assert.ok(target, `${file} links to ${to}`);
        const headings = [...target.matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]));
        const base = anchor.replace(/-\d+$/, "");
        assert.ok(
          headings.includes(anchor) || headings.filter((one) => one === base).length > 1,
          `${file}: #${anchor}`,
        );
        links++;
      }
    }
    assert.ok(links > 800, `${links} links`);
  });

  for (const example of examples) {
    it(`example: ${example.names.join(", ")}`, async () => {
      for (const { line, given, expected } of await runExample(example)) {
        assert.equal(given, expected, `test/api/examples/${example.file}:${line}`);
      }
    });
  }
});
