import type { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";
import {
  bestBy,
  lastTokens,
  lastWithin,
  logOfSeeds,
  logOfSteps,
  type RowOf,
  rowBy,
  type SameTokens,
  sameTokens,
  type TrainingLog,
} from "./leaderboard.ts";

const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0);
const mean = (list: readonly number[]) => sum(list) / list.length;

type BootstrapOf = (a: number[], b: number[], n: number[], draws: number[][]) => number[];
const bootstrap: BootstrapOf = (a, b, n, draws) =>
  draws.map((blocks) => sum(blocks.map((j) => a[j] - b[j])) / sum(blocks.map((j) => n[j])));

const blocksOfText = (g: Generator) => {
  const n = Array.from({ length: 5 }, () => 40 + g.int(300));
  const a = n.map((length) => length * g.uniform(1.5, 2.5));
  const b = a.map((cost, j) => cost - n[j] * g.uniform(-0.05, 0.15));
  return [a, b, n, Array.from({ length: 4 }, () => n.map(() => g.int(n.length)))];
};

interface Interval {
  low: number;
  high: number;
  reversed: number;
}
type IntervalOf = (differences: number[]) => Interval;
const intervalBy =
  (places: (R: number) => [number, number], arrange = (list: number[]) => [...list].sort((x, y) => x - y)) =>
  (differences: number[]): Interval => {
    const R = differences.length;
    const list = arrange(differences);
    const [low, high] = places(R);
    return { low: list[low], high: list[high], reversed: differences.filter((x) => x <= 0).length / R };
  };
const middle95 = (R: number): [number, number] => [Math.floor(0.025 * R), Math.floor(0.975 * R)];

type FlopsOf = (gates: number, E: number, H: number, V: number, tokens: number) => number;
const flopsBy =
  (factor: number, weights: (gates: number, E: number, H: number, V: number) => number): FlopsOf =>
  (gates, E, H, V, tokens) =>
    factor * weights(gates, E, H, V) * tokens;
const weights = (gates: number, E: number, H: number, V: number) => gates * H * (E + H) + H * V;

