import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LectureFolders, packageLectures, syncLectures } from "../../../src/jupyter/lab/lectures.ts";

describe("links in the learner's copy of the lectures", () => {
  let base: string;
  let folders: LectureFolders;
  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), "unrolled-links-"));
    folders = { originals: path.join(base, "notebooks"), work: path.join(base, "work") };
    for (const folder of ["solutions", "images"])
      mkdirSync(path.join(folders.originals, folder), { recursive: true });
    for (const name of ["01-a.ipynb", "solutions/02-b.ipynb", "solutions/01-a.ipynb", "images/map.svg"])
      original(name, "{}");
    mkdirSync(path.join(base, "datasets"));
  });
  afterEach(() => rmSync(base, { recursive: true }));

  const original = (name: string, text: string): void =>
    writeFileSync(path.join(folders.originals, name), text);
  const copyOf = async (markdown: string, name: string = "README.md"): Promise<string> => {
    original(name, markdown);
    await syncLectures(folders);
    return readFileSync(path.join(folders.work, name), "utf8");
  };

  it("stay where they open in the folder, or anywhere", async () => {
    const text =
      "[one](01-a.ipynb), [part](01-a.ipynb#part), [here](#here), ![map](images/map.svg), " +
      "[web](https://jupyter.org), [mail](mailto:a@b.c), `[i](j)` and [x] (y) are none";
    assert.equal(await copyOf(text), text);
  });

  it("become text where they lead out of it, or nowhere", async () => {
    assert.equal(
      await copyOf(
        "The [texts](../datasets), [`source`](../src/x.ts#L3), ![a map](../map.svg), [gone](9.ipynb).",
      ),
      "The texts, `source`, a map, gone.",
    );
  });

  it("to a folder lead to its first notebook, if it has one", async () => {
    assert.equal(
      await copyOf("[solutions](solutions/) and [pictures](images)"),
      "[solutions](solutions/01-a.ipynb) and pictures",
    );
    assert.equal(
      await copyOf("[back](../01-a.ipynb), [all](..), [out](../../datasets)", "solutions/README.md"),
      "[back](../01-a.ipynb), [all](../01-a.ipynb), out",
    );
  });

  it("lead to no solution where these are hidden", async () => {
    folders = { ...folders, hideSolutions: true };
    assert.equal(await copyOf("[all](solutions/), [one](solutions/01-a.ipynb)"), "all, one");
  });

  it("make no copy look edited", async () => {
    await copyOf("[texts](../datasets)");
    const nothing = { added: [], updated: [], outdated: [], removed: [] };
    assert.deepEqual(await syncLectures(folders), nothing);
    original("README.md", "[texts](../datasets), better");
    assert.deepEqual(await syncLectures(folders), { ...nothing, updated: ["README.md"] });
  });

  it("all open in the copy of this package's own index", async () => {
    const { originals } = packageLectures()!;
    const work = path.join(base, "package");
    await syncLectures({ originals, work });
    const markdown = readFileSync(path.join(work, "README.md"), "utf8");
    const targets = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target);
    assert.ok(targets.length > 5);
    for (const target of targets) assert.ok(existsSync(path.join(work, target)), target);
    assert.ok(targets.every((target) => path.extname(target) !== ""));
  });
});
