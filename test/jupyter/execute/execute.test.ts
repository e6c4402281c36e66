import assert from "node:assert/strict";
import {
  CellError,
  type ExecuteOptions,
  executeNotebook,
  NotebookError,
} from "../../../src/jupyter/execute/index.ts";
import { cell, fakeKernel, type Step } from "../client/fake-kernel.ts";
import { notebook, type TestCell, temporaryFolder } from "./notebooks.ts";

describe("jupyter executor: cells", () => {
  const folder = temporaryFolder();

  const run = (cells: TestCell[], options: Partial<ExecuteOptions> = {}) =>
    executeNotebook(notebook(cells), {
      name: "n.ipynb",
      folder: folder.path,
      kernel: fakeKernel(),
      ...options,
    });
  const out = (text: string): Step => ["stream", "stdout", text];
  /** The outputs of a single cell. */
  const outputsOf = async (...steps: Step[]) => (await run([cell(...steps)])).cells[0].outputs!;
  const shown = (text: string, id?: string): Step => [
    "publish",
    "display_data",
    { data: { "text/plain": text }, metadata: {}, ...(id && { transient: { display_id: id } }) },
  ];
  const asText = (outputs: { text?: unknown; data?: Record<string, unknown> }[]) =>
    outputs.map((output) => output.text ?? output.data?.["text/plain"]);

  describe("outputs", () => {
    it("join a stream's pieces, and keep two streams apart in their order", async () => {
      assert.deepEqual(
        await outputsOf(out("a"), out(""), out("b\n"), ["stream", "stderr", "e"], out("c"), out("d")),
        [
          { output_type: "stream", name: "stdout", text: "ab\n" },
          { output_type: "stream", name: "stderr", text: "e" },
          { output_type: "stream", name: "stdout", text: "cd" },
        ],
      );
    });

    it("hold displays, results with their count, and errors; nothing transient", async () => {
      const result = { data: { "text/plain": "7" }, metadata: { a: 1 }, execution_count: 1, transient: {} };
      assert.deepEqual(await outputsOf(shown("x", "id"), ["publish", "execute_result", result]), [
        { output_type: "display_data", data: { "text/plain": "x" }, metadata: {} },
        {
          output_type: "execute_result",
          data: { "text/plain": "7" },
          metadata: { a: 1 },
          execution_count: 1,
        },
      ]);
      const done = await run([cell(["error", "TypeError", "no", ["one", "two"]])], { allowErrors: true });
      assert.deepEqual(done.cells[0].outputs, [
        { output_type: "error", ename: "TypeError", evalue: "no", traceback: ["one", "two"] },
      ]);
    });

    it("are cleared at once, or when the next one comes", async () => {
      const clear = (wait: boolean): Step => ["publish", "clear_output", { wait }];
      assert.deepEqual(asText(await outputsOf(out("a"), clear(false), out("b"))), ["b"]);
      assert.deepEqual(asText(await outputsOf(out("a"), clear(false))), []);
      assert.deepEqual(asText(await outputsOf(out("a"), clear(true))), ["a"]);
      assert.deepEqual(asText(await outputsOf(out("a"), clear(true), out("b"), out("c"))), ["bc"]);
      assert.deepEqual(
        asText(await outputsOf(shown("a"), clear(true), shown("b"), clear(true), shown("c"))),
        ["c"],
      );
    });

    it("are updated by display id, all that have it, also from a later cell", async () => {
      const update = (text: string, id: string): Step => [
        "publish",
        "update_display_data",
        { data: { "text/plain": text }, metadata: { new: true }, transient: { display_id: id } },
      ];
      const done = await run([
        cell(shown("1", "bar"), shown("other", "x"), shown("2", "bar")),
        cell(update("done", "bar"), update("nobody", "unknown"), out("later")),
      ]);
      assert.deepEqual(asText(done.cells[0].outputs!), ["done", "other", "done"]);
      assert.deepEqual(done.cells[0].outputs![0]["metadata"], { new: true });
      assert.deepEqual(asText(done.cells[1].outputs!), ["later"]);
    });

    it("go to the cell that caused them, also while a later one runs", async () => {
      const done = await run([cell(["later", 20, "late"], out("1 ")), cell(["wait", 200], out("2"))]);
      assert.deepEqual(asText(done.cells[0].outputs!), ["1 late"]);
      assert.deepEqual(asText(done.cells[1].outputs!), ["2"]);
    });

    it("take the place of old ones; counts run from 1; empty and text cells are passed over", async () => {
      const old = [{ output_type: "stream", name: "stdout", text: "old" }];
      const done = await run([
        { source: cell(out("new")), outputs: old },
        { source: "# Text", type: "markdown" },
        { source: " \n", outputs: old },
        cell(out("b")),
      ]);
      assert.deepEqual(
        done.cells.map((one) => [one["execution_count"], one.outputs && asText(one.outputs)]),
        [
          [1, ["new"]],
          [undefined, undefined],
          [null, []],
          [2, ["b"]],
        ],
      );
    });

    it("show no path of this machine", async () => {
      const [output] = await outputsOf(["cwd", "/data.txt"]);
      assert.equal(output.text, "./data.txt\n");
    });

    it("that would never end stop the cell", async () => {
      const megabytes = Array.from({ length: 5 }, () => ["spam", 10_000_001] as Step);
      await assert.rejects(
        run([cell(...megabytes, ["hang"])]),
        (error) =>
          error instanceof CellError &&
          error.failure === "overflow" &&
          /more than 50 MB of output/.test(error.message),
      );
    });
  });

  describe("metadata", () => {
    it("get the kernel's language and, if there is none, its kernelspec; times and trust are dropped", async () => {
      const before = notebook([
        { source: cell(), metadata: { trusted: true, execution: { a: "b" }, collapsed: false } },
      ]);
      before.metadata = { orig_nbformat: 4, title: "T" };
      const done = await executeNotebook(before, { name: "n", folder: folder.path, kernel: fakeKernel() });
      assert.deepEqual(done.metadata, {
        title: "T",
        kernelspec: { name: "fake", display_name: "Fake", language: "steps" },
        language_info: { name: "steps", version: "1" },
      });
      assert.deepEqual(done.cells[0].metadata, { collapsed: false });
    });

    it("of the given notebook stay as they were: the result is a copy", async () => {
      const before = notebook([cell(out("x"))]);
      const copy = structuredClone(before);
      await executeNotebook(before, { name: "n", folder: folder.path, kernel: fakeKernel() });
      assert.deepEqual(before, copy);
    });
  });

  describe("tags", () => {
    it("raises-exception: the error is an output, and the next cell runs", async () => {
      const done = await run([
        { source: cell(["error", "E", "expected"]), tags: ["raises-exception"] },
        cell(out("next")),
      ]);
      assert.equal(done.cells[0].outputs![0]["evalue"], "expected");
      assert.deepEqual(asText(done.cells[1].outputs!), ["next"]);
    });

    it("raises-exception: a cell that succeeds fails", async () => {
      await assert.rejects(
        run([{ source: cell(out("fine")), tags: ["raises-exception"] }]),
        (error) =>
          error instanceof CellError &&
          error.failure === "no-error" &&
          /^n\.ipynb: cell 1 \(code cell 1, id "c1"\) was to fail \(tag "raises-exception"\), but it succeeded\n {3}1 \| /.test(
            error.message,
          ),
      );
    });

    it("skip-execution: the cell keeps what it has", async () => {
      const outputs = [{ output_type: "stream", name: "stdout", text: "kept" }];
      const done = await run([
        { source: cell(["exit", 1]), tags: ["skip-execution"], outputs },
        cell(out("x")),
      ]);
      assert.deepEqual(done.cells[0].outputs, outputs);
      assert.equal(done.cells[1]["execution_count"], 1);
    });

    describe("measured", () => {
      const result = (text: string) => ({ data: { "text/plain": text }, metadata: {}, execution_count: 2 });
      const measured = (text: string): TestCell => ({
        source: cell(["publish", "execute_result", result(text)]),
        tags: ["measured"],
      });
      const again = async (
        before: Awaited<ReturnType<typeof run>>,
        change: (nb: typeof before) => void,
        options = {},
      ) => {
        const copy = structuredClone(before);
        change(copy);
        return executeNotebook(copy, { name: "n", folder: folder.path, kernel: fakeKernel(), ...options });
      };
      const setOutput = (text: string) => (nb: Awaited<ReturnType<typeof run>>) => {
        nb.cells[1].outputs![0].data = { "text/plain": text };
      };

      it("takes the first outputs and keeps them in later runs", async () => {
        const first = await run([cell(), measured("1.5 s")]);
        assert.deepEqual(asText(first.cells[1].outputs!), ["1.5 s"]);
        const second = await again(first, setOutput("1.4 s"));
        assert.deepEqual(asText(second.cells[1].outputs!), ["1.4 s"]);
        assert.deepEqual(await again(second, () => undefined), second);
      });

      it("still counts, so that kept results have the right number", async () => {
        const first = await run([cell(), measured("1.5 s")]);
        const second = await again(first, (nb) => nb.cells.splice(0, 1));
        assert.deepEqual(
          [second.cells[0]["execution_count"], second.cells[0].outputs![0]["execution_count"]],
          [1, 1],
        );
      });

      it("takes new ones with remeasure, and when the cell was edited", async () => {
        const first = await run([cell(), measured("1.5 s")]);
        const forced = await again(first, setOutput("1.4 s"), { remeasure: true });
        assert.deepEqual(asText(forced.cells[1].outputs!), ["1.5 s"]);
        const edited = await again(first, (nb) => {
          nb.cells[1].source = cell(["publish", "execute_result", result("edited")]);
        });
        assert.deepEqual(asText(edited.cells[1].outputs!), ["edited"]);
      });

      it("must succeed all the same", async () => {
        const first = await run([cell(), measured("1.5 s")]);
        await assert.rejects(
          again(first, (nb) => {
            nb.cells[1].source = cell(["error", "AssertionError", "too slow"]);
          }),
          /cell 2 .*failed:\nAssertionError: too slow/,
        );
      });
    });
  });

  describe("failures", () => {
    it("name notebook and cell, give the traceback without colours, and leave later cells alone", async () => {
      const started: number[] = [];
      await assert.rejects(
        run(
          [
            { source: "# Title", type: "markdown" },
            cell(),
            cell(["error", "TypeError", "no", ["\u001b[31mTypeError\u001b[0m: no", "  at line 3"]]),
            cell(["exit", 1]),
          ],
          { onProgress: ({ cell: number, finished }) => finished || started.push(number) },
        ),
        (error) => {
          assert.ok(error instanceof CellError && error instanceof NotebookError);
          assert.deepEqual(error.place, { notebook: "n.ipynb", number: 3, codeNumber: 2, id: "c3" });
          assert.equal(error.failure, "error");
          assert.equal(
            error.message,
            'n.ipynb: cell 3 (code cell 2, id "c3") failed:\nTypeError: no\n  at line 3',
          );
          return true;
        },
      );
      assert.deepEqual(started, [2, 3]);
    });

    it("take a kernel's printed message where it gives no traceback", async () => {
      await assert.rejects(
        run([cell(["stream", "stderr", "printed only\n"], ["error", "E", "v", []])]),
        /failed:\nprinted only$/,
      );
      await assert.rejects(run([cell(["error", "E", "v", []])]), /failed:\nE: v$/);
    });

    it("by time-out interrupt the cell and say where it was", async () => {
      await assert.rejects(
        run([{ source: cell(["hang"]), metadata: { timeout: 0.2 } }]),
        (error) =>
          error instanceof CellError &&
          error.failure === "timeout" &&
          error.message ===
            'n.ipynb: cell 1 (code cell 1, id "c1") took longer than its limit of 0.2 s and was interrupted\n   1 | [["hang"]]\nstopped here',
      );
      await assert.rejects(run([cell(["hang"])], { timeoutMs: 100 }), /limit of 0\.1 s/);
      await assert.rejects(run([cell(["hang"])], { timeoutMs: 100, allowErrors: true }), /limit of 0\.1 s/);
    });

    it("refuse time limits that are none", async () => {
      for (const timeout of [0, -1, "5", 1e9, Number.NaN]) {
        await assert.rejects(
          run([{ source: cell(), metadata: { timeout } }]),
          /cell 1 .*its metadata "timeout" must be seconds > 0, got/,
        );
      }
      await assert.rejects(run([], { timeoutMs: 0 }), /time limit per cell/);
    });

    it("by a dead kernel are at once and told from what it wrote", async () => {
      await assert.rejects(
        run([cell(), cell(["log", "assertion failed in native code\n"], ["kill", "SIGKILL"])], {
          allowErrors: true,
        }),
        (error) =>
          error instanceof CellError &&
          error.failure === "died" &&
          /^n\.ipynb: cell 2 .* did not end: the kernel "fake" was killed by SIGKILL\n.*\nassertion failed/.test(
            error.message,
          ),
      );
    });

    it("by a kernel that dies between two cells name the next one", async () => {
      await assert.rejects(
        run([cell(["laterExit", 1, 4]), { source: cell(), tags: ["skip-execution"] }, cell(["wait", 3000])]),
        /cell 3 .*the kernel "fake" died: exit code 4/,
      );
    });

    it("by refusals of the kernel are not endless", async () => {
      await assert.rejects(run([cell(["abort"])]), /cell 1 .* was refused by the kernel/);
    });

    it("to start a kernel name the notebook", async () => {
      await assert.rejects(
        run([], { kernel: "no-such-kernel" }),
        (error) =>
          error instanceof NotebookError &&
          /^n\.ipynb: there is no kernel "no-such-kernel"/.test(error.message),
      );
      await assert.rejects(
        run([], { kernel: fakeKernel({ start: "exit" }) }),
        /^NotebookError: n\.ipynb: the kernel "fake" died/,
      );
      const { spec, ...rest } = fakeKernel();
      await assert.rejects(
        run([], { kernel: { ...rest, spec: { ...spec, argv: ["/no/such/program", "{connection_file}"] } } }),
        /n\.ipynb: the kernel "fake" could not be started/,
      );
    });

    it("by a signal end the running cell", async () => {
      const controller = new AbortController();
      const running = run([cell(), cell(["hang"])], {
        signal: controller.signal,
        onProgress: ({ cell: number, finished }) => {
          if (number === 2 && !finished) controller.abort();
        },
      });
      await assert.rejects(running, /cell 2 .* was running when the run was stopped/);
      await assert.rejects(
        run([cell()], { signal: AbortSignal.abort() }),
        /n\.ipynb: stopped before its first cell/,
      );
    });
  });
});
