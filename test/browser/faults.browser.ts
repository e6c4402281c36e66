import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startLab } from "../../src/jupyter/lab/start.ts";
import { Browser, needsBrowser } from "./browser.ts";
import { LabPage } from "./lab-page.ts";
import { writeLectures } from "./lecture.ts";

/** What goes wrong ends in a message that a person understands, and nothing is lost. */
describe("faults in a browser", function () {
  this.timeout(120_000);
  let root: string;
  let home: string;
  let lab: Awaited<ReturnType<typeof startLab>>;
  let browser: Browser;
  let user: LabPage;
  const oldHome = process.env["UNROLLED_HOME"];
  const address = (place: string): string => {
    const url = new URL(lab.url);
    return `${url.origin}/lab/tree/${place}${url.search}`;
  };
  const file = (): string => path.join(root, "01-counting.ipynb");

  before(async function () {
    needsBrowser(this);
    root = await writeLectures();
    home = await mkdtemp(path.join(tmpdir(), "unrolled-home-"));
    process.env["UNROLLED_HOME"] = home;
    lab = await startLab({ root, port: 0, openBrowser: false, quiet: true });
    browser = await Browser.start();
    user = new LabPage(browser.page);
    await browser.page.goto(address("01-counting.ipynb"));
    await user.visible();
    await user.idle();
  });

  after(async () => {
    await browser?.close();
    await lab?.close();
    if (oldHome === undefined) delete process.env["UNROLLED_HOME"];
    else process.env["UNROLLED_HOME"] = oldHome;
    for (const folder of [root, home]) if (folder) await rm(folder, { recursive: true, force: true });
  });

  it("a kernel that is killed in a cell: the cell says so, and the next one runs in a new kernel", async () => {
    const index = await user.addCell(
      'console.log("begun");\nawait new Promise((resolve) => setTimeout(resolve, 500));\nprocess.kill(process.pid, "SIGKILL");',
    );
    await user.start("notebook:run-cell");
    await user.cell(index).locator(".jp-OutputArea-output", { hasText: "was killed by SIGKILL" }).waitFor();
    assert.match(
      (await user.outputs(index)).join("\n"),
      /begun[\s\S]*It is being started again, and its variables are gone/,
    );
    const dialog = browser.page.locator(".jp-Dialog", { hasText: /Kernel Restarting/i });
    await dialog.waitFor();
    await user.acceptDialog();
    await user.idle();
    assert.deepEqual(await user.run("20 + 22"), ["42"]);
  });

  it("a file that another program changed: saving asks first, and both versions can be had", async () => {
    await user.save();
    const changed = (await readFile(file(), "utf8")).replace("# Counting", "# Changed elsewhere");
    await writeFile(file(), changed);
    await user.addCell("const mine = 1;");
    await user.start("docmanager:save");
    const dialog = browser.page.locator(".jp-Dialog", { hasText: /changed on disk/i });
    await dialog.waitFor();
    assert.equal(await readFile(file(), "utf8"), changed, "nothing is overwritten without an answer");
    await dialog.locator(".jp-Dialog-button", { hasText: "Revert" }).click();
    await user.notebook.locator(".jp-Cell", { hasText: "const mine" }).waitFor({ state: "detached" });
    await browser.page.locator(".lm-TabBar-tab.lm-mod-current:not(.jp-mod-dirty)").waitFor();
    await user.addCell("const later = 2;");
    await user.save();
    const saved = await readFile(file(), "utf8");
    assert.match(saved, /# Changed elsewhere/);
    assert.doesNotMatch(saved, /const mine/);
  });

  it("two tabs on one notebook: one kernel, and the one that saves second is asked", async () => {
    await user.save();
    const second = await browser.page.context().newPage();
    const other = new LabPage(second);
    await second.goto(address("01-counting.ipynb").replace("/lab/tree", "/lab/workspaces/second/tree"));
    await other.visible();
    await other.idle();
    assert.deepEqual(await user.run("const shared = 5; shared"), ["5"]);
    assert.deepEqual(await other.run("shared + 1"), ["6"], "the same kernel");
    await user.save();
    await other.start("docmanager:save");
    const dialog = second.locator(".jp-Dialog", { hasText: /changed on disk/i });
    await dialog.waitFor();
    assert.match(await readFile(file(), "utf8"), /const shared = 5/);
    await dialog.locator(".jp-Dialog-button", { hasText: "Overwrite" }).click();
    await other.onDisk(file(), /shared \+ 1/);
    await second.close();
  });

  it("a notebook that is not JSON: what is wrong, where, and how to repair it", async () => {
    await writeFile(path.join(root, "broken.ipynb"), '{\n "cells": [\n<<<<<<< HEAD\n ]\n}\n');
    await user.start("docmanager:open", { path: "broken.ipynb" });
    const dialog = browser.page.locator(".jp-Dialog", { hasText: "broken.ipynb is not a notebook" });
    await dialog.waitFor();
    const text = (await dialog.textContent()) ?? "";
    assert.match(text, /merge conflict in line 3/);
    assert.match(text, /To repair it, right-click it, Open With, Editor/);
    await user.acceptDialog();
    await browser.page.locator(".lm-TabBar-tab", { hasText: "broken.ipynb" }).waitFor({ state: "detached" });
    assert.equal(
      await browser.page.locator(".jp-Dialog").count(),
      0,
      "no offer to save an empty notebook over it",
    );
  });

  it("a cell that prints without end: the page stays alive, and all of it is in a file", async () => {
    const loop = "for (let i = 0; i < 400_000; i++) console.log('line', i, 'of a long table');";
    const outputs = (await user.run(loop)).join("\n");
    assert.match(outputs, /This cell has printed more than 500 kB\. All it prints goes to /);
    assert.match(outputs, /line 399999 of a long table/);
    const name = /All of it is in (\S+\.txt)/.exec(outputs)?.[1] ?? "";
    const lines = (await readFile(name, "utf8")).trimEnd().split("\n");
    assert.deepEqual([lines.length, lines.at(-1)], [400_000, "line 399999 of a long table"]);
    assert.deepEqual(await user.run("1 + 1"), ["2"]);
  });
});
