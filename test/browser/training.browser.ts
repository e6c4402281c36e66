import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startLab } from "../../src/jupyter/lab/start.ts";
import { Browser, needsBrowser, screenshotFolder } from "./browser.ts";
import { LabPage } from "./lab-page.ts";

const lecture = fileURLToPath(new URL("../../notebooks/07-training-an-rnn.ipynb", import.meta.url));

/**
 * Runs in the page: undefined until every code cell has run or one has failed, then the errors. Not by what is drawn:
 * cells far from the window are not in the document.
 */
function errorsAtTheEnd(): { errors: string[] } | undefined {
  interface Output {
    output_type: string;
    name?: string;
  }
  interface Cell {
    type: string;
    executionCount: number | null;
    outputs: { toJSON(): Output[] };
  }
  const { jupyterapp } = window as unknown as {
    jupyterapp: { shell: { currentWidget: { content: { widgets: { model: Cell }[] } } } };
  };
  const cells = jupyterapp.shell.currentWidget.content.widgets
    .map(({ model }) => model)
    .filter(({ type }) => type === "code");
  const errors = cells
    .flatMap(({ outputs }) => outputs.toJSON())
    .filter(({ output_type, name }) => output_type === "error" || name === "stderr")
    .map((output) => JSON.stringify(output));
  const ended = errors.length > 0 || cells.every(({ executionCount }) => executionCount !== null);
  return ended ? { errors } : undefined;
}

/** A lecture of this repository as a learner works through it: all of it, then a long training that is interrupted. */
describe("a lecture in a browser", function () {
  this.timeout(240_000);
  let root: string;
  let home: string;
  let lab: Awaited<ReturnType<typeof startLab>>;
  let browser: Browser;
  let user: LabPage;
  const old = { home: process.env["UNROLLED_HOME"], fast: process.env["UNROLLED_FAST"] };

  before(async function () {
    needsBrowser(this);
    await mkdir(screenshotFolder, { recursive: true });
    root = await realpath(await mkdtemp(path.join(tmpdir(), "unrolled lecture-")));
    home = await mkdtemp(path.join(tmpdir(), "unrolled-home-"));
    await copyFile(lecture, path.join(root, "07.ipynb"));
    Object.assign(process.env, { UNROLLED_HOME: home, UNROLLED_FAST: "1" });
    lab = await startLab({ root, port: 0, openBrowser: false, quiet: true });
    browser = await Browser.start();
    user = new LabPage(browser.page);
  });

  beforeEach(function () {
    browser.during = this.currentTest?.title ?? "";
  });

  after(async () => {
    await browser?.close();
    await lab?.close();
    for (const [name, value] of [
      ["UNROLLED_HOME", old.home],
      ["UNROLLED_FAST", old.fast],
    ] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    for (const folder of [root, home]) if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** The first output that holds this. */
  const output = (selector: string) =>
    user.notebook.locator(".jp-OutputArea-output").filter({ has: browser.page.locator(selector) });

  /** Texts of outputs that stick out of their cell and cannot be scrolled. */
  const overflowing = (): Promise<string[]> =>
    browser.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>(".jp-OutputArea-child")]
        .filter((area) => {
          const right = area.getBoundingClientRect().right + 1;
          return [...area.querySelectorAll("table, svg, pre, img")].some((node) => {
            if (node.getBoundingClientRect().right <= right) return false;
            for (let box = node.parentElement; box && box !== area.parentElement; box = box.parentElement) {
              if (getComputedStyle(box).overflowX !== "visible") return false;
            }
            return true;
          });
        })
        .map((area) => (area.textContent ?? "").slice(0, 80)),
    );

  it("runs from the first cell to the last", async () => {
    const url = new URL(lab.url);
    await browser.page.goto(`${url.origin}/lab/tree/07.ipynb${url.search}`);
    await user.visible();
    await user.command("notebook:clear-all-cell-outputs");
    await user.start("notebook:run-all-cells");
    const end = await browser.page.waitForFunction(errorsAtTheEnd, undefined, { timeout: 200_000 });
    assert.deepEqual((await end.jsonValue())?.errors, []);
    await user.idle();
  });

  it("shows formulas, tables and plots, and nothing sticks out of its cell", async () => {
    const formulas = user.notebook.locator("mjx-container");
    await formulas.first().waitFor({ state: "attached" });
    const frame = output("table").filter({ hasText: "train perplexity" }).first();
    await frame.scrollIntoViewIfNeeded();
    assert.equal(await frame.locator("tbody tr").count(), 2, "two epochs");
    for (const theme of ["light", "dark"]) {
      const name = theme === "light" ? "JupyterLab Light" : "JupyterLab Dark";
      await user.command("apputils:change-theme", { theme: name });
      const isLight = theme === "light" ? "true" : "false";
      await browser.page.locator(`body[data-jp-theme-light="${isLight}"]`).waitFor({ state: "attached" });
      for (const [what, source] of [
        ["loss", "viz.lossCurve("],
        ["perplexity", "viz.perplexity("],
      ]) {
        const cell = user.notebook.locator(".jp-CodeCell", { hasText: source });
        // Figures are drawn when they come near the window.
        await cell.locator(".jp-OutputArea").scrollIntoViewIfNeeded();
        const traces = cell.locator(".js-plotly-plot .scatterlayer .trace");
        await traces.first().waitFor({ state: "attached" });
        assert.ok((await traces.count()) >= 2, source);
        await browser.screenshot(`lecture-${theme}-${what}`);
      }
      assert.deepEqual(await overflowing(), [], theme);
    }
    assert.equal(await browser.page.locator(".jp-RenderedMarkdown", { hasText: "$" }).count(), 0);
  });

  it("interrupts train: its history is there, the next cell trains on", async () => {
    const options = "{ optimizer, epochs: 1000, batchSize, bptt, clipNorm: 5 }";
    const index = await user.addCell(
      `const long = await lm.train(model, corpus, ${options});\nlong.steps.length`,
    );
    await user.start("notebook:run-cell");
    await user.cell(index).locator(".jp-OutputArea-output", { hasText: /epoch/ }).first().waitFor();
    await user.command("notebook:interrupt-kernel");
    await user.idle();
    const outputs = await user.outputs(index);
    assert.match(outputs.join("\n"), /interrupted/);
    assert.ok(Number(outputs.at(-1)) > 0, `${outputs.at(-1)} steps`);
    const more = "{ optimizer, maxSteps: 3, batchSize, bptt, clipNorm: 5 }";
    const again = await user.run(`(await lm.train(model, corpus, ${more})).steps.length`);
    assert.equal(again.at(-1), "3");
  });

  it("has complained of nothing and asked no other server", () => {
    assert.deepEqual(browser.complaints, []);
    assert.deepEqual(browser.foreignRequests(lab.url), []);
  });
});
