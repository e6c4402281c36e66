import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { type Mat, matrixOf, type Vec } from "./vectors.ts";

const zeros = (rows: number, columns: number): Mat =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));

/** Rows of E by their ids, and where the gradients of these rows go. */
function lookup(E: Mat, ids: number[], dX: Mat): { X: Mat; dE: Mat } {
  const dE = zeros(E.length, E[0].length);
  ids.forEach((id, b) => {
    dE[id] = dE[id].map((d, j) => d + dX[b][j]);
  });
  return { X: ids.map((id) => E[id]), dE };
}

const overwriting = (E: Mat, ids: number[], dX: Mat): { X: Mat; dE: Mat } => {
  const dE = zeros(E.length, E[0].length);
  ids.forEach((id, b) => {
    dE[id] = dX[b];
  });
  return { X: ids.map((id) => E[id]), dE };
};

const softmax = (z: Vec): Vec => {
  const e = z.map((x) => Math.exp(x - Math.max(...z)));
  const total = e.reduce((s, x) => s + x, 0);
  return e.map((x) => x / total);
};

/** ∂L/∂Z for the mean over the rows, of probabilities `of` each row of logits; `sign` and `over` make mistakes. */
function residual(Z: Mat, targets: number[], of = softmax, sign = 1, over = Z.length): Mat {
  return Z.map((z, b) => of(z).map((p, i) => (sign * (p - (i === targets[b] ? 1 : 0))) / over));
}

interface Moments {
  p: number;
  m: number;
  v: number;
}

const [beta1, beta2, eps] = [0.9, 0.999, 1e-8];

/** One step of Adam for one parameter; `t` counts from 1. */
function adam(p: number, g: number, m: number, v: number, t: number, lr: number): Moments {
  const mNew = beta1 * m + (1 - beta1) * g;
  const vNew = beta2 * v + (1 - beta2) * g * g;
  const mHat = mNew / (1 - beta1 ** t);
  const vHat = vNew / (1 - beta2 ** t);
  return { p: p - (lr * mHat) / (Math.sqrt(vHat) + eps), m: mNew, v: vNew };
}

const V = 27;
const nll = (z: Vec): number => -Math.log(softmax(z)[0]);
const equal: Vec = new Array<number>(V).fill(0);
const confident: Vec = equal.map((_, i) => (i === 1 ? 10 : 0));
const sure: Vec = equal.map((_, i) => (i === 0 ? 10 : 0));

const examples = (g: Generator) => ({ Z: matrixOf(g, 3, 4), targets: [g.int(4), g.int(4), g.int(4)] });

