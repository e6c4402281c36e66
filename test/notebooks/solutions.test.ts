import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { series } from "../../src/lectures/exercises/index.ts";
import type { Verdict } from "../../src/lectures/index.ts";
import { solution } from "../../src/lectures/index.ts";
import { bundleOf } from "../../src/show.ts";
import { cellsOf, filesIn } from "./read.ts";

const source = pathToFileURL(path.resolve("src/index.ts")).href;

/** The cells of a solutions notebook as one module that collects what its checks say. */
function moduleOf(file: string): string {
  const cells = cellsOf(file).filter(({ cell_type }) => cell_type === "code");
  const imports: string[] = [];
  const blocks = cells.map((cell) => {
    const body = cell.source.replace(/^import [\s\S]*?;$/gm, (line) => {
      imports.push(line);
      return "";
    });
    return `{\n${body.replace(/^check\((.*)\);?$/gm, "verdicts.push(check($1));")}\n}`;
  });
  const names = imports.flatMap((line) => (/\{([\s\S]*)\}/.exec(line)?.[1] ?? "").split(","));
  const once = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
  return `import { ${once.join(", ")} } from "${source}";\nexport const verdicts = [];\n${blocks.join("\n")}\n`;
}

describe("notebooks/solutions", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "unrolled-solutions-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const file of filesIn("solutions")) {
    it(`${file}: every solution passes, with the sources as they are now`, async () => {
      const target = path.join(folder, `${path.basename(file, ".ipynb")}.mts`);
      writeFileSync(target, moduleOf(file));
      const { verdicts } = (await import(pathToFileURL(target).href)) as { verdicts: Verdict[] };
      const number = path.basename(file).slice(0, 2);
      assert.deepEqual(
        verdicts.map(({ id }) => id),
        series.filter(({ id }) => id.startsWith(number)).map(({ id }) => id),
      );
      for (const { passed, message } of verdicts) assert.ok(passed, message);
    });
  }

  it("are found by solution(id), as code", () => {
    const before = { ...process.env };
    process.env["UNROLLED_PROGRESS"] = "off";
    try {
      const solved = filesIn("solutions").map((file) => path.basename(file).slice(0, 2));
      for (const { id } of series.filter((one) => solved.includes(one.id.slice(0, 2)))) {
        const shown = bundleOf(solution(id)) as Record<string, string>;
        assert.ok(shown["text/plain"].includes(`check("${id}"`), id);
      }
    } finally {
      process.env = before;
    }
  });
});
