/**
 * The catalogue of corpora against the files: size, hash, encoding, alphabet and split of what is committed,
 * and of what the user brought, when `UNROLLED_DATA` names a folder.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { needs } from "../hooks.ts";
import {
  disagreeingArticles,
  disagreeingParticles,
  firstRepeat,
  outsideAlphabet,
  unbalancedParagraphs,
} from "./prose.ts";

interface Split {
  by: "characters" | "lines" | "file";
  rule: string;
  cut?: number;
  train?: number;
  valid?: number;
  unseenInValid?: number;
  cuts?: [number, number];
  lines?: number;
  tokens?: number;
  vocabulary?: number;
}

interface Corpus {
  name: string;
  title: string;
  language: string;
  committed: boolean;
  path?: string;
  file?: string;
  source: string | null;
  licence: string;
  citation: string;
  encoding: string;
  bytes: number;
  characters: number;
  distinctCharacters?: number;
  sha256: string;
  alphabet?: string;
  alphabetRanges?: string[];
  split: Split;
  usedFor: string[];
}

const folder = fileURLToPath(new URL("../../datasets/", import.meta.url));
const catalogue = JSON.parse(readFileSync(join(folder, "catalogue.json"), "utf8")) as {
  version: number;
  corpora: Corpus[];
};
const committed = catalogue.corpora.filter((corpus) => corpus.committed);
const external = catalogue.corpora.filter((corpus) => !corpus.committed);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const decode = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

function checkBytes(corpus: Corpus, bytes: Uint8Array): string {
  assert.equal(bytes.length, corpus.bytes, `${corpus.name}: size in bytes`);
  assert.equal(sha256(bytes), corpus.sha256, `${corpus.name}: SHA-256`);
  const text = decode(bytes);
  const characters = [...text];
  assert.equal(characters.length, corpus.characters, `${corpus.name}: characters`);
  if (corpus.distinctCharacters !== undefined) {
    assert.equal(new Set(characters).size, corpus.distinctCharacters, `${corpus.name}: distinct characters`);
  }
  return text;
}

function checkCut(corpus: Corpus, text: string): void {
  const { cut, train, valid } = corpus.split;
  assert.equal(train, cut, `${corpus.name}: the training text ends at the cut`);
  assert.equal(text.length - cut!, valid, `${corpus.name}: the validation text is the rest`);
}

describe("datasets: catalogue.json", () => {
  it("lists the corpora of the lectures, each once, with every field", () => {
    assert.deepEqual(
      catalogue.corpora.map((corpus) => corpus.name),
      ["harbour", "bookshop", "names", "tinyshakespeare", "ptb-train", "ptb-valid", "ptb-test"],
    );
    for (const corpus of catalogue.corpora) {
      for (const key of ["title", "language", "licence", "citation", "encoding"] as const) {
        assert.ok(corpus[key].trim().length > 0, `${corpus.name}: ${key} is empty`);
      }
      assert.match(corpus.sha256, /^[0-9a-f]{64}$/, `${corpus.name}: sha256`);
      assert.ok(Number.isSafeInteger(corpus.bytes) && corpus.bytes > 0, `${corpus.name}: bytes`);
      assert.ok(corpus.split.rule.length > 0 && corpus.usedFor.length > 0, corpus.name);
    }
  });

  it("has different hashes for different files", () => {
    assert.equal(new Set(catalogue.corpora.map((corpus) => corpus.sha256)).size, catalogue.corpora.length);
  });

  it("gives https addresses for what may be downloaded, and none for what is licensed by the LDC", () => {
    assert.deepEqual(
      external.map((corpus) => [corpus.file, corpus.source]),
      [
        ["names.txt", "https://raw.githubusercontent.com/karpathy/makemore/master/names.txt"],
        [
          "tinyshakespeare.txt",
          "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        ],
        ["ptb.train.txt", null],
        ["ptb.valid.txt", null],
        ["ptb.test.txt", null],
      ],
    );
    for (const corpus of external.filter((corpus) => corpus.source === null)) {
      assert.match(corpus.licence, /never committed/);
    }
  });

  it("knows every text under datasets/, and none of them is a corpus that may not be committed", () => {
    const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".txt"))
      .map((entry) => join(entry.parentPath, entry.name));
    const stories = texts
      .map((path) => relative(folder, path).split(sep).join("/"))
      .filter((path) => path.startsWith("english/") || path.startsWith("korean/"));
    assert.deepEqual(stories.sort(), committed.map((corpus) => corpus.path!).sort());
    const forbidden = new Map(external.map((corpus) => [corpus.sha256, corpus.name]));
    for (const path of texts) {
      assert.equal(forbidden.get(sha256(readFileSync(path))), undefined, `${path} may not be committed`);
    }
  });
});

for (const corpus of committed) {
  describe(`datasets: ${corpus.name} (${corpus.path})`, () => {
    const bytes = readFileSync(join(folder, corpus.path!));
    const text = bytes.toString("utf8");
    const paragraphs = text.trimEnd().split("\n\n");

    it("has the stated size, hash and characters, and is valid UTF-8", () => {
      checkBytes(corpus, bytes);
    });

    it("is in normal form NFC", () => {
      assert.equal(text, text.normalize("NFC"));
    });

    it("has only the stated characters, and all of the listed ones", () => {
      const ranges = corpus.alphabetRanges ?? [];
      assert.deepEqual(outsideAlphabet(text, corpus.alphabet!, ranges), []);
      assert.deepEqual(outsideAlphabet(corpus.alphabet!, text, []), []);
    });

    it("has one paragraph a line, an empty line between them and one newline at the end", () => {
      assert.equal(text, `${paragraphs.join("\n\n")}\n`);
      for (const paragraph of paragraphs) {
        assert.equal(paragraph, paragraph.trim());
        assert.ok(paragraph.length > 0 && !/\n| {2}/.test(paragraph), paragraph);
      }
    });

    it("repeats no passage of 60 characters", () => {
      assert.equal(firstRepeat(text, 60), undefined);
    });

    it("closes within the paragraph every quotation mark and parenthesis that it opens", () => {
      assert.deepEqual(unbalancedParagraphs(paragraphs, corpus.language), []);
    });

    it("is cut at the heading of its last chapter, or of the last but one", () => {
      checkCut(corpus, text);
      const cut = corpus.split.cut!;
      const heading = /"(.+)"/.exec(corpus.split.rule)![1];
      assert.equal(text.slice(cut - 2, cut + heading.length + 2), `\n\n${heading}\n\n`);
      const later = text.slice(cut + heading.length).match(/^(Chapter |\S+ 이야기: )/gm) ?? [];
      assert.equal(later.length, /last two chapters/.test(corpus.split.rule) ? 1 : 0);
      const share = corpus.split.valid! / text.length;
      assert.ok(share > 0.08 && share < 0.12, `validation share ${share}`);
    });

    it("has the stated number of characters in the validation text that training never sees", () => {
      const seen = new Set(text.slice(0, corpus.split.cut));
      const unseen = [...new Set(text.slice(corpus.split.cut))].filter((character) => !seen.has(character));
      assert.equal(unseen.length, corpus.split.unseenInValid);
    });
  });
}

describe("datasets: agreement in the committed texts", () => {
  const read = (name: string): string =>
    readFileSync(join(folder, committed.find((corpus) => corpus.name === name)!.path!), "utf8");

  it("harbour: a and an follow the sound of the next word, but for the mistakes that the story quotes", () => {
    assert.deepEqual(disagreeingArticles(read("harbour")), [
      "a and", // the word "a" itself: "between a and an"
      "an herd",
      "an one-arched",
      "an useful",
    ]);
  });

  it("bookshop: 은/는, 을/를 and 가 follow the final consonant, but for the two quoted mistakes", () => {
    assert.deepEqual(disagreeingParticles(read("bookshop")), [
      "굽는", // verbs in 는, as are others below
      "그은", // 긋다 and 은, not a particle
      "깎는",
      "나무은", // quoted mistake
      "다듬는",
      "듣는",
      "마을", // a noun that ends in 을
      "맞는",
      "먹는",
      "믿는",
      "않는",
      "앓는",
      "어디론가",
      "언젠가",
      "없는",
      "읽는",
      "있는",
      "지은", // 짓다 and 은
      "짓는",
      "참는",
      "책는", // quoted mistake
    ]);
  });
});

describe("datasets: corpora the user brings", () => {
  for (const corpus of external) {
    it(`${corpus.file} is the file of the catalogue and splits as stated`, function () {
      const path = join(process.env.UNROLLED_DATA ?? "", corpus.file!);
      const present = process.env.UNROLLED_DATA !== undefined && existsSync(path);
      needs(this, present, "set UNROLLED_DATA to a folder with the corpora of datasets/README.md");
      const text = checkBytes(corpus, readFileSync(path));
      const lines = text.replace(/\n$/, "").split("\n");
      const { split } = corpus;
      if (split.by === "characters") {
        checkCut(corpus, text);
        assert.equal(split.cut, Math.floor(0.9 * text.length));
      } else if (split.by === "lines") {
        assert.equal(lines.length, split.lines);
        assert.deepEqual(split.cuts, [Math.floor(0.8 * lines.length), Math.floor(0.9 * lines.length)]);
      } else {
        const words = lines.flatMap((line) => [...line.trim().split(/ +/), "<eos>"]);
        assert.equal(lines.length, split.lines);
        assert.equal(words.length, split.tokens);
        if (split.vocabulary !== undefined) assert.equal(new Set(words).size, split.vocabulary);
      }
    });
  }
});
