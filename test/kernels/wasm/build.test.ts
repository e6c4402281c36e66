import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { simdFlags } from "../../../src/kernels/wasm/flags.ts";
import { modules } from "../../../src/kernels/wasm/modules.ts";
import { needs } from "../../hooks.ts";

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

  it("let V8 make one 256-bit operation of two in the matrix tile", function () {
    const flags = simdFlags(process.versions.node, process.arch);
    needs(
      this,
      flags.some((flag) => flag.endsWith("revectorize")),
      "Node 24 on x64",
    );
    const engine = new URL("../../../src/kernels/wasm/engine.ts", import.meta.url).href;
    const script = `
      const { WasmEngine } = await import(${JSON.stringify(engine)});
      const e = new WasmEngine({ variant: "wide", shared: false });
      const [a, b, c] = [e.alloc(64), e.alloc(256), e.alloc(64)];
      const B = e.pack(16, 16, { at: b, rowStride: 16, colStride: 1 });
      e.gemm(4, { at: a, rowStride: 16, colStride: 1 }, B, c, 16, false);`;
    const folder = mkdtempSync(path.join(tmpdir(), "unrolled-trace-"));
    const file = openSync(path.join(folder, "trace"), "w+"); // V8 loses what a pipe does not take at once
    const trace = [...flags, "--no-liftoff", "--trace-wasm-revectorize"];
    const { stderr } = spawnSync(
      process.execPath,
      [...trace, "--import", "tsx", "--input-type=module", "-e", script],
      { encoding: "utf8", stdio: ["ignore", file, "pipe"] },
    );
    closeSync(file);
    const text = readFileSync(path.join(folder, "trace"), "utf8");
    rmSync(folder, { recursive: true });
    const saved = [...text.matchAll(/Save: (\d+), cost: (\d+)/g)].map(([, save]) => Number(save));
    assert.ok(saved.length > 0, `V8 traces what it makes of pairs; ${stderr}`);
    assert.ok(Math.max(...saved) >= 120, `V8 saves ${saved.join(", ")} operations`);
  });

  it("name no functions and are small", () => {
    for (const [name, { base64 }] of Object.entries(modules)) {
      const bytes = Buffer.from(base64, "base64");
      assert.ok(bytes.length < 24_000, `${name}: ${bytes.length} bytes`);
      assert.ok(!bytes.includes("assembly/"), "no names of sources");
    }
  });
});
