import assert from "node:assert/strict";
import { PackList, packsFor } from "../../src/fused/packs.ts";
import { fromData, lm, type Tensor, text } from "../../src/index.ts";
import type { Block, Packed } from "../../src/kernels/engine.ts";
import { engineFor } from "../../src/kernels/index.ts";
import { ReferenceEngine } from "../../src/kernels/reference-engine.ts";

const matrix = (rows: number, cols: number, scale = 1): Tensor =>
  fromData(
    Float32Array.from({ length: rows * cols }, (_, i) => scale * (i + 1)),
    [rows, cols],
  );

/** An engine without a layout of its own, as those that call a BLAS: a pack refers to the block it was made from. */
class Referring extends ReferenceEngine {
  override pack(k: number, n: number, b: Block): Packed {
    return { k, n, at: b.at, length: k * n };
  }
  override freePacked(): void {}
}

/** x W for x = [1, 0, …], W packed: its first row. */
function firstRow(engine: ReferenceEngine, packed: Packed): number[] {
  const x = engine.alloc(packed.k);
  engine.fill(packed.k, 0, x);
  engine.memory[x] = 1;
  const y = engine.alloc(packed.n);
  engine.gemm(1, { at: x, rowStride: packed.k, colStride: 1 }, packed, y, packed.n, false);
  const row = [...engine.memory.slice(y, y + packed.n)];
  engine.free(x);
  engine.free(y);
  return row;
}

describe("packed weights without a graph", () => {
  it("a pack serves until the weight changes; then its memory is used for the next", () => {
    const engine = new ReferenceEngine("float32");
    const packs = new PackList(engine);
    const w = matrix(2, 3);
    const first = packs.of(w, false);
    assert.deepEqual(firstRow(engine, first), [1, 2, 3]);
    assert.equal(packs.of(w, false), first);
    const transposed = packs.of(w, true);
    assert.deepEqual(firstRow(engine, transposed), [1, 4]);
    const before = engine.allocated.now;
    for (let i = 0; i < 10; i++) {
      w.changeData((data) => data.fill(i));
      assert.deepEqual(firstRow(engine, packs.of(w, false)), [i, i, i]);
      assert.deepEqual(firstRow(engine, packs.of(w, true)), [i, i]);
    }
    assert.equal(engine.allocated.now, before);
    assert.equal(packs.size.packs, 2);
    packs.clear();
    assert.equal(engine.allocated.now, 0);
    assert.deepEqual(packs.size, { packs: 0, bytes: 0 });
  });

  for (const Kind of [ReferenceEngine, Referring]) {
    it(`${Kind.name}: beyond the budget those that were not used for longest go, but never those in hand`, () => {
      const engine = new Kind("float32");
      const size = 16 * 16;
      const packs = new PackList(engine, 6 * size * 4);
      const weights = Array.from({ length: 20 }, (_, i) => matrix(16, 16, i + 1));
      for (const w of weights) packs.of(w, false);
      assert.equal(packs.size.packs, 6);
      assert.equal(engine.allocated.now, 6 * size);
      const last = packs.of(weights[19], false);
      for (let i = 0; i < 3; i++) packs.of(matrix(16, 16), false);
      assert.equal(packs.of(weights[19], false), last);
      const large = [matrix(100, 100), matrix(100, 100), matrix(100, 100), matrix(100, 100)];
      const found = large.map((w) => packs.of(w, false));
      assert.equal(packs.size.packs, 4, "four that are larger than the budget");
      if (Kind === ReferenceEngine) for (const p of found) assert.equal(firstRow(engine, p)[99], 100);
      packs.clear();
      assert.equal(engine.allocated.now, 0);
    });
  }

  it("generation keeps its weights packed, and a training step that follows is not disturbed", () => {
    const vocabulary = text.Vocabulary.fromTokens(["a", "b", "c"]);
    const model = new lm.RecurrentLM({ vocabulary, cell: "lstm", hiddenSize: 80, seed: 1 });
    const engine = engineFor("float32");
    const generate = () => model.generate({ prompt: "a", length: 20, seed: 1 });
    generate();
    const { now } = engine.allocated;
    const { packs } = packsFor(engine).size;
    assert.ok(packs > 0);
    const { text: before } = generate();
    assert.equal(engine.allocated.now, now);
    assert.equal(packsFor(engine).size.packs, packs);
    model.output.bias!.changeData((data) => data.set([0, 100, 0]));
    assert.notEqual(generate().text, before);
    model.output.weight.changeData((data) => data.fill(0));
    model.output.bias!.changeData((data) => data.set([0, 0, 100]));
    assert.equal(generate().text, `a${"c".repeat(20)}`);
    assert.equal(engine.allocated.now, now);
  });
});
