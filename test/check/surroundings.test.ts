import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;

/** There is no docker here: what can be tried without it is. */
describe("the files for containers and editors", () => {
  const own = [
    ".devcontainer/devcontainer.json",
    ".vscode/settings.json",
    ".vscode/extensions.json",
    ".vscode/tasks.json",
  ];
  for (const file of own) it(`${file} is JSON`, () => assert.ok(JSON.parse(read(file))));

  it("name scripts and files that exist", () => {
    const texts = [...own, ".binder/Dockerfile", ".github/CONTRIBUTING.md", ".ci/run"].map(read).join("\n");
    const named = [...texts.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]);
    assert.ok(named.length >= 6);
    for (const script of named) assert.ok(script in scripts, `npm run ${script}`);
    const dockerfile = read(".binder/Dockerfile");
    for (const [, file] of dockerfile.matchAll(/\/opt\/unrolled\/([\w./-]+)/g)) {
      assert.ok(existsSync(path.join(root, file)), file);
    }
    const [, major] = /FROM node:(\d+)/.exec(dockerfile) ?? [];
    assert.ok(Number(major) >= 22, "a Node that package.json allows");
  });

  it("both ask for the extension that runs notebooks", () => {
    assert.match(read(".devcontainer/devcontainer.json"), /ms-toolsai\.jupyter/);
    assert.match(read(".vscode/extensions.json"), /ms-toolsai\.jupyter/);
  });

  describe("the container's start", () => {
    let folder: string;
    const start = (args: string[], env: Record<string, string> = {}) => {
      const { status, stdout, stderr } = spawnSync(path.join(root, ".binder/start"), args, {
        encoding: "utf8",
        env: { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: path.join(folder, "home of"), ...env },
      });
      assert.equal(status, 0, stderr);
      return stdout.trim();
    };

    before(function () {
      if (process.platform === "win32") this.skip(); // a script for a Linux container
      folder = mkdtempSync(path.join(os.tmpdir(), "unrolled container "));
      mkdirSync(path.join(folder, "bin"));
      mkdirSync(path.join(folder, "home of"));
      for (const name of ["jupyter", "jupyterhub-singleuser"]) {
        writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\necho ${name} "$@"\n`);
        chmodSync(path.join(folder, "bin", name), 0o755);
      }
    });
    after(() => {
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    it("is a program", () => assert.ok(statSync(path.join(root, ".binder/start")).mode & 0o100));

    it("opens JupyterLab, serves a hub that asks, or does what it is told", () => {
      assert.equal(start([]), "jupyter lab --ip=0.0.0.0 --no-browser");
      assert.equal(start([], { JUPYTERHUB_API_TOKEN: "t" }), "jupyterhub-singleuser --ip=0.0.0.0");
      assert.equal(start(["jupyter", "notebook", "--port", "8 8"]), "jupyter notebook --port 8 8");
    });

    it("puts the lectures into the home folder once, and never over the learner's", () => {
      const lecture = path.join(folder, "home of/lectures/03-autograd.ipynb");
      assert.ok(existsSync(lecture));
      writeFileSync(lecture, "mine");
      start([]);
      assert.equal(readFileSync(lecture, "utf8"), "mine");
    });
  });
});
