import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startLab } from "../../src/jupyter/lab/start.ts";
import { Browser, needsBrowser } from "./browser.ts";
import { LabPage } from "./lab-page.ts";
import { writeLectures } from "./lecture.ts";

describe("a hostile notebook in a browser", function () {
  this.timeout(120_000);
  let root: string;
  let home: string;
  let lab: Awaited<ReturnType<typeof startLab>>;
  let browser: Browser;
  let user: LabPage;
  const oldHome = process.env["UNROLLED_HOME"];

  before(async function () {
    needsBrowser(this);
    root = await writeLectures();
    home = await mkdtemp(path.join(tmpdir(), "unrolled-home-"));
    process.env["UNROLLED_HOME"] = home;
    lab = await startLab({ root, port: 0, openBrowser: false, quiet: true });
    browser = await Browser.start();
    user = new LabPage(browser.page);
  });

  after(async () => {
    await browser?.close();
    await lab?.close();
    if (oldHome === undefined) delete process.env["UNROLLED_HOME"];
    else process.env["UNROLLED_HOME"] = oldHome;
    for (const folder of [root, home]) if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Which of the attacks have run in the page, by their numbers. */
  async function succeeded(): Promise<unknown> {
    // Two frames and a turn of the event loop: handlers of broken pictures run after the drawing.
    await browser.page.evaluate(
      () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0))),
        ),
    );
    await browser.page.waitForLoadState("networkidle");
    return browser.page.evaluate(() => (window as unknown as { pwned?: string }).pwned);
  }

  /** Everything has been shown that is going to be. */
  async function drawn(): Promise<void> {
    await user.visible();
    await user.cell(1).locator(".js-plotly-plot .gtitle", { hasText: "title" }).waitFor();
    await user.cell(1).locator("strong", { hasText: "markdown" }).waitFor();
    await user.idle();
  }

  it("runs nothing when it is opened", async () => {
    const url = new URL(lab.url);
    await browser.page.goto(`${url.origin}/lab/tree/hostile.ipynb${url.search}`);
    await drawn();
    assert.equal(await succeeded(), undefined);
    assert.equal(await user.cell(0).locator("script, iframe, [onerror]").count(), 0);
    assert.equal(await user.cell(1).locator(".jp-OutputArea script, .jp-OutputArea [onerror]").count(), 0);
  });

  it("shows a picture all the same, with the text that stands for it", async () => {
    const picture = user.cell(1).locator(".jp-RenderedSVG img");
    assert.equal(await picture.getAttribute("alt"), "A word.");
    const size = await picture.evaluate((image: HTMLImageElement) => [
      image.complete,
      image.naturalWidth > 0,
    ]);
    assert.deepEqual(size, [true, true]);
  });

  it("has no link that runs a script", async () => {
    const links = await browser.page.evaluate(() =>
      [...document.querySelectorAll("a")].map((link) => link.href ?? link.getAttribute("xlink:href")),
    );
    assert.deepEqual(
      links.map(String).filter((link) => /^\s*javascript:/i.test(link)),
      [],
    );
  });

  it("runs nothing even when the user trusts it", async () => {
    await user.start("notebook:trust");
    await user.acceptDialog();
    await browser.page.locator(".jp-StatusItem-trust").first().waitFor();
    await drawn();
    assert.equal(await succeeded(), undefined);
  });

  it("reaches no other server", async () => {
    // What the policy stops is on record as a failed request; what matters is that none got an answer or was sent.
    const foreign = browser.foreignRequests(lab.url);
    for (const url of foreign) {
      assert.ok(
        browser.complaints.some(
          (complaint) => complaint.includes(url) && /csp|Content Security Policy/i.test(complaint),
        ),
        `${url} was not stopped`,
      );
    }
  });
});
