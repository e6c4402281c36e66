import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { freePort } from "./free-port.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const chromiumPath = process.env.UNROLLED_CHROMIUM ?? "/usr/bin/chromium";

/** Debian's Jupyter Notebook in Chromium, with our kernel: a lecture is opened, run and looked at. */
describe("Debian's Jupyter Notebook on the installed kernel", function () {
  this.timeout(300_000);
  let folder: string;
  let server: ChildProcess;
  let browser: Browser;
  let address: string;
  let log = "";

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-notebook-"));
    const work = path.join(folder, "work"); // inside it there is no sibling whose name begins alike
    mkdirSync(work);
    copyFileSync(path.join(root, "notebooks/07-training-an-rnn.ipynb"), path.join(work, "lecture.ipynb"));
    const prefix = path.join(folder, "prefix");
    await run(process.execPath, [
      path.join(root, "dist/cli/main.js"),
      "kernel",
      "install",
      "--prefix",
      prefix,
    ]);
    const options = [
      "--no-browser",
      "--ip=127.0.0.1",
      `--port=${await freePort()}`, // it prints port 0 where it was asked to choose one
      "--port-retries=50",
      "--allow-root",
      `--notebook-dir=${work}`,
    ];
    server = spawn("/usr/bin/python3", ["-m", "notebook", ...options], {
      env: {
        ...process.env,
        HOME: folder,
        JUPYTER_PATH: path.join(prefix, "share/jupyter"),
        JUPYTER_RUNTIME_DIR: path.join(folder, "runtime"),
        UNROLLED_FAST: "1",
      },
    });
    address = await new Promise<string>((resolve, reject) => {
      const read = (data: Buffer) => {
        log += data;
        const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/.exec(log);
        if (found) resolve(found[0]);
      };
      server.stderr!.on("data", read);
      server.stdout!.on("data", read);
      server.once("exit", (code) => reject(new Error(`notebook ended with ${code}: ${log}`)));
    });
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
      ],
    });
  });

  after(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
    if (server && server.exitCode === null) await new Promise((resolve) => server.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const outputs = (page: Page, selector: string) => page.locator(`.output ${selector}`);

  it("shows the committed outputs, runs all cells, and shows plots, tables and progress", async () => {
    const { origin, search } = new URL(address);
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await page.goto(`${origin}/notebooks/lecture.ipynb${search}`);
    await page.waitForFunction("window.Jupyter?.notebook?.kernel?.is_connected?.()", undefined, {
      timeout: 60_000,
    });
    assert.equal(await page.locator(".kernel_indicator_name").innerText(), "TypeScript (Unrolled)");
    // Of an untrusted file Notebook shows a plot only by its alternative text.
    const shown = (await page.locator(".output").allInnerTexts()).join(" ");
    assert.match(shown, /Loss of RNN, 64 units: loss \(nats per character\)/);

    await page.evaluate("Jupyter.notebook.clear_all_output(); Jupyter.notebook.execute_all_cells()");
    await page.waitForFunction(
      "!Jupyter.notebook.kernel_busy && Jupyter.notebook.get_cells().filter((c) => c.cell_type === 'code').every((c) => c.input_prompt_number > 0 || c.input_prompt_number === undefined)",
      undefined,
      { timeout: 200_000 },
    );
    await outputs(page, "svg").nth(1).waitFor({ timeout: 120_000 });
    await page
      .getByText("UNROLLED_DATA is not set")
      .or(page.getByText("validation characters: perplexity"))
      .first()
      .waitFor({ timeout: 120_000 });
    assert.equal(await page.locator(".output_error, .output_stderr").count(), 0);
    assert.match(await outputs(page, "table").nth(1).innerText(), /rnn\.weight_hh_l0\s+\[64,64\]\s+4,096/);
    assert.match(
      await page.locator(".output", { hasText: "finished at step" }).first().innerText(),
      /epoch 2\/2/,
    );
    const lossCurve = outputs(page, "svg").filter({ hasText: "loss (nats per character)" }).first();
    await lossCurve.waitFor({ timeout: 120_000 });
    const shots = process.env.UNROLLED_SCREENSHOTS;
    if (shots && existsSync(shots)) {
      await lossCurve.scrollIntoViewIfNeeded();
      await page.screenshot({ path: path.join(shots, "jupyter-notebook.png") });
    }
    await page.close();
  });
});
