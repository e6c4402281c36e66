import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a script on the library's source in a process of its own, and returns what it prints as JSON. */
async function inOwnProcess(script: string): Promise<Record<string, number>> {
  const flags = ["--expose-gc", "--conditions=unrolled-source", "--import", "tsx", "--input-type=module"];
  const { stdout } = await run(process.execPath, [...flags, "-e", script], {
    cwd: root,
    env: { ...process.env, NODE_V8_COVERAGE: "" }, // counting lines keeps memory of its own
  });
  return JSON.parse(stdout);
}

const MODEL = `
  import { fromData, Generator, nn, ops, optim } from "./src/index.ts";
  const generator = new Generator(1);
  const B = 32, T = 8, V = 20, H = 64;
  const embedding = new nn.Embedding(V, H, { generator });
  const rnn = new nn.RNN(H, H, { generator });
  const output = new nn.Linear(H, V, { generator });
  const params = [...embedding.parameters(), ...rnn.parameters(), ...output.parameters()];
  const optimizer = new optim.SGD(params, { lr: 1e-3 });
  const ids = (n) => Int32Array.from({ length: n }, () => generator.int(V));
  const x = fromData(ids(T * B), [T, B]);
  const y = fromData(ids(T * B), [T * B]);
  const forward = () => {
    const [h, last] = rnn.forward(embedding.forward(x));
    return [ops.crossEntropy(output.forward(h).reshape([T * B, V]), y), last];
  };
  const step = () => {
    optimizer.zeroGrad();
    const [loss, last] = forward();
    loss.backward();
    optimizer.step();
    return [loss, last];
  };
  const held = () => { const { heapUsed, arrayBuffers } = process.memoryUsage(); return heapUsed + arrayBuffers; };
`;

describe("memory", function () {
  this.timeout(180_000);

  it("training without a single await does not grow: what lives after a collection stays the same", async () => {
    const { early, late, steps } = await inOwnProcess(`${MODEL}
      for (let i = 0; i < 300; i++) step(); // until V8 has compiled what it wants to compile
      globalThis.gc(); globalThis.gc();
      const early = held();
      for (let i = 0; i < 1000; i++) step();
      globalThis.gc(); globalThis.gc();
      console.log(JSON.stringify({ early, late: held(), steps: 1300 }));
    `);
    assert.equal(steps, 1300);
    assert.ok(late - early < 1e6, `${early} bytes after 300 steps, ${late} after 1,300`);
  });

  it("a loss, a hidden state and a gradient of step 1 read the same after step 1,000", async () => {
    const { same } = await inOwnProcess(`${MODEL}
      const [loss, last] = step();
      const gradient = params[2].grad;
      const before = [loss, last, gradient].map((x) => [...x.data].join());
      for (let i = 0; i < 1000; i++) step();
      const after = [loss, last, gradient].map((x) => [...x.data].join());
      console.log(JSON.stringify({ same: before.every((text, i) => text === after[i]) ? 1 : 0 }));
    `);
    assert.equal(same, 1);
  });

  it("an RNN is unrolled over 10,000 steps and differentiated", async () => {
    const { gradient } = await inOwnProcess(`
      import { tensor } from "./src/index.ts";
      const w = tensor(0.5, { requiresGrad: true, dtype: "float64" });
      let h = tensor(1, { dtype: "float64" });
      for (let t = 0; t < 10_000; t++) h = w.mul(h).add(0.25);
      h.backward();
      console.log(JSON.stringify({ gradient: w.grad.item() }));
    `);
    // h* = 0.25 / (1 − w): dh*/dw = 0.25 / (1 − w)² = 1.
    assert.ok(Math.abs(gradient - 1) < 1e-9, String(gradient));
  });
});
