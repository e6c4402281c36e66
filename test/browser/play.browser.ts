import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { lm, optim, text } from "../../src/index.ts";
import { exportPlay, playFiles } from "../../src/play/export.ts";
import { playServer } from "../../src/play/serve.ts";
import { Browser, needsBrowser, screenshotFolder } from "./browser.ts";

const beginning = "the boat came in with the tide";

describe("the playground in Chromium", function () {
  this.timeout(180_000);
  let model: lm.RecurrentLM;
  let files: Map<string, Uint8Array>;
  let server: Server;
  let address: string;
  let browser: Browser | undefined;

  before(async function () {
    needsBrowser(this);
    mkdirSync(screenshotFolder, { recursive: true });
    const corpus = text.loadCorpus("harbour");
    model = new lm.RecurrentLM({ corpus, cell: "lstm", embeddingSize: 32, hiddenSize: 64, seed: 1 });
    const optimizer = new optim.Adam(model.parameters(), { lr: 4e-3 });
    await lm.train(model, corpus, {
      optimizer,
      epochs: 3,
      batchSize: 16,
      bptt: 32,
      clipNorm: 5,
      seed: 1,
      progress: false,
    });
    files = playFiles({ model, name: "harbour", text: beginning });
    server = playServer(files);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => server?.close());
  afterEach(async () => {
    await browser?.close();
    browser = undefined;
  });

  async function open(options: { dark?: boolean; url?: string } = {}): Promise<Browser> {
    browser = await Browser.start(options);
    await browser.page.goto(options.url ?? address);
    await browser.page.locator("#main").waitFor({ state: "visible" });
    return browser;
  }

  const percents = (page: Browser["page"]) =>
    page.locator("#predictions li:visible .percent").allTextContents();

  it("predicts what the model predicts in Node, and follows typing", async () => {
    const { page, complaints, foreignRequests } = await open();
    const expected = (context: string) => Math.max(...model.distribution(context));
    const shown = async () => Number.parseFloat((await percents(page))[0]);
    assert.ok(Math.abs((await shown()) - 100 * expected(beginning)) <= 0.5 + 1e-3, `${await shown()}`);
    await page.locator("#text").focus();
    await page.keyboard.press("End");
    await page.keyboard.type(" an");
    assert.ok(
      Math.abs((await shown()) - 100 * expected(`${beginning} an`)) <= 0.5 + 1e-3,
      `${await shown()}`,
    );
    assert.equal(await page.locator("#strip [role=option]").count(), beginning.length + 3);
    await browser!.screenshot("play-light");
    await page.screenshot({ path: path.join(screenshotFolder, "play-light-full.png"), fullPage: true });
    assert.deepEqual(complaints, []);
    assert.deepEqual(foreignRequests.call(browser!, address), []);
  });

  it("is used by keyboard alone: temperature, tokens, units, vectors, appending", async () => {
    const { page, complaints } = await open({ dark: true });
    await page.locator("#temperature").focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowLeft");
    assert.equal(await page.locator("#temperature-value").textContent(), "0.00");
    assert.equal((await percents(page))[0], "100 %");
    assert.match((await page.locator("#uncertainty").textContent()) ?? "", /^0\.00 bits/);
    await page.keyboard.press("Tab");
    const first = (await page.locator("#predictions button .token").first().textContent()) ?? "";
    await page.keyboard.press("Enter");
    const typed = await page.locator("#text").inputValue();
    assert.equal(typed, beginning + first.replace("␣", " ").replace("↵", "\n"));

    await page.locator("#strip").focus();
    await page.keyboard.press("Home");
    assert.equal(await page.locator("#step").textContent(), "“t” is the first token that was read.");
    await page.keyboard.press("ArrowRight");
    assert.match((await page.locator("#step").textContent()) ?? "", /^“h” had the probability .* bits\.$/);
    assert.equal(await page.locator("#strip [aria-selected=true]").textContent(), "h");

    await page.locator("#vectors button", { hasText: "forget gate f" }).press("Enter");
    await page.locator("#unit").fill("7");
    await page.locator("input[value=unit]").press("Space");
    assert.match((await page.locator("#unit-value").textContent()) ?? "", /^0\.\d{3} at “h”$/);
    assert.equal(await page.locator("#unit-choice").textContent(), "unit 7 of forget gate f");
    await page.screenshot({ path: path.join(screenshotFolder, "play-dark-full.png"), fullPage: true });
    assert.deepEqual(complaints, []);
  });

  it("writes from a seed, the same text each time, and stops", async () => {
    const { page } = await open();
    const write = async (): Promise<string> => {
      await page.locator("#text").fill("The ");
      await page.locator("#write").click();
      while ((await page.locator("#text").inputValue()).length < 24) await page.waitForTimeout(50);
      await page.locator("#write").click();
      return (await page.locator("#text").inputValue()).slice(0, 24);
    };
    const once = await write();
    assert.equal(await write(), once);
    assert.equal(
      once,
      `The ${model.generate({ prompt: "The ", length: 20, temperature: 1, seed: "1" }).text.slice(-20)}`,
    );
  });

  it("says which characters the model does not know, and starts from nothing", async () => {
    const { page, complaints } = await open();
    await page.locator("#text").fill("naïve");
    assert.match((await page.locator("#unknown").textContent()) ?? "", /does not know “ï”/);
    await page.locator("#clear").click();
    assert.match((await page.locator("#uncertainty").textContent()) ?? "", /^Type something/);
    assert.equal(await page.locator("#predictions li:visible").count(), 0);
    assert.deepEqual(complaints, []);
  });

  it("works as a file, without a server, on a narrow screen", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled play "));
    try {
      exportPlay(folder, files);
      const { page, complaints } = await open({ url: pathToFileURL(path.join(folder, "index.html")).href });
      await page.setViewportSize({ width: 400, height: 800 });
      assert.ok((await percents(page)).length > 5);
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(wide) <= 400, `the page is ${wide} wide`);
      await page.screenshot({ path: path.join(screenshotFolder, "play-narrow.png"), fullPage: true });
      assert.deepEqual(complaints, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("every control has a name, and text has a contrast of 4.5 : 1, light and dark", async () => {
    for (const dark of [false, true]) {
      const { page } = await open({ dark });
      const unnamed = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>("button, input, textarea, [role]")]
          .filter((e) => !e.hidden && !e.closest("[hidden]"))
          .filter((e) => {
            const labels = "labels" in e ? (e as HTMLInputElement).labels?.length : 0;
            const named =
              e.getAttribute("aria-label") ?? e.getAttribute("aria-labelledby") ?? e.textContent?.trim();
            return !labels && !named;
          })
          .map((e) => e.outerHTML),
      );
      assert.deepEqual(
        unnamed.filter((html) => !html.includes('role="alert"')),
        [],
      );
      const colours = ["--ink", "--paper", "--card", "--quiet", "--high", "--accent", "--on-accent"];
      const values = await page.evaluate(
        (names) =>
          names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()),
        colours,
      );
      const themed = new Map(colours.map((name, i) => [name, values[i]]));
      const pairs = [
        ["--ink", "--card"],
        ["--ink", "--paper"],
        ["--quiet", "--card"],
        ["--quiet", "--paper"],
        ["--high", "--card"],
        ["--on-accent", "--accent"],
      ].map(([a, b]) => [`${a} on ${b}`, themed.get(a)!, themed.get(b)!]);
      for (const [name, a, b] of pairs)
        assert.ok(contrast(a, b) >= 4.5, `${name}: ${contrast(a, b)}, dark: ${dark}`);
      await browser!.close();
    }
  });
});

/** WCAG's contrast of two colours such as #a1b2c3. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, bl] = [1, 3, 5].map((at) => {
      const s = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
