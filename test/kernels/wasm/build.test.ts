import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { modules } from "../../../src/kernels/wasm/modules.ts";

const build = new URL("../../../src/kernels/wasm/build.mjs", import.meta.url).href;

describe("wasm: the embedded modules", function () {
  this.timeout(120_000);

  it("are what the sources compile to, byte for byte", async () => {
    const { modulesText } = (await import(build)) as { modulesText(): Promise<string> };
    const file = new URL("../../../src/kernels/wasm/modules.ts", import.meta.url);
    assert.ok(
      readFileSync(file, "utf8") === (await modulesText()),
      "src/kernels/wasm/modules.ts is not what its sources compile to: run node src/kernels/wasm/build.mjs",
    );
  });

  it("name no functions and are small", () => {
    for (const [name, { base64 }] of Object.entries(modules)) {
      const bytes = Buffer.from(base64, "base64");
      assert.ok(bytes.length < 24_000, `${name}: ${bytes.length} bytes`);
      assert.ok(!bytes.includes("assembly/"), "no names of sources");
    }
  });
});
