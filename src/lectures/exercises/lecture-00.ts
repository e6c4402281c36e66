import { randn } from "../../autograd/create.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { reshape, transpose } from "../../ops/shape.ts";
import { Generator } from "../../random.ts";
import type { Exercise } from "../exercise.ts";
import { onInputs } from "../on-inputs.ts";

const seeds = onInputs((generator) => [generator.int(1000)], { names: ["seed"] });

export const lecture00: readonly Exercise[] = [
  {
    id: "00.1",
    title: "The shape of a sum",
    // [4,1,3] + [2,1], aligned at the right: [4,1,3] and [1,2,1].
    expected: () => [4, 2, 3],
    mistakes: [
      {
        wrong: () => [4, 2],
        says: "you aligned the shapes at the left; they are aligned at the right, and missing dimensions are put in front",
      },
      { wrong: () => [4, 1, 3], says: "you kept the larger shape; a dimension of size 1 is stretched" },
    ],
    hints: [
      "Write the shapes below each other so that their last numbers stand in one column.",
      "[4,1,3] over [2,1]: the columns are (4), (1 and 2), (3 and 1). A 1 is stretched to the other number.",
    ],
  },
  {
    id: "00.2",
    title: "From [B, T] to [T, B]",
    expected: () => (x: Tensor) => transpose(x, 0, 1),
    probe: onInputs((generator) => [randn([2 + generator.int(3), 2 + generator.int(3)], generator)], {
      names: ["x"],
    }),
    mistakes: [
      {
        wrong: () => (x: Tensor) => reshape(x, [x.shape[1], x.shape[0]]),
        says: "you reshaped (a view): reshape keeps the elements in their order and cuts the rows elsewhere; time and batch are exchanged by transpose",
      },
      { wrong: () => (x: Tensor) => x, says: "you returned x as it is, batch first" },
    ],
    hints: [
      "Element [b, t] of x must become element [t, b].",
      "ops has a function with two dimensions to be exchanged.",
    ],
  },
  {
    id: "00.3",
    title: "Five numbers from one seed",
    expected: () => (seed: number) => draws(new Generator(seed), 5),
    probe: seeds,
    mistakes: [
      {
        wrong: () => (seed: number) => Array.from({ length: 5 }, () => new Generator(seed).uniform()),
        says: "you seeded again in each turn of the loop: a generator made from the same seed begins with the same number",
      },
    ],
    hints: ["How many generators does your function make? One is enough.", "Make it before the loop."],
  },
  {
    id: "00.4",
    title: "Two independent sources from one seed",
    expected: () => (seed: number) => ({
      weights: draws(new Generator(seed).fork("weights"), 3),
      data: draws(new Generator(seed).fork("data"), 3),
    }),
    probe: seeds,
    mistakes: [
      {
        wrong: () => (seed: number) => {
          const generator = new Generator(seed);
          return { weights: draws(generator, 3), data: draws(generator, 3) };
        },
        says: "both drew from one generator: a model with one weight more would then see other data",
      },
      {
        wrong: () => (seed: number) => {
          const again = (label: string) =>
            Array.from({ length: 3 }, () => new Generator(seed).fork(label).uniform());
          return { weights: again("weights"), data: again("data") };
        },
        says: "you forked anew for each number: a fork under the same label begins with the same number; fork once, draw three times",
      },
      {
        wrong: () => (seed: number) => ({
          weights: draws(new Generator(seed), 3),
          data: draws(new Generator(seed), 3),
        }),
        says: "both began with the same seed, so that weights and data are the same numbers",
      },
    ],
    hints: [
      "A generator gives birth to others: generator.fork(label).",
      'Fork one for "weights" and one for "data", from the generator of the seed.',
    ],
  },
];

function draws(generator: Generator, count: number): number[] {
  return Array.from({ length: count }, () => generator.uniform());
}
