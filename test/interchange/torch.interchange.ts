/** State dictionaries go to PyTorch and come back, with equal logits. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fromData, Generator, lm, noGrad, text } from "../../src/index.ts";
import { needs } from "../hooks.ts";

const PYTHON = "/usr/bin/python3";
const script = fileURLToPath(new URL("./torch_model.py", import.meta.url));

describe("state dictionaries and PyTorch", () => {
  let folder: string;
  before(function () {
    const { status } = spawnSync(PYTHON, ["-c", "import torch"]);
    needs(this, status === 0, "apt-get install python3-torch");
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-torch-"));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const cell of ["rnn", "lstm", "gru"] as const) {
    it(`${cell} of two layers: logits agree to 1e-5 both ways`, () => {
      const tokens = Array.from({ length: 13 }, (_, i) => String.fromCharCode(97 + i));
      const vocabulary = text.Vocabulary.fromTokens(tokens);
      const sizes = { cell, embeddingSize: 6, hiddenSize: 9, numLayers: 2 };
      const model = new lm.RecurrentLM({ ...sizes, vocabulary, seed: 5 });
      const [T, B] = [11, 4];
      const generator = new Generator("torch");
      const ids = Int32Array.from({ length: T * B }, () => generator.int(13));
      const logits = () => [...noGrad(() => model.forward(fromData(ids, [T, B]))[0]).data];

      const file = (name: string) => path.join(folder, `${cell}-${name}`);
      const rows = Array.from({ length: T }, (_, t) => [...ids.subarray(t * B, (t + 1) * B)]);
      writeFileSync(file("config.json"), JSON.stringify({ ...sizes, vocabulary: 13, ids: rows }));
      lm.saveTensors(file("ours.safetensors"), model.stateDict());
      const done = spawnSync(
        PYTHON,
        [
          script,
          file("config.json"),
          file("ours.safetensors"),
          file("theirs.safetensors"),
          file("result.json"),
        ],
        { encoding: "utf8" },
      );
      assert.equal(done.status, 0, done.stderr);
      const { loaded, fresh } = JSON.parse(readFileSync(file("result.json"), "utf8")) as Record<
        string,
        number[]
      >;
      close(logits(), loaded);
      model.loadStateDict(lm.loadTensors(file("theirs.safetensors")));
      close(logits(), fresh);
    });
  }
});

function close(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]) <= 1e-5, `logit ${i}: ${value}, PyTorch ${expected[i]}`);
  }
}
