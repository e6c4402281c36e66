import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { bundleOf } from "../../src/show.ts";
import { tokenText } from "../../src/viz/index.ts";
import { contrast, over } from "./colour.ts";

function page(html: string) {
  const { JSDOM } = createRequire(import.meta.url)("jsdom");
  return new JSDOM(html).window.document as {
    querySelectorAll(
      selector: string,
    ): ArrayLike<{ textContent: string; getAttribute(name: string): string; style: { background: string } }>;
  };
}

const spans = (html: string) => Array.from(page(html).querySelectorAll("span[title]"));

describe("viz: tokenText", () => {
  it("colours each token by its value, on both sides of nought or from it upwards", () => {
    const colours = (values: number[], options = {}) =>
      spans(tokenText(values.map(String), values, options).toHTML()).map(({ style }) =>
        style.background.replace(/ /g, ""),
      );
    assert.deepEqual(colours([0, 1, 2]), [
      "rgba(217,126,30,0)",
      "rgba(217,126,30,0.275)",
      "rgba(217,126,30,0.55)",
    ]);
    assert.deepEqual(colours([-2, 1]), ["rgba(17,110,255,0.55)", "rgba(217,126,30,0.275)"]);
    assert.deepEqual(colours([0.5, 7], { range: [0, 1] }), [
      "rgba(217,126,30,0.275)",
      "rgba(217,126,30,0.55)",
    ]);
    assert.deepEqual(colours([Number.NaN, 1])[0], "none");
    assert.deepEqual(colours([0, 0]), ["rgba(217,126,30,0)", "rgba(217,126,30,0)"]);
  });

  it("keeps text readable under the strongest colour on light and dark pages", () => {
    const strongest = spans(tokenText(["a", "b"], [-1, 1]).toHTML()).map(({ style }) => style.background);
    assert.equal(strongest.length, 2);
    for (const background of strongest) {
      assert.ok(contrast("#000000", over(background, "#ffffff")) >= 4.5, background);
      assert.ok(contrast("#e0e0e0", over(background, "#111111")) >= 4.5, background);
    }
  });

  it("escapes everything from the data and holds no script", () => {
    const hostile = ["<script>alert(1)</script>", '" onmouseover="x', "a&b", "\u0000"];
    const text = tokenText(hostile, [1, 2, 3, 4], { title: "<img src=x>", valueLabel: "<b>" });
    const html = text.toHTML();
    const document = page(html);
    assert.equal(document.querySelectorAll("script, img, b, [onmouseover]").length, 0);
    assert.deepEqual(
      spans(html).map((span) => span.textContent),
      [...hostile.slice(0, 3), "␀"],
    );
    assert.equal(spans(html)[1].getAttribute("title"), '" onmouseover="x: 2.000');
    assert.match(html, /&lt;img src=x&gt;.*&lt;b&gt;/s);
  });

  it("shows line breaks, tabs and empty tokens, and sets words apart", () => {
    const html = tokenText(["a", "\n", "\t", "", "b c"], [1, 1, 1, 1, 1], { separator: "" }).toHTML();
    assert.deepEqual(
      spans(html).map(({ textContent }) => textContent),
      ["a", "↵", "⇥", "∅", "b c"],
    );
    assert.match(html, /↵<br><\/span>/);
    assert.match(tokenText(["the", "cat"], [1, 2]).toHTML(), />the<\/span> <span/);
    assert.match(tokenText(["t", "h"], [1, 2]).toHTML(), />t<\/span><span/);
  });

  it("shows itself as HTML and as plain text", () => {
    const text = tokenText(["a", " "], [0.5, -1], { valueLabel: "activation", title: "unit 3" });
    const plain = "unit 3: activation of each token. a 0.5 | ␣ −1";
    assert.deepEqual(bundleOf(text), { "text/html": text.toHTML(), "text/plain": plain });
    assert.equal(inspect(text), plain);
    assert.equal(`${text}`, plain);
  });

  it("saves a page, and nothing else", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "unrolled-"));
    try {
      const file = path.join(folder, "text.html");
      const text = tokenText(["a"], [1]);
      assert.equal(text.save(file), text);
      assert.ok(readFileSync(file, "utf8").includes(text.toHTML()));
      assert.throws(() => text.save(path.join(folder, "text.svg")), /must end in \.html/);
      assert.deepEqual(readdirSync(folder), ["text.html"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses an empty text, missing values and falling ranges", () => {
    assert.throws(() => tokenText([], []), /the text is empty/);
    assert.throws(() => tokenText(["a", "b"], [1]), /values: 1 given for 2 tokens \(1 ≠ 2\)/);
    assert.throws(() => tokenText(["a"], [1], { range: [1, 1] }).toHTML(), /range must rise, got \[1, 1\]/);
  });
});
