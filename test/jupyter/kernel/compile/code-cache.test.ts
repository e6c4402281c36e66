import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { loadWithCodeCache } from "../../../../src/jupyter/kernel/compile/code-cache.ts";

describe("kernel/compile: V8's code cache", () => {
  let folder: string;
  let file: string;
  let cache: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "unrolled-code-cache-"));
    file = path.join(folder, "large.js");
    cache = path.join(folder, "deep", "er", "large.cache");
    writeFileSync(file, "exports.add = function add(a, b) { return a + b; }; exports.dir = __dirname;");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (): ReturnType<typeof loadWithCodeCache> => {
    delete createRequire(file).cache[file];
    return loadWithCodeCache(file, cache);
  };

  it("loads what require loads, and keeps functions for the next time", () => {
    const first = load();
    assert.equal(first.cached, false);
    assert.equal(first.module.exports.add(1, 2), 3);
    assert.equal(first.module.exports.dir, folder);
    assert.equal(createRequire(file)(file), first.module.exports, "require gives the same module");
    first.save();
    assert.deepEqual(readdirSync(path.dirname(cache)), ["large.cache"], "no temporary is left");
    const second = load();
    assert.equal(second.cached, true);
    assert.equal(second.module.exports.add(3, 4), 7);
  });

  it("does without a cache that is damaged, cut short, or of another source", () => {
    load().save();
    const good = readFileSync(cache);
    const flipped = Buffer.from(good);
    flipped[flipped.length >> 1] ^= 1;
    for (const bad of [flipped, good.subarray(0, good.length - 9), good.subarray(0, 3), Buffer.alloc(0)]) {
      writeFileSync(cache, bad);
      const loaded = load();
      assert.equal(loaded.cached, false);
      assert.equal(loaded.module.exports.add(1, 2), 3);
    }
    writeFileSync(cache, good);
    writeFileSync(file, "exports.add = () => 'another source';");
    const other = load();
    assert.equal(other.cached, false);
    assert.equal(other.module.exports.add(), "another source");
  });

  it("works where nothing can be written, and without a place for the cache", () => {
    writeFileSync(path.join(folder, "deep"), "a file in the folder's place");
    load().save();
    assert.equal(load().cached, false);
    delete createRequire(file).cache[file];
    const without = loadWithCodeCache(file, undefined);
    without.save();
    assert.equal(without.module.exports.add(1, 2), 3);
  });

  it("gives errors of the file to the caller", () => {
    writeFileSync(file, "throw new RangeError('from the file');");
    assert.throws(load, /^RangeError: from the file$/);
  });
});
