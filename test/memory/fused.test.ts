import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const MB = 2 ** 20;

/**
 * What V8 lets lie about before it looks for garbage in a loop that allocates little: a young generation of up to
 * 3 × 16 MiB, 32 MiB of arrays outside its heap, and compiled code. It is the same for every model, so a loop whose step
 * needs less than this is held to the process as a whole (library, compiled code and model included), and its growth to
 * this bound; a loop whose step needs more is held to 4 × what the step needs by itself.
 */
const SLACK = 96 * MB;
const MUCH = 20 * MB;

interface Report {
  /** Bytes that one step takes: blocks of the engine, and arrays it leaves behind. */
  need: number;
  /** The most the process had in RAM during its second step: what one step takes with everything that it stands on. */
  one: number;
  /** The most the process had in RAM, above what it had before the first step. */
  peak: number;
  /** What the process had in RAM before. */
  start: number;
  /** Blocks of engine memory that are out, in elements, after the first steps and at the end. */
  engine: [early: number, late: number];
  /** Bytes alive after a collection, early and late. */
  held: [early: number, late: number];
  /** Whether what was kept of step 1 reads the same at the end. */
  same: boolean;
  finite: boolean;
}

/** Trains a model by hand in a process of its own, without a single `await`. */
async function train(
  model: string,
  batch: { batchSize: number; bptt: number },
  steps: number,
): Promise<Report> {
  const script = `
    import { Generator, lm, optim, text } from "./src/index.ts";
    import { engineFor } from "./src/kernels/index.ts";
    const words = (V) => text.Vocabulary.fromTokens(Array.from({ length: V }, (_, i) => "w" + i));
    const model = ${model};
    const V = model.vocabulary.size;
    const ids = Int32Array.from({ length: 20_000 }, (_, i) => (i * i + (i >> 3)) % V);
    const optimizer = new optim.Adagrad(model.parameters(), { lr: 0.01 });
    const batches = model.batches(ids, { ...${JSON.stringify(batch)}, generator: new Generator(1) });
    const engine = engineFor("float32");
    let carried = null;
    const step = () => {
      model.zeroGrad();
      const { loss, state } = model.lossOf(batches.next(), carried);
      loss.backward();
      optimizer.step({ clipNorm: 5 });
      carried = state?.detach() ?? null;
      return loss;
    };
    const memory = () => process.memoryUsage();
    const held = () => { gc(); gc(); const { heapUsed, arrayBuffers } = memory(); return heapUsed + arrayBuffers; };
    step();
    gc(); gc();
    const before = memory();
    const first = step();
    const need = engine.allocated.peak * 4 + memory().arrayBuffers - before.arrayBuffers;
    const one = Math.max(before.rss, memory().rss);
    const kept = [first, ...(carried?.tensors ?? []), ...model.parameters().map((p) => p.grad)];
    const copies = kept.map((x) => x.data.slice());
    for (let i = 0; i < 30; i++) step();
    const early = { engine: engine.allocated.now, held: held() };
    let last;
    let peak = 0;
    for (let i = 0; i < ${steps}; i++) {
      last = step();
      if (i % 16 === 0) peak = Math.max(peak, process.memoryUsage.rss() - before.rss);
    }
    console.log(JSON.stringify({
      need,
      one,
      start: before.rss,
      peak,
      engine: [early.engine, engine.allocated.now],
      held: [early.held, held()],
      same: kept.every((x, i) => x.data.every((v, j) => Object.is(v, copies[i][j]))),
      finite: Number.isFinite(last.item()),
    }));
  `;
  const flags = ["--expose-gc", "--conditions=unrolled-source", "--import", "tsx", "--input-type=module"];
  const { stdout } = await run(process.execPath, [...flags, "-e", script], {
    cwd: root,
    env: { ...process.env, NODE_V8_COVERAGE: "" }, // counting lines keeps memory of its own
  });
  return JSON.parse(stdout) as Report;
}

interface Loop {
  name: string;
  model: string;
  batch: { batchSize: number; bptt: number };
  steps: number;
  /** Whether a step needs so much that it is held to its own need, not to the whole process. */
  much: boolean;
}

const soak = Boolean(process.env.UNROLLED_SOAK);

const loops: Loop[] = [
  {
    name: "100,000 steps of a small RNN",
    model: `new lm.RecurrentLM({ vocabulary: words(12), cell: "rnn", embeddingSize: null, hiddenSize: 12, seed: 1 })`,
    batch: { batchSize: 1, bptt: 4 },
    steps: 100_000,
    much: false,
  },
  {
    name: "1,000 steps of an LSTM with an embedding",
    model: `new lm.RecurrentLM({ vocabulary: words(65), cell: "lstm", embeddingSize: 32, hiddenSize: 48, seed: 1 })`,
    batch: { batchSize: 8, bptt: 12 },
    steps: 1000,
    much: false,
  },
  {
    name: `${soak ? "100,000" : "100"} steps with 20,000 words`,
    model: `new lm.RecurrentLM({ vocabulary: words(20_000), cell: "gru", hiddenSize: 128, seed: 1 })`,
    batch: { batchSize: 4, bptt: 8 },
    steps: soak ? 100_000 : 100,
    much: true,
  },
  {
    name: "500 steps with a fixed window",
    model: `new lm.FixedWindowLM({ vocabulary: words(3000), window: 5, embeddingSize: 20, hiddenSize: 30, seed: 1 })`,
    batch: { batchSize: 32, bptt: 1 },
    steps: 500,
    much: false,
  },
];

describe("memory of training without a single await", function () {
  this.timeout(soak ? 3_600_000 : 300_000);

  for (const { name, model, batch, steps, much } of loops) {
    it(`${name}: the peak is at most 4 × one step's need, and nothing is left behind`, async () => {
      const { need, one, start, peak, engine, held, same, finite } = await train(model, batch, steps);
      const inMiB = (bytes: number): string => `${(bytes / MB).toFixed(1)} MiB`;
      const figures = `need ${inMiB(need)}, peak ${inMiB(peak)}; process ${inMiB(one)}, peak ${inMiB(start + peak)}`;
      if (soak) console.log(`      ${figures}`);
      assert.ok(finite);
      if (much) assert.ok(need >= MUCH && peak <= 4 * need, figures);
      else assert.ok(start + peak <= 4 * one && peak <= SLACK, figures);
      assert.equal(engine[1], engine[0], "blocks of the engine");
      assert.ok(held[1] - held[0] < MB, `${held[0]} bytes alive early, ${held[1]} late`);
      assert.ok(same, "a loss, a state or a gradient of the first step has changed");
    });
  }
});
