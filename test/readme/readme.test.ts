/** The README promises nothing that is not tried: its programs run here, its commands here or where the table says. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { transformSync } from "esbuild";
import * as library from "../../src/index.ts";
import { root, unrolled } from "../cli/unrolled.ts";

const readme = readFileSync(path.join(root, "README.md"), "utf8");

/** What tries a command: a call of the command line here, another test that holds these words, or nothing, and why. */
type Tried = { here: string[]; prints: RegExp } | { file: string; holds: RegExp } | { not: string };

const config = {
  name: "small",
  corpus: { source: "harbour" },
  model: { type: "RecurrentLM", cell: "gru", hiddenSize: 8, seed: 1 },
  optimizer: { type: "Adam", lr: 0.01 },
  training: { epochs: 1, batchSize: 8, bptt: 8 },
};

/** In this order: the run that the first one makes is the DIR of the others. */
const COMMANDS: [command: string, tried: Tried][] = [
  ["git clone ADDRESS unrolled && cd unrolled", { not: "it needs the address and a network" }],
  ["npm start", { file: "test/browser/lab.browser.ts", holds: /JupyterLab/ }],
  ["npm test", { not: "it is what runs this test; `.ci/run` begins with it" }],
  [".ci/run", { not: "it runs everything, this test too" }],
  ["npm run notebooks", { file: ".ci/run", holds: /npm run notebooks/ }],
  [
    "npm run bench:peers -- --install",
    { not: "it installs other people's libraries and takes half an hour" },
  ],
  ['npx mocha "test/consumers/**/*.consumer.ts"', { file: ".ci/run", holds: /test\/consumers/ }],
  ["npx unrolled train CONFIG.json", { here: ["train", "CONFIG.json", "--out", "DIR"], prints: /./ }],
  ["npx unrolled resume DIR", { here: ["resume", "DIR"], prints: /./ }],
  ["npx unrolled evaluate DIR", { here: ["evaluate", "DIR"], prints: /perplexity per character {2}\d/ }],
  ["npx unrolled play DIR", { here: ["play", "DIR", "--out", "PAGE"], prints: /index\.html/ }],
  ["npx unrolled play", { file: "test/browser/play.browser.ts", holds: /gates|forget gate/ }],
  ["npx unrolled data list", { here: ["data", "list"], prints: /harbour.*MIT/s }],
  ["npx unrolled reproduce --list", { here: ["reproduce", "--list"], prints: /names-bigram/ }],
  ["npx unrolled reproduce NAME", { file: ".ci/run", holds: /reproduce --all --fast/ }],
  ["npx unrolled doctor", { here: ["doctor"], prints: /Kernels\n/ }],
  ["npx unrolled kernel install", { file: "test/cli/kernel.test.ts", holds: /"install"/ }],
  [
    "npx unrolled kernel install --prefix /usr/local",
    { file: "test/front-ends/jupyterhub.frontend.ts", holds: /"kernel", "install", "--prefix"/ },
  ],
  ["npm ci --ignore-scripts", { file: "test/library/packages.test.ts", holds: /install script/ }],
  [
    "npm audit --omit=dev",
    { not: "not every registry gives advisories; test/library/packages.test.ts holds what it asks about" },
  ],
  ["npx unrolled run notebooks/07-training-an-rnn.ipynb", { file: ".ci/run", holds: /npm run notebooks/ }],
];

/** Lines of `sh` blocks and code in the text that begin with a program of ours; names of reproductions are all alike. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block.trim().split("\n"));
  const lines = blocks.flatMap((line) => {
    const [command, remark = ""] = line.split(/ {2,}# /);
    return [command.trim(), ...[...remark.matchAll(/npx unrolled [^;]*/g)].map(([found]) => found.trim())];
  });
  const inline = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/`((?:npx|npm|\.ci\/run)[^`]*)`/g)].map(
    (match) => match[1],
  );
  const all = [...lines, ...inline].map((command) =>
    command.replace(/(unrolled reproduce) [a-z].*/, "$1 NAME"),
  );
  return [...new Set(all)];
}

describe("the README", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-readme-"));
    writeFileSync(path.join(folder, "CONFIG.json"), JSON.stringify(config));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has no command that is not tried, or listed with the reason why not", () => {
    const known = COMMANDS.map(([command]) => command);
    assert.deepEqual(
      commandsOf(readme).filter((command) => !known.includes(command)),
      [],
    );
    assert.deepEqual(
      known.filter((command) => !commandsOf(readme).includes(command)),
      [],
    );
  });

  for (const [command, tried] of COMMANDS) {
    if ("here" in tried) {
      it(command, async () => {
        const { code, stdout, stderr } = await unrolled(tried.here, { cwd: folder });
        assert.equal(code, 0, stderr);
        assert.match(stdout + stderr, tried.prints);
      });
    } else if ("file" in tried) {
      it(`${command}: tried by ${tried.file}`, () => {
        assert.match(readFileSync(path.join(root, tried.file), "utf8"), tried.holds);
      });
    }
  }

  it("names reproductions that there are", async () => {
    const { stdout } = await unrolled(["reproduce", "--list"]);
    const named = [...readme.matchAll(/unrolled reproduce ([a-z][\w-]*)/g)].map((match) => match[1]);
    assert.ok(named.length >= 10);
    for (const name of named) assert.ok(stdout.includes(name), name);
  });

  it("has programs that run, one after the other, in a folder of their own", async () => {
    const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    assert.ok(programs.length >= 3);
    const printed: string[] = [];
    // Each in a block of its own, because names come again; the second uses the model of the first.
    const [first, second, ...others] = programs.map((code) => code.replace(/^import .*\n/gm, ""));
    const text = `{ ${first}\n${second} }\n${others.map((code) => `{ ${code} }`).join("\n")}`;
    const { code } = transformSync(text, { loader: "ts", target: "es2022" });
    const AsyncFunction = (async () => undefined).constructor as new (
      ...args: string[]
    ) => (...values: unknown[]) => Promise<void>;
    const home = process.cwd();
    process.chdir(folder);
    try {
      const print = { log: (...values: unknown[]) => void printed.push(values.map(String).join(" ")) };
      await new AsyncFunction(...Object.keys(library), "console", code)(...Object.values(library), print);
    } finally {
      process.chdir(home);
    }
    assert.ok(existsSync(path.join(folder, "weights.safetensors")));
    assert.equal(printed.length, 3);
    assert.ok([...printed[1]].length >= 200, printed[1]);
    assert.match(printed[2], /^tensor\(\[\[/);
  });

  it("gives the size of the autograd core that the test of the bundle holds it to", () => {
    const [, size] = /size of the autograd core[^|]*\| ([\d.]+) kB/.exec(readme) ?? [];
    assert.ok(Number(size) > 20 && Number(size) < 60, size);
  });
});
