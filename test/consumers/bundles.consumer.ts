/** Bundlers take what is used and nothing else, and a page trains with it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import { Browser, needsBrowser } from "../browser/browser.ts";
import { project, put, root, run, tool } from "./projects.ts";

/** What Vite makes of a project in a folder of the consumer; text of all scripts. */
function viteBuild(folder: string): string {
  run(folder, process.execPath, [path.join(tool("vite"), "bin/vite.js"), "build", "--logLevel", "warn"]);
  const assets = path.join(folder, "dist/assets");
  return readdirSync(assets)
    .map((name) => readFileSync(path.join(assets, name), "utf8"))
    .join("\n");
}

function page(name: string, script: string): string {
  const folder = path.join(project("module"), name);
  put(
    folder,
    "index.html",
    '<!doctype html><title>W1</title><script type="module" src="./main.js"></script>',
  );
  put(folder, "main.js", script);
  return folder;
}

describe("the package in other people's bundles", function () {
  this.timeout(600_000);

  it("the autograd core (tensor, all ops, gradcheck, noGrad) is under 60 kB, minified and gzipped", () => {
    const names = "Tensor, gradcheck, noGrad, ops, tensor";
    const code = viteBuild(
      page("core", `import { ${names} } from "unrolled"; globalThis.core = { ${names} };`),
    );
    const size = gzipSync(code, { level: 9 }).length;
    assert.ok(size < 60_000 && size > 20_000, `${size} bytes`);
    for (const absent of ["KneserNey", "plotly", "clipGradNorm", "safetensors"]) {
      assert.ok(!code.includes(absent), `${absent} is in the core's bundle`);
    }
    const [, stated] =
      /autograd core[^|]*\| ([\d.]+) kB/.exec(readFileSync(path.join(root, "README.md"), "utf8")) ?? [];
    assert.ok(Math.abs(Number(stated) - size / 1000) < 2, `${size} bytes; the README says ${stated} kB`);
  });

  describe("in Chromium", () => {
    let browser: Browser;
    let server: Server;
    let address: string;
    let folder: string;

    before(async function () {
      needsBrowser(this);
      const { code } = transformSync(readFileSync(path.join(root, "test/bench/workloads.ts"), "utf8"), {
        loader: "ts",
      });
      const script = `
        import * as unrolled from "unrolled";
        import { WORKLOADS } from "./workloads.js";
        const w1 = WORKLOADS.W1(unrolled);
        globalThis.losses = Array.from({ length: 400 }, () => w1.step());
        globalThis.kernelsInfo = unrolled.kernels.info();`;
      folder = page("w1", script);
      put(folder, "workloads.js", code);
      viteBuild(folder);
      server = createServer((request, response) => {
        const name = request.url === "/" ? "index.html" : String(request.url).slice(1);
        const type = name.endsWith(".js") ? "text/javascript" : "text/html";
        if (name === "favicon.ico") return response.writeHead(204).end();
        response.writeHead(200, { "content-type": type }).end(readFileSync(path.join(folder, "dist", name)));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      browser = await Browser.start();
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    it("a page bundled by Vite trains W1 as Node does", async () => {
      await browser.page.goto(address);
      await browser.page.waitForFunction("globalThis.kernelsInfo !== undefined");
      const inPage = (await browser.page.evaluate("globalThis.losses")) as number[];
      const tier = await browser.page.evaluate("globalThis.kernelsInfo.tier");
      assert.equal(tier, "wasm");
      put(
        folder,
        "node.js",
        `${readFileSync(path.join(folder, "main.js"), "utf8")}\nconsole.log(JSON.stringify(globalThis.losses));`,
      );
      const inNode = JSON.parse(run(folder, process.execPath, ["node.js"])) as number[];
      const mean = (losses: number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      assert.ok(mean(inPage.slice(-50)) < mean(inPage.slice(0, 50)) - 0.5, `${mean(inPage.slice(-50))}`);
      // The order of sums differs between variants of WebAssembly, and W1's large steps make that grow: the beginning
      // agrees number by number, the end on average.
      for (let i = 0; i < 6; i++) {
        assert.ok(
          Math.abs(inPage[i] - inNode[i]) < 1e-3 * inNode[i],
          `step ${i}: ${inPage[i]}, Node ${inNode[i]}`,
        );
      }
      const [there, here] = [mean(inPage.slice(-100)), mean(inNode.slice(-100))];
      assert.ok(Math.abs(there - here) < 0.05 * here, `last 100 steps: ${there}, Node ${here}`);
      assert.deepEqual(browser.complaints, []);
      assert.deepEqual(browser.foreignRequests(address), []);
    });
  });
});
