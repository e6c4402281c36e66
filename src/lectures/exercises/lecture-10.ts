import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { beforeBack, type GruStep, gruStep, hadamard, throughMix } from "./gru.ts";
import { type Mat, matrixOf, stateOf, times, type Vec, vectorOf } from "./vectors.ts";

const [M, N] = [2, 3];

const gatesOf = (g: Generator): Vec => vectorOf(g, N).map((a) => 1 / (1 + Math.exp(-a)));
const weightsOf = (g: Generator) => [
  matrixOf(g, 3 * N, M),
  matrixOf(g, 3 * N, N),
  vectorOf(g, 3 * N),
  vectorOf(g, 3 * N),
];

interface BothSteps {
  after: GruStep;
  before: GruStep;
}
const [after, before] = [gruStep({ reset: "after" }), gruStep({ reset: "before" })];

interface AtSums {
  dan: Vec;
  daz: Vec;
  dar: Vec;
  dq: Vec;
}
type SumsOf = (dh: Vec, was: Vec, r: Vec, z: Vec, n: Vec, q: Vec) => AtSums;

/** Gradients at a_n, a_z, a_r and q, reset after the product. */
const sumsBy =
  (swapped: boolean, slip: (right: AtSums, r: Vec, q: Vec) => Partial<AtSums> = () => ({})): SumsOf =>
  (dh, was, r, z, n, q) => {
    const { dan, daz } = throughMix(dh, was, z, n, swapped);
    const dar = dan.map((d, j) => d * q[j] * r[j] * (1 - r[j]));
    const right = { dan, daz, dar, dq: hadamard(dan, r) };
    return { ...right, ...slip(right, r, q) };
  };

type Count = (M: number, N: number) => { rnn: number; gru: number; lstm: number };
const countBy =
  (block: (M: number, N: number) => number, gates = { rnn: 1, gru: 3, lstm: 4 }): Count =>
  (M, N) => ({
    rnn: gates.rnn * block(M, N),
    gru: gates.gru * block(M, N),
    lstm: gates.lstm * block(M, N),
  });
const blockSize = (M: number, N: number) => N * M + N * N + 2 * N;

interface Weights {
  W: Mat;
  R: Mat;
  bi: Vec;
  bh: Vec;
}
type Flip = (W: Mat, R: Mat, bi: Vec, bh: Vec) => Weights;

/** Changes the rows from `from` up to `to` blocks. */
const flipBy =
  (change: (x: number) => number, { from = 1, to = 2, biases = true } = {}): Flip =>
  (W, R, bi, bh) => {
    const rows = <X>(list: X[], f: (x: X) => X) =>
      list.map((x, i) => (i >= (from * list.length) / 3 && i < (to * list.length) / 3 ? f(x) : x));
    const vector = (b: Vec) => (biases ? rows(b, change) : b);
    const matrix = (m: Mat) => rows(m, (row) => row.map(change));
    return { W: matrix(W), R: matrix(R), bi: vector(bi), bh: vector(bh) };
  };
const negative = (x: number) => -x;

interface Constants {
  steps: (b: number) => number;
  bias: (steps: number) => number;
}
const stepsOf = (b: number) => 1 + Math.exp(b);
const logit = (steps: number) => Math.log(steps - 1);

