import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { hasCorpus, type Reproduction, reproduce } from "../../src/lectures/index.ts";
import { bundleOf } from "../../src/show.ts";

const numbers = (fields: Partial<Reproduction>): Reproduction => ({
  corpus: "harbour",
  title: "A test, nats",
  recorded: { first: 1.2345, second: 2 },
  published: { first: 1.23 },
  command: "npx unrolled run x.ipynb",
  on: "2026-11-21",
  compute: () => ({ first: 1.23452, second: 2.00004 }),
  ...fields,
});
const shown = async (fields: Partial<Reproduction>): Promise<string> =>
  (bundleOf(await reproduce(numbers(fields))) as Record<string, string>)["text/plain"];

describe("lectures: reproduce", () => {
  let empty: string;
  const before = { ...process.env };
  beforeEach(() => {
    empty = mkdtempSync(path.join(tmpdir(), "unrolled-reproduce-")); // no corpus of this machine's user is found
    process.env["UNROLLED_DATA"] = empty;
    process.env["UNROLLED_HOME"] = empty;
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(empty, { recursive: true });
  });

  it("computes where the corpus is, and shows both", async () => {
    assert.equal(
      await shown({}),
      "A test, nats (recorded on 2026-11-21 and computed here)\n" +
        "          recorded    here  published\n" +
        "  first     1.2345  1.2345  1.23\n" +
        "  second    2.0000  2.0000",
    );
    assert.match(await shown({ compute: async () => ({ second: 2 }) }), /first +1\.2345 +– +1\.23/);
  });

  it("fails where a number does not agree in its last digit, or is not recorded", async () => {
    await assert.rejects(
      reproduce(numbers({ compute: () => ({ first: 1.2347 }) })),
      /reproduce: "first" is 1\.234700 here, but 1\.2345 was recorded/,
    );
    await assert.rejects(reproduce(numbers({ compute: () => ({ first: Number.NaN }) })), /is NaN here/);
    await assert.rejects(reproduce(numbers({ compute: () => ({ third: 1 }) })), /"third" was computed/);
  });

  it("takes numbers of a long training within a band of their own", async () => {
    const compute = () => ({ first: 1.2645 });
    await assert.rejects(reproduce(numbers({ compute })), /"first" is 1\.264500 here/);
    await reproduce(numbers({ compute, within: 0.05 }));
    await assert.rejects(reproduce(numbers({ compute, within: 0.02 })), /"first"/);
    await reproduce(numbers({ compute, within: { first: 0.05 } }));
    await assert.rejects(reproduce(numbers({ compute, within: { second: 0.05 } })), /"first"/);
  });

  it("says so where the corpus is here and nothing was computed, as in a fast run", async () => {
    const text = await shown({ compute: () => ({}) });
    assert.match(text, /on 2026-11-21; this run left it out/);
    assert.doesNotMatch(text, /is not here/);
  });

  it("without the corpus computes nothing, and says when and how the numbers were recorded", async () => {
    assert.equal(hasCorpus("harbour"), true);
    assert.equal(hasCorpus("ptb"), false);
    assert.equal(hasCorpus("nothing"), false);
    const compute = () => assert.fail("computed");
    // A caption is as wide as the table, the note is longer than that.
    const { "text/html": html } = bundleOf(await reproduce(numbers({ corpus: "ptb", compute }))) as Record<
      string,
      string
    >;
    assert.match(
      html,
      /<caption[^>]*>A test, nats<\/caption>.*<\/table><p>recorded, by .* run this cell<\/p>$/s,
    );
    assert.match(
      await shown({ corpus: "ptb", compute }),
      /^A test, nats \(recorded, by `npx unrolled run x\.ipynb` with UNROLLED_DATA set, on 2026-11-21; the corpus "ptb" is not here; with the folder that has it, start with `UNROLLED_DATA=FOLDER npm start` and run this cell\)\n +recorded +published\n +first +1\.2345 +1\.23/,
    );
  });
});
