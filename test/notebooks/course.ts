/** What the index of the lectures says of each. Numbers are read from the outputs of the lecture itself. */
export interface Lecture {
  number: string;
  title: string;
  /** One line: what it is about. */
  about: string;
  /** Minutes of a learner's work. */
  minutes: number;
  /** Lectures that come before it. */
  needs: readonly string[];
  /** Left out while the lecture is not there. */
  written?: Written;
}

interface Written {
  file: string;
  /** Seconds of a fast and of a full run, on two cores. */
  seconds: readonly [fast: number, full: number];
  /** What it reaches: a label, and where the number stands in what the lecture prints. */
  numbers: readonly (readonly [label: string, pattern: RegExp])[];
}

export const measured = "2026-11-21, Node 20.20.2, two shared cores";

export const lectures: readonly Lecture[] = [
  {
    number: "00",
    title: "The notebook",
    about: "cells, shapes, seeds, pictures, exercises",
    minutes: 15,
    needs: [],
    written: {
      file: "00-the-notebook.ipynb",
      seconds: [10, 10],
      numbers: [["loss after 20 steps, seed 1", /finished at step 20\/20 · epoch 1\/1 · loss ([\d.]+)/]],
    },
  },
  {
    number: "01",
    title: "n-gram models",
    about:
      "chain rule, maximum likelihood, smoothing, Kneser–Ney derived and built; what counting cannot learn",
    minutes: 75,
    needs: ["00"],
    written: {
      file: "01-ngram-models.ipynb",
      seconds: [10, 10],
      numbers: [
        ["Harbour, KN-5, nats per character", /order 5 +([\d.]+) nats per character/],
        ["names, bigrams (recorded)", /bigrams, maximum likelihood +([\d.]+)/],
        ["Penn Treebank, KN-5, test perplexity (recorded)", /KN-5, test +([\d.]+)/],
      ],
    },
  },
  {
    number: "02",
    title: "Entropy, cross-entropy, perplexity",
    about:
      "the loss and its gradient derived; units; the evaluation protocol; grammars whose optimum is known",
    minutes: 60,
    needs: ["01"],
    written: {
      file: "02-entropy-and-perplexity.ipynb",
      seconds: [5, 5],
      numbers: [
        ["Reber, optimum, nats per symbol", /optimum: ([\d.]+) nats per symbol/],
        ["trigram model on held-out strings", /sees 2 +model ([\d.]+)/],
      ],
    },
  },
  {
    number: "03",
    title: "Automatic differentiation",
    about: "the chain rule on a graph, for numbers and for matrices; checking gradients; four mistakes",
    minutes: 75,
    needs: ["02"],
    written: {
      file: "03-autograd.ipynb",
      seconds: [10, 10],
      numbers: [["best error of a central difference, float64", /central, float64 +best error ([\de.-]+)/]],
    },
  },
  {
    number: "04",
    title: "A neural model with a fixed window",
    about: "embeddings, p − y, from SGD to Adam, generalisation to combinations never seen",
    minutes: 75,
    needs: ["03"],
    written: {
      file: "04-fixed-window.ipynb",
      seconds: [20, 20],
      numbers: [
        ["verb of a pair never seen, network (nats)", /network at step \d+ +[\d.]+ +([\d.]+)/],
        ["the same, 4-gram model", /^KN-4 modified +[\d.]+ +([\d.]+)/m],
        ["names, window of 3 (recorded)", /larger network +([\d.]+)/],
      ],
    },
  },
  {
    number: "05",
    title: "The RNN by hand: “hello”",
    about: "hₜ and every shape; the initial state; σ against tanh",
    minutes: 60,
    needs: ["04"],
    written: {
      file: "05-the-rnn-by-hand.ipynb",
      seconds: [10, 15],
      numbers: [
        ["loss of the first step of “hello”", /first step of hello: loss ([\d.]+)/],
        ["best model of one symbol", /best model of one symbol: ([\d.]+)/],
        ["the RNN", /RNN of 3 units after \d+ steps: ([\d.]+)/],
      ],
    },
  },
  {
    number: "06",
    title: "Back-propagation through time",
    about: "the gradient as a sum over the uses of a weight; truncation measured",
    minutes: 120,
    needs: ["05"],
    written: {
      file: "06-back-propagation-through-time.ipynb",
      seconds: [15, 40],
      numbers: [
        ["hand, autograd and differences agree to a relative", /agree to a relative ([\de-]+)/],
        ["cosine with the full gradient, cut at 8: sliding", /cut at k = 8: cosine, sliding ([\d.]+)/],
        ["chunked", /cut at k = 8: .+ chunked ([\d.]+)/],
      ],
    },
  },
  {
    number: "07",
    title: "Training a recurrent language model",
    about: "streams, the state carried and its gradient cut, loss against baselines, temperature",
    minutes: 75,
    needs: ["01", "02", "05", "06"],
    written: {
      file: "07-training-an-rnn.ipynb",
      seconds: [10, 35],
      numbers: [
        ["Harbour, RNN of 64 units, perplexity per character", /RNN ([\d.]+)$/m],
        ["Kneser–Ney of order 5 on the same text", /Kneser–Ney, order 5 +[\d.]+ +([\d.]+)/],
      ],
    },
  },
  {
    number: "08",
    title: "Vanishing, exploding, clipping",
    about: "bounds on the product of Jacobians; clipping keeps the direction",
    minutes: 60,
    needs: ["07"],
    written: {
      file: "08-vanishing-exploding-clipping.ipynb",
      seconds: [15, 35],
      numbers: [
        ["random 30 × 30 matrix with ρ = 0.9: slope of the log norm, lags 1–10", /ρ = 0\.9: slope ([-\d.]+)/],
        ["lags 100–200", /lags 1–10, ([-\d.]+) for 100–200/],
        ["peak of the Jordan block", /Jordan block: peak ([\d.]+)/],
      ],
    },
  },
  {
    number: "09",
    title: "LSTM",
    about: "gates, the additive path, the full backward pass, the age of the state",
    minutes: 120,
    needs: ["08"],
    written: {
      file: "09-lstm.ipynb",
      seconds: [15, 65],
      numbers: [
        [
          "hand, composed and fused gradients against central differences, relative",
          /central differences to ([\de.-]+)/,
        ],
        ["log₁₀ of a gradient over 20 steps after training: LSTM", /over 20 steps: LSTM total ([-\d.]+)/],
        ["RNN", /over 20 steps: .+ RNN ([-\d.]+)/],
        ["far cue, loss of the answer with forget bias 0", /loss of the answer: b_f = 0: ([\d.]+)/],
        ["with 2", / 2: ([\d.]+) +\(forgotten/],
      ],
    },
  },
  {
    number: "10",
    title: "GRU and its variants",
    about: "both reset conventions, their backward passes; how many steps a unit remembers",
    minutes: 75,
    needs: ["09"],
    written: {
      file: "10-gru.ipynb",
      seconds: [30, 120],
      numbers: [
        ["Harbour, GRU of 64 units, reset after, nats per character", /64 units: reset after ([\d.]+)/],
        ["reset before", /64 units: .+ reset before ([\d.]+)/],
        [
          "its longest time constant, characters",
          /longest time constant: untrained [\d.]+ +trained ([\d.]+)/,
        ],
      ],
    },
  },
  {
    number: "11",
    title: "A fair fight where the optimum is known",
    about: "regret on grammars; long lags",
    minutes: 75,
    needs: ["10"],
    written: {
      file: "11-a-fair-fight.ipynb",
      seconds: [27, 202],
      numbers: [
        ["embedded Reber, optimum, nats per symbol", /embedded Reber, optimum ([\d.]+)/],
        ["regret of the LSTM, worst of 3 seeds", /regret, LSTM +N = 32: [\d.]+ … ([\d.]+)/],
        ["temporal order over 100 steps, accuracy of the LSTM", /accuracy seed by seed: LSTM ([\d.]+)/],
      ],
    },
  },
  {
    number: "12",
    title: "Every kind of RNN",
    about: "one to many, many to one, sequence to sequence, both directions",
    minutes: 120,
    needs: ["10"],
    written: {
      file: "12-every-kind-of-rnn.ipynb",
      seconds: [35, 50],
      numbers: [
        ["digits → English words, held-out numbers", /digits → English, 1 … 9,999 +[\d.]+ % +([\d.]+ %)/],
        ["Korean words → digits", /Korean → digits, 1 … 9,999 +[\d.]+ % +([\d.]+ %)/],
        ["digits → English words, one digit more", /digits → English, 10,000 … 99,999 +[\d.]+ % +([\d.]+ %)/],
      ],
    },
  },
  {
    number: "13",
    title: "Sampling, and looking inside",
    about: "temperature derived, top-k, top-p, a test for samplers, beam search; gates and cells in colour",
    minutes: 75,
    needs: ["02", "09"],
    written: {
      file: "13-sampling-and-looking-inside.ipynb",
      seconds: [20, 40],
      numbers: [
        ["greedy text, nats per character under the model", /nats per character: greedy ([\d.]+)/],
        ["the author's text", /nats per character: greedy .+ author ([\d.]+)/],
        ["the letter that was read, after exchanging one cell", /one cell exchanged ([\d.]+)/],
      ],
    },
  },
  {
    number: "14",
    title: "Words, and the published tables",
    about:
      "`<unk>` and `<eos>`; tied weights, skip-gram, dropout and schedules derived; ours against the papers, with protocols",
    minutes: 75,
    needs: ["04", "09"],
    written: {
      file: "14-words-and-published-tables.ipynb",
      seconds: [20, 60],
      numbers: [
        ["Harbour by words, LSTM with dropout, perplexity", /LSTM [\d.]+ +with dropout ([\d.]+)/],
        ["Kneser–Ney of order 5 on the same words", /validation perplexity: KN-5 ([\d.]+)/],
        ["60 sentences, frozen skip-gram vectors (nats per word)", /frozen ([\d.]+) +optimum/],
        ["the same, learned table", /nats per word: learned ([\d.]+)/],
      ],
    },
  },
  {
    number: "15",
    title: "Korean: syllables or jamo",
    about:
      "받침 arithmetic, NFC and NFD; when models with different units may be compared; four false figures",
    minutes: 45,
    needs: ["14"],
    written: {
      file: "15-korean-syllables-or-jamo.ipynb",
      seconds: [25, 80],
      numbers: [
        ["Bookshop, bits per syllable: Kneser–Ney, jamo", /^Kneser–Ney, jamo +([\d.]+)/m],
        ["all syllables", /^Kneser–Ney, all syllables +([\d.]+)/m],
        ["LSTM, jamo", /^LSTM, jamo +([\d.]+)/m],
        ["LSTM, syllables", /^LSTM, syllables, <unk> paid +([\d.]+)/m],
      ],
    },
  },
  {
    number: "16",
    title: "Applications",
    about: "typing, correction, authorship, re-ranking, translation, each above a trivial baseline",
    minutes: 90,
    needs: ["12", "15"],
    written: {
      file: "16-applications.ipynb",
      seconds: [25, 40],
      numbers: [
        ["words right after spelling correction", /^spelling +[\d.]+ % +([\d.]+ %)/m],
        ["words right after re-ranking", /^re-ranking: words right +[\d.]+ % +([\d.]+ %)/m],
        ["without a language model", /^re-ranking: words right +([\d.]+ %)/m],
      ],
    },
  },
  {
    number: "17",
    title: "Capstone: one leaderboard",
    about: "all models on one plot, same tokens, same seeds; the paired bootstrap derived and built",
    minutes: 60,
    needs: ["11", "14"],
    written: {
      file: "17-one-leaderboard.ipynb",
      seconds: [15, 55],
      numbers: [
        ["Harbour, chapter 12, nats per character: Kneser–Ney", /^Kneser–Ney, order \d +([\d.]+)$/m],
        ["larger LSTM", /^larger LSTM +([\d.]+)$/m],
        ["tiny-shakespeare, KN-7 (recorded)", /^KN-7, modified +([\d.]+)$/m],
        ["LSTM of 384 units (recorded)", /^shakespeare-lstm-large +([\d.]+)$/m],
      ],
    },
  },
];
