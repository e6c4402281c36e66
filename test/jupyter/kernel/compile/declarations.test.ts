import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { forgotten, survivors, withoutExport } from "../../../../src/jupyter/kernel/compile/declarations.ts";
import type { TS } from "../../../../src/jupyter/kernel/compile/tslab.ts";

const ts = createRequire(import.meta.url)("@tslab/typescript-for-tslab") as typeof TS;

describe("kernel/compile: what a failed cell declared", () => {
  it("is kept as far as it has a value", () => {
    const declarations = [
      'import { join } from "path";',
      "declare const made: number;",
      "declare let never: string;",
      "declare class Made {\n    a: number;\n}",
      "declare class Never {}",
      "declare function hoisted(): void;",
      "type Alias = string;",
      "interface Shape {}",
      "",
    ].join("\n");
    const kept = survivors(ts, declarations, {
      made: 0,
      Made: class {},
      hoisted: () => {},
      never: undefined,
    });
    assert.equal(
      kept,
      'import { join } from "path";\ndeclare const made: number;\ndeclare class Made {\n    a: number;\n}\ndeclare function hoisted(): void;\ntype Alias = string;\ninterface Shape {}\n',
    );
  });
});

describe("kernel/compile: what tslab forgets", () => {
  const before =
    "declare namespace N {\n    const v: number;\n}\nimport os = require('os');\ndeclare let x: number;\n";

  it("is given back, unless the cell declared it anew or tslab still has it", () => {
    assert.equal(
      forgotten(ts, before, "declare let x: number;\n", new Set()),
      "declare namespace N {\n    const v: number;\n}\nimport os = require('os');\n",
    );
    assert.equal(forgotten(ts, before, "", new Set(["N", "os"])), "");
    assert.equal(forgotten(ts, before, before, new Set()), "");
    assert.equal(forgotten(ts, "declare let x: number;\n", "", new Set()), "");
  });
});

describe("kernel/compile: export in a cell", () => {
  it("is blanked out before declarations, and nowhere else", () => {
    assert.equal(
      withoutExport(ts, "export const a = 1;\nexport function f() {}"),
      "       const a = 1;\n       function f() {}",
    );
    for (const code of [
      "const exported = 1",
      "'export const a'",
      "export { a }",
      "export default 3",
      "// export const a",
    ]) {
      assert.equal(withoutExport(ts, code), code);
    }
  });
});
