import assert from "node:assert/strict";
import { ArgumentError } from "../../src/errors.ts";
import { positionOn, smoothed } from "../../src/viz/history.ts";
import {
  type Figure,
  gradientNorms,
  type HistoryLike,
  lossCurve,
  palette,
  perplexity,
} from "../../src/viz/index.ts";
import { history } from "./samples.ts";

/** Three steps, two epochs of which the second is short. */
const small: HistoryLike = {
  name: "LSTM",
  steps: [
    { step: 1, tokens: 10, loss: Math.LN2 * 3, gradNorm: 4 },
    { step: 2, tokens: 20, loss: Math.LN2 * 2, gradNorm: 0.5 },
    { step: 3, tokens: 25, loss: Math.LN2 * 1, gradNorm: 2 },
  ],
  epochs: [
    { epoch: 1, step: 2, tokens: 20, trainLoss: 1.7, validLoss: Math.LN2 * 2 },
    { epoch: 2, step: 3, tokens: 25, trainLoss: 1.1, validLoss: Math.LN2 * 1.5 },
  ],
};

interface Shown {
  name?: string;
  x: number[];
  y: number[];
  showlegend?: boolean;
  opacity?: number;
  line: { color: string; dash: string };
}

const shown = (figure: Figure): Shown[] => figure.toJSON().data as unknown as Shown[];
const layoutOf = (figure: Figure) =>
  figure.toJSON().layout as unknown as Record<
    "xaxis" | "yaxis",
    { title: { text: string }; type?: string; range?: number[] }
  > & {
    title?: { text: string };
    shapes?: { y0: number; line: { dash: string; color: string } }[];
    annotations?: { text: string; y: number; yshift: number }[];
  };

/** n·ln 2 as it stands in JSON. */
const log2s = (n: number): number => Number((n * Math.LN2).toPrecision(7));

