import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { needs } from "../hooks.ts";

const bundle = fileURLToPath(new URL("../../dist/bundle.js", import.meta.url));

describe("the bundle", () => {
  it("classes and functions have the names under which they are exported", async function () {
    needs(this, existsSync(bundle), "npm run build");
    const library = (await import(bundle)) as Record<string, unknown>;
    const folders = ["nn", "optim", "ops", "text", "lm"].map(
      (name) => library[name] as Record<string, unknown>,
    );
    let seen = 0;
    for (const exports of [library, ...folders]) {
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value !== "function" || value.name === "") continue; // some ops are made by a function
        assert.equal(value.name, name);
        seen++;
      }
    }
    assert.ok(seen > 100, `${seen}`);
  });
});
