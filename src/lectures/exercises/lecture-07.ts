import { fromData } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { RecurrentLM } from "../../lm/neural/recurrent-lm.ts";
import type { RecurrentState } from "../../lm/neural/state.ts";
import { crossEntropy } from "../../ops/loss.ts";
import { reshape } from "../../ops/shape.ts";
import { corpusFromText } from "../../text/corpus.ts";
import { Streams } from "../../text/streams.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

type WindowOf = (ids: number[], B: number, T: number, k: number) => { x: number[][]; y: number[][] };

/** [T][B]: the element of stream b at step t of window k is ids[at(b, t)]; the target is `shift` later. */
const windowBy =
  (at: (n: number, B: number, T: number, k: number, b: number, t: number) => number, shift = 1): WindowOf =>
  (ids, B, T, k) => {
    const n = Math.floor(ids.length / B);
    const table = (more: number) =>
      Array.from({ length: T }, (_, t) =>
        Array.from({ length: B }, (_, b) => ids[at(n, B, T, k, b, t) + more]),
      );
    return { x: table(0), y: table(shift) };
  };

const streams = windowBy((n, _B, T, k, b, t) => b * n + k * T + t);

interface Part {
  mean: number;
  tokens: number;
}

const perToken = (parts: readonly Part[]) =>
  parts.reduce((sum, { mean, tokens }) => sum + mean * tokens, 0) /
  parts.reduce((sum, { tokens }) => sum + tokens, 0);

export const lecture07: readonly Exercise[] = [
  {
    id: "07.1",
    title: "Window k of the streams",
    expected: () => streams,
    probe: onInputs(
      (g) => {
        const [B, T, k] = [2 + g.int(2), 2 + g.int(2), g.int(3)];
        return [Array.from({ length: B * (4 * T + g.int(3)) }, () => g.int(60)), B, T, k];
      },
      { names: ["ids", "B", "T", "k"] },
    ),
    mistakes: [
      {
        wrong: () => windowBy((n, _B, T, k, b, t) => b * n + k * T + t, 0),
        says: "y is off by one: the target is the next character, not the one that was read",
      },
      {
        wrong: () => windowBy((_n, B, T, k, b, t) => (k * B + b) * T + t),
        says: "you dealt out windows that follow on each other in the text: stream b of the next window does not go on where this one ends, and a carried state belongs to another place (as if the streams were shuffled)",
      },
      {
        wrong: (): WindowOf => (ids, B, T, k) => {
          const turn = (m: number[][]) => m[0].map((_, j) => m.map((row) => row[j]));
          const { x, y } = streams(ids, B, T, k);
          return { x: turn(x), y: turn(y) };
        },
        says: "this is batch first, [B, T]; time comes first here",
      },
    ],
    hints: [
      "n = ⌊L / B⌋ is the length of a stream; stream b begins at b·n.",
      "x[t][b] = ids[b·n + k·T + t], and y is one further.",
    ],
  },
  {
    id: "07.2",
    title: "Nodes behind the loss of the third window",
    expected: () => ({ cut: nodesBehindThird(true), carried: nodesBehindThird(false) }),
    mistakes: [
      {
        wrong: () => ({ cut: nodesBehindThird(true), carried: nodesBehindThird(true) }),
        says: "the graph was cut in both cases: leave detach out for the second number",
      },
      {
        wrong: () => ({ cut: nodesBehindThird(false), carried: nodesBehindThird(false) }),
        says: "the state was carried with its graph in both cases: detach it for the first number",
      },
      {
        wrong: () => ({ cut: nodesBehindThird(false), carried: nodesBehindThird(true) }),
        says: "the two numbers are exchanged: the graph that is cut is the smaller one",
      },
    ],
    hints: [
      "nodesBehind and lossOf of the lecture do the counting: lossOf(tiny, windows.next(), state) gives the loss of a window and the state after it.",
      "Go through three windows twice, once with state = next.detach(), once with state = next, and count at the third.",
    ],
  },
  {
    id: "07.3",
    title: "Loss per token, with a short last batch",
    expected: () => perToken,
    probe: onInputs((g) => [[512, 512, 37].map((tokens) => ({ mean: g.uniform(1, 3), tokens }))], {
      names: ["batches"],
    }),
    mistakes: [
      {
        wrong: () => (parts: Part[]) => parts.reduce((sum, { mean }) => sum + mean, 0) / parts.length,
        says: "you averaged the means: the short batch weighs as much as the full ones",
      },
      {
        wrong: () => (parts: Part[]) => parts.reduce((sum, { mean, tokens }) => sum + mean * tokens, 0),
        says: "this is the sum; divide it by the number of tokens",
      },
    ],
    hints: ["mean · tokens is the sum of a batch.", "Add up both, then divide once."],
  },
  {
    id: "07.4",
    title: "Carry the state, or begin with zeros?",
    expected: () => ({ streams: "carry", shuffled: "zeros", sentences: "zeros", evaluation: "carry" }),
    mistakes: [
      {
        wrong: () => ({ streams: "carry", shuffled: "carry", sentences: "zeros", evaluation: "carry" }),
        says: "a state was carried across shuffled windows: it comes from a place of the text that has nothing to do with this one",
      },
      {
        wrong: () => ({ streams: "zeros", shuffled: "zeros", sentences: "zeros", evaluation: "carry" }),
        says: "streams go on where the last window ended; whoever begins with zeros throws away what was read",
      },
      {
        wrong: () => ({ streams: "carry", shuffled: "zeros", sentences: "carry", evaluation: "carry" }),
        says: "the sentence that was in this row before has nothing to do with the new one",
      },
      {
        wrong: () => ({ streams: "carry", shuffled: "zeros", sentences: "zeros", evaluation: "zeros" }),
        says: "an evaluation reads the text as one stream; its first characters after every zero would be predicted from nothing",
      },
    ],
    hints: ["Ask each time: is what comes now the continuation of what the state has read?"],
  },
];

/** Nodes of the graph behind the loss of the third window of a small model: B = 2, T = 4, 8 units. */
function nodesBehindThird(cut: boolean): number {
  const corpus = corpusFromText("the harbour and the lamp ".repeat(8), { name: "lamp" });
  const model = new RecurrentLM({ corpus, cell: "rnn", embeddingSize: 4, hiddenSize: 8, seed: 1 });
  model.rnn.fused = false; // a node for each operation, as in the lecture
  const windows = new Streams({ ids: corpus.train, batchSize: 2, bptt: 4 });
  let state: RecurrentState | null = null;
  let loss: Tensor | undefined;
  for (let k = 0; k < 3; k++) {
    const { x, y, shape } = windows.next();
    const [logits, next]: [Tensor, RecurrentState] = model.forward(fromData(x, shape), state);
    loss = crossEntropy(reshape(logits, [-1, corpus.vocabulary.size]), fromData(y, [y.length]));
    state = cut ? next.detach() : next;
  }
  const found = new Set([loss!.edge!.node]); // it grows while it is walked through
  for (const node of found) for (const parent of node.parents) if (parent) found.add(parent.node);
  return found.size;
}
