import assert from "node:assert/strict";
import { Generator, lm, text } from "../../src/index.ts";
import { SENTENCES } from "./setup.ts";

export const stream: text.Corpus = text.corpusFromText(SENTENCES, { split: { fractions: [0.8, 0.2] } });
export const NAMES: readonly string[] = ["anna", "bob", "hannah", "otto", "ab"];
// In random order: the next name is not to be told by the last one.
const lines = new Generator(1).shuffle(Array.from({ length: 200 }, (_, i) => NAMES[i % 5]));
export const names: text.Corpus = text.corpusFromText(lines.join("\n"), {
  name: "names",
  end: ".",
  split: { fractions: [0.8, 0.2] },
});

export const recurrent = (corpus: text.Corpus, extra: Partial<lm.RecurrentLMOptions> = {}): lm.RecurrentLM =>
  new lm.RecurrentLM({
    corpus,
    cell: "lstm",
    embeddingSize: 5,
    hiddenSize: 7,
    numLayers: 2,
    seed: 2,
    ...extra,
  });
export const windowed = (
  corpus: text.Corpus,
  extra: Partial<lm.FixedWindowLMOptions> = {},
): lm.FixedWindowLM =>
  new lm.FixedWindowLM({
    corpus,
    window: 4,
    embeddingSize: 5,
    hiddenSize: 7,
    direct: true,
    seed: 2,
    ...extra,
  });

export const close = (a: number, b: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} and ${b}`);
