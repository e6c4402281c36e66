/** Other people's compilers read our types: the TypeScript that notebooks have (tslab's 5.0) and the newest, without @types. */
import assert from "node:assert/strict";
import path from "node:path";
import { project, put, run, tool } from "./projects.ts";

/** Each line would be accepted if its types were lost as `any`: hence the expected errors. */
const program = `
import { check, data, display, Generator, gradcheck, kernels, lectures, lm, nn, ops, optim, Tensor, tensor, text, viz } from "unrolled";
const W: Tensor = tensor([[1, 2], [3, 4]], { requiresGrad: true });
const y: number = ops.tanh(W.matmul(tensor([1, 2]))).sum().item();
const [out, [h, c]] = new nn.LSTM(2, 3, { generator: new Generator(1) }).forward(tensor([[[1, 2]]]));
const all: Tensor[] = [out, h, c];
// @ts-expect-error a tensor is no number
const number: number = ops.tanh(W);
// @ts-expect-error methods have types too
const word: string = W.matmul(W);
// @ts-expect-error there is no such cell
const cell: lm.RecurrentLMOptions["cell"] = "transformer";
// @ts-expect-error options are checked
new optim.Adam([], { learningRate: 1 });
export const history: Promise<lm.History> | undefined = undefined;
export { all, cell, check, data, display, gradcheck, kernels, lectures, number, text, viz, word, y };
`;

describe("the package's types in other people's compilers", function () {
  this.timeout(600_000);

  const cases: ["ts50" | "ts7", "module" | "commonjs", module: string, resolution: string][] = [
    ["ts50", "module", "esnext", "node10"],
    ["ts50", "module", "node16", "node16"],
    ["ts50", "module", "esnext", "bundler"],
    ["ts7", "module", "node16", "node16"],
    ["ts7", "module", "nodenext", "nodenext"],
    ["ts7", "module", "esnext", "bundler"],
    ["ts50", "commonjs", "commonjs", "node10"],
    ["ts7", "commonjs", "nodenext", "nodenext"],
  ];
  for (const [compiler, type, module, moduleResolution] of cases) {
    const name = compiler === "ts50" ? "TypeScript 5.0" : "TypeScript 7";
    it(`${name}, "moduleResolution": "${moduleResolution}", in a project of type ${type}`, () => {
      const folder = project(type);
      put(folder, "program.ts", program);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        target: "es2022",
        module,
        moduleResolution,
        types: [],
      };
      // The package's own declarations are checked with it (no skipLibCheck).
      put(folder, "tsconfig.json", JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      run(folder, process.execPath, [path.join(tool(compiler), "bin/tsc"), "-p", "."]);
    });
  }

  it('TypeScript 7 itself has no "moduleResolution": "node10" any more', () => {
    const folder = project("module");
    put(
      folder,
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { moduleResolution: "node10" }, files: ["program.ts"] }),
    );
    assert.throws(
      () => run(folder, process.execPath, [path.join(tool("ts7"), "bin/tsc"), "-p", "."]),
      /moduleResolution=node10' has been removed/,
    );
  });
});