describe("viz: lossCurve", () => {
  it("draws the loss of steps and of epochs, in nats per token over steps", () => {
    const figure = lossCurve(small);
    const [train, validation] = shown(figure);
    assert.deepEqual([train.name, validation.name], ["LSTM train", "LSTM validation"]);
    assert.deepEqual(
      [train.x, validation.x],
      [
        [1, 2, 3],
        [2, 3],
      ],
    );
    assert.deepEqual(train.y, [3, 2, 1].map(log2s));
    assert.deepEqual(validation.y, [2, 1.5].map(log2s));
    assert.deepEqual([train.line.color, validation.line.color], [palette.lstm, palette.lstm]);
    const { xaxis, yaxis, title } = layoutOf(figure);
    assert.deepEqual(
      [title!.text, xaxis.title.text, yaxis.title.text],
      ["Loss of LSTM", "step", "loss (nats per token)"],
    );
    assert.equal(
      figure.alt,
      "Loss of LSTM: loss (nats per token) over step. LSTM train: 3 points, from 2.0794 at 1 to 0.6931 at 3. " +
        "LSTM validation: 2 points, from 1.3863 at 2 to 1.0397 at 3.",
    );
  });

  it("converts to bits and perplexity, and counts tokens and epochs", () => {
    const bits = lossCurve(small, { y: "bits", x: "tokens", per: "character" });
    assert.deepEqual(shown(bits)[0].y, [3, 2, 1]);
    assert.deepEqual(shown(bits)[0].x, [10, 20, 25]);
    assert.equal(layoutOf(bits).yaxis.title.text, "loss (bits per character)");
    assert.equal(layoutOf(bits).xaxis.title.text, "tokens seen");
    const ppl = perplexity(small, { x: "epoch" });
    assert.deepEqual(shown(ppl)[0].y, [8, 4, 2]);
    assert.deepEqual(shown(ppl)[0].x, [0.5, 1, 2]);
    assert.deepEqual(shown(ppl)[1].x, [1, 2]);
    assert.equal(layoutOf(ppl).yaxis.title.text, "perplexity per token");
    assert.equal(layoutOf(ppl).yaxis.type, undefined);
  });

  it("makes the axis logarithmic for perplexities that span more than a factor of 20, unless told", () => {
    const wide = history("RNN", { from: 9, to: 4 });
    assert.equal(layoutOf(perplexity(wide)).yaxis.type, "log");
    assert.equal(layoutOf(perplexity(wide, { logY: false })).yaxis.type, undefined);
    assert.equal(layoutOf(lossCurve(wide)).yaxis.type, undefined);
    assert.equal(layoutOf(lossCurve(wide, { logY: true })).yaxis.type, "log");
  });

  it("draws the average boldly and the steps palely behind it", () => {
    const run = history("GRU", { steps: 1000 });
    const losses = run.steps.map(({ loss }) => loss);
    const [raw, train] = shown(lossCurve(run));
    assert.deepEqual(
      raw.y,
      losses.map((v) => Number(v.toPrecision(7))),
    );
    assert.equal(raw.opacity, 0.3);
    assert.equal(raw.showlegend, false);
    assert.deepEqual(
      train.y,
      smoothed(losses, 0.9).map((v) => Number(v.toPrecision(7))),
    );
    assert.deepEqual(
      shown(lossCurve(run, { raw: false })).map(({ name }) => name),
      ["GRU train", "GRU validation"],
    );
    assert.deepEqual(shown(lossCurve(run, { smoothing: 0 }))[0].y, raw.y);
    assert.equal(shown(lossCurve([run, run, run])).length, 6, "no raw steps behind three models");
  });

  it("averages the loss before it takes the exponential", () => {
    const run: HistoryLike = {
      steps: [1, 3].map((loss, i) => ({ step: i + 1, tokens: i, loss })),
      epochs: [],
    };
    const [, averaged] = shown(perplexity(run, { smoothing: 0.5 }));
    // m₂/(1 − β²) = (½·½·1 + ½·3)/¾ = 7/3
    assert.deepEqual(averaged.y, [Number(Math.E.toPrecision(7)), Number(Math.exp(7 / 3).toPrecision(7))]);
  });

  it("draws baselines and the optimum at their heights, with spread labels", () => {
    const figure = lossCurve(small, { baselines: { "KN-5": 1.2, unigram: 1.21 }, optimum: 0.5 });
    const { shapes, annotations, yaxis } = layoutOf(figure);
    assert.deepEqual(
      shapes!.map(({ y0, line }) => [y0, line.dash, line.color]),
      [
        [0.5, "dot", palette.neutral],
        [1.2, "dash", palette.ngram],
        [1.21, "dash", palette.ngram],
      ],
    );
    assert.deepEqual(
      annotations!.map(({ text, y }) => [text, y]),
      [
        ["optimum 0.5", 0.5],
        ["KN-5 1.2", 1.2],
        ["unigram 1.21", 1.21],
      ],
    );
    assert.equal(annotations![0].yshift, 0);
    assert.ok(annotations![2].yshift - annotations![1].yshift > 10);
    const span = 2.079442 - 0.5;
    assert.ok(Math.abs(yaxis.range![0] - (0.5 - span / 20)) < 1e-6);
    assert.ok(Math.abs(yaxis.range![1] - (2.079442 + span / 20)) < 1e-6);
    assert.match(figure.alt, /Horizontal lines: KN-5 1\.2, unigram 1\.21 and optimum 0\.5\.$/);
  });

  it("puts lines on a logarithmic axis where their values are", () => {
    const figure = perplexity(small, { logY: true, baselines: { "KN-5": 100 } });
    const { shapes, annotations, yaxis } = layoutOf(figure);
    assert.equal(shapes![0].y0, 100, "plotly takes the value for a shape");
    assert.equal(annotations![0].y, 2, "and the logarithm for an annotation");
    assert.deepEqual(
      yaxis.range!.map((v) => Math.round(v * 1e4) / 1e4),
      [0.2161, 2.0849],
    );
  });

  it("names several histories by themselves, by the caller, or by number, and never two alike", () => {
    const names = (figure: Figure) => shown(figure).map(({ name }) => name);
    const anonymous = { ...small, name: undefined };
    assert.deepEqual(names(lossCurve([{ ...small, name: "" }], { show: "train" })), ["run 1"]);
    assert.deepEqual(names(lossCurve({ a: small, b: small }, { show: "train" })), ["a", "b"]);
    assert.deepEqual(names(lossCurve([small, anonymous, small], { show: "train" })), [
      "LSTM",
      "run 2",
      "LSTM (2)",
    ]);
    assert.deepEqual(names(lossCurve(anonymous)), ["train", "validation"]);
    assert.deepEqual(names(lossCurve(small, { show: "validation" })), ["LSTM"]);
  });

  it("gives each family its colour, and colours of their own to runs of one family", () => {
    const colors = (figure: Figure) => shown(figure).map(({ line }) => line.color);
    const of = (...names: string[]) => Object.fromEntries(names.map((name) => [name, small]));
    const show = "train";
    assert.deepEqual(colors(lossCurve(of("GRU", "RNN", "LSTM, 2 layers"), { show })), [
      palette.gru,
      palette.rnn,
      palette.lstm,
    ]);
    assert.equal(new Set(colors(lossCurve(of("LSTM f=0", "LSTM f=1", "LSTM f=2"), { show }))).size, 3);
    const two = shown(lossCurve(of("LSTM a", "LSTM b", "GRU a"), { show }));
    assert.deepEqual(
      two.map(({ line }) => line.dash),
      ["solid", "dash", "solid"],
    );
    assert.deepEqual(
      two.map(({ line }) => line.color),
      [palette.lstm, palette.lstm, palette.gru],
    );
    assert.deepEqual(colors(lossCurve(of("GRU", "RNN"), { show, colors: { GRU: "#123456" } })), [
      "#123456",
      palette.rnn,
    ]);
  });

  it("takes the means of the epochs where steps were not kept, and leaves gaps where a loss is not finite", () => {
    assert.deepEqual(shown(lossCurve({ ...small, steps: [] }))[0].y, [1.7, 1.1]);
    const diverged = {
      steps: [1, Number.NaN, 3, Infinity].map((loss, i) => ({ step: i, tokens: i, loss })),
      epochs: [],
    };
    const figure = lossCurve(diverged);
    assert.deepEqual(shown(figure)[0].y, [1, null, 3, null]);
    assert.match(figure.alt, /4 points, from 1 at 0 to 3 at 2, 2 not finite\./);
  });

  it("refuses what cannot be drawn, saying why", () => {
    const throws = (call: () => unknown, message: RegExp) =>
      assert.throws(call, (e) => e instanceof ArgumentError && message.test(e.message));
    throws(() => lossCurve([]), /no history/);
    throws(() => lossCurve({ steps: [], epochs: [] }), /history "" is empty: nothing was trained yet/);
    throws(() => lossCurve({ a: 3 } as never), /history "a" must have the lists steps and epochs, got 3/);
    throws(
      () => lossCurve(small, { y: "nats" as never }),
      /y must be "loss", "perplexity" or "bits", got "nats"/,
    );
    throws(
      () => lossCurve(small, { x: "time" as never }),
      /x must be "step", "epoch" or "tokens", got "time"/,
    );
    throws(() => lossCurve({ ...small, epochs: [] }, { x: "epoch" }), /no finished epoch/);
    throws(() => lossCurve({ ...small, epochs: [] }, { show: "validation" }), /no validation values/);
    throws(() => lossCurve(small, { smoothing: 1 }), /smoothing must be ≥ 0 and < 1, got 1/);
    throws(
      () => lossCurve(small, { baselines: { "KN-5": Number.NaN } }),
      /baseline "KN-5" must be a finite number, got NaN/,
    );
    throws(() => lossCurve(small, { logY: true, optimum: 0 }), /"optimum" is 0: a logarithmic axis/);
  });
});

