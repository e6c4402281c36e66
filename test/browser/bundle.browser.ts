import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { ensureLabUi } from "../../src/jupyter/lab/ensure-ui.ts";
import { labUiPackage } from "../../src/jupyter/lab/ui-source.ts";
import { needsBrowser } from "./browser.ts";

interface LockedPackage {
  version?: string;
  resolved?: string;
  link?: boolean;
  license?: string;
}

describe("JupyterLab's bundle", function () {
  this.timeout(120_000);
  let dir: string;

  before(async function () {
    needsBrowser(this);
    ({ dir } = await ensureLabUi());
  });

  const lock = async (): Promise<Record<string, LockedPackage>> =>
    JSON.parse(await readFile(path.join(labUiPackage, "package-lock.json"), "utf8")).packages;

  it("is made from a lock file without addresses, for every system", async () => {
    const packages = await lock();
    for (const [place, { resolved, link }] of Object.entries(packages)) {
      assert.ok(resolved === undefined || (link && resolved === "stub"), `${place}: ${resolved}`);
    }
    const esbuild = packages["node_modules/esbuild"].version;
    for (const system of [
      "darwin-arm64",
      "darwin-x64",
      "linux-arm64",
      "linux-x64",
      "win32-arm64",
      "win32-x64",
    ]) {
      assert.equal(packages[`node_modules/@esbuild/${system}`]?.version, esbuild, system);
    }
  });

  it("holds one version of every JupyterLab package", async () => {
    const nested = Object.keys(await lock()).filter((place) =>
      /node_modules\/.*node_modules\/@jupyterlab\//.test(place),
    );
    assert.deepEqual(nested, []);
  });

  it("names the licence of every package in it, with its text", async () => {
    const { bundles } = JSON.parse(await readFile(path.join(dir, "licenses.json"), "utf8"));
    const packages = bundles.Unrolled.packages as {
      name: string;
      licenseId: string;
      extractedText: string;
    }[];
    const names = new Set(packages.map(({ name }) => name));
    for (const name of [
      "@jupyterlab/notebook",
      "@lumino/widgets",
      "mathjax-full",
      "plotly.js-dist-min",
      "react",
    ]) {
      assert.ok(names.has(name), name);
    }
    const text = await readFile(path.join(dir, "THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const { name, licenseId, extractedText } of packages) {
      assert.match(licenseId, /^(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|\(.* OR .*\))$/, name);
      assert.ok(extractedText.length > 200 && text.includes(extractedText), name);
    }
  });

  it("refuses licences that are not permissive", async () => {
    const { isAllowed } = await import(path.join(labUiPackage, "build", "notices.mjs"));
    const verdicts = [
      "MIT",
      "(MPL-2.0 OR Apache-2.0)",
      "MIT AND ISC",
      "GPL-3.0",
      "MIT AND GPL-3.0",
      "",
      "UNLICENSED",
    ];
    assert.deepEqual(verdicts.map(isAllowed), [true, true, true, false, false, false, false]);
  });

  it("unwraps CommonJS modules that are imported later, whatever stands in the brackets", async () => {
    const { unwrapDynamicImports } = await import(path.join(labUiPackage, "build", "jupyterlab.mjs"));
    const module = "data:text/javascript,export default { __esModule: true, named: 7 }";
    for (const brackets of [`'${module}'`, `/* webpackChunkName: "x" */ "${module}"`]) {
      const rewritten = unwrapDynamicImports(`return import(${brackets})`);
      const found = await new Function(rewritten)();
      assert.equal(found.named, 7);
    }
    const untouched = "import { a } from 'a'; const important = (x) => x; important('b')";
    assert.equal(unwrapDynamicImports(untouched), untouched);
  });

  it("is small enough to be made on the first start", async () => {
    const files = await readdir(dir, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async (file) => (await stat(path.join(file.parentPath, file.name))).size),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < 15_000_000, `${total} bytes`);
  });
});
