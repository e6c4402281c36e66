import assert from "node:assert/strict";
import { clearOutput, display, updateDisplay } from "../../src/jupyter/display.ts";

const DISPLAY = Symbol.for("Jupyter.display");

describe("display, outside of a kernel", () => {
  const printed: unknown[][] = [];
  const log = console.log;
  const showing = (work: () => void): unknown[][] => {
    printed.length = 0;
    console.log = (...values: unknown[]) => void printed.push(values);
    try {
      work();
    } finally {
      console.log = log;
    }
    return printed;
  };

  it("prints the value as console.log does", () => {
    assert.deepEqual(
      showing(() => display([1, 2])),
      [[[1, 2]]],
    );
    assert.deepEqual(
      showing(() => display(null)),
      [[null]],
    );
    assert.deepEqual(
      showing(() => updateDisplay("x", "again")),
      [["again"]],
    );
  });

  it("prints the text of an object's MIME bundle when it has no text of its own", async () => {
    const plot = { [DISPLAY]: () => ({ "text/html": "<b>", "text/plain": "a plot" }) };
    assert.deepEqual(
      showing(() => display(plot)),
      [["a plot"]],
    );
    const own = {
      [DISPLAY]: () => ({ "text/plain": "no" }),
      [Symbol.for("nodejs.util.inspect.custom")]: () => "own",
    };
    assert.deepEqual(
      showing(() => display(own)),
      [[own]],
    );
    const late = { [DISPLAY]: async () => ({ "text/plain": "late" }) };
    console.log = (...values: unknown[]) => void printed.push(values);
    printed.length = 0;
    display(late);
    await new Promise((resolve) => setImmediate(resolve));
    console.log = log;
    assert.deepEqual(printed, [["late"]]);
  });

  it("gives a handle for an id, and nothing to clear", () => {
    showing(() => {
      const handle = display(1, { id: "bar" });
      assert.equal(handle.id, "bar");
      handle.update(2);
      assert.equal(display(3), undefined);
      clearOutput({ wait: true });
    });
    assert.deepEqual(printed, [[1], [2], [3]]);
  });
});

describe("display, with a kernel", () => {
  const HOOK = Symbol.for("unrolled.display");
  const calls: unknown[] = [];
  before(() => {
    const hook = {
      show: (...args: unknown[]) => calls.push(args),
      clear: (wait: boolean) => calls.push(wait),
    };
    Object.defineProperty(globalThis, HOOK, { value: hook, configurable: true });
  });
  after(() => {
    Reflect.deleteProperty(globalThis, HOOK);
  });

  it("hands everything to the kernel's hook", () => {
    display("a");
    display("b", { id: "i" }).update("c");
    clearOutput();
    clearOutput({ wait: true });
    assert.deepEqual(calls, [
      ["a", { id: undefined, update: false }],
      ["b", { id: "i", update: false }],
      ["c", { id: "i", update: true }],
      false,
      true,
    ]);
  });
});
