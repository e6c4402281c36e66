import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { lm, optim, text } from "../../src/index.ts";

export const SENTENCES: string =
  "the cat sat on the mat. the dog sat on the log. a cat and a dog ran to the mat. ".repeat(12);

/** A small recurrent model, its corpus (960 characters), its optimizer and options with which it trains for 4 epochs. */
export function setUp(
  cell: "rnn" | "lstm" | "gru",
  extra: Partial<lm.RecurrentLMOptions> = {},
): { corpus: text.Corpus; model: lm.RecurrentLM; optimizer: optim.Adam; options: lm.TrainOptions } {
  const corpus = text.corpusFromText(SENTENCES, { name: "pets", split: { fractions: [0.8, 0.2] } });
  const model = new lm.RecurrentLM({
    corpus,
    cell,
    embeddingSize: 6,
    hiddenSize: 8,
    seed: 3,
    dropout: 0.2,
    ...extra,
  });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const options = { optimizer, epochs: 4, batchSize: 4, bptt: 9, clipNorm: 1, progress: false };
  return { corpus, model, optimizer, options };
}

/** All that is recorded but times, as one line: a mismatch prints two short lines, not two histories. */
export function curve(history: lm.History): string {
  const json = JSON.stringify(history.toJSON({ timings: false }));
  return createHash("sha256").update(json).digest("hex");
}

/** Runs `f` with the name of a folder that exists as long as it runs. */
export async function inFolder(f: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "unrolled-test-"));
  try {
    await f(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `f` while something stands under a global symbol, as a notebook kernel puts it there. */
export async function withGlobal(key: string, value: unknown, f: () => Promise<void>): Promise<void> {
  const globals = globalThis as Record<symbol, unknown>;
  const before = globals[Symbol.for(key)];
  globals[Symbol.for(key)] = value;
  try {
    await f();
  } finally {
    globals[Symbol.for(key)] = before;
  }
}

export function seedOfRun(): string {
  return process.env.UNROLLED_TEST_SEED ?? String(Date.now());
}
