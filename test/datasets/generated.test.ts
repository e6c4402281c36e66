import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withParts } from "./readme.ts";
import { SAMPLES, sample } from "./samples.ts";

const folder = fileURLToPath(new URL("../../datasets/", import.meta.url));
const RENEW = "renew it: node --conditions=unrolled-source --import tsx test/datasets/renew.ts";

describe("datasets: what is generated is current", () => {
  it("README.md", () => {
    const readme = readFileSync(`${folder}README.md`, "utf8");
    assert.equal(readme, withParts(readme), RENEW);
  });

  it("has a sample of each generator, and no other", () => {
    assert.deepEqual(readdirSync(`${folder}samples`).sort(), Object.keys(SAMPLES).sort(), RENEW);
  });

  for (const file of Object.keys(SAMPLES)) {
    it(`samples/${file}`, () =>
      assert.equal(readFileSync(`${folder}samples/${file}`, "utf8"), sample(file), RENEW));
  }
});
