import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command } from "../../src/cli/command.ts";
import { unrolled } from "./unrolled.ts";

const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  data: () => import("../../src/cli/data.ts"),
  evaluate: () => import("../../src/cli/evaluate.ts"),
  generate: () => import("../../src/cli/generate.ts"),
  kernel: () => import("../../src/cli/kernel.ts"),
  lab: () => import("../../src/cli/lab.ts"),
  report: () => import("../../src/cli/report.ts"),
  reproduce: () => import("../../src/cli/reproduce.ts"),
  resume: () => import("../../src/cli/resume.ts"),
  run: () => import("../../src/cli/run.ts"),
  train: () => import("../../src/cli/train.ts"),
};

const config = {
  name: "n",
  corpus: { source: "text.txt" },
  model: { type: "RecurrentLM", hiddenSize: 4, seed: 1 },
  optimizer: { type: "Adam" },
  training: { epochs: 1 },
};
const recurrent = (more: object) => ({ model: { type: "RecurrentLM", ...more } });
const { model: _, ...withoutModel } = config;

const FILES: Record<string, string | Uint8Array> = {
  "text.txt": "the cat sat. ".repeat(300),
  "empty.txt": "",
  "one.txt": "aaaa",
  "latin.txt": Uint8Array.of(0x63, 0xe9, 0x20, 0x61),
  "bad.json": "{",
  "list.json": "[]",
  "page.safetensors": "<html></html>     ",
  "bad.ipynb": "{",
  "old.ipynb": JSON.stringify({ worksheets: [], metadata: {}, nbformat: 3, nbformat_minor: 0 }),
  "other.ipynb": JSON.stringify({
    cells: [],
    metadata: { kernelspec: { name: "nonesuch", display_name: "x" } },
    nbformat: 4,
    nbformat_minor: 5,
  }),
};
const CONFIGS: Record<string, object> = {
  ok: {},
  odd: { modle: 1 },
  cell: recurrent({ cell: "transformer", seed: 1 }),
  kind: { model: { type: "GPT", seed: 1 } },
  rate: { optimizer: { type: "Adam", lr: -1 } },
  name: { corpus: "nonesuch" },
  empty: { corpus: { source: "empty.txt" } },
  one: { corpus: { source: "one.txt" } },
  latin: { corpus: { source: "latin.txt" } },
  short: { training: { epochs: 1, batchSize: 500 } },
  nameless: { name: "" },
  epochs: { training: { epochs: "5" } },
  seedless: recurrent({}),
};

