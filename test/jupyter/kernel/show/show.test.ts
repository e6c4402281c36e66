import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { escapeHtml, frameBundle } from "../../../../src/jupyter/kernel/show/data-frame.ts";
import { excerpt } from "../../../../src/jupyter/kernel/show/excerpt.ts";
import { render } from "../../../../src/jupyter/kernel/show/render.ts";
import { needs } from "../../../hooks.ts";

const require = createRequire(import.meta.url);

describe("kernel/show: excerpt", () => {
  const source = "one\ntwo\n\tthree();\nfour\nfive\nsix";

  it("shows two lines on each side and a caret", () => {
    assert.deepEqual(excerpt(source, { line: 2, column: 1 }, 5), [
      "    1 | one",
      "    2 | two",
      "--> 3 | \tthree();",
      "      | \t^^^^^",
      "    4 | four",
      "    5 | five",
    ]);
  });

  it("stays inside the text, whatever the position", () => {
    assert.deepEqual(excerpt("a", { line: 0, column: 9 }, 9), ["--> 1 | a", "      |  ^"]);
    assert.deepEqual(excerpt("a\nbc", { line: 7, column: 3 }), ["    1 | a", "--> 2 | bc", "      |   ^"]);
    assert.deepEqual(excerpt("", { line: 0, column: 0 }), ["--> 1 |", "      | ^"]);
  });

  it("shows of a long line the part around the place", () => {
    const [line, caret] = excerpt(`${"a".repeat(1000)}X${"b".repeat(1000)}`, { line: 0, column: 1000 });
    assert.equal(line, `--> 1 | …${"a".repeat(80)}X${"b".repeat(79)}…`);
    assert.equal(caret.indexOf("^"), line.indexOf("X"));
    const [start, first] = excerpt("X".padEnd(500, "b"), { line: 0, column: 0 }, 400);
    assert.equal(start, `--> 1 | X${"b".repeat(159)}…`);
    assert.equal(first, `      | ${"^".repeat(80)}`);
  });

  it("aligns numbers of different length", () => {
    const long = Array.from({ length: 10 }, (_, i) => `line ${i + 1}`).join("\n");
    assert.deepEqual(excerpt(long, { line: 9, column: 0 }), [
      "     8 | line 8",
      "     9 | line 9",
      "--> 10 | line 10",
      "       | ^",
    ]);
  });
});

describe("kernel/show: values", () => {
  it("escape every character that means something in HTML", () => {
    assert.equal(
      escapeHtml(`<a href="x" title='y'>&</a>`),
      "&#60;a href=&#34;x&#34; title=&#39;y&#39;&#62;&#38;&#60;/a&#62;",
    );
  });

  it("are no data frame unless they look like one in every point", () => {
    for (const value of [
      null,
      1,
      [],
      {},
      { columns: [], index: [] },
      { $isSeries: false, columns: [], index: [] },
    ]) {
      assert.equal(frameBundle(value), undefined);
    }
  });

  it("of a data frame show six digits of a fraction, and whole numbers whole", () => {
    const shown = (value: unknown): string =>
      /<td>(.*)<\/td>/.exec(
        String(
          frameBundle({ $isSeries: true, columns: ["x"], index: [0], values: [value], shape: [1] })?.[
            "text/html"
          ],
        ),
      )![1];
    const cases: [unknown, string][] = [
      [2.537154623956391, "2.53715"],
      [0.1 + 0.2, "0.3"],
      [-1234567.891, "-1234567.89"],
      [123456789, "123456789"],
      [1e21, "1e+21"],
      [1.23456789e-7, "1.23457e-7"],
      [Number.NaN, "NaN"],
      [Number.NEGATIVE_INFINITY, "-Infinity"],
      [10n, "10n"],
      ["2.537154623956391", "2.537154623956391"],
    ];
    for (const [value, text] of cases) assert.equal(shown(value), text);
  });

  it("of danfo itself show as tables", function () {
    this.timeout(120_000);
    let danfo: { DataFrame: new (data: object) => { columns: string[]; ["name"]: unknown } } | undefined;
    try {
      danfo = require("danfojs-node");
    } catch {
      // Only the notebooks need it.
    }
    needs(this, danfo !== undefined, "npm install danfojs-node");
    const frame = new danfo!.DataFrame({ word: ["<b>", "of"], count: [3, 4] });
    const bundle = render(frame) as Record<string, string>;
    assert.match(bundle["text/html"], /<tr><th>0<\/th><td>&#60;b&#62;<\/td><td>3<\/td><\/tr>/);
    assert.match(bundle["text/plain"], /word[\s\S]*of/);
    const series = render((frame as unknown as Record<string, unknown>)["count"]) as Record<string, string>;
    assert.match(series["text/html"], /<tr><th>1<\/th><td>4<\/td><\/tr>/);
  });
});
