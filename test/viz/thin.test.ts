import assert from "node:assert/strict";
import { tidySvg } from "../../src/viz/svg.ts";
import {
  count,
  escapeHtml,
  escapeLabel,
  formatNumber,
  listed,
  printable,
  visibleToken,
} from "../../src/viz/text.ts";
import { outline, thin } from "../../src/viz/thin.ts";

describe("viz: thin", () => {
  const only = (trace: object, limit: number, cells = limit) =>
    thin({ data: [{ type: "scatter", ...trace }], layout: {} }, limit, cells);

  it("keeps the first, lowest, highest and last point of each stretch, and one gap", () => {
    //             0  1  2  3  4  5   6  7    8   9
    const values = [5, 1, 9, 3, 4, 4, -2, 7, null, 6];
    assert.deepEqual(outline(values, 8), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(outline(values, 4), [0, 2, 6, 8, 9]);
    assert.deepEqual(outline([], 4), []);
  });

  it("keeps every extreme of a long noisy curve", () => {
    const y = Array.from({ length: 10_000 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
    const { data, shown, total } = only({ x: y.map((_, i) => i), y }, 400);
    const [xs, ys] = [data[0].x as number[], data[0].y as number[]];
    assert.deepEqual([shown, total], [ys.length, 10_000]);
    assert.ok(ys.length <= 400);
    for (let s = 0; s < 100; s++) {
      const stretch = y.slice(s * 100, (s + 1) * 100);
      const kept = ys.filter((_, i) => Math.floor(xs[i] / 100) === s);
      assert.deepEqual([Math.min(...kept), Math.max(...kept)], [Math.min(...stretch), Math.max(...stretch)]);
    }
  });

  it("takes the same entries of every list that runs along the points, and of no other", () => {
    const n = 100;
    const index = Array.from({ length: n }, (_, i) => i);
    const { data } = only(
      {
        mode: "markers",
        x: index,
        y: index,
        text: index.map(String),
        marker: { color: index, size: 5 },
        other: [1, 2],
      },
      4,
    );
    assert.deepEqual(data[0], {
      type: "scatter",
      mode: "markers",
      x: [0, 25, 50, 75],
      y: [0, 25, 50, 75],
      text: ["0", "25", "50", "75"],
      marker: { color: [0, 25, 50, 75], size: 5 },
      other: [1, 2],
    });
  });

  it("averages blocks of a heat map, leaving gaps out, and puts them at their centres", () => {
    const z = [
      [1, 2, 3, 4, 5],
      [5, 6, Number.NaN, 8, 9],
      [9, 10, 11, 12, 13],
    ];
    const { data, shown, total } = only({ type: "heatmap", z, texttemplate: "%{z}" }, 99, 6);
    assert.deepEqual(data[0], {
      type: "heatmap",
      z: [
        [3.5, 5, 7],
        [9.5, 11.5, 13],
      ],
      x: [0.5, 2.5, 4],
      y: [0.5, 2],
    });
    assert.deepEqual([shown, total], [6, 15]);
    assert.deepEqual(only({ type: "heatmap", z: [[Number.NaN, Number.NaN]] }, 1, 1).data[0].z, [[null]]);
  });

  it("leaves what is small enough, and bars, as they are", () => {
    const trace = { type: "scatter", y: [1, 2, 3] };
    assert.equal(thin({ data: [trace], layout: {} }, 3, 3).data[0], trace);
    const { data, total } = only({ type: "bar", y: Array(50).fill(1) }, 4);
    assert.deepEqual([(data[0].y as number[]).length, total], [50, 0]);
  });
});

describe("viz: tidySvg", () => {
  const tidy = (content: string): string =>
    tidySvg(`<svg xmlns:xlink="x">${content}</svg>`, "alt").replace(/\bf[0-9a-z]{4,}-(?=\d)/g, "F-");

  it("renames used ids in their order, drops unused ones, and leaves text alone", () => {
    assert.equal(
      tidy(
        '<defs><clipPath id="zb"><rect/></clipPath><clipPath id="no"><rect/></clipPath></defs><g clip-path="url(#zb)"><text>url(#zb) rgb(1, 2, 3) id="zb" 1.23456</text></g>',
      ),
      '<svg role="img" aria-label="alt"><defs><clipPath id="F-0"><rect/></clipPath></defs><g clip-path="url(#F-0)"><text>url(#zb) rgb(1, 2, 3) id="zb" 1.23456</text></g></svg>',
    );
    assert.match(
      tidy('<a id="q" href="#q"/><b style="fill: url(&quot;#q&quot;)"/>'),
      /<a id="F-0" href="#F-0"\/><b style="fill: url\(#F-0\)"\/>/,
    );
  });

  it("drops what holds nothing or what is the default, and shortens colours and numbers", () => {
    assert.equal(
      tidy(
        '<g><g class="x"/></g><g></g><path class="a" d="M0,0"/><path d="M1.23456,2"/><rect style="fill: rgb(0, 0, 0); fill-opacity: 0;"/><rect style="fill-opacity: 0.5; stroke: rgb(255, 0, 16); opacity: 1"/>',
      ),
      '<svg role="img" aria-label="alt"><path d="M1.23,2"/><rect style="fill-opacity:0.5;stroke:#ff0010"/></svg>',
    );
    assert.equal(
      tidy(
        '<rect style="fill-opacity: 0; stroke: red; stroke-width: 0.5px"/><rect style="fill-opacity: 0; stroke: red; stroke-width: 0px"/>',
      ),
      '<svg role="img" aria-label="alt"><rect style="fill-opacity:0;stroke:red;stroke-width:0.5px"/></svg>',
    );
    assert.equal(
      tidy('<path d="M1e-7,0.0004L-0.001,5"/>'),
      '<svg role="img" aria-label="alt"><path d="M1e-7,0L0,5"/></svg>',
    );
  });

  it("makes any text well-formed and escapes the alternative text", () => {
    const svg = tidySvg("<svg><text>a\u0000\ud800b</text></svg>", '"><script>');
    assert.equal(svg, '<svg role="img" aria-label="&quot;&gt;&lt;script&gt;"><text>a␀\ufffdb</text></svg>');
  });
});

describe("viz: texts", () => {
  it("formats numbers for people", () => {
    const cases: [number, string][] = [
      [0, "0"],
      [1.5165, "1.5165"],
      [-2.5, "−2.5"],
      [141.19, "141.19"],
      [1234.56, "1,235"],
      [1115394, "1,115,394"],
      [0.00012345, "0.0001"],
      [0.000012345, "1.23e−5"],
      [12345678.5, "1.23e+7"],
      [Number.NaN, "not a number"],
      [-Infinity, "−∞"],
    ];
    for (const [value, text] of cases) assert.equal(formatNumber(value), text);
  });

  it("escapes for pages and for plotly, and makes tokens visible", () => {
    assert.equal(escapeHtml(`<a href="x">'&$`), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;$");
    assert.equal(escapeLabel("<s>&$5$"), "&lt;s&gt;&amp;&#36;5&#36;");
    assert.equal(printable("\u0000\t\n\u001f\u007f\ufffe\udc00😀"), "␀\t\n␟␡\ufffd\ufffd😀");
    assert.deepEqual(["", " ", "  a b ", "\r\n", "\t"].map(visibleToken), ["∅", "␣", "␣␣a b␣", "↵", "⇥"]);
    assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed), [
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
    assert.deepEqual([count(1, "point"), count(2000, "point")], ["1 point", "2,000 points"]);
  });
});
