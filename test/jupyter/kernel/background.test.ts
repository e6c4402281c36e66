import assert from "node:assert/strict";
import { contents, result, stream, TestKernel } from "./harness.ts";

describe("kernel: tasks in the background", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.execute("const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))");
  });
  after(() => kernel.stop());

  it("print into the cell that started them, while another one runs", async () => {
    const first = kernel.executeLater(
      "void (async () => { await sleep(60); console.log('from the first') })()",
    );
    await kernel.answer(first);
    const second = await kernel.execute(
      "console.log('from the second'); await sleep(150); console.log('second again')",
    );
    await kernel.printed(first, "from the first");
    assert.equal(stream(second.published), "from the second\nsecond again\n");
  });

  it("are told apart however they came to be", async () => {
    const code = (name: string): string => `
      setTimeout(() => console.log("${name} timer"), 30);
      setImmediate(() => console.log("${name} immediate"));
      process.nextTick(() => console.log("${name} tick"));
      queueMicrotask(() => console.log("${name} microtask"));
      require("fs").stat("/", () => console.log("${name} callback"));
      void Promise.resolve().then(() => sleep(20)).then(() => console.log("${name} promise"));`;
    const ids = ["one", "two", "three"].map((name) => ({ name, id: kernel.executeLater(code(name)) }));
    for (const { name, id } of ids) {
      for (const what of ["timer", "immediate", "tick", "microtask", "callback", "promise"]) {
        await kernel.printed(id, `${name} ${what}\n`);
      }
      assert.equal(
        stream(kernel.of(id))
          .split("\n")
          .filter((line) => !line.startsWith(name))
          .join(""),
        "",
      );
    }
  });

  it("show an uncaught exception in their cell, with the place, and the kernel lives", async () => {
    const id = kernel.executeLater("setTimeout(() => {\n  throw new RangeError('in a timer');\n}, 10)");
    const { reply } = await kernel.answer(id);
    assert.equal(reply.content["status"], "ok");
    await kernel.printed(id, "RangeError: in a timer", "stderr");
    const text = stream(kernel.of(id), "stderr");
    assert.match(text, /^Uncaught exception in the background:\n/);
    assert.match(text, /--> 2 \| {3}throw new RangeError/);
    assert.doesNotMatch(text, /node:internal|jupyter\/kernel/);
    assert.equal(result(await kernel.execute("'alive'")), "'alive'");
  });

  it("show an unhandled rejection in their cell, while another one runs", async () => {
    const first = kernel.executeLater(
      "void (async () => { await sleep(40); throw new Error('nobody awaits') })()",
    );
    await kernel.answer(first);
    const second = await kernel.execute("await sleep(120); 'undisturbed'");
    assert.equal(result(second), "'undisturbed'");
    assert.equal(stream(second.published, "stderr"), "");
    await kernel.printed(first, "nobody awaits", "stderr");
    assert.match(
      stream(kernel.of(first), "stderr"),
      /^Unhandled promise rejection in the background:\nError: nobody awaits/,
    );
  });

  it("show a rejection that nobody awaits in the cell that still runs", async () => {
    const answer = await kernel.execute("void Promise.reject(new Error('lost')); await sleep(20); 'ok'");
    assert.match(stream(answer.published, "stderr"), /Unhandled promise rejection[\s\S]*lost/);
    assert.equal(result(answer), "'ok'");
  });

  it("may display", async () => {
    const id = kernel.executeLater(
      "import { display } from 'unrolled'; setTimeout(() => display('late'), 20)",
    );
    await kernel.answer(id);
    const [shown] = await kernel.until(() => {
      const found = contents(kernel.of(id), "display_data");
      return found.length > 0 && found;
    });
    assert.deepEqual(shown["data"], { "text/plain": "'late'" });
  });

  it("are not mixed up by functions of other cells", async () => {
    await kernel.execute("async function later(text: string) { await sleep(10); console.log(text) }");
    const one = kernel.executeLater("await later('one')");
    const two = kernel.executeLater("await later('two')");
    assert.equal(stream((await kernel.answer(one)).published), "one\n");
    assert.equal(stream((await kernel.answer(two)).published), "two\n");
  });
});
