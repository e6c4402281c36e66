import { tensor, zeros } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { div, mul } from "../../ops/elementwise.ts";
import { sum } from "../../ops/reduce.ts";
import { select, stack } from "../../ops/shape.ts";
import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import { type Vec, vectorOf } from "./vectors.ts";

const [T, N] = [4, 2];

type OfStates = (h: Tensor, lengths: number[]) => Tensor;

/** States [T, B, N] with numbers in the padding too, and the lengths: the first is full, the others are not. */
function padded(g: Generator): readonly [Tensor, number[]] {
  const lengths = [T, 1 + g.int(T - 1), 1 + g.int(T - 1)];
  const h = Array.from({ length: T }, () => lengths.map(() => vectorOf(g, N)));
  return [tensor(h, { requiresGrad: true }), lengths];
}
const ofStates = onInputs(padded, { names: ["h", "lengths"], gradients: true });

/** Σ over the steps that count, divided. */
const meanBy =
  (counts: (t: number, n: number) => boolean, divisor: (n: number) => number): OfStates =>
  (h, lengths) => {
    const column = (f: (n: number) => number) => lengths.map((n) => [f(n)]);
    const mask = Array.from({ length: T }, (_, t) => column((n) => Number(counts(t, n))));
    const total = sum(mul(h, tensor(mask)), { dim: 0 });
    return div(total, tensor(column(divisor)));
  };

const real = (t: number, n: number) => t < n;

const stateAt =
  (step: (n: number) => number): OfStates =>
  (h, lengths) =>
    stack(
      lengths.map((n, b) => {
        const t = step(n);
        return t < T ? select(select(h, 0, t), 0, b) : zeros([N]);
      }),
    );

type Turned = (rows: number[][], lengths: number[]) => number[][];

const turned: Turned = (rows, lengths) =>
  rows.map((row, b) => [...row.slice(0, lengths[b]).reverse(), ...row.slice(lengths[b])]);

type Context = (forward: Vec[], backward: Vec[]) => Vec[];

const contextBy =
  (left: number, right: number): Context =>
  (forward, backward) => {
    const nothing = forward[0].map(() => 0);
    return forward.map((_, t) => [...(forward[t + left] ?? nothing), ...(backward[t + right] ?? nothing)]);
  };

type Shifted = (targets: number[][], begin: number, end: number) => { x: number[][]; y: number[][] };

const shiftedBy =
  (
    read: (ids: number[], begin: number, end: number) => number[],
    say: (ids: number[], begin: number, end: number) => number[],
    padding = -1,
  ): Shifted =>
  (targets, begin, end) => {
    const rows = (f: typeof read, fill: number) => {
      const all = targets.map((ids) => f(ids, begin, end));
      const longest = Math.max(...all.map((row) => row.length));
      return all.map((row) => [...row, ...Array<number>(longest - row.length).fill(fill)]);
    };
    return { x: rows(read, end), y: rows(say, padding) };
  };
const reads = (ids: number[], begin: number) => [begin, ...ids];
const says = (ids: number[], _begin: number, end: number) => [...ids, end];

type CountOf = (gates: number, M: number, N: number, layers: number, directions: number) => number;

const countBy =
  (above: (N: number, directions: number, M: number) => number, biases = 2): CountOf =>
  (gates, M, N, layers, directions) => {
    let count = 0;
    for (let layer = 0; layer < layers; layer++) {
      const input = layer === 0 ? M : above(N, directions, M);
      count += directions * gates * N * (input + N + biases);
    }
    return count;
  };
const joined = (N: number, directions: number) => directions * N;

