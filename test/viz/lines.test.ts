import assert from "node:assert/strict";
import { ArgumentError, ShapeError } from "../../src/errors.ts";
import { type Figure, line, lines } from "../../src/viz/index.ts";
import { spreadApart } from "../../src/viz/references.ts";

type Json = { [key: string]: Json } & Json[] & (string | number);
const json = (figure: Figure) => figure.toJSON() as unknown as { data: Json[]; layout: Json };

describe("viz: lines", () => {
  it("makes plain Plotly JSON of y values, series and anything with toArray", () => {
    const figure = lines(
      {
        plain: [1, 2.5, 3],
        typed: Float32Array.of(0.1, 0.2, 0.3),
        tensor: { toArray: () => [4, 5, 6] },
        series: { x: [10, 20], y: [1, Number.NaN], dash: "dot", color: "#123456", mode: "markers", width: 4 },
      },
      { xLabel: "lag (steps)", yLabel: "norm" },
    );
    const { data } = json(figure);
    assert.deepEqual(
      data.map(({ name, x, y }) => [name, x, y]),
      [
        ["plain", [0, 1, 2], [1, 2.5, 3]],
        ["typed", [0, 1, 2], [0.1, 0.2, 0.3]],
        ["tensor", [0, 1, 2], [4, 5, 6]],
        ["series", [10, 20], [1, null]],
      ],
    );
    assert.deepEqual(data[3].line, { color: "#123456", width: 4, dash: "dot" });
    assert.equal(data[3].mode, "markers");
    assert.equal(data[0].mode, "lines+markers");
    assert.ok(data.every(({ type }) => (type as unknown as string) === "scatter"));
    assert.equal(
      figure.alt,
      "norm over lag (steps). plain: 3 points, from 1 at 0 to 3 at 2. typed: 3 points, from 0.1 at 0 to 0.3 at 2. " +
        "tensor: 3 points, from 4 at 0 to 6 at 2. series: 2 points, from 1 at 10 to 1 at 10, 1 not finite.",
    );
  });

  it("draws many points as a line, few also as markers", () => {
    const mode = (n: number) => json(lines({ a: Array(n).fill(1) })).data[0].mode;
    assert.deepEqual([mode(30), mode(31)], ["lines+markers", "lines"]);
  });

  it("has a legend only where there is something to tell apart", () => {
    const legend = (figure: Figure) => json(figure).data.map(({ showlegend }) => showlegend as unknown);
    assert.deepEqual(legend(lines({ a: [1] })), [false]);
    assert.deepEqual(legend(lines({ a: [1], b: [2] })), [true, true]);
    assert.deepEqual(legend(lines([{ y: [1] }, { y: [2] }])), [false, false]);
    assert.deepEqual(
      legend(
        lines([
          { name: "a", y: [1] },
          { name: "b", y: [1] },
          { name: "a", y: [2], faint: true },
        ]),
      ),
      [true, true, false],
    );
  });

  it("draws a band as two borders with the room between them filled", () => {
    const { data } = json(lines([{ name: "LSTM", y: [2, 1], low: [1, 0], high: [3, 2] }]));
    assert.deepEqual(
      data.map(({ y, fill }) => [y, fill]),
      [
        [[1, 0], undefined],
        [[3, 2], "tonexty"],
        [[2, 1], undefined],
      ],
    );
    assert.equal(data[1].fillcolor, "rgba(17,110,255,0.2)");
  });

  it("takes ranges, logarithmic axes, lines across and upright", () => {
    const { layout } = json(
      lines(
        { a: [1, 100] },
        {
          logY: true,
          yRange: [0.1, 1000],
          xRange: [0, 5],
          vertical: [{ value: 2, label: "cut" }],
          horizontal: { bound: 10 },
        },
      ),
    );
    assert.deepEqual(layout.yaxis.range, [-1, 3]);
    assert.equal(layout.yaxis.type, "log");
    assert.deepEqual(layout.xaxis.range, [0, 5]);
    assert.deepEqual(
      layout.shapes.map(({ x0, x1, y0, y1 }) => [x0, x1, y0, y1]),
      [
        [0, 1, 10, 10],
        [2, 2, 0, 1],
      ],
    );
    assert.deepEqual(
      layout.annotations.map(({ text, x, y }) => [text, x, y]),
      [
        ["bound 10", 1, 1],
        ["cut", 2, 1],
      ],
    );
  });

  it("makes room around a single height, in proportion on a logarithmic axis", () => {
    const range = (value: number, logY: boolean) =>
      json(lines({ a: [value, value] }, { logY, horizontal: { same: value } })).layout.yaxis
        .range as unknown as number[];
    assert.deepEqual(range(20, false), [18, 22]);
    assert.deepEqual(range(0, false), [-1, 1]);
    assert.deepEqual(
      range(20, true).map((v) => Math.round(10 ** v)),
      [10, 40],
    );
  });

  it("writes out 1, 2, 5, 10 on a logarithmic axis of few decades, and whole numbers of epochs", () => {
    const axes = (y: number[], logY: boolean, x?: number[]) => {
      const { xaxis, yaxis } = json(lines([{ y, x }], { logY })).layout;
      return [xaxis.dtick, yaxis.dtick, yaxis.tickformat] as unknown[];
    };
    assert.deepEqual(axes([0.1, 10], true), [1, "D2", ",~g"]);
    assert.deepEqual(axes([1e-6, 10], true), [1, undefined, undefined]);
    assert.deepEqual(axes([1, 2], true, [0, 0.5]), [undefined, undefined, undefined]);
    assert.deepEqual(axes([1, 2], false, [0, 13]), [undefined, undefined, undefined]);
  });

  it("says in the text what a logarithmic axis leaves out, and the extremes between the ends", () => {
    assert.equal(
      lines({ a: [1, 0, 5, 2] }, { logY: true }).alt,
      "y over x, vertical axis logarithmic. a: 4 points, from 1 at 0 to 2 at 3, lowest 0 at 1, highest 5 at 2. " +
        "1 point ≤ 0 not drawn on a logarithmic axis.",
    );
    assert.equal(line([1], [2]).alt, "y over x. One point, 2 at 1.");
    assert.equal(line([1], [Number.NaN]).alt, "y over x. no finite value among 1 point.");
    assert.equal(lines({ a: [1] }, { alt: "my words" }).alt, "my words");
  });

  it("escapes every text that plotly would read as mark-up or TeX", () => {
    const { data, layout } = json(
      lines(
        { "<s>$x$&": [1], b: [2] },
        { title: "<b>", xLabel: "<i>", yLabel: "a & b", horizontal: { "<u>": 1 } },
      ),
    );
    assert.equal(data[0].name, "&lt;s&gt;&#36;x&#36;&amp;");
    assert.equal(layout.title.text, "&lt;b&gt;");
    assert.equal(layout.xaxis.title.text, "&lt;i&gt;");
    assert.equal(layout.yaxis.title.text, "a &amp; b");
    assert.equal(layout.annotations[0].text, "&lt;u&gt; 1");
  });

  it("refuses what it cannot draw, naming the series", () => {
    assert.throws(
      () => lines([]),
      (e) => e instanceof ArgumentError && /no series/.test(e.message),
    );
    assert.throws(() => lines({ a: [] }), /series "a" is empty/);
    assert.throws(
      () => lines({ a: ["1"] as never }),
      /series "a": y must hold numbers only, its entry 0 is "1"/,
    );
    assert.throws(() => lines({ a: 3 as never }), /series "a": y must be a list of numbers, got 3/);
    assert.throws(
      () => line([1, 2], [1]),
      (e) => e instanceof ShapeError && /x: 2 given for 1 y values \(2 ≠ 1\)/.test(e.message),
    );
    assert.throws(() => lines([{ y: [1], low: [1] }]), /a band needs both low and high/);
    assert.throws(
      () => lines({ a: [1] }, { horizontal: { b: "2" as never } }),
      /line "b" must be a finite number, got "2"/,
    );
  });

  it("leaves the data it was given alone", () => {
    const y = Object.freeze([3, 1, 2]);
    const figure = lines({ a: y });
    figure.toSVG();
    assert.deepEqual(y, [3, 1, 2]);
    assert.deepEqual(json(figure).data[0].y, [3, 1, 2]);
  });
});

describe("viz: spreadApart", () => {
  it("keeps positions that are far apart, and centres the others about their places", () => {
    assert.deepEqual(spreadApart([], 10), []);
    assert.deepEqual(spreadApart([0, 20, 40], 10), [0, 20, 40]);
    assert.deepEqual(spreadApart([10, 10], 10), [5, 15]);
    assert.deepEqual(spreadApart([0, 10, 10, 10, 100], 10), [-7.5, 2.5, 12.5, 22.5, 100]);
  });
});
