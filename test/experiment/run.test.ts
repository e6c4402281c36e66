import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ExperimentConfig } from "../../src/experiment/config.ts";
import { differences, findRuns, reportPage } from "../../src/experiment/report.ts";
import { FILES, resumeRun, startRun } from "../../src/experiment/run.ts";
import { lm } from "../../src/index.ts";

let folder = "";
const config = (seed = 1): ExperimentConfig => ({
  name: "small",
  corpus: { source: path.join(folder, "text.txt"), split: { counts: [4000, 600, 500] } },
  model: { type: "RecurrentLM", cell: "lstm", embeddingSize: 6, hiddenSize: 8, seed },
  optimizer: { type: "Adam", lr: 0.01 },
  schedule: { type: "decayAfter", after: 1, factor: 0.5 },
  training: { epochs: 3, batchSize: 8, bptt: 16, clipNorm: 1 },
});

describe("runs", () => {
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-run-"));
    const harbour = readFileSync(new URL("../../datasets/english/harbour.txt", import.meta.url), "utf8");
    writeFileSync(path.join(folder, "text.txt"), harbour.slice(0, 5100));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("leaves configuration, checkpoint, history and result, which agree with each other", async () => {
    const out = path.join(folder, "a");
    const { model, history, result } = await startRun(config(), { out, progress: false });
    assert.ok(result);
    for (const file of Object.values(FILES)) assert.ok(existsSync(path.join(out, file)), file);
    assert.deepEqual(JSON.parse(readFileSync(path.join(out, FILES.config), "utf8")), config());
    const loaded = lm.load(path.join(out, FILES.checkpoint)).model;
    const text = "The harbour was quiet";
    assert.deepEqual(loaded.nll(text), model.nll(text));
    const epochs = readFileSync(path.join(out, FILES.epochs), "utf8");
    const steps = readFileSync(path.join(out, FILES.steps), "utf8");
    const back = lm.History.fromCSV({ steps, epochs });
    assert.deepEqual(
      back.epochs.map(({ validLoss }) => validLoss),
      history.epochs.map(({ validLoss }) => validLoss),
    );
    assert.equal(result.evaluations.valid!.nats, history.last.validLoss);
    assert.equal(result.evaluations.test!.tokens, 499);
    assert.deepEqual(
      history.epochs.map(({ lr }) => lr),
      [0.01, 0.005, 0.0025],
    );
  });

  it("interrupted and resumed it is the run that was not, byte for byte", async () => {
    const whole = path.join(folder, "whole");
    const { result: first } = await startRun(config(), { out: whole, progress: false });
    const again = await resumeRun(whole, { progress: false });
    assert.deepEqual(again.result, first, "a run that is over took what it took");
    const epochs = readFileSync(path.join(whole, FILES.epochs), "utf8");
    const { steps } = again.history;
    assert.ok(lm.History.fromCSV({ steps: "", epochs }).epochs.every(({ seconds }) => seconds! > 0));
    assert.ok(steps.every(({ tokensPerSecond }) => tokensPerSecond! > 0));
    for (const at of [1, 37, 62]) {
      const out = path.join(folder, `cut-${at}`);
      const stop = new AbortController();
      const cut = await startRun(config(), {
        out,
        progress: false,
        signal: stop.signal,
        onStep: ({ step }) => step === at && stop.abort(),
      });
      assert.equal(cut.result, null);
      assert.equal(cut.history.steps.length, at);
      if (at === 37) writeFileSync(path.join(out, FILES.history), "{"); // times only: no reason not to go on
      const { result } = await resumeRun(out, { progress: false });
      assert.ok(result);
      const bytes = (from: string) => readFileSync(path.join(from, FILES.checkpoint));
      assert.ok(bytes(out).equals(bytes(whole)), `cut after step ${at}`);
    }
  });

  it("refuses a folder that holds a run, and one that holds none", async () => {
    const out = path.join(folder, "a");
    await startRun(
      { ...config(), training: { ...config().training, maxSteps: 2 } },
      { out, progress: false },
    );
    await assert.rejects(startRun(config(), { out }), /holds a run already\. Go on with it: unrolled resume/);
    await assert.rejects(resumeRun(folder), /holds no run: there is no config\.json/);
  });

  it("that could not begin leaves nothing behind, and the corrected one takes its place", async () => {
    const out = path.join(folder, "a");
    const bad = { ...config(), training: { ...config().training, batchSize: 60_000 } };
    await assert.rejects(startRun(bad, { out, progress: false }), /60000/);
    assert.equal(existsSync(out), false);
    const one = { ...config(), training: { ...config().training, maxSteps: 2 } };
    assert.ok((await startRun(one, { out, progress: false })).result);
  });

  it("refuses a folder in which another process trains, and takes over what a dead one left", async () => {
    const out = path.join(folder, "a");
    const few = { ...config(), training: { ...config().training, maxSteps: 2 } };
    mkdirSync(out);
    const owner = (pid: number) =>
      writeFileSync(path.join(out, "running.json"), JSON.stringify({ pid, host: os.hostname() }));
    owner(process.ppid);
    const busy = new RegExp(`is being trained by process ${process.ppid}\\. Wait for it`);
    await assert.rejects(startRun(few, { out, progress: false }), busy);
    owner(2 ** 30); // no system gives this number
    assert.ok((await startRun(few, { out, progress: false })).result);
    assert.equal(existsSync(path.join(out, "running.json")), false);
    owner(process.ppid);
    await assert.rejects(resumeRun(out, { progress: false }), busy);
  });

  it("is reported on one page, with the settings that differ", async () => {
    for (const seed of [1, 2]) {
      await startRun(config(seed), { out: path.join(folder, `seed-${seed}`), progress: false });
    }
    const runs = findRuns(folder);
    assert.deepEqual(
      runs.map((run) => run.folder),
      ["seed-1", "seed-2"],
    );
    assert.deepEqual(differences(runs), [{ path: "model.seed", values: ["1", "2"] }]);
    const page = reportPage(runs, "A <sweep>");
    assert.match(page, /<h1>A &#60;sweep&#62;<\/h1>/);
    for (const { result } of runs)
      assert.ok(page.includes(`<td>${result!.evaluations.test!.perplexity.toFixed(2)}</td>`));
    assert.match(page, /<svg/);
    assert.doesNotMatch(page, /<script/);
    writeFileSync(path.join(folder, "seed-1", FILES.config), "{");
    const broken: string[] = [];
    assert.equal(findRuns(folder, (message) => broken.push(message)).length, 1);
    assert.match(broken[0], /seed-1.config\.json, line 1: not JSON/);
    assert.throws(() => findRuns(path.join(folder, "text.txt")), /text\.txt is a file; give the folder/);
    assert.throws(() => findRuns(path.join(folder, "nowhere")), /there is no such folder/);
  });
});
