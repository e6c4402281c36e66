import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  backBy,
  by,
  forgetBy,
  oneMinus,
  onlyByH,
  pathsBy,
  type Reorder,
  recurrentOf,
  reorderBy,
  type StepBack,
  stepBy,
  tanhSlope,
  valuesOf,
} from "./gates.ts";
import { matrixOf, plus, stateOf, vectorOf } from "./vectors.ts";

const [N, M] = [2, 3];

const stepInputs = (g: Generator) => {
  const weights = {
    weightIh: matrixOf(g, 4 * N, M),
    weightHh: recurrentOf(g, N),
    biasIh: vectorOf(g, 4 * N),
    biasHh: vectorOf(g, 4 * N),
  };
  return [weights, vectorOf(g, M), stateOf(g, N), vectorOf(g, N)];
};

/** Settings of the input gate and the forget gate, and of the output gate alone. */
const settings = {
  keep: { i: 0, f: 1 },
  erase: { i: 0, f: 0 },
  replace: { i: 1, f: 0 },
  add: { i: 1, f: 1 },
  hide: { o: 0 },
  show: { o: 1 },
};

/** Row j·4 + k of the result is row j of block order[k]: gates of one unit side by side. */
const interleaved: Reorder = (rows) => {
  const n = rows.length / 4;
  return rows.map((_, r) => rows[[0, 1, 3, 2][r % 4] * n + Math.floor(r / 4)]);
};

