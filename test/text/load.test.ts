import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CatalogueEntry, publishedSplit, readCatalogue, readEntry } from "../../src/text/catalogue.ts";
import { loadCorpus } from "../../src/text/index.ts";
import { needs } from "../hooks.ts";

const VARIABLES = ["UNROLLED_DATA", "UNROLLED_HOME", "XDG_CACHE_HOME"] as const;

describe("loadCorpus", () => {
  const saved = VARIABLES.map((name) => [name, process.env[name]] as const);
  const given = process.env["UNROLLED_DATA"];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "unrolled-load-"));
    process.env["UNROLLED_DATA"] = join(folder, "data");
    process.env["UNROLLED_HOME"] = join(folder, "home");
    mkdirSync(join(folder, "data"));
    mkdirSync(join(folder, "home", "cache"), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("reads a path", () => {
    const corpus = loadCorpus(write("poem.txt", "\uFEFFab\r\nab\r\n"), { split: { fractions: [1, 0] } });
    assert.equal(corpus.name, "poem");
    assert.equal(corpus.decode(corpus.train), "ab\nab\n");
    const raw = loadCorpus(join(folder, "poem.txt"), { newlines: "keep", bom: "keep", name: "raw" });
    assert.equal(raw.vocabulary.size, 5);
    assert.equal(raw.name, "raw");
    assert.throws(() => loadCorpus(join(folder, "none.txt")), {
      name: "DataError",
      message: /none\.txt: no such file/,
    });
    assert.throws(() => loadCorpus(folder), /a folder, not a file/);
    assert.throws(() => loadCorpus(write("empty.txt", "")), {
      message: 'corpus "empty": the text is empty; give at least two tokens',
    });
    assert.throws(() => loadCorpus(""), /expected a path, a name or/);
  });

  it("reads three files as one corpus", () => {
    const train = write("a.txt", "ab ab");
    const corpus = loadCorpus({ train, valid: write("b.txt", "ba") }, { level: "word" });
    assert.deepEqual(corpus.vocabulary.decode(corpus.valid), ["<unk>"]);
    assert.equal(corpus.test.length, 0);
  });

  it("finds names in UNROLLED_DATA, then in the cache folder", () => {
    write("home/cache/mine.txt", "cache");
    assert.equal(loadCorpus("mine").train.length, 4);
    write("data/mine.txt", "the folder comes first");
    const corpus = loadCorpus("mine", { split: { fractions: [1, 0] } });
    assert.equal(corpus.decode(corpus.train), "the folder comes first");
    assert.equal(corpus.name, "mine");
    write("data/three.train.txt", "abc");
    write("data/three.test.txt", "cab");
    const three = loadCorpus("three");
    assert.equal(three.test.length, 3);
    assert.equal(three.valid.length, 0);
  });

  it("says where it looked and what to do", () => {
    assert.throws(
      () => loadCorpus("nowhere"),
      (error: Error) => {
        assert.equal(error.name, "DataError");
        for (const part of [
          'corpus "nowhere"',
          "harbour",
          process.env["UNROLLED_DATA"]!,
          join("home", "cache"),
        ]) {
          assert.ok(error.message.includes(part), part);
        }
        return true;
      },
    );
    assert.throws(() => loadCorpus("tinyshakespeare"), {
      name: "DataError",
      message:
        /"tinyshakespeare" .*licence: .*not part of the package.*Run "npx unrolled data get tinyshakespeare", or get it from https:.*name it tinyshakespeare\.txt/,
    });
    assert.throws(
      () => loadCorpus("ptb"),
      /"ptb-train".*data get ptb-train --from FILE" with your own copy, .*name it ptb\.train\.txt/,
    );
    delete process.env["UNROLLED_DATA"];
    assert.throws(() => loadCorpus("nowhere"), /or set UNROLLED_DATA to the folder that holds it/);
  });

  it("refuses a file that is not the catalogue's: cut, or a page in its place", () => {
    write("data/tinyshakespeare.txt", "<!DOCTYPE html><title>404</title>");
    assert.throws(() => loadCorpus("tinyshakespeare"), {
      name: "DataError",
      message:
        /not the text that the catalogue calls "tinyshakespeare": 33 bytes with SHA-256 \w{16}… instead of 1115394/,
    });
    // by its path it is a text like any other
    assert.equal(loadCorpus(join(folder, "data", "tinyshakespeare.txt")).name, "tinyshakespeare");
  });

  it("reads the committed corpora at every level, split as the catalogue says", () => {
    for (const entry of readCatalogue().filter(({ committed }) => committed)) {
      const corpus = loadCorpus(entry.name);
      const { cut } = entry.split!;
      assert.equal(corpus.characters.train, cut, entry.name);
      const text = new TextDecoder().decode(readEntry(entry).bytes);
      assert.equal(corpus.decode(corpus.train) + corpus.decode(corpus.valid), text);
      for (const level of ["syllable", "jamo"] as const) {
        const other = loadCorpus(entry.name, { level });
        assert.deepEqual(other.characters, corpus.characters);
        assert.equal(other.decode(other.valid), corpus.decode(corpus.valid));
      }
      const halves = loadCorpus(entry.name, { split: { fractions: [0.5, 0.5] } });
      assert.ok(Math.abs(halves.train.length - halves.valid.length) <= 1);
      assert.ok(loadCorpus(entry.name, { level: "word", end: "<eos>" }).vocabulary.has("<eos>"));
    }
  });

  it("reads corpora that the user brought, split as published", function () {
    needs(
      this,
      given !== undefined && existsSync(join(given, "ptb.train.txt")),
      "set UNROLLED_DATA to a folder with the corpora",
    );
    process.env["UNROLLED_DATA"] = given;
    const plays = loadCorpus("tinyshakespeare");
    assert.deepEqual([plays.train.length, plays.valid.length, plays.vocabulary.size], [1003854, 111540, 65]);
    const tree = loadCorpus("ptb", { level: "word", end: "<eos>" });
    assert.deepEqual([tree.train.length, tree.valid.length, tree.test.length], [929589, 73760, 82430]);
    assert.equal(tree.vocabulary.size, 10000);
    assert.equal(tree.vocabulary.unknownId, 0);
  });
});

describe("publishedSplit", () => {
  const entry = (split: object): CatalogueEntry => ({ name: "x", split }) as unknown as CatalogueEntry;
  const bytes = new TextEncoder().encode("가\nb\nc\nd");

  it("reads a cut by characters or by shuffled lines", () => {
    assert.deepEqual(publishedSplit(entry({ by: "characters", cut: 3 }), bytes), {
      by: "character",
      counts: [3, 4],
    });
    const split = publishedSplit(entry({ by: "lines", cuts: [2, 3], shuffle: { python: 42 } }), bytes);
    assert.deepEqual(split?.counts, [2, 1, 1]);
    assert.deepEqual(split?.shuffle?.shuffle([0, 1, 2, 3]), [2, 1, 3, 0]); // Python's random.Random(42)
    assert.equal(publishedSplit(entry({ by: "file" }), bytes), undefined);
    assert.equal(publishedSplit({ name: "x" } as CatalogueEntry, bytes), undefined);
  });

  it("refuses an order of lines that is not the recorded one", () => {
    const split = { by: "lines", cuts: [1, 2], shuffle: { python: 1 }, shuffledSha256: "0".repeat(64) };
    assert.throws(
      () => publishedSplit(entry(split), bytes),
      /order of its lines is not the one in the catalogue/,
    );
  });
});
