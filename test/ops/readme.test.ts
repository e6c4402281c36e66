import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { registry } from "../../src/autograd/define.ts";
import { conventions } from "../check/ops-conventions.ts";
import { leftOut, opsReadme, README } from "../check/ops-readme.ts";
import { ops } from "../golden/core.ts";

describe("ops: the table in src/ops/README.md", () => {
  it("is what `npm run docs` writes", () => {
    assert.equal(readFileSync(README, "utf8"), opsReadme(), "run: npm run docs");
  });

  it("has every op and every public function once, with its parameters", () => {
    const text = opsReadme();
    for (const name of new Set([...registry.keys(), ...Object.keys(ops)])) {
      const rows = text.match(new RegExp(`^\\| \`${name}\\(`, "gm")) ?? [];
      assert.equal(rows.length, 1, name);
    }
    for (const call of [
      "`clamp(x, { min?, max? })`",
      "`sum(x, { dim?, keepdim? }?)`",
      "`variance(x, { dim?, keepdim?, unbiased? }?)`",
      "`crossEntropy(x, target, { reduction?, ignoreIndex?, classWeight?, labelSmoothing? }?)`",
      "`layerNorm(x, normalizedShape, { weight?, bias?, eps? }?)`",
      "`embedding(weight, ids, { paddingIdx? }?)`",
      "`split(x, size, dim?)`",
      "`tanh(x)`",
      "`add(a, b)`",
    ]) {
      assert.ok(text.includes(call), call);
    }
    assert.match(text, /\| y = tanh x \| dx = \(1 − y²\) ⊙ dy \| x float \|/);
  });

  it("lists as left out what is left out", () => {
    for (const name of leftOut()) assert.ok(!(name in ops), name);
    assert.ok(leftOut().includes("cumsum"));
  });

  for (const { what, here, holds } of conventions) it(`convention: ${what}: ${here}`, holds);
});
