import assert from "node:assert/strict";
import { Allocator } from "../../src/kernels/allocator.ts";
import { Generator } from "../../src/random.ts";

/** An allocator and how far its memory has grown. */
function make(first = 0): { allocator: Allocator; memory: { end: number } } {
  const memory = { end: 0 };
  const allocator = new Allocator({
    granule: 16,
    first,
    grow: (end) => {
      memory.end = Math.max(memory.end, end);
    },
  });
  return { allocator, memory };
}

describe("kernels: allocator", () => {
  it("hands out aligned blocks after the engine's own part, lowest hole first", () => {
    const { allocator, memory } = make(20);
    const [a, b, c] = [allocator.alloc(16), allocator.alloc(1), allocator.alloc(17)];
    assert.deepEqual([a, b, c], [32, 48, 64]);
    assert.deepEqual([allocator.now, memory.end], [64, 96]);
    allocator.free(a);
    allocator.free(b);
    assert.equal(allocator.alloc(32), 32, "two holes that touch are one");
    assert.deepEqual([allocator.now, allocator.peak], [64, 64]);
  });

  it("joins holes on both sides, and the last with the end", () => {
    const { allocator, memory } = make();
    const blocks = Array.from({ length: 5 }, () => allocator.alloc(16));
    for (const i of [1, 3, 2]) allocator.free(blocks[i]);
    assert.equal(allocator.alloc(48), 16);
    allocator.free(16);
    allocator.free(blocks[4]);
    assert.equal(allocator.alloc(80), 16, "longer than the hole, which reaches to the end");
    assert.equal(memory.end, 96);
    allocator.free(16);
    allocator.free(blocks[0]);
    assert.deepEqual([allocator.now, allocator.peak], [0, 96]);
    assert.equal(allocator.alloc(1), 0);
  });

  it("a block of no elements is a block", () => {
    const { allocator } = make();
    const [a, b] = [allocator.alloc(0), allocator.alloc(0)];
    assert.notEqual(a, b);
    allocator.free(a);
    allocator.free(b);
    assert.equal(allocator.now, 0);
  });

  it("refuses to free what is no block, and changes nothing where the memory cannot grow", () => {
    const { allocator } = make();
    const a = allocator.alloc(16);
    for (const p of [a + 1, 999]) assert.throws(() => allocator.free(p), RangeError);
    allocator.free(a);
    assert.throws(() => allocator.free(a), RangeError);
    const full = new Allocator({
      granule: 16,
      grow: (end) => {
        if (end > 32) throw new RangeError("no more memory");
      },
    });
    const b = full.alloc(32);
    assert.throws(() => full.alloc(16), /no more memory/);
    assert.equal(full.now, 32);
    full.free(b);
    assert.equal(full.alloc(32), b);
  });

  it("random calls: blocks never overlap, and everything comes back", () => {
    const seed = "allocator";
    const generator = new Generator(seed);
    const { allocator, memory } = make(5);
    const out = new Map<number, number>();
    for (let i = 0; i < 3000; i++) {
      if (out.size > 0 && generator.uniform() < 0.48) {
        const at = generator.choice([...out.keys()]);
        allocator.free(at);
        out.delete(at);
      } else {
        const length = generator.int(200);
        const at = allocator.alloc(length);
        assert.equal(at % 16, 0);
        assert.ok(at >= 5 && at + length <= memory.end, `seed ${seed}, call ${i}`);
        for (const [other, size] of out) {
          const apart = at + Math.max(1, length) <= other || other + Math.max(1, size) <= at;
          assert.ok(apart, `seed ${seed}, call ${i}: [${at}, ${length}] and [${other}, ${size}]`);
        }
        out.set(at, length);
      }
    }
    for (const at of out.keys()) allocator.free(at);
    assert.equal(allocator.now, 0);
    assert.equal(allocator.alloc(allocator.peak), 16, "one hole again, from the beginning on");
  });
});
