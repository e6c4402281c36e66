import assert from "node:assert/strict";
import { withScratch } from "../../src/fused/scratch.ts";
import type { Block, Packed } from "../../src/kernels/engine.ts";
import { ReferenceEngine } from "../../src/kernels/reference-engine.ts";

/** As an engine on a BLAS: a pack has no layout of its own, it refers to the block that it was made from. */
class ReferringEngine extends ReferenceEngine {
  readonly referred = new Map<Packed, Block>();
  override pack(k: number, n: number, b: Block): Packed {
    const packed = { k, n, at: b.at, length: k * n };
    this.referred.set(packed, b);
    return packed;
  }
  override gemm(m: number, a: Block, b: Packed, c: number, cStride: number, accumulate: boolean): void {
    const copy = super.pack(b.k, b.n, this.referred.get(b)!);
    super.gemm(m, a, copy, c, cStride, accumulate);
    super.freePacked(copy);
  }
  override freePacked(b: Packed): void {
    this.referred.delete(b);
  }
}

describe("scratch memory of a fused call", () => {
  const A = Float64Array.from([1, 2, 3, 4, 5, 6]); // [2, 3]
  const W = Float64Array.from([1, 0, 2, -1, 3, 1, 0, 1, 1, 2, 2, 2]); // [4, 3]

  for (const Engine of [ReferenceEngine, ReferringEngine]) {
    it(`packs of a matrix and of its transposed, on ${Engine.name}`, () => {
      const engine = new Engine("float64");
      const products = withScratch(engine, (scratch) => {
        const transposed = scratch.packTransposed(4, 3, W);
        const plain = scratch.pack(4, 3, W);
        const disturbing = scratch.copyOf(new Float64Array(64).fill(9)); // would lie where a copy was freed too early
        const y = scratch.block(8);
        engine.gemm(2, { at: scratch.copyOf(A), rowStride: 3, colStride: 1 }, transposed, y, 4, false);
        const dx = scratch.block(6);
        engine.gemm(2, { at: y, rowStride: 4, colStride: 1 }, plain, dx, 3, false);
        assert.equal(engine.memory[disturbing], 9);
        return [engine.memory.slice(y, y + 8), engine.memory.slice(dx, dx + 6)].map((part) => [...part]);
      });
      assert.deepEqual(products, [
        [7, 8, 5, 12, 16, 17, 11, 30],
        [23, 53, 51, 59, 122, 120],
      ]);
      assert.equal(engine.allocated.now, 0);
    });
  }

  it("a released block is not given back; calls inside one another give back their own", () => {
    const engine = new ReferenceEngine("float32");
    const kept = withScratch(engine, (outer) => {
      const at = outer.block(100);
      const during = engine.allocated.now;
      withScratch(engine, (inner) => inner.zeros(1000));
      assert.equal(engine.allocated.now, during);
      outer.copyOfIds(Int32Array.from([1, 2, 3]));
      return outer.release(at);
    });
    assert.equal(engine.allocated.now, 112); // 100, in whole cache lines of 16
    engine.free(kept);
    assert.equal(engine.allocated.now, 0);
  });
});