/** The exercises of lecture 12. */
export const lecture12: readonly Exercise[] = [
  {
    id: "12.1",
    title: "The masked mean",
    expected: () => meanBy(real, (n) => n),
    probe: ofStates,
    mistakes: [
      {
        wrong: () =>
          meanBy(
            () => true,
            () => T,
          ),
        says: "this is the mean over the padding too: only the first n_b steps of a sequence are real",
      },
      {
        wrong: () => meanBy(real, () => T),
        says: "the sum leaves the padding out, but it is divided by T; divide by the length of each sequence",
      },
      {
        wrong: () =>
          meanBy(
            () => true,
            (n) => n,
          ),
        says: "you divide by the lengths, but the sum still contains the padding",
      },
    ],
    hints: [
      "Make a mask [T, B, 1] with 1 where t < length and 0 elsewhere, and multiply.",
      "h.mul(mask).sum({ dim: 0 }), divided by the lengths as a column [B, 1].",
    ],
  },
  {
    id: "12.2",
    title: "The last real state",
    expected: () => stateAt((n) => n - 1),
    probe: ofStates,
    mistakes: [
      {
        wrong: () => stateAt(() => T - 1),
        says: "this is the last padded state: the sequences that ended earlier have gone on reading padding",
      },
      {
        wrong: () => stateAt((n) => n),
        says: "this is one step too late: steps are counted from 0, so the last of n is n − 1",
      },
    ],
    hints: [
      "Sequence b has its last real symbol at step lengths[b] − 1.",
      "h.select(0, t) is [B, N]; select(0, b) of that is [N]; ops.stack joins a list of them.",
    ],
  },
  {
    id: "12.3",
    title: "Turned around within its length",
    expected: () => turned,
    probe: onInputs(
      (g) => {
        const lengths = [5, 2 + g.int(2), 2 + g.int(2)];
        return [
          lengths.map((n) => Array.from({ length: 5 }, (_, t) => (t < n ? 1 + 10 * t + g.int(9) : 0))),
          lengths,
        ];
      },
      { names: ["rows", "lengths"] },
    ),
    mistakes: [
      {
        wrong: (): Turned => (rows) => rows.map((row) => [...row].reverse()),
        says: "you are reversing the padding too: the backward direction would begin with it",
      },
      {
        wrong: (): Turned => (rows) => rows,
        says: "nothing is turned around",
      },
    ],
    hints: ["row.slice(0, n) is what is real.", "Reverse that part, and put the rest behind it as it is."],
  },
  {
    id: "12.4",
    title: "Both sides, without the answer",
    expected: () => contextBy(-1, 1),
    probe: onInputs(
      (g) => {
        const states = () => Array.from({ length: 4 }, () => vectorOf(g, N));
        return [states(), states()];
      },
      { names: ["forward", "backward"] },
    ),
    mistakes: [
      {
        wrong: () => contextBy(0, 0),
        says: "both states have read symbol t: the answer leaks from both sides",
      },
      {
        wrong: () => contextBy(-1, 0),
        says: "backward[t] has read symbol t: the answer leaks from the right",
      },
      {
        wrong: () => contextBy(0, 1),
        says: "forward[t] has read symbol t: the answer leaks from the left",
      },
      {
        wrong: (): Context => (forward, backward) =>
          contextBy(-1, 1)(forward, backward).map((row) => [...row.slice(N), ...row.slice(0, N)]),
        says: "the two sides are exchanged: the numbers from the left come first",
      },
    ],
    hints: [
      "forward[t] has read the symbols 0 … t, backward[t] the symbols T − 1 … t.",
      "Before symbol t stands forward[t − 1], after it backward[t + 1].",
    ],
  },
  {
    id: "12.5",
    title: "The shift of teacher forcing",
    expected: () => shiftedBy(reads, says),
    probe: onInputs(
      (g) => [
        Array.from({ length: 3 }, () => Array.from({ length: 1 + g.int(4) }, () => 2 + g.int(50))),
        0,
        1,
      ],
      { names: ["targets", "begin", "end"] },
    ),
    mistakes: [
      {
        wrong: () => shiftedBy(says, says),
        says: "the shift is missing: the decoder reads the very word that it is to say; begin with `begin`",
      },
      {
        wrong: () => shiftedBy(reads, reads),
        says: "y begins with `begin`, so nothing is shifted: the decoder learns to say what it has just read",
      },
      {
        wrong: () =>
          shiftedBy(
            (ids, begin) => [begin, ...ids.slice(0, -1)],
            (ids) => ids,
          ),
        says: "the end is never said: without it the decoder does not learn to stop",
      },
      {
        wrong: () => shiftedBy(reads, says, 1),
        says: "the padding of y is `end`, which the loss would count; give −1, which it leaves out",
      },
    ],
    hints: [
      "x is `begin` and the target; y is the target and `end`: both have one more than the target.",
      "T is the longest target plus one. Fill x with `end` and y with −1.",
    ],
  },
  {
    id: "12.6",
    title: "Shapes of layers",
    expected: () => countBy(joined),
    probe: onInputs((g) => [g.choice([1, 3, 4]), 3 + g.int(5), 10 + g.int(5), 2 + g.int(2), 2], {
      names: ["gates", "M", "N", "layers", "directions"],
    }),
    mistakes: [
      {
        wrong: () => countBy((N) => N),
        says: "a layer above the first reads the outputs of all directions, directions · N numbers, not N",
      },
      {
        wrong: () => countBy((_N, _directions, M) => M),
        says: "only the first layer reads inputs of size M; those above read the outputs of the one below",
      },
      {
        wrong: () => countBy(joined, 1),
        says: "one bias vector is missing: the library keeps two, beside each product, as PyTorch does",
      },
    ],
    hints: [
      "Each gate of each direction has N rows: over the inputs, over the N states, and two biases.",
      "A layer has directions · gates · N · (inputs + N + 2) parameters; inputs is M, above the first layer directions · N.",
    ],
  },
];
