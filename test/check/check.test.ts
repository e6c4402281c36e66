import assert from "node:assert/strict";
// @ts-expect-error plain JavaScript, because it runs before anything is compiled
import { cycles, importsOf, problems } from "./boundaries.mjs";
// @ts-expect-error plain JavaScript, because it runs before anything is compiled
import { codeLines, LIMIT, sizes } from "./core-size.mjs";
// @ts-expect-error plain JavaScript, because it runs before anything is compiled
import { anchorsOf, problems as brokenLinks, linksOf } from "./links.mjs";
// @ts-expect-error plain JavaScript, because it runs before anything is compiled
import { problems as unused } from "./unused.mjs";

describe("the structure of the source", () => {
  it("keeps the order of imports, without cycles", () => assert.deepEqual(problems(), []));

  it("keeps the autograd library under 3,000 lines of code", () => {
    const total = (sizes() as [string, number][]).reduce((sum, [, lines]) => sum + lines, 0);
    assert.equal(LIMIT, 3000);
    assert.ok(total > 1000 && total <= LIMIT, String(total));
  });

  it("has no link into the project that leads nowhere", () => assert.deepEqual(brokenLinks(), []));

  it("has no file that nothing imports, and no export that nobody uses", () =>
    assert.deepEqual(unused(), []));

  it("finds links outside of code, and the anchors of headings as GitHub makes them", () => {
    const text = "# One, two\n[a](b.md#c) `[x](y)`\n```\n[no](no.md)\n# no\n```\n![p](q.png)\n## One, two\n";
    assert.deepEqual(linksOf(text), ["b.md#c", "q.png"]);
    assert.deepEqual([...anchorsOf(text)], ["one-two", "one-two-1"]);
  });

  it("counts code, not comments and blank lines", () => {
    assert.equal(codeLines("/** a\n * b */\n\n// c\nconst x = 1; // d\n/* e */ f();\n"), 2);
  });

  it("sees imports, re-exports, types and cycles", () => {
    const found = importsOf(
      'import { a, type B } from "../x/a.ts";\nimport type { C } from "./c.ts";\nexport * from "./d.ts";\nimport { type E } from "./e.ts";\nimport "./f.ts";\n// import "./no.ts"\nconst g = () => import("./g.ts");',
    ) as [string, boolean][];
    assert.deepEqual(
      found.map(([to, typeOnly]) => `${to}${typeOnly ? " (type)" : ""}`),
      ["../x/a.ts", "./c.ts (type)", "./d.ts", "./e.ts (type)", "./f.ts", "./g.ts"],
    );
    assert.deepEqual(
      cycles(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
      ["cycle: b → c → b"],
    );
  });
});
