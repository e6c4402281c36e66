import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Reproduction, reproduce, reproductions } from "../../src/experiment/reproduce/index.ts";
import { learn } from "../../src/experiment/reproduce/learn.ts";
import { writeRecord } from "../../src/experiment/reproduce/record.ts";
import { seedsFor } from "../../src/experiment/reproduce/runner.ts";
import { fromData, Generator, nn, ops, optim } from "../../src/index.ts";
import { needs } from "../hooks.ts";

const data = process.env["UNROLLED_DATA"] ?? "";
const named = (name: string): Reproduction => reproductions.find((one) => one.name === name)!;

describe("reproductions", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-reproduce-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("are these", () => {
    assert.deepEqual(
      reproductions.map(({ name }) => name),
      [
        "names-bigram",
        "names-kn",
        "shakespeare-kn",
        "ptb-kn5",
        "shakespeare-rnn",
        "shakespeare-gru",
        "shakespeare-lstm",
        "shakespeare-lstm-large",
        "names-mlp",
        "min-char-rnn",
        "ptb-nplm",
        "ptb-rnn",
        "ptb-lstm-small",
        "ptb-lstm-100",
        "ptb-lstm-1024",
        "ereber-lstm",
        "temporal-order",
        "adding",
        "copy",
      ],
    );
  });

  it("take five seeds under 2 minutes, three under 20, else one", () => {
    assert.deepEqual([1, 119, 120, 1199, 1200, 9000].map(seedsFor), [5, 5, 3, 3, 1, 1]);
  });

  const made = (values: number[], extra: Partial<Reproduction> = {}): Reproduction => ({
    name: "made",
    title: "Made for a test",
    unit: "nats",
    published: 2,
    source: "nowhere",
    band: { least: 1.9, most: 2.1 },
    axes: { x: "step", y: "loss" },
    corpora: [],
    run: async ({ seed }) => ({
      seed,
      value: values[seed - 1],
      curve: [{ x: 1, y: values[seed - 1] }],
      seconds: 1,
    }),
    ...extra,
  });

  it("give the mean, the spread over the seeds, and whether the band was met", async () => {
    const values = [2, 2.1, 1.9, 2.2, 1.8];
    const { result } = (await reproduce(made(values)))!;
    assert.deepEqual(result.seeds, [1, 2, 3, 4, 5]);
    assert.ok(Math.abs(result.value - 2) < 1e-12);
    assert.ok(Math.abs(result.spread! - Math.sqrt(0.1 / 4)) < 1e-12);
    assert.equal(result.reproduced, true);
    const every = (await reproduce(made(values, { everySeed: true })))!;
    assert.equal(every.result.reproduced, false);
    const one = (await reproduce(made([2.5]), { seeds: 1 }))!;
    assert.deepEqual([one.result.spread, one.result.reproduced], [null, false]);
    const fast = (await reproduce(made([9]), { fast: true }))!;
    assert.deepEqual([fast.result.seeds.length, fast.result.reproduced], [1, null]);
    assert.equal((await reproduce(made([2]), { seeds: 1 }))!.result.fingerprint.length > 0, true);
    await assert.rejects(reproduce(made([2]), { seeds: 0 }), /seeds must be a whole number ≥ 1, got 0/);
  });

  it("are recorded as JSON, CSV and a figure", async () => {
    const one = made([2, 2.05], { marks: { x: [1], y: [2], within: "0.1" } });
    const done = (await reproduce(one, { seeds: 2 }))!;
    writeRecord(folder, one, done, "npx unrolled reproduce made");
    const json = JSON.parse(readFileSync(path.join(folder, "made.json"), "utf8"));
    assert.equal(json.command, "npx unrolled reproduce made");
    assert.equal(json.value, done.result.value);
    assert.ok(json.machine.node.startsWith("v"));
    assert.equal(
      readFileSync(path.join(folder, "made.csv"), "utf8"),
      'seed,series,"step","loss"\n1,,1,2\n2,,1,2.05\n',
    );
    assert.match(readFileSync(path.join(folder, "made.svg"), "utf8"), /^<svg/);
  });

  it("on generated tasks run without any corpus", async () => {
    for (const name of ["ereber-lstm", "adding", "temporal-order"]) {
      const { result } = (await reproduce(named(name), { fast: true }))!;
      assert.ok(Number.isFinite(result.value), name);
      assert.equal(result.reproduced, null);
    }
  }).timeout(120_000);

  it("names-bigram, names-kn: to the last digit", async function () {
    needs(this, existsSync(path.join(data, "names.txt")), "set UNROLLED_DATA to a folder with names.txt");
    for (const name of ["names-bigram", "names-kn"]) {
      const { result } = (await reproduce(named(name)))!;
      assert.equal(result.reproduced, true, `${name}: ${result.value}`);
    }
  });

  it("go on after an interruption as if there had been none", async () => {
    const run = async (out: string | undefined, stopAt: number) => {
      const module = new nn.Linear(3, 1, { generator: new Generator(1) });
      const stop = new AbortController();
      let drawn = 0;
      const done = await learn({
        module,
        optimizer: new optim.Adam(module.parameters(), { lr: 0.05 }),
        lossOf: (generator) => {
          if (++drawn === stopAt) stop.abort();
          const x = fromData(
            Float32Array.from({ length: 12 }, () => generator.normal()),
            [4, 3],
          );
          return ops.mseLoss(module.forward(x), ops.sum(x, { dim: 1, keepdim: true }));
        },
        measure: () => module.weight.data[0],
        measureEvery: 10,
        steps: 60,
        seed: 5,
        clipNorm: 1,
        out,
        signal: stop.signal,
      });
      return { done, weights: [...module.weight.data] };
    };
    const whole = await run(undefined, 0);
    const out = path.join(folder, "learn");
    assert.equal((await run(out, 27)).done, null);
    const resumed = await run(out, 0);
    assert.deepEqual(resumed.weights, whole.weights);
    assert.deepEqual(resumed.done!.curve, whole.done!.curve);
  });
});
