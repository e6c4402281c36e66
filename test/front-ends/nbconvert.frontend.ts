import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Debian's nbconvert, a front end that we did not write, executes notebooks on the installed kernel.
 * Debian's Python, whatever stands first in PATH: its Jupyter packages belong to that one.
 */
describe("nbconvert on the installed kernel", function () {
  this.timeout(300_000);
  let folder: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled front end ")); // with spaces, on purpose
    const prefix = path.join(folder, "prefix");
    await run(process.execPath, [
      path.join(root, "dist/cli/main.js"),
      "kernel",
      "install",
      "--prefix",
      prefix,
    ]);
    env = { ...process.env, JUPYTER_PATH: path.join(prefix, "share/jupyter"), UNROLLED_FAST: "1" };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const convert = (file: string, ...options: string[]) =>
    run(
      "/usr/bin/python3",
      ["-m", "nbconvert", "--execute", "--ExecutePreprocessor.kernel_name=unrolled", ...options, file],
      {
        cwd: folder,
        env,
        maxBuffer: 1e8,
      },
    );

  function notebook(name: string, cells: { source: string; tags?: string[] }[]): string {
    const file = path.join(folder, name);
    const content = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {
        kernelspec: { name: "unrolled", display_name: "TypeScript (Unrolled)", language: "typescript" },
      },
      cells: cells.map(({ source, tags = [] }, i) => ({
        cell_type: "code",
        id: `cell-${i}`,
        metadata: { tags },
        execution_count: null,
        outputs: [],
        source,
      })),
    };
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  it("executes a lecture, fast, with its plot as a picture", async () => {
    const lecture = path.join(root, "notebooks/07-training-an-rnn.ipynb");
    await convert(lecture, "--to", "notebook", "--output-dir", folder, "--output", "07");
    const { cells } = JSON.parse(readFileSync(path.join(folder, "07.ipynb"), "utf8"));
    const outputs = cells.flatMap((cell: { outputs?: unknown[] }) => cell.outputs ?? []);
    const svgs = outputs.filter((o: { data?: Record<string, unknown> }) => o.data?.["image/svg+xml"]);
    assert.ok(svgs.length >= 2, `${svgs.length} pictures`);
    assert.ok(JSON.stringify(outputs).includes("perplexity per character: untrained"));
  });

  // Before its version 7.7 nbconvert takes everything out of an SVG picture; the README says how to stop it.
  it("makes a page of a lecture whose plots are there without a script", async () => {
    const lecture = path.join(root, "notebooks/12-every-kind-of-rnn.ipynb");
    const keepPictures = "--TemplateExporter.filters={'clean_html': 'nbconvert.filters.strip_files_prefix'}";
    await run(
      "/usr/bin/python3",
      ["-m", "nbconvert", "--to", "html", keepPictures, "--output-dir", folder, lecture],
      { cwd: folder, env, maxBuffer: 1e8 },
    );
    const page = readFileSync(path.join(folder, "12-every-kind-of-rnn.html"), "utf8");
    const { cells } = JSON.parse(readFileSync(lecture, "utf8"));
    const pictures = cells
      .flatMap((cell: { outputs?: { data?: Record<string, string | string[]> }[] }) => cell.outputs ?? [])
      .map((output: { data?: Record<string, string | string[]> }) => output.data?.["image/svg+xml"])
      .filter((svg: unknown) => svg !== undefined)
      .map((svg: string | string[]) => [svg].flat().join(""));
    assert.ok(pictures.length >= 10, `${pictures.length} pictures`);
    for (const [i, svg] of pictures.entries()) assert.ok(page.includes(svg.trim()), `picture ${i + 1}`);
  });

  it("gives the traceback of a failing cell", async () => {
    const file = notebook("fails.ipynb", [
      { source: "const a = 1;" },
      { source: 'throw new RangeError("too far");' },
    ]);
    await assert.rejects(convert(file, "--to", "notebook"), (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr, /RangeError: too far/);
      assert.match(error.stderr, /throw new RangeError/);
      return true;
    });
  });

  it("runs the cell after one that is expected to fail", async () => {
    const file = notebook("goes-on.ipynb", [
      { source: 'throw new Error("expected");', tags: ["raises-exception"] },
      { source: "6 * 7" },
    ]);
    await convert(file, "--to", "notebook", "--output", "went-on");
    const { cells } = JSON.parse(readFileSync(path.join(folder, "went-on.ipynb"), "utf8"));
    assert.equal(cells[0].outputs.at(-1).ename, "Error");
    assert.deepEqual([cells[1].outputs[0].data["text/plain"]].flat().join(""), "42");
  });
});
