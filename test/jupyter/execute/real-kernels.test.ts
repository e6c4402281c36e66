/** The executor with kernels that others wrote, each with its own habits. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { executeNotebook } from "../../../src/jupyter/execute/index.ts";
import { findKernelSpecs, type InstalledKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";
import { needs } from "../../hooks.ts";
import { notebook, type TestCell, temporaryFolder } from "./notebooks.ts";

describe("jupyter executor: real kernels", () => {
  const folder = temporaryFolder();
  const run = async (kernel: InstalledKernelSpec, cells: TestCell[]) => {
    const done = await executeNotebook(notebook(cells), { name: "n.ipynb", folder: folder.path, kernel });
    return done.cells.map((cell) =>
      (cell.outputs ?? []).map((one) => one.text ?? one["ename"] ?? one.data?.["text/plain"]),
    );
  };

  describe("stock tslab, which is interrupted by a signal, sends no errors, and refuses requests after one", () => {
    const bin = path.join(
      path.dirname(createRequire(import.meta.url).resolve("tslab/package.json")),
      "bin",
      "tslab",
    );
    const kernel: InstalledKernelSpec = {
      name: "tslab",
      resourceDir: "",
      spec: {
        argv: [process.execPath, bin, "kernel", "--config-path", "{connection_file}"],
        display_name: "TypeScript",
        language: "typescript",
      },
    };

    it("runs on after an expected error", async () => {
      const outputs = await run(kernel, [
        "const x: number = 20;\nconsole.log(x + 1)",
        { source: 'throw new Error("expected")', tags: ["raises-exception"] },
        "x * 2",
      ]);
      assert.deepEqual(outputs[0], ["21\n"]);
      assert.match(String(outputs[1][0]), /expected/);
      assert.deepEqual(outputs[2], ["40\n"]);
    });

    it("fails with what it printed", async () => {
      await assert.rejects(run(kernel, ["const s: number = 'text'"]), /cell 1 .*failed:\n.*not assignable/);
    });
  });

  it("Python's ipykernel: displays, updates, clearing, results, errors", async function () {
    const python = (await findKernelSpecs()).find((one) => one.name === "python3");
    needs(this, python !== undefined && "spec" in python, "install ipykernel (Debian: python3-ipykernel)");
    const outputs = await run(python as InstalledKernelSpec, [
      'from IPython.display import display, clear_output\nshown = display("a", display_id="d")',
      'shown.update("b")\nfor i in range(3):\n    clear_output(wait=True)\n    print(i)',
      { source: "1 / 0", tags: ["raises-exception"] },
      'print("50%\\r100%")\n6 * 7',
    ]);
    assert.deepEqual(outputs, [["'b'"], ["2\n"], ["ZeroDivisionError"], ["100%\n", "42"]]);
  });
});