export const lecture10: readonly Exercise[] = [
  {
    id: "10.1",
    title: "One step of both variants",
    expected: (): BothSteps => ({ after, before }),
    probe: onInputs((g) => [...weightsOf(g), vectorOf(g, M), stateOf(g, N)], {
      names: ["W", "R", "bi", "bh", "e", "was"],
    }),
    mistakes: [
      {
        wrong: (): BothSteps => ({
          after: gruStep({ reset: "after", swapped: true }),
          before: gruStep({ reset: "before", swapped: true }),
        }),
        says: "z and 1 − z are swapped: here z is the share of the old state, h = (1 − z) n + z h′",
      },
      {
        wrong: (): BothSteps => ({ after: gruStep({ reset: "bias outside" }), before }),
        says: "b_hn stands outside r in the variant “after”: r multiplies the product and its bias, r ⊙ (R_n h′ + b_hn)",
      },
      {
        wrong: (): BothSteps => ({ after: before, before: after }),
        says: "the variants are mixed up: “after” multiplies R_n h′ + b_hn by r, “before” multiplies h′ by r",
      },
      {
        wrong: (): BothSteps => ({ after, before: after }),
        says: "the variants are mixed: both reset after the product; “before” is R_n (r ⊙ h′)",
      },
      {
        wrong: (): BothSteps => ({ after: before, before }),
        says: "the variants are mixed: both reset before the product; “after” is r ⊙ (R_n h′ + b_hn)",
      },
    ],
    hints: [
      "Begin with what both share: r and z are σ of their blocks of W e + b_i + R h′ + b_h.",
      "n = tanh(W_n e + b_in + …): r ⊙ (R_n h′ + b_hn) after, R_n (r ⊙ h′) + b_hn before.",
      "h = (1 − z) ⊙ n + z ⊙ h′ in both.",
    ],
  },
  {
    id: "10.2",
    title: "Gradients at the sums, reset after",
    expected: () => sumsBy(false),
    probe: onInputs(
      (g) => [vectorOf(g, N), stateOf(g, N), gatesOf(g), gatesOf(g), stateOf(g, N), vectorOf(g, N)],
      {
        names: ["dh", "was", "r", "z", "n", "q"],
      },
    ),
    mistakes: [
      {
        wrong: () => sumsBy(true),
        says: "z and 1 − z are swapped: n has the share 1 − z, and ∂h/∂z = h′ − n",
      },
      {
        wrong: () => sumsBy(false, ({ dan }) => ({ dq: dan })),
        says: "dq = da_n: that is b_hn outside r; here q stands inside, r ⊙ q, so dq = da_n ⊙ r",
      },
      {
        wrong: (): SumsOf => (dh, was, r, z, n, q) => {
          const dan = dh.map((d, j) => d * (1 - z[j]));
          const dar = dan.map((d, j) => d * q[j] * r[j] * (1 - r[j]));
          return { ...sumsBy(false)(dh, was, r, z, n, q), dan, dar, dq: hadamard(dan, r) };
        },
        says: "da_n lacks the derivative of tanh, 1 − n²",
      },
      {
        wrong: (): SumsOf => (dh, was, r, z, n, q) => ({
          ...sumsBy(false)(dh, was, r, z, n, q),
          daz: dh.map((d, j) => d * (was[j] - n[j])),
        }),
        says: "da_z lacks the derivative of σ, z (1 − z)",
      },
      {
        wrong: () => sumsBy(false, ({ dan }, _r, q) => ({ dar: hadamard(dan, q) })),
        says: "da_r lacks the derivative of σ, r (1 − r)",
      },
      {
        wrong: (): SumsOf => (dh, was, r, z, n, q) => {
          const right = sumsBy(false)(dh, was, r, z, n, q);
          return { ...right, dar: right.dan.map((d, j) => d * was[j] * r[j] * (1 - r[j])) };
        },
        says: "the variants are mixed: r meets h′ only where the reset is before the product; here it meets q",
      },
    ],
    hints: [
      "From h = (1 − z) n + z h′: dn = dh (1 − z), dz = dh (h′ − n). Then through tanh and σ.",
      "From a_n = … + r ⊙ q: dq = da_n ⊙ r, dr = da_n ⊙ q; and da_r = dr ⊙ r (1 − r).",
    ],
  },
  {
    id: "10.3",
    title: "What reaches h′, reset before",
    expected: () => beforeBack(),
    probe: onInputs(
      (g) => [matrixOf(g, 3 * N, N), vectorOf(g, N), stateOf(g, N), gatesOf(g), gatesOf(g), stateOf(g, N)],
      { names: ["R", "dh", "was", "r", "z", "n"] },
    ),
    mistakes: [
      {
        wrong: () => beforeBack({ mixed: true }),
        says: "the variants are mixed: this is the way back of the reset after the product; here s = R_nᵀ da_n comes first, then r ⊙ s",
      },
      {
        wrong: () => beforeBack({ swapped: true }),
        says: "z and 1 − z are swapped: the direct way has the factor z",
      },
      {
        wrong: () => beforeBack({ direct: false }),
        says: "the direct way is missing: dh ⊙ z, the “+” that copies the gradient",
      },
      {
        wrong: () => beforeBack({ gates: false }),
        says: "the ways through the gates are missing: r and z were computed from h′ as well",
      },
      {
        wrong: () => beforeBack({ back: times }),
        says: "you took R d for Rᵀ d",
      },
      {
        wrong: () => beforeBack({ through: (_r, s) => s }),
        says: "s reaches r ⊙ h′, not h′: one factor r is missing",
      },
    ],
    hints: [
      "There are four ways from h to h′: directly, through the candidate, through r, and through z.",
      "s = R_nᵀ da_n is what reaches u = r ⊙ h′. From u: r ⊙ s to h′, s ⊙ h′ to r.",
      "dh′ = dh ⊙ z + r ⊙ s + R_rᵀ da_r + R_zᵀ da_z.",
    ],
  },
  {
    id: "10.4",
    title: "Parameters of a layer",
    expected: () => countBy(blockSize),
    probe: onInputs((g) => [2 + g.int(50), 2 + g.int(90)], { names: ["M", "N"] }),
    mistakes: [
      {
        wrong: () => countBy((M, N) => N * M + N * N + N),
        says: "you counted one bias vector; the library has two in each block, b_i and b_h (equal for all three cells)",
      },
      { wrong: () => countBy((M, N) => N * M + N * N), says: "the biases are left out" },
      {
        wrong: () => countBy(blockSize, { rnn: 1, gru: 2, lstm: 3 }),
        says: "you counted the gates only: the candidate n of the GRU, g of the LSTM, has weights too",
      },
    ],
    hints: [
      "A block has W [N, M], R [N, N] and two biases [N].",
      "An RNN has one block, a GRU three (r z n), an LSTM four (i f g o).",
    ],
  },
  {
    id: "10.5",
    title: "Weights for the other convention of z",
    expected: () => flipBy(negative),
    probe: onInputs(weightsOf, { names: ["W", "R", "bi", "bh"] }),
    mistakes: [
      {
        wrong: () => flipBy((x) => 1 - x),
        says: "you took 1 − w; it is the gate that becomes 1 − z, and σ(−a) = 1 − σ(a): the weights change their sign",
      },
      { wrong: () => flipBy(negative, { biases: false }), says: "the biases belong to a_z too: −b" },
      {
        wrong: () => flipBy(negative, { from: 0, to: 1 }),
        says: "these are the rows of r; z is the second block",
      },
      { wrong: () => flipBy(negative, { from: 0, to: 3 }), says: "only the block of z changes its sign" },
      {
        wrong: () => flipBy((x) => x),
        says: "nothing was changed: then z and 1 − z are swapped",
      },
    ],
    hints: [
      "What must happen to a_z, so that σ(a_z) becomes 1 − σ(a_z)?",
      "σ(−a) = 1 − σ(a): change the sign of the second block in all four.",
    ],
  },
  {
    id: "10.6",
    title: "Steps of memory, and the bias for them",
    expected: (): Constants => ({ steps: stepsOf, bias: logit }),
    probe: onInputs((g) => [g.uniform(1.5, 8)], { names: ["x"] }),
    mistakes: [
      {
        wrong: (): Constants => ({ steps: (b) => 1 + Math.exp(-b), bias: (steps) => -logit(steps) }),
        says: "z and 1 − z are swapped: a unit with z near 1 keeps its content",
      },
      {
        wrong: (): Constants => ({ steps: Math.exp, bias: Math.log }),
        says: "this is z/(1 − z) = eᵇ, the mean age with 0 for the newest step; asked are 1/(1 − z) = 1 + eᵇ steps",
      },
      {
        wrong: (): Constants => ({ steps: (b) => 1 / Math.log1p(Math.exp(-b)), bias: logit }),
        says: "this is τ = −1/ln z, the steps after which a weight has fallen to 1/e; asked are 1/(1 − z) steps",
      },
    ],
    hints: ["1 − σ(b) = 1/(1 + eᵇ).", "So 1/(1 − z) = 1 + eᵇ; solve for b."],
  },
];
