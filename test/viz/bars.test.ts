import assert from "node:assert/strict";
import { type BarInput, bars, binsOf, type Figure, histogram, palette } from "../../src/viz/index.ts";

type Json = { [key: string]: Json } & Json[] & (string | number);
const json = (figure: Figure) => figure.toJSON() as unknown as { data: Json[]; layout: Json };

describe("viz: bars", () => {
  const module = {
    namedParameters: () =>
      new Map([
        ["embedding.weight", { shape: [65, 16] }],
        ["lstm.weightIh", { shape: [128, 16] }],
        ["lstm.biasIh", { shape: [128] }],
        ["scale", { shape: [] }],
      ]),
  };

  it("lists the parameters of a module, or adds them up by the first parts of their names", () => {
    const figure = bars(module, { title: "Parameters" });
    const { data, layout } = json(figure);
    assert.deepEqual(data[0].x, [1040, 2048, 128, 1]);
    assert.deepEqual(data[0].text, ["1,040", "2,048", "128", "1"]);
    assert.deepEqual(layout.yaxis.ticktext, ["embedding.weight", "lstm.weightIh", "lstm.biasIh", "scale"]);
    assert.equal(layout.yaxis.autorange, "reversed");
    assert.equal(
      figure.alt,
      "Parameters: bars of parameters. embedding.weight 1,040, lstm.weightIh 2,048, lstm.biasIh 128, scale 1; 3,217 in all.",
    );
    const added = json(bars(module, { depth: 1 }));
    assert.deepEqual(added.data[0].x, [1040, 2176, 1]);
    assert.deepEqual(added.layout.yaxis.ticktext, ["embedding", "lstm", "scale"]);
  });

  it("takes a list, an object, and groups with holes", () => {
    assert.deepEqual(json(bars([{ name: "a", count: 2 }])).data[0].x, [2]);
    assert.deepEqual(json(bars({ a: 1, b: -2 })).data[0].x, [1, -2]);
    const figure = bars({ RNN: { syllable: 3, jamo: 2 }, LSTM: { jamo: 1.5 } });
    const { data } = json(figure);
    assert.deepEqual(
      data.map(({ name, x, text, marker }) => [name, x, text, marker.color]),
      [
        ["RNN", [3, 2], ["3", "2"], palette.rnn],
        ["LSTM", [null, 1.5], ["", "1.5"], palette.lstm],
      ],
    );
    assert.equal(figure.alt, "bars of value. RNN: syllable 3, jamo 2. LSTM: jamo 1.5.");
  });

  it("starts at nought and keeps room for the values", () => {
    const range = (input: BarInput) => json(bars(input)).layout.xaxis.range as unknown as number[];
    const [low, high] = range({ a: 100, b: 50 });
    assert.ok(low === 0 && high > 105 && high < 120, `${low} … ${high}`);
    const [below, above] = range({ a: -100, b: 50 });
    assert.ok(below < -105 && above > 50);
    assert.deepEqual(range({ a: 0 })[0], 0);
  });

  it("refuses values that are no numbers, and nothing", () => {
    assert.throws(() => bars([]), /nothing to draw/);
    assert.throws(() => bars({ a: Number.NaN }), /"a" must be a finite number, got NaN/);
    assert.throws(() => bars({ a: 1 }, { depth: 0 }), /depth must be a whole number and ≥ 1, got 0/);
  });
});

describe("viz: histogram", () => {
  it("counts into intervals closed on the left, the last one on both sides", () => {
    assert.deepEqual(binsOf([0, 0.5, 1, 1.5, 2, 3, -1, Number.NaN], { bins: 4, range: [0, 2] }), {
      edges: [0, 0.5, 1, 1.5, 2],
      counts: [1, 1, 1, 2],
      outside: 2,
      notFinite: 1,
    });
  });

  it("puts a value on an edge into the interval that the edge opens, whatever the division rounds to", () => {
    for (const bins of [3, 7, 10, 49]) {
      const { edges } = binsOf([0], { bins, range: [0, 0.7] });
      const { counts } = binsOf(edges.slice(0, -1), { bins, range: [0, 0.7] });
      assert.deepEqual(counts, Array(bins).fill(1), `${bins} intervals`);
    }
  });

  it("chooses round edges about as far apart as Freedman and Diaconis ask for", () => {
    const uniform = Array.from({ length: 1000 }, (_, i) => i / 1000);
    // 2·IQR·n^(−1/3) = 2 · 0.5 / 10 = 0.1
    assert.deepEqual(binsOf(uniform).edges, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    assert.deepEqual(binsOf(uniform).counts, Array(10).fill(100));
    assert.deepEqual(
      binsOf(uniform.map((v) => 3000 * v - 500)).edges,
      Array.from({ length: 17 }, (_, i) => -600 + 200 * i),
    );
    assert.deepEqual(
      binsOf([4, 4, 4]).counts.reduce((a, b) => a + b),
      3,
    );
    assert.deepEqual(
      binsOf([]).counts.reduce((a, b) => a + b),
      0,
    );
  });

  it("draws counts or densities, several lists over each other", () => {
    const counts = json(histogram([0, 0.1, 0.9], { bins: 2, range: [0, 1] }));
    assert.deepEqual([counts.data[0].x, counts.data[0].y, counts.data[0].width], [[0.25, 0.75], [2, 1], 0.5]);
    const both = histogram(
      { a: [0, 0.1, 0.9, 5], b: [[0.2], [0.3]] as never },
      { bins: 2, range: [0, 1], density: true },
    );
    const { data, layout } = json(both);
    assert.deepEqual(
      data.map(({ name, y }) => [name, y]),
      [
        ["a", [1.333333, 0.6666667]],
        ["b", [2, 0]],
      ],
    );
    assert.equal(layout.barmode, "overlay");
    assert.equal(layout.yaxis.title.text, "density");
    assert.equal(
      both.alt,
      "histogram of value. a: 4 values in 2 intervals from 0 to 1, most (2) from 0 to 0.5, 1 outside. " +
        "b: 2 values in 2 intervals from 0 to 1, most (2) from 0 to 0.5.",
    );
  });

  it("takes a tensor of any number of dimensions", () => {
    const values = (toArray: () => unknown) =>
      json(histogram({ toArray }, { bins: 1, range: [0, 10] })).data[0].y;
    assert.deepEqual(
      values(() => [
        [1, 2],
        [3, 4],
      ]),
      [4],
    );
    assert.deepEqual(
      values(() => 5),
      [1],
    );
  });

  it("refuses nothing, falling ranges and odd numbers of intervals", () => {
    assert.throws(() => histogram([]), /no values/);
    assert.throws(() => histogram([1], { range: [1, 1] }), /range must rise, got 1 … 1/);
    assert.throws(() => histogram([1], { bins: 2.5 }), /bins must be a whole number/);
    assert.throws(
      () => histogram({ a: ["x"] as never }),
      /values of "a" must hold numbers only, its entry 0 is "x"/,
    );
  });
});
