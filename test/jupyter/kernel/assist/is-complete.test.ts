import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { isComplete } from "../../../../src/jupyter/kernel/assist/is-complete.ts";
import type { TS } from "../../../../src/jupyter/kernel/compile/tslab.ts";

const ts = createRequire(import.meta.url)("@tslab/typescript-for-tslab") as typeof TS;

describe("kernel/assist: is a cell complete", () => {
  const complete = [
    "1",
    "",
    "// comment",
    "console.log('hello')",
    "function f(x: number) {\n  return x * 2;\n}",
    "const a = [1, 2];\n",
    "await Promise.resolve(1)",
    "for await (const x of y) {}",
    "interface A { a: string }",
    "const id = <T>(x: T): T => x",
    "class A {\n\n  b = 1;\n}\n\n",
    "import fs from 'fs'",
    "if (a) b\nelse c",
    "`a $".concat("{b} c`"),
    "x = y\n  .z()",
    "({ a: 1 })",
    "/re/g",
    "try { a() } finally {}",
    "let u;",
    "type T = { [k: string]: number }",
    "/* closed */",
    "x!.y as any",
  ];
  const incomplete: [code: string, indent: string][] = [
    ["console.log('hello'", ""],
    ["function f() {", "  "],
    ["function f() {\n  if (x) {", "    "],
    ["const x =", ""],
    ["1 +", ""],
    ["[1,", ""],
    ["foo(", "  "],
    ["({ a: 1,", ""],
    ["`text", ""],
    ["`a ${", "  "],
    ["/* open", ""],
    ["class A {\n  b() {}", "  "],
    ["if (x)", ""],
    ["for (const x of y)", ""],
    ["while (true)", ""],
    ["do { x() }", ""],
    ["try {", "  "],
    ["try { a() }", ""],
    ["const f = () =>", "  "],
    ["import {", "  "],
    ["x ? 1", ""],
    ["a.", ""],
    ["const {", "  "],
    ["{ // open", "  "],
    ["'continued \\", ""],
    ["foo(1, // the first\n", ""],
    ["type T = {", "  "],
    ["@decorator", ""],
  ];
  const invalid = [
    "import = 7q",
    "let 1x = 3",
    "foo bar baz",
    "}",
    "function () {{}}}",
    "var x = )",
    "'unterminated",
    "class 1A {}",
    "/re",
    "const const = 1",
    "if )",
    "let x = 1 2",
    "'open\nconst y = {",
  ];
  for (const code of complete) {
    it(`complete: ${JSON.stringify(code)}`, () =>
      assert.deepEqual(isComplete(ts, code), { status: "complete" }));
  }
  for (const [code, indent] of incomplete) {
    it(`incomplete: ${JSON.stringify(code)}`, () =>
      assert.deepEqual(isComplete(ts, code), { status: "incomplete", indent }));
  }
  for (const code of invalid) {
    it(`invalid: ${JSON.stringify(code)}`, () =>
      assert.deepEqual(isComplete(ts, code), { status: "invalid" }));
  }
});
