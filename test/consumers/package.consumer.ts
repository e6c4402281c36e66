/** What stands in the package, and what it brings along. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { packed, project, root, run } from "./projects.ts";

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

describe("the package itself", function () {
  this.timeout(300_000);

  it("brings seedrandom and nothing else", () => {
    const installed = readdirSync(path.join(project("module"), "node_modules"));
    assert.deepEqual(installed.filter((name) => !name.startsWith(".")).sort(), ["seedrandom", "unrolled"]);
  });

  it("passes publint, as packed", () => {
    run(root, process.execPath, [path.join(root, "node_modules/publint/src/cli.js"), packed(), "--strict"]);
  });

  it("holds every source that a source map or a declaration map points at", () => {
    const folder = path.join(project("module"), "node_modules/unrolled");
    const maps = files(folder).filter((file) => file.endsWith(".map"));
    assert.ok(maps.length > 500, `${maps.length} maps`);
    for (const map of maps) {
      const { sources, sourceRoot = "" } = JSON.parse(readFileSync(map, "utf8")) as {
        sources: string[];
        sourceRoot?: string;
      };
      for (const source of sources) {
        if (/node_modules/.test(source)) continue;
        const file = path.resolve(path.dirname(map), sourceRoot, source);
        assert.ok(existsSync(file), `${path.relative(folder, map)} points at ${source}`);
      }
    }
  });

  it("holds no test, no notebook, no build of JupyterLab, and is under 10 MB", () => {
    const folder = path.join(project("module"), "node_modules/unrolled");
    const names = new Set(readdirSync(folder));
    assert.deepEqual(
      [...names].sort(),
      ["CHANGELOG.md", "LICENSE", "README.md", "datasets", "dist", "package.json", "src"].filter((name) =>
        names.has(name),
      ),
    );
    assert.ok(!existsSync(path.join(folder, "src/jupyter/lab-ui")));
    const size = files(folder).reduce((sum, file) => sum + statSync(file).size, 0);
    assert.ok(size < 10e6, `${size} bytes`);
    assert.ok(statSync(packed()).size < 3e6, `${statSync(packed()).size} bytes packed`);
  });
});
