import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { beamFrom, generateFrom, toIds, toRows } from "../../src/lm/decoding.ts";
import { NGramLM } from "../../src/lm/ngram/index.ts";
import { normalizeLogProbs } from "../../src/lm/sampling.ts";
import type { Predictor } from "../../src/lm/types.ts";
import { Generator } from "../../src/random.ts";
import { characters, corpusFromText, Vocabulary } from "../../src/text/index.ts";

/** A model given by its table: p(w | last token), with the row of `begin` at the beginning. */
function table(rows: number[][], begin: number, endId: number | null = null): Predictor<number> {
  const logs = rows.map((row) => normalizeLogProbs(Float64Array.from(row, Math.log)));
  return {
    vocabulary: Vocabulary.from("abcdef".slice(0, rows.length)),
    tokenizer: characters,
    endId,
    initialState: () => begin,
    advance: (_, token) => token,
    logProbs: (state) => logs[state].slice(),
  };
}

const weights = fc.constantFrom(0, 0.1, 1, 1, 2, 5);
const randomTable = fc
  .integer({ min: 2, max: 4 })
  .chain((V) =>
    fc.tuple(
      fc.array(fc.array(weights, { minLength: V, maxLength: V }), { minLength: V, maxLength: V }),
      fc.boolean(),
    ),
  )
  .filter(([rows]) => rows.every((row) => row.some((w) => w > 0)))
  .map(([rows, ends]) => table(rows, 0, ends ? rows.length - 1 : null));

/** Every hypothesis of at most `length` tokens, by trying all. */
function exhaustive(model: Predictor<number>, length: number): { ids: number[]; logProb: number }[] {
  const done: { ids: number[]; logProb: number }[] = [];
  const go = (ids: number[], state: number, logProb: number): void => {
    if (ids.length === length || (ids.length > 0 && ids.at(-1) === model.endId)) {
      done.push({ ids, logProb });
      return;
    }
    model.logProbs(state).forEach((p, id) => {
      if (p > -Infinity) go([...ids, id], model.advance(state, id), logProb + p);
    });
  };
  go([], model.initialState(), 0);
  return done.sort((a, b) => b.logProb - a.logProb);
}

describe("generateFrom", () => {
  const cycle = table(
    [
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ],
    2,
  ); // a → b → c → a, beginning with a

  it("writes what the model says, after the prompt", () => {
    const g = generateFrom(cycle, { length: 7, seed: 1 });
    assert.equal(g.text, "abcabca");
    assert.equal(g.reason, "length");
    assert.equal(g.logProb, 0);
    const prompted = generateFrom(cycle, { prompt: "ab", length: 3, greedy: true });
    assert.equal(prompted.text, "abcab");
    assert.deepEqual(prompted.tokens, ["c", "a", "b"]);
    assert.deepEqual(prompted.ids, Int32Array.of(2, 0, 1));
    assert.equal(String(prompted), inspect(prompted));
    assert.equal(generateFrom(cycle, { prompt: ["c"], length: 0, greedy: true }).text, "c");
    assert.equal(generateFrom(cycle, { prompt: [2, 0], length: 1, greedy: true }).text, "cab");
  });

  it("ends at a stop, which is left out", () => {
    const stopped = generateFrom(cycle, { length: 9, greedy: true, stop: "c" });
    assert.equal(stopped.text, "ab");
    assert.equal(stopped.reason, "stop");
    assert.equal(generateFrom(cycle, { length: 9, greedy: true, stop: ["zz", "ca"].slice(1) }).text, "ab");
    assert.equal(generateFrom(cycle, { length: 9, greedy: true, prompt: "ab", stop: "ab" }).text, "abc"); // not in the prompt
    assert.throws(() => generateFrom(cycle, { greedy: true, stop: "zz" }), /stop "zz" can never be met: "z"/);
    assert.throws(() => generateFrom(cycle, { greedy: true, stop: "" }), /must not be empty/);
  });

  it("ends where the model ends the sentence", () => {
    const names = new NGramLM(corpusFromText("ab\nab", { end: ".", split: { fractions: [1, 0] } }), {
      order: 2,
      smoothing: { kind: "mle" },
    });
    const g = names.generate({ seed: 1, length: 50 });
    assert.equal(g.text, "ab");
    assert.equal(g.reason, "end");
    assert.equal(names.generate({ prompt: "a", seed: 1 }).text, "ab");
    // after a whole sentence the next one begins; its break is in the text
    assert.equal(names.generate({ prompt: "ab.", seed: 1 }).text, "ab\nab");
  });

  it("is the same for the same seed or generator, and needs one unless greedy", () => {
    const model = table(
      [
        [1, 2, 3],
        [3, 1, 2],
        [2, 2, 1],
      ],
      0,
    );
    const write = (seed: number) => generateFrom(model, { seed, length: 60 }).text;
    assert.equal(write(1), write(1));
    assert.notEqual(write(1), write(2));
    assert.equal(generateFrom(model, { generator: new Generator(1), length: 60 }).text, write(1));
    assert.throws(() => generateFrom(model, {}), /give a generator or a seed/);
    assert.throws(() => generateFrom(model, { seed: 1, generator: new Generator(1) }), /not both/);
    assert.throws(() => generateFrom(model, { seed: 1, length: -1 }), /length must be/);
    assert.throws(() => generateFrom(model, { seed: 1, prompt: "ax" }), {
      name: "DataError",
      message: /"x"/,
    });
    assert.throws(() => generateFrom(model, { seed: 1, prompt: [3] }), { name: "IndexError" });
  });

  it("adds up its own log-probability", () => {
    const model = table(
      [
        [1, 2, 3],
        [3, 1, 2],
        [2, 2, 1],
      ],
      0,
    );
    const g = generateFrom(model, { seed: 3, length: 20, temperature: 2 });
    let expected = 0;
    let state = model.initialState();
    for (const id of g.ids) {
      expected += model.logProbs(state)[id];
      state = model.advance(state, id);
    }
    assert.ok(Math.abs(g.logProb - expected) < 1e-12);
  });
});

