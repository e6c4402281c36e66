import assert from "node:assert/strict";
import {
  allStrings,
  anbn,
  combinations,
  dyck,
  elman,
  embeddedReber,
  farCue,
  reber,
  StringSource,
  stickyChain,
} from "../../src/data/index.ts";
import { expectedVisits, stationary } from "../../src/data/visits.ts";

const close = (found: number, expected: number, tolerance = 1e-12, what = "") =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${what} ${found} is not ${expected} ± ${tolerance}`);

/** The figures of the lectures, to the four digits that they are printed with. */
const TABLE: readonly [string, () => StringSource, optimum: string, orders: Record<number, string>][] = [
  ["Reber", reber, "0.594126", { 0: "1.7721", 1: "1.1640", 2: "0.5941", 3: "0.5941" }],
  [
    "embedded Reber",
    embeddedReber,
    "0.441094",
    {
      1: "1.2718",
      2: "0.6301",
      3: "0.5041",
      4: "0.5041",
      5: "0.5041",
      6: "0.4884",
      7: "0.4765",
      8: "0.4687",
      10: "0.4564",
      12: "0.4495",
    },
  ],
  ["Elman", elman, "0.366204", { 0: "1.6770", 1: "0.7324", 2: "0.5202", 3: "0.3662" }],
  [
    "Dyck-1",
    () => dyck(),
    "0.673012",
    { 0: "1.0549", 1: "0.8258", 2: "0.8258", 3: "0.7708", 4: "0.7708", 6: "0.7444" },
  ],
  ["sticky chain", () => stickyChain(), "0.325083", { 0: "0.6931", 1: "0.3251" }],
];

describe("data: exact optima", () => {
  for (const [name, make, optimum, orders] of TABLE) {
    it(`${name}: the optimum and what a model of order k can reach`, () => {
      const source = make();
      assert.equal(source.optimum.nats.toFixed(6), optimum);
      const found = Object.keys(orders).map((k) => [k, source.orderOptimum(Number(k)).toFixed(4)]);
      assert.deepEqual(Object.fromEntries(found), orders);
    });
  }

  it("Reber: 6 bits in 7 symbols; 8 where B is predicted", () => {
    const { optimum } = reber();
    close(optimum.nllPerString / Math.LN2, 6);
    close(optimum.symbolsPerString, 7);
    assert.equal(optimum.perplexity.toFixed(4), "1.8114");
    close(optimum.bits, 6 / 7);
    assert.equal(optimum.stream.toFixed(4), "0.5199");
    assert.equal(optimum.cutOff, 0);
  });

  it("embedded Reber: 7 bits in 11 symbols; the forgotten letter costs ln 2 once in a string", () => {
    const source = embeddedReber();
    close(source.optimum.nllPerString / Math.LN2, 7);
    close(source.optimum.symbolsPerString, 11);
    close(source.levels["outer letter forgotten"] - source.optimum.nats, Math.LN2 / 11);
    assert.equal((Math.LN2 / 11).toFixed(6), "0.063013");
  });

  it("Elman: ln 3 per word of three letters on the average", () =>
    close(elman().optimum.nats, Math.log(3) / 3));

  it("Dyck-k: the entropy of opening is paid everywhere, the kind where a bracket is opened", () => {
    const H = -(0.4 * Math.log(0.4) + 0.6 * Math.log(0.6));
    for (const kinds of [1, 2, 3, 4]) {
      const { optimum } = dyck({ kinds });
      close(optimum.nats, H + 0.4 * Math.log(kinds));
      close(optimum.symbolsPerString, 5, 1e-12); // 1/(1 − 2p)
      assert.ok(optimum.cutOff > 0 && optimum.cutOff < 1e-18);
    }
    assert.ok(dyck({ kinds: 2 }).orderOptimum(2) > dyck({ kinds: 2 }).orderOptimum(4));
  });

  it("Dyck-2: what order k can reach is what all strings up to a length say", () => {
    // Few brackets are opened here, so that the strings beyond 12 symbols weigh next to nothing.
    const source = dyck({ kinds: 2, open: 0.02 });
    for (const order of [0, 1, 2, 3]) {
      close(
        source.orderOptimum(order),
        byEnumeration(shortStrings(source, 12), source.given, order),
        1e-6,
        `order ${order}`,
      );
    }
  });

  it("aⁿbⁿ: only how often a comes is uncertain", () => {
    for (const more of [0.5, 0.9]) {
      const H = -(more * Math.log(more) + (1 - more) * Math.log(1 - more));
      const n = 1 / (1 - more);
      close(anbn({ more }).optimum.nllPerString, n * H, 1e-10);
      close(anbn({ more }).optimum.symbolsPerString, 2 * n + 1, 1e-10);
    }
  });

  it("sticky chain: 100 symbols with the first predicted cost .328764 each", () => {
    assert.equal(stickyChain().optimumOver(100).toFixed(6), "0.328764");
    close(stickyChain().optimumOver(1), Math.LN2);
    close(stickyChain({ flip: 0.5 }).optimum.nats, Math.LN2);
  });

  it("far cue: the cue costs ln(cues) once, and so does forgetting it, at any distance", () => {
    for (const distance of [9, 11, 14, 33, 100]) {
      for (const cues of [2, 8]) {
        const source = farCue({ distance, cues });
        const clauses = Math.floor((distance - 9) / 5) + ((distance - 9) % 5);
        close(source.optimum.nllPerString, Math.log(cues) + clauses * Math.log(4), 1e-10);
        close(source.optimum.symbolsPerString, distance + 4, 1e-10);
        close(source.levels["cue forgotten"] - source.optimum.nats, Math.log(cues) / (distance + 4), 1e-10);
      }
    }
    const near = farCue({ distance: 9 });
    close(near.orderOptimum(9), near.optimum.nats);
    close(near.orderOptimum(8), near.levels["cue forgotten"]);
  });

  it("what order k can reach is what counting all strings says", () => {
    for (const source of [farCue({ distance: 11 }), combinations().train]) {
      for (const order of [0, 1, 2, 5, 9]) {
        close(
          source.orderOptimum(order),
          byEnumeration(allStrings(source), source.given, order),
          1e-10,
          `${source.name} ${order}`,
        );
      }
    }
  });

  it("never rises with the order, and never falls under the optimum", () => {
    for (const source of [reber(), embeddedReber(), elman(), dyck(), anbn(), farCue({ distance: 12 })]) {
      let before = Infinity;
      for (let order = 0; order <= 7; order++) {
        const nats = source.orderOptimum(order);
        assert.ok(
          nats <= before + 1e-12 && nats >= source.optimum.nats - 1e-12,
          `${source.name}, order ${order}`,
        );
        before = nats;
      }
    }
  });

  it("refuses orders that are none, or too many contexts", () => {
    for (const order of [-1, 0.5, Number.NaN])
      assert.throws(() => reber().orderOptimum(order), /Reber: order must be/);
    assert.throws(
      () => farCue({ distance: 200 }).orderOptimum(60),
      /more than 250000 contexts; ask for a smaller order/,
    );
    assert.throws(() => reber().optimumOver(5), /its strings end; use optimum/);
    assert.throws(() => stickyChain().optimumOver(0), /length must be/);
  });
});

describe("data: chains", () => {
  it("counts the visits of a walk with a way back", () => {
    // 0 → 1, 1 → 0 with ½ or ends: visits 2 and 2
    assert.deepEqual(
      [
        ...expectedVisits([
          [{ to: 1, p: 1 }],
          [
            { to: 0, p: 0.5 },
            { to: -1, p: 0.5 },
          ],
        ]),
      ].map((v) => +v.toFixed(12)),
      [2, 2],
    );
    // components in an order that is not theirs: 0 → 2 → 1 → end, 2 stays with ¾
    const visits = expectedVisits([
      [{ to: 2, p: 1 }],
      [{ to: -1, p: 1 }],
      [
        { to: 2, p: 0.75 },
        { to: 1, p: 0.25 },
      ],
    ]);
    assert.deepEqual(
      [...visits].map((v) => +v.toFixed(12)),
      [1, 1, 4],
    );
  });

  it("does not overflow the stack on long chains", () => {
    const n = 100_000;
    const visits = expectedVisits(
      Array.from({ length: n }, (_, i) => [{ to: i + 1 < n ? i + 1 : -1, p: 1 }]),
    );
    assert.equal(visits[n - 1], 1);
  });

  it("refuses strings that never end, and chains without one long run", () => {
    assert.throws(() => expectedVisits([[{ to: 0, p: 1 }]]), /never ends/);
    assert.throws(() => stationary([[{ to: 0, p: 1 }], [{ to: 1, p: 1 }]]), /no single solution/);
  });

  it("refuses equations that are too many", () => {
    const ring = Array.from({ length: 4000 }, (_, i) => [
      { to: (i + 1) % 4000, p: 0.5 },
      { to: -1, p: 0.5 },
    ]);
    assert.throws(() => expectedVisits(ring), /4000 states of this source lead to each other; at most 3000/);
  });

  it("finds the long run of a periodic chain with a beginning of its own", () => {
    const share = stationary([[{ to: 1, p: 1 }], [{ to: 2, p: 1 }], [{ to: 1, p: 1 }]]);
    assert.deepEqual(
      [...share].map((s) => +s.toFixed(12)),
      [0, 0.5, 0.5],
    );
  });

  it("refuses a definition that is no automaton", () => {
    const make = (arcs: { symbol: string; p: number; to: null }[]) =>
      new StringSource({ name: "mine", about: "", symbols: ["a", "b"], start: "0", arcs: () => arcs });
    assert.throws(
      () => make([{ symbol: "a", p: 0.5, to: null }]),
      /mine, state "0": the probabilities sum to 0.5/,
    );
    assert.throws(
      () =>
        make([
          { symbol: "a", p: 0.5, to: null },
          { symbol: "a", p: 0.5, to: null },
        ]),
      /"a" leads to two states/,
    );
    assert.throws(() => make([{ symbol: "c", p: 1, to: null }]), /"c" is none of its symbols/);
    assert.throws(
      () => new StringSource({ ...reber().definition, given: "Z" }),
      /"Z" is not in the vocabulary of 7 tokens/,
    );
    assert.throws(() => make([{ symbol: "a", p: Number.NaN, to: null }]), /"a" has probability NaN/);
  });
});

/** Every string of at most `most` symbols. */
function* shortStrings(source: StringSource, most: number): Iterable<readonly [readonly string[], number]> {
  function* walk(
    symbols: readonly string[],
    p: number,
    state: string,
  ): Iterable<readonly [readonly string[], number]> {
    for (const arc of source.arcs(state)) {
      const next = [...symbols, arc.symbol];
      if (arc.to === null) yield [next, p * arc.p];
      else if (next.length < most) yield* walk(next, p * arc.p, arc.to);
    }
  }
  yield* walk([], 1, source.definition.start);
}

/** The conditional entropy given the last `order` symbols, by writing down every string. */
function byEnumeration(
  strings: Iterable<readonly [readonly string[], number]>,
  given: number,
  order: number,
): number {
  const pairs = new Map<string, number>();
  const contexts = new Map<string, number>();
  const add = (table: Map<string, number>, key: string, p: number) =>
    table.set(key, (table.get(key) ?? 0) + p);
  let total = 0;
  for (const [symbols, p] of strings) {
    for (let i = given; i < symbols.length; i++) {
      const context = JSON.stringify(symbols.slice(Math.max(0, i - order), i));
      add(contexts, context, p);
      add(pairs, `${context} ${symbols[i]}`, p);
      total += p;
    }
  }
  let nats = 0;
  for (const p of pairs.values()) nats -= p * Math.log(p);
  for (const p of contexts.values()) nats += p * Math.log(p);
  return nats / total;
}
