import { data, fromData, Generator, ids, lm, noGrad, ops, optim, type Tensor } from "../../index.ts";
import { learn } from "./learn.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import type { CurvePoint, Reproduction, SeedOptions, SeedResult } from "./types.ts";

const labelled = ({ x, y, shape: [T, B] }: data.LabelledBatch) => ({
  x: fromData(x, [T, B]),
  y: fromData(y, y.length === B ? [B] : [T, B]),
});
const real = ({ x, y, shape }: data.RealBatch) => ({ x: fromData(x, shape), y: fromData(y, [shape[1], 1]) });

/** Held-out sequences, the same for every seed. */
const TEST_SEED = "test";

interface TaskRun extends SeedOptions, ReaderOptions {
  lr: number;
  steps: number;
  fastSteps: number;
  clipNorm: number;
  lossOf(reader: Reader, generator: Generator): Tensor;
  measure(reader: Reader): number;
}

async function runTask(
  run: TaskRun,
): Promise<{ curve: CurvePoint[]; seconds: number; reader: Reader } | null> {
  const { seed, fast, cell, lr, clipNorm, signal } = run;
  const reader = new Reader(run, new Generator(seed).fork("weights"));
  const steps = fast ? run.fastSteps : run.steps;
  const done = await learn({
    module: reader,
    optimizer: new optim.Adam(reader.parameters(), { lr }),
    lossOf: (generator) => run.lossOf(reader, generator),
    measure: () => noGrad(() => run.measure(reader)),
    measureEvery: Math.max(1, Math.floor(steps / (fast ? 2 : 40))),
    // The last third at falling rates: the loss ends where the weights are, not where the last steps shook them.
    rate: (step) => Math.min(1, (3 * (steps - step + 1)) / steps),
    steps,
    seed,
    clipNorm,
    signal,
    ...(run.out === undefined ? {} : { out: `${run.out}-${cell}` }),
  });
  return done && { ...done, reader };
}

function accuracy(logits: Tensor, targets: Tensor): number {
  const guesses = ops.argmax(logits, { dim: logits.ndim - 1 });
  return ops.mean(ops.eq(guesses, targets).to("float64")).item();
}

/** The temporal order problem with both gated cells; the value is the accuracy of the worse one. */
async function temporalOrder(options: SeedOptions): Promise<SeedResult | null> {
  const task = data.temporalOrder({ length: 100 });
  const test = labelled(task.batch(options.fast ? 50 : 1000, new Generator(TEST_SEED)));
  const curve: CurvePoint[] = [];
  let [value, seconds] = [1, 0];
  for (const cell of ["lstm", "gru"] as const) {
    const done = await runTask({
      ...options,
      cell,
      hidden: 64,
      inputs: task.inputs,
      outputs: task.outputs,
      span: task.length,
      lr: 3e-3,
      steps: 1000,
      fastSteps: 8,
      clipNorm: 1,
      lossOf: (reader, generator) => {
        const { x, y } = labelled(task.batch(32, generator));
        return ops.crossEntropy(reader.last(x), y);
      },
      measure: (reader) => accuracy(reader.last(test.x), test.y),
    });
    if (!done) return null;
    curve.push(...done.curve.map((point) => ({ ...point, series: cell.toUpperCase() })));
    value = Math.min(value, done.curve[done.curve.length - 1].y);
    seconds += done.seconds;
  }
  return { seed: options.seed, value, curve, seconds };
}

async function adding(options: SeedOptions): Promise<SeedResult | null> {
  const task = data.adding({ length: 100 });
  const test = real(task.batch(options.fast ? 50 : 1000, new Generator(TEST_SEED)));
  const done = await runTask({
    ...options,
    cell: "lstm",
    hidden: 64,
    inputs: task.inputs,
    outputs: task.outputs,
    span: task.length,
    lr: 3e-3,
    steps: 4000,
    fastSteps: 8,
    clipNorm: 1,
    lossOf: (reader, generator) => {
      const { x, y } = real(task.batch(32, generator));
      return ops.mseLoss(reader.last(x), y);
    },
    measure: (reader) => ops.mseLoss(reader.last(test.x), test.y).item(),
  });
  return done && { seed: options.seed, value: done.curve[done.curve.length - 1].y, ...done };
}