/** What is typed after `unrolled`, the exit code, and what is printed on standard error. */
const REFUSED: [args: string[], code: 1 | 2, says: RegExp][] = [
  [["train"], 2, /give one configuration\. See --help/],
  [["train", "a", "b"], 2, /give one configuration\. See --help/],
  [["train", "none.json"], 1, /^none\.json: there is no such file; give the path of a configuration/],
  [["train", "."], 1, /^\.: this is a folder; give the path of a configuration/],
  [["train", "bad.json"], 1, /^bad\.json, line 1: not JSON/],
  [["train", "list.json"], 1, /^list\.json: the configuration must be an object/],
  [["train", "odd.json"], 1, /no option "modle"; did you mean "model"\?/],
  [["train", "modelless.json"], 1, /^modelless\.json: model is missing/],
  [["train", "cell.json"], 1, /model\.cell must be "rnn" or "lstm" or "gru", got "transformer"/],
  [["train", "kind.json"], 1, /model\.type is "GPT"; use "RecurrentLM" or "FixedWindowLM"/],
  [["train", "rate.json"], 1, /optimizer\.lr must be a number > 0, got -1/],
  [
    ["train", "name.json"],
    1,
    /corpus "nonesuch": neither a file here, nor one of the catalogue .*Give a path/,
  ],
  [["train", "empty.json"], 1, /corpus "empty": the text is empty; give/],
  [["train", "one.json"], 1, /corpus "one": its only token is "a"; .*at least two/],
  [["train", "latin.json"], 1, /^latin\.txt: not UTF-8 at byte 1 .*read it with/],
  [["train", "short.json"], 1, /500 streams .*use batchSize ≤ 97 or/],
  [["train", "nameless.json"], 1, /^nameless\.json: name must be a text, not empty/],
  [["train", "epochs.json"], 1, /training\.epochs must be a whole number ≥ 1, got "5"/],
  [["train", "seedless.json"], 1, /model\.seed is missing/],
  [["train", "ok.json", "--set", "x"], 2, /--set wants PATH=VALUE, such as optimizer\.lr=0\.01, got "x"/],
  [["train", "ok.json", "--set", "optimzer.lr=1"], 1, /no option "optimzer"; did you mean "optimizer"/],
  [["train", "ok.json", "--set", "__proto__.x=1"], 1, /no option "__proto__"; there are/],
  [["train", "ok.json", "--set", "optimizer.lr=abc"], 1, /optimizer\.lr must be a number > 0, got "abc"/],
  [["train", "ok.json", "--out", "text.txt"], 1, /folder text\.txt cannot be made .*another one with --out/],
  [["resume"], 2, /give the folder of one run\. See --help/],
  [["resume", "none"], 1, /^none holds no run: .*Begin one: unrolled train/],
  [["resume", "folder"], 1, /^folder holds no run/],
  [["resume", "text.txt"], 1, /^text\.txt holds no run/],
  [["evaluate"], 2, /give one checkpoint, or the folder of a run/],
  [["evaluate", "none"], 1, /^none: there is no such file; give a checkpoint/],
  [["evaluate", "folder"], 1, /^folder holds no checkpoint\.safetensors; give/],
  [["evaluate", "text.txt"], 1, /^text\.txt: not a valid safetensors file/],
  [["evaluate", "page.safetensors"], 1, /looks like an HTML page: the download went wrong/],
  [["evaluate", "text.txt", "--split", "dev"], 2, /--split must be train, valid or test, got "dev"/],
  [["evaluate", "text.txt", "--part", "dev"], 2, /--split must be train, valid or test, got "dev"/],
  [["generate"], 2, /give one checkpoint, or the folder of a run/],
  [["generate", "none"], 1, /^none: there is no such file; give a checkpoint/],
  [["generate", "x", "-n", "many"], 2, /--length must be a number, got "many"/],
  [["generate", "x", "-n", "2.5"], 2, /--length must be a whole number ≥ 1, got "2\.5"/],
  [["generate", "x", "-t", "hot"], 2, /--temperature must be a number, got "hot"/],
  [["generate", "x", "--top-k", ""], 2, /--top-k must be a number, got ""/],
  [["report"], 2, /give one folder\. See --help/],
  [["report", "none"], 1, /^none: there is no such folder; give one that holds runs/],
  [["report", "folder"], 1, /^folder holds no run: .*give one that "unrolled train" wrote/],
  [["reproduce"], 2, /give names, or --all\. --list shows/],
  [["reproduce", "nonesuch"], 2, /there is no "nonesuch"\. --list shows the names/],
  [["reproduce", "--all", "x"], 2, /give names, or --all/],
  [["reproduce", "--seeds", "0", "--all"], 2, /--seeds must be a whole number ≥ 1, got "0"/],
  [["data"], 2, /list, get, verify, path or sample\? See --help/],
  [["data", "frobnicate"], 2, /list, get, verify, path or sample\?/],
  [["data", "get"], 2, /which corpus\? "unrolled data list" shows them/],
  [["data", "get", "nonesuch"], 1, /no corpus "nonesuch"\. There are: harbour/],
  [["data", "get", "tinyshakespeare", "--from", "none"], 1, /^none: no such file; give/],
  [
    ["data", "get", "tinyshakespeare", "--from", "text.txt"],
    1,
    /not the text that the catalogue calls .*SHA-256/,
  ],
  [["kernel"], 2, /what to do: install, uninstall or list/],
  [["kernel", "frobnicate"], 2, /no action "frobnicate": install, uninstall or list/],
  [["kernel", "install", "extra"], 2, /what is "extra"\? See --help/],
  [["run"], 2, /which notebook\? See --help/],
  [["run", "none.ipynb"], 1, /^none\.ipynb does not exist; give the path of a notebook/],
  [["run", "bad.ipynb"], 1, /^bad\.ipynb is not a notebook: it is not JSON/],
  [["run", "old.ipynb"], 1, /^old\.ipynb has notebook format 3; format 4 is needed\. Convert it/],
  [["run", "other.ipynb"], 1, /^other\.ipynb: there is no kernel "nonesuch"\. Known kernels/],
  [["run", "."], 1, /^\. is a folder, not a notebook/],
  [["run", "a.ipynb", "--all"], 2, /give notebooks or --all, not both/],
  [["run", "a.ipynb", "--timeout", "0"], 2, /--timeout must be seconds, > 0/],
  [["run", "a.ipynb", "--timeout", "x"], 2, /--timeout must be seconds, > 0/],
  [["run", "a.ipynb", "--fast", "--check"], 2, /--fast and --check exclude each other/],
  [["run", "a.ipynb", "-o", "x", "--check"], 2, /--output and --check exclude each other/],
  [["run", "a.ipynb", "a.ipynb", "-o", "folder"], 2, /two notebooks would be written to/],
  [["lab", "--port", "x"], 2, /--port must be a whole number from 0 to 65535, got "x"/],
  [["lab", "--port", "99999"], 2, /--port must be a whole number from 0 to 65535/],
  [["lab", "--port=-1"], 2, /--port must be a whole number from 0 to 65535/],
  [["lab", "none"], 1, /the folder to serve does not exist: /],
  [["lab", "text.txt"], 1, /the folder to serve does not exist: /],
  [["lab", "a", "b"], 2, /one folder at most, got a, b/],
  [["lab", ".", "--fresh", "03"], 2, /--fresh is for the lectures: give no folder/],
];

