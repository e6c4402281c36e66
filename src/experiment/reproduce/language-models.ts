import type { lm } from "../../index.ts";
import type { ExperimentConfig } from "../config.ts";
import { trained } from "./trained.ts";
import type { Reproduction } from "./types.ts";

const MARKS = [819200, 1638400, 2457600, 4915200];

/** Tiny-shakespeare by one protocol for three cells, with PyTorch's values (mean of three seeds) at four marks. */
function shakespeare(cell: "rnn" | "gru" | "lstm", published: readonly number[]): Reproduction {
  return trained({
    name: `shakespeare-${cell}`,
    title: `${cell.toUpperCase()} of 128 units on tiny-shakespeare after 4.92 M characters, validation part`,
    unit: "nats per character",
    published: published[3],
    source: "measured with PyTorch 1.13, mean of three seeds, same protocol and initialisation",
    band: { least: published[3] - 0.02, most: published[3] + 0.02 },
    marks: { x: MARKS, y: published, within: "0.02 nats" },
    corpora: ["tinyshakespeare"],
    axes: { x: "training characters", y: "validation loss, nats per character" },
    config: {
      corpus: "tinyshakespeare",
      model: { type: "RecurrentLM", cell, embeddingSize: 32, hiddenSize: 128, seed: 1 },
      optimizer: { type: "Adam", lr: 3e-3 },
      training: { epochs: 5, maxSteps: 2400, batchSize: 32, bptt: 64, clipNorm: 5, validate: false },
    },
    fast: { maxSteps: 40 },
    validateAt: MARKS,
    value: (result) => result.evaluations.valid!.nats,
    curve: (_, marks) => [...marks],
  });
}

/** The capstone's model: larger, with dropout and a falling rate. */
function largeShakespeare(): Reproduction {
  const [epochs, stepsPerEpoch] = [8, 980];
  return trained({
    name: "shakespeare-lstm-large",
    title: "LSTM of 384 units with dropout on tiny-shakespeare, eight epochs, validation part",
    unit: "nats per character",
    published: 1.5165,
    source:
      "the model to beat: modified Kneser–Ney of order 7; of order 6 with estimated discounts (shakespeare-kn) it is 1.5581",
    band: { most: 1.5165 },
    corpora: ["tinyshakespeare"],
    axes: { x: "training characters", y: "validation loss, nats per character" },
    config: {
      corpus: "tinyshakespeare",
      model: {
        type: "RecurrentLM",
        cell: "lstm",
        embeddingSize: 64,
        hiddenSize: 384,
        dropout: 0.25,
        seed: 1,
      },
      optimizer: { type: "Adam", lr: 3e-3 },
      schedule: { type: "CosineAnnealingLR", per: "step", tMax: epochs * stepsPerEpoch, etaMin: 1e-5 },
      training: { epochs, batchSize: 16, bptt: 64, clipNorm: 1 },
    },
    fast: { epochs: 1, maxSteps: 4, validate: false },
    value: (result) => result.evaluations.valid!.nats,
    curve: (history) => history.epochs.map(({ tokens, validLoss }) => ({ x: tokens, y: validLoss! })),
  });
}

interface Treebank {
  name: string;
  title: string;
  published: number | null;
  source: string;
  band: Reproduction["band"];
  /** Test perplexity after each epoch, where it is known. */
  epochs?: readonly number[];
  model: ExperimentConfig["model"];
  optimizer: ExperimentConfig["optimizer"];
  schedule?: ExperimentConfig["schedule"];
  training: NonNullable<ExperimentConfig["training"]>;
}

/** Words of the Penn Treebank: the value is the test perplexity at the end, `<eos>` predicted, state carried. */
function treebank({ model, optimizer, schedule, training, epochs, ...rest }: Treebank): Reproduction {
  return trained({
    ...rest,
    unit: "perplexity per word",
    corpora: ["ptb-train", "ptb-valid", "ptb-test"],
    ...(epochs ? { marks: { x: epochs.map((_, i) => i + 1), y: epochs, within: "2 %" } } : {}),
    config: { corpus: "ptb", model, optimizer, schedule, training },
    fast: { epochs: 1, maxSteps: 12, validate: false },
    ...(epochs ? { testEachEpoch: true } : { part: "test" }),
    value: (result) => result.evaluations.test!.perplexity,
  });
}

