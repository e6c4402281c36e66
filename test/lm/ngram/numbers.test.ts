/**
 * The published and measured numbers of lecture 01, on corpora that the user brings. Each is reached within half a unit
 * of its last digit; together they take a few seconds.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, type KneserNeyOptions, NGramCounts, NGramLM } from "../../../src/lm/index.ts";
import { type Corpus, loadCorpus, PythonRandom } from "../../../src/text/index.ts";
import { needs } from "../../hooks.ts";

const folder = process.env["UNROLLED_DATA"] ?? "";

function reaches(value: number, expected: string): void {
  const digits = expected.split(".")[1].length;
  assert.ok(Math.abs(value - Number(expected)) <= 0.5 * 10 ** -digits, `${value}, expected ${expected}`);
}

describe("numbers: names.txt", () => {
  let all: Corpus;
  let names: Corpus;
  before(function () {
    needs(this, existsSync(join(folder, "names.txt")), "set UNROLLED_DATA to a folder with names.txt");
    all = loadCorpus("names", { end: ".", split: { by: "line", fractions: [1, 0] } });
    const split = { by: "line", counts: [25626, 3203, 3204], shuffle: new PythonRandom(42) } as const;
    names = loadCorpus("names", { end: ".", split });
  });

  it("bigrams on all names: maximum likelihood 2.4540, add-one 2.4546", () => {
    const counts = NGramCounts.of(all, { order: 2 });
    assert.equal(counts.vocabulary.size, 27);
    const score = (smoothing: { kind: "mle" } | { kind: "addK" }): Evaluation =>
      new NGramLM(counts, { smoothing }).evaluate(all, { split: "train" });
    assert.equal(score({ kind: "mle" }).tokens, 228146);
    reaches(score({ kind: "mle" }).nats, "2.4540");
    reaches(score({ kind: "addK" }).nats, "2.4546");
  });

  it("Kneser–Ney on the seed-42 split: 2.0030, 1.9841, 1.9746, and 1.9935 by the golden convention", () => {
    const counts = NGramCounts.of(names, { order: 6 });
    const score = (order: number, options: Omit<KneserNeyOptions, "kind">): Evaluation =>
      new NGramLM(counts, { order, smoothing: { kind: "kneserNey", ...options } }).evaluate(names);
    assert.equal(score(5, {}).tokens, 22655);
    reaches(score(5, { discount: "estimate" }).nats, "2.0030");
    reaches(score(5, { discount: "modified" }).nats, "1.9841");
    reaches(score(6, { discount: "modified" }).nats, "1.9746");
    const golden = new NGramLM(names, {
      order: 5,
      startSymbols: "n-1",
      smoothing: { kind: "kneserNey", discount: 0.75, floor: false },
    });
    reaches(golden.evaluate(names).nats, "1.9935");
  });

  it("a context of three characters: modified Kneser–Ney of order 4 reaches 2.056", () => {
    reaches(new NGramLM(names, { order: 4 }).evaluate(names).nats, "2.056");
  });
});

describe("numbers: tiny-shakespeare", () => {
  it("Kneser–Ney of order 6: 1.5385 (D = .75), 1.5581, 1.5227; of order 7: 1.5165", function () {
    needs(
      this,
      existsSync(join(folder, "tinyshakespeare.txt")),
      "set UNROLLED_DATA to a folder with tinyshakespeare.txt",
    );
    const plays = loadCorpus("tinyshakespeare");
    assert.equal(plays.train.length, 1003854);
    const counts = NGramCounts.of(plays, { order: 7 });
    const score = (order: number, discount: number | "estimate" | "modified"): Evaluation =>
      new NGramLM(counts, { order, smoothing: { kind: "kneserNey", discount } }).evaluate(plays);
    assert.equal(score(6, 0.75).tokens, 111540);
    reaches(score(6, 0.75).nats, "1.5385");
    reaches(score(6, "estimate").nats, "1.5581");
    reaches(score(6, "modified").nats, "1.5227");
    reaches(score(7, "modified").nats, "1.5165");
  });

  it("a million characters at order 8 fit into 20 MB", function () {
    needs(
      this,
      existsSync(join(folder, "tinyshakespeare.txt")),
      "set UNROLLED_DATA to a folder with tinyshakespeare.txt",
    );
    const counts = NGramCounts.of(loadCorpus("tinyshakespeare"), { order: 8 });
    assert.equal(counts.entries(8), 559503);
    assert.ok(counts.bytes < 20e6, `${counts.bytes} bytes`);
  });
});

describe("numbers: Penn Treebank", () => {
  it("modified Kneser–Ney of order 5: valid 148.01, test 141.19", function () {
    needs(
      this,
      existsSync(join(folder, "ptb.train.txt")),
      "set UNROLLED_DATA to a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt",
    );
    const treebank = loadCorpus("ptb", { level: "word", end: "<eos>" });
    assert.equal(treebank.vocabulary.size, 10000);
    const model = new NGramLM(treebank, { order: 5 });
    assert.equal(model.evaluate(treebank, { split: "test" }).tokens, 82430);
    reaches(model.evaluate(treebank).perplexity, "148.01");
    reaches(model.evaluate(treebank, { split: "test" }).perplexity, "141.19");
  });
});
