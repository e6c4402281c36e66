import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  type Mat,
  matrixOf,
  outer,
  plus,
  plusMat,
  residualOf,
  scaled,
  stateOf,
  throughTanh,
  times,
  timesTransposed,
  type Vec,
  vectorOf,
} from "./vectors.ts";

const [T, N, M, V] = [3, 3, 2, 4];

type Deltas = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Vec[];

interface DeltaSlip {
  /** What stands for W_hᵀ δ. */
  back?: (W: Mat, y: Vec) => Vec;
  /** What stands for (1 − h²) ⊙. */
  slope?: (h: Vec, d: Vec) => Vec;
}

/** δ_T … δ_1 by the recursion, as a list δ_1 … δ_T. h is h_0 … h_T, r is r_1 … r_T. */
const deltasBy =
  ({ back = timesTransposed, slope = throughTanh }: DeltaSlip = {}): Deltas =>
  (Wh, U, h, r) => {
    const list: Vec[] = [];
    for (let t = r.length; t >= 1; t--) {
      const own = timesTransposed(U, r[t - 1]);
      list.unshift(slope(h[t], list.length > 0 ? plus(own, back(Wh, list[0])) : own));
    }
    return list;
  };

type Shares = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Record<string, Mat>;

/** ∂J_t/∂W_h through its use at step i, under "t,i"; `factor(i)` and `state(i)` are 1 and i − 1. */
const sharesBy =
  (state: (i: number) => number, factor: (i: number) => number = () => 1, turned = false): Shares =>
  (Wh, U, h, r) => {
    const found: Record<string, Mat> = {};
    for (let t = 1; t <= r.length; t++) {
      let delta = throughTanh(h[t], timesTransposed(U, r[t - 1]));
      for (let i = t; i >= 1; i--) {
        const share = turned ? outer(h[state(i)], delta) : outer(delta, h[state(i)]);
        found[`${t},${i}`] = scaled(factor(i), share);
        if (i > 1) delta = throughTanh(h[i - 1], timesTransposed(Wh, delta));
      }
    }
    return found;
  };

type WhGradient = (Wh: Mat, U: Mat, h: Vec[], r: Vec[]) => Mat;

/** Σ over the steps of weight(i) · δ_i h_{i−1}ᵀ, with the δ of a given rule. */
const gradientBy =
  (deltas: Deltas, weight: (i: number, T: number) => number = () => 1): WhGradient =>
  (Wh, U, h, r) =>
    deltas(Wh, U, h, r)
      .map((delta, k) => scaled(weight(k + 1, r.length), outer(delta, h[k])))
      .reduce(plusMat);

const onlyOwnLoss: Deltas = (_Wh, U, h, r) =>
  r.map((one, k) => throughTanh(h[k + 1], timesTransposed(U, one)));

const network = (g: Generator) => [
  matrixOf(g, N, N),
  matrixOf(g, V, N),
  Array.from({ length: T + 1 }, () => stateOf(g, N)),
  Array.from({ length: T }, () => residualOf(g, V)),
];
const names = ["Wh", "U", "h", "r"];

type Measured = { norm: number; cosine: number };
type Truncate = (shares: Vec[][], k: number) => { sliding: Measured; chunked: Measured };

const dot = (a: Vec, b: Vec) => a.reduce((s, x, i) => s + x * b[i], 0);
const length = (a: Vec) => Math.sqrt(dot(a, a));

/** Whether the share of loss t through use i is kept. */
type Kept = (t: number, i: number, k: number) => boolean;
const sliding: Kept = (t, i, k) => i > t - k;
const chunked: Kept = (t, i, k) => Math.floor((i - 1) / k) === Math.floor((t - 1) / k);

const truncatedBy =
  (slide: Kept, chunk: Kept): Truncate =>
  (shares, k) => {
    const total = (kept: Kept) =>
      shares
        .flatMap((row, t) => row.filter((_, i) => kept(t + 1, i + 1, k)))
        .reduce(plus, Array(shares[0][0].length).fill(0) as Vec);
    const full = total(() => true);
    const measure = (kept: Kept) => {
      const g = total(kept);
      return { norm: length(g) / length(full), cosine: dot(g, full) / (length(g) * length(full)) };
    };
    return { sliding: measure(slide), chunked: measure(chunk) };
  };

