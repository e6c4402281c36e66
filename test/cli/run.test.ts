import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ProgressLine } from "../../src/cli/run-progress.ts";
import { cell, fakeKernel } from "../jupyter/client/fake-kernel.ts";
import { notebook, ourKernel, type TestCell, temporaryFolder } from "../jupyter/execute/notebooks.ts";
import { type Finished, root, start, unrolled } from "./unrolled.ts";

describe("unrolled run", () => {
  const folder = temporaryFolder();
  // Notebooks name the kernel `ours`: that of the source as it is, not of the last build.
  const env = { JUPYTER_PATH: path.join(folder.path, "jupyter"), NODE_OPTIONS: "", UNROLLED_FAST: undefined };
  before(async function () {
    this.timeout(120_000);
    for (const [name, { spec }] of [["ours", await ourKernel()] as const, ["fake", fakeKernel()] as const]) {
      const at = path.join(env.JUPYTER_PATH, "kernels", name);
      mkdirSync(at, { recursive: true });
      writeFileSync(path.join(at, "kernel.json"), JSON.stringify(spec));
    }
  });
  const write = (name: string, cells: TestCell[], kernel = "ours") =>
    folder.file(name, notebook(cells, kernel));
  const read = (file: string) => readFileSync(file, "utf8");
  const run = (args: string[], more: Record<string, string> = {}) =>
    unrolled(["run", ...args], { cwd: folder.path, env: { ...env, ...more } });

  describe("six faults end within 60 s with a code other than 0, naming notebook and cell:", () => {
    async function faulty(
      name: string,
      cells: TestCell[],
      more: Record<string, string> = {},
    ): Promise<Finished> {
      const file = write(name, cells);
      const bytes = read(file);
      const done = await run([name], more);
      assert.equal(done.code, 1, done.stdout + done.stderr);
      assert.ok(done.took < 60_000, `${done.took} ms`);
      assert.match(done.stdout, new RegExp(`^FAIL ${name}`, "m"));
      assert.equal(read(file), bytes, "the file is as it was");
      return done;
    }
    const ok = "const x: number = 1";
    const place = (name: string, number: number) =>
      `${name}: cell ${number} (code cell ${number}, id "c${number}")`;

    it("an exception", async () => {
      const { stderr } = await faulty("throw.ipynb", [
        ok,
        'const s = "ü";\nthrow new Error("boom " + s);',
        ok,
      ]);
      assert.ok(stderr.startsWith(`${place("throw.ipynb", 2)} failed:\nError: boom ü\n`), stderr);
      assert.match(stderr, /^--> 2 \| throw new Error\("boom " \+ s\);$/m);
    });

    it("an endless synchronous loop", async () => {
      const { stderr } = await faulty("loop.ipynb", [
        ok,
        { source: "while (true) {}", metadata: { timeout: 1 } },
      ]);
      const what = "took longer than its limit of 1 s and was interrupted\n   1 | while (true) {}\n";
      assert.ok(stderr.startsWith(`${place("loop.ipynb", 2)} ${what}`), stderr);
    });

    it("an endless await", async () => {
      const source = "await new Promise(() => {})";
      const { stderr } = await faulty("await.ipynb", [{ source, metadata: { timeout: 1 } }]);
      const what = `took longer than its limit of 1 s and was interrupted\n   1 | ${source}\n`;
      assert.ok(stderr.startsWith(`${place("await.ipynb", 1)} ${what}`), stderr);
    });

    it("process.exit", async () => {
      const { stderr } = await faulty("exit.ipynb", [ok, "process.exit(0)"]);
      assert.ok(
        stderr.startsWith(`${place("exit.ipynb", 2)} did not end: the kernel "ours" died: exit code 0\n`),
        stderr,
      );
    });

    it("kill -9 of the kernel", async () => {
      const pid = path.join(folder.path, "pid");
      const source = `require("fs").writeFileSync(${JSON.stringify(pid)}, String(process.pid)); await new Promise(() => {})`;
      const failing = faulty("kill.ipynb", [source]);
      while (!existsSync(pid) || read(pid) === "") await delay(20);
      process.kill(Number(read(pid)), "SIGKILL");
      const { stderr } = await failing;
      assert.ok(
        stderr.startsWith(`${place("kill.ipynb", 1)} did not end: the kernel "ours" was killed by SIGKILL\n`),
        stderr,
      );
    });

    it("an exhausted heap", async () => {
      const source = "const kept: number[][] = [];\nfor (;;) kept.push(new Array(10_000).fill(0.5));";
      const { stderr } = await faulty("heap.ipynb", [source], { NODE_OPTIONS: "--max-old-space-size=150" });
      assert.ok(
        stderr.startsWith(
          `${place("heap.ipynb", 1)} did not end: the kernel "ours" ran out of memory (JavaScript heap`,
        ),
        stderr,
      );
    });
  });

  it("a type error is a failure with its line", async () => {
    write("type.ipynb", ['const s: string = "a";\nconst n: number = s;']);
    const { code, stderr } = await run(["type.ipynb"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^type\.ipynb: cell 1 .*failed:\n.*Type 'string' is not assignable to type 'number'/,
    );
    assert.match(stderr, /^--> 2 \| const n: number = s;$/m);
  });

  it("writes outputs back, goes on after an expected error, and a second run changes no byte", async () => {
    const file = write("lecture.ipynb", [
      { source: "# Lecture", type: "markdown" },
      'console.log(process.cwd());\nconsole.error("warning");\n1 + 1',
      { source: 'throw new RangeError("on purpose")', tags: ["raises-exception"] },
      "[1, 2].map((x) => x * 2)",
      { source: "performance.now()", tags: ["measured"] },
    ]);
    const first = await run(["lecture.ipynb"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^ {5}lecture\.ipynb: cell 2 of 5, \d+\.\d s$/m);
    assert.match(first.stdout, /^ok {3}lecture\.ipynb, 4 code cells, written, \d+\.\d s$/m);
    const cells = JSON.parse(read(file)).cells;
    assert.deepEqual(cells[1].outputs, [
      { name: "stdout", output_type: "stream", text: [".\n"] },
      { name: "stderr", output_type: "stream", text: ["warning\n"] },
      { data: { "text/plain": ["2"] }, execution_count: 1, metadata: {}, output_type: "execute_result" },
    ]);
    assert.equal(cells[2].outputs[0].ename, "RangeError");
    assert.deepEqual(cells[3].outputs[0].data["text/plain"], ["[ 2, 4 ]"]);
    const bytes = read(file);
    assert.ok(bytes.endsWith("}\n"));
    assert.equal(bytes.includes(root), false, "no path of this machine");

    const second = await run(["lecture.ipynb"], { FORCE_COLOR: "1" });
    assert.match(second.stdout, /^ok {3}lecture\.ipynb, 4 code cells, unchanged/m);
    assert.equal(read(file), bytes);
    assert.equal((await run(["--check", "lecture.ipynb"])).code, 0);
  });

  it("--check fails and names the cells when outputs would change", async () => {
    const file = write(
      "stale.ipynb",
      [cell(["stream", "stdout", "a"]), cell(["stream", "stdout", "b"])],
      "fake",
    );
    const bytes = read(file);
    const { code, stdout } = await run(["--check", "stale.ipynb"]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAIL stale\.ipynb, 2 code cells, the outputs would change \(cells 1, 2\); run it without --check/m,
    );
    assert.equal(read(file), bytes);
  });

  it("--fast tells the kernel and writes nothing; without it the kernel is told nothing", async () => {
    const file = write("fast.ipynb", [cell(["env", "UNROLLED_FAST"])], "fake");
    const bytes = read(file);
    assert.match((await run(["--fast", "fast.ipynb"])).stdout, /^ok {3}fast\.ipynb, 1 code cell, \d/m);
    assert.equal(read(file), bytes);
    write("must-be-fast.ipynb", [cell(["failUnlessEnv", "UNROLLED_FAST", "1"])], "fake");
    assert.equal((await run(["--fast", "must-be-fast.ipynb"])).code, 0);
    assert.equal((await run(["must-be-fast.ipynb"])).code, 1);
    // A variable left over in the shell must not let fast outputs into the files.
    assert.equal((await run(["must-be-fast.ipynb"], { UNROLLED_FAST: "1" })).code, 1);
  });

  it("runs several, goes on after a failure, sums up, and writes into the folder of -o", async () => {
    write("good.ipynb", [cell(["stream", "stdout", "fine"])], "fake");
    write("bad.ipynb", [cell(["error", "E", "no"])], "fake");
    const done = await run(["bad.ipynb", "good.ipynb", "missing.ipynb", "-o", "out"]);
    assert.equal(done.code, 1);
    assert.match(
      done.stdout,
      /^FAIL bad\.ipynb.*\n.*\nok {3}good\.ipynb.*\nFAIL missing\.ipynb.*\n3 notebooks, 2 failed$/m,
    );
    assert.match(
      done.stderr,
      /^bad\.ipynb: cell 1 .*failed:\nE: no\nmissing\.ipynb does not exist; give .*\n$/,
    );
    assert.match(read(path.join(folder.path, "out", "good.ipynb")), /"fine"/);
    assert.equal(existsSync(path.join(folder.path, "out", "bad.ipynb")), false);
  });

  it("--allow-errors keeps going and succeeds", async () => {
    const file = write(
      "errors.ipynb",
      [cell(["error", "E", "no"]), cell(["stream", "stdout", "on"])],
      "fake",
    );
    assert.equal((await run(["--allow-errors", "errors.ipynb"])).code, 0);
    const cells = JSON.parse(read(file)).cells;
    assert.deepEqual([cells[0].outputs[0].evalue, cells[1].outputs[0].text], ["no", ["on"]]);
  });

  it("says what is wrong with a file, a kernel or an output", async () => {
    folder.file("text.ipynb", "no JSON");
    write("unknown.ipynb", [cell()], "klingon");
    write("blocked.ipynb", [cell()], "fake");
    folder.file("blocker", "");
    const cases: [string[], RegExp][] = [
      [["text.ipynb"], /^text\.ipynb is not a notebook: it is not JSON/],
      [
        ["unknown.ipynb"],
        /^unknown\.ipynb: there is no kernel "klingon"\. Known kernels: unrolled, fake, ours/,
      ],
      [["blocked.ipynb", "-k", "latin"], /^blocked\.ipynb: there is no kernel "latin"/],
      [
        ["blocked.ipynb", "-o", "blocker/x.ipynb"],
        /^blocked\.ipynb was not run, because .* cannot be written: /,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await run(args);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });

  it("misuse ends with code 2 and says why", async () => {
    const cases: [string[], RegExp][] = [
      [[], /which notebook\? See --help/],
      [["--all", "a.ipynb"], /give notebooks or --all, not both/],
      [["a.ipynb", "--timeout", "soon"], /--timeout must be seconds, > 0 .*got "soon"/],
      [["a.ipynb", "--timeout", "0"], /--timeout must be/],
      [["a.ipynb", "--fast", "-o", "b"], /--output and --fast exclude each other/],
      [["a.ipynb", "--fast", "--check"], /--fast and --check exclude each other/],
      [["a.ipynb", "--unknown"], /Unknown option '--unknown'/],
      [["x/a.ipynb", "y/a.ipynb", "-o", "out"], /two notebooks would be written to .*a\.ipynb/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  it("Ctrl-C ends the cell and the kernel, writes nothing, and gives code 130", async function () {
    if (process.platform === "win32") this.skip();
    const mark = path.join(folder.path, "hanging");
    const file = write("hang.ipynb", [cell(["mark", mark], ["hang"])], "fake");
    const bytes = read(file);
    const running = start(["run", "hang.ipynb", "good.ipynb"], { cwd: folder.path, env });
    while (!existsSync(mark)) await delay(20);
    running.kill("SIGINT");
    const { code, stderr } = await running.finished;
    assert.equal(code, 130);
    assert.match(stderr, /^hang\.ipynb: cell 1 .* was running when the run was stopped/);
    assert.equal(read(file), bytes);
    assert.throws(() => process.kill(Number(read(mark)), 0), /ESRCH/);
  });

  describe("progress", () => {
    const show = (terminal: { isTTY?: boolean; columns?: number }) => {
      let text = "";
      const line = new ProgressLine("a.ipynb", {
        ...terminal,
        write: (more) => {
          text += more;
        },
      });
      line.progress({ cell: 1, total: 2, finished: false, ms: 0 });
      line.progress({ cell: 1, total: 2, finished: true, ms: 1240 });
      line.end("ok", "1 code cells");
      return text.replace(/\d+\.\d s(?=\n|$|\r)/g, "T");
    };

    it("is one line that is written over on a terminal", () => {
      const clear = "\r\u001b[2K";
      assert.equal(
        show({ isTTY: true, columns: 80 }),
        `${clear}     a.ipynb  cell 1 of 2, T${clear}ok   a.ipynb, 1 code cells, T\n`,
      );
      assert.equal(show({ isTTY: true, columns: 25 }).split("\r")[1], "\u001b[2K     a.ipynb  cell 1 of ");
    });

    it("is one line for each cell elsewhere", () => {
      assert.equal(show({}), "     a.ipynb: cell 1 of 2, T\nok   a.ipynb, 1 code cells, T\n");
    });
  });
});
