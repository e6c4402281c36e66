import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addLectureRoutes } from "../../../src/jupyter/lab/lecture-routes.ts";
import {
  freshCopy,
  type LectureFolders,
  packageLectures,
  syncLectures,
} from "../../../src/jupyter/lab/lectures.ts";
import { TestServer, temporaryFolder } from "./helpers.ts";

/** A notebook of one cell. */
function notebook(source: string | string[], output?: string): string {
  const outputs = output === undefined ? [] : [{ output_type: "stream", name: "stdout", text: output }];
  const execution_count = output === undefined ? null : 1;
  const cells = [{ id: "a", cell_type: "code", source, metadata: {}, execution_count, outputs }];
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
}

describe("the learner's copies of the lectures", () => {
  let folders: LectureFolders;
  beforeEach(() => {
    const base = temporaryFolder("lectures");
    folders = { originals: path.join(base, "notebooks"), work: path.join(base, ".unrolled", "work") };
    mkdirSync(path.join(folders.originals, "solutions"), { recursive: true });
    lecture("README.md", "index");
    lecture("01-a.ipynb", notebook("one"));
    lecture("07-b.ipynb", notebook("seven"));
    lecture("solutions/01-a.ipynb", notebook("solution"));
    mkdirSync(path.join(folders.originals, ".ipynb_checkpoints"));
    lecture(".ipynb_checkpoints/x.ipynb", "x");
  });
  const lecture = (name: string, text: string): void =>
    writeFileSync(path.join(folders.originals, name), text);
  const mine = (name: string): string => path.join(folders.work, name);
  const edit = (name: string, text: string): void => writeFileSync(mine(name), text);
  const read = (name: string): string => readFileSync(mine(name), "utf8");
  const previous = (): string[] =>
    existsSync(mine(".previous"))
      ? readdirSync(mine(".previous"), { recursive: true, encoding: "utf8" })
          .filter((name) => /\.\w+$/.test(name) && !name.endsWith("Z"))
          .map((name) => readFileSync(path.join(mine(".previous"), name), "utf8"))
          .sort()
      : [];
  const nothing = { added: [], updated: [], outdated: [], removed: [] };

  it("are all made at the first start, and left alone at the next", async () => {
    const added = ["01-a.ipynb", "07-b.ipynb", "README.md", "solutions/01-a.ipynb"];
    assert.deepEqual(await syncLectures(folders), { ...nothing, added });
    assert.equal(read("solutions/01-a.ipynb"), notebook("solution"));
    assert.deepEqual(await syncLectures(folders), nothing);
    assert.deepEqual(readdirSync(folders.work).sort(), [
      ".lectures.json",
      "01-a.ipynb",
      "07-b.ipynb",
      "README.md",
      "solutions",
    ]);
  });

  it("follow an update when they were not touched", async () => {
    await syncLectures(folders);
    lecture("01-a.ipynb", notebook("one, better"));
    lecture("README.md", "new index");
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["01-a.ipynb", "README.md"] });
    assert.equal(read("01-a.ipynb"), notebook("one, better"));
    assert.deepEqual(previous(), []);
    assert.deepEqual(await syncLectures(folders), nothing);
  });

  it("follow an update when they were only run, and what was run is kept aside", async () => {
    await syncLectures(folders);
    edit("01-a.ipynb", notebook(["one"], "hours of training"));
    lecture("01-a.ipynb", notebook("one, better"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["01-a.ipynb"] });
    assert.equal(read("01-a.ipynb"), notebook("one, better"));
    assert.deepEqual(previous(), [notebook(["one"], "hours of training")]);
  });

  it("stay as they are when they were edited, and it is told at every start", async () => {
    await syncLectures(folders);
    edit("01-a.ipynb", notebook("my own"));
    assert.deepEqual(await syncLectures(folders), nothing, "no new version, nothing to tell");
    lecture("01-a.ipynb", notebook("one, better"));
    for (let i = 0; i < 2; i++)
      assert.deepEqual(await syncLectures(folders), { ...nothing, outdated: ["01-a.ipynb"] });
    assert.equal(read("01-a.ipynb"), notebook("my own"));
    // Editing it back makes it an untouched copy of the old version again.
    edit("01-a.ipynb", notebook("one"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["01-a.ipynb"] });
  });

  it("stay when the learner has come to the same text by himself", async () => {
    await syncLectures(folders);
    edit("01-a.ipynb", notebook("one, better"));
    lecture("01-a.ipynb", notebook("one, better"));
    assert.deepEqual(await syncLectures(folders), nothing);
    lecture("01-a.ipynb", notebook("one, best"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["01-a.ipynb"] });
  });

  it("come back fresh after the learner has deleted one", async () => {
    await syncLectures(folders);
    rmSync(mine("01-a.ipynb"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, added: ["01-a.ipynb"] });
  });

  it("are never overwritten where nothing is known of them", async () => {
    mkdirSync(folders.work, { recursive: true });
    edit("01-a.ipynb", "the learner's own file of the same name");
    edit("README.md", "index");
    const report = await syncLectures(folders);
    assert.deepEqual(report.outdated, ["01-a.ipynb"]);
    assert.equal(read("01-a.ipynb"), "the learner's own file of the same name");
    edit(".lectures.json", "damaged");
    edit("07-b.ipynb", notebook("my own"));
    lecture("07-b.ipynb", notebook("seven, better"));
    assert.deepEqual((await syncLectures(folders)).outdated, ["01-a.ipynb", "07-b.ipynb"]);
    assert.equal(read("07-b.ipynb"), notebook("my own"));
  });

  it("of a lecture that is gone stay if they were edited, and go aside if not", async () => {
    await syncLectures(folders);
    edit("01-a.ipynb", notebook("my own"));
    rmSync(path.join(folders.originals, "01-a.ipynb"));
    rmSync(path.join(folders.originals, "07-b.ipynb"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, removed: ["07-b.ipynb"] });
    assert.equal(read("01-a.ipynb"), notebook("my own"));
    assert.deepEqual(previous(), [notebook("seven")]);
    assert.deepEqual(await syncLectures(folders), nothing);
  });

  it("count as edited when they are no notebook any more", async () => {
    await syncLectures(folders);
    edit("01-a.ipynb", "{ broken");
    lecture("01-a.ipynb", notebook("one, better"));
    assert.deepEqual((await syncLectures(folders)).outdated, ["01-a.ipynb"]);
    assert.equal(read("01-a.ipynb"), "{ broken");
  });

  it("can be had fresh beside the edited one, by path or number", async () => {
    await syncLectures(folders);
    edit("07-b.ipynb", notebook("my own"));
    assert.equal(await freshCopy(folders, "07"), "07-b-fresh.ipynb");
    assert.equal(await freshCopy(folders, "07-b.ipynb"), "07-b-fresh2.ipynb");
    assert.equal(await freshCopy(folders, "solutions/01-a.ipynb"), "solutions/01-a-fresh.ipynb");
    assert.equal(read("07-b-fresh2.ipynb"), notebook("seven"));
    assert.equal(read("07-b.ipynb"), notebook("my own"));
    assert.equal(await freshCopy(folders, "01"), "01-a-fresh.ipynb", "not its solution");
    await assert.rejects(
      freshCopy(folders, "99"),
      /there is no lecture "99"\. Lectures: 01-a\.ipynb, 07-b\.ipynb$/,
    );
    await assert.rejects(
      freshCopy(folders, "0"),
      /there is more than one lecture "0"\. Lectures: 01-a\.ipynb, 07-b\.ipynb$/,
    );
    // Fresh copies are the learner's: no update touches them.
    lecture("07-b.ipynb", notebook("seven, better"));
    await syncLectures(folders);
    assert.equal(read("07-b-fresh.ipynb"), notebook("seven"));
  });

  it("have no solutions where a teacher hides them, and lose none that are there", async () => {
    const hiding = { ...folders, hideSolutions: true };
    const added = ["01-a.ipynb", "07-b.ipynb", "README.md"];
    assert.deepEqual(await syncLectures(hiding), { ...nothing, added });
    assert.equal(existsSync(mine("solutions")), false);
    assert.deepEqual(await syncLectures(folders), { ...nothing, added: ["solutions/01-a.ipynb"] });
    lecture("solutions/01-a.ipynb", notebook("better solution"));
    assert.deepEqual(await syncLectures(hiding), nothing);
    assert.equal(read("solutions/01-a.ipynb"), notebook("solution"));
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["solutions/01-a.ipynb"] });
  });

  it("can be had fresh through the server", async () => {
    await syncLectures(folders);
    const test = await TestServer.start({
      root: folders.work,
      addRoutes: (router, contents) => addLectureRoutes(router, contents, folders),
    });
    try {
      const ask = (body: unknown) => test.ask("/unrolled/api/fresh-copy", { method: "POST", body });
      const { status, json } = await ask({ path: "07-b.ipynb" });
      assert.deepEqual([status, json.path, json.type], [201, "07-b-fresh.ipynb", "notebook"]);
      assert.equal((await ask({ path: "nothing.ipynb" })).status, 404);
      assert.equal((await ask({ path: "../notebooks/01-a.ipynb" })).status, 404);
      assert.equal((await ask({})).status, 400);
      assert.equal(
        (await test.ask("/unrolled/api/fresh-copy", { method: "POST", token: false })).status,
        403,
      );
    } finally {
      await test.stop();
    }
  });

  it("of this package are in a folder that git ignores", () => {
    const found = packageLectures();
    assert.equal(found?.originals, path.resolve("notebooks"));
    assert.equal(found?.work, path.resolve(".unrolled/work"));
    assert.match(readFileSync(".gitignore", "utf8"), /^\.unrolled\/$/m);
    assert.equal(packageLectures(folders.work), undefined);
  });
});
