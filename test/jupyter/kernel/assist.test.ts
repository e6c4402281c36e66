import assert from "node:assert/strict";
import type { Json } from "../../../src/jupyter/kernel/wire/wire.ts";
import { TestKernel } from "./harness.ts";

describe("kernel: help while writing", () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await TestKernel.start();
    await kernel.execute(`
/**
 * Adds two numbers, see {@link Math}.
 *
 * Uses \`+\` & nothing else.
 * @param a - the first, <b>bold</b>
 * @param b the second
 * @returns their sum
 * @throws never
 * @example addNumbers(1, 2)
 */
function addNumbers(a: number, b: number): number { return a + b }
const text = "abc"; const alphaOne = 1; const alphaTwo = 2; const Alphabet = "abc";
const pick: { mode: "fast" | "slow" } = { mode: "fast" };`);
  });
  after(() => kernel.stop());

  const complete = async (code: string, cursor = [...code].length): Promise<Json> =>
    (await kernel.request("complete_request", { code, cursor_pos: cursor })).reply.content;
  const inspect = async (code: string, cursor = [...code].length): Promise<Json> =>
    (await kernel.request("inspect_request", { code, cursor_pos: cursor, detail_level: 0 })).reply.content;
  const data = (content: Json): Record<string, string> => content["data"] as Record<string, string>;

  describe("complete", () => {
    const cases: [code: string, matches: string[]][] = [
      ["parseI", ["parseInt"]],
      ["Math.flo", ["floor"]],
      ["consol", ["console"]],
      ["text.toUpp", ["toUpperCase"]],
      ["addN", ["addNumbers"]],
      ["alpha", ["alphaOne", "alphaTwo"]],
      ["ALPHAO", ["alphaOne"]],
      ["const here = 1; her", ["here"]],
      ["JSON.", ["parse", "stringify"]],
      ["nothingLikeThis1", []],
      ["text.", []],
    ];
    for (const [code, matches] of cases.slice(0, -1)) {
      it(`${code} → ${matches.join(", ") || "nothing"}`, async () => {
        const content = await complete(code);
        assert.equal(content["status"], "ok");
        assert.deepEqual(content["matches"], matches);
      });
    }

    it("says what to replace, in code points", async () => {
      const content = await complete("'😀'; Math.flo");
      assert.deepEqual([content["cursor_start"], content["cursor_end"]], [10, 13]);
      const inside = await complete("Math.floor(1)", 7);
      assert.deepEqual(inside["matches"], ["floor"]);
      assert.deepEqual([inside["cursor_start"], inside["cursor_end"]], [5, 10]);
    });

    it("knows the kind of every match, as JupyterLab wants it", async () => {
      const content = await complete("addN");
      const kinds = (content["metadata"] as Json)["_jupyter_types_experimental"];
      assert.deepEqual(kinds, [{ start: 0, end: 4, text: "addNumbers", type: "function" }]);
    });

    it("completes inside a string that has a few possible values", async () => {
      assert.deepEqual((await complete("pick.mode = 'sl'", 15))["matches"], ["slow"]);
    });

    it("answers with nothing rather than with an error, whatever the code", async () => {
      for (const code of ["import { x } from 'unr", "`${", "((((", "@", "/**", "class { #", "\u0000"]) {
        assert.equal((await complete(code))["status"], "ok", code);
      }
    });
  });

  describe("inspect", () => {
    it("shows signature and documentation as text, Markdown and HTML, with the data escaped", async () => {
      const content = await inspect("addNumbers");
      assert.equal(content["found"], true);
      const bundle = data(content);
      assert.equal(bundle["text/plain"].split("\n")[0], "function addNumbers(a: number, b: number): number");
      assert.match(bundle["text/plain"], /Adds two numbers, see `Math`\.\n\nUses `\+` & nothing else\./);
      assert.match(
        bundle["text/markdown"],
        /^```typescript\nfunction addNumbers\(a: number, b: number\): number\n```\n\nAdds/,
      );
      assert.match(
        bundle["text/markdown"],
        /\*\*Parameters\*\*\n\n- `a` — the first, <b>bold<\/b>\n- `b` — the second/,
      );
      assert.match(bundle["text/markdown"], /\*\*Returns\*\*\n\ntheir sum/);
      assert.match(bundle["text/markdown"], /```typescript\naddNumbers\(1, 2\)\n```/);
      assert.match(bundle["text/html"], /<p>Uses <code>\+<\/code> &#38; nothing else\.<\/p>/);
      assert.match(
        bundle["text/html"],
        /<li><code>a<\/code> — the first, &#60;b&#62;bold&#60;\/b&#62;<\/li>/,
      );
      assert.doesNotMatch(bundle["text/html"], /<b>/);
    });

    it("finds the name at the cursor, in a later cell and before a bracket", async () => {
      assert.match(data(await inspect("text.trim()", 7))["text/plain"], /String\.trim\(\): string/);
      assert.match(data(await inspect("parseInt"))["text/plain"], /function parseInt/);
      assert.match(data(await inspect("alphaOne"))["text/plain"], /const alphaOne: 1/);
    });

    it("explains the call that the cursor is in", async () => {
      assert.match(data(await inspect("addNumbers(1, ", 13))["text/plain"], /function addNumbers/);
      assert.match(data(await inspect("text.padStart()", 14))["text/plain"], /String\.padStart/);
    });

    it("says that it found nothing where there is nothing", async () => {
      for (const code of ["", "   ", "// comment", "unknownName1("]) {
        assert.deepEqual(await inspect(code), { status: "ok", found: false, data: {}, metadata: {} }, code);
      }
    });
  });

  describe("history", () => {
    const history = async (request: Json): Promise<unknown> =>
      (await kernel.request("history_request", { output: false, raw: true, ...request })).reply.content[
        "history"
      ];

    it("gives back the last inputs, a range of them, and what a pattern finds", async () => {
      await kernel.execute("40 + 2");
      await kernel.execute("'unseen'", { store_history: false });
      const count = Number((await kernel.execute("undefined")).reply.content["execution_count"]);
      assert.deepEqual(await history({ hist_access_type: "tail", n: 2 }), [
        [1, count - 1, "40 + 2"],
        [1, count, "undefined"],
      ]);
      assert.deepEqual(await history({ hist_access_type: "tail", n: 2, output: true }), [
        [1, count - 1, ["40 + 2", "42"]],
        [1, count, ["undefined", null]],
      ]);
      assert.deepEqual(
        await history({ hist_access_type: "range", session: 0, start: count - 1, stop: count }),
        [[1, count - 1, "40 + 2"]],
      );
      assert.deepEqual(await history({ hist_access_type: "search", pattern: "4? + *", n: 5 }), [
        [1, count - 1, "40 + 2"],
      ]);
    });
  });
});
