import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { CheckpointError, fromData, lm, optim, text, zeros } from "../../src/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";
import { decodeTensors, encodeTensors } from "../../src/lm/checkpoint/safetensors.ts";
import { inFolder } from "./setup.ts";

describe("checkpoints", () => {
  const corpus = text.corpusFromText("abcab cab abc ".repeat(30), { split: { fractions: [0.8, 0.2] } });
  const trained = async () => {
    const model = new lm.RecurrentLM({ corpus, cell: "gru", embeddingSize: 3, hiddenSize: 4, seed: 1 });
    const optimizer = new optim.AdamW([
      { params: model.embedding!.parameters(), lr: 0.1 },
      { params: [...model.rnn.parameters(), ...model.output.parameters()] },
    ]);
    const history = await lm.train(model, corpus, {
      optimizer,
      batchSize: 2,
      bptt: 5,
      maxSteps: 7,
      progress: false,
    });
    return { model, optimizer, history };
  };

  it("moments are of the parameters' dtype; those of an older file are rounded, and it says so", async () => {
    const saved = await trained();
    const { bytes } = encodeCheckpoint(saved);
    const { tensors, metadata } = decodeTensors(bytes, "c");
    const mean = "optimizer.embedding.weight.mean";
    const now = tensors.get(mean)!;
    assert.equal(now.dtype, "float32");
    const warnings: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => void warnings.push(text);
    try {
      decodeCheckpoint(bytes);
      assert.deepEqual(warnings, []);
      const older = encodeTensors(new Map([...tensors, [mean, now.to("float64").detach()]]), metadata);
      const { optimizer } = decodeCheckpoint(older);
      assert.deepEqual(optimizer!.stateDict().slots[0]!.mean, now.data);
    } finally {
      console.warn = warn;
    }
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /moments of float32 parameters in float64.*not bit for bit/);
  });

  it("brings back parameter groups, moments, history and vocabulary", async () => {
    const saved = await trained();
    const loaded = decodeCheckpoint(encodeCheckpoint(saved).bytes);
    assert.deepEqual(
      loaded.optimizer!.groups.map((g) => g.lr),
      [0.1, 0.001],
    );
    assert.deepEqual(loaded.optimizer!.stateDict(), saved.optimizer.stateDict());
    assert.deepEqual(loaded.model.vocabulary.tokens, corpus.vocabulary.tokens);
    assert.equal(loaded.history!.steps.length, 7);
    assert.equal(loaded.model.evaluate(corpus).nll, saved.model.evaluate(corpus).nll);
    assert.ok(Buffer.compare(encodeCheckpoint(loaded).bytes, encodeCheckpoint(saved).bytes) === 0);
  });

  it("keeps the weights under PyTorch's names, beside what only we need", async () => {
    const { tensors, metadata } = decodeTensors(encodeCheckpoint(await trained()).bytes);
    assert.ok(
      tensors.has("rnn.weight_ih_l0") &&
        tensors.has("embedding.weight") &&
        tensors.has("optimizer.embedding.weight.mean"),
    );
    assert.equal(metadata.get("format"), "pt");
  });

  it("refuses plain tensors, another format, missing and foreign parts, by name", async () => {
    const { bytes } = encodeCheckpoint(await trained());
    const { tensors, metadata } = decodeTensors(bytes);
    const sidecar = JSON.parse(metadata.get("unrolled")!);
    const again = (change: (s: typeof sidecar, t: typeof tensors) => void) => {
      const [s, t] = [structuredClone(sidecar), new Map(tensors)];
      change(s, t);
      return () => decodeCheckpoint(encodeTensors(t, new Map([["unrolled", JSON.stringify(s)]])), "c");
    };
    assert.throws(() => decodeCheckpoint(encodeTensors(tensors), "c"), /c: holds tensors only.*loadTensors/);
    assert.throws(
      again((s) => {
        s.format = "other/9";
      }),
      /c: format "other\/9", this version reads/,
    );
    assert.throws(
      again((s) => {
        s.config.model = "Oracle";
      }),
      /c: unknown model "Oracle"/,
    );
    assert.throws(
      again((s) => {
        s.config.hiddenSize = 5;
      }),
      /c: .*is \[15,3\] here, \[12,3\] in the state/s,
    );
    assert.throws(
      again((_, t) => {
        t.delete("output.bias");
      }),
      /missing: output\.bias/,
    );
    assert.throws(
      again((_, t) => {
        t.set("extra", zeros([1]));
      }),
      /unexpected: extra/,
    );
    assert.throws(
      again((_, t) => {
        t.delete("carried.0");
      }),
      /carried\.0 is missing/,
    );
    assert.throws(
      again((s) => {
        s.optimizer.name = "constructor";
      }),
      /unknown optimizer "constructor"/,
    );
    assert.throws(
      again((s) => {
        s.optimizer.parameters[1].pop();
      }),
      /7 states for 6 parameters/,
    );
    assert.throws(
      again((s) => {
        s.optimizer.parameters[1][0] = "rnn.weight";
      }),
      /c: the optimizer's parameter "rnn.weight" is not in the model/,
    );
    const mean = "optimizer.embedding.weight.mean";
    assert.throws(
      again((_, t) => {
        t.set(mean, fromData(new Float64Array(2), [2]));
      }),
      /\bmean\b.*parameter 0/,
    );
    assert.throws(
      again((_, t) => {
        t.set(mean, fromData(new Int32Array(12), [12]));
      }),
      /c: optimizer.embedding.weight.mean must be float32 or float64/,
    );
    for (const [field, value] of Object.entries({ step: -1, epoch: 1.5, stepInEpoch: "1", epochNll: null })) {
      assert.throws(
        again((s) => {
          s.training[field] = value;
        }),
        new RegExp(`c: the training's ${field} cannot be`),
      );
    }
    assert.throws(
      again((s) => {
        s.training.bestWeights = 2;
      }),
      /c: the training's bestWeights cannot be 2/,
    );
    assert.throws(
      again((s) => {
        s.config.hiddenSize = 1e9;
      }),
      /c: hiddenSize is 1000000000, more than any size among the weights/,
    );
    assert.throws(
      again((s) => {
        delete s.vocabulary;
      }),
      /c: Vocabulary.fromJSON: not a vocabulary/,
    );
    assert.throws(
      again((s) => {
        delete s.optimizer.groups;
      }),
      /c: its description is damaged \(/,
    );
  });

  it("replaces an old checkpoint whole", () =>
    inFolder(async (folder) => {
      const at = path.join(folder, "m.safetensors");
      writeFileSync(at, "not a checkpoint");
      assert.throws(() => lm.load(at), CheckpointError);
      lm.save(at, await trained());
      assert.equal(lm.load(at).history!.steps.length, 7);
      assert.throws(() => lm.load(path.join(folder, "none")), /no such file/);
      assert.throws(() => lm.load(folder), /not a file/);
    }));
});
