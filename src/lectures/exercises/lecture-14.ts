import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { type Mat, matrixOf, plus, plusMat, times, type Vec, vectorOf } from "./vectors.ts";

interface Line {
  nll: number;
  words: number;
}
type PerplexityOf = (lines: Line[], end: number[]) => number;

const sumOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((sum, one) => sum + of(one), 0);

/** Perplexity of lines with Σ nll of their words and the nll of each `<eos>`. */
const perplexityBy =
  ({ sumEnd = true, countEnd = true }: { sumEnd?: boolean; countEnd?: boolean } = {}): PerplexityOf =>
  (lines, end) => {
    const nll = sumOf(lines, (line) => line.nll) + (sumEnd ? sumOf(end, (x) => x) : 0);
    return Math.exp(nll / (sumOf(lines, ({ words }) => words) + (countEnd ? end.length : 0)));
  };

const zeros = (n: number, m: number): Mat => Array.from({ length: n }, () => new Array<number>(m).fill(0));

/** The part of dE that comes from the lookups: each read row adds its gradient. */
function fromLookups(E: Mat, ids: readonly number[], dX: Mat): Mat {
  const dE = zeros(E.length, E[0].length);
  ids.forEach((id, t) => {
    dE[id] = plus(dE[id], dX[t]);
  });
  return dE;
}

/** The part that comes from the logits, z_t = E h_t: Σ dz_t h_tᵀ. */
const fromLogits = (E: Mat, h: Mat, dZ: Mat): Mat =>
  h.reduce(
    (dE, one, t) =>
      plusMat(
        dE,
        dZ[t].map((d) => one.map((x) => d * x)),
      ),
    zeros(E.length, E[0].length),
  );

type TiedBack = (E: Mat, ids: number[], dX: Mat, h: Mat, dZ: Mat) => Mat;
const tiedBack: TiedBack = (E, ids, dX, h, dZ) => plusMat(fromLookups(E, ids, dX), fromLogits(E, h, dZ));

type DropOf = (x: Vec, u: Vec, p: number, training: boolean) => Vec;
const dropBy =
  (kept: (p: number) => number, atTest: (p: number) => number = () => 1): DropOf =>
  (x, u, p, training) =>
    x.map((value, i) => (training ? (u[i] < p ? 0 : value * kept(p)) : value * atTest(p)));

type StepOf = (x: Vec, h: Vec, Wx: Mat, Wh: Mat, mask: Vec) => { h: Vec; out: Vec };
const masked = (x: Vec, mask: Vec): Vec => x.map((value, i) => value * mask[i]);

const allKept = (mask: Vec): Vec => mask.map(() => 1);

/** One step of a layer: the state is carried on as it is; what goes up, and what comes in, is masked. */
const step: StepOf = (x, h, Wx, Wh, mask) => {
  const next = plus(times(Wx, masked(x, mask)), times(Wh, h)).map(Math.tanh);
  return { h: next, out: masked(next, mask) };
};

type RatesOf = (epochs: number) => { small: number[]; cosine: number[] };
const ratesBy =
  (after: number, cosine: (t: number, epochs: number) => number): RatesOf =>
  (epochs) => {
    const list = Array.from({ length: epochs }, (_, t) => t);
    return {
      small: list.map((t) => 0.5 ** Math.max(0, t + 1 - after)),
      cosine: list.map((t) => cosine(t, epochs)),
    };
  };
const cosine = (t: number, epochs: number): number => (1 + Math.cos((Math.PI * t) / epochs)) / 2;

type MeanOf = (lr: number, clip: number, T: number) => { lr: number; clip: number };

