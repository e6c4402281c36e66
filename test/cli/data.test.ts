import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { needs } from "../hooks.ts";
import { MisbehavingServer, stallsAfter } from "./data/misbehaving-server.ts";
import { type Finished, root, start, unrolled } from "./unrolled.ts";

describe("unrolled data", function () {
  this.timeout(180_000); // many processes
  const corpora = process.env["UNROLLED_DATA"];
  let folder: string;
  let env: Record<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "unrolled-data-"));
    env = { UNROLLED_DATA: path.join(folder, "data"), UNROLLED_HOME: path.join(folder, "home") };
    mkdirSync(env["UNROLLED_DATA"]);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => unrolled(["data", ...args], { env });
  const says = ({ code, stdout, stderr }: Finished, expected: number, message: RegExp) => {
    assert.equal(code, expected, stdout + stderr);
    assert.match(expected === 0 ? stdout : stdout + stderr, message);
    assert.doesNotMatch(stderr, /^ +at /m, "a stack");
  };

  it("lists what there is, where, and how to get the rest", async () => {
    const { code, stdout } = await run("list");
    assert.equal(code, 0);
    assert.match(stdout, /^harbour +56,226 bytes .*\n +in the package\n +licence: MIT/m);
    assert.match(stdout, /^names .*\n +absent: unrolled data get names$/m);
    assert.match(
      stdout,
      /^ptb-train .*\n +absent: unrolled data get ptb-train --from FILE\n +licence: Linguistic Data Consortium/m,
    );
    assert.ok(
      stdout.includes(
        `Looked for in ${env["UNROLLED_DATA"]}, then ${path.join(env["UNROLLED_HOME"], "cache")}\n`,
      ),
    );
  });

  it("lists as JSON", async () => {
    const { stdout } = await run("list", "--json");
    const { folders, corpora } = JSON.parse(stdout);
    assert.equal(folders[0], env["UNROLLED_DATA"]);
    const states = corpora.map(({ name, state }: { name: string; state: string }) => [name, state]);
    assert.deepEqual(states.slice(0, 3), [
      ["harbour", "present"],
      ["bookshop", "present"],
      ["names", "absent"],
    ]);
    assert.equal(corpora[0].path, path.join(root, "datasets", "english", "harbour.txt"));
  });

  it("prints the path of a corpus, or says how to get it", async () => {
    const { stdout } = await run("path", "harbour");
    assert.equal(stdout, `${path.join(root, "datasets", "english", "harbour.txt")}\n`);
    says(
      await run("path", "names"),
      1,
      /unrolled data: corpus "names" .*was not found\. Run "npx unrolled data get names"/,
    );
    says(await run("path", "nothing"), 1, /no corpus "nothing"\. There are: harbour, .*, ptb$/m);
  });

  it("prints lines of generated corpora, the same for the same seed", async () => {
    const { stdout } = await run("sample", "embedded-reber", "--count", "12", "--seed", "1");
    assert.equal(stdout, readFileSync(path.join(root, "datasets", "samples", "embedded-reber.txt"), "utf8"));
    says(await run("sample", "elman"), 0, /^([abdgiu]{60}\n){10}$/);
    says(await run("sample", "reber", "--count", "0"), 2, /--count must be a whole number ≥ 1, got "0"/);
    says(await run("sample", "rebar"), 2, /no generated corpus "rebar"\. There are: reber, embedded-reber/);
    says(await run("list", "--seed", "1"), 2, /--count and --seed belong to sample, not to list/);
  });

  it("ends quietly when its reader has seen enough", function () {
    needs(this, process.platform !== "win32", "run the tests on a system with sh and head");
    const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const line = `"$0" --conditions=unrolled-source --import "$1" "$2" data sample reber --count 500000 | head -n 1`;
    const main = path.join(root, "src/cli/main.ts");
    const { stdout, stderr } = spawnSync("sh", ["-c", line, process.execPath, loader, main], {
      encoding: "utf8",
    });
    assert.match(stdout, /^B\w+E\n$/);
    assert.equal(stderr, "");
  });

  it("verifies all that is there, and one by name that must be", async () => {
    says(await run("verify"), 0, /^ok {3}harbour: .*\n(.*\n)*- {4}names: absent; unrolled data get names$/m);
    says(await run("verify", "names"), 1, /^FAIL names: absent/m);
    writeFileSync(path.join(env["UNROLLED_DATA"], "names.txt"), "emma\n");
    says(
      await run("verify"),
      1,
      /^FAIL names: .*names\.txt: not the text that the catalogue calls "names": 5 bytes/m,
    );
  });

  it("gives the reason why the Penn Treebank is not downloaded", async () => {
    says(
      await run("get", "ptb"),
      1,
      /"ptb" cannot be downloaded: its licence \(Linguistic Data Consortium \(LDC99T42\)\) does not allow it.*folder with ptb\.train\.txt, ptb\.valid\.txt, ptb\.test\.txt: npx unrolled data get ptb --from FOLDER/,
    );
    says(await run("get", "ptb-test"), 1, /"ptb-test" cannot be downloaded: .*get ptb-test --from FILE/);
  });

  it("needs not get what is in the package", async () => {
    says(await run("get", "bookshop"), 0, /^bookshop: already there, as it should be: .*bookshop\.txt$/m);
  });

  it("refuses calls that make no sense, with code 2", async () => {
    says(await run(), 2, /list, get, verify, path or sample\?/);
    says(await run("fetch"), 2, /list, get, verify, path or sample\?/);
    says(await run("get"), 2, /get: which corpus\?/);
    says(await run("get", "names", "ptb"), 2, /"ptb" is too much/);
    says(await run("list", "names"), 2, /"names" is too much/);
    says(await run("get", "names", "--timeout", "soon"), 2, /--timeout must be seconds.*got "soon"/);
    says(await run("verify", "--force"), 2, /--from and --force belong to get, not to verify/);
    says(await run("get", "--what"), 2, /Unknown option '--what'/);
    says(await run("--help"), 0, /usage: unrolled data list/);
  });

  describe("against a server", () => {
    const server = new MisbehavingServer(Buffer.alloc(0));
    let base: string;
    before(async () => {
      base = await server.start();
    });
    after(() => server.stop());

    it("refuses a page in place of the file: code 1, nothing put, nothing left", async () => {
      server.behaviour = (_request, response) =>
        void response.writeHead(200, { "content-type": "text/html" }).end("<html>");
      says(
        await run("get", "names", "--from", `${base}names.txt`),
        1,
        /^unrolled data: http:\/\/127\.0\.0\.1:\d+\/names\.txt: an HTML page/m,
      );
      assert.deepEqual(readdirSync(env["UNROLLED_DATA"]), []);
    });

    it("ends at Ctrl-C with code 130, keeping what it has", async () => {
      server.content = Buffer.alloc(228_145, "x");
      server.behaviour = stallsAfter(100_000);
      const running = start(["data", "get", "names", "--from", `${base}names.txt`], { env });
      const part = () => readdirSync(env["UNROLLED_DATA"]).find((name) => name.endsWith(".part"));
      while (!part()) await new Promise((resolve) => setTimeout(resolve, 20));
      running.kill("SIGINT");
      says(
        await running.finished,
        130,
        /interrupted after \d+ of 228145 bytes; run it again to go on from there/,
      );
      assert.ok(part());
    });

    it("can be killed at any moment: a later run takes over, and no file that is not right is ever there", async () => {
      server.content = Buffer.alloc(228_145, "x"); // of the right length, so that only the hash can tell
      server.behaviour = stallsAfter(100_000);
      server.requests.length = 0;
      const running = start(["data", "get", "names", "--from", `${base}names.txt`], { env });
      const part = () => readdirSync(env["UNROLLED_DATA"]).find((name) => name.endsWith(".part"));
      while (!part()) await new Promise((resolve) => setTimeout(resolve, 20));
      running.kill("SIGKILL");
      await running.finished;
      assert.equal(existsSync(path.join(env["UNROLLED_DATA"], "names.txt")), false);
      server.behaviour = (_request, response, content) => void response.end(content);
      says(
        await run("get", "names", "--from", `${base}names.txt`),
        1,
        /228145 bytes with SHA-256 \w{64} instead of 228145 bytes with 0a30b555/,
      );
      assert.deepEqual(readdirSync(env["UNROLLED_DATA"]), []);
    });
  });

  it("takes one's own copies, checks and finds them", async function () {
    const names = path.join(corpora ?? "", "names.txt");
    needs(
      this,
      corpora !== undefined && existsSync(names),
      "set UNROLLED_DATA to a folder with the corpora of datasets/README.md",
    );
    copyFileSync(names, path.join(folder, "mine.txt"));
    const target = path.join(env["UNROLLED_DATA"], "names.txt");
    says(await run("get", "names", "--from", path.join(folder, "mine.txt")), 0, /^names: checked and put: /m);
    says(await run("path", "names"), 0, new RegExp(`^${target}\n$`));
    says(await run("verify", "names"), 0, /^ok {3}names: /m);
    says(
      await run("get", "ptb", "--from", corpora!),
      0,
      /^ptb-train: .*\nptb-valid: .*\nptb-test: checked and put: .*ptb\.test\.txt$/m,
    );
    says(
      await run("get", "ptb", "--force", "--from", path.join(corpora!, "ptb.train.txt")),
      2,
      /"ptb" is 3 files \(ptb\.train\.txt, ptb\.valid\.txt, ptb\.test\.txt\); give their folder/,
    );
    says(await run("path", "ptb"), 0, /ptb\.train\.txt\n.*ptb\.valid\.txt\n.*ptb\.test\.txt\n$/);
  });
});