export const lecture17: readonly Exercise[] = [
  {
    id: "17.1",
    title: "The paired bootstrap",
    expected: () => bootstrap,
    probe: onInputs(blocksOfText, { names: ["a", "b", "n", "draws"] }),
    mistakes: [
      {
        wrong: (): BootstrapOf => (a, b, n, draws) => bootstrap(b, a, n, draws),
        says: "the sign is turned: A − B is positive where B is better",
      },
      {
        wrong: (): BootstrapOf => (a, b, n, draws) =>
          draws.map((blocks) => mean(blocks.map((j) => (a[j] - b[j]) / n[j]))),
        says: "you averaged the means of the blocks: a short block weighs as much as a long one",
      },
      {
        wrong: (): BootstrapOf => (a, b, n, draws) =>
          draws.map((blocks, r) => {
            const others = draws[(r + 1) % draws.length];
            const rate = (sums: number[], from: number[]) =>
              sum(from.map((j) => sums[j])) / sum(from.map((j) => n[j]));
            return rate(a, blocks) - rate(b, others);
          }),
        says: "this is unpaired: each draw must take the same blocks for both models",
      },
      {
        wrong: (): BootstrapOf => (a, b, n, draws) =>
          draws.map((blocks) => sum(blocks.map((j) => a[j] - b[j])) / sum(n)),
        says: "a drawn text has a length of its own: divide by the characters of the drawn blocks",
      },
      {
        wrong: (): BootstrapOf => (a, b, n, draws) =>
          draws.map((blocks) => {
            const once = [...new Set(blocks)];
            return sum(once.map((j) => a[j] - b[j])) / sum(once.map((j) => n[j]));
          }),
        says: "a block that was drawn twice counts twice",
      },
      {
        wrong: (): BootstrapOf => (a, b, _n, draws) =>
          draws.map((blocks) => sum(blocks.map((j) => a[j] - b[j]))),
        says: "these are nats of a whole draw; divide by the characters of its blocks",
      },
    ],
    hints: [
      "For one draw: add up a[j] − b[j] over its numbers j, repeats included.",
      "Divide by the sum of n[j] over the same numbers.",
    ],
  },
  {
    id: "17.2",
    title: "Interval and reversal",
    expected: () => intervalBy(middle95),
    probe: onInputs((g) => [Array.from({ length: 80 }, () => 0.05 + 0.05 * g.normal())], {
      names: ["differences"],
    }),
    mistakes: [
      {
        wrong: () => intervalBy(middle95, (list) => list),
        says: "the differences are not sorted",
      },
      {
        wrong: () => intervalBy(middle95, (list) => list.map(String).sort().map(Number)),
        says: "`sort` without a comparison sorts as texts; give it (x, y) => x − y",
      },
      {
        wrong: () => intervalBy((R) => [Math.floor(0.05 * R), Math.floor(0.95 * R)]),
        says: "this interval holds 90 %: cut 2.5 % at each end, not 5 %",
      },
      {
        wrong: (): IntervalOf => (differences) => {
          const center = mean(differences);
          const sd = Math.sqrt(mean(differences.map((x) => (x - center) ** 2)));
          const half = (1.96 * sd) / Math.sqrt(differences.length);
          return { ...intervalBy(middle95)(differences), low: center - half, high: center + half };
        },
        says: "you divided by √R: the draws' own spread is the standard error; more draws do not make the text longer",
      },
      {
        wrong: (): IntervalOf => (differences) => ({
          ...intervalBy(middle95)(differences),
          reversed: differences.filter((x) => x > 0).length / differences.length,
        }),
        says: "this is the share that confirms the order; asked is the share that is ≤ 0",
      },
      {
        wrong: (): IntervalOf => (differences) => ({
          ...intervalBy(middle95)(differences),
          reversed: differences.filter((x) => x <= 0).length,
        }),
        says: "this is how many are ≤ 0; asked is their share, so divide by R",
      },
    ],
    hints: [
      "[...differences].sort((x, y) => x - y)",
      "low and high are entries of the sorted list, at ⌊0.025 R⌋ and ⌊0.975 R⌋.",
    ],
  },
  {
    id: "17.3",
    title: "A row of the leaderboard",
    expected: () => rowBy(bestBy("dev")),
    probe: onInputs((g) => [logOfSeeds(g)], { names: ["log"] }),
    mistakes: [
      {
        wrong: () => rowBy(bestBy("test")),
        says: "the epoch was chosen on test: the test text was used for tuning",
      },
      {
        wrong: (): RowOf => (log) =>
          log.map(bestBy("dev")).reduce((best, one) => (one.dev < best.dev ? one : best)),
        says: "this is the best seed: a row is the mean over all of them",
      },
      {
        wrong: (): RowOf => (log) =>
          log.map(bestBy("dev")).reduce((best, one) => (one.test < best.test ? one : best)),
        says: "this is the seed that is best on test: the best seed was chosen, and by the test text",
      },
      {
        wrong: () => rowBy((epochs) => epochs[epochs.length - 1]),
        says: "this is the last epoch; the protocol takes the one that is best on dev",
      },
      {
        wrong: (): RowOf => (log) => bestBy("dev")(log[0].map((_, i) => rowBy((epochs) => epochs[i])(log))),
        says: "one epoch was chosen for all seeds; each seed has a best epoch of its own",
      },
      {
        wrong: (): RowOf => (log) => ({
          dev: mean(log.map((epochs) => bestBy("dev")(epochs).dev)),
          test: mean(log.map((epochs) => bestBy("test")(epochs).test)),
        }),
        says: "dev and test come from different epochs: the test score is the one of the epoch that dev chose",
      },
    ],
    hints: [
      "For one seed: the epoch with the smallest dev, and its own test.",
      "Then the mean over the seeds of both numbers.",
    ],
  },
  {
    id: "17.4",
    title: "The same tokens",
    expected: () => sameTokens,
    probe: onInputs(
      (g) => {
        const [short, long] = [logOfSteps(g, 10, 320), logOfSteps(g, 12, 500)];
        return g.uniform() < 0.5 ? [short, long] : [long, short];
      },
      { names: ["a", "b"] },
    ),
    mistakes: [
      {
        wrong: (): SameTokens => (a, b) => ({
          tokens: Math.min(lastTokens(a), lastTokens(b)),
          a: a[a.length - 1].loss,
          b: b[b.length - 1].loss,
        }),
        says: "these are the ends: one of the models has read more than the budget",
      },
      {
        wrong: (): SameTokens => (a, b) => {
          const steps = Math.min(a.length, b.length);
          return {
            tokens: Math.min(lastTokens(a), lastTokens(b)),
            a: a[steps - 1].loss,
            b: b[steps - 1].loss,
          };
        },
        says: "you cut at the same number of steps; their batches differ in size, cut at the same number of tokens",
      },
      {
        wrong: (): SameTokens => (a, b) => {
          const tokens = Math.min(lastTokens(a), lastTokens(b));
          const after = (log: TrainingLog) => log.find((entry) => entry.tokens >= tokens)!.loss;
          return { tokens, a: after(a), b: after(b) };
        },
        says: "you took the first entry at or after the budget: it may have read more",
      },
      {
        wrong: (): SameTokens => (a, b) => {
          const tokens = Math.min(lastTokens(a), lastTokens(b));
          return { tokens, a: lastWithin(a, tokens - 1), b: lastWithin(b, tokens - 1) };
        },
        says: "an entry that has read exactly the budget is within it: ≤, not <",
      },
      {
        wrong: (): SameTokens => (a, b) => ({
          tokens: Math.max(lastTokens(a), lastTokens(b)),
          a: a[a.length - 1].loss,
          b: b[b.length - 1].loss,
        }),
        says: "the budget is the smaller of the two ends: the longer log is cut",
      },
    ],
    hints: [
      "The budget is the smaller of the last `tokens` of the two logs.",
      "log.filter(({ tokens }) => tokens <= budget).at(-1) is the last entry within it.",
    ],
  },
  {
    id: "17.5",
    title: "FLOPs of a training",
    expected: () => flopsBy(6, weights),
    probe: onInputs(
      (g) => [g.choice([1, 3, 4]), 16 + g.int(48), 32 + g.int(96), 60 + g.int(20), 1000 * (1 + g.int(9))],
      { names: ["gates", "E", "H", "V", "tokens"] },
    ),
    mistakes: [
      {
        wrong: () => flopsBy(2, weights),
        says: "this is the way forward only; back there are two more products of the same size",
      },
      {
        wrong: () => flopsBy(4, weights),
        says: "this is the way back only; the way forward costs 2 more for each weight",
      },
      {
        wrong: () => flopsBy(3, weights),
        says: "a weight costs a multiplication and an addition, each way: 6, not 3",
      },
      {
        wrong: () => flopsBy(6, (gates, E, H, V) => weights(gates, E, H, V) + V * E),
        says: "the embedding is looked up, not multiplied",
      },
      {
        wrong: () => flopsBy(6, (gates, E, H) => gates * H * (E + H)),
        says: "the output layer is missing: H·V weights",
      },
      {
        wrong: () => flopsBy(6, (gates, E, H, V) => gates * (H * (E + H) + H * V)),
        says: "there are several gates, but only one output layer",
      },
      {
        wrong: () => flopsBy(6, (_gates, E, H, V) => weights(1, E, H, V)),
        says: "the gates are missing: each has weights of its own",
      },
    ],
    hints: [
      "The weights that are multiplied: gates · H · (E + H) in the layer, H · V in the output.",
      "Six FLOPs for each of them and each token.",
    ],
  },
];
