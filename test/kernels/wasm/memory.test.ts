import assert from "node:assert/strict";
import { WasmEngine } from "../../../src/kernels/wasm/engine.ts";

for (const shared of [false, true]) {
  describe(`wasm: memory, ${shared ? "shared" : "of its own"}`, () => {
    it("grows, keeps what is in it, and gives the new memory", () => {
      const engine = new WasmEngine({ variant: "plain", shared });
      const first = engine.alloc(100);
      engine.memory.fill(7, first, first + 100);
      const before = engine.memory;
      const large = engine.alloc(8 << 20);
      assert.notEqual(engine.memory, before);
      assert.ok(engine.memory.length >= large + (8 << 20));
      assert.equal(engine.ids.buffer, engine.memory.buffer);
      assert.ok(engine.memory.subarray(first, first + 100).every((v) => v === 7));
      engine.fill(8 << 20, 1.5, large);
      assert.equal(engine.memory[large + (8 << 20) - 1], 1.5);
      assert.equal(engine.sumOfSquares(8 << 20, large), 2.25 * (8 << 20));
      engine.free(large);
      assert.equal(engine.alloc(1000) <= large, true, "freed memory is used again");
      assert.equal(shared, engine.wasmMemory.buffer instanceof SharedArrayBuffer);
    });

    it("adds up squares without a block of its own, which could move the memory under its caller", () => {
      const engine = new WasmEngine({ variant: "plain", shared });
      const n = 3 << 20; // three rounds of a million
      const x = engine.alloc(n);
      engine.fill(n, 1, x);
      engine.alloc = () => assert.fail("allocates");
      assert.equal(engine.sumOfSquares(n, x), n);
      assert.equal(engine.sumOfSquares(0, x), 0);
    });

    it("finds its memory again when it grew without its knowledge, as after an interrupt", () => {
      const engine = new WasmEngine({ variant: "plain", shared });
      const p = engine.alloc(8);
      engine.fill(8, 3, p);
      const pages = engine.wasmMemory.buffer.byteLength / 65_536;
      engine.wasmMemory.grow(pages);
      assert.equal(engine.memory[p + 7], 3);
      assert.equal(engine.ids[engine.idsAt(p)], new Int32Array(Float32Array.of(3).buffer)[0]);
      const q = engine.alloc(pages * 16_384);
      engine.fill(pages * 16_384, 2, q);
      assert.equal(engine.memory[q + pages * 16_384 - 1], 2);
    });

    it("hands out blocks on cache lines, beyond the constants", () => {
      const engine = new WasmEngine({ variant: "plain", shared });
      const blocks = [1, 17, 3].map((n) => engine.alloc(n));
      for (const p of blocks) assert.ok(p % 16 === 0 && p >= 1024, String(p));
      for (const p of blocks) engine.fill(1, NaN, p);
      const x = engine.alloc(4);
      engine.memory.set([0, 1, 2, 3], x);
      engine.exp(4, x, x);
      assert.equal(engine.memory[x], 1);
    });

    it("refuses what does not fit by name, and goes on", () => {
      const engine = new WasmEngine({ variant: "plain", shared });
      assert.throws(() => engine.alloc(2 ** 31), {
        name: "UnrolledError",
        message:
          /^WebAssembly memory cannot grow from \d+ to \d+ MiB: use smaller batches or shorter sequences/,
      });
      const p = engine.alloc(10);
      engine.fill(10, 2, p);
      assert.equal(engine.memory[p + 9], 2);
    });
  });
}
