import assert from "node:assert/strict";
import { describeExit, KernelDiedError } from "../../../src/jupyter/client/index.ts";

const died = (log: string): string[] =>
  new KernelDiedError("k", { code: 1, signal: null, log }, { during: "while starting" }).message.split("\n");
const frames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `    at f${i} (file.js:${i}:1)`);

describe("jupyter client: the last words of a kernel", () => {
  it("are the end of what it wrote", () => {
    assert.deepEqual(died("one\ntwo\n"), [
      'the kernel "k" died: exit code 1 while starting',
      "Its last words:",
      "one",
      "two",
    ]);
    assert.deepEqual(died(""), ['the kernel "k" died: exit code 1 while starting']);
  });

  it("keep the error above a long stack, and say what they leave out", () => {
    for (const error of [
      "Error: no such thing",
      "TypeError [ERR_INVALID]: bad argument",
      "Uncaught RangeError: too far",
      "jupyter_client.errors.SomeException: lost",
    ]) {
      const log = ["noise: 1", "file.js:3", "  throw x", error, ...frames(30), "", "Node.js v20.20.2"];
      const [, , first, second, ...rest] = died(log.join("\n"));
      assert.deepEqual([first, second], [error, "    …"]);
      assert.deepEqual(rest, log.slice(-12));
    }
  });

  it("show the error once, where it stands, and leave nothing out that fits", () => {
    const fits = ["Error: short", ...frames(3)];
    assert.deepEqual(died(fits.join("\n")).slice(2), fits);
    const justAbove = ["Error: short", ...frames(12)];
    assert.deepEqual(died(justAbove.join("\n")).slice(2), justAbove);
  });

  it("are of the error that came last", () => {
    const log = ["Error: dropped a message", ...frames(2), "Error: fatal", ...frames(20)];
    assert.equal(died(log.join("\n"))[2], "Error: fatal");
  });

  it("of an exhausted heap are the one line that says so", () => {
    const log =
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n 1: 0xb78d\n";
    assert.deepEqual(died(log).slice(2), [log.split("\n")[0]]);
    assert.match(describeExit({ code: 134, signal: null, log }), /^ran out of memory/);
  });
});
