import assert from "node:assert/strict";
import fc from "fast-check";
import { Generator } from "../../src/random.ts";
import { Windows } from "../../src/text/index.ts";

const rows = (x: Int32Array, width: number): string[] =>
  Array.from({ length: x.length / width }, (_, i) => [...x.subarray(i * width, (i + 1) * width)].join(" "));

describe("Windows", () => {
  it("come in the order of the text without a generator", () => {
    const w = new Windows({ ids: [0, 1, 2, 3, 4, 5], context: 2, batchSize: 3 });
    assert.equal(w.size, 4);
    assert.equal(w.batchesPerEpoch, 2);
    const first = w.next();
    assert.deepEqual(rows(first.x, 2), ["0 1", "1 2", "2 3"]);
    assert.deepEqual([...first.y], [2, 3, 4]);
    assert.deepEqual(first.shape, [3, 2]);
    assert.equal(first.epochStart, true);
    const last = w.next();
    assert.deepEqual(rows(last.x, 2), ["3 4"]);
    assert.deepEqual(last.shape, [1, 2]);
    assert.equal(last.epochStart, false);
    assert.equal(w.next().epochStart, true);
  });

  it("never reach into another sentence: makemore's contexts of emma.ava.", () => {
    const [dot, a, e, m, v] = [0, 1, 2, 3, 4];
    const ids = [e, m, m, a, dot, a, v, a, dot];
    const w = new Windows({ ids, context: 3, batchSize: 100, boundary: dot });
    const { x, y } = w.next();
    assert.deepEqual(rows(x, 3), [
      "0 0 0",
      "0 0 2",
      "0 2 3",
      "2 3 3",
      "3 3 1",
      "0 0 0",
      "0 0 1",
      "0 1 4",
      "1 4 1",
    ]);
    assert.deepEqual([...y], ids);
    const filled = new Windows({ ids, context: 2, batchSize: 100, boundary: dot, fill: 9 }).next();
    assert.deepEqual(rows(filled.x, 2).slice(4, 7), ["3 1", "9 9", "9 1"]);
  });

  it("shuffles each pass anew, every example once, the same for the same seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (size, batchSize, seed) => {
          const ids = Int32Array.from({ length: size + 2 }, (_, i) => i);
          const pass = (w: Windows) =>
            [...w.epoch()].flatMap(({ x, y }) => rows(x, 2).map((row, i) => `${row} ${y[i]}`));
          const make = () => new Windows({ ids, context: 2, batchSize, generator: new Generator(seed) });
          const [w, again] = [make(), make()];
          const [one, two] = [pass(w), pass(w)];
          const expected = Array.from({ length: size }, (_, i) => `${i} ${i + 1} ${i + 2}`);
          assert.deepEqual([...one].sort(), [...expected].sort());
          assert.deepEqual([...two].sort(), [...expected].sort());
          assert.deepEqual(pass(again), one);
          assert.deepEqual(pass(again), two);
          if (size > 12) assert.notDeepEqual(one, two);
        },
      ),
    );
  });

  it("continues exactly where its state was taken, over the end of a pass", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.boolean(), (steps, shuffled) => {
        const make = (seed: number) =>
          new Windows({
            ids: Int32Array.from({ length: 20 }, (_, i) => i),
            context: 3,
            batchSize: 4,
            generator: shuffled ? new Generator(seed) : undefined,
          });
        const a = make(5);
        for (let i = 0; i < steps; i++) a.next();
        const b = make(6);
        b.restore(JSON.parse(JSON.stringify(a.state())));
        for (let i = 0; i < 12; i++) assert.deepEqual(b.next(), a.next());
      }),
    );
  });

  it("does not depend on what else draws from the generator", () => {
    const generator = new Generator(3);
    const before = new Windows({ ids: [0, 1, 2, 3, 4, 5, 6, 7], context: 1, batchSize: 8, generator }).next();
    generator.uniform();
    const after = new Windows({ ids: [0, 1, 2, 3, 4, 5, 6, 7], context: 1, batchSize: 8, generator }).next();
    assert.deepEqual(after, before);
  });

  it("leaves out a batch that is not full, if asked", () => {
    const w = new Windows({ ids: [0, 1, 2, 3, 4, 5], context: 1, batchSize: 2, dropLast: true });
    assert.equal(w.batchesPerEpoch, 2);
    assert.deepEqual(
      [...w.epoch()].map(({ y }) => [...y]),
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.equal(w.next().epochStart, true);
  });

  it("refuses a corpus without a window, and a state of other windows", () => {
    assert.throws(() => new Windows({ ids: [1, 2], context: 2, batchSize: 1 }), {
      name: "DataError",
      message:
        /2 tokens has 0 windows of 2 tokens and a target, too few for one; use a shorter context or more text/,
    });
    assert.throws(() => new Windows({ ids: [], context: 2, batchSize: 1, boundary: 0 }), {
      name: "DataError",
    });
    assert.throws(
      () => new Windows({ ids: [1, 2, 3], context: 1, batchSize: 5, dropLast: true }),
      /one batch of 5.*batchSize/,
    );
    const w = new Windows({ ids: [1, 2, 3], context: 1, batchSize: 1 });
    assert.throws(() => w.restore({ position: 3, shuffledFrom: null }), /does not fit 2 ordered windows/);
    assert.throws(
      () => w.restore({ position: 0, shuffledFrom: new Generator(1).state() }),
      /belongs to other data/,
    );
    assert.throws(() => w.restore(null as never), /Windows\.restore/);
  });
});
