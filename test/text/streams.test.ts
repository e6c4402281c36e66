import assert from "node:assert/strict";
import fc from "fast-check";
import { corpusFromText, evaluationBatches, IGNORE, Streams } from "../../src/text/index.ts";
import { loadCases } from "../golden/decode.ts";

interface GoldenRun {
  id: string;
  level: "char" | "word";
  vocab: string[];
  text: string;
  tokensHead: number[];
  numTokens: number;
  eval: { text: string; tokens: number[] };
  batchSize: number;
  bpttLength: number;
  steps: number;
  wrapSteps: number[];
  firstBatches: { x: { shape: number[]; data: number[] }; y: { shape: number[]; data: number[] } }[];
}

/** [B, T] of the golden files against [T, B] here. */
const timeMajor = ({ shape: [B, T], data }: { shape: number[]; data: number[] }): number[] =>
  Array.from({ length: B * T }, (_, i) => data[(i % B) * T + Math.floor(i / B)]);

describe("Streams: golden training runs", () => {
  for (const golden of loadCases<GoldenRun>("train")) {
    it(golden.id, () => {
      // The character vocabularies hold the letters of the evaluation text too; words come from the text alone.
      const { level } = golden;
      const counted = level === "char" ? golden.text + golden.eval.text : golden.text;
      const vocabulary = corpusFromText(counted, { level, vocabularyFrom: "all" }).vocabulary;
      assert.deepEqual(vocabulary.tokens, golden.vocab);
      const corpus = corpusFromText(golden.text, { level, vocabulary, split: { fractions: [1, 0] } });
      assert.equal(corpus.train.length, golden.numTokens);
      assert.deepEqual([...corpus.train.subarray(0, golden.tokensHead.length)], golden.tokensHead);

      const { batchSize, bpttLength: bptt } = golden;
      const streams = new Streams({ ids: corpus.train, batchSize, bptt });
      const resets: number[] = [];
      for (let step = 0; step < golden.steps; step++) {
        const batch = streams.next();
        if (batch.reset) resets.push(step);
        assert.deepEqual(batch.shape, [bptt, batchSize]);
        assert.equal(batch.targets, bptt * batchSize);
        if (step < golden.firstBatches.length) {
          assert.deepEqual([...batch.x], timeMajor(golden.firstBatches[step].x));
          assert.deepEqual([...batch.y], timeMajor(golden.firstBatches[step].y));
        }
      }
      assert.deepEqual(resets, [0, ...golden.wrapSteps]);
      assert.deepEqual([...corpus.encode(golden.eval.text)], golden.eval.tokens); // unknown words are <unk>
    });
  }
});

const counting = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

