import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { root, start, unrolled } from "./unrolled.ts";

const config = {
  name: "small",
  corpus: { source: "text.txt", split: { counts: [4000, 1100] } },
  model: { type: "RecurrentLM", cell: "gru", embeddingSize: 6, hiddenSize: 8, seed: 1 },
  optimizer: { type: "Adam", lr: 0.01 },
  training: { epochs: 2, batchSize: 8, bptt: 16, clipNorm: 1 },
};

describe("unrolled train, resume, evaluate, generate, report", () => {
  let cwd: string;
  before(() => {
    cwd = mkdtempSync(path.join(os.tmpdir(), "unrolled train ")); // with a space
    const harbour = readFileSync(path.join(root, "datasets/english/harbour.txt"), "utf8");
    writeFileSync(path.join(cwd, "text.txt"), harbour.slice(0, 5100));
    writeFileSync(path.join(cwd, "config.json"), JSON.stringify(config));
  });
  after(() => rmSync(cwd, { recursive: true, force: true }));

  it("trains into runs/NAME and says what was reached; the others read it", async () => {
    const trained = await unrolled(["train", "config.json"], { cwd });
    assert.equal(trained.code, 0, trained.stderr);
    assert.match(
      trained.stdout,
      /^small: 2 epochs, 62 steps, \d+ parameters, [\d.]+ s\n {2}valid {2}\d\.\d{4} nats per character/,
    );
    assert.match(
      trained.stderr,
      /^epoch 1 of 2, step 31, valid perplexity [\d.]+, \d+ tokens\/s\nepoch 2 of 2, step 62, .*\nfinished at step 62 of 62\n$/,
    );
    const result = JSON.parse(readFileSync(path.join(cwd, "runs/small/result.json"), "utf8"));

    const evaluated = await unrolled(["evaluate", "runs/small", "--json"], { cwd });
    assert.equal(evaluated.code, 0, evaluated.stderr);
    const { nats, tokens, unit } = JSON.parse(evaluated.stdout);
    assert.deepEqual([nats, tokens, unit], [result.evaluations.valid.nats, 1099, "character"]);
    const other = await unrolled(
      ["evaluate", "runs/small/checkpoint.safetensors", "--corpus", "./text.txt"],
      { cwd },
    );
    assert.match(other.stdout, /^nats per character {8}\d\.\d{4}\nbits per character/);

    const generate = () =>
      unrolled(["generate", "runs/small", "-p", "The ", "-n", "40", "--seed", "3"], { cwd });
    const [one, two] = [await generate(), await generate()];
    assert.equal(one.code, 0, one.stderr);
    assert.equal(one.stdout, two.stdout);
    assert.ok(one.stdout.startsWith("The "));
    assert.equal([...one.stdout].length, 4 + 40 + 1);

    const reported = await unrolled(["report", "runs"], { cwd });
    assert.match(reported.stdout, /^runs\/report\.html: 1 run, 1 finished\n$/);
    assert.ok(readFileSync(path.join(cwd, "runs/report.html"), "utf8").includes("<td>small</td>"));
  }).timeout(60_000);

  it("Ctrl-C keeps everything and resume goes on to the same bytes", async () => {
    const long = ["--set", "training.epochs=30", "--set", "training.checkpointEvery=10"];
    const run = start(["train", "config.json", "--out", "cut", ...long], { cwd });
    while (!existsSync(path.join(cwd, "cut/checkpoint.safetensors"))) await sleep(20);
    run.kill("SIGINT");
    const cut = await run.finished;
    assert.equal(cut.code, 130, cut.stdout + cut.stderr);
    assert.match(
      cut.stdout,
      /^interrupted after step \d+; nothing is lost\.\nGo on with: unrolled resume cut\n$/,
    );
    const resumed = await unrolled(["resume", "cut"], { cwd });
    assert.equal(resumed.code, 0, resumed.stderr);
    const whole = await unrolled(["train", "config.json", "--out", "whole", "--quiet", ...long], { cwd });
    assert.equal(whole.code, 0, whole.stderr);
    const bytes = (name: string) => readFileSync(path.join(cwd, name, "checkpoint.safetensors"));
    assert.ok(bytes("cut").equals(bytes("whole")));
  }).timeout(120_000);

  it("an index of the sweep is one run, which goes on when started again", () => {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const main = path.join(root, "src/cli/main.ts");
    const command = `${process.execPath} --conditions=unrolled-source --import ${loader} ${main}`;
    const sweep = (index: number) =>
      execFileSync("sh", [path.join(root, "src/cli/examples/sweep.sh"), "config.json", "sweep"], {
        cwd,
        env: { ...process.env, INDEX: String(index), UNROLLED: command },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    assert.match(sweep(5), /^small: 2 epochs/);
    const written = JSON.parse(readFileSync(path.join(cwd, "sweep/lr-0.003-seed-3/config.json"), "utf8"));
    assert.deepEqual([written.optimizer.lr, written.model.seed], [0.003, 3]);
    assert.match(sweep(5), /lr-0\.003-seed-3 is finished; its result is in result\.json/);
  }).timeout(60_000);

  const misuse: [string[], number, RegExp][] = [
    [["train"], 2, /give one configuration/],
    [["train", "none.json"], 1, /none\.json: there is no such file/],
    [
      ["train", "config.json", "--set", "model.cell=lstn"],
      1,
      /model\.cell must be "rnn" or "lstm" or "gru", got "lstn"/,
    ],
    [["resume", "nowhere"], 1, /nowhere holds no run/],
    [["evaluate", "runs/small", "--split", "dev"], 2, /--split must be train, valid or test, got "dev"/],
    [["generate", "text.txt"], 1, /text\.txt/],
    [["generate", "runs/small", "-n", "many"], 2, /--length must be a number, got "many"/],
    [["generate", "runs/small", "-n", "0"], 2, /--length must be a whole number ≥ 1, got "0"/],
    [["evaluate", "runs"], 1, /runs holds no checkpoint\.safetensors; there are runs in small/],
    [["evaluate", "runs/small", "--split", "test"], 1, /has no test part \(0 tokens\); give its shares/],
    [["train", "config.json", "--set", "model.seed"], 2, /--set wants PATH=VALUE/],
    [["trian"], 2, /no command "trian"\. Did you mean "train"\?/],
    [["report", "text.txt"], 1, /text\.txt is a file; give the folder that holds the runs/],
    [["report", "nowhere"], 1, /there is no such folder/],
    [["reproduce"], 2, /give names, or --all/],
    [["reproduce", "ptb-lstm-huge"], 2, /there is no "ptb-lstm-huge"/],
    [["reproduce", "adding", "--fast", "--record"], 2, /--record needs full runs/],
  ];
  for (const [args, code, message] of misuse) {
    it(`unrolled ${args.join(" ")}: exit ${code}`, async () => {
      const done = await unrolled(args, { cwd });
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stderr, message);
      assert.doesNotMatch(done.stderr, /\n {4}at /);
    });
  }
});
