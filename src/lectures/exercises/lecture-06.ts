import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  type Counts,
  chunked,
  countsBy,
  deltasBy,
  gradientBy,
  lastFirst,
  length,
  missing,
  onlyOwnLoss,
  sharesBy,
  sharesOfSums,
  sliding,
  slopeOfBefore,
  truncatedBy,
} from "./through-time.ts";
import {
  type Mat,
  matrixOf,
  outer,
  plus,
  plusMat,
  residualOf,
  stateOf,
  times,
  timesTransposed,
  type Vec,
  vectorOf,
} from "./vectors.ts";

const [T, N, M, V] = [3, 3, 2, 4];

const network = (g: Generator) => [
  matrixOf(g, N, N),
  matrixOf(g, V, N),
  Array.from({ length: T + 1 }, () => stateOf(g, N)),
  Array.from({ length: T }, () => residualOf(g, V)),
];
const names = ["Wh", "U", "h", "r"];

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
      {
        wrong: () => slopeOfBefore,
        says: "the slope of step t is 1 − h_t², with h[t]; you took that of the state before",
      },
      {
        wrong: () => lastFirst,
        says: "your list begins with δ₃; it is computed first, but δ₁ comes first in the list",
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
    expected: () => sharesBy(),
    probe: onInputs(network, { names }),
    mistakes: [
      {
        wrong: () => sharesOfSums,
        says: "you took the δ_i of all losses, that of 06.1; the shares of one loss t have its δ_i alone",
      },
      {
        wrong: () => sharesBy({ slope: (_h, d) => d }),
        says: "the derivative of tanh is dropped: 1 − h², entry by entry, at step t and at every step back",
      },
      {
        wrong: () => sharesBy({ back: times }),
        says: "you took W_h δ for W_hᵀ δ on the way back",
      },
      {
        wrong: () => sharesBy({ state: (i) => i }),
        says: "you multiplied by h_i; at step i the matrix W_h meets h_{i−1}",
      },
      {
        wrong: () => sharesBy({ turned: true }),
        says: "the shares are turned: δ stands before, h after it, δ hᵀ",
      },
      {
        wrong: () => sharesBy({ factor: (i) => 1 / i }),
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
      {
        wrong: () => gradientBy(deltasBy(), undefined, (delta, h, t) => outer(delta, h[t])),
        says: "you multiplied by h_t; at step t the matrix W_h meets h_{t−1}",
      },
      {
        wrong: () => gradientBy(deltasBy(), undefined, (delta, h, t) => outer(h[t - 1], delta)),
        says: "the gradient is turned: entry [j][k] belongs to W_h[j][k], so δ stands before, h after it, δ hᵀ",
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
          dh0: times(Wh, delta[0]),
        }),
        says: "dh₀ is W_hᵀ δ₁, not W_h δ₁",
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
      {
        wrong: (): Counts => (T, k) => ({ ...countsBy(sliding, chunked)(T, k), chunked: (T * (k + 1)) / 2 }),
        says: "(k + 1)/2 for each loss is the mean over a full window; the last window is shorter",
      },
      {
        wrong: (): Counts => (T, k) => ({ ...countsBy(sliding, chunked)(T, k), full: T * T }),
        says: "the shares fill a triangle, not a square: i ≤ t",
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
        Array.from({ length: 7 }, (_, t) => Array.from({ length: t + 1 }, () => vectorOf(g, 4))),
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
        wrong: () => truncatedBy(sliding, chunked, missing),
        says: "this is the norm of what is missing, as in the lecture; here the norm of what is kept is asked for",
      },
      {
        wrong: () => truncatedBy(sliding, chunked, length),
        says: "the norm is to be divided by that of the full gradient",
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