describe("Streams", () => {
  it("reads contiguous streams side by side", () => {
    const streams = new Streams({ ids: counting(11), batchSize: 2, bptt: 2 }); // streams 0 1 2 3 4 | 5 6 7 8 9, 10 dropped
    assert.equal(streams.streamLength, 5);
    assert.equal(streams.stepsPerEpoch, 2);
    const first = streams.next();
    assert.deepEqual([...first.x], [0, 5, 1, 6]);
    assert.deepEqual([...first.y], [1, 6, 2, 7]);
    assert.equal(first.reset, true);
    const second = streams.next();
    assert.deepEqual([...second.x], [2, 7, 3, 8]);
    assert.equal(second.reset, false);
    const wrapped = streams.next();
    assert.deepEqual([...wrapped.x], [...first.x]);
    assert.equal(wrapped.reset, true);
  });

  it("wraps where a window and its target no longer fit, and not before", () => {
    for (let n = 3; n <= 40; n++) {
      const streams = new Streams({ ids: counting(2 * n), batchSize: 2, bptt: 2 });
      let p = 0;
      for (let step = 0; step < 50; step++) {
        if (p + 2 + 1 > n) p = 0;
        const { x, y, reset } = streams.next();
        assert.deepEqual([...x], [p, n + p, p + 1, n + p + 1], `n = ${n}, step ${step}`);
        assert.deepEqual([...y], [p + 1, n + p + 1, p + 2, n + p + 2]);
        assert.equal(reset, p === 0);
        p += 2;
      }
    }
  });

  it("continues exactly where its state was taken", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 60 }), fc.nat(30), (n, steps) => {
        const options = { ids: counting(n), batchSize: 3, bptt: 2 };
        const a = new Streams(options);
        for (let i = 0; i < steps; i++) a.next();
        const b = new Streams(options);
        b.restore(JSON.parse(JSON.stringify(a.state())));
        for (let i = 0; i < 12; i++) assert.deepEqual(b.next(), a.next());
      }),
    );
  });

  it("refuses a position of other streams", () => {
    const streams = new Streams({ ids: counting(20), batchSize: 2, bptt: 3 });
    for (const position of [-3, 1, 12, 0.5, Number.NaN, "3"]) {
      assert.throws(
        () => streams.restore({ position: position as number }),
        /not a multiple of bptt 3 within .* 10 tokens/,
      );
    }
    assert.throws(() => streams.restore(null as never), /Streams\.restore/);
  });

  it("passes over each stream once, with a short last batch if asked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 30 }),
        (B, T, extra) => {
          const n = B * (T + 1) + extra;
          const streams = new Streams({ ids: counting(n), batchSize: B, bptt: T });
          const position = streams.state();
          const full = [...streams.epoch()];
          const exact = [...streams.epoch({ shortLast: true })];
          assert.equal(full.length, streams.stepsPerEpoch);
          assert.deepEqual(exact.slice(0, full.length), full);
          assert.deepEqual(
            full.map((b) => b.reset),
            full.map((_, i) => i === 0),
          );
          const targets = exact.flatMap((b) => [...b.y]).sort((a, b) => a - b);
          const length = Math.floor(n / B);
          const expected = counting(B * length).filter((i) => i % length !== 0);
          assert.deepEqual(targets, [...expected]);
          for (const { x, y } of exact)
            assert.deepEqual(
              y,
              x.map((id) => id + 1),
            );
          assert.deepEqual(streams.state(), position);
        },
      ),
    );
  });

  it("says by its numbers why a corpus is too short, and what would do", () => {
    const make = (n: number, batchSize: number, bptt: number) => () =>
      new Streams({ ids: counting(n), batchSize, bptt });
    assert.throws(make(120, 32, 35), {
      name: "DataError",
      message:
        "Streams: a corpus of 120 tokens in 32 streams gives 3 each, but a window of 35 and its target need 36; " +
        "use batchSize ≤ 3 or a window ≤ 2 or at least 1152 tokens",
    });
    make(120, 3, 35)(); // the ways out it names are open
    make(120, 32, 2)();
    make(1152, 32, 35)();
    assert.throws(make(0, 1, 1), {
      name: "DataError",
      message: "Streams: the corpus is empty (0 tokens); give at least two",
    });
    assert.throws(make(1, 1, 1), {
      message: /corpus of 1 token in 1 stream gives 1 each.*use at least 2 tokens/,
    });
    assert.throws(make(10, 0, 1), {
      name: "ArgumentError",
      message: /batchSize must be a whole number and ≥ 1, got 0/,
    });
    assert.throws(make(10, 1, 2.5), { name: "ArgumentError", message: /bptt must be a whole number/ });
  });
});

describe("evaluationBatches", () => {
  it("predicts each token after the first exactly once, whatever the sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 40 }),
        (B, T, extra) => {
          const n = B + 1 + extra;
          const seen: number[] = [];
          let position = 0;
          const last: number[] = new Array(B).fill(-1);
          for (const { x, y, shape, reset, targets } of evaluationBatches({
            ids: counting(n),
            batchSize: B,
            bptt: T,
          })) {
            assert.equal(reset, position === 0);
            assert.ok(shape[0] >= 1 && shape[0] <= T && shape[1] === B);
            assert.equal(y.filter((id) => id !== IGNORE).length, targets);
            for (let i = 0; i < x.length; i++) {
              if (y[i] === IGNORE) continue;
              assert.equal(y[i], x[i] + 1);
              if (last[i % B] >= 0) assert.equal(x[i], last[i % B]); // the stream goes on where it was
              last[i % B] = y[i];
              seen.push(y[i]);
            }
            position += shape[0];
          }
          assert.deepEqual(
            seen.sort((a, b) => a - b),
            [...counting(n)].slice(1),
          );
        },
      ),
    );
  });

  it("refuses a corpus with fewer targets than streams", () => {
    const run = (n: number) => [...evaluationBatches({ ids: counting(n), batchSize: 4, bptt: 2 })];
    assert.throws(() => run(4), { name: "DataError", message: /4 tokens in 4 streams/ });
    assert.throws(() => run(0), /the corpus is empty/);
    assert.equal(run(5).length, 1);
  });
});
