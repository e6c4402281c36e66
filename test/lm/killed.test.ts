import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Generator, lm } from "../../src/index.ts";
import { needs } from "../hooks.ts";
import { rounds } from "../soak.ts";
import { inFolder, seedOfRun, setUp } from "./setup.ts";

const KILLS = rounds(5, 200);

/** A process that saves the checkpoints of two models of different size in turn, for ever. */
function saver(file: string): ChildProcess {
  const code = `
    import { lm, text } from "unrolled"; // as it was built: it loads in a tenth of the time
    const corpus = text.corpusFromText("the cat sat on the mat. ".repeat(20), { split: { fractions: [0.9, 0.1] } });
    const models = [100, 140].map((hiddenSize) => new lm.RecurrentLM({ corpus, cell: "lstm", hiddenSize, seed: 1 }));
    process.stdout.write("ready");
    for (let i = 0; ; i++) lm.save(${JSON.stringify(file)}, { model: models[i % 2] });`;
  return spawn(process.execPath, ["--input-type=module", "-e", code], {
    env: { ...process.env, NODE_V8_COVERAGE: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const isTemporary = (name: string) => name.endsWith(".tmp");

describe("checkpoints: killed, and on a full disk", function () {
  this.timeout(60_000 + KILLS * 10_000);

  it(`killed ${KILLS} times at random moments of saving: an old or a new checkpoint, never a part of one`, () =>
    inFolder(async (folder) => {
      const seed = seedOfRun();
      const generator = new Generator(`killed ${seed}`);
      const file = path.join(folder, "model.safetensors");
      let [loaded, interrupted] = [0, 0];
      for (let kill = 0; kill < KILLS; kill++) {
        const child = saver(file);
        const ended = new Promise((resolve) => child.once("close", resolve));
        await new Promise((resolve) => child.stdout!.once("data", resolve));
        await sleep(generator.uniform(0, 60));
        child.kill("SIGKILL");
        await ended;
        if (readdirSync(folder).some(isTemporary)) interrupted++;
        if (!existsSync(file)) continue; // killed before the first was complete
        const { model } = lm.load(file);
        assert.ok([100, 140].includes(model.config["hiddenSize"] as number), `seed ${seed}, kill ${kill}`);
        loaded++;
      }
      assert.ok(loaded > 0, `no checkpoint was written, seed ${seed}`);
      assert.ok(KILLS < 50 || interrupted > 0, `no kill fell into the writing of a file, seed ${seed}`);
      // What dead processes left is cleared up by the next save, once it is sure that nobody writes it any more.
      const old = new Date(Date.now() - 120_000);
      for (const name of readdirSync(folder).filter(isTemporary))
        utimesSync(path.join(folder, name), old, old);
      lm.save(file, { model: lm.load(file).model });
      assert.deepEqual(readdirSync(folder).sort(), ["model.safetensors", "model.safetensors.json"]);
    }));

  it("a full disk is said, and leaves the old checkpoint and no temporary; with room it goes on", async function () {
    await inFolder(async (folder) => {
      const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]);
      needs(this, mount.status === 0, "run the tests as root on Linux, to mount a small file system");
      try {
        const file = path.join(folder, "model.safetensors");
        const { corpus, model, optimizer, options } = setUp("lstm");
        const checkpoint = { path: file, everySteps: 1 };
        const history = await lm.train(model, corpus, { ...options, checkpoint, maxSteps: 3 });
        const good = readFileSync(file);
        const filler = path.join(folder, "filler");
        // All that is left, but for a few kilobytes: less than a checkpoint needs.
        const free = Number(
          spawnSync("df", ["--output=avail", "-B1", folder]).stdout.toString().split("\n")[1],
        );
        writeFileSync(filler, new Uint8Array(free - 8192));
        await assert.rejects(lm.train(model, corpus, { ...options, checkpoint, resume: history }), /ENOSPC/);
        assert.ok(readFileSync(file).equals(good), "the old checkpoint is whole");
        assert.deepEqual(readdirSync(folder).filter(isTemporary), []);
        assert.equal(lm.load(file).history!.steps.length, 3);
        // The steps that were taken are not lost: the training goes on where the disk was full.
        writeFileSync(filler, "");
        const { length } = history.steps;
        assert.ok(length > 3, `${length} steps`);
        const more = await lm.train(model, corpus, {
          ...options,
          optimizer,
          checkpoint,
          resume: history,
          maxSteps: length + 2,
        });
        assert.equal(more.steps.length, length + 2);
        assert.equal(lm.load(file).history!.steps.length, length + 2);
      } finally {
        spawnSync("umount", [folder]);
      }
    });
  });
});