export const lecture09: readonly Exercise[] = [
  {
    id: "09.1",
    title: "One step",
    expected: () => stepBy(),
    probe: onInputs(stepInputs, { names: ["weights", "x", "h", "c"] }),
    mistakes: [
      {
        wrong: () => stepBy({ keep: oneMinus }),
        says: "f = 1 was read as “erase”: the forget gate multiplies what is there, 1 keeps it",
      },
      {
        wrong: () => stepBy({ biases: (w) => w.biasIh }),
        says: "there are two biases, biasIh and biasHh, and both are added",
      },
      {
        wrong: () => stepBy({ order: [0, 1, 3, 2] }),
        says: "you read the blocks as i f o g; the library stores i f g o",
      },
      {
        wrong: () => stepBy({ order: [1, 0, 2, 3] }),
        says: "you exchanged i and f: f multiplies the old cell, i the candidate g",
      },
      {
        wrong: () => stepBy({ shown: (c) => c }),
        says: "h is o ⊙ tanh c; you left tanh out",
      },
    ],
    hints: [
      "a = W_ih x + b_ih + W_hh h + b_hh, four blocks of N entries: i, f, g, o.",
      "σ for i, f and o, tanh for g; then c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh c'.",
    ],
  },
  {
    id: "09.2",
    title: "Clamp each gate",
    expected: () => settings,
    mistakes: [
      {
        wrong: () => ({
          ...settings,
          keep: { i: 0, f: 0 },
          erase: { i: 0, f: 1 },
          replace: { i: 1, f: 1 },
          add: { i: 1, f: 0 },
        }),
        says: "f = 1 was read as “erase”: the forget gate multiplies what is there, 1 keeps it and 0 erases it",
      },
      {
        wrong: () => ({ ...settings, hide: { o: 1 }, show: { o: 0 } }),
        says: "the output gate multiplies what is shown: o = 0 hides the cell",
      },
      {
        wrong: () => ({
          ...settings,
          keep: { i: 1, f: 1 },
          erase: { i: 1, f: 0 },
          replace: { i: 0, f: 0 },
          add: { i: 0, f: 1 },
        }),
        says: "i = 1 lets the candidate g in; to keep or to erase, the input gate is shut",
      },
    ],
    hints: [
      "Put 0 and 1 into c' = f c + i g.",
      "keep: c' = c. erase: c' = 0. replace: c' = g. add: c' = c + g.",
    ],
  },
  {
    id: "09.3",
    title: "The gradient of the forget gate",
    expected: () => forgetBy(),
    probe: onInputs((g) => [valuesOf(g, 3), vectorOf(g, 3), vectorOf(g, 3)], {
      names: ["step", "dh", "dcLater"],
    }),
    mistakes: [
      {
        wrong: () => forgetBy((values, dh) => onlyByH(values, dh)),
        says: "dc is not accumulated: what comes from step t + 1 is to be added to what comes by way of h_t",
      },
      {
        wrong: () => forgetBy((_values, _dh, dcLater) => dcLater),
        says: "the way from c_t into h_t is missing: dc_t += dh_t ⊙ o_t ⊙ (1 − tanh² c_t)",
      },
      {
        wrong: () => forgetBy(undefined, (values) => values.c),
        says: "you took c_t; the forget gate multiplied c_{t−1}",
      },
      {
        wrong: () => forgetBy(undefined, undefined, (f) => f.map(() => 1)),
        says: "this is df; through σ it becomes da_f, with the factor f(1 − f)",
      },
      {
        wrong: () => forgetBy(({ o, c }, dh, dcLater) => plus(dcLater, by(dh, o, tanhSlope(c)))),
        says: "you took 1 − c²; the derivative of tanh c is 1 − tanh² c, and c is no tanh itself",
      },
    ],
    hints: [
      "First complete dc_t: dcLater + dh ⊙ o ⊙ (1 − tanh² c).",
      "Then df = dc ⊙ c_{t−1}, and da_f = df ⊙ f ⊙ (1 − f).",
    ],
  },
  {
    id: "09.4",
    title: "One step back",
    expected: () => backBy(),
    probe: onInputs((g) => [recurrentOf(g, N), valuesOf(g, N), vectorOf(g, N), vectorOf(g, N)], {
      names: ["R", "step", "dh", "dcLater"],
    }),
    mistakes: [
      {
        wrong: () => backBy({ output: false }),
        says: "o's path is missing: da_o = dh ⊙ tanh c ⊙ o(1 − o) belongs to da, and goes through R like the others",
      },
      {
        wrong: () => backBy({ dc: (values, dh) => onlyByH(values, dh) }),
        says: "dc is not accumulated: what comes from step t + 1 is to be added to what comes by way of h_t",
      },
      {
        wrong: () => backBy({ dc: (_values, _dh, dcLater) => dcLater }),
        says: "the way from c_t into h_t is missing: dc_t += dh_t ⊙ o_t ⊙ (1 − tanh² c_t)",
      },
      {
        wrong:
          (): StepBack =>
          (R, values, ...gradients) =>
            backBy()(R, { ...values, cBefore: values.c }, ...gradients),
        says: "you took c_t in da_f; the forget gate multiplied c_{t−1}",
      },
      {
        wrong: () => backBy({ keep: (f) => f.map(() => 1) }),
        says: "dc_{t−1} lacks the factor f: the cell path multiplies by the forget gate",
      },
      {
        wrong: () => backBy({ keep: oneMinus }),
        says: "f = 1 was read as “erase”: dc_{t−1} = dc ⊙ f",
      },
    ],
    hints: [
      "Complete dc first, then the four da, in the order i f g o.",
      "dh_{t−1} = Rᵀ da with all four blocks; dc_{t−1} = dc ⊙ f.",
    ],
  },
  {
    id: "09.5",
    title: "Both paths of ∂c",
    expected: () => pathsBy(),
    probe: onInputs(
      (g) => {
        const step = valuesOf(g, N);
        return [recurrentOf(g, N), { o: valuesOf(g, N).o, c: step.cBefore }, step];
      },
      { names: ["R", "before", "step"] },
    ),
    mistakes: [
      {
        wrong: () => pathsBy({ through: ({ o }) => o.map(() => 0) }),
        says: "the total lacks the path through h_{t−1} and the gates",
      },
      {
        wrong: () => pathsBy({ through: ({ c }) => c.map((v) => 1 - Math.tanh(v) ** 2) }),
        says: "o's path is missing: h_{t−1} = o_{t−1} ⊙ tanh c_{t−1}, so its derivative has the factor o_{t−1}",
      },
      {
        wrong: () => pathsBy({ forget: false }),
        says: "h_{t−1} goes into the forget gate, too: the term with R_f is missing",
      },
      {
        wrong: () => pathsBy({ turned: true }),
        says: "you took the transpose of R: entry [j, k] is how c_k acts on c_j, by row j of R",
      },
    ],
    hints: [
      "From right to left: c_{t−1} moves h_{t−1}, that moves a_i, a_f and a_g by R, and these move c_t.",
      "total[j][k] = (j = k ? f_j : 0) + (c_j f_j' R_f[j][k] + g_j i_j' R_i[j][k] + i_j g_j' R_g[j][k]) · o_k (1 − tanh² c_k), with o and c of the step before.",
    ],
  },
  {
    id: "09.6",
    title: "The permutation",
    expected: () => reorderBy([0, 1, 3, 2]),
    probe: onInputs((g) => [matrixOf(g, 4 * N, M)], { names: ["rows"] }),
    mistakes: [
      {
        wrong: () => reorderBy([0, 1, 2, 3]),
        says: "nothing was exchanged: g and o have to change places",
      },
      {
        wrong: () => reorderBy([0, 2, 1, 3]),
        says: "you exchanged f and o; in i f o g the third block is o and the fourth g",
      },
      {
        wrong: () => interleaved,
        says: "you put the gates of each unit side by side; each block keeps its N rows together",
      },
      {
        wrong: (): Reorder => (rows) => rows.map((_, r) => rows[[0, 1, 3, 2][r] ?? r]),
        says: "you exchanged two rows; blocks of N rows are exchanged, N = rows / 4",
      },
    ],
    hints: [
      "There are 4N rows: N = rows.length / 4.",
      "Blocks 0, 1, 3, 2, each with its rows in their order.",
    ],
  },
];