/** Runs a command here, as `main` does: its exit code and what it writes to standard error. */
async function answer([name, ...args]: string[]): Promise<{ code: number; says: string }> {
  const { UnrolledError } = await import("../../src/errors.ts"); // the same module that the command has
  const { command } = await COMMANDS[name]();
  const { stdout, stderr } = process;
  const [writeOut, writeErr] = [stdout.write, stderr.write];
  let says = "";
  stdout.write = () => true;
  stderr.write = (text: string | Uint8Array) => {
    says += String(text);
    return true;
  };
  try {
    return { code: await command.run(args), says };
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    return { code: 1, says: error.message };
  } finally {
    [stdout.write, stderr.write] = [writeOut, writeErr];
  }
}

describe("command line: bad calls", () => {
  const before_ = process.cwd();
  const corpora = process.env["UNROLLED_DATA"];
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled refused "));
    for (const [name, content] of Object.entries(FILES)) writeFileSync(path.join(folder, name), content);
    const write = (name: string, value: object) =>
      writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(value));
    for (const [name, more] of Object.entries(CONFIGS)) write(name, { ...config, ...more });
    write("modelless", withoutModel);
    mkdirSync(path.join(folder, "folder"));
    process.chdir(folder);
    // What this machine has must not answer for what was asked.
    process.env["UNROLLED_DATA"] = folder;
  });
  after(() => {
    process.chdir(before_);
    if (corpora === undefined) delete process.env["UNROLLED_DATA"];
    else process.env["UNROLLED_DATA"] = corpora;
    rmSync(folder, { recursive: true, force: true });
  });

  it(`${REFUSED.length} of them end with a code and a sentence`, async () => {
    const problems: string[] = [];
    for (const [args, code, says] of REFUSED) {
      const got = await answer(args);
      if (got.code !== code || !says.test(got.says)) {
        problems.push(`${args.join(" ")}: code ${got.code}, ${got.says}`);
      }
    }
    assert.equal(problems.join("\n"), "");
  });

  it("an unknown command and an unknown option are misuse, with the way to help", async () => {
    const [command, option] = await Promise.all([
      unrolled(["trian"]),
      unrolled(["train", "x", "--epochs", "3"]),
    ]);
    assert.deepEqual([command.code, option.code], [2, 2]);
    assert.match(command.stderr, /no command "trian"\. Did you mean "train"\?/);
    assert.equal(option.stderr, "unrolled train: Unknown option '--epochs'. See: unrolled train --help\n");
  });
});
