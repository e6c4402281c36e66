import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { Compiler } from "../../../../src/jupyter/kernel/compile/compiler.ts";
import { LibBundle } from "../../../../src/jupyter/kernel/compile/lib-bundle.ts";
import { type Converter, findTslab, loadTslab } from "../../../../src/jupyter/kernel/compile/tslab.ts";

const require = createRequire(import.meta.url);

/** One notebook: cells, and the files that are written beside it. */
type Notebook = (string | { write: string; text: string })[];

const notebooks: Record<string, Notebook> = {
  "variables declared anew": [
    "1",
    "let x = 1",
    "x",
    "const x = 'a'",
    "x.length",
    "x.foo",
    "let y: number = x",
    "var z = x + 1; z",
  ],
  classes: [
    "class A { a = 1; static s = 2 }",
    "const a = new A(); a",
    "class A { b = 2 }",
    "a.a",
    "new A().b",
    "interface A { c: number }",
  ],
  "enums and types": [
    "enum E { X, Y }",
    "E.X",
    "type T = E.X | string",
    "let t: T = 'a'",
    "type T = number",
    "let t2: T = 3; t",
  ],
  interfaces: [
    "interface I { a: number }",
    "const i: I = { a: 1 }",
    "interface I { b: string }",
    "i.a",
    "function f(i: I) { return i.b }",
    "f({ b: 'x' })",
  ],
  imports: [
    "import fs from 'fs'",
    "fs.existsSync('/')",
    "import { join } from 'path'; join('a', 'b')",
    "join",
    "import * as os from 'os'",
    "os.cpus().length",
  ],
  functions: [
    "function g<T>(x: T): T[] { return [x] }",
    "g(1)",
    "async function af() { return 1 }",
    "await af()",
    "const p = af(); p",
    "let q = await p; q + 1",
  ],
  destructuring: [
    "const { a, b: [c, d] } = { a: 1, b: [2, '3'] as [number, string] }",
    "a + c",
    "d",
    "let u; u = 5; u",
    "undefined",
    ";",
    "",
    "// c",
  ],
  errors: [
    "x +",
    "let = 3",
    "function (",
    "}",
    "`abc",
    "let a = 1; let a = 2",
    "nope",
    "function f() { await 1 }",
    "return 3",
    "import x from 'nowhere'",
  ],
  "other statements": [
    "declare const dd: number",
    "abstract class B { abstract m(): void }",
    "class C extends B { m() {} }",
    "new C()",
    "let o = { get b() { return 2 } }; o",
    "@((x: any) => x) class D {}",
  ],
  "newer syntax": [
    "using r = null",
    "const sat = { a: 1 } satisfies Record<string, number>; sat",
    "10n ** 20n",
    "class P { #x = 1; get x() { return this.#x } }; new P().x",
  ],
  overloads: [
    "function ov(a: string): string; function ov(a: number): number; function ov(a: any) { return a }",
    "ov(1)",
    "ov('a')",
    "const asc = { a: 1 } as const; asc",
  ],
  "files beside the notebook": [
    { write: "dep.ts", text: "export interface Q { q: number }\nexport const dep = 5" },
    { write: "user.ts", text: "import { dep, Q } from './dep'; export const z: Q = { q: dep }" },
    "import { z } from './user'; z",
    "z.q",
    "z.nothing",
    "import { dep } from './dep'; dep",
  ],
  "JSON and JavaScript": [
    { write: "j.json", text: '{"a": 1}' },
    { write: "s.js", text: "exports.k = 3" },
    "import j from './j.json'; j.a",
    "import { k } from './s'; k",
    "import './missing'",
  ],
};

describe("kernel/compile: programs for cells", () => {
  const home = process.cwd();
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "unrolled-program-")));
  let stock: Converter;
  let ours: Converter;
  before(() => {
    process.chdir(folder);
    // TypeScript keeps the folder in which it was first asked for one, perhaps by another test.
    for (const file of Object.keys(require.cache))
      if (/typescript[^\\/]*[\\/]lib/.test(file)) delete require.cache[file];
    // tslab as it comes, with TypeScript's own watch mode. Loaded before ours, which gives tslab another compiler.
    stock = require(path.join(path.dirname(findTslab().manifest), "dist/converter.js")).createConverter({});
    for (const file of Object.keys(require.cache))
      if (/tslab[\\/]dist/.test(file)) delete require.cache[file];
    const compiler = new Compiler({ begin: () => {}, end: () => {} });
    const tslab = loadTslab((ts) => compiler.adapt(ts));
    ours = compiler.wrap(tslab.ts, tslab.createConverter({ isJS: false, isBrowser: false }));
  });
  after(() => {
    stock.close();
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  // Not the script itself: ours has hooks around each await, and keeps variables another way (live-variables.ts).
  const plain = (result: ReturnType<Converter["convert"]>): unknown => ({
    ...result,
    output: typeof result.output,
  });

  for (const [name, cells] of Object.entries(notebooks)) {
    it(`give what TypeScript's watch mode gives: ${name}`, () => {
      let [before, beforeStock] = ["", ""];
      for (const cell of cells) {
        if (typeof cell !== "string") {
          writeFileSync(path.join(folder, cell.write), cell.text);
          continue;
        }
        const expected = stock.convert(beforeStock, cell);
        const found = ours.convert(before, cell);
        assert.deepEqual(plain(found), plain(expected), cell);
        if (expected.diagnostics.length === 0) beforeStock = expected.declOutput ?? "";
        if (found.diagnostics.length === 0) before = found.declOutput ?? "";
      }
    });
  }

  it("name the types of a package that is not above the notebook, in cells that do not import it themselves", () => {
    const messages: string[] = [];
    let before = "";
    for (const cell of [
      'import { integer } from "fast-check"',
      "const drawn = integer()",
      "drawn.map(String); const wrong: string = drawn",
    ]) {
      const { declOutput, diagnostics } = ours.convert(before, cell);
      messages.push(...diagnostics.map(({ messageText }) => messageText));
      before = declOutput ?? before;
    }
    assert.deepEqual(messages, ["Type 'Arbitrary<number>' is not assignable to type 'string'."]);
  });
});

describe("kernel/compile: the bundle of TypeScript's library types", () => {
  it("holds the files in the compiler's order, which decides the order of overloads", () => {
    const { compiler, manifest } = findTslab();
    const ts = require(compiler);
    const folder = path.posix.dirname(compiler);
    const root = path.join(path.dirname(manifest), "dist/metadata.d.ts"); // any small file
    const program = ts.createProgram([root], {
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts"],
      types: [],
      noResolve: true,
    });
    const expected = program
      .getSourceFiles()
      .map(({ fileName }: { fileName: string }) => path.posix.basename(fileName))
      .filter((name: string) => name !== path.basename(root));
    const bundle = new LibBundle(
      ts,
      folder,
      "lib.es2022.d.ts",
      (file) => `/* ${path.basename(file)} */${ts.sys.readFile(file)}`,
    );
    const text = bundle.textOf(path.posix.join(folder, "lib.es2022.d.ts")) ?? "";
    assert.deepEqual(
      [...text.matchAll(/\/\* (lib\.[\w.]+\.d\.ts) \*\//g)].map(([, name]) => name),
      expected,
    );
    assert.ok(expected.length > 40);
    assert.equal(bundle.textOf(path.posix.join(folder, "lib.es5.d.ts")), "", "not twice");
    assert.equal(bundle.textOf(path.posix.join(folder, "lib.dom.d.ts")), undefined, "not in it");
    assert.equal(bundle.textOf("/elsewhere/lib.es5.d.ts"), undefined);
  });
});