/** Karpathy's numbers are of a window of 25 characters, smoothed over about a thousand windows. */
const WINDOW = 25;
const SMOOTHING = 0.999;

/** The smoothed loss that min-char-rnn prints, from −ln(1/V) · 25 on. */
function smoothedLoss(losses: readonly number[], vocabularySize: number): Float64Array {
  const smooth = new Float64Array(losses.length);
  let value = Math.log(vocabularySize) * WINDOW;
  losses.forEach((loss, i) => {
    value = SMOOTHING * value + (1 - SMOOTHING) * loss * WINDOW;
    smooth[i] = value;
  });
  return smooth;
}

function minCharRnn(): Reproduction {
  const V = 65;
  const smooth = (history: lm.History) =>
    smoothedLoss(
      history.steps.map(({ loss }) => loss),
      V,
    );
  return trained({
    name: "min-char-rnn",
    title:
      "Karpathy's min-char-rnn: 100 units, one-hot input, windows of 25, on tiny-shakespeare; smoothed loss after 100,000 windows",
    unit: "nats per 25 characters, smoothed",
    published: 48.64,
    source:
      "measured with numpy, mean of five seeds (sd 1.2): test/bench/min_char_rnn.py; Karpathy's own min-char-rnn.py (2015) prints this curve and no final number",
    band: { least: 45, most: 52 },
    corpora: ["tinyshakespeare"],
    axes: { x: "windows of 25 characters", y: "smoothed loss, nats per 25 characters" },
    config: {
      corpus: { source: "tinyshakespeare", split: { fractions: [1, 0] } },
      model: {
        type: "RecurrentLM",
        cell: "rnn",
        embeddingSize: null,
        hiddenSize: 100,
        init: { std: 0.01, zeroBias: true, oneBias: true },
        seed: 1,
      },
      // He adds 1e-8 inside the root: as here, the first steps of a parameter with small gradients stay small.
      optimizer: { type: "Adagrad", lr: 0.1, eps: 1e-4 },
      training: {
        epochs: 3,
        maxSteps: 100_000,
        batchSize: 1,
        bptt: WINDOW,
        clipValue: 5,
        reduction: "sumOverTime",
        validate: false,
      },
    },
    fast: { maxSteps: 300 },
    value: (_, history) => smooth(history).at(-1)!,
    curve: (history) =>
      [...smooth(history)].flatMap((y, i) => ((i + 1) % 1000 === 0 ? [{ x: i + 1, y }] : [])),
  });
}

