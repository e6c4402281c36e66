/**
 * Takes the README's pictures: a lecture in JupyterLab with its curve, and the playground; into notebooks/images.
 * Usage: UNROLLED_BROWSER=1 node --conditions=unrolled-source --import tsx test/browser/pictures.ts
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { lm, optim, text } from "../../src/index.ts";
import { ensureLabUi } from "../../src/jupyter/lab/ensure-ui.ts";
import { exportPlay, playFiles } from "../../src/play/export.ts";
import { Browser } from "./browser.ts";
import { LabPage } from "./lab-page.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const images = path.join(root, "notebooks/images");
const LECTURE = "07-training-an-rnn.ipynb";

/** A screenshot as WebP: a quarter of the size of a PNG. */
async function take(browser: Browser, name: string, fullPage: boolean): Promise<void> {
  const png = await browser.page.screenshot({ fullPage });
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext("2d").drawImage(image, 0, 0);
  writeFileSync(path.join(images, name), canvas.toBuffer("image/webp", 82));
}

async function lecture(folder: string): Promise<void> {
  await ensureLabUi();
  const work = path.join(folder, "lectures");
  cpSync(path.join(root, "notebooks"), work, { recursive: true });
  const args = [path.join(root, "dist/cli/main.js"), "lab", work, "--no-browser", "--port", "0"];
  const env = { ...process.env, UNROLLED_HOME: path.join(folder, "home") };
  const lab = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const browser = await Browser.start();
  try {
    let told = "";
    for await (const part of lab.stdout) {
      told += part;
      if (/http:\S+\s/.test(told)) break;
    }
    const url = new URL(/http:\S+/.exec(told)![0]);
    await browser.page.setViewportSize({ width: 1280, height: 800 });
    await browser.page.goto(`${url.origin}/lab/tree/${LECTURE}${url.search}`);
    const user = new LabPage(browser.page);
    await user.visible();
    await user.idle();
    await user.command("application:toggle-left-area");
    // The loss curve, drawn as JupyterLab draws it; outputs come into the page when they come near the window.
    const curve = user.notebook.locator(".jp-Cell:has(.js-plotly-plot)", { hasText: "lossCurve(" }).first();
    await user.notebook.locator(".jp-WindowedPanel-outer").first().hover();
    for (let i = 0; i < 120 && (await curve.count()) === 0; i++) {
      await browser.page.mouse.wheel(0, 500);
      await browser.page.waitForTimeout(150);
    }
    await curve.evaluate((cell) => cell.scrollIntoView({ block: "end" }));
    await browser.page.waitForTimeout(1500);
    await take(browser, "lecture.webp", false);
  } finally {
    await browser.close();
    lab.kill("SIGTERM");
    await once(lab, "exit");
  }
}

async function playground(folder: string): Promise<void> {
  const corpus = text.loadCorpus("harbour");
  const model = new lm.RecurrentLM({ corpus, cell: "lstm", embeddingSize: 32, hiddenSize: 64, seed: 1 });
  const optimizer = new optim.Adam(model.parameters(), { lr: 4e-3 });
  await lm.train(model, corpus, {
    optimizer,
    epochs: 12,
    batchSize: 16,
    bptt: 32,
    clipNorm: 5,
    progress: false,
  });
  exportPlay(
    path.join(folder, "play"),
    playFiles({ model, name: "harbour", text: "The old lighthouse keeper ope" }),
  );
  const browser = await Browser.start();
  try {
    await browser.page.setViewportSize({ width: 1280, height: 900 });
    await browser.page.goto(pathToFileURL(path.join(folder, "play/index.html")).href);
    await browser.page.locator("#main").waitFor({ state: "visible" });
    await take(browser, "playground.webp", true);
  } finally {
    await browser.close();
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-pictures-"));
  try {
    await playground(folder);
    await lecture(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
