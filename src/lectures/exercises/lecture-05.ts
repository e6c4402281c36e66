import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  type Mat,
  matrixOf,
  plus,
  residualOf,
  stateOf,
  throughTanh,
  times,
  timesTransposed,
  type Vec,
  vectorOf,
} from "./vectors.ts";

type States = (We: Mat, Wh: Mat, b: Vec, h0: Vec, xs: Vec[]) => Vec[];

/** h_t = tanh(W_e x_t + W_h h_{t−1} + b), with what is taken for h_{t−1} at step t, for W h and for tanh. */
const statesFrom =
  (before: (h: Vec, h0: Vec) => Vec, recurrent = times, squash = Math.tanh): States =>
  (We, Wh, b, h0, xs) => {
    let h = h0;
    return xs.map((x) => {
      h = plus(plus(times(We, x), recurrent(Wh, before(h, h0))), b).map(squash);
      return h;
    });
  };

const logits = [1.0, 2.2, -3.0, 4.1]; // of h, e, l, o, after "h"

/** −ln softmax(z)[k] and its gradient by z. */
function costOf(z: Vec, k: number): { loss: number; gradient: Vec } {
  const total = z.reduce((s, x) => s + Math.exp(x), 0);
  return {
    loss: Math.log(total) - z[k],
    gradient: z.map((x, i) => Math.exp(x) / total - (i === k ? 1 : 0)),
  };
}

/** Shares of each symbol after each context, weighed by how often the context comes: nats for the whole text. */
function costOfBest(text: string, contextOf: (i: number) => string): number {
  const after = new Map<string, Map<string, number>>();
  for (let i = 1; i < text.length; i++) {
    const seen = after.get(contextOf(i)) ?? new Map<string, number>();
    after.set(contextOf(i), seen.set(text[i], (seen.get(text[i]) ?? 0) + 1));
  }
  let nats = 0;
  for (const seen of after.values()) {
    const total = [...seen.values()].reduce((s, n) => s + n, 0);
    for (const n of seen.values()) nats -= n * Math.log(n / total);
  }
  return nats;
}

const orderOne = (text: string) => costOfBest(text, (i) => text[i - 1]);

type StartGradient = (Wh: Mat, U: Mat, h1: Vec, r1: Vec) => Vec;

const sizes = { N: 100, M: 32, V: 65, T: 25 };
const parts = ({ N, M, V }: typeof sizes) => ({ We: [N, M], Wh: [N, N], b: [N], U: [V, N], c: [V] });
const countOf = ({ N, M, V }: typeof sizes) => N * M + N * N + N + V * N + V;

