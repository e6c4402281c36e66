import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { lectures } from "./course.ts";
import { glossary } from "./glossary.ts";
import { courseMap } from "./map.ts";
import { cellsOf, filesIn, folder, proseOf } from "./read.ts";
import { readme } from "./readme.ts";

describe("notebooks/README.md", () => {
  it("is what the lectures say now", () => {
    const committed = readFileSync(path.join(folder, "README.md"), "utf8");
    const how = "run: node --conditions=unrolled-source --import tsx test/notebooks/write-readme.ts";
    assert.equal(committed, readme(), how);
    assert.equal(readFileSync(path.join(folder, "images/course.svg"), "utf8"), courseMap(), how);
  });

  it("lists every lecture there is, under its own title, in order", () => {
    const listed = lectures.filter(({ written }) => written);
    assert.deepEqual(
      listed.map(({ written }) => written!.file),
      filesIn(".").map((file) => path.basename(file)),
    );
    for (const { number, title, written } of listed) {
      const [heading] = cellsOf(written!.file)[0].source.split("\n");
      assert.equal(heading, `# ${number} · ${title}`);
    }
    assert.deepEqual(
      lectures.map(({ number }) => Number(number)),
      lectures.map((_, i) => i),
    );
    for (const { number, needs } of lectures) for (const one of needs) assert.ok(one < number, number);
  });
});

describe("the glossary", () => {
  it("has each term once, in alphabetical order, with its Korean name", () => {
    const terms = glossary.map(([english]) => english.toLowerCase());
    assert.deepEqual(
      terms,
      [...new Set(terms)].sort((a, b) => a.localeCompare(b, "en")),
    );
    for (const [english, korean] of glossary) assert.match(korean, /[가-힣]/, english);
  });

  it("names a lecture in which the term stands", () => {
    for (const [english, , lecture] of glossary) {
      const file = filesIn(".").find((one) => path.basename(one).startsWith(lecture))!;
      const prose = proseOf(file).toLowerCase();
      const forms = english.toLowerCase().split(" / ");
      assert.ok(
        forms.some((form) => prose.includes(form)),
        `${english} does not stand in ${file}`,
      );
    }
  });
});
