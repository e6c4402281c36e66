import assert from "node:assert/strict";
import {
  allStrings,
  combinations,
  farCue,
  hasFinalConsonant,
  optimalModel,
  particleErrors,
  particleSentences,
  phrases,
  sentiment,
  templateSource,
  withParticle,
} from "../../src/data/index.ts";
import { NGramLM } from "../../src/lm/ngram/model.ts";
import { Generator } from "../../src/random.ts";
import { disagreeingParticles } from "../datasets/prose.ts";

const SEED = 11;

describe("data: templates", () => {
  it("follow fillings that begin alike together, and leave out empty slots", () => {
    const source = templateSource({
      name: "t",
      about: "",
      slots: [
        () => [{ symbols: ["a", "b"], weight: 3, remember: "long" }, { symbols: ["a", "c"] }],
        (memory) => (memory === "long" ? phrases("d") : []),
        () => phrases("."),
      ],
    });
    assert.deepEqual([...allStrings(source)].map(([symbols, p]) => [symbols.join(""), p]).sort(), [
      ["abd.", 0.75],
      ["ac.", 0.25],
    ]);
    assert.deepEqual(source.vocabulary.tokens, [".", "a", "b", "c", "d"]);
  });

  it("refuse a filling that is the beginning of another", () => {
    assert.throws(
      () => templateSource({ name: "t", about: "", slots: [() => phrases("a", "a b"), () => phrases(".")] }),
      /t, slot 0: "a( b)?" and another filling begin alike/,
    );
  });
});

describe("data: far cue", () => {
  it("has the answer at the distance asked for, told by the cue alone", () => {
    const pairs = new Map([
      ["proctor", "exams"],
      ["librarian", "books"],
      ["waiter", "menus"],
      ["conductor", "scores"],
    ]);
    for (const distance of [9, 10, 13, 14, 50]) {
      const generator = new Generator(SEED);
      for (const words of farCue({ distance }).samples(50, generator)) {
        assert.equal(words[2 + distance], pairs.get(words[2]), words.join(" "));
        assert.deepEqual(words.slice(distance - 1, distance + 2), ["students", "opened", "their"]);
        assert.equal(words.length, distance + 4);
      }
    }
    assert.deepEqual(
      farCue({ distance: 9, cues: 2 }).sample(new Generator(3)).join(" "),
      "As the proctor started the clock , the students opened their exams .",
    );
    assert.throws(() => farCue({ distance: 8 }), /farCue: distance/);
    assert.throws(() => farCue({ cues: 1 }), /farCue: cues/);
  });
});

describe("data: combinations", () => {
  it("holds pairs out of training, but no noun and no verb", () => {
    for (const heldOut of [1, 2, 4]) {
      const parts = combinations({ heldOut });
      const pairsOf = (name: "all" | "train" | "heldOut") =>
        new Set([...allStrings(parts[name])].map(([[, noun, verb]]) => `${noun} ${verb}`));
      const [all, train, rest] = [pairsOf("all"), pairsOf("train"), pairsOf("heldOut")];
      assert.equal(all.size, 3 * 36);
      assert.deepEqual([...rest].sort(), [...parts.pairs].sort());
      assert.equal(rest.size, 18 * heldOut);
      assert.ok([...rest].every((pair) => !train.has(pair)));
      assert.equal(train.size + rest.size, all.size);
      const words = (pairs: Iterable<string>) => new Set([...pairs].flatMap((pair) => pair.split(" ")));
      assert.deepEqual([...words(train)].sort(), [...words(all)].sort());
      assert.deepEqual(parts.train.vocabulary.tokens.length <= parts.all.vocabulary.tokens.length, true);
    }
  });

  it("is what counts cannot do: a trigram gives a held-out pair nothing, the source its full share", () => {
    const { all, train, heldOut } = combinations();
    assert.deepEqual(train.vocabulary.tokens, all.vocabulary.tokens);
    assert.deepEqual(heldOut.vocabulary.tokens, all.vocabulary.tokens);
    const model = new NGramLM(train.samples(5000, new Generator(SEED)), {
      order: 3,
      smoothing: { kind: "mle" },
    });
    for (const words of heldOut.samples(20, new Generator(SEED))) {
      assert.equal(model.logProb(words.slice(0, 2), words[2]), -Infinity, words.join(" "));
      assert.ok(Math.abs(optimalModel(all).logProb(words.slice(0, 2), words[2]) - Math.log(1 / 6)) < 1e-12);
    }
  });
});

