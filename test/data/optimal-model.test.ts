import assert from "node:assert/strict";
import {
  anbn,
  combinations,
  dyck,
  elman,
  embeddedReber,
  farCue,
  type OptimalModel,
  type OptimalState,
  optimalModel,
  particleSentences,
  reber,
  regret,
  type StringSource,
  sentiment,
  stickyChain,
} from "../../src/data/index.ts";
import { NGramLM } from "../../src/lm/ngram/model.ts";
import { Generator } from "../../src/random.ts";

const SOURCES: readonly [string, () => StringSource][] = [
  ["Reber", reber],
  ["embedded Reber", embeddedReber],
  ["Elman", elman],
  ["sticky chain", () => stickyChain()],
  ["Dyck-1", () => dyck()],
  ["Dyck-2", () => dyck({ kinds: 2 })],
  ["anbn", () => anbn()],
  ["far cue", () => farCue({ distance: 21 })],
  ["combinations", () => combinations().all],
  ["sentiment", () => sentiment().source],
  ["particles", particleSentences],
];
const SEED = 20261121;

/** One long string of an endless source, in pieces that begin where the last one ended. */
const stringsOf = (source: StringSource, count: number, generator: Generator) =>
  source.endless ? [source.stream(10 * count, generator)] : source.samples(count, generator);