type Counts = (T: number, k: number) => { full: number; sliding: number; chunked: number };

const countsBy =
  (slide: Kept, chunk: Kept): Counts =>
  (T, k) => {
    const count = (kept: Kept) => {
      let n = 0;
      for (let t = 1; t <= T; t++) for (let i = 1; i <= t; i++) if (kept(t, i, k)) n++;
      return n;
    };
    return { full: (T * (T + 1)) / 2, sliding: count(slide), chunked: count(chunk) };
  };

interface Rest {
  dWe: Mat;
  db: Vec;
  dU: Mat;
  dc: Vec;
  dh0: Vec;
}
type RestOf = (delta: Vec[], r: Vec[], e: Vec[], h: Vec[], Wh: Mat) => Rest;

const rest: RestOf = (delta, r, e, h, Wh) => ({
  dWe: delta.map((d, k) => outer(d, e[k])).reduce(plusMat),
  db: delta.reduce(plus),
  dU: r.map((one, k) => outer(one, h[k + 1])).reduce(plusMat),
  dc: r.reduce(plus),
  dh0: timesTransposed(Wh, delta[0]),
});

export const lecture06: readonly Exercise[] = [
  {
    id: "06.1",
    title: "δ₃, δ₂, δ₁",
    expected: () => deltasBy(),
    probe: onInputs(network, { names }),
    mistakes: [
      {
        wrong: () => deltasBy({ slope: (_h, d) => d }),
        says: "the derivative of tanh is dropped: 1 − h_t², entry by entry, at every step",
      },
      {
        wrong: () => deltasBy({ back: times }),
        says: "you took W_h δ for W_hᵀ δ: entry j of h_t went into all entries of a_{t+1}, by column j of W_h",
      },
      {
        wrong: () => onlyOwnLoss,
        says: "the future loss is ignored: h_t also changes all later losses, by way of δ_{t+1}",
      },
    ],
    hints: [
      "Begin with δ₃: after the last step there is nothing, so δ₃ = (1 − h₃²) ⊙ Uᵀ r₃.",
      "δ_t = (1 − h_t²) ⊙ (Uᵀ r_t + W_hᵀ δ_{t+1}); h[t] is h_t, and r[t − 1] is r_t.",
    ],
  },
  {
    id: "06.2",
    title: "The six shares",
    expected: () => sharesBy((i) => i - 1),
    probe: onInputs(network, { names }),
    mistakes: [
      {
        wrong: () => sharesBy((i) => i),
        says: "you multiplied by h_i; at step i the matrix W_h meets h_{i−1}",
      },
      {
        wrong: () =>
          sharesBy(
            (i) => i - 1,
            () => 1,
            true,
          ),
        says: "the shares are turned: δ stands before, h after it, δ h ᵀ",
      },
      {
        wrong: () =>
          sharesBy(
            (i) => i - 1,
            (i) => 1 / i,
          ),
        says: "you divided by i: each use adds its whole share",
      },
    ],
    hints: [
      "For each t go back from i = t to 1 with the δ of this loss alone: first (1 − h_t²) ⊙ Uᵀ r_t.",
      "From i to i − 1: (1 − h_{i−1}²) ⊙ W_hᵀ δ. The share is the product of column δ and row h_{i−1}.",
    ],
  },
  {
    id: "06.3",
    title: "The gradient of W_h",
    expected: () => gradientBy(deltasBy()),
    probe: onInputs(network, { names }),
    mistakes: [
      {
        wrong: () => gradientBy(deltasBy(), (i, last) => (i === last ? 1 : 0)),
        says: "this is only the last share, that of step T: W_h was used at every step",
      },
      {
        wrong: () => gradientBy(deltasBy(), (i) => 1 / i),
        says: "you divided by i: the uses are added up, not averaged",
      },
      {
        wrong: () => gradientBy(deltasBy({ slope: (_h, d) => d })),
        says: "the derivative of tanh is dropped: 1 − h_t²",
      },
      {
        wrong: () => gradientBy(deltasBy({ back: times })),
        says: "you took W_h δ for W_hᵀ δ on the way back",
      },
      {
        wrong: () => gradientBy(onlyOwnLoss),
        says: "the future loss is ignored: each δ_t holds only the loss of its own step",
      },
    ],
    hints: ["Use your function of 06.1.", "Add up δ_t h_{t−1}ᵀ over t = 1 … T."],
  },
  {
    id: "06.4",
    title: "The other gradients",
    expected: () => rest,
    probe: onInputs(
      (g) => [
        Array.from({ length: T }, () => vectorOf(g, N)),
        Array.from({ length: T }, () => residualOf(g, V)),
        Array.from({ length: T }, () => vectorOf(g, M)),
        Array.from({ length: T + 1 }, () => stateOf(g, N)),
        matrixOf(g, N, N),
      ],
      { names: ["delta", "r", "e", "h", "Wh"] },
    ),
    mistakes: [
      {
        wrong: (): RestOf => (delta, r, e, h, Wh) => ({
          ...rest(delta, r, e, h, Wh),
          dU: r.map((one, k) => outer(one, h[k])).reduce(plusMat),
        }),
        says: "dU pairs r_t with h_{t−1}; the logits of step t are made of h_t",
      },
      {
        wrong: (): RestOf => (delta, r, e, h, Wh) => ({ ...rest(delta, r, e, h, Wh), dh0: delta[0] }),
        says: "dh₀ stops at a₁; from there it goes through W_hᵀ",
      },
      {
        wrong: (): RestOf => (delta, r, e, h, Wh) => ({
          ...rest(delta, r, e, h, Wh),
          db: delta[delta.length - 1],
        }),
        says: "db is only the last share: b was used at every step",
      },
    ],
    hints: [
      "Which parameter meets which vector at step t: W_e meets e_t, U meets h_t, b and c meet 1.",
      "dW_e = Σ δ_t e_tᵀ, db = Σ δ_t, dU = Σ r_t h_tᵀ, dc = Σ r_t, dh₀ = W_hᵀ δ₁.",
    ],
  },
  {
    id: "06.5",
    title: "How many shares are kept?",
    expected: () => countsBy(sliding, chunked),
    probe: onInputs(
      (g) => {
        const k = 2 + g.int(3);
        return [k * (1 + g.int(3)) + 1 + g.int(k - 1), k];
      },
      { names: ["T", "k"] },
    ),
    mistakes: [
      {
        wrong: (): Counts => (T, k) => ({ ...countsBy(sliding, chunked)(T, k), sliding: T * k }),
        says: "the first losses have fewer than k steps behind them: loss 1 has one share, loss 2 two",
      },
      {
        wrong: () => countsBy(chunked, sliding),
        says: "the two schemes are exchanged",
      },
      {
        wrong: (): Counts => (T, k) => ({
          ...countsBy(sliding, chunked)(T, k),
          chunked: (Math.floor(T / k) * k * (k + 1)) / 2,
        }),
        says: "the short last window is left out",
      },
    ],
    hints: [
      "Draw the triangle of all (t, i), i ≤ t, and shade what each scheme keeps.",
      "Sliding: min(t, k) shares for loss t. Chunked: each window of n steps keeps n(n + 1)/2.",
    ],
  },
  {
    id: "06.6",
    title: "Norm and cosine of truncated gradients",
    expected: () => truncatedBy(sliding, chunked),
    probe: onInputs(
      (g) => [
        Array.from({ length: 6 }, (_, t) => Array.from({ length: t + 1 }, () => vectorOf(g, 4))),
        2 + g.int(2),
      ],
      { names: ["shares", "k"] },
    ),
    mistakes: [
      {
        wrong: () => truncatedBy((t, i, k) => i >= t - k, chunked),
        says: "the sliding scheme keeps k + 1 uses; with k uses i runs from t − k + 1 to t",
      },
      {
        wrong: () => truncatedBy(chunked, sliding),
        says: "the two schemes are exchanged",
      },
      {
        wrong: () => truncatedBy((t, i) => t === i, chunked),
        says: "the sliding scheme keeps only the last share of each loss, as if k were 1",
      },
    ],
    hints: [
      "shares[t − 1][i − 1] is share (t, i). Add up those that are kept, then all of them.",
      "Sliding keeps i > t − k; chunked keeps (t, i) if t and i lie in the same window, ⌊(t − 1)/k⌋ = ⌊(i − 1)/k⌋.",
    ],
  },
];
