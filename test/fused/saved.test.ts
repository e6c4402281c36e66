import assert from "node:assert/strict";
import { SavedList } from "../../src/fused/saved.ts";
import { ReferenceEngine } from "../../src/kernels/reference-engine.ts";

/** A block of n numbers counting up from `first`. */
function block(engine: ReferenceEngine, n: number, first: number): number {
  const at = engine.alloc(n);
  for (let i = 0; i < n; i++) engine.memory[at + i] = first + i;
  return at;
}

const contents = (engine: ReferenceEngine, at: number, n: number) => [...engine.memory.slice(at, at + n)];

describe("saved blocks", () => {
  const bytes = (n: number) => n * 8;
  let engine: ReferenceEngine;
  let list: SavedList;
  beforeEach(() => {
    engine = new ReferenceEngine("float64");
    list = new SavedList(engine, bytes(100));
  });
  const keep = (n: number, first: number) => list.keep(block(engine, n, first), n);

  it("stay where they are within the budget", () => {
    const [a, b] = [keep(40, 0), keep(60, 1000)];
    assert.deepEqual(list.size, { blocks: 2, bytes: bytes(100) });
    assert.deepEqual([a.isSpilled, b.isSpilled], [false, false]);
    assert.deepEqual(contents(engine, a.at, 2), [0, 1]);
    a.free();
    b.free();
    assert.deepEqual(list.size, { blocks: 0, bytes: 0 });
    assert.equal(engine.allocated.now, 0);
  });

  it("beyond it the oldest is spilled, and comes back with its contents, spilling the next", () => {
    const [a, b, c] = [keep(40, 0), keep(40, 1000), keep(40, 2000)];
    assert.deepEqual([a.isSpilled, b.isSpilled, c.isSpilled], [true, false, false]);
    assert.deepEqual(list.size, { blocks: 2, bytes: bytes(80) });
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    assert.deepEqual(contents(engine, a.at, 40), numbers);
    assert.deepEqual([a.isSpilled, b.isSpilled, c.isSpilled], [false, true, false]);
    assert.deepEqual(
      contents(engine, b.at, 40),
      numbers.map((i) => 1000 + i),
    );
    for (const saved of [a, b, c]) saved.free();
    assert.deepEqual(list.size, { blocks: 0, bytes: 0 });
    assert.equal(engine.allocated.now, 0);
  });

  it("two of the largest size fit whatever the budget", () => {
    const [a, b] = [keep(500, 0), keep(500, 0)];
    assert.deepEqual([a.isSpilled, b.isSpilled], [false, false]);
    const c = keep(500, 0);
    assert.deepEqual([a.isSpilled, b.isSpilled, c.isSpilled], [true, false, false]);
  });

  it("a freed one counts nothing, spilled or not; freeing twice is harmless", () => {
    const [a, b] = [keep(80, 0), keep(160, 0)];
    const c = keep(200, 0); // the limit is twice this
    assert.equal(a.isSpilled, true);
    for (const saved of [a, a, b, b, c]) saved.free();
    assert.deepEqual(list.size, { blocks: 0, bytes: 0 });
    assert.equal(engine.allocated.now, 0);
  });

  it("10,000 dropped handles leave no more than the budget behind", () => {
    for (let i = 0; i < 10_000; i++) {
      keep(1 + (i % 40), 0);
      assert.ok(list.size.bytes <= bytes(100));
      assert.ok(engine.allocated.now <= 100 + 8 * list.size.blocks, "blocks are rounded up to 8 numbers");
    }
    assert.ok(engine.allocated.peak <= 300);
  });
});
