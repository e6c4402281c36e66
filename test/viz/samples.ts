import { Generator } from "../../src/random.ts";
import {
  bars,
  type Figure,
  gradientNorms,
  type HistoryLike,
  heatmap,
  histogram,
  lines,
  lossCurve,
  perplexity,
  scatter2d,
} from "../../src/viz/index.ts";

/** A training whose loss falls from `from` to `to`, with noise. */
export function history(
  name: string,
  {
    from = 3.3,
    to = 1.6,
    steps = 400,
    epochs = 4,
  }: Partial<Record<"from" | "to" | "steps" | "epochs", number>> = {},
): HistoryLike {
  const noise = new Generator(name);
  const loss = (step: number): number => to + (from - to) * Math.exp((-6 * step) / steps);
  return {
    name,
    steps: Array.from({ length: steps }, (_, i) => ({
      step: i + 1,
      tokens: (i + 1) * 1120,
      loss: loss(i + 1) + noise.normal(0, 0.05),
      gradNorm: Math.exp(noise.normal(0, 0.5)),
    })),
    epochs: Array.from({ length: epochs }, (_, i) => {
      const step = ((i + 1) * steps) / epochs;
      return { epoch: i + 1, step, tokens: step * 1120, trainLoss: loss(step), validLoss: loss(step) + 0.07 };
    }),
  };
}

export function randomMatrix(rows: number, columns: number, seed: number | string = 1): number[][] {
  const random = new Generator(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
}

/** One figure of every kind, with everything that can be labelled labelled. */
export function samples(): Record<string, Figure> {
  const [rnn, lstm, gru] = [history("RNN", { to: 1.8 }), history("LSTM"), history("GRU", { to: 1.65 })];
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  return {
    "loss of three models": lossCurve([rnn, lstm, gru], {
      per: "character",
      baselines: {
        "KN-5 modified": 1.5165,
        "KN-6, D = .75": 1.5385,
        "KN-6 estimated": 1.5581,
        unigram: 3.31,
      },
      optimum: 1.4,
    }),
    "loss of one model": lossCurve(lstm, { x: "epoch", y: "bits" }),
    perplexity: perplexity(
      {
        "plain RNN with a rather long name": history("a", { from: 9.2, to: 4.9 }),
        LSTM: history("b", { from: 9.2, to: 4.7 }),
      },
      { x: "tokens", baselines: { "KN-5": 141.2 } },
    ),
    "gradient norms": gradientNorms([rnn, lstm], { clip: 1 }),
    gates: heatmap(
      randomMatrix(16, 11).map((row) => row.map((v) => 1 / (1 + Math.exp(-v)))),
      {
        x: [..."hello world"],
        xLabel: "character",
        yLabel: "unit",
        valueLabel: "forget gate",
        range: [0, 1],
        title: "Forget gate over a string",
      },
    ),
    shares: heatmap(
      randomMatrix(7, 7).map((row, t) => row.map((v, i) => (i > t ? Number.NaN : v))),
      {
        xLabel: "share through step i",
        yLabel: "loss at step t",
        valueLabel: "share of ∂J/∂W",
      },
    ),
    words: heatmap(randomMatrix(5, 9), {
      x: ["the", "<s>", "students", "opened", "their", "books", "</s>", "<unk>", "$x$"],
      y: ["나는", "책을", "읽는다", ".", " "],
    }),
    activations: histogram(
      { tanh: randomMatrix(1, 2000)[0].map(Math.tanh), raw: randomMatrix(1, 2000, 2)[0] },
      { xLabel: "activation", title: "Saturation", density: true },
    ),
    parameters: bars(
      [
        { name: "embedding.weight", count: 8320 },
        { name: "recurrent.0.weightIh", count: 65536 },
        { name: "recurrent.0.weightHh", count: 65536 },
        { name: "decoder.bias", count: 65 },
      ],
      { title: "Parameters", valueLabel: "parameters" },
    ),
    units: bars(
      {
        syllables: { "n-gram": 3.01, RNN: 2.8, LSTM: 2.61 },
        jamo: { "n-gram": 2.95, RNN: 2.75, LSTM: 2.55 },
      },
      { title: "Bits per syllable", valueLabel: "bits per syllable" },
    ),
    embeddings: scatter2d(randomMatrix(26, 8), {
      labels: letters,
      groups: letters.map((c) => ("aeiou".includes(c) ? "vowel" : "consonant")),
      title: "Letters",
    }),
    bands: lines(
      [
        { name: "LSTM", y: [3, 2, 1.5, 1.3], low: [2.8, 1.8, 1.4, 1.2], high: [3.3, 2.2, 1.7, 1.4] },
        { name: "GRU", y: [3, 2.2, 1.7, 1.5], low: [2.7, 2, 1.6, 1.4], high: [3.4, 2.5, 1.9, 1.6] },
      ],
      {
        title: "Five seeds",
        xLabel: "epoch",
        yLabel: "loss (nats per token)",
        vertical: { "rate halved": 2 },
      },
    ),
    hostile: lines(
      {
        "<script>alert(1)</script>": [1, 2],
        '<b>bold</b> & "quoted" $a_b$': [2, 1],
        "한국어 이름": [1.5, 1.5],
      },
      { title: '<a href="javascript:alert(1)">x</a> <s> &amp;', xLabel: "a\u0000b", yLabel: "\ud800" },
    ),
  };
}
