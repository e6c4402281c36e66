import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { CheckpointError, Generator, lm, optim, text } from "../../src/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/lm/checkpoint/checkpoint.ts";
import { decodeTensors } from "../../src/lm/checkpoint/safetensors.ts";
import { rounds } from "../soak.ts";
import { inFolder, seedOfRun } from "./setup.ts";

const FILES = rounds(2000, 120_000);
/** No file of a few kilobytes may take more of the processor, in microseconds. */
const LONGEST = 1_000_000;

/** Values that break those who trust what they read. */
const ODD: readonly unknown[] = [
  ...[null, true, "", "x", "__proto__", "constructor", -1, 0, 1, 0.5, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e308],
  ...[[], {}, [[]], [-1], [2 ** 31, 2 ** 31], ["a"], { length: 1e9 }, { __proto__: null }, [null]],
];

type Json = Record<string, unknown> | unknown[];

/** Puts an odd value, another part of the same tree, or nothing in the place of a part of it. */
function spoil(tree: Json, generator: Generator): void {
  let [at, key]: [Json, string] = [tree, ""];
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    key = generator.choice(keys);
    const next = (at as Record<string, unknown>)[key];
    if (typeof next !== "object" || next === null || Object.keys(next).length === 0 || generator.int(4) === 0)
      break;
    at = next as Json;
  }
  const record = at as Record<string, unknown>;
  switch (generator.int(5)) {
    case 0:
      delete record[key];
      return;
    case 1:
      // A property of that name, which JSON.parse would make too.
      Object.defineProperty(record, "__proto__", {
        value: { dtype: "F32" },
        enumerable: true,
        configurable: true,
      });
      return;
    case 2:
      record[key] = structuredClone(record[generator.choice(Object.keys(record))]);
      return;
    default:
      record[key] = structuredClone(generator.choice(ODD));
  }
}

function withHeader(header: string, data: Uint8Array): Uint8Array {
  const bytes = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}

/** One of the ways in which a file can be wrong. */
function damaged(good: Uint8Array, generator: Generator): Uint8Array {
  const length = Number(new DataView(good.buffer).getBigUint64(0, true));
  const [header, data] = [good.subarray(8, 8 + length), good.subarray(8 + length)];
  const parsed = () =>
    JSON.parse(new TextDecoder().decode(header)) as { __metadata__: Record<string, string> };
  const way = generator.int(6);
  if (way === 0) return good.slice(0, generator.int(good.length));
  if (way === 1) {
    const bytes = good.slice();
    for (let hits = 1 + generator.int(4); hits > 0; hits--) {
      // Most of the damage goes where the structure is.
      const end = generator.int(3) > 0 ? 8 + length : bytes.length;
      bytes[generator.int(end)] = generator.int(256);
    }
    return bytes;
  }
  if (way === 2) {
    const [from, to] = [generator.int(good.length), generator.int(good.length)];
    const bytes = good.slice();
    bytes.copyWithin(to, from, from + generator.int(2000));
    return bytes;
  }
  if (way === 3) {
    const tree = parsed();
    spoil(tree as unknown as Json, generator);
    return withHeader(JSON.stringify(tree), data);
  }
  // The description: settings, vocabulary, optimizer, history, place of the training.
  const tree = parsed();
  const sidecar = JSON.parse(tree.__metadata__["unrolled"]) as Json;
  for (let hits = 1 + generator.int(3); hits > 0; hits--) spoil(sidecar, generator);
  tree.__metadata__["unrolled"] = JSON.stringify(sidecar);
  return withHeader(JSON.stringify(tree), data);
}

describe("damaged checkpoints", function () {
  this.timeout(1_800_000);
  const corpus = text.corpusFromText("abcab cab abc ".repeat(30), { split: { fractions: [0.8, 0.2] } });
  const trained = async (cell: "rnn" | "lstm" | "gru") => {
    const model = new lm.RecurrentLM({
      corpus,
      cell,
      embeddingSize: 3,
      hiddenSize: 4,
      seed: 1,
      dropout: 0.1,
    });
    const optimizer = new optim.Adam(model.parameters());
    const schedule = new optim.StepLR(optimizer, { stepSize: 3 });
    const options = { optimizer, schedule, batchSize: 2, bptt: 5, epochs: 9, maxSteps: 9, progress: false };
    const history = await lm.train(model, corpus, { ...options, keepBest: true });
    return { model, optimizer, schedule, history };
  };

  it(`${FILES.toLocaleString("en")} of them: typed errors only, none takes long, no prototype is changed`, async () => {
    const seed = seedOfRun();
    const generator = new Generator(`damage ${seed}`);
    const good = [];
    for (const cell of ["rnn", "lstm", "gru"] as const)
      good.push(encodeCheckpoint(await trained(cell)).bytes);
    const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    let refused = 0;
    for (let k = 0; k < FILES; k++) {
      const bytes = damaged(generator.choice(good), generator);
      const began = process.cpuUsage();
      try {
        decodeCheckpoint(bytes);
      } catch (error) {
        refused++;
        assert.ok(error instanceof CheckpointError, `seed ${seed}, file ${k}: ${(error as Error).stack}`);
        assert.ok(
          error.message.length < 2000,
          `seed ${seed}, file ${k}: a message of ${error.message.length}`,
        );
      }
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < LONGEST, `seed ${seed}, file ${k} took ${user + system} µs`);
    }
    assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), prototype, seed);
    assert.equal(({} as Record<string, unknown>)["dtype"], undefined, seed);
    assert.ok(refused > 0.6 * FILES, `only ${refused} were refused: is the damage too small? seed ${seed}`);
  });

  it("reading one takes at most twice its size in memory besides it", async () => {
    await inFolder(async (folder) => {
      const file = path.join(folder, "large.safetensors");
      const megabytes = 64;
      const data = new Uint8Array(megabytes * 2 ** 20);
      const header = { w: { dtype: "F32", shape: [data.length / 4], data_offsets: [0, data.length] } };
      writeFileSync(file, withHeader(JSON.stringify(header), data));
      const cut = path.join(folder, "cut.safetensors");
      writeFileSync(cut, withHeader(JSON.stringify(header), data.subarray(0, data.length - 1)));
      assert.equal(
        decodeTensors(withHeader(JSON.stringify(header), data)).tensors.get("w")!.size,
        data.length / 4,
      );
      // In a process of its own, whose most memory the system counts.
      const needed = async (target: string) => {
        const code = `
          import { CheckpointError } from "./src/errors.ts";
          import { loadTensors } from "./src/lm/checkpoint/checkpoint.ts";
          const megabytes = () => process.resourceUsage().maxRSS / 1024;
          const before = megabytes();
          let kept;
          try {
            kept = loadTensors(${JSON.stringify(target)});
          } catch (error) {
            if (!(error instanceof CheckpointError)) throw error;
          }
          console.log(megabytes() - before);`;
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ["--conditions=unrolled-source", "--import", "tsx", "--input-type=module", "-e", code],
          { env: { ...process.env, NODE_V8_COVERAGE: "" } },
        );
        return Number(stdout);
      };
      const [whole, refused] = [await needed(file), await needed(cut)];
      assert.ok(whole <= 2.15 * megabytes, `${whole} MB for a file of ${megabytes} MB`);
      assert.ok(refused <= 1.15 * megabytes, `${refused} MB for one that is refused`);
    });
  });
});
