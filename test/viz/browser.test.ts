import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import * as node from "#platform";
import * as platform from "../../src/platform/browser.ts";
import { heatmap, lines } from "../../src/viz/index.ts";
import { needs } from "../hooks.ts";
import { samples } from "./samples.ts";

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src");

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(source, "viz/index.ts")],
    alias: { "#platform": path.join(source, "platform/browser.ts") },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "viz",
    platform: "browser",
  });
  return outputFiles[0].text;
}

describe("viz: bundled for a browser", () => {
  it("holds no Node code, makes figures without plotly, and says what a picture needs", async () => {
    const code = await bundle();
    assert.doesNotMatch(code, /\brequire\(|["'`]node:|createRequire|process\./);
    const context = vm.createContext({ console, TextEncoder });
    vm.runInContext(code, context);
    const run = (script: string): unknown => vm.runInContext(script, context);
    const attempt = (script: string) =>
      run(`(() => { try { ${script}; } catch (e) { return e.name + ": " + e.message; } })()`);
    assert.equal(run(`JSON.stringify(viz.lines({ a: [1, 2] }))`), JSON.stringify(lines({ a: [1, 2] })));
    assert.match(
      String(attempt("viz.lines({ a: [1] }).toSVG()")),
      /^MissingPackageError: .*the global `Plotly`/,
    );
    assert.match(
      String(attempt("viz.lines({ a: [1] }).toHTML()")),
      /cannot be read in a browser; give its address/,
    );
    assert.match(String(run(`viz.lines({ a: [1] }).toHTML({ plotly: "p.js" })`)), /<script src="p\.js">/);
    assert.match(String(attempt(`viz.lines({ a: [1] }).save("a.json")`)), /cannot write the file "a\.json"/);
  });
});

describe("platform: browser", () => {
  const page = globalThis as { Plotly?: unknown; document?: unknown };
  afterEach(() => {
    delete page.Plotly;
    delete page.document;
  });

  it("takes plotly and the document of the page, if both are there", () => {
    assert.throws(() => platform.plotlyPage(), /the global `Plotly`/);
    page.Plotly = { version: "4" };
    assert.throws(() => platform.plotlyPage(), /the global `Plotly`/);
    page.document = { title: "page" };
    const { plotly, document, parse } = platform.plotlyPage();
    assert.deepEqual([plotly, document, parse("[1]")], [page.Plotly, page.document, [1]]);
  });

  it("has every function that Node has", () => {
    assert.deepEqual(Object.keys(platform).sort(), Object.keys(node).sort());
    assert.throws(() => platform.plotlySource(), /give its address/);
    assert.throws(() => platform.writeFileAtomic("a", ""), /cannot write the file "a"/);
  });
});

describe("viz: in a real browser", () => {
  let browser: Browser;
  before(async function () {
    const places = [
      process.env.CHROMIUM,
      "/usr/bin/chromium",
      "/usr/bin/chromium-browser",
      "/usr/bin/google-chrome",
    ];
    const executablePath = places.find((place) => place !== undefined && existsSync(place));
    needs(this, executablePath !== undefined, "install Chromium, or set CHROMIUM to the path of the program");
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  after(async () => browser?.close());

  async function withPage<T>(use: (page: Page, troubles: string[]) => Promise<T>): Promise<T> {
    const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
    const troubles: string[] = [];
    page.on("console", (message) => troubles.push(message.text()));
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("request", (request) => {
      if (/^(https?|ws)/.test(request.url())) troubles.push(request.url());
    });
    try {
      return await use(page, troubles);
    } finally {
      await page.close();
    }
  }

  it("static pictures keep all text inside, as the browser itself measures it", async () => {
    await withPage(async (page, troubles) => {
      for (const [name, figure] of Object.entries(samples())) {
        await page.setContent(`<body style="margin:0">${figure.toSVG()}</body>`);
        const outside = await page.evaluate(`(() => {
          const frame = document.querySelector("svg").getBoundingClientRect();
          return [...document.querySelectorAll("text")].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.left < -1 || box.top < -1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
          }).map((text) => text.textContent);
        })()`);
        assert.deepEqual(outside, [], name);
      }
      assert.deepEqual(troubles, []);
    });
  });

  it("two static pictures in one page do not disturb each other", async () => {
    await withPage(async (page) => {
      const [a, b] = [lines({ a: [1, 2] }).toSVG(), lines({ b: [3, 4] }, { yLabel: "a wide label" }).toSVG()];
      await page.setContent(`<body>${a}${b}</body>`);
      assert.equal(
        await page.evaluate(`new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size`),
        await page.evaluate(`document.querySelectorAll("[id]").length`),
      );
    });
  });

  it("pages draw themselves without the network and without running a label", async () => {
    const hostile = lines(
      { "</script><script>window.hacked = true</script>": [1, 2], b: [2, 1] },
      { title: "<img src=x onerror='window.hacked=true'>" },
    );
    for (const figure of [
      hostile,
      heatmap(
        [
          [1, 2],
          [3, 4],
        ],
        { x: ["<b>", "$x$"] },
      ),
    ]) {
      await withPage(async (page, troubles) => {
        await page.setContent(figure.toHTML());
        await page.waitForSelector(".main-svg .xtick text", { state: "attached" });
        assert.equal(await page.evaluate("window.hacked"), undefined);
        assert.deepEqual(troubles, []);
      });
    }
  });

  it("the bundle draws with the page's own plotly", async () => {
    const code = await bundle();
    await withPage(async (page, troubles) => {
      await page.setContent("<body></body>");
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve("plotly.js") });
      await page.addScriptTag({ content: code });
      const svg = String(
        await page.evaluate(`viz.heatmap([[1, 2], [3, 4]], { title: "t", x: ["<s>", "b"] }).toSVG()`),
      );
      assert.match(svg, /^<svg role="img" aria-label="t: heat map of values, 2 rows by 2 columns/);
      assert.match(svg, />(?:&lt;|&#60;)s(?:&gt;|&#62;)<\/text>/);
      await page.waitForFunction(`document.querySelectorAll(".js-plotly-plot").length === 0`);
      assert.deepEqual(troubles, []);
    });
  });
});