export const languageModels: readonly Reproduction[] = [
  shakespeare("rnn", [1.9517, 1.8522, 1.8211, 1.7464]),
  shakespeare("gru", [1.8641, 1.7484, 1.7092, 1.645]),
  shakespeare("lstm", [1.9419, 1.8083, 1.7531, 1.6632]),
  largeShakespeare(),
  trained({
    name: "names-mlp",
    title:
      "Fixed-window model with three characters of context on names.txt, seed-42 split, development part",
    unit: "nats per character",
    published: 2.105,
    source: "Karpathy, makemore (2022): 3-character MLP, tuned",
    band: { most: 2.12 },
    corpora: ["names"],
    axes: { x: "epoch", y: "validation loss, nats per character" },
    config: {
      corpus: { source: "names", end: "." },
      model: { type: "FixedWindowLM", window: 3, embeddingSize: 24, hiddenSize: 256, seed: 1 },
      optimizer: { type: "AdamW", lr: 2e-3, weightDecay: 0.01 },
      schedule: { type: "CosineAnnealingLR", tMax: 20, etaMin: 1e-5 },
      training: { epochs: 20, batchSize: 256 },
    },
    fast: { epochs: 1, maxSteps: 60, validate: false },
    value: (result) => result.evaluations.valid!.nats,
    curve: (history) => history.epochs.map(({ epoch, validLoss }) => ({ x: epoch, y: validLoss! })),
  }),
  minCharRnn(),
  treebank({
    name: "ptb-nplm",
    title: "Fixed-window model of Bengio et al. (2003), window 5, on Penn Treebank words, test part",
    published: 140.2,
    source:
      "Mikolov et al., Empirical evaluation and combination of advanced language modeling techniques (2011)",
    band: { most: 150 },
    model: {
      type: "FixedWindowLM",
      window: 5,
      embeddingSize: 100,
      hiddenSize: 100,
      direct: false,
      init: { uniform: 0.1 },
      seed: 1,
    },
    optimizer: { type: "SGD", lr: 1, weightDecay: 4e-5 },
    schedule: { type: "decayAfter", after: 3, factor: 0.5 },
    training: { epochs: 9, batchSize: 64, patience: 2, keepBest: true },
  }),
  treebank({
    name: "ptb-rnn",
    title: "Plain RNN of 200 units on Penn Treebank words, test part",
    published: 124.7,
    source:
      "Mikolov et al., Empirical evaluation and combination of advanced language modeling techniques (2011)",
    band: { most: 135 },
    model: {
      type: "RecurrentLM",
      cell: "rnn",
      embeddingSize: 200,
      hiddenSize: 200,
      dropout: 0.35,
      tied: true,
      init: { uniform: 0.1 },
      seed: 1,
    },
    // By the SGD of the LSTM below (rate 1) the mean loss of steps 601 to 700 is 14.8, at 0.25 6.3; by Adam 5.7.
    // With an output table of its own the model overfits: after five epochs 111 in training, 159 in validation.
    optimizer: { type: "Adam", lr: 2e-3 },
    schedule: { type: "CosineAnnealingLR", tMax: 14 },
    training: { epochs: 14, batchSize: 20, bptt: 20, clipNorm: 0.5, keepBest: true },
  }),
  treebank({
    name: "ptb-lstm-small",
    title: "Zaremba et al. (2014), small: two LSTM layers of 200 on Penn Treebank words, test part",
    published: 114.5,
    source:
      "Zaremba, Sutskever & Vinyals, Recurrent Neural Network Regularization (2014): 120.7 valid, 114.5 test",
    band: { most: 115 },
    model: {
      type: "RecurrentLM",
      cell: "lstm",
      embeddingSize: 200,
      hiddenSize: 200,
      numLayers: 2,
      init: { uniform: 0.1 },
      seed: 1,
    },
    optimizer: { type: "SGD", lr: 1 },
    schedule: { type: "decayAfter", after: 4, factor: 0.5 },
    training: { epochs: 13, batchSize: 20, bptt: 20, clipNorm: 5, reduction: "sumOverTime" },
  }),
  treebank({
    name: "ptb-lstm-100",
    title: "Deep Learning from Scratch 2, chapter 6: LSTM of 100 on Penn Treebank words, test part",
    published: 136.39,
    source: "measured with PyTorch 1.13; the book's own number is 135.7 (second hand)",
    band: { least: 136.39 * 0.98, most: 136.39 * 1.02 },
    epochs: [202.31, 158.48, 141.7, 136.39],
    model: {
      type: "RecurrentLM",
      cell: "lstm",
      embeddingSize: 100,
      hiddenSize: 100,
      init: { embeddingStd: 0.01, fanIn: true, zeroBias: true },
      seed: 1,
    },
    optimizer: { type: "SGD", lr: 20 },
    training: { epochs: 4, batchSize: 20, bptt: 35, clipNorm: 0.25 },
  }),
  treebank({
    name: "ptb-lstm-1024",
    title:
      "The PyTorch tutorial's model: LSTM of 1024 on Penn Treebank words, test part after 5 epochs (overfitted)",
    published: 220.68,
    source: "measured with PyTorch 1.13; the tutorial prints training loss only",
    band: { least: 220.68 * 0.98, most: 220.68 * 1.02 },
    epochs: [138.14, 131.51, 153.51, 183.26, 220.68],
    model: { type: "RecurrentLM", cell: "lstm", embeddingSize: 128, hiddenSize: 1024, seed: 1 },
    optimizer: { type: "Adam", lr: 2e-3 },
    training: { epochs: 5, batchSize: 20, bptt: 30, clipNorm: 0.5 },
  }),
];
