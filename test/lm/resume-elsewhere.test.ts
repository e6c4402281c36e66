import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { Generator, lm, optim, text } from "../../src/index.ts";
import { encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";
import { rounds } from "../soak.ts";
import { curve, inFolder, SENTENCES, seedOfRun } from "./setup.ts";

const POINTS = rounds(2, 20);
const CELLS = ["rnn", "lstm", "gru"] as const;
/** Large enough that its products are divided among threads. */
const SIZE = { hiddenSize: 96, embeddingSize: 48, dropout: 0.1 };
const OPTIONS = { epochs: 2, batchSize: 8, bptt: 12, clipNorm: 1, progress: false } as const;

function begin(cell: (typeof CELLS)[number]) {
  const corpus = text.corpusFromText(SENTENCES, { name: "pets", split: { fractions: [0.8, 0.2] } });
  const model = new lm.RecurrentLM({ corpus, cell, seed: 3, ...SIZE });
  return { corpus, model, optimizer: new optim.Adam(model.parameters(), { lr: 0.01 }) };
}

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("train: resume in another process", function () {
  this.timeout(300_000);

  it(`${POINTS} random places × RNN, LSTM, GRU, with one thread and with two: the same curve and the same bytes`, () =>
    inFolder(async (folder) => {
      const seed = seedOfRun();
      const generator = new Generator(`elsewhere ${seed}`);
      const [jobs, expected]: [string[], string[]] = [[], []];
      for (const cell of CELLS) {
        const whole = begin(cell);
        const history = await lm.train(whole.model, whole.corpus, { ...OPTIONS, optimizer: whole.optimizer });
        const wanted = `${curve(history)} ${hash(encodeCheckpoint({ ...whole, history }).bytes)}`;
        for (let point = 0; point < POINTS; point++) {
          const stop = 1 + generator.int(history.steps.length - 1);
          const { model, corpus, optimizer } = begin(cell);
          const half = await lm.train(model, corpus, { ...OPTIONS, optimizer, maxSteps: stop });
          const file = path.join(folder, `${cell}-${point}-after-${stop}.safetensors`);
          lm.save(file, { model, optimizer, history: half });
          jobs.push(file);
          expected.push(wanted);
        }
      }
      const corpusFile = path.join(folder, "corpus.txt");
      writeFileSync(corpusFile, SENTENCES);
      const code = `
        import { createHash } from "node:crypto";
        import { lm, text } from "./src/index.ts";
        import { encodeCheckpoint } from "./src/lm/checkpoint/checkpoint.ts";
        import { curve } from "./test/lm/setup.ts";
        const corpus = text.loadCorpus(${JSON.stringify(corpusFile)}, { name: "pets", split: { fractions: [0.8, 0.2] } });
        for (const file of ${JSON.stringify(jobs)}) {
          const { model, optimizer, history } = lm.load(file);
          const options = ${JSON.stringify(OPTIONS)};
          const done = await lm.train(model, corpus, { ...options, optimizer, resume: history });
          const { bytes } = encodeCheckpoint({ model, optimizer, history: done });
          console.log(curve(done), createHash("sha256").update(bytes).digest("hex"));
        }`;
      for (const threads of ["1", "2"]) {
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ["--conditions=unrolled-source", "--import", "tsx", "--input-type=module", "-e", code],
          { env: { ...process.env, NODE_V8_COVERAGE: "", UNROLLED_THREADS: threads } },
        );
        const got = stdout.trim().split("\n");
        jobs.forEach((file, i) => {
          assert.equal(got[i], expected[i], `seed ${seed}, ${path.basename(file)}, ${threads} threads`);
        });
      }
    }));
});