export const lecture14: readonly Exercise[] = [
  {
    id: "14.1",
    title: "Perplexity with <eos>",
    expected: () => perplexityBy(),
    probe: onInputs(
      (g) => {
        const lines = Array.from({ length: 3 }, () => {
          const words = 3 + g.int(8);
          return { nll: words * g.uniform(3, 6), words };
        });
        return [lines, lines.map(() => g.uniform(0.5, 2))];
      },
      { names: ["lines", "end"] },
    ),
    mistakes: [
      {
        wrong: () => perplexityBy({ sumEnd: false, countEnd: false }),
        says: "`<eos>` is not counted: it is predicted like a word, so its price belongs to the sum and its number to the tokens",
      },
      {
        wrong: () => perplexityBy({ countEnd: false }),
        says: "you added the price of `<eos>`, but divided by the number of words only",
      },
      {
        wrong: () => perplexityBy({ sumEnd: false }),
        says: "you counted `<eos>` as a token for which nothing was paid",
      },
      {
        wrong: (): PerplexityOf => (lines, end) => Math.log(perplexityBy()(lines, end)),
        says: "this is the mean loss in nats; the perplexity is e to its power",
      },
      {
        wrong: (): PerplexityOf => (lines, end) => 2 ** Math.log(perplexityBy()(lines, end)),
        says: "you took 2 to the power of a loss in nats: −ln p belongs to exp, −log₂ p to 2",
      },
      {
        wrong: (): PerplexityOf => (lines, end) =>
          sumOf(lines, (line) => perplexityBy()([line], [end[lines.indexOf(line)]])) / lines.length,
        says: "you averaged the perplexities of the lines; add up the nll and the tokens first, and take exp once",
      },
    ],
    hints: [
      "Tokens: all words, and one `<eos>` for each line.",
      "exp( (Σ nll of the lines + Σ end) / (Σ words + number of lines) ).",
    ],
  },
  {
    id: "14.2",
    title: "The gradient of a tied table",
    expected: () => tiedBack,
    probe: onInputs(
      (g) => {
        const [V, E, T] = [4, 3, 3];
        const ids = [g.int(V), g.int(V)];
        return [matrixOf(g, V, E), [...ids, ids[0]], matrixOf(g, T, E), matrixOf(g, T, E), matrixOf(g, T, V)];
      },
      { names: ["E", "ids", "dX", "h", "dZ"] },
    ),
    mistakes: [
      {
        wrong: (): TiedBack => (E, ids, dX) => fromLookups(E, ids, dX),
        says: "this is only the use as an input: E also made the logits",
      },
      {
        wrong: (): TiedBack => (E, _ids, _dX, h, dZ) => fromLogits(E, h, dZ),
        says: "this is only the use as an output: E was also looked up",
      },
      {
        wrong: (): TiedBack => (E, ids, dX, h, dZ) =>
          tiedBack(E, ids, dX, h, dZ).map((row) => row.map((x) => x / 2)),
        says: "you took the mean of the two uses: they add up",
      },
      {
        wrong: (): TiedBack => (E, ids, dX, h, dZ) => {
          const last = zeros(E.length, E[0].length);
          ids.forEach((id, t) => {
            last[id] = dX[t];
          });
          return plusMat(last, fromLogits(E, h, dZ));
        },
        says: "a row that was read twice got only its last gradient: they add up",
      },
    ],
    hints: [
      "Two uses, two parts; the gradient is their sum.",
      "Row ids[t] of dE gets dX[t] added; and the whole of dE gets Σ_t dZ[t] h[t]ᵀ.",
    ],
  },
  {
    id: "14.3",
    title: "Inverted dropout",
    expected: () => dropBy((p) => 1 / (1 - p)),
    probe: onInputs(
      (g) => [
        vectorOf(g, 5),
        [0.05, 0.95, g.uniform(), g.uniform(), g.uniform()],
        g.uniform(0.2, 0.6),
        g.int(2) === 0,
      ],
      { names: ["x", "u", "p", "training"], tries: 8 },
    ),
    mistakes: [
      {
        wrong: (): DropOf => (x, u, p) => dropBy((q) => 1 / (1 - q))(x, u, p, true),
        says: "dropout at test time: when `training` is false, x passes unchanged",
      },
      {
        wrong: (): DropOf => (x, u, p, training) =>
          dropBy((q) => 1 / (1 - q))(
            x,
            u.map((one) => (one < p ? 1 : 0)),
            p,
            training,
          ),
        says: "the condition is turned round: entry i is dropped if u[i] < p",
      },
      {
        wrong: () => dropBy(() => 1),
        says: "what is kept is not scaled: the mean is then (1 − p) x in training and x at test",
      },
      {
        wrong: () =>
          dropBy(
            () => 1,
            (p) => 1 - p,
          ),
        says: "you scaled at test time, as dropout was first described; inverted dropout scales in training, by 1/(1 − p)",
      },
      {
        wrong: () => dropBy((p) => 1 / p),
        says: "p is the probability of being dropped; what is kept is divided by 1 − p",
      },
    ],
    hints: [
      "u[i] < p drops entry i; that has probability p.",
      "In training the kept entries are divided by 1 − p; at test nothing happens.",
    ],
  },
  {
    id: "14.4",
    title: "Where the masks go",
    expected: () => step,
    probe: onInputs(
      (g) => [vectorOf(g, 3), vectorOf(g, 3), matrixOf(g, 3, 3), matrixOf(g, 3, 3), [0, 2, 2 * g.int(2)]],
      { names: ["x", "h", "Wx", "Wh", "mask"] },
    ),
    mistakes: [
      {
        wrong: (): StepOf => (x, h, Wx, Wh, mask) => step(x, masked(h, mask), Wx, Wh, mask),
        says: "dropout on h → h: the old state goes into the new one unmasked, else it is gone after a few steps",
      },
      {
        wrong: (): StepOf => (x, h, Wx, Wh, mask) => {
          const { out } = step(x, h, Wx, Wh, mask);
          return { h: out, out };
        },
        says: "the state that is carried on was masked: that is dropout on h → h, one step later",
      },
      {
        wrong: (): StepOf => (x, h, Wx, Wh, mask) => {
          const { h: next } = step(x, h, Wx, Wh, allKept(mask));
          return { h: next, out: masked(next, mask) };
        },
        says: "the input went in unmasked: W_x meets x ⊙ mask",
      },
      {
        wrong: (): StepOf => (x, h, Wx, Wh, mask) => {
          const { h: next } = step(x, h, Wx, Wh, mask);
          return { h: next, out: next };
        },
        says: "what goes up to the next layer is not masked: out = h′ ⊙ mask",
      },
      {
        wrong: (): StepOf => (x, h, Wx, Wh, mask) => step(x, h, Wx, Wh, allKept(mask)),
        says: "nothing was dropped: the input and the output are to be masked",
      },
    ],
    hints: [
      "Masked: x on its way in, and h on its way up. Not masked: h on its way to the next step.",
      "h' = tanh(Wx (x ⊙ mask) + Wh h); out = h' ⊙ mask.",
    ],
  },
  {
    id: "14.5",
    title: "Two schedules",
    expected: () => ratesBy(4, cosine),
    probe: onInputs((g) => [5 + g.int(4)], { names: ["epochs"] }),
    mistakes: [
      {
        wrong: () => ratesBy(3, cosine),
        says: "halved one epoch too early: epochs 1 to 4 have the full rate, epoch 5 half of it",
      },
      {
        wrong: () => ratesBy(5, cosine),
        says: "halved one epoch too late: epoch 5 has half the rate already",
      },
      {
        wrong: () => ratesBy(4, (t, epochs) => cosine(t + 1, epochs)),
        says: "the cosine is one epoch ahead: the first epoch has the full rate",
      },
      {
        wrong: () => ratesBy(4, (t, epochs) => Math.cos((Math.PI * t) / (2 * epochs))),
        says: "this is a quarter of a cosine; (1 + cos(π t / n)) / 2 is half of one, flat at both ends",
      },
    ],
    hints: [
      "Write down the rates of epochs 1 to 6 of the first by hand: 1, 1, 1, 1, ½, ¼.",
      "With t = 0 for the first epoch: ½^{max(0, t − 3)}, and (1 + cos(π t / epochs)) / 2.",
    ],
  },
  {
    id: "14.6",
    title: "From a summed loss to a mean one",
    expected: (): MeanOf => (lr, clip, T) => ({ lr: lr * T, clip: clip / T }),
    probe: onInputs((g) => [g.uniform(0.5, 2), g.uniform(1, 6), 10 + g.int(30)], {
      names: ["lr", "clip", "T"],
    }),
    mistakes: [
      {
        wrong: (): MeanOf => (lr, clip, T) => ({ lr: lr / T, clip: clip / T }),
        says: "the gradient of the mean is T times smaller, so the rate has to be T times larger",
      },
      {
        wrong: (): MeanOf => (lr, clip, T) => ({ lr: lr * T, clip }),
        says: "the limit for clipping was left as it is; it applies to a gradient that is T times smaller now",
      },
      {
        wrong: (): MeanOf => (lr, clip, T) => ({ lr: lr * T, clip: clip * T }),
        says: "the limit is to be divided: the gradient of the mean is T times smaller",
      },
    ],
    hints: [
      "g_sum = T · g_mean. What must c be so that clipping g_mean at c has the same effect?",
      "clip(T g, c) = T · clip(g, c / T): the limit is divided by T, the rate multiplied.",
    ],
  },
];