describe("beamFrom", () => {
  it("finds the best of all when the beam is wide enough", () => {
    fc.assert(
      fc.property(randomTable, fc.integer({ min: 1, max: 4 }), (model, length) => {
        const all = exhaustive(model, length);
        const found = beamFrom(model, { width: 400, length });
        assert.equal(found.length, all.length);
        found.forEach((h, i) => {
          assert.ok(Math.abs(h.logProb - all[i].logProb) < 1e-9);
          assert.equal(h.score, h.logProb);
          assert.equal(h.complete, h.ids.at(-1) === model.endId);
        });
        assert.deepEqual(found.map(({ ids }) => ids.join()).sort(), all.map(({ ids }) => ids.join()).sort());
      }),
    );
  });

  it("ranks complete and open ones by the mean with lengthPenalty 1", () => {
    fc.assert(
      fc.property(randomTable, (model) => {
        const found = beamFrom(model, { width: 400, length: 3, lengthPenalty: 1 });
        const best = Math.max(...exhaustive(model, 3).map(({ ids, logProb }) => logProb / ids.length));
        assert.ok(Math.abs(found[0].score - best) < 1e-9);
        for (let i = 1; i < found.length; i++) assert.ok(found[i].score <= found[i - 1].score);
      }),
    );
  });

  it("is the greedy path at width 1", () => {
    fc.assert(
      fc.property(randomTable, (model) => {
        const [only, ...rest] = beamFrom(model, { width: 1, length: 5 });
        const greedy = generateFrom(model, { greedy: true, length: 5 });
        assert.equal(rest.length, 0);
        assert.deepEqual(
          [...only.ids].filter((id) => id !== model.endId),
          [...greedy.ids],
        );
        assert.ok(Math.abs(only.logProb - greedy.logProb) < 1e-12);
      }),
    );
  });

  it("finds what the greedy path misses", () => {
    // From a: b (.6) leads to a coin of three, c (.4) always to c.
    const model = table(
      [
        [0, 0.6, 0.4],
        [1, 1, 1],
        [0, 0, 1],
      ],
      0,
    );
    assert.equal(generateFrom(model, { greedy: true, length: 2 }).text, "ba");
    const [best] = beamFrom(model, { width: 2, length: 2 });
    assert.equal(best.text, "cc");
    assert.match(inspect(best), /^-0\.916 "cc" …$/);
  });

  it("reads the prompt, and refuses widths that are none", () => {
    const model = table(
      [
        [0, 1],
        [1, 0],
      ],
      0,
    );
    assert.equal(beamFrom(model, { prompt: "ab", length: 2 })[0].text, "abab");
    assert.throws(() => beamFrom(model, { width: 0 }), /width must be/);
    assert.throws(() => beamFrom(model, { lengthPenalty: -1 }), /lengthPenalty must be/);
  });
});

describe("toIds and toRows", () => {
  const corpus = corpusFromText("ab\nba\nab", { end: ".", split: { counts: [2, 1] } });
  const model = new NGramLM(corpus, { order: 2 });

  it("take texts, tokens and ids", () => {
    assert.deepEqual([...toIds(model, "ab.")], [1, 2, 0]);
    assert.deepEqual([...toIds(model, ["b", "."])], [2, 0]);
    assert.deepEqual([...toIds(model, [2, 0])], [2, 0]);
    assert.throws(() => toIds(model, [3]), { name: "IndexError" });
    const words = new NGramLM([["a", "b"]], { order: 1 });
    assert.throws(() => toIds(words, "a b"), /made from lists of tokens and cannot cut the text "a b"/);
  });

  it("take a part of a corpus, one row, or sentences that are closed", () => {
    assert.deepEqual(toRows(model, corpus), { rows: [corpus.valid], characters: undefined });
    assert.deepEqual(toRows(model, corpus, { split: "train" }).rows, [corpus.train]);
    assert.deepEqual(toRows(model, "ab").rows, [Int32Array.of(1, 2)]);
    assert.deepEqual(toRows(model, [["a"], ["b", "a"]]).rows, [Int32Array.of(1, 0), Int32Array.of(2, 1, 0)]);
    assert.deepEqual(toRows(model, [Int32Array.of(1)]).rows, [Int32Array.of(1, 0)]);
    const other = corpusFromText("xy\nyx", { end: "." });
    assert.throws(() => toRows(model, other), /vocabulary of corpus "text" is not the model's/);
  });

  it("know the characters of words only where none is unknown", () => {
    const words = corpusFromText("a bc a bc a new", { level: "word", split: { counts: [4, 1, 1] } });
    const lm = new NGramLM(words, { order: 1 });
    assert.equal(toRows(lm, words, { split: "train" }).characters, 9);
    assert.equal(toRows(lm, words).characters, 1);
    assert.equal(toRows(lm, words, { split: "test" }).characters, undefined);
  });
});
