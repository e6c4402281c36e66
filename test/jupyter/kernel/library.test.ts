import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Json } from "../../../src/jupyter/kernel/wire/wire.ts";
import { needs } from "../../hooks.ts";
import { ROOT } from "./build.ts";
import { type Answer, contents, result, stream, TestKernel } from "./harness.ts";

/** The library as notebooks load it, by its name, from `dist`; interrupted wherever it may be. */
describe("kernel: interrupts inside the library", () => {
  let kernel: TestKernel;
  before(async function () {
    needs(this, existsSync(path.join(ROOT, "dist/index.js")), "npm run build");
    kernel = await TestKernel.start();
    const { reply } = await kernel.execute(`
      import { isGradEnabled, lm, noGrad, optim, tensor, text } from "unrolled";
      const gradientOfSquares = () => {
        const x = tensor([1, 2, 3], { requiresGrad: true });
        x.mul(x).sum().backward();
        return Array.from(x.grad!.data);
      };`);
    assert.equal(reply.content["status"], "ok", JSON.stringify(reply.content));
  });
  after(() => kernel?.stop());

  const interrupt = async (code: string): Promise<Answer> => {
    const id = kernel.executeLater(code);
    await kernel.printed(id, "ready");
    await kernel.request("interrupt_request", {}, "control");
    return kernel.answer(id);
  };
  const gradientsAreRight = async (): Promise<void> => {
    assert.equal(
      result(await kernel.execute("[isGradEnabled(), ...gradientOfSquares()]")),
      "[ true, 2, 4, 6 ]",
    );
  };

  it("in noGrad: gradients are recorded again", async () => {
    const answer = await interrupt("noGrad(() => { console.log('ready'); for (;;) {} })");
    assert.equal(answer.reply.content["ename"], "KeyboardInterrupt");
    await gradientsAreRight();
    await interrupt("await null; noGrad(() => noGrad(() => { console.log('ready'); for (;;) {} }))");
    await gradientsAreRight();
  });

  it("in forward and backward, at any place", async () => {
    for (let round = 0; round < 5; round++) {
      const answer = await interrupt(`
        console.log("ready");
        for (;;) {
          const w = tensor(Array.from({ length: 900 }, (_, i) => i / 900), { requiresGrad: true });
          let h = w.reshape([30, 30]);
          for (let i = 0; i < 20; i++) h = h.matmul(w.reshape([30, 30])).tanh();
          h.sum().backward();
        }`);
      assert.equal(answer.reply.content["ename"], "KeyboardInterrupt");
      await gradientsAreRight();
    }
  });

  it("in train: it returns its history, the cell ends well, the cells that wait are aborted, and training goes on", async () => {
    await kernel.execute(`
      const corpus = text.loadCorpus("harbour");
      const model = new lm.RecurrentLM({ corpus, cell: "rnn", embeddingSize: 16, hiddenSize: 32, seed: 1 });
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });`);
    const training = kernel.executeLater(
      "const history = await lm.train(model, corpus, { optimizer, epochs: 1000, batchSize: 8, bptt: 16 }); 'ended'",
    );
    const waiting = kernel.executeLater("console.log('must not run')");
    await kernel.until(() => contents(kernel.of(training), "update_display_data").length > 2, "progress");
    await kernel.request("interrupt_request", {}, "control");
    const answer = await kernel.answer(training);
    assert.equal(answer.reply.content["status"], "ok", JSON.stringify(answer.reply.content));
    assert.equal(result(answer), "'ended'");
    assert.equal((await kernel.answer(waiting)).reply.content["status"], "aborted");
    const last = contents(answer.published, "update_display_data").at(-1)?.["data"] as Json;
    assert.match(String(last["text/plain"]), /interrupted/);
    const again = await kernel.execute(
      "const more = await lm.train(model, corpus, { optimizer, maxSteps: 3, batchSize: 8, bptt: 16 }); more.steps.length",
    );
    assert.equal(again.reply.content["status"], "ok", JSON.stringify(again.reply.content));
    assert.equal(stream(again.published, "stderr"), "");
    assert.equal(result(again), "3");
    await gradientsAreRight();
  });

  it("in train, at any place: the checkpoint is whole, and the training goes on from it as if nothing had been", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-interrupt-"));
    const file = path.join(folder, "model.safetensors");
    try {
      const ask = async (code: string) => {
        const answer = await kernel.execute(code);
        assert.equal(answer.reply.content["status"], "ok", JSON.stringify(answer.reply.content));
        return result(answer);
      };
      const own = `{ epochs: 1000, batchSize: 8, bptt: 16, checkpoint: { path: ${JSON.stringify(file)}, everySteps: 1 } }`;
      await ask(`
        const makeOne = () => {
          const model = new lm.RecurrentLM({ corpus, cell: "gru", embeddingSize: 16, hiddenSize: 32, seed: 2 });
          return { model, optimizer: new optim.Adam(model.parameters()), history: undefined as lm.History | undefined };
        };
        let saved = makeOne();`);
      let steps = 0;
      for (let round = 0; round < 4; round++) {
        const id = kernel.executeLater(
          `await lm.train(saved.model, corpus, { ...${own}, optimizer: saved.optimizer, resume: saved.history }); 'ended'`,
        );
        await kernel.until(() => contents(kernel.of(id), "update_display_data").length > round, "progress");
        await kernel.request("interrupt_request", {}, "control");
        assert.equal(result(await kernel.answer(id)), "'ended'");
        // From the file, as after a restart.
        const now = Number(
          await ask(`saved = lm.load(${JSON.stringify(file)}) as never; saved.history!.steps.length`),
        );
        assert.ok(now > steps, `round ${round}: ${now} steps after ${steps}`);
        steps = now;
      }
      const same = await ask(`
        const whole = makeOne();
        const straight = await lm.train(whole.model, corpus, { optimizer: whole.optimizer, epochs: 1000, batchSize: 8, bptt: 16, maxSteps: ${steps} });
        straight.steps.every(({ loss }, i) => loss === saved.history!.steps[i].loss) && saved.history!.steps.length === straight.steps.length`);
      assert.equal(same, "true");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