describe("viz: epochs as a position", () => {
  const at = (history: HistoryLike) => positionOn("epoch", { name: "", history }, "test");
  const step = (n: number) => ({ step: n, tokens: 0 });
  const epochs = (...ends: [number, number][]) =>
    ends.map(([epoch, s]) => ({ epoch, step: s, tokens: 0, trainLoss: 1 }));

  it("interpolates between the ends and goes on after the last at its pace", () => {
    const position = at({ steps: [], epochs: epochs([1, 10], [2, 30]) });
    assert.deepEqual(
      [0, 5, 10, 20, 30, 40].map((n) => position(step(n))),
      [0, 0.5, 1, 1.5, 2, 2.5],
    );
  });

  it("begins a resumed training where the other ended", () => {
    const position = at({ steps: [{ step: 41, tokens: 0, loss: 1 }], epochs: epochs([5, 50], [6, 60]) });
    assert.deepEqual(
      [40, 45, 50, 60].map((n) => position(step(n))),
      [4, 4.5, 5, 6],
    );
    const single = at({ steps: [{ step: 41, tokens: 0, loss: 1 }], epochs: epochs([5, 50]) });
    assert.deepEqual(
      [40, 45, 50].map((n) => single(step(n))),
      [4, 4.5, 5],
    );
  });
});

describe("viz: smoothed", () => {
  it("is the weighted mean of the values so far", () => {
    assert.deepEqual(
      smoothed([5, 5, 5], 0.9).map((v) => v.toFixed(12)),
      Array(3).fill("5.000000000000"),
    );
    const [a, b, c] = smoothed([1, 2, 4], 0.5);
    assert.deepEqual([a, b], [1, (0.25 * 1 + 0.5 * 2) / 0.75]);
    assert.equal(c, (0.125 * 1 + 0.25 * 2 + 0.5 * 4) / 0.875);
    assert.deepEqual(smoothed([1, Number.NaN, 1], 0.5), [1, Number.NaN, 1]);
    assert.deepEqual(smoothed([3, 1], 0), [3, 1]);
  });
});

describe("viz: gradientNorms", () => {
  it("draws the norms on a logarithmic axis, the threshold, and counts the steps above it", () => {
    const figure = gradientNorms(small, { clip: 1 });
    assert.deepEqual(shown(figure)[0].y, [4, 0.5, 2]);
    const { yaxis, shapes } = layoutOf(figure);
    assert.equal(yaxis.type, "log");
    assert.deepEqual(
      shapes!.map(({ y0 }) => y0),
      [1],
    );
    assert.match(figure.alt, /Horizontal line: clip 1\. LSTM: 2 of 3 steps above it \(66\.7 %\)\.$/);
    assert.equal(gradientNorms(small, { clip: 1, alt: "mine" }).alt, "mine");
  });

  it("averages logarithms", () => {
    const [raw, mean] = shown(gradientNorms(small, { smoothing: 0.5 }));
    assert.deepEqual(raw.y, [4, 0.5, 2]);
    assert.equal(mean.y[1], Number((4 ** (1 / 3) * 0.5 ** (2 / 3)).toPrecision(7)));
  });

  it("refuses a history without norms and a threshold that is none", () => {
    assert.throws(() => gradientNorms({ ...small, steps: [] }), /history "LSTM" holds no gradNorm/);
    assert.throws(() => gradientNorms(small, { clip: 0 }), /clip must be a finite number and > 0, got 0/);
  });
});
