import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { data } from "../../src/index.ts";
import { withParts } from "./readme.ts";
import { sample } from "./samples.ts";

const folder = fileURLToPath(new URL("../../datasets/", import.meta.url));
const RENEW = "renew it: node --conditions=unrolled-source --import tsx test/datasets/renew.ts";

describe("datasets: what is generated is current", () => {
  it("README.md", () => {
    const readme = readFileSync(`${folder}README.md`, "utf8");
    assert.equal(readme, withParts(readme), RENEW);
  });

  it("has a sample of each generator, and no other", () => {
    assert.deepEqual(
      readdirSync(`${folder}samples`).sort(),
      data.LINE_NAMES.map((name) => `${name}.txt`).sort(),
      RENEW,
    );
  });

  for (const name of data.LINE_NAMES) {
    it(`samples/${name}.txt`, () =>
      assert.equal(readFileSync(`${folder}samples/${name}.txt`, "utf8"), sample(name), RENEW));
  }
});