describe("data: sentiment", () => {
  const task = sentiment();

  it("labels what the main clause says", () => {
    const cases: [string, string][] = [
      ["the film was good .", "positive"],
      ["the film was not very good .", "negative"],
      ["the film was good , but the plot was dull .", "negative"],
      ["the film was not dull although the plot was bad .", "positive"],
      ["although the film was good , the plot was not good .", "negative"],
      ["although the film was bad , the plot was very moving .", "positive"],
    ];
    for (const [text, label] of cases) assert.equal(task.solve(text.split(" ")), label, text);
    assert.throws(() => task.solve(["the", "film", "was"]), /does not end its main clause with an adjective/);
  });

  it("draws sentences of the source with their labels, both equally often", () => {
    const drawn = task.samples(4000, new Generator(SEED));
    const positive = drawn.filter(({ label }) => label === "positive").length;
    assert.ok(Math.abs(positive - 2000) < 4 * Math.sqrt(1000), `${positive}, seed ${SEED}`);
    for (const { words, label } of drawn.slice(0, 200)) assert.equal(task.solve(words), label);
  });

  it("says what a bag of words can reach: all but the sentences that their words leave open", () => {
    assert.ok(Math.abs(task.accuracies["always the same"] - 0.5) < 1e-9);
    const bag = task.accuracies["bag of words"];
    assert.ok(bag > 0.6 && bag < 0.8, String(bag));
    // By hand for the shape of the sentences: two clauses leave the label open if they would swap it.
    const seen = new Map<string, [number, number]>();
    for (const { words, label } of task.samples(60_000, new Generator(SEED))) {
      const key = words
        .filter((word) => !/^(film|plot|music|ending|cast|dialogue)$/.test(word))
        .sort()
        .join(" ");
      const row = seen.get(key) ?? [0, 0];
      row[label === "positive" ? 0 : 1]++;
      seen.set(key, row);
    }
    // A table fitted to a sample flatters itself a little, never the other way round.
    const fitted = [...seen.values()].reduce((sum, row) => sum + Math.max(...row), 0) / 60_000;
    assert.ok(fitted > bag - 0.01 && fitted < bag + 0.1, `${fitted} against ${bag}, seed ${SEED}`);
  });
});

describe("data: Korean particles", () => {
  it("follow the final consonant", () => {
    assert.deepEqual(
      ["책", "나무", "별", "바다"].map((noun) =>
        [withParticle(noun, "topic"), withParticle(noun, "subject")].join(" "),
      ),
      ["책은 책이", "나무는 나무가", "별은 별이", "바다는 바다가"],
    );
    assert.equal(withParticle("문", "object"), "문을");
    assert.equal(withParticle("친구", "and"), "친구와");
    assert.equal(hasFinalConsonant("힣"), true);
    assert.equal(hasFinalConsonant("가"), false);
    assert.throws(() => hasFinalConsonant("box"), /"box" does not end in a Hangul syllable/);
    assert.throws(() => hasFinalConsonant(""), /does not end/);
    assert.throws(() => withParticle("책", "with" as never), /the particle must be "topic"/);
  });

  it("are right in every sentence", () => {
    const source = particleSentences();
    const texts = [...allStrings(source)].map(([symbols]) => symbols.join(""));
    assert.ok(texts.length > 3000);
    assert.deepEqual(disagreeingParticles(texts.join("\n")), []);
    assert.ok(texts.includes("어제 할머니는 편지를 읽었다."));
    assert.ok(texts.includes("그 꽃이 예쁘다."));
  });

  it("are turned into mistakes as often as asked", () => {
    const generator = new Generator(SEED);
    assert.deepEqual(particleErrors("오늘 동생이 책을 읽었다.", 1, generator), {
      source: "오늘 동생가 책를 읽었다.",
      target: "오늘 동생이 책을 읽었다.",
    });
    assert.equal(particleErrors("오늘 동생이 책을 읽었다.", 0, generator).source, "오늘 동생이 책을 읽었다.");
    const texts = particleSentences()
      .samples(2000, generator)
      .map((symbols) => symbols.join(""));
    const wrong = texts.map(
      (text) => disagreeingParticles(particleErrors(text, 0.25, generator).source).length,
    );
    const particles = texts.map((text) => (text.startsWith("그 ") ? 1 : 2)).reduce((a, b) => a + b, 0);
    const found = wrong.reduce((a, b) => a + b, 0);
    // 이 after a vowel is not seen by the check of prose, so it counts only a part of them.
    assert.ok(found > 0.15 * particles && found < 0.3 * particles, `${found} of ${particles}, seed ${SEED}`);
  });
});
