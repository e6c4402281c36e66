import assert from "node:assert/strict";
import fc from "fast-check";
import { layOut, sentencesOf } from "../../../src/lm/ngram/symbols.ts";
import { buildTrie, childRange, findChild, sumChildren } from "../../../src/lm/ngram/trie.ts";

const V = 4;
const sequences = fc.array(fc.array(fc.nat(V - 1), { maxLength: 12 }), { minLength: 1, maxLength: 8 });

/** Counts by a Map of strings, the plain way. */
function plain(rows: number[][], order: number, starts: number) {
  const counts = new Map<string, number>();
  const before = new Map<string, Set<number>>();
  for (const row of rows.filter((r) => r.length > 0)) {
    const padded = [...new Array(starts).fill(V), ...row];
    for (let end = 0; end < padded.length; end++) {
      for (let m = 1; m <= order && end - m + 1 >= 0; m++) {
        const key = padded.slice(end - m + 1, end + 1).join(" ");
        const event = padded[end] !== V;
        counts.set(key, (counts.get(key) ?? 0) + (event ? 1 : 0));
        if (!event || end - m < 0 || m === order) continue;
        if (!before.has(key)) before.set(key, new Set());
        before.get(key)!.add(padded[end - m]);
      }
    }
  }
  return { counts, before };
}

describe("the n-gram trie", () => {
  it("holds exactly the counts and continuation counts of a plain map", () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 5 }), fc.nat(4), (rows, order, starts) => {
        const stream = layOut(
          rows.map((r) => Int32Array.from(r)),
          V,
          starts,
        );
        fc.pre(stream.symbols.length > 0);
        const levels = buildTrie(stream, order);
        const { counts, before } = plain(rows, order, starts);
        const found = new Map<string, number>();
        const visit = (length: number, node: number, gram: number[]): void => {
          const [from, to] = childRange(levels, length, node);
          const { symbol, count, continuation } = levels[length];
          for (let child = from; child < to; child++) {
            const longer = [...gram, symbol[child]];
            const key = longer.join(" ");
            if (counts.has(key)) found.set(key, count[child]);
            else assert.equal(count[child], 0, key); // unigrams that do not occur
            if (length + 1 < order) assert.equal(continuation[child], before.get(key)?.size ?? 0, key);
            assert.equal(findChild(levels, length, node, symbol[child]), child);
            if (child > from) assert.ok(symbol[child - 1] < symbol[child]);
            if (length + 1 < order) visit(length + 1, child, longer);
          }
        };
        visit(0, 0, []);
        assert.deepEqual([...found].sort(), [...counts].sort());
        assert.equal(sumChildren(levels, 0, levels[0].count)[0], rows.flat().length);
      }),
      { numRuns: 400 },
    );
  });

  it("does not find what is not there", () => {
    const levels = buildTrie(layOut([Int32Array.of(0, 2, 0, 3)], V, 1), 3);
    const node = findChild(levels, 1, 0, 2);
    assert.ok(node >= 0);
    for (const symbol of [0, 1, V]) assert.equal(findChild(levels, 1, 0, symbol), -1);
    assert.equal(findChild(levels, 2, node, 0) >= 0, true);
    assert.equal(findChild(levels, 2, node, 3), -1);
  });

  it("refuses ids outside the vocabulary", () => {
    for (const id of [-1, V + 1, 2 ** 31 - 1]) {
      assert.throws(() => layOut([Int32Array.of(0, id)], V, 1), {
        name: "ArgumentError",
        message: `n-gram counts: token id ${id} is outside the vocabulary 0 … 3`,
      });
    }
  });

  it("cuts a row into sentences that keep their end", () => {
    const cut = (ids: number[]) => sentencesOf(Int32Array.from(ids), 0).map((s) => [...s]);
    assert.deepEqual(cut([1, 2, 0, 0, 3]), [[1, 2, 0], [0], [3]]);
    assert.deepEqual(cut([]), []);
  });
});
