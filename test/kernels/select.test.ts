import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "../../src/errors.ts";
import { kernels } from "../../src/kernels/index.ts";
import { needs } from "../hooks.ts";

const index = fileURLToPath(new URL("../../src/index.ts", import.meta.url));

/** Runs a script in a process of its own, with the library as `lib`, and parses the JSON it prints. */
function inProcess(
  script: string,
  env: Record<string, string> = {},
  options: string[] = [],
): { out: unknown; stderr: string; status: number | null } {
  const code = `${script.includes("import(") ? "" : `const lib = await import(${JSON.stringify(index)});\n`}${script}`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...options, "--import", "tsx", "--conditions=unrolled-source", "--input-type=module", "-e", code],
    { encoding: "utf8", env: { ...process.env, UNROLLED_KERNELS: "", UNROLLED_THREADS: "1", ...env } },
  );
  return { out: stdout === "" ? undefined : JSON.parse(stdout), stderr, status };
}

const REPORT = "console.log(JSON.stringify(lib.kernels.info()));";

describe("choice of kernels", () => {
  afterEach(() => kernels.use("auto"));

  it("says what runs and why, tier by tier", () => {
    kernels.use("wasm/plain");
    const info = kernels.info();
    assert.equal(info.tier, "wasm");
    assert.equal(info.variant, "plain");
    assert.equal(info.tile, "4×8");
    assert.equal(info.fma, false);
    assert.equal(info.fingerprint, "wasm mul+add");
    assert.equal(info.chosenBy, "kernels.use");
    assert.deepEqual(
      info.tiers.map(({ name, available }) => [name, available]),
      [
        ["blas", undefined],
        ["wasm", true],
        ["reference", undefined],
      ],
    );
    assert.ok(info.tiers.every(({ reason }) => reason.length > 0));
    kernels.use("reference");
    assert.deepEqual(
      [kernels.info().tier, kernels.info().fingerprint, kernels.info().engine],
      ["reference", "reference", "reference float32"],
    );
  });

  it("refuses names that are none, and changes nothing then", () => {
    kernels.use("reference");
    assert.throws(
      () => kernels.use("webgpu" as "wasm"),
      (error: Error) =>
        error instanceof ArgumentError &&
        error.message ===
          'kernels.use: there are no kernels "webgpu"; expected one of auto, blas, wasm, wasm/plain, wasm/relaxed, wasm/wide, reference',
    );
    assert.equal(kernels.info().tier, "reference");
  });

  it("UNROLLED_KERNELS decides; a bad value is refused by name, at the first sum and not at the import", () => {
    const { out } = inProcess(REPORT, { UNROLLED_KERNELS: "reference" });
    assert.equal((out as { tier: string }).tier, "reference");
    assert.equal((out as { chosenBy: string }).chosenBy, "UNROLLED_KERNELS");
    const bad = inProcess(REPORT, { UNROLLED_KERNELS: "fast" });
    assert.notEqual(bad.status, 0);
    assert.match(
      bad.stderr,
      /ArgumentError: UNROLLED_KERNELS: there are no kernels "fast"; expected one of auto, /,
    );
    assert.equal(inProcess("console.log(1)", { UNROLLED_KERNELS: "fast" }).status, 0);
  });

  it("kernels.use comes before UNROLLED_KERNELS", () => {
    const script = `lib.kernels.use("wasm/plain"); ${REPORT}`;
    const { out } = inProcess(script, { UNROLLED_KERNELS: "reference" });
    assert.deepEqual(
      [(out as { tier: string }).tier, (out as { chosenBy: string }).chosenBy],
      ["wasm", "kernels.use"],
    );
  });

  it("an import compiles nothing, sets no flag, starts no thread; neither do sums of small arrays", () => {
    const { out, status, stderr } = inProcess(`
      import v8 from "node:v8";
      import worker from "node:worker_threads";
      const calls = [];
      for (const name of ["Module", "Instance", "Memory"]) {
        const real = WebAssembly[name];
        WebAssembly[name] = new Proxy(real, { construct(...args) { calls.push(name); return Reflect.construct(...args); } });
      }
      const validate = WebAssembly.validate;
      WebAssembly.validate = (...args) => { calls.push("validate"); return validate(...args); };
      const setFlags = v8.setFlagsFromString;
      v8.setFlagsFromString = (flag) => { calls.push(flag); setFlags(flag); };
      worker.Worker = class { constructor() { calls.push("Worker"); } };
      process.binding = undefined;
      const lib = await import(${JSON.stringify(index)});
      const before = calls.length;
      const x = lib.tensor([[1, 2], [3, 4]]);
      x.matmul(x).tanh();
      const small = calls.length;
      lib.kernels.use("wasm");
      console.log(JSON.stringify({ before, small, after: calls.includes("Module") }));
    `);
    assert.equal(status, 0, stderr);
    assert.deepEqual(out, { before: 0, small: 0, after: true });
  });

  it("a flag on the command line is seen", function () {
    needs(
      this,
      process.versions.node.startsWith("20."),
      "Node 20 (newer ones have relaxed SIMD without a flag)",
    );
    const without = inProcess(REPORT, { UNROLLED_KERNELS: "wasm" }).out as { variant: string };
    const flag = ["--experimental-wasm-relaxed-simd"];
    const withIt = inProcess(REPORT, { UNROLLED_KERNELS: "wasm" }, flag).out as { variant: string };
    assert.deepEqual([without.variant, withIt.variant], ["plain", "relaxed"]);
  });
});
