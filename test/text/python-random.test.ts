import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PythonRandom } from "../../src/text/python-random.ts";
import { needs } from "../hooks.ts";

/** Drawn by Python 3.11: getrandbits(32), getrandbits(5), random(), random(), randrange(10), randrange(1000003),
 * randrange(1), then shuffle(list(range(10))) of random.Random(seed). */
const PYTHON: [seed: number, draws: number[], shuffled: number[]][] = [
  [
    42,
    [2746317213, 3, 0.025010755222666936, 0.27502931836911926, 3, 146316, 0],
    [3, 2, 4, 9, 5, 7, 0, 6, 1, 8],
  ],
  [0, [3626764237, 12, 0.7579544029403025, 0.420571580830845, 4, 536110, 0], [9, 0, 3, 5, 1, 8, 2, 7, 4, 6]],
  [
    -7,
    [1390851128, 30, 0.15084917392450192, 0.6509344730398537, 1, 861168, 0],
    [1, 2, 9, 4, 7, 6, 8, 3, 0, 5],
  ],
  [
    123456789012345,
    [2896848117, 7, 0.2923275784421222, 0.22484093741322975, 8, 919412, 0],
    [8, 6, 0, 5, 4, 2, 1, 7, 3, 9],
  ],
];

describe("PythonRandom", () => {
  for (const [seed, draws, shuffled] of PYTHON) {
    it(`draws what Python draws after random.seed(${seed})`, () => {
      const r = new PythonRandom(seed);
      const drawn = [
        r.getrandbits(32),
        r.getrandbits(5),
        r.random(),
        r.random(),
        r.int(10),
        r.int(1000003),
        r.int(1),
      ];
      assert.deepEqual(drawn, draws);
      assert.deepEqual(r.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), shuffled);
    });
  }

  it("stays with Python past the first 624 words of its state", () => {
    const r = new PythonRandom(42);
    let last = 0;
    for (let i = 0; i < 2000; i++) last = r.getrandbits(32);
    assert.equal(last, 1557724698); // the 2,000th getrandbits(32) of random.Random(42)
  });

  it("splits names.txt as published results do", function () {
    const file = join(process.env["UNROLLED_DATA"] ?? "", "names.txt");
    needs(this, existsSync(file), "set UNROLLED_DATA to a folder with names.txt");
    const names = new PythonRandom(42).shuffle(readFileSync(file, "utf8").split("\n"));
    assert.equal(names.length, 32033);
    assert.equal(
      createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 16),
      "aa6ef27b585ff29e",
    );
    assert.deepEqual(names.slice(0, 3), ["yuheng", "diondre", "xavien"]);
    assert.deepEqual(names.slice(25626, 25629), ["amay", "aytana", "jenevi"]);
  });

  it("refuses seeds and sizes that Python would treat differently", () => {
    assert.throws(() => new PythonRandom(0.5), /PythonRandom: seed must be a whole number, got 0\.5/);
    assert.throws(() => new PythonRandom("42" as unknown as number), /got "42"/);
    assert.throws(() => new PythonRandom(1).getrandbits(33), /≤ 32, got 33/);
    assert.throws(() => new PythonRandom(1).int(0), /≥ 1/);
  });
});