async function copy(options: SeedOptions): Promise<SeedResult | null> {
  const task = data.copy({ delay: 50 });
  const test = labelled(task.batch(options.fast ? 20 : 200, new Generator(TEST_SEED)));
  const lossOn = (reader: Reader, { x, y }: { x: Tensor; y: Tensor }) =>
    ops.crossEntropy(reader.all(x).reshape([-1, task.outputs]), y.reshape([-1]));
  const done = await runTask({
    ...options,
    cell: "gru",
    hidden: 128,
    inputs: task.inputs,
    outputs: task.outputs,
    span: task.length,
    lr: 2e-3,
    steps: 6000,
    fastSteps: 8,
    clipNorm: 1,
    lossOf: (reader, generator) => lossOn(reader, labelled(task.batch(32, generator))),
    measure: (reader) => lossOn(reader, test).item(),
  });
  return done && { seed: options.seed, value: done.curve[done.curve.length - 1].y, ...done };
}

/** Regret on the same 10,000 strings for every seed: how far the model is above the perfect one. */
async function embeddedReber({ seed, fast, out, signal }: SeedOptions): Promise<SeedResult | null> {
  const source = data.embeddedReber();
  const model = new lm.RecurrentLM({
    vocabulary: source.vocabulary,
    cell: "lstm",
    embeddingSize: null,
    hiddenSize: 32,
    forgetBias: 1,
    seed,
  });
  const strings = source.samples(fast ? 50 : 10_000, new Generator(TEST_SEED));
  const few = strings.slice(0, fast ? 20 : 500);
  const steps = fast ? 30 : 5000;
  const done = await learn({
    module: model,
    optimizer: new optim.Adam(model.parameters(), { lr: 1e-2 }),
    lossOf: (generator) => stringLoss(model, source.samples(32, generator)),
    measure: () => data.regret(model, source, few).nats,
    measureEvery: steps / (fast ? 2 : 20),
    rate: (step) => Math.min(1, (2 * (steps - step + 1)) / steps),
    steps,
    seed,
    clipNorm: 1,
    out,
    signal,
  });
  return done && { seed, value: data.regret(model, source, strings).nats, ...done };
}

/** Mean −ln p over the symbols after the first of each string, padded to one length. */
function stringLoss(model: lm.RecurrentLM, strings: readonly (readonly string[])[]): Tensor {
  const IGNORE = -100;
  const rows = strings.map((string) => model.vocabulary.encode(string));
  const T = Math.max(...rows.map((row) => row.length)) - 1;
  const at = (offset: number, missing: number) =>
    Array.from({ length: T }, (_, t) => rows.map((row) => row[t + offset] ?? missing));
  const [logits] = model.forward(ids(at(0, 0)));
  const targets = ids(at(1, IGNORE));
  return ops.crossEntropy(logits.reshape([-1, model.vocabulary.size]), targets.reshape([-1]), {
    ignoreIndex: IGNORE,
  });
}

export const tasks: readonly Reproduction[] = [
  {
    name: "ereber-lstm",
    title:
      "LSTM of 32 units on strings of the embedded Reber grammar: regret against the model that knows the grammar",
    unit: "nats per symbol above the optimum",
    published: 0,
    source:
      "exact optimum 0.441094 nats per symbol (data.embeddedReber().optimum); Hochreiter & Schmidhuber (1997), task 1",
    band: { most: 0.004 },
    everySeed: true,
    seeds: 10,
    corpora: [],
    axes: { x: "step", y: "regret, nats per symbol" },
    run: embeddedReber,
  },
  {
    name: "temporal-order",
    title: "Temporal order over 100 steps with LSTM and GRU of 64 units: accuracy of the worse of the two",
    unit: "accuracy",
    published: null,
    source: "Hochreiter & Schmidhuber (1997), task 6a; the band is more than 95 % for both cells",
    band: { least: 0.95 },
    everySeed: true,
    corpora: [],
    axes: { x: "step", y: "accuracy on 1,000 held-out sequences" },
    run: temporalOrder,
  },
  {
    name: "adding",
    title: "The adding problem over 100 steps with an LSTM of 64 units",
    unit: "mean squared error",
    published: null,
    source: "Hochreiter & Schmidhuber (1997), task 4; who always answers 1 has 1/6 = 0.1667",
    band: { most: 0.01 },
    corpora: [],
    baseline: { "always 1": 1 / 6 },
    axes: { x: "step", y: "held-out mean squared error" },
    run: adding,
  },
  {
    name: "copy",
    title: "Copying 10 of 8 symbols over a delay of 50 with a GRU of 128 units",
    unit: "nats per step",
    published: null,
    source: "Arjovsky, Shah & Bengio (2016); who remembers nothing has 10 ln 8 / 70 = 0.2971",
    band: { most: (10 * Math.log(8)) / 70 },
    corpora: [],
    baseline: { "remembers nothing": (10 * Math.log(8)) / 70 },
    axes: { x: "step", y: "held-out loss, nats per step" },
    run: copy,
  },
];
