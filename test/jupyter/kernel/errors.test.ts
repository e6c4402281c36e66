import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Answer, contents, result, stream, TestKernel } from "./harness.ts";

describe("kernel: errors", () => {
  let kernel: TestKernel;
  const folder = mkdtempSync(path.join(tmpdir(), "unrolled-notebook-"));
  before(async () => {
    kernel = await TestKernel.start({ cwd: folder });
  });
  after(async () => {
    await kernel.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The traceback of a cell that must fail, with its number as `In[n]`. */
  const traceback = (answer: Answer): string => {
    const [error] = contents(answer.published, "error");
    assert.ok(error, "an error message");
    const { ename, evalue, traceback } = answer.reply.content;
    assert.deepEqual(error, { ename, evalue, traceback }, "the reply says the same");
    const count = answer.reply.content["execution_count"];
    return (traceback as string[]).join("\n").replaceAll(`In[${count}]`, "In[n]");
  };

  it("leaves one line of the calls inside the library: the one that the cell made", async () => {
    const answer = await kernel.execute(`import { lm, optim, tensor, text } from "unrolled";
tensor([[1, 2]]).matmul(tensor([[1, 2]]));`);
    const lines = traceback(answer).split("\n");
    assert.equal(lines[0], "ShapeError: matmul: inner dimensions differ: [1,2] @ [1,2] (2 ≠ 1)");
    const frames = lines.filter((line) => /^ +at /.test(line));
    assert.equal(frames.length, 2, frames.join("\n"));
    assert.match(frames[0], /^ {4}at (Tensor\.)?matmul \(unrolled(, \d+ calls deep)?\)$/);
    assert.equal(frames[1], "    at In[n]:2:18");
  });

  it("keeps the innermost place in the library where it did not refuse on purpose", async () => {
    const answer = await kernel.execute(`import { nn, tensor } from "unrolled";
nn.Linear.prototype.forward.call(null as never, tensor([1]));`);
    const frames = traceback(answer)
      .split("\n")
      .filter((line) => /^ +at /.test(line));
    assert.match(frames[0], /forward.*:\d+:\d+\)$/);
    assert.equal(frames.at(-1), "    at In[n]:2:29");
  });

  it("shows what a cell's own callback threw inside the library, with both calls of the cell", async () => {
    const answer = await kernel.execute(`import { noGrad } from "unrolled";
noGrad(() => { throw new RangeError("mine"); });`);
    assert.deepEqual(
      traceback(answer)
        .split("\n")
        .filter((line) => /^ +at /.test(line)),
      ["    at In[n]:2:22", "    at noGrad (unrolled)", "    at In[n]:2:7"],
    );
  });

  it("points to the line in the user's TypeScript, whatever the compiler removed before it", async () => {
    const answer = await kernel.execute(`// a comment
interface Shape {
  rows: number;
}
type Name = string;

function area<T extends Shape>(
  shape: T,
): number {
  const rows = shape.rows as number; throw new RangeError("rows of " + rows);
}

area({ rows: 3 });`);
    assert.equal(answer.reply.content["status"], "error");
    assert.equal(answer.reply.content["ename"], "RangeError");
    assert.equal(answer.reply.content["evalue"], "rows of 3");
    assert.equal(
      traceback(answer),
      `RangeError: rows of 3

In[n], line 10
     8 |   shape: T,
     9 | ): number {
--> 10 |   const rows = shape.rows as number; throw new RangeError("rows of " + rows);
       |                                            ^
    11 | }
    12 |

    at area (In[n]:10:44)
    at In[n]:13:1`,
    );
  });

  it("points into the cell that defined the function, and names the one that called it", async () => {
    const defined = await kernel.execute("\nfunction inner() {\n  return JSON.parse('{');\n}");
    const answer = await kernel.execute("const outer = () => inner();\nouter();");
    const first = defined.reply.content["execution_count"];
    const text = traceback(answer);
    assert.match(text, /^SyntaxError: .*JSON/);
    assert.match(text, new RegExp(`In\\[${first}\\], line 3\n`));
    assert.match(text, /--> 3 \| {3}return JSON\.parse\('\{'\);\n {6}\| {15}\^/);
    assert.match(
      text,
      new RegExp(
        `at JSON\\.parse .*\n    at inner \\(In\\[${first}\\]:3:15\\)\n    at outer \\(In\\[n\\]:1:21\\)\n    at In\\[n\\]:2:1$`,
      ),
    );
  });

  it("is right after awaits and in nested async functions", async () => {
    const answer =
      await kernel.execute(`const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
async function deep(): Promise<never> {
  await wait(1);
  throw new Error("deep");
}
await wait(1);
await deep();`);
    const text = traceback(answer);
    assert.match(text, /In\[n\], line 4\n/);
    assert.match(text, /at deep \(In\[n\]:4:9\)\n {4}at async In\[n\]:7:1$/);
  });

  it("shows the cause, the properties and the parts of an error", async () => {
    const text = traceback(
      await kernel.execute(
        "throw Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E42' })",
      ),
    );
    assert.match(text, /^Error: outer/);
    assert.match(text, /code: 'E42'/);
    assert.match(text, /\[cause\]: TypeError: inner/);
    const parts = traceback(await kernel.execute("await Promise.any([Promise.reject(new Error('one'))])"));
    assert.match(parts, /AggregateError/);
    assert.match(parts, /Error: one/);
  });

  it("shows no frame of the kernel, of tslab or of node's inner machinery", async () => {
    for (const code of [
      "throw new Error('x')",
      "await null; throw new Error('x')",
      "require('fs').readFileSync('/nowhere')",
    ]) {
      const text = traceback(await kernel.execute(code));
      assert.doesNotMatch(
        text,
        /tslab|node:vm|node:internal|async_hooks|unrolled-cell|unrolled:guard|jupyter\/kernel/,
        code,
      );
      assert.match(text, /In\[n\]:1:/, code);
    }
  });

  it("keeps the frames of the library's own code", async () => {
    writeFileSync(
      path.join(folder, "mine.js"),
      "exports.fail = function fail() {\n  throw new Error('in a file');\n};\n",
    );
    const text = traceback(await kernel.execute("require('./mine.js').fail()"));
    assert.match(text, /at .*fail \(.*mine\.js:2:9\)\n {4}at In\[n\]:1:/);
    await kernel.execute("import { fail } from './mine.js'");
    assert.match(traceback(await kernel.execute("fail()")), /\n {4}at fail \(.*mine\.js:/);
  });

  it("reports values that are no errors", async () => {
    const cases: [code: string, ename: string, evalue: string][] = [
      ["throw 'only text'", "string", "only text"],
      ["throw { code: 1 }", "Object", "{ code: 1 }"],
      ["throw null", "object", "null"],
      ["throw undefined", "undefined", "undefined"],
      ["await Promise.reject(42)", "number", "42"],
    ];
    for (const [code, ename, evalue] of cases) {
      const { content } = (await kernel.execute(code)).reply;
      assert.deepEqual([content["ename"], content["evalue"]], [ename, evalue], code);
      assert.deepEqual(content["traceback"], [`Uncaught ${evalue === "only text" ? "'only text'" : evalue}`]);
    }
  });

  it("survives errors that are hard to look at", async () => {
    const text = traceback(
      await kernel.execute(
        "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { throw 1 } }); throw e",
      ),
    );
    assert.match(text, /Error/);
    const custom = await kernel.execute(
      "throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no look') } }",
    );
    assert.match(String(custom.reply.content["evalue"]), /inspection failed: no look/);
    const deep = await kernel.execute("function f(): number { return f() + 1 }\nf()");
    assert.equal(deep.reply.content["ename"], "RangeError");
    assert.equal(result(await kernel.execute("1 + 1")), "2");
  });

  it("shows a type error with line and caret, and does not run the cell", async () => {
    const answer = await kernel.execute("(globalThis as any).ran = true;\nconst wide: string = 12;");
    assert.equal(answer.reply.content["ename"], "TypeScriptError");
    assert.equal(answer.reply.content["evalue"], "Type 'number' is not assignable to type 'string'.");
    assert.equal(
      traceback(answer),
      `TypeScriptError: Type 'number' is not assignable to type 'string'. (TS2322)

In[n], line 2
    1 | (globalThis as any).ran = true;
--> 2 | const wide: string = 12;
      |       ^^^^`,
    );
    assert.equal(result(await kernel.execute("(globalThis as any).ran")), undefined);
  });

  it("shows all type errors of a cell, and the explanation of each", async () => {
    const text = traceback(await kernel.execute("const a: { x: number } = { x: '1' };\nlet b: number = a;"));
    assert.match(text, /--> 1 \|/);
    assert.match(text, /--> 2 \| let b: number = a;/);
    assert.match(text, /Type '\{ x: number; \}' is not assignable to type 'number'\. \(TS2322\)/);
  });

  it("shows what cannot be parsed as a SyntaxError, also when it is missing at the end", async () => {
    const answer = await kernel.execute("const x = [1, 2");
    assert.equal(answer.reply.content["ename"], "SyntaxError");
    assert.match(traceback(answer), /In\[n\], line 1\n--> 1 \| const x = \[1, 2\n {6}\| {16}\^/);
    const unexpected = await kernel.execute("let 1x = 3;");
    assert.equal(unexpected.reply.content["ename"], "SyntaxError");
  });

  it("points into a source file beside the notebook, and sees it change", async () => {
    writeFileSync(
      path.join(folder, "helper.ts"),
      "export function half(x: number): number {\n  return x / 2;\n}\n",
    );
    assert.equal(result(await kernel.execute("import { half } from './helper'; half(4)")), "2");
    writeFileSync(
      path.join(folder, "helper.ts"),
      "export function half(x: number): string {\n  return 'half of ' + x;\n}\n",
    );
    assert.equal(result(await kernel.execute("import { half } from './helper'; half(4)")), "'half of 4'");
    writeFileSync(
      path.join(folder, "helper.ts"),
      "export function half(x: number): string {\n  return x;\n}\n",
    );
    const wrong = await kernel.execute("import { half } from './helper'; half(4)");
    assert.match(traceback(wrong), /TS2322[\s\S]*at helper\.ts:2:3/);
  });

  it("makes stacks that a cell prints itself point into the cell as well", async () => {
    const answer = await kernel.execute("\nconsole.log(new Error('printed').stack)");
    assert.equal(
      stream(answer.published),
      `Error: printed\n    at In[${answer.reply.content["execution_count"]}]:2:13\n`,
    );
  });

  it("keeps what a cell declared before it failed", async () => {
    await kernel.execute(
      "const early: number = 1; class Early {}\nfunction helper() { return early + 1 }\nthrow new Error('late')\nconst never = 2",
    );
    assert.equal(result(await kernel.execute("[early, helper(), new Early()]")), "[ 1, 2, Early {} ]");
    const never = await kernel.execute("never");
    assert.equal(never.reply.content["ename"], "TypeScriptError", "what was not reached is not declared");
    await kernel.execute("early.foo");
    assert.equal(result(await kernel.execute("early")), "1", "a type error in between changes nothing");
  });

  describe("stop_on_error", () => {
    it("aborts the cells that were sent along, with a reply and the status for each", async () => {
      const ids = ["1", "throw new Error('stop')", "console.log('must not run')", "2"].map((code) =>
        kernel.executeLater(code),
      );
      const answers = await Promise.all(ids.map((id) => kernel.answer(id)));
      assert.deepEqual(
        answers.map(({ reply }) => reply.content["status"]),
        ["ok", "error", "aborted", "aborted"],
      );
      for (const { published } of answers.slice(2)) {
        assert.deepEqual(
          published.map(({ header, content }) => content["execution_state"] ?? header.msg_type),
          ["busy", "idle"],
        );
      }
      assert.equal(result(await kernel.execute("3")), "3", "what is sent after the report runs");
    });

    it("answers other requests in between", async () => {
      const failing = kernel.executeLater("throw new Error('stop')");
      const info = kernel.send("kernel_info_request", {});
      const aborted = kernel.executeLater("1");
      await kernel.answer(failing);
      assert.equal((await kernel.answer(info)).reply.content["status"], "ok");
      assert.equal((await kernel.answer(aborted)).reply.content["status"], "aborted");
    });

    it("goes on when the front end says so", async () => {
      const ids = [
        kernel.executeLater("throw new Error('go on')", { stop_on_error: false }),
        kernel.executeLater("'ran'"),
      ];
      const [, second] = await Promise.all(ids.map((id) => kernel.answer(id)));
      assert.equal(result(second), "'ran'");
    });
  });
});
