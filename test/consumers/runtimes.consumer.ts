/** Other people's programs import the package: ES modules and CommonJS, on the Node versions that we promise, and Deno. */
import assert from "node:assert/strict";
import path from "node:path";
import { project, put, run, tool } from "./projects.ts";

/** Trains for a few steps, saves, loads, generates: what stands on files, kernels and chance. Prints one line of JSON. */
const program = `
const corpus = text.loadCorpus("harbour");
const model = new lm.RecurrentLM({ corpus, cell: "gru", embeddingSize: 8, hiddenSize: 16, seed: 1 });
const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2 });
const losses = [];
const training = lm.train(model, corpus, {
  optimizer, maxSteps: 20, batchSize: 16, bptt: 8, seed: 1, progress: false, onStep: ({ loss }) => void losses.push(loss),
});
training.then(() => {
  lm.saveTensors(process.argv[2], model.stateDict());
  model.loadStateDict(lm.loadTensors(process.argv[2]));
  const written = model.generate({ prompt: "The ", length: 20, greedy: true }).text;
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(x).sum().backward();
  console.log(JSON.stringify({ losses, written, grad: String(x.grad), tier: kernels.info().tier }));
});
`;
const names = "kernels, lm, optim, tensor, text";

interface Result {
  losses: number[];
  written: string;
  grad: string;
  tier: string;
}

describe("the package in other people's programs", function () {
  this.timeout(600_000);
  let first: Result | undefined;

  const node20 = (): string[] => [path.join(tool("node20"), "bin/node")];
  const node24 = (): string[] => [path.join(tool("node24"), "bin/node")];
  const deno = (): string[] => [path.join(tool("deno"), "deno"), "run", "--allow-all"];
  const cases: [string, "module" | "commonjs", () => string[]][] = [
    ["import on Node 20", "module", node20],
    ["require on Node 20", "commonjs", node20],
    ["import on Node 24", "module", node24],
    ["require on Node 24", "commonjs", node24],
    ["import in Deno", "module", deno],
  ];
  for (const [name, type, runtime] of cases) {
    it(name, () => {
      const folder = project(type);
      const head =
        type === "module"
          ? `import process from "node:process";\nimport { ${names} } from "unrolled";`
          : `const { ${names} } = require("unrolled");`;
      const file = put(folder, "program.js", head + program);
      const [command, ...args] = runtime();
      const result = JSON.parse(
        run(folder, command, [...args, file, path.join(folder, "weights.safetensors")]),
      ) as Result;
      assert.equal(result.grad, "tensor([2, 4], shape [2])");
      assert.equal(result.tier, "wasm");
      assert.equal(result.losses.length, 20);
      assert.ok(result.losses[19] < result.losses[0] - 0.5, `${result.losses}`);
      first ??= result;
      result.losses.forEach((loss, i) => {
        assert.ok(Math.abs(loss - first!.losses[i]) < 1e-3, `step ${i}: ${loss}, first ${first!.losses[i]}`);
      });
      assert.equal([...result.written].length, 24);
    });
  }

  it("the command runs, and refuses with a sentence what needs the repository", () => {
    const folder = project("module");
    const main = path.join(folder, "node_modules/unrolled/dist/cli/main.js");
    const [node] = node20();
    assert.equal(run(folder, node, [main, "--version"]).trim().split(".").length, 3);
    assert.match(run(folder, node, [main, "data", "list"]), /harbour/);
    assert.match(run(folder, node, [main, "kernel", "list"]), /TypeScript \(Unrolled\)/);
    assert.throws(
      () => run(folder, node, [main, "lab", "--no-browser"]),
      /only with a clone of the repository/,
    );
  });
});