export const lecture05: readonly Exercise[] = [
  {
    id: "05.1",
    title: "The states h₁ … h_T",
    expected: () => statesFrom((h) => h),
    probe: onInputs(
      (g) => {
        const xs = Array.from({ length: 4 }, () => vectorOf(g, 4));
        return [matrixOf(g, 3, 4), matrixOf(g, 3, 3), vectorOf(g, 3), stateOf(g, 3), xs];
      },
      { names: ["We", "Wh", "b", "h0", "xs"] },
    ),
    mistakes: [
      {
        wrong: () => statesFrom((_h, h0) => h0),
        says: "h₀ is taken up again at each step: the state of the step before goes into the next, or nothing is remembered",
      },
      {
        wrong: () => statesFrom((h) => h, timesTransposed),
        says: "you multiplied by the transposed W_h: entry j of W_h h is the sum over k of W_h[j][k] h[k]",
      },
      {
        wrong: () =>
          statesFrom(
            (h) => h,
            times,
            (a) => a,
          ),
        says: "tanh is missing: without it this is no more than products of matrices",
      },
      {
        wrong: (): States => (We, Wh, b, h0, xs) => [
          h0,
          ...statesFrom((h) => h)(We, Wh, b, h0, xs).slice(0, -1),
        ],
        says: "your list begins with h₀; the first state that is asked for is h₁, after the first input",
      },
    ],
    hints: [
      "Keep a variable h that begins as h0, and replace it at each step.",
      "Entry j of the new h is tanh(b[j] + Σ We[j][m] x[m] + Σ Wh[j][k] h[k]).",
    ],
  },
  {
    id: "05.2",
    title: "Shapes and parameters",
    expected: () => ({ ...parts(sizes), parameters: countOf(sizes) }),
    mistakes: [
      {
        wrong: () => ({ ...parts(sizes), parameters: sizes.T * countOf(sizes) }),
        says: "you counted new weights per step: all T steps use the same ones",
      },
      {
        wrong: () => ({ ...parts(sizes), parameters: countOf(sizes) + sizes.M * sizes.V }),
        says: "you counted the embedding table too; it was not asked for",
      },
      {
        wrong: () => ({ ...parts(sizes), parameters: countOf(sizes) + sizes.N }),
        says: "you counted two biases of N numbers, as the library has them; the five have one, b",
      },
      {
        wrong: () => ({ ...parts(sizes), parameters: countOf(sizes) - sizes.N - sizes.V }),
        says: "you left out the biases b and c",
      },
      {
        wrong: () => ({ ...parts(sizes), b: [sizes.N, 1], c: [sizes.V, 1], parameters: countOf(sizes) }),
        says: "b and c are vectors: the shape of a vector is a list with one size, [N] and [V]",
      },
      {
        wrong: () => {
          const { N, M, V } = sizes;
          return { ...parts(sizes), We: [M, N], U: [N, V], parameters: countOf(sizes) };
        },
        says: "the matrices are turned: here a matrix stands before the vector, so it has as many rows as its result has entries",
      },
    ],
    hints: [
      "W_e e must have as many entries as h; how many rows and columns does W_e have, then?",
      "Multiply the sizes of each of the five, and add up. T does not occur.",
    ],
  },
  {
    id: "05.3",
    title: "Loss and gradient of the first step",
    expected: () => costOf(logits, 1),
    tolerance: { atol: 5e-5 }, // four digits after the point, as the lecture prints them
    mistakes: [
      {
        wrong: () => costOf(logits, 2),
        says: "you took the logit of “l”, −3.0, for that of “e”: the order is h, e, l, o, and the target is e",
      },
      {
        wrong: () => {
          const { loss, gradient } = costOf(logits, 1);
          return { loss, gradient: gradient.map((x) => -x) };
        },
        says: "this is y − p; the gradient is p − y: it is negative only at the target, whose logit should rise",
      },
      {
        wrong: () => {
          const { loss, gradient } = costOf(logits, 1);
          return { loss: loss / Math.LN2, gradient };
        },
        says: "this loss is in bits; nats come from the natural logarithm",
      },
    ],
    hints: ["The loss is log-sum-exp minus the logit of the target (lecture 02).", "The gradient is p − y."],
  },
  {
    id: "05.4",
    title: "The best that one symbol of context allows",
    expected: () => (text: string) => orderOne(text) / (text.length - 1),
    probe: onInputs(
      (g) => {
        const more = Array.from({ length: 9 }, () => "helo"[g.int(4)]).join("");
        return [`hello${more}`];
      },
      { names: ["text"] },
    ),
    mistakes: [
      {
        wrong: () => (text: string) => orderOne(text) / text.length,
        says: "you divided by all symbols; the first one is given, not predicted",
      },
      {
        wrong: () => (text: string) => costOfBest(text, () => "") / (text.length - 1),
        says: "this is the best without any context, from how frequent each symbol is",
      },
      {
        wrong: () => (text: string) =>
          costOfBest(text, (i) => text.slice(Math.max(0, i - 2), i)) / (text.length - 1),
        says: "these are two symbols of context",
      },
      {
        wrong: () => (text: string) => orderOne(text) / (text.length - 1) / Math.LN2,
        says: "this is in bits; nats come from the natural logarithm",
      },
    ],
    hints: [
      "Count which symbols follow each symbol. The best prediction after it is their shares (lecture 01).",
      "For each pair (a, b) that comes n times: add −n ln(n / number of pairs that begin with a). Divide by the number of pairs.",
    ],
  },
  {
    id: "05.5",
    title: "The gradient of a learned h₀",
    expected: (): StartGradient => (Wh, U, h1, r1) =>
      timesTransposed(Wh, throughTanh(h1, timesTransposed(U, r1))),
    probe: onInputs((g) => [matrixOf(g, 3, 3), matrixOf(g, 4, 3), stateOf(g, 3), residualOf(g, 4)], {
      names: ["Wh", "U", "h1", "r1"],
    }),
    mistakes: [
      {
        wrong: (): StartGradient => (Wh, U, h1, r1) => times(Wh, throughTanh(h1, timesTransposed(U, r1))),
        says: "you took W_h δ for W_hᵀ δ: what went forward through W_h goes back through its transpose",
      },
      {
        wrong: (): StartGradient => (Wh, U, _h1, r1) => timesTransposed(Wh, timesTransposed(U, r1)),
        says: "the derivative of tanh is missing, 1 − h₁²",
      },
      {
        wrong: (): StartGradient => (_Wh, U, h1, r1) => throughTanh(h1, timesTransposed(U, r1)),
        says: "this is δ₁, the gradient at a₁; one step is left, through W_h to h₀",
      },
    ],
    hints: [
      "Go back from the logits: first through U, then through tanh, then through W_h.",
      "Each matrix goes back as its transpose; tanh goes back as a factor 1 − h₁², entry by entry.",
    ],
  },
];
