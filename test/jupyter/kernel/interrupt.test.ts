import assert from "node:assert/strict";
import { type Answer, contents, result, stream, TestKernel } from "./harness.ts";

describe("kernel: interrupts", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.execute(`
      const hook = (globalThis as any)[Symbol.for("unrolled.interrupt")] as { requested(): boolean; acknowledge(): void; hold(): () => void };
      const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));`);
  });
  after(() => kernel.stop());

  /** Runs a cell until it prints "ready", interrupts it, and checks that the kernel works afterwards. */
  const interrupt = async (code: string, expected = "KeyboardInterrupt"): Promise<Answer> => {
    const id = kernel.executeLater(code);
    await kernel.printed(id, "ready");
    const { reply } = await kernel.request("interrupt_request", {}, "control");
    assert.deepEqual(reply.content, { status: "ok" });
    const answer = await kernel.answer(id);
    assert.equal(answer.reply.content["ename"] ?? "ok", expected);
    assert.equal(result(await kernel.execute("1 + 1")), "2");
    return answer;
  };

  const loops: Record<string, string> = {
    "a busy loop": "console.log('ready'); for (;;) {}",
    "a busy loop in a finally block": "console.log('ready'); try { for (;;) {} } finally { for (;;) {} }",
    "a busy loop that catches everything": "console.log('ready'); for (;;) { try { for (;;) {} } catch {} }",
    "a busy loop after an await": "await null; console.log('ready'); for (;;) {}",
    "a busy loop after a timer": "await sleep(5); console.log('ready'); for (;;) {}",
    "a busy loop in a function that is awaited":
      "async function work() { await sleep(2); console.log('ready'); for (;;) {} }\nawait work()",
    "a loop that never leaves the microtask queue": "console.log('ready'); for (;;) await null;",
    "such a loop in a function":
      "async function spin() { for (;;) await null }\nconsole.log('ready'); await spin()",
    "such a loop that catches everything":
      "console.log('ready'); for (;;) { try { for (;;) await null } catch {} }",
    "a loop over an async generator":
      "async function* endless() { for (;;) yield 1 }\nconsole.log('ready'); for await (const x of endless());",
    "a loop of timers": "console.log('ready'); for (;;) await sleep(1);",
    "a promise that never settles": "console.log('ready'); await new Promise(() => {})",
    "an endless flood of output": "console.log('ready'); for (;;) console.log('x'.repeat(1000))",
    "a regular expression that backtracks": "console.log('ready'); /^(a+)+$/.test('a'.repeat(40) + 'b')",
  };
  for (const [what, code] of Object.entries(loops)) {
    it(`ends ${what}`, async () => {
      await interrupt(code);
    });
  }

  it("ends an awaited loop by an exception, so that finally runs and the traceback shows the place", async () => {
    const answer = await interrupt(
      "console.log('ready')\ntry {\n  for (;;) await null\n} finally { console.log('cleaned up') }",
    );
    assert.equal(stream(answer.published), "ready\ncleaned up\n");
    assert.match(
      (answer.reply.content["traceback"] as string[]).join("\n"),
      /line 3\n[\s\S]*--> 3 \| {3}for \(;;\) await null/,
    );
  });

  it("says so, in one line, when no place is known", async () => {
    const answer = await interrupt("console.log('ready'); for (;;) {}");
    assert.deepEqual(answer.reply.content["traceback"], ["KeyboardInterrupt: the cell was interrupted"]);
  });

  it("offers code that runs for long a flag to look at, which costs no finally block", async () => {
    const answer = await interrupt(
      `
      let cleaned = false; console.log("ready");
      try { while (!hook.requested()); throw new Error("stopped by itself") } finally { cleaned = true }`,
      "Error",
    );
    assert.equal(answer.reply.content["evalue"], "stopped by itself");
    assert.equal(result(await kernel.execute("cleaned")), "true");
  });

  it("lets code that acknowledges go on and end well", async () => {
    const answer = await interrupt(
      `
      console.log("ready"); while (!hook.requested()); hook.acknowledge();
      await sleep(300); "history"`,
      "ok",
    );
    assert.equal(result(answer), "'history'");
  });

  it("waits for code that holds off force, until it is asked a second time", async () => {
    const answer = await interrupt(
      `
      const release = hook.hold(); console.log("ready");
      const end = Date.now() + 400; while (Date.now() < end); // one long step
      const seen = hook.requested(); hook.acknowledge(); release(); seen`,
      "ok",
    );
    assert.equal(result(answer), "true");
    const id = kernel.executeLater("hook.hold(); console.log('ready'); for (;;) {}");
    await kernel.printed(id, "ready");
    await kernel.request("interrupt_request", {}, "control");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(!kernel.of(id).some(({ content }) => content["execution_state"] === "idle"), "it still runs");
    await kernel.request("interrupt_request", {}, "control");
    assert.equal((await kernel.answer(id)).reply.content["ename"], "KeyboardInterrupt");
    // The hold that was never released does not protect the next cell.
    await interrupt("console.log('ready'); for (;;) {}");
  });

  it("lets the callbacks of code that holds it off work, and await", async () => {
    const answer = await interrupt(
      `
      const visits: string[] = [];
      async function train(onStep: () => Promise<void>) {
        const release = hook.hold();
        try { for (;;) { await onStep(); if (hook.requested()) { hook.acknowledge(); return } } } finally { release() }
      }
      console.log("ready");
      await train(async () => { await sleep(5); visits.push("before"); await sleep(5); visits.push("after") });
      visits.filter((v) => v === "before").length === visits.filter((v) => v === "after").length`,
      "ok",
    );
    assert.equal(result(answer), "true");
  });

  it("calls the reset hooks before the next cell, after a termination and only then", async () => {
    await kernel.execute(
      `let resets = 0; (globalThis as any)[Symbol.for("unrolled.resetHooks")].add(() => { resets++ })`,
    );
    await interrupt("console.log('ready'); for (;;) await null;");
    assert.equal(result(await kernel.execute("resets")), "0", "an exception ran every finally block");
    await interrupt("console.log('ready'); for (;;) {}");
    assert.equal(result(await kernel.execute("resets")), "1");
    await interrupt("await null; console.log('ready'); for (;;) {}");
    assert.equal(result(await kernel.execute("resets")), "2");
  });

  it("aborts the cells that wait, also when the running cell ends well", async () => {
    const running = kernel.executeLater(
      "console.log('ready'); while (!hook.requested()); hook.acknowledge(); 'done'",
    );
    const waiting = kernel.executeLater("console.log('must not run')");
    await kernel.printed(running, "ready");
    await kernel.request("interrupt_request", {}, "control");
    assert.equal(result(await kernel.answer(running)), "'done'");
    assert.equal((await kernel.answer(waiting)).reply.content["status"], "aborted");
  });

  it("leaves no loop of the cell running in the background", async () => {
    await kernel.execute("let ticks = 0");
    await interrupt(
      "console.log('ready'); async function tick() { for (;;) { await sleep(1); ticks++ } }\nvoid tick(); await new Promise(() => {})",
    );
    const [before, after] = [await kernel.execute("ticks"), await kernel.execute("await sleep(50); ticks")];
    assert.equal(result(before), result(after));
  });

  it("leaves not even one running that catches everything", async () => {
    await kernel.execute("let rounds = 0");
    await interrupt(
      "console.log('ready'); for (;;) { try { await sleep(0) } catch {} finally { rounds++ } }",
    );
    await kernel.execute("await sleep(300)");
    const [before, after] = [await kernel.execute("rounds"), await kernel.execute("await sleep(50); rounds")];
    assert.equal(result(before), result(after));
  });

  it("keeps the variables that the cell made before", async () => {
    await interrupt("const model = { weights: [1, 2] }; console.log('ready'); for (;;) {}");
    assert.equal(result(await kernel.execute("model.weights")), "[ 1, 2 ]");
  });

  it("says that what still prints belongs to a cell that was interrupted", async () => {
    const id = kernel.executeLater(
      "console.log('ready'); const timer = setInterval(() => console.log('again'), 20); await new Promise(() => {})",
    );
    await kernel.printed(id, "ready");
    await kernel.request("interrupt_request", {}, "control");
    await kernel.answer(id);
    await kernel.printed(
      id,
      "This cell was interrupted; what follows comes from code that it left running.",
      "stderr",
    );
    await kernel.execute("clearInterval(timer)");
  });

  it("frees a kernel that a task in the background keeps from answering", async () => {
    for (const code of [
      "async function spin1() { for (;;) await null }\nvoid spin1(); console.log('ready')",
      "async function spin2() { for (;;) try { await null } catch {} }\nvoid spin2(); console.log('ready')",
    ]) {
      const id = kernel.executeLater(code);
      await kernel.printed(id, "ready");
      const waiting = kernel.executeLater("1");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await kernel.request("interrupt_request", {}, "control");
      await kernel.answer(waiting);
      assert.equal(result(await kernel.execute("1 + 1")), "2");
    }
  });

  it("ignores an interrupt when nothing runs, and many at once", async () => {
    await kernel.request("interrupt_request", {}, "control");
    assert.equal(result(await kernel.execute("await sleep(400); 'untouched'")), "'untouched'");
    for (let round = 0; round < 5; round++) {
      const id = kernel.executeLater("console.log('ready'); for (;;) {}");
      await kernel.printed(id, "ready");
      for (let i = 0; i < 4; i++) kernel.send("interrupt_request", {}, "control");
      assert.equal((await kernel.answer(id)).reply.content["ename"], "KeyboardInterrupt");
      assert.equal(result(await kernel.execute("'next'")), "'next'");
    }
  });

  it("still understands SIGINT", async () => {
    for (const code of [
      "console.log('ready'); for (;;) {}",
      "console.log('ready'); await new Promise(() => {})",
    ]) {
      const id = kernel.executeLater(code);
      await kernel.printed(id, "ready");
      kernel.process.kill("SIGINT");
      assert.equal((await kernel.answer(id)).reply.content["ename"], "KeyboardInterrupt");
    }
    // With nothing to interrupt it hits, at most, what is sent at the same moment.
    kernel.process.kill("SIGINT");
    let answer = await kernel.execute("'alive'");
    if (answer.reply.content["status"] !== "ok") answer = await kernel.execute("'alive'");
    assert.equal(result(answer), "'alive'");
  });

  it("is not disturbed by a package that listens for SIGINT", async () => {
    await kernel.execute(
      "let heard = 0; process.on('SIGINT', () => { heard++ }); process.once('SIGINT', () => { heard++ })",
    );
    await interrupt("console.log('ready'); for (;;) {}");
    await interrupt("await sleep(2); console.log('ready'); for (;;) {}");
    await interrupt("console.log('ready'); await new Promise(() => {})");
  });

  it("keeps errors that have nothing to do with it as they are", async () => {
    const answer = await kernel.execute("throw new Error('plain')");
    assert.equal(contents(answer.published, "error")[0]["ename"], "Error");
  });
});
