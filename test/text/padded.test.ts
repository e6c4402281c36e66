import assert from "node:assert/strict";
import fc from "fast-check";
import { Generator } from "../../src/random.ts";
import { IGNORE, padSequences, sentenceBatches, splitSentences, transposeIds } from "../../src/text/index.ts";

describe("padSequences", () => {
  it("pads on the right, time-major or batch-first", () => {
    const batch = padSequences([[1, 2, 3], [4]], { padding: 9 });
    assert.deepEqual([...batch.ids], [1, 4, 2, 9, 3, 9]);
    assert.deepEqual(batch.shape, [3, 2]);
    assert.deepEqual([...batch.lengths], [3, 1]);
    const first = padSequences([[1, 2, 3], [4]], { padding: 9, batchFirst: true });
    assert.deepEqual([...first.ids], [1, 2, 3, 4, 9, 9]);
    assert.deepEqual(first.shape, [2, 3]);
    assert.deepEqual(transposeIds(batch.ids, [3, 2]), first.ids);
    assert.throws(() => transposeIds([1, 2, 3], [2, 2]), /3 ids cannot have the shape \[2,2\]/);
  });

  it("refuses no sequence and an empty one", () => {
    assert.throws(() => padSequences([]), { name: "DataError", message: /no sequences/ });
    assert.throws(() => padSequences([[1], []]), { name: "DataError", message: /sequence 1 of 2 is empty/ });
  });
});

describe("splitSentences", () => {
  it("cuts after each end token", () => {
    const cut = (ids: number[]) => splitSentences(Int32Array.from(ids), 0).map((s) => [...s]);
    assert.deepEqual(cut([5, 6, 0, 0, 7, 0]), [[5, 6], [], [7]]);
    assert.deepEqual(cut([5, 0, 6]), [[5], [6]]);
    assert.deepEqual(cut([]), []);
  });
});

describe("sentenceBatches", () => {
  it("gives x = begin w, y = w end, and leaves padding out of the targets", () => {
    const [batch, ...rest] = sentenceBatches({
      sentences: [[5, 6], [7], []],
      batchSize: 3,
      begin: 1,
      end: 2,
    });
    assert.equal(rest.length, 0);
    assert.deepEqual(batch.shape, [3, 3]);
    assert.deepEqual([...transposeIds(batch.x, [3, 3])], [1, 5, 6, 1, 7, 0, 1, 0, 0]);
    assert.deepEqual([...transposeIds(batch.y, [3, 3])], [5, 6, 2, 7, 2, IGNORE, 2, IGNORE, IGNORE]);
    assert.deepEqual([...batch.lengths], [3, 2, 1]);
    assert.equal(batch.targets, 6);
  });

  it("has every sentence once, shuffled by the seed, of like length if asked", () => {
    const sentence = fc.array(fc.integer({ min: 3, max: 9 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(sentence, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        fc.boolean(),
        (sentences, batchSize, seed, byLength) => {
          const run = () => [
            ...sentenceBatches({
              sentences,
              batchSize,
              begin: 1,
              end: 2,
              generator: new Generator(seed),
              byLength,
            }),
          ];
          const batches = run();
          assert.deepEqual(run(), batches);
          const indices = batches.flatMap((b) => [...b.indices]);
          assert.deepEqual(
            indices.sort((a, b) => a - b),
            sentences.map((_, i) => i),
          );
          let padded = 0;
          for (const { x, y, shape, lengths, indices: chosen } of batches) {
            const [T, B] = shape;
            for (let b = 0; b < B; b++) {
              const column = (ids: Int32Array) => Array.from({ length: T }, (_, t) => ids[t * B + b]);
              const wanted = sentences[chosen[b]];
              assert.equal(lengths[b], wanted.length + 1);
              assert.deepEqual(column(x).slice(0, lengths[b]), [1, ...wanted]);
              assert.deepEqual(column(y).slice(0, lengths[b]), [...wanted, 2]);
              assert.ok(
                column(y)
                  .slice(lengths[b])
                  .every((id) => id === IGNORE),
              );
            }
            padded += T * B;
          }
          if (byLength) {
            const sorted = sentences.map((s) => s.length + 1).sort((a, b) => a - b);
            let least = 0;
            for (let i = 0; i < sorted.length; i += batchSize) {
              const group = sorted.slice(i, i + batchSize);
              least += group.length * group[group.length - 1];
            }
            assert.equal(padded, least);
          }
        },
      ),
    );
  });

  it("refuses no sentences", () => {
    assert.throws(() => [...sentenceBatches({ sentences: [], batchSize: 1, begin: 0, end: 0 })], {
      name: "DataError",
    });
  });
});
