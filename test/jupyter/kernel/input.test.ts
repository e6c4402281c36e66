import assert from "node:assert/strict";
import { result, TestKernel } from "./harness.ts";

describe("kernel: input", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
  });
  after(() => kernel.stop());

  it("asks the front end and gives its answer to the cell", async () => {
    const id = kernel.executeLater(
      "const name: string = await input('name? '); const secret = await input('code? ', { password: true }); [name, secret]",
      {
        allow_stdin: true,
      },
    );
    const first = await kernel.until(() => kernel.inputRequests[0]);
    assert.equal(first.header.msg_type, "input_request");
    assert.equal(first.parent.msg_id, id);
    assert.deepEqual(first.content, { prompt: "name? ", password: false });
    kernel.send("input_reply", { value: "Ada" }, "stdin", first.header);
    const second = await kernel.until(() => kernel.inputRequests[1]);
    assert.deepEqual(second.content, { prompt: "code? ", password: true });
    kernel.send("input_reply", { value: "42" }, "stdin", second.header);
    assert.equal(result(await kernel.answer(id)), "[ 'Ada', '42' ]");
  });

  it("says clearly when the front end cannot ask", async () => {
    const { reply } = await kernel.execute("await input('name? ')");
    assert.equal(reply.content["ename"], "InputUnavailableError");
    assert.match(
      String(reply.content["evalue"]),
      /^input: this front end cannot ask for input \(allow_stdin is false\)/,
    );
  });

  it("can be interrupted while it waits, and a late answer goes to nobody", async () => {
    const asked = kernel.inputRequests.length;
    const id = kernel.executeLater("await input('ever? ')", { allow_stdin: true });
    const request = await kernel.until(() => kernel.inputRequests[asked]);
    await kernel.request("interrupt_request", {}, "control");
    assert.equal((await kernel.answer(id)).reply.content["ename"], "KeyboardInterrupt");
    kernel.send("input_reply", { value: "late" }, "stdin", request.header);
    const next = kernel.executeLater("await input('now? ')", { allow_stdin: true });
    const fresh = await kernel.until(() => kernel.inputRequests[asked + 1]);
    kernel.send("input_reply", { value: "fresh" }, "stdin", fresh.header);
    assert.equal(result(await kernel.answer(next)), "'fresh'");
  });

  it("is a name that a cell may use for itself", async () => {
    assert.equal(result(await kernel.execute("const input = [1, 2]; input.length")), "2");
  });
});
