import { randn } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { mul } from "../../ops/elementwise.ts";
import { sum } from "../../ops/reduce.ts";
import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { backwardPasses, diamond } from "./scalar-graph.ts";

const matrix = (g: Generator, ...shape: number[]) => randn(shape, g, { dtype: "float64" });

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, x, i) => total + x * b[i], 0);

/** Five functions with a derivative each, as the lecture gives them; that of tanh is wrong by a little. */
const suspects: Record<string, [f: (x: number) => number, df: (x: number) => number]> = {
  exp: [Math.exp, Math.exp],
  tanh: [Math.tanh, (x) => 1 - 0.999 * Math.tanh(x) ** 2],
  square: [(x) => x * x, (x) => 2 * x],
  sin: [Math.sin, Math.cos],
  reciprocal: [(x) => 1 / x, (x) => -1 / (x * x)],
};

/** Those whose derivative differs from the central difference by more than 1e-6 (relative to 1 + its size). */
function flagged(eps: number, round: (x: number) => number): string[] {
  return Object.keys(suspects).filter((name) => {
    const [f, df] = suspects[name];
    const x = 0.7;
    const numeric = round(round(f(round(x + eps))) - round(f(round(x - eps)))) / round(2 * eps);
    return Math.abs(numeric - df(x)) > 1e-6 * (1 + Math.abs(numeric));
  });
}

export const lecture03: readonly Exercise[] = [
  {
    id: "03.1",
    title: "The way back through a product",
    expected: () => (a: Tensor, b: Tensor, dy: Tensor) => ({ da: mul(b, dy), db: mul(a, dy) }),
    probe: onInputs((g) => [matrix(g, 2, 3), matrix(g, 2, 3), matrix(g, 2, 3)], { names: ["a", "b", "dy"] }),
    mistakes: [
      {
        wrong: () => (a: Tensor, b: Tensor, dy: Tensor) => ({ da: mul(a, dy), db: mul(b, dy) }),
        says: "a and b are exchanged: ∂(a b)/∂a is b",
      },
      {
        wrong: () => (a: Tensor, b: Tensor) => ({ da: b, db: a }),
        says: "dy is missing: the local derivative must be multiplied by what comes from above",
      },
    ],
    hints: ["What does y change by if only a changes a little?", "da = b ⊙ dy."],
  },
  {
    id: "03.2",
    title: "The way back through a broadcast sum",
    expected: () => (_x: Tensor, _b: Tensor, dy: Tensor) => ({ dx: dy, db: sum(dy, { dim: 0 }) }),
    probe: onInputs((g) => [matrix(g, 4, 3), matrix(g, 3), matrix(g, 4, 3)], { names: ["x", "b", "dy"] }),
    mistakes: [
      {
        wrong: () => (_x: Tensor, _b: Tensor, dy: Tensor) => ({ dx: dy, db: dy }),
        says: "there is no unbroadcast: b was used once for each row, so its gradient is the sum over the rows, of b's shape",
      },
      {
        wrong: () => (_x: Tensor, _b: Tensor, dy: Tensor) => ({
          dx: dy,
          db: mul(sum(dy, { dim: 0 }), 1 / dy.shape[0]),
        }),
        says: "you took the mean over the rows; each use adds its whole share",
      },
      {
        wrong: () => (_x: Tensor, _b: Tensor, dy: Tensor) => ({ dx: dy, db: sum(dy, { dim: 1 }) }),
        says: "you summed along the rows; b was stretched over dimension 0, so the sum is over that one",
      },
    ],
    hints: ["A gradient has the shape of what it is the gradient of.", "Sum dy over dimension 0 for db."],
  },
  {
    id: "03.3",
    title: "The way back through softmax",
    expected: () => (p: number[], dy: number[]) => p.map((pi, i) => pi * (dy[i] - dot(p, dy))),
    probe: onInputs(
      (g) => {
        const z = Array.from({ length: 4 }, () => Math.exp(g.normal()));
        const total = z.reduce((s, x) => s + x, 0);
        return [z.map((x) => x / total), z.map(() => g.normal())];
      },
      { names: ["p", "dy"] },
    ),
    mistakes: [
      {
        wrong: () => (p: number[], dy: number[]) => p.map((pi, i) => pi * (1 - pi) * dy[i]),
        says: "you used only the diagonal of the Jacobian: each logit changes every probability",
      },
      {
        wrong: () => (p: number[], dy: number[]) => p.map((pi, i) => pi * dy[i]),
        says: "the second term is missing: the Jacobian is diag(p) − p pᵀ",
      },
      {
        wrong: () => (p: number[], dy: number[]) => p.map((_, i) => dy[i] - dot(p, dy)),
        says: "the factor p in front is missing: p ⊙ (dy − pᵀdy)",
      },
    ],
    hints: ["Multiply (diag(p) − p pᵀ) by dy.", "pᵀdy is one number; compute it first."],
  },
  {
    id: "03.4",
    title: "Backward through a diamond",
    expected: () => backwardPasses.right,
    probe: (answer) =>
      typeof answer === "function" ? diamond(answer as typeof backwardPasses.right) : answer,
    mistakes: [
      {
        wrong: () => backwardPasses.overwrite,
        says: "you overwrite where += belongs: what reaches a node on several ways adds up",
      },
      {
        wrong: () => backwardPasses.forwardOrder,
        says: "you went through the nodes in forward order: a node may pass its gradient on only when it is complete",
      },
      {
        wrong: () => backwardPasses.eachPath,
        says: "you passed on partial gradients again: a node was visited more than once and gave what it had already given",
      },
      {
        wrong: () => backwardPasses.noSeed,
        says: "every gradient is still 0: the last node has to begin with ∂L/∂L = 1, or 0 is all that there is to pass on",
      },
      {
        wrong: () => backwardPasses.seedOnly,
        says: "nothing has left the last node: go through all nodes, and add to parent.node.grad for each of their parents",
      },
      {
        wrong: () => backwardPasses.seedAfterReversing,
        says: "reverse() turns the list itself round: after it the last node is the input, and that got the 1 of the loss",
      },
    ],
    hints: [
      "Nodes are listed in the order in which they were computed. In which order may they pass their gradients on?",
      "Go from the last to the first, and add to parent.grad.",
    ],
  },
  {
    id: "03.5",
    title: "Which derivative is wrong?",
    expected: () => flagged(1e-5, (x) => x),
    mistakes: [
      {
        wrong: () => flagged(1e-5, Math.fround),
        says: "you checked in float32: with 7 digits a difference of two nearly equal numbers is rounding error",
      },
      { wrong: () => [], says: "you found none; compare to six digits, not to two" },
    ],
    hints: [
      "Compare each derivative at 0.7 with (f(x + ε) − f(x − ε)) / 2ε, ε = 1e-5.",
      "Write down the names for which the two differ by more than 1e-6.",
    ],
  },
];
