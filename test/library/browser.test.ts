import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { type BuildOptions, build } from "esbuild";
import * as node from "../golden/core.ts";
import { needs } from "../hooks.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Fails where something that is bundled imports a module of Node. */
async function bundle(options: BuildOptions): Promise<{ code: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    bundle: true,
    write: false,
    metafile: true,
    format: "iife",
    globalName: "unrolled",
    platform: "browser",
    keepNames: true, // messages and checkpoints name classes
    ignoreAnnotations: true, // package.json names the files with side effects in dist, not in src
    absWorkingDir: root,
    logLevel: "silent",
    ...options,
  });
  const imports = Object.values(metafile!.outputs).flatMap((output) => output.imports);
  assert.deepEqual(imports, [], "the bundle is whole in itself");
  return { code: outputFiles![0].text, inputs: Object.keys(metafile!.inputs) };
}

/** A layer of each kind, three steps of Adam: the losses. */
const steps = `
  const { nn, ops, optim, ids, Generator } = unrolled;
  const generator = new Generator(1);
  const embedding = new nn.Embedding(7, 5, { generator });
  const lstm = new nn.LSTM(5, 6, { generator, numLayers: 2, dropout: 0.1 });
  const output = new nn.Linear(6, 7, { generator });
  const parameters = [embedding, lstm, output].flatMap((m) => m.parameters());
  const optimizer = new optim.Adam(parameters, { lr: 0.05 });
  const x = ids([[1, 2], [3, 4], [5, 6], [0, 1]]);
  const y = ids([2, 3, 4, 5, 6, 0, 1, 2]);
  const losses = [];
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    const [h] = lstm.forward(embedding.forward(x));
    const loss = ops.crossEntropy(output.forward(h).reshape([-1, 7]), y);
    loss.backward();
    optim.clipGradNorm(parameters, 1);
    optimizer.step();
    losses.push(loss.item());
  }
  losses;`;

function lossesOf(run: (script: string) => unknown): number[] {
  return Array.from(run(`(() => { ${steps.replace(/losses;$/, "return losses;")} })()`) as number[]);
}

function assertTrains(code: string): void {
  // What the language itself has, and the decoder of base64 that pages and workers have: no process, no timers.
  const bare = vm.createContext({ atob });
  vm.runInContext(code, bare);
  const losses = lossesOf((script) => vm.runInContext(script, bare));
  const expected = lossesOf((script) => new Function("unrolled", `return ${script}`)(node));
  assert.ok(losses[2] < losses[0]);
  losses.forEach((loss, i) => {
    assert.ok(Math.abs(loss - expected[i]) <= 1e-5 * expected[i], `step ${i}: ${loss}, not ${expected[i]}`);
  });
}

describe("the library in a browser", () => {
  it("bundles from the sources, and trains without a single global of Node", async () => {
    const { code, inputs } = await bundle({
      entryPoints: ["src/index.ts"],
      alias: { "#platform": path.join(root, "src/platform/browser.ts") },
    });
    assert.ok(!inputs.includes("src/platform/node.ts"));
    assertTrains(code);
  });

  it("trains a language model with what every page has", async () => {
    const { code } = await bundle({
      entryPoints: ["src/index.ts"],
      alias: { "#platform": path.join(root, "src/platform/browser.ts") },
    });
    const page = vm.createContext({ atob, performance, setTimeout, TextEncoder, TextDecoder });
    vm.runInContext(code, page);
    const result = (await vm.runInContext(
      `(async () => {
        const { lm, text, optim } = unrolled;
        const corpus = text.corpusFromText("the cat sat on the mat. ".repeat(20), { name: "cats" });
        const model = new lm.RecurrentLM({ cell: "gru", corpus, hiddenSize: 12, seed: 1 });
        const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
        const options = { optimizer, epochs: 3, batchSize: 4, bptt: 8, seed: 1 };
        const history = await lm.train(model, corpus, options);
        const refused = await lm.train(model, corpus, { ...options, checkpoint: { path: "a" } }).catch(String);
        return { losses: history.epochs.map((e) => e.trainLoss), text: String(model.generate({ prompt: "the", length: 5, greedy: true })), refused };
      })()`,
      page,
    )) as { losses: number[]; text: string; refused: string };
    assert.ok(result.losses[2] < result.losses[0] - 0.3, `${result.losses}`);
    assert.equal([...result.text].length, 8);
    assert.match(result.refused, /cannot write the file "a/);
  });

  it("the built package resolves to its browser variant by itself", async function () {
    needs(this, existsSync(path.join(root, "dist/platform/browser.js")), "npm run build");
    const { code, inputs } = await bundle({
      stdin: { contents: 'export * from "unrolled";', resolveDir: root },
      ignoreAnnotations: false,
    });
    assert.ok(inputs.includes("dist/platform/browser.js"));
    assert.ok(!inputs.includes("dist/platform/node.js"));
    assert.ok(!inputs.some((file) => file.startsWith("src/")), "sources in the bundle of the package");
    assertTrains(code);
  });
});
