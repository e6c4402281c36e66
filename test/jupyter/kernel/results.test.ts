import assert from "node:assert/strict";
import type { Json } from "../../../src/jupyter/kernel/wire/wire.ts";
import { type Answer, contents, result, stream, TestKernel } from "./harness.ts";

describe("kernel: results and displays", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.execute("import { display, updateDisplay, clearOutput } from 'unrolled'");
  });
  after(() => kernel.stop());

  const data = (answer: Answer): Json | undefined => {
    const [content] = contents(answer.published, "execute_result");
    return content?.["data"] as Json | undefined;
  };

  const plain: [code: string, text: string | undefined][] = [
    ["1 + 2 + 3", "6"],
    ["'text'", "'text'"],
    ["[1, 2, 3].map((n) => n * n)", "[ 1, 4, 9 ]"],
    ["new Map([['a', new Set([1])]])", "Map(1) { 'a' => Set(1) { 1 } }"],
    ["null", "null"],
    ["false", "false"],
    ["0", "0"],
    ["''", "''"],
    ["Number.NaN", "NaN"],
    ["10n ** 20n", "100000000000000000000n"],
    ["Promise.resolve(1)", "Promise { 1 }"],
    ["(x: number) => x", "[Function: tsLastExpr]"],
    ["await Promise.resolve('awaited')", "'awaited'"],
    ["undefined", undefined],
    ["void 0", undefined],
    ["const declared = 5", undefined],
    ["let assigned: number; assigned = 5", "5"],
    ["if (true) { 7 }", undefined],
    ["({ [Symbol.for('nodejs.util.inspect.custom')]: () => 'own text' })", "own text"],
  ];
  for (const [code, text] of plain) {
    it(`${code} → ${text ?? "no result"}`, async () => {
      const answer = await kernel.execute(code);
      assert.equal(answer.reply.content["status"], "ok");
      assert.equal(result(answer), text);
    });
  }

  it("knows variables of earlier cells in shorthands, patterns and renamed properties", async () => {
    const cells: [code: string, text: string | undefined][] = [
      [
        "const shared = { model: 1, rate: 2, deep: { list: [4] } };\nlet other = 0;\nlet rate = 0;",
        undefined,
      ],
      ["const { model: a, deep: { list: [e] }, ...rest } = shared;\n[a, e, rest]", "[ 1, 4, { rate: 2 } ]"],
      ["({ model: other, rate } = shared);\n({ other, rate, model: a })", "{ other: 1, rate: 2, model: 1 }"],
      ["const { absent: d = 3 } = shared as { absent?: number };\nd", "3"],
      ["(({ model: x, rate: y }: typeof shared) => x + y)({ ...shared, model: 5 })", "7"],
      ["Object.getPrototypeOf({ __proto__: shared }) === shared", "true"],
    ];
    for (const [code, text] of cells) assert.equal(result(await kernel.execute(code)), text, code);
  });

  it("shows an object by its method under Symbol.for('Jupyter.display'), and adds the text", async () => {
    const answer = await kernel.execute(`({
      name: "plot",
      [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>" + this.name + "</b>", "application/json": { a: [1] } } },
      [Symbol.for("nodejs.util.inspect.custom")]: () => "a plot",
    })`);
    assert.deepEqual(data(answer), {
      "text/html": "<b>plot</b>",
      "application/json": { a: [1] },
      "text/plain": "a plot",
    });
  });

  it("waits for a method that returns a promise, and sends bytes as base64", async () => {
    const answer = await kernel.execute(`({
      async [Symbol.for("Jupyter.display")]() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { "image/png": new Uint8Array([1, 2, 3]), "text/plain": "image" };
      },
    })`);
    assert.deepEqual(data(answer), { "image/png": "AQID", "text/plain": "image" });
  });

  it("shows nothing for an empty bundle, and an error when the method throws or returns no bundle", async () => {
    assert.equal(data(await kernel.execute("({ [Symbol.for('Jupyter.display')]: () => ({}) })")), undefined);
    const thrown = await kernel.execute(
      "({ [Symbol.for('Jupyter.display')]() { throw new Error('cannot draw') } })",
    );
    assert.equal(thrown.reply.content["evalue"], "cannot draw");
    const wrong = await kernel.execute("({ [Symbol.for('Jupyter.display')]: () => 'html' })");
    assert.match(String(wrong.reply.content["evalue"]), /must return a MIME bundle, got string/);
  });

  it("shows a danfo data frame, known by its shape, as a table with escaped data", async () => {
    const answer = await kernel.execute(`({
      $isSeries: false, columns: ["<i>", "n"], index: [0, "r&d"], shape: [2, 2],
      values: [["<script>alert(1)</script>", 1], ['"quoted"', null]],
      toString() { return "frame as text" },
    })`);
    const html = String(data(answer)?.["text/html"]);
    assert.equal(data(answer)?.["text/plain"], "frame as text");
    assert.doesNotMatch(html, /<script|<i>/);
    assert.match(html, /<th>&#60;i&#62;<\/th><th>n<\/th>/);
    assert.match(html, /<th>r&#38;d<\/th><td>&#34;quoted&#34;<\/td><td>null<\/td>/);
    assert.match(html, /2 rows × 2 columns/);
  });

  it("shortens a long data frame and says how long it is", async () => {
    const answer = await kernel.execute(`({
      $isSeries: true, columns: ["x"], index: Array.from({ length: 100 }, (_, i) => i), shape: [100],
      values: Array.from({ length: 100 }, (_, i) => "v" + i), toString: () => "",
    })`);
    const html = String(data(answer)?.["text/html"]);
    assert.match(html, /<td>v9<\/td>/);
    assert.doesNotMatch(html, /<td>v10<\/td>|<td>v89<\/td>/);
    assert.match(html, /<td>v90<\/td>/);
    assert.match(html, /100 rows × 1 columns/);
  });

  it("display shows values in the order of the calls, also when some take their time", async () => {
    const answer = await kernel.execute(`
      const late = { async [Symbol.for("Jupyter.display")]() { await new Promise((r) => setTimeout(r, 20)); return { "text/plain": "late" } } };
      display("first"); display(late); display({ third: 3 }); clearOutput({ wait: true }); "result"`);
    const shown = contents(answer.published, "display_data").map(
      (content) => (content["data"] as Json)["text/plain"],
    );
    assert.deepEqual(shown, ["'first'", "late", "{ third: 3 }"]);
    const order = answer.published.map(({ header }) => header.msg_type);
    assert.deepEqual(order.slice(2, -1), [
      "display_data",
      "display_data",
      "display_data",
      "clear_output",
      "execute_result",
    ]);
    assert.deepEqual(contents(answer.published, "clear_output"), [{ wait: true }]);
  });

  it("updates a display by its id, by the handle and by name, from a later cell too", async () => {
    const first = await kernel.execute("const handle = display(1, { id: 'counter' }); handle.update(2)");
    const [shown] = contents(first.published, "display_data");
    assert.deepEqual(shown, {
      data: { "text/plain": "1" },
      metadata: {},
      transient: { display_id: "counter" },
    });
    const [updated] = contents(first.published, "update_display_data");
    assert.deepEqual(updated, {
      data: { "text/plain": "2" },
      metadata: {},
      transient: { display_id: "counter" },
    });
    const second = await kernel.execute("updateDisplay('counter', 3)");
    assert.deepEqual(
      (contents(second.published, "update_display_data")[0]["data"] as Json)["text/plain"],
      "3",
    );
    assert.equal(data(await kernel.execute("display('x', { id: 'y' })")), undefined, "a handle is no result");
  });

  it("sends the last of ten thousand updates, and few of those before", async () => {
    const answer = await kernel.execute("for (let i = 1; i <= 10_000; i++) updateDisplay('many', i)");
    const updates = contents(answer.published, "update_display_data").map(
      (content) => (content["data"] as Json)["text/plain"],
    );
    assert.equal(updates.at(-1), "10000");
    assert.ok(updates.length < 1000, `${updates.length} updates`);
  });

  it("lets tslab's own display go on working", async () => {
    const answer = await kernel.execute(
      "import * as tslab from 'tslab'; tslab.display.html('<b>x</b>'); const d = tslab.newDisplay(); d.text('1'); d.text('2')",
    );
    const [html, text] = contents(answer.published, "display_data");
    assert.deepEqual(html["data"], { "text/html": "<b>x</b>" });
    assert.deepEqual(text["data"], { "text/plain": "1" });
    assert.deepEqual(contents(answer.published, "update_display_data")[0]["data"], { "text/plain": "2" });
  });

  it("prints to stdout and stderr in order, whole characters only", async () => {
    const answer = await kernel.execute(`
      console.log("out"); console.error("err");
      const bytes = Buffer.from("é€😀\\n");
      for (const byte of bytes) process.stdout.write(Uint8Array.of(byte));
      process.stdout.write("68690a", "hex"); await new Promise<void>((done) => process.stdout.write("end", () => done()))`);
    assert.equal(stream(answer.published), "out\né€😀\nhi\nend");
    assert.equal(stream(answer.published, "stderr"), "err\n");
  });

  it("loses no line of a flood, and merges it into few messages", async () => {
    const answer = await kernel.execute("for (let i = 0; i < 100_000; i++) console.log(i)");
    const lines = stream(answer.published).trimEnd().split("\n");
    assert.equal(lines.length, 100_000);
    assert.ok(lines.every((line, i) => line === String(i)));
    const messages = contents(answer.published, "stream").length;
    assert.ok(messages < 2_000, `${messages} messages`);
  });

  it("shows what was printed at once, while the cell is still busy", async () => {
    const id = kernel.executeLater(
      "console.log('a'); console.log('b'); const end = Date.now() + 600; while (Date.now() < end);",
    );
    await kernel.printed(id, "a\nb\n");
    assert.ok(
      !kernel.of(id).some(({ content }) => content["execution_state"] === "idle"),
      "the cell still ran",
    );
    await kernel.answer(id);
  });
});