describe("data: the optimal model", () => {
  for (const [name, make] of SOURCES) {
    it(`${name}: its loss on samples is the optimum, within 4 σ`, () => {
      const source = make();
      const model = optimalModel(source);
      const strings = stringsOf(source, 4000, new Generator(SEED));
      const rows = source.endless
        ? [...model.nll(strings[0])].map((nll) => ({ nll, symbols: 1 }))
        : strings.map((string) => {
            const nll = model.nll(string, { given: source.given });
            return { nll: nll.reduce((sum, value) => sum + value, 0), symbols: nll.length };
          });
      const [nll, symbols] = [sum(rows, "nll"), sum(rows, "symbols")];
      const mean = nll / symbols;
      let squares = 0;
      let neighbours = 0;
      // In an endless stream one symbol tells of the next ones: their products belong to the variance too.
      rows.forEach((row, i) => {
        const own = row.nll - mean * row.symbols;
        squares += own ** 2;
        for (let lag = 1; source.endless && lag <= 20 && i + lag < rows.length; lag++) {
          neighbours += 2 * own * (rows[i + lag].nll - mean);
        }
      });
      const sigma = Math.sqrt(Math.max(squares, squares + neighbours)) / symbols;
      // The first symbol of a stream is drawn otherwise than those of the long run.
      const beginning = source.endless ? Math.LN2 / symbols : 0;
      const off = Math.abs(mean - source.optimum.nats);
      assert.ok(
        off <= 4 * sigma + 1e-9 + beginning,
        `${mean}, optimum ${source.optimum.nats}, σ ${sigma}, seed ${SEED}`,
      );
      assert.ok(sigma < 0.02, `σ ${sigma}: too few samples to say anything`);
      if (!source.endless) {
        const score = model.evaluate(
          strings.map((string) => model.vocabulary.encode(string)),
          { given: source.given },
        );
        assert.ok(Math.abs(score.nats - mean) < 1e-9);
        assert.equal(score.tokens, symbols);
      }
    });

    it(`${name}: each arc is taken as often as it should, within 4 σ`, () => {
      const source = make();
      const taken = new Map<string, Map<string, number>>();
      for (const string of stringsOf(source, 4000, new Generator(SEED))) {
        let state: string | null = source.definition.start;
        for (const symbol of string.slice(source.given)) {
          if (state === null) assert.fail(`${string.join(" ")} goes on after its end`);
          const row: Map<string, number> = taken.get(state) ?? new Map();
          taken.set(state, row.set(symbol, (row.get(symbol) ?? 0) + 1));
          state = source.arcs(state).find((arc) => arc.symbol === symbol)!.to;
        }
        if (!source.endless && state !== null) assert.fail(`${string.join(" ")} has no end`);
      }
      for (const [state, row] of taken) {
        const visits = [...row.values()].reduce((sum, count) => sum + count, 0);
        for (const { symbol, p } of source.arcs(state)) {
          const off = Math.abs((row.get(symbol) ?? 0) - visits * p);
          const sigma = Math.sqrt(visits * p * (1 - p));
          if (visits * p * (1 - p) > 20)
            assert.ok(off <= 4 * sigma, `state "${state}", "${symbol}": ${off / sigma} σ, seed ${SEED}`);
        }
      }
    });

    // The stacks of Dyck-2 are too many to be followed one by one.
    if (name !== "Dyck-2")
      it(`${name}: its loss, expected over all it can read, is the optimum exactly`, () => {
        const source = make();
        const { nll, symbols } = expectedLoss(optimalModel(source), source);
        assert.ok(
          Math.abs(nll / symbols - source.optimum.nats) < 1e-9,
          `${nll / symbols}, ${source.optimum.nats}`,
        );
      });

    it(`${name}: its probabilities sum to 1 wherever a sample leads`, () => {
      const source = make();
      const model = optimalModel(source);
      let state = model.initialState();
      for (const symbol of stringsOf(source, 20, new Generator(SEED)).flat().slice(0, 200)) {
        const row = model.logProbs(state);
        const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
        assert.ok(Math.abs(total - 1) < 1e-12, `${symbol}: ${total}`);
        state = model.advance(state, source.vocabulary.id(symbol));
      }
    });
  }

  it("answers as a language model does", () => {
    const model = optimalModel(embeddedReber());
    assert.equal(model.logProb("BTBTXSE", "T"), 0);
    assert.equal(model.logProb("BTBTXSE", "P"), -Infinity);
    assert.equal(model.logProb("BT", "B"), 0);
    assert.equal(model.logProb("B", "P"), Math.log(0.5));
    assert.equal(model.logProb("", "B"), 0);
    assert.deepEqual([...model.distribution(["B"])], [0, 0, 0.5, 0, 0.5, 0, 0]);
    assert.deepEqual([...model.nll("BTX")], [0, Math.LN2, Infinity]);
    assert.deepEqual([...model.nll("BTXX")], [0, Math.LN2, Infinity, Infinity]); // lost
    // After the end the next string begins.
    assert.equal(
      model.nll("BPBPVVEPE".repeat(3)).reduce((sum, x) => sum + x, 0),
      3 * 4 * Math.LN2,
    );
    assert.equal(model.generate({ prompt: "BTBTXSE", length: 2, greedy: true }).text, "BTBTXSETE");
    assert.equal(model.beam({ prompt: "BTBTX", width: 1, length: 4 })[0].text, "BTBTXSETE");
    assert.throws(() => model.logProb("B", "Q"), /"Q" is not in the vocabulary/);
  });

  it("reads words where symbols are words", () => {
    const model = optimalModel(farCue());
    const sentence = "As the waiter started the clock , the students opened their";
    assert.equal(model.logProb(sentence, "menus"), 0);
    assert.equal(model.logProb(sentence, "exams"), -Infinity);
  });

  it("is a corpus' best score too, read as a stream with B predicted", () => {
    const source = reber();
    const corpus = source.corpus({ train: 3000, valid: 100, generator: new Generator(SEED) });
    assert.match(corpus.decode(corpus.valid), /^(B[^BE]+E){100}$/);
    const { nats, tokens } = optimalModel(source).evaluate(corpus, { split: "train" });
    assert.equal(tokens, corpus.train.length);
    assert.ok(Math.abs(nats - source.optimum.stream) < 0.01, `${nats}, seed ${SEED}`);
    const words = farCue().corpus({ train: 3, valid: 1, test: 1, generator: new Generator(1) });
    assert.equal(words.tokenizer.unit, "word");
    assert.equal(words.train.length, 3 * 13);
  });

  it("is what n-grams approach: the bigram of Reber's grammar", () => {
    const source = reber();
    const strings = source.samples(20_000, new Generator(SEED)).map((string) => string.slice(1, -1));
    for (const order of [1, 2, 3]) {
      const model = new NGramLM(strings, { order, start: "B", end: "E", smoothing: { kind: "mle" } });
      const { nats } = model.evaluate(strings);
      assert.ok(
        Math.abs(nats - source.orderOptimum(order - 1)) < 0.01,
        `order ${order}: ${nats}, seed ${SEED}`,
      );
    }
  });
});

