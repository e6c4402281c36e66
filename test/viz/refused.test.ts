import * as library from "../../src/index.ts";
import { ArgumentError, ShapeError } from "../../src/index.ts";
import { type Anything, assertAllRefused, type Refusal } from "../refusals.ts";

const given = library as unknown as Anything;
const { lm, viz, drawGraph } = given;

const refusals: Refusal[] = [
  [
    () => viz.lossCurve(),
    ArgumentError,
    /^lossCurve: give the history that lm\.train returned, or several by name/,
  ],
  [() => viz.lossCurve({}), ArgumentError, /^lossCurve: there is no history to draw/],
  [() => viz.lossCurve(new lm.History(), { y: "acc" }), ArgumentError, /^lossCurve: y/],
  [() => viz.heatmap(), ArgumentError, /^heatmap: the matrix/],
  [() => viz.heatmap([[1], [1, 2]]), ShapeError, /^heatmap: the matrix: row 1 has 2 entries, row 0 has 1/],
  [() => viz.heatmap([1, 2]), ArgumentError, /^heatmap: the matrix, row 0,/],
  [() => viz.lines("abc"), ArgumentError, /^lines: series "0": y/],
  [() => viz.line([NaN, NaN]), ArgumentError, /^lines: series "": y/],
  [() => viz.bars(), ArgumentError, /^bars: give a model, or numbers by name/],
  [
    () => viz.histogram(),
    ArgumentError,
    /^histogram: give a list of numbers or a tensor, or several by name/,
  ],
  [() => viz.histogram([]), ArgumentError, /^histogram: there are no values/],
  [() => viz.pca?.([[1, 2]]), ArgumentError, /^pca: one row has no variance/],
  [() => drawGraph(5), ArgumentError, /^drawGraph/],
];

describe("viz: bad calls", () => {
  it(`${refusals.length} of them are refused, by name and with a remedy`, () => assertAllRefused(refusals));
});
