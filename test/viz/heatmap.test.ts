import assert from "node:assert/strict";
import { ArgumentError, ShapeError } from "../../src/errors.ts";
import { type Figure, type HeatmapOptions, heatmap, type Matrix } from "../../src/viz/index.ts";
import { diverging } from "../../src/viz/theme.ts";

type Json = { [key: string]: Json } & Json[] & (string | number);
const json = (figure: Figure) => figure.toJSON() as unknown as { data: Json[]; layout: Json };
const trace = (matrix: Matrix, options?: HeatmapOptions) => json(heatmap(matrix, options)).data[0];

describe("viz: heatmap", () => {
  it("takes rows, typed rows and tensors; NaN becomes an empty cell", () => {
    assert.deepEqual(
      trace([
        [1, 2],
        [Number.NaN, 4],
      ]).z,
      [
        [1, 2],
        [null, 4],
      ],
    );
    assert.deepEqual(trace([Float32Array.of(1, 2)]).z, [[1, 2]]);
    assert.deepEqual(trace({ toArray: () => [[1n, 2n]] }).z, [[1, 2]]);
  });

  it("puts row 0 at the top and the labels, made visible, at their positions", () => {
    const figure = heatmap(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { x: ["a", "a", " "], y: ["<s>", "\n"], xLabel: "token", yLabel: "unit" },
    );
    const { data, layout } = json(figure);
    assert.equal(layout.yaxis.autorange, "reversed");
    assert.deepEqual(
      [layout.xaxis.tickvals, layout.xaxis.ticktext],
      [
        [0, 1, 2],
        ["a", "a", "␣"],
      ],
    );
    assert.deepEqual(
      [layout.yaxis.tickvals, layout.yaxis.ticktext],
      [
        [0, 1],
        ["&lt;s&gt;", "↵"],
      ],
    );
    assert.deepEqual(data[0].text[1], ["↵ · a", "↵ · a", "↵ · ␣"]);
    assert.equal(
      figure.alt,
      'heat map of values, 2 rows (unit) by 3 columns (token); lowest 1 (row "<s>", column "a"), highest 6 (row "\\n", column " ").',
    );
  });

  it("chooses the scale by the signs", () => {
    const scale = (matrix: number[][], options?: HeatmapOptions) => {
      const { colorscale, zmin, zmax, zmid } = trace(matrix, options);
      return [colorscale, zmin, zmax, zmid] as unknown[];
    };
    assert.deepEqual(scale([[0, 3]]), ["Viridis", 0, 3, undefined]);
    assert.deepEqual(scale([[-3, -1]]), ["Viridis", -3, -1, undefined]);
    assert.deepEqual(scale([[-1, 3]]), [diverging, -3, 3, undefined]);
    assert.deepEqual(scale([[1, 3]], { scale: "diverging" }), [diverging, -3, 3, undefined]);
    assert.deepEqual(scale([[-1, 3]], { scale: "sequential" }), ["Viridis", -1, 3, undefined]);
    assert.deepEqual(scale([[0.2, 0.3]], { range: [0, 1] }), ["Viridis", 0, 1, undefined]);
    assert.deepEqual(scale([[0, 0]], { range: [-1, 2] }), [diverging, -1, 2, 0]);
    assert.deepEqual(scale([[2, 2]]), ["Viridis", 2, 3, undefined]);
    assert.deepEqual(scale([[Number.NaN]]), ["Viridis", 0, 1, undefined]);
  });

  it("writes numbers into at most 64 cells unless told", () => {
    const template = (rows: number, options?: HeatmapOptions) =>
      trace(
        Array.from({ length: rows }, () => Array(8).fill(1)),
        options,
      ).texttemplate as unknown;
    assert.equal(template(8), "%{z:.2f}");
    assert.equal(template(9), undefined);
    assert.equal(template(9, { values: true, digits: 0 }), "%{z:.0f}");
    assert.equal(template(1, { values: false }), undefined);
  });

  it("shows every k-th of too many labels", () => {
    const labels = Array.from({ length: 130 }, (_, i) => `t${i}`);
    const { layout } = json(heatmap([labels.map((_, i) => i)], { x: labels }));
    assert.deepEqual(layout.xaxis.ticktext.slice(0, 3) as unknown, ["t0", "t3", "t6"]);
    assert.equal(layout.xaxis.tickvals.length, 44);
  });

  it("counts empty cells in the alternative text", () => {
    assert.match(
      heatmap(
        [
          [1, Number.NaN],
          [Infinity, 2],
        ],
        { title: "T" },
      ).alt,
      /^T: .*highest 2 \(row 1, column 1\), 2 cells empty\.$/,
    );
    assert.match(
      heatmap([[Number.NaN]]).alt,
      /1 row by 1 column; no finite value, 1 cells empty|no finite value, 1 cell empty/,
    );
  });

  it("refuses ragged rows, wrong numbers of labels and unknown scales", () => {
    const refuses = (call: () => unknown, type: unknown, message: RegExp) =>
      assert.throws(call, (e) => e instanceof (type as typeof ShapeError) && message.test(e.message));
    refuses(() => heatmap([[1, 2], [3]]), ShapeError, /row 1 has 1 entries, row 0 has 2/);
    refuses(() => heatmap([]), ShapeError, /empty: it has 0 rows/);
    refuses(() => heatmap([[1, 2]], { x: ["a"] }), ShapeError, /x labels: 1 given for 2 columns \(1 ≠ 2\)/);
    refuses(() => heatmap([[1, 2]], { y: [] }), ShapeError, /y labels: 0 given for 1 rows/);
    refuses(
      () => heatmap([[1]], { scale: "rainbow" as never }),
      ArgumentError,
      /scale must be "auto".*got "rainbow"/,
    );
    refuses(() => heatmap([[1]], { range: [1, 0] }), ArgumentError, /range must rise, got \[1, 0\]/);
    refuses(() => heatmap([1, 2] as never), ArgumentError, /row 0, must be a list of numbers, got 1/);
    refuses(() => heatmap("text" as never), ArgumentError, /rows of numbers, got "text"/);
  });
});