export const lecture04: readonly Exercise[] = [
  {
    id: "04.1",
    title: "A lookup and its way back",
    expected: () => lookup,
    probe: onInputs(
      (g) => {
        const twice = g.int(5);
        return [matrixOf(g, 5, 2), [twice, g.int(5), twice], matrixOf(g, 3, 2)];
      },
      { names: ["E", "ids", "dX"] },
    ),
    mistakes: [
      {
        wrong: () => overwriting,
        says: "you overwrite: a row that is looked up twice gets the sum of both gradients",
      },
      {
        wrong: () => (E: Mat, ids: number[], dX: Mat) => ({ X: ids.map((id) => E[id]), dE: dX }),
        says: "dE has the shape of X; it must have that of E, with zeros in the rows that were not looked up",
      },
    ],
    hints: ["Row b of X is row ids[b] of E.", "Begin dE with zeros; add dX[b] to its row ids[b]."],
  },
  {
    id: "04.2",
    title: "How many parameters?",
    expected: () => (V: number, m: number, n: number, h: number) => V * m + h * n * m + h + V * h + V,
    probe: onInputs((g) => [20 + g.int(20), 3 + g.int(5), 2 + g.int(4), 8 + g.int(8)], {
      names: ["V", "m", "n", "h"],
    }),
    mistakes: [
      {
        wrong: () => (V: number, m: number, _n: number, h: number) => V * m + h * m + h + V * h + V,
        says: "H does not grow with the window here: it multiplies n vectors of m numbers side by side",
      },
      {
        wrong: () => (V: number, m: number, n: number, h: number) => n * V * m + h * n * m + h + V * h + V,
        says: "you gave each position a table E of its own; the table is shared, H is not",
      },
      {
        wrong: () => (V: number, m: number, n: number, h: number) => V * m + h * n * m + V * h,
        says: "the biases are missing: d has h numbers, b has V",
      },
    ],
    hints: ["Write down the shapes of E, H, d, U, b.", "E [V, m], H [h, n m], d [h], U [V, h], b [V]."],
  },
  {
    id: "04.3",
    title: "The gradient of the logits of a batch",
    expected: () => (Z: Mat, targets: number[]) => residual(Z, targets),
    probe: onInputs(
      (g) => {
        const { Z, targets } = examples(g);
        return [Z, targets];
      },
      { names: ["Z", "targets"] },
    ),
    mistakes: [
      {
        wrong: () => (Z: Mat, targets: number[]) => residual(Z, targets, softmax, -1),
        says: "this is y − p: a step against it makes the loss larger",
      },
      {
        wrong: () => (Z: Mat, targets: number[]) => residual(Z, targets, softmax, 1, 1),
        says: "1/B is missing: the loss is the mean over the rows, so each has a share of 1/B",
      },
      {
        wrong: () => (Z: Mat, targets: number[]) => residual(Z, targets, (z) => softmax(softmax(z))),
        says: "softmax was taken twice; it takes logits, and gives probabilities",
      },
    ],
    hints: [
      "For one row it is p − y, with y the one-hot vector of the target.",
      "Divide by the number of rows.",
    ],
  },
  {
    id: "04.4",
    title: "One step of Adam",
    expected: () => adam,
    probe: onInputs(
      (g) => {
        const size = 10 ** -g.int(5); // where gradients are as small as ε, it matters where ε stands
        const [m, v] = [0.1 * size * g.normal(), 0.1 * size ** 2 * g.uniform()];
        return [g.normal(), size * g.normal(), m, v, 1 + g.int(5), 0.01];
      },
      { names: ["p", "g", "m", "v", "t", "lr"] },
    ),
    tolerance: { rtol: 1e-9, atol: 1e-12 },
    mistakes: [
      {
        wrong: () => (p: number, g: number, m: number, v: number, t: number, lr: number) => {
          const next = adam(p, g, m, v, t, lr);
          return { ...next, p: p - (lr * next.m) / (Math.sqrt(next.v) + eps) };
        },
        says: "the bias correction is missing: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ",
      },
      {
        wrong: () => (p: number, g: number, m: number, v: number, t: number, lr: number) => {
          const next = adam(p, g, m, v, t, lr);
          return { p: next.p, m: next.m / (1 - beta1 ** t), v: next.v / (1 - beta2 ** t) };
        },
        says: "you keep the corrected moments; what is kept is m and v as they are, and the correction is made anew each step",
      },
      {
        wrong: () => (p: number, g: number, m: number, v: number, t: number, lr: number) => {
          const next = adam(p, g, m, v, t, lr);
          const [mHat, vHat] = [next.m / (1 - beta1 ** t), next.v / (1 - beta2 ** t)];
          return { ...next, p: p - (lr * mHat) / (vHat + eps) };
        },
        says: "the root is missing: v is a mean of squares, and the step is divided by √v̂ + ε",
      },
      {
        wrong: () => (p: number, g: number, m: number, v: number, t: number, lr: number) => {
          const next = adam(p, g, m, v, t, lr);
          const [mHat, vHat] = [next.m / (1 - beta1 ** t), next.v / (1 - beta2 ** t)];
          return { ...next, p: p - (lr * mHat) / Math.sqrt(vHat + eps) };
        },
        says: "ε stands under the root; it is added to the root",
      },
      {
        wrong: () => (p: number, g: number, m: number, v: number, t: number, lr: number) => {
          const next = adam(p, g, m, v, t, lr);
          return { ...next, p: 2 * p - next.p };
        },
        says: "the step goes uphill: it is subtracted from p",
      },
    ],
    hints: ["First the new m and v, then m̂ and v̂, then the step.", "t = 1 at the first step: 1 − β₁ = 0.1."],
  },
  {
    id: "04.5",
    title: "The loss before training",
    expected: () => ({ equal: nll(equal), confident: nll(confident) }),
    tolerance: { rtol: 1e-3 },
    mistakes: [
      {
        wrong: () => ({ equal: nll(equal) / Math.LN2, confident: nll(confident) / Math.LN2 }),
        says: "this is in bits; nats are asked for: use ln",
      },
      {
        wrong: () => ({ equal: nll(softmax(equal)), confident: nll(softmax(confident)) }),
        says: "softmax was taken twice: the logits go in as they are",
      },
      {
        wrong: () => ({ equal: -nll(equal), confident: -nll(confident) }),
        says: "a minus is missing: the loss is −ln p, and p is below 1",
      },
      {
        wrong: () => ({ equal: nll(equal), confident: nll(sure) }),
        says: "you gave the logit 10 to the target; it is another symbol's, and the target's is 0",
      },
      {
        wrong: () => ({ equal: Math.exp(-nll(equal)), confident: Math.exp(-nll(confident)) }),
        says: "these are the probabilities of the target; the loss is −ln p",
      },
    ],
    hints: [
      "If all 27 logits are equal, what is the probability of the target?",
      "ln(e¹⁰ + 26) for the second.",
    ],
  },
];
