import assert from "node:assert/strict";
import { UnrolledError } from "../../../src/errors.ts";
import { ReferenceEngine } from "../../../src/kernels/reference-engine.ts";
import { selfTest } from "../../../src/kernels/self-test.ts";
import { WasmEngine } from "../../../src/kernels/wasm/engine.ts";
import { revectorizes, simdFlags, useFastSimd } from "../../../src/kernels/wasm/flags.ts";
import { wasmTier, whyNot } from "../../../src/kernels/wasm/tier.ts";
import { onBlocks, variants } from "./variants.ts";

/** What `work` writes to stderr. */
function stderrOf(work: () => void): string {
  const { write } = process.stderr;
  let text = "";
  process.stderr.write = ((part: string) => {
    text += part;
    return true;
  }) as typeof write;
  try {
    work();
  } finally {
    process.stderr.write = write;
  }
  return text;
}

describe("wasm: the tier and its self-test", () => {
  it("passes on every variant and on the reference", () => {
    assert.equal(selfTest(new ReferenceEngine("float32")), undefined);
    assert.equal(selfTest(new ReferenceEngine("float64")), undefined);
    for (const [variant, engine] of variants) assert.equal(selfTest(engine), undefined, variant);
  });

  it("gives all its memory back", () => {
    const engine = new WasmEngine({ variant: "plain", shared: false });
    const { now } = engine.allocated;
    selfTest(engine);
    assert.equal(engine.allocated.now, now);
  });

  const broken: [string, RegExp, (engine: WasmEngine) => void][] = [
    ["gemm", /^the product \[1,5\] @ \[5,37\]: element \d+ is .* and should be /, (e) => (e.gemm = () => {})],
    ["tanh", /^tanh: element \d+ is .* and should be /, (e) => (e.tanh = () => {})],
    ["lstmForward", /^an LSTM step: /, (e) => (e.lstmForward = () => {})],
    ["gruBackward", /^the way back through a GRU step: /, (e) => (e.gruBackward = () => {})],
    ["softmaxCrossEntropy", /^softmax and cross entropy: /, (e) => (e.softmaxCrossEntropy = () => {})],
    ["adam", /^an Adam step: /, (e) => (e.adam = () => {})],
  ];
  for (const [name, message, breakIt] of broken) {
    it(`notices a wrong ${name}`, () => {
      const engine = new WasmEngine({ variant: "plain", shared: false });
      breakIt(engine);
      assert.match(selfTest(engine) ?? "", message);
    });
  }

  it("notices a NaN", () => {
    const engine = new WasmEngine({ variant: "plain", shared: false });
    engine.exp = (n, _, y) => engine.fill(n, NaN, y);
    assert.match(selfTest(engine) ?? "", /^exp: element \d+ is NaN and should be /);
  });

  it("goes on with the next variant when one fails, and says so once on stderr", () => {
    const create = (variant: "plain" | "relaxed" | "wide") => new WasmEngine({ variant, shared: false });
    const first = wasmTier({ create }).open().variant;
    const refuseFirst = (engine: InstanceType<typeof WasmEngine>) =>
      engine.variant === first ? "2 × 2 is 5" : undefined;
    const test = refuseFirst as unknown as typeof selfTest;
    const tier = wasmTier({ create, test });
    const open = () => {
      if (first === "plain") assert.throws(() => tier.open(), UnrolledError);
      else assert.notEqual(tier.open().variant, first);
    };
    const text = stderrOf(() => {
      open();
      open();
    });
    assert.equal(
      text,
      `unrolled: the WebAssembly kernels "${first}" compute wrongly (2 × 2 is 5); going on without them\n`,
    );
  });

  it("says why nothing is left when all fail", () => {
    const failing = wasmTier({
      variant: "plain",
      create: () => {
        throw new Error("out of addresses");
      },
    });
    stderrOf(() =>
      assert.throws(() => failing.open(), {
        name: "UnrolledError",
        message: "not plain: do not start (out of addresses)",
      }),
    );
  });

  it("says which flag a variant needs", () => {
    if (whyNot("relaxed")) assert.match(whyNot("relaxed") ?? "", /--experimental-wasm-relaxed-simd/);
    else if (!revectorizes()) assert.match(whyNot("wide") ?? "", /--experimental-wasm-revectorize/);
    assert.equal(whyNot("plain"), undefined);
  });

  it("names whether products are rounded with their sums, whoever does the matrix products", () => {
    const product = (engine: WasmEngine): WasmEngine => {
      engine.gemm = () => assert.fail("a BLAS may do this one");
      return engine;
    };
    const test = () => undefined;
    for (const [variant, engine] of variants) {
      if (whyNot(variant)) continue;
      const create = () => product(new WasmEngine({ variant, shared: false }));
      const { fma } = wasmTier({ variant, create, test }).open();
      const [, sums] = onBlocks(engine, [[1 + 2 ** -12], [-(1 + 2 ** -11)]], (x, y) =>
        engine.addScaled(1, 1 + 2 ** -12, x, y),
      );
      assert.equal(fma, sums[0] === 2 ** -24, variant);
    }
    const plain = wasmTier({ variant: "plain" }).open();
    assert.deepEqual([plain.fma, plain.fingerprint, plain.threads], [false, "wasm mul+add", 1]);
  });
});

describe("wasm: flags of launchers", () => {
  it("are those that bring something", () => {
    assert.deepEqual(simdFlags("20.20.2", "x64"), ["--experimental-wasm-relaxed-simd"]);
    assert.deepEqual(simdFlags("20.20.2", "arm64"), ["--experimental-wasm-relaxed-simd"]);
    assert.deepEqual(simdFlags("22.22.3", "x64"), []);
    assert.deepEqual(simdFlags("24.1.0", "x64"), ["--experimental-wasm-revectorize"]);
    assert.deepEqual(simdFlags("24.1.0", "arm64"), []);
    assert.deepEqual(simdFlags("26.0.0", "x64"), ["--experimental-wasm-revectorize"]);
  });

  it("are set once, remembered for the library, and left alone with UNROLLED_V8_FLAGS=0", () => {
    const set: string[] = [];
    const setFlags = (flag: string): void => void set.push(flag);
    const machine = {
      versions: { node: "24.3.0" },
      arch: "x64",
      env: { UNROLLED_V8_FLAGS: "0" } as Record<string, string>,
    };
    const key = Symbol.for("unrolled.v8Flags");
    const store = globalThis as unknown as Record<symbol, unknown>;
    const before = store[key];
    try {
      delete store[key];
      useFastSimd(machine, setFlags);
      assert.deepEqual(set, []);
      assert.equal(store[key], undefined);
      useFastSimd({ ...machine, env: {} }, setFlags);
      assert.deepEqual(set, ["--experimental-wasm-revectorize"]);
      assert.equal(revectorizes(), true);
    } finally {
      if (before === undefined) delete store[key];
      else store[key] = before;
    }
  });
});
