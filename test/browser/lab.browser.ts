import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startLab } from "../../src/jupyter/lab/start.ts";
import { Browser, needsBrowser, screenshotFolder } from "./browser.ts";
import { LabPage } from "./lab-page.ts";
import { at, writeLectures } from "./lecture.ts";

const black = "rgba(0, 0, 0, 0.87)";
const white = "rgb(255, 255, 255)";

describe("JupyterLab in a browser", function () {
  this.timeout(120_000);
  let root: string;
  let originals: string;
  let home: string;
  let lab: Awaited<ReturnType<typeof startLab>>;
  let browser: Browser;
  let user: LabPage;
  const oldHome = process.env["UNROLLED_HOME"];

  /** The server's address of a page, with the token. */
  function address(place: string): string {
    const url = new URL(lab.url);
    return `${url.origin}/lab/tree/${place}${url.search}`;
  }

  before(async function () {
    needsBrowser(this);
    await mkdir(screenshotFolder, { recursive: true });
    root = await writeLectures();
    originals = await writeLectures();
    // Settings, layouts and trust of their own, not the user's.
    home = await mkdtemp(path.join(tmpdir(), "unrolled-home-"));
    process.env["UNROLLED_HOME"] = home;
    const lectures = { originals, work: root };
    const outdated = ["01-counting.ipynb"];
    lab = await startLab({ root, port: 0, openBrowser: false, quiet: true, lectures, outdated });
    browser = await Browser.start();
    user = new LabPage(browser.page);
  });

  beforeEach(function () {
    browser.during = this.currentTest?.title ?? "";
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await browser.screenshot(`failed-${this.currentTest.title}`);
  });

  after(async () => {
    await browser?.close();
    await lab?.close();
    if (oldHome === undefined) delete process.env["UNROLLED_HOME"];
    else process.env["UNROLLED_HOME"] = oldHome;
    for (const folder of [root, originals, home])
      if (folder) await rm(folder, { recursive: true, force: true });
  });

  it("opens under a policy by which only the bundle's scripts run and nothing comes from elsewhere", async () => {
    const response = await browser.page.goto(address("01-counting.ipynb"));
    const policy = Object.fromEntries(
      (response?.headers()["content-security-policy"] ?? "")
        .split("; ")
        .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]),
    );
    assert.deepEqual(policy["script-src"], ["'self'"]);
    assert.deepEqual(policy["img-src"], ["'self'", "data:", "blob:"]);
    await user.visible();
    assert.match(await browser.page.title(), /^01-counting.* - Unrolled$/);
  });

  it("runs all cells of a lecture that has just been opened, before its kernel is ready", async () => {
    await user.start("notebook:run-all-cells");
    await user.cell(at.error).locator(".jp-OutputArea-output").waitFor();
    await user.idle();
    await user.shows(at.definition, ["42"]);
    await user.shows(at.value, ["counted", "{ words: [ 'a', 'b' ], n: 3 }"]);
    assert.match((await user.outputs(at.error))[0], /^TypeError: this cell fails/);
  });

  it("draws figures that can be read aloud and fit the cell, also after it gets narrower", async () => {
    assert.equal(await user.drawnTraces(at.figure), 2);
    const figure = user.cell(at.figure).locator(".unrolled-plotly");
    assert.equal(await figure.getAttribute("role"), "figure");
    assert.equal(await figure.getAttribute("aria-label"), "Two falling curves.");
    const widths = (): Promise<number[]> =>
      figure.evaluate((node) => [node.clientWidth, Math.round(node.querySelector("svg")?.clientWidth ?? 0)]);
    const [before, drawn] = await widths();
    assert.ok(before > 400, `${before} px`);
    assert.equal(drawn, before);

    await browser.page.setViewportSize({ width: 1000, height: 950 });
    const page = browser.page;
    await page.waitForFunction((old) => {
      const node = document.querySelector(".unrolled-plotly");
      return (
        node !== null && node.clientWidth < old && node.querySelector("svg")?.clientWidth === node.clientWidth
      );
    }, before);
    const [narrow, redrawn] = await widths();
    assert.ok(narrow < before - 200, `${narrow} px after ${before}`);
    assert.equal(redrawn, narrow);
    await browser.page.setViewportSize({ width: 1400, height: 950 });
  });

  it("shows values of a figure under the pointer", async () => {
    const figure = user.cell(at.figure).locator(".unrolled-plotly");
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".nsewdrag").hover();
    await figure.locator(".hoverlayer .hovertext").first().waitFor();
  });

  it("offers to save a figure as a picture, and not to send it anywhere", async () => {
    const figure = user.cell(at.figure).locator(".unrolled-plotly");
    const buttons = figure.locator(".modebar-btn");
    const names = await buttons.evaluateAll((nodes) =>
      nodes.map((node) => node.getAttribute("data-title") ?? ""),
    );
    assert.deepEqual(
      names.filter((name) => /share|cloud|edit/i.test(name)),
      [],
    );
    const download = browser.page.waitForEvent("download");
    await figure.locator('.modebar-btn[data-title^="Download plot"]').click();
    const file = await (await download).path();
    const signature = (await readFile(file)).subarray(1, 4).toString("latin1");
    assert.equal(signature, "PNG");
  });

  it("typesets formulas with fonts of its own", async () => {
    const prose = user.cell(at.prose);
    await prose.locator("mjx-container").first().waitFor();
    assert.equal(await prose.locator("mjx-container").count(), 2);
    assert.equal(await prose.locator('mjx-container[display="true"] mjx-mtable').count(), 1);
    const fonts = await browser.page.evaluate(
      () =>
        [...document.fonts].filter(({ status, family }) => status === "loaded" && /MJX/.test(family)).length,
    );
    assert.ok(fonts > 0, "no font of MathJax is loaded");
  });

  it("colours TypeScript and lists the headings", async () => {
    const keyword = user
      .cell(at.definition)
      .locator(".cm-line", { hasText: "function" })
      .locator("span")
      .first();
    assert.equal(await keyword.textContent(), "function");
    await user.command("toc:show-panel");
    const headings = browser.page.locator(".jp-TableOfContents .jp-tocItem-content");
    await headings.first().waitFor();
    assert.deepEqual(await headings.allTextContents(), ["Counting", "Drawing", "Failing"]);
    await browser.screenshot("light");
  });

  it("completes, with formatted documentation", async () => {
    await user.addCell("addO");
    await browser.page.keyboard.press("Tab");
    await browser.page.locator(".jp-Completer-item", { hasText: "addOne" }).waitFor();
    await browser.page.locator(".jp-Completer-docpanel", { hasText: "Adds one to a number." }).waitFor();
    await browser.page.keyboard.press("Enter");
    const line = user.notebook.locator(".jp-Cell.jp-mod-active .cm-line");
    await line.filter({ hasText: "addOne" }).waitFor();
    await user.addCell("answer.words.fi");
    await browser.page.keyboard.press("Tab");
    const items = browser.page.locator(".jp-Completer-item");
    await items.first().waitFor();
    const labels = await items.locator(".jp-Completer-match").allTextContents();
    assert.ok(labels.includes("filter") && labels.includes("findIndex"), labels.join());
    const panel = browser.page.locator(".jp-Completer-docpanel .unrolled-documentation");
    await panel.filter({ hasText: "array elements" }).waitFor();
    assert.ok((await panel.locator("code").count()) > 0, "Markdown, not plain text");
    await browser.screenshot("light-completion");
    await browser.page.keyboard.press("Escape");
  });

  it("shows what a function is, as a tooltip", async () => {
    await user.addCell("addOne(");
    await browser.page.keyboard.press("Shift+Tab");
    const tooltip = browser.page.locator(".jp-Tooltip");
    await tooltip.filter({ hasText: "Adds one to a number." }).waitFor();
    assert.match((await tooltip.textContent()) ?? "", /function addOne\(n: number\): number/);
    await browser.screenshot("light-tooltip");
    await browser.page.keyboard.press("Escape");
    await tooltip.waitFor({ state: "detached" });
  });

  it("finds text", async () => {
    await user.start("documentsearch:start");
    await browser.page.locator(".jp-DocumentSearch-input").first().fill("epochs");
    const counter = browser.page.locator(".jp-DocumentSearch-index-counter");
    await counter.filter({ hasText: /\/5$/ }).waitFor();
    await browser.page.keyboard.press("Escape");
  });

  for (const [kind, loop] of [
    ["busy", "while (true) {}"],
    ["awaited", "for (;;) await new Promise((resolve) => setTimeout(resolve, 5));"],
  ]) {
    it(`interrupts a ${kind} loop, and goes on with what was there`, async () => {
      const index = await user.addCell(`let kept_${kind} = 7;\nconsole.log("begun");\n${loop}`);
      await user.start("notebook:run-cell");
      await user.cell(index).locator(".jp-OutputArea-output", { hasText: "begun" }).waitFor();
      await browser.page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').waitFor();
      await user.command("notebook:interrupt-kernel");
      await user.idle();
      assert.match((await user.outputs(index)).join("\n"), /interrupt/i);
      assert.deepEqual(await user.run("answer.n + addOne(1)"), ["5"]);
    });
  }

  it("restarts the kernel, and what was defined is gone", async () => {
    await user.start("notebook:restart-kernel");
    await user.acceptDialog();
    await user.idle();
    assert.match((await user.run("answer")).join("\n"), /Cannot find name 'answer'|answer is not defined/);
    assert.deepEqual(await user.run("1 + 1"), ["2"]);
    assert.equal(await browser.page.locator(".jp-Dialog").count(), 0, "no word of a dead kernel");
    // JupyterLab's own warning about the new connection after a restart.
    browser.forgive(/Connection lost, reconnecting in 0 seconds/);
  });

  it("saves, and shows outputs and figures again after a reload", async () => {
    await user.save();
    const saved = JSON.parse(await readFile(path.join(root, "01-counting.ipynb"), "utf8"));
    const figure = saved.cells[at.figure].outputs[0];
    assert.equal(figure.data["application/vnd.plotly.v1+json"].data.length, 2);
    assert.equal(saved.cells[at.definition].metadata.trusted, undefined);
    await user.reload();
    await user.cell(at.error).locator(".jp-OutputArea-output").waitFor({ state: "attached" });
    await user.shows(at.definition, ["42"]);
    assert.match((await user.outputs(at.error))[0], /^TypeError: this cell fails/);
    assert.equal(await user.drawnTraces(at.figure), 2);
    await user.idle();
    // The kernel has gone on while there was no page.
    assert.deepEqual(await user.run("40 + 2"), ["42"]);
  });

  it("saves by itself", async () => {
    await user.save();
    await user.saveEvery(1);
    await user.reload();
    await user.addCell("const savedByItself = true;");
    await user.onDisk(path.join(root, "01-counting.ipynb"), /savedByItself/);
  });

  it("saves again what was typed while it was saving", async () => {
    const { page } = browser;
    let begun: () => void = () => undefined;
    const saving = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const pattern = "**/api/contents/01-counting.ipynb*";
    await page.route(pattern, async (route) => {
      if (route.request().method() === "PUT") {
        begun();
        await released;
      }
      await route.continue();
    });
    await user.addCell("const typedBefore = 1;");
    await saving;
    await user.command("notebook:replace-selection", { text: " const typedMeanwhile = 2;" });
    release();
    await user.onDisk(path.join(root, "01-counting.ipynb"), /typedMeanwhile/);
    await page.unroute(pattern);
    await page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty").waitFor({ state: "detached" });
    // Documents that are closed while they are being saved by themselves make JupyterLab complain.
    await user.saveEvery(3600);
  });

  it("changes to the dark theme, figures too, and keeps it", async () => {
    // To the top: cells far from the window are not in the document.
    await user.save();
    await user.reload();
    await user.drawnTraces(at.figure);
    assert.equal(
      await user.figureStyle(at.figure, "fill"),
      black.replace(", 0.87", "").replace("rgba", "rgb"),
    );
    await user.command("apputils:change-theme", { theme: "JupyterLab Dark" });
    await browser.page.locator('body[data-jp-theme-light="false"]').waitFor({ state: "attached" });
    await browser.page.waitForFunction(
      ([index, white]) => {
        const title = document.querySelector(`.jp-Cell[data-windowed-list-index="${index}"] .gtitle`);
        return title !== null && getComputedStyle(title).fill === white;
      },
      [at.figure, white] as const,
    );
    await user.save();
    await user.reload();
    await browser.page.locator('body[data-jp-theme-light="false"]').waitFor({ state: "attached" });
    await user.drawnTraces(at.figure);
    assert.equal(await user.figureStyle(at.figure, "fill"), white);
    await user.cell(at.figure).scrollIntoViewIfNeeded();
    await browser.screenshot("dark");
    await user.command("apputils:change-theme", { theme: "JupyterLab Light" });
  });

  it("opens the index as a page, and a lecture from its link", async () => {
    await user.save();
    await user.onDisk(path.join(root, "01-counting.ipynb"), /"42"/);
    await user.closeAll();
    await browser.page.goto(address("README.md"));
    const index = browser.page.locator(".jp-MarkdownViewer");
    await index.locator("h1", { hasText: "All lectures" }).waitFor();
    await browser.screenshot("index");
    await index.locator("a", { hasText: "Counting" }).click();
    await user.visible();
    await user.shows(at.definition, ["42"]);
  });

  it("says that an edited lecture has a newer version, and opens a fresh copy of it", async () => {
    const notice = browser.page.locator(".jp-Notification-Toast-Content, .Toastify__toast", {
      hasText: "This lecture has a newer version",
    });
    await notice.first().waitFor();
    await browser.page.locator("button", { hasText: "Open a Fresh Copy" }).first().click();
    await browser.page
      .locator(".lm-TabBar-tab.lm-mod-current", { hasText: "01-counting-fresh.ipynb" })
      .waitFor();
    await user.visible();
    await user.idle();
    await user.save();
    await notice.first().waitFor({ state: "detached" });
    await user.command("docmanager:open", { path: "01-counting.ipynb" });
    await user.visible();
    assert.equal(await notice.count(), 0, "it says so once");
  });

  it("opens another fresh copy beside the learner's, from the menu or the palette", async () => {
    await browser.page.locator(".lm-MenuBar-item", { hasText: "File" }).click();
    await browser.page.locator(".lm-Menu-item", { hasText: "Open a Fresh Copy of This Lecture" }).click();
    await browser.page
      .locator(".lm-TabBar-tab.lm-mod-current", { hasText: "01-counting-fresh2.ipynb" })
      .waitFor();
    await user.visible();
    assert.deepEqual(await user.outputs(at.definition), []);
    // A kernel that has started writes its language into a new notebook, which then counts as edited.
    await user.idle();
    await user.save();
    await user.start("apputils:activate-command-palette");
    await browser.page.locator(".lm-CommandPalette-input").fill("fresh copy");
    await browser.page.locator(".lm-CommandPalette-item", { hasText: "Fresh Copy of This Lecture" }).click();
    // A copy of a copy is no lecture.
    await browser.page.locator(".jp-Dialog", { hasText: "there is no lecture" }).waitFor();
    await user.acceptDialog();
    browser.forgive(/404|there is no lecture/);
  });

  it("opens a document once, whatever else its address could mean", async () => {
    await user.closeAll();
    await browser.page.goto(address("01-counting.ipynb"));
    await user.visible();
    // JupyterLab takes its class away when it has done its own part of opening the address.
    await browser.page.locator(".jp-FileBrowser:not(.jp-mod-restoring)").waitFor({ state: "attached" });
    assert.equal(await browser.page.locator(".jp-NotebookPanel").count(), 1);
    await user.closeAll();
    await browser.page.goto(address("nothing here.ipynb"));
    await browser.page
      .locator(".jp-Dialog", { hasText: "Could not find path: nothing here.ipynb" })
      .waitFor();
    await user.acceptDialog();
    // JupyterLab still asks the kernel of a notebook that was closed for its history, and in idle moments goes on adding
    // cells and buttons to one that was closed while it was loading.
    browser.forgive(
      /404|Could not find path|History was unable to be retrieved|insertWidget|ReactiveToolbar/,
    );
  });

  it("shows tables, pictures and JSON", async () => {
    await user.command("docmanager:open", { path: "table.csv" });
    await browser.page.locator(".jp-CSVViewer .lm-DataGrid").waitFor();
    await user.command("docmanager:open", { path: "pixel.png" });
    const picture = browser.page.locator(".jp-ImageViewer img");
    await picture.waitFor({ state: "attached" });
    await browser.page.waitForFunction(
      () => (document.querySelector(".jp-ImageViewer img") as HTMLImageElement)?.naturalWidth === 1,
    );
    await user.command("docmanager:open", { path: "data.json" });
    await browser.page.locator(".jp-RenderedJSON", { hasText: "key" }).waitFor();
  });

  it("opens the settings as forms, and checks them by their schemas", async () => {
    await user.command("settingeditor:open");
    await browser.page.locator(".jp-PluginList-entry", { hasText: "Notebook Panel" }).waitFor();
    await browser.page.locator(".jp-PluginList-entry", { hasText: "Document Manager" }).click();
    const recents = browser.page.locator('input[id$="maxNumberRecents"]');
    const complaints = browser.page.locator(".jp-SettingsForm .validationErrors").filter({ hasText: /\S/ });
    await recents.fill("-1");
    await complaints.first().waitFor();
    const saved = browser.page.waitForResponse(
      (response) => response.request().method() === "PUT" && /docmanager-extension/.test(response.url()),
    );
    await recents.fill("5");
    assert.equal((await saved).status(), 204);
    await complaints.first().waitFor({ state: "detached" });
  });

  it("lists the bundle's licences", async () => {
    await user.command("apputils:licenses");
    const row = browser.page.locator(".jp-Licenses-Grid tr", { hasText: "@jupyterlab/notebook" }).first();
    await row.waitFor();
    assert.match((await row.textContent()) ?? "", /BSD-3-Clause/);
  });

  it("has complained of nothing and asked no other server", () => {
    assert.deepEqual(browser.complaints, []);
    assert.deepEqual(browser.foreignRequests(lab.url), []);
    assert.ok(browser.requests.length > 50, "requests are recorded");
  });
});
