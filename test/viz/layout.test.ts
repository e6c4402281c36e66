import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { type Box, clientBox, localBox, type SvgNode, textLength } from "../../src/platform/svg-layout.ts";
import { textWidth } from "../../src/platform/text-width.ts";

function svg(content: string): { find(selector: string): SvgNode } {
  const { JSDOM } = createRequire(import.meta.url)("jsdom");
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`;
  const { document } = new JSDOM(text, { contentType: "image/svg+xml" }).window;
  return { find: (selector) => document.querySelector(selector) };
}

const rounded = (box: Box | undefined): number[] | undefined =>
  box && [box.x0, box.y0, box.x1, box.y1].map((v) => Math.round(v * 100) / 100);

describe("platform: text widths", () => {
  it("adds up the advances of DejaVu Sans", () => {
    assert.equal(textWidth(""), 0);
    assert.equal(textWidth("iW"), 1.27);
    assert.equal(textWidth("0123456789"), 6.4);
    assert.equal(textWidth("iW", true), 1.27 * 1.13);
  });

  it("gives squares to Hangul, Chinese and emoji, nothing to combining marks, and é the width of e", () => {
    assert.equal(textWidth("한글"), 2);
    assert.equal(textWidth("\u1112\u1161\u11ab"), 1, "the same syllable in three jamo");
    assert.equal(textWidth("語"), 1);
    assert.equal(textWidth("😀"), 1);
    assert.equal(textWidth("é"), textWidth("e"));
    assert.equal(textWidth("q\u0323\u0307"), textWidth("q"));
    assert.equal(textWidth("ж"), 0.66);
    assert.equal(textWidth("→"), 1);
  });

  it("is at least as wide as what common faces need", () => {
    // Advances of Arial and Helvetica (Adobe's metrics of the standard fonts), in thousandths of an em.
    const helvetica: Record<string, number> = {
      a: 556,
      e: 556,
      i: 222,
      l: 222,
      m: 833,
      w: 722,
      A: 667,
      M: 833,
      W: 944,
      "0": 556,
      " ": 278,
      "-": 333,
    };
    for (const [character, width] of Object.entries(helvetica))
      assert.ok(textWidth(character) >= width / 1000, character);
  });
});

describe("platform: boxes of SVG text", () => {
  it("starts, centres or ends at x, and reaches from ascent to descent", () => {
    const text = (anchor: string) =>
      svg(`<text x="100" y="50" text-anchor="${anchor}" style="font-size:10px">ab</text>`).find("text");
    const width = 10 * textWidth("ab");
    assert.equal(width, 12.4);
    assert.deepEqual(rounded(localBox(text("start"))), [100, 40.7, 112.4, 52.4]);
    assert.deepEqual(rounded(localBox(text("middle"))), [93.8, 40.7, 106.2, 52.4]);
    assert.deepEqual(rounded(localBox(text("end"))), [87.6, 40.7, 100, 52.4]);
    assert.equal(Math.round(textLength(text("end")) * 10) / 10, 12.4);
  });

  it("takes the longest of several lines, each shifted down, with small and bold parts", () => {
    const node = svg(
      `<g style="font-size:20px"><text x="0" y="0"><tspan class="line" dy="0em" x="0" y="0">i</tspan>` +
        `<tspan class="line" dy="1.3em" x="0" y="0">m<tspan style="font-size:50%">m</tspan><tspan style="font-weight:bold">m</tspan></tspan></text></g>`,
    ).find("text");
    const width = 20 * 0.97 + 10 * 0.97 + 20 * 0.97 * 1.13;
    assert.deepEqual(rounded(localBox(node)), [0, -18.6, Math.round(width * 100) / 100, 26 + 4.8]);
  });

  it("unites a group and applies translate, scale, rotate and matrix in their order", () => {
    const rect = '<rect x="1" y="2" width="3" height="4"/>';
    const box = (transform: string) =>
      rounded(localBox(svg(`<g><g transform="${transform}">${rect}</g></g>`).find("g")));
    assert.deepEqual(box(""), [1, 2, 4, 6]);
    assert.deepEqual(box("translate(10)"), [11, 2, 14, 6]);
    assert.deepEqual(box("translate(10,20) scale(2)"), [12, 24, 18, 32]);
    assert.deepEqual(box("scale(2,1) translate(10 20)"), [22, 22, 28, 26]);
    assert.deepEqual(box("rotate(90)"), [-6, 1, -2, 4]);
    assert.deepEqual(box("rotate(90,1,2)"), [-3, 2, 1, 5]);
    assert.deepEqual(box("matrix(0 1 -1 0 5 6)"), [-1, 7, 3, 10]);
    assert.deepEqual(box("skewX(10)"), [1, 2, 4, 6], "unknown ones are left out");
  });

  it("carries a box out to the page through all groups", () => {
    const inner = svg(
      `<g transform="translate(5,5)"><g transform="scale(2)"><rect class="r" width="1" height="1"/></g></g>`,
    );
    assert.deepEqual(rounded(clientBox(inner.find(".r"))), [5, 5, 7, 7]);
  });

  it("has no box for what is empty, hidden or a path", () => {
    for (const content of ["<g/>", "<text/>", '<path d="M0,0h9"/>', '<text style="display:none">a</text>']) {
      assert.equal(localBox(svg(`<g>${content}</g>`).find("g")), undefined, content);
    }
    assert.deepEqual(rounded(clientBox(svg("<g/>").find("g"))), [0, 0, 0, 0]);
  });
});
