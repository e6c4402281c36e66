import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { NotebookError, type RunFileOptions, runNotebookFile } from "../../../src/jupyter/execute/index.ts";
import { cell, fakeKernel } from "../client/fake-kernel.ts";
import { notebook, temporaryFolder } from "./notebooks.ts";

describe("jupyter executor: files", () => {
  const folder = temporaryFolder();
  const run = (file: string, options: RunFileOptions = {}) =>
    runNotebookFile(file, path.basename(file), { kernel: fakeKernel(), ...options });
  const read = (file: string) => readFileSync(file, "utf8");
  const simple = (text = "hello\nworld\n") => notebook([cell(["stream", "stdout", text])]);

  it("are written as Jupyter writes them: sorted keys, one space, lines, a final newline", async () => {
    const file = folder.file("form.ipynb", {
      cells: [
        { cell_type: "markdown", source: "# T\nü🙂", metadata: {} },
        {
          source: cell(["stream", "stdout", "a\nb"]),
          cell_type: "code",
          metadata: {},
          outputs: [],
          execution_count: 9,
        },
      ],
      nbformat: 4,
      metadata: {},
      nbformat_minor: 4,
    });
    const report = await run(file);
    assert.deepEqual(report, { codeCells: 1, changed: true, changedCells: [2] });
    const text = read(file);
    const [one, two] = JSON.parse(text).cells;
    assert.equal(
      text,
      `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "${one.id}",
   "metadata": {},
   "source": [
    "# T\\n",
    "ü🙂"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "${two.id}",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "a\\n",
      "b"
     ]
    }
   ],
   "source": [
    ${JSON.stringify(cell(["stream", "stdout", "a\nb"]))}
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Fake",
   "language": "steps",
   "name": "fake"
  },
  "language_info": {
   "name": "steps",
   "version": "1"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`,
    );
  });

  it("stay the same to the byte, and are not even touched, in a second run", async () => {
    const file = folder.file("twice.ipynb", simple());
    assert.equal((await run(file)).changed, true);
    const [bytes, { mtimeMs, ino }] = [read(file), statSync(file)];
    assert.deepEqual(await run(file), { codeCells: 1, changed: false, changedCells: [] });
    assert.equal(read(file), bytes);
    assert.deepEqual([statSync(file).mtimeMs, statSync(file).ino], [mtimeMs, ino]);
  });

  it("stay as they were when a cell fails, and no temporary is left", async () => {
    const file = folder.file(
      "fails.ipynb",
      notebook([cell(["stream", "stdout", "x"]), cell(["error", "E", "no"])]),
    );
    const bytes = read(file);
    await assert.rejects(run(file), /^CellError: fails\.ipynb: cell 2/);
    assert.equal(read(file), bytes);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.includes("tmp")),
      [],
    );
  });

  it("clean up the temporary of a writer that was killed", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const stale = folder.file(`.~${pid}-0123456789ab.unrolled-tmp`, "half");
    await run(folder.file("clean.ipynb", simple()));
    assert.equal(existsSync(stale), false);
  });

  it("are compared, not written, by a check", async () => {
    const file = folder.file("check.ipynb", simple());
    const bytes = read(file);
    assert.deepEqual(await run(file, { mode: "check" }), { codeCells: 1, changed: true, changedCells: [1] });
    assert.equal(read(file), bytes);
    await run(file);
    assert.equal((await run(file, { mode: "check" })).changed, false);
    writeFileSync(file, read(file).replace('"hello', '"hullo'));
    assert.deepEqual((await run(file, { mode: "check" })).changedCells, [1]);
    writeFileSync(file, read(file).replace('"hullo', '"hello').trimEnd());
    assert.deepEqual(await run(file, { mode: "check" }), { codeCells: 1, changed: true, changedCells: [] });
  });

  it("are left alone when nothing is to be written", async () => {
    const file = folder.file("nothing.ipynb", simple());
    const bytes = read(file);
    await run(file, { mode: "nothing" });
    assert.equal(read(file), bytes);
  });

  it("can be written elsewhere, into a folder that is made", async () => {
    const file = folder.file("from.ipynb", simple());
    const bytes = read(file);
    const output = path.join(folder.path, "new", "folder", "to.ipynb");
    assert.equal((await run(file, { output })).changed, true);
    assert.equal(read(file), bytes);
    assert.match(read(output), /"hello\\n"/);
    assert.equal((await run(file, { output })).changed, false);
  });

  it("run in their own folder, wherever the output goes", async () => {
    const below = path.join(folder.path, "below");
    mkdirSync(below, { recursive: true });
    const file = path.join(below, "here.ipynb");
    writeFileSync(file, JSON.stringify(notebook([cell(["cwd"], ["env", "PWD_MARK"])])));
    const output = path.join(folder.path, "there.ipynb");
    await run(file, { output, env: { PWD_MARK: "set" } });
    assert.deepEqual(JSON.parse(read(output)).cells[0].outputs[0].text, [".\n", "PWD_MARK=set\n"]);
  });

  it("keep their permissions, and a symbolic link stays one", async function () {
    if (process.platform === "win32") this.skip();
    const file = folder.file("mode.ipynb", simple());
    chmodSync(file, 0o640);
    const link = path.join(folder.path, "link.ipynb");
    symlinkSync(file, link);
    assert.equal((await run(link)).changed, true);
    assert.equal(lstatSync(link).isSymbolicLink(), true);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.match(read(file), /"hello\\n"/);
  });

  it("that were saved by somebody else meanwhile are not overwritten", async () => {
    const file = folder.file("edited.ipynb", simple());
    const edited = `${JSON.stringify(simple("edited"))}\n`;
    const running = run(file, { onProgress: ({ finished }) => finished || writeFileSync(file, edited) });
    await assert.rejects(
      running,
      /was run, but cannot be written .*: it was changed on disk in the meantime/,
    );
    assert.equal(read(file), edited);
  });

  it("are not written when a kernel's output breaks the format's rules", async () => {
    const file = folder.file(
      "invalid.ipynb",
      notebook([cell(["publish", "display_data", { data: { "text/plain": { a: 1 } }, metadata: {} }])]),
    );
    const bytes = read(file);
    await assert.rejects(
      run(file),
      /invalid\.ipynb, as it was run, is not a valid notebook: cell 1\.outputs\[0\]\.data\["text\/plain"\] must be a string/,
    );
    assert.equal(read(file), bytes);
  });

  describe("are refused before anything runs", () => {
    const refused: [string, () => [string, RunFileOptions?], RegExp][] = [
      [
        "missing",
        () => [path.join(folder.path, "missing.ipynb")],
        /^missing\.ipynb does not exist; give the path of a notebook$/,
      ],
      ["a folder", () => [folder.path], /is a folder, not a notebook$/],
      [
        "no JSON",
        () => [folder.file("text.ipynb", "Hello")],
        /^text\.ipynb is not a notebook: it is not JSON \(/,
      ],
      [
        "no UTF-8",
        () => {
          const file = path.join(folder.path, "latin1.ipynb");
          writeFileSync(file, Buffer.from([0x7b, 0xe9, 0x7d]));
          return [file];
        },
        /^latin1\.ipynb is not a notebook: it is not UTF-8 text$/,
      ],
      [
        "no notebook",
        () => [folder.file("other.ipynb", { a: 1 })],
        /^other\.ipynb is not a valid notebook: /,
      ],
      [
        "an output in a file's place",
        () => [
          folder.file("a.ipynb", simple()),
          { output: path.join(folder.file("blocker", ""), "x.ipynb") },
        ],
        /^a\.ipynb was not run, because .*blocker.x\.ipynb cannot be written: (ENOTDIR|EEXIST)/,
      ],
      [
        "an output that is a folder",
        () => {
          const output = path.join(folder.path, "a folder");
          mkdirSync(output, { recursive: true });
          return [folder.file("b.ipynb", simple()), { output }];
        },
        /^b\.ipynb cannot be written: .*a folder is a folder$/,
      ],
    ];
    for (const [what, make, message] of refused) {
      it(what, async () => {
        const [file, options] = make();
        const mark = path.join(folder.path, "kernel-was-started");
        await assert.rejects(run(file, { kernel: fakeKernel({ mark }), ...options }), (error) => {
          assert.ok(error instanceof NotebookError);
          assert.match(error.message, message);
          return true;
        });
        assert.equal(existsSync(mark), false);
      });
    }
  });
});