describe("data: regret", () => {
  const source = reber();
  const strings = source.samples(1000, new Generator(SEED));

  it("is 0 for the optimal model itself", () => {
    const { nats, standardError, symbols, optimal } = regret(optimalModel(source), source, strings);
    assert.deepEqual([nats, standardError], [0, 0]);
    assert.equal(symbols, strings.flat().length - 1000);
    assert.ok(Math.abs(optimal - source.optimum.nats) < 0.05);
  });

  it("is ln V minus the optimum for a model that knows nothing", () => {
    const uniform = {
      nll: (tokens: string | readonly string[] | ArrayLike<number>, { given = 0 } = {}) =>
        new Float64Array(tokens.length - given).fill(Math.log(7)),
    };
    const { nats, model, optimal, standardError } = regret(uniform, source, strings);
    assert.ok(Math.abs(model - Math.log(7)) < 1e-12);
    assert.ok(Math.abs(nats - (model - optimal)) < 1e-12);
    assert.ok(standardError > 0.0005 && standardError < 0.01, String(standardError));
  });

  it("has the standard error of the optimal model's own loss that the lectures state", () => {
    // A model with no loss at all has the negative loss of the optimal one as its regret.
    const silent = {
      nll: (tokens: string | readonly string[] | ArrayLike<number>, { given = 0 } = {}) =>
        new Float64Array(tokens.length - given),
    };
    const of = (count: number) => {
      const many = embeddedReber().samples(count, new Generator(SEED));
      return regret(silent, embeddedReber(), many).standardError;
    };
    assert.ok(Math.abs(of(1000) - 0.0024) < 0.0002, String(of(1000)));
    assert.equal(of(10_000).toFixed(4), "0.0008");
  });

  it("refuses strings of another source, none at all, and a model that scores others", () => {
    const model = optimalModel(source);
    assert.throws(() => regret(model, source, []), /there are no strings/);
    assert.throws(
      () => regret(model, source, [["B", "T", "T", "E"]]),
      /B T T E is no string of the source "Reber"/,
    );
    assert.throws(
      () => regret({ nll: () => new Float64Array(2) }, source, strings),
      /the model scored 2 of the/,
    );
    assert.ok(Number.isNaN(regret(model, source, strings.slice(0, 1)).standardError));
  });
});

function sum<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return rows.reduce((total, row) => total + row[key], 0);
}

/**
 * The expected loss of a model in its own words: the probability of each state, followed step by step through one string
 * (an endless source: after a time in which its beginning is forgotten, over a time in which all its periods fit).
 */
function expectedLoss(model: OptimalModel, source: StringSource): { nll: number; symbols: number } {
  const V = source.vocabulary.size;
  const begin = model.initialState();
  let now = new Map<OptimalState, number>([[begin, 1]]);
  let nll = 0;
  let symbols = 0;
  const [warmUp, steps] = source.endless ? [3000, 3600] : [source.given, 4000];
  for (let t = 0; t < steps; t++) {
    const next = new Map<OptimalState, number>();
    for (const [state, weight] of now) {
      const row = model.logProbs(state);
      for (let id = 0; id < V; id++) {
        const p = weight * Math.exp(row[id]);
        // What weighs less than this cannot be seen in the sums.
        if (p < 1e-13) continue;
        if (t >= warmUp) nll -= p * row[id];
        const after = model.advance(state, id);
        const ended = !source.endless && t >= source.given && after === begin && isEnd(source, state, id);
        if (!ended) next.set(after, (next.get(after) ?? 0) + p);
      }
      if (t >= warmUp) symbols += weight;
    }
    now = next;
    if (now.size === 0) break;
  }
  return { nll, symbols };
}

function isEnd(source: StringSource, state: OptimalState, id: number): boolean {
  if (typeof state !== "string") return false;
  return source.arcs(state).find(({ symbol }) => symbol === source.vocabulary.tokens[id])?.to === null;
}
