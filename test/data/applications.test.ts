import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  articleErrors,
  authors,
  combinations,
  dialogue,
  editDistance,
  headlines,
  optimalModel,
  recognise,
  similarWords,
  spellingChannel,
  takesAn,
  translation,
  withArticle,
} from "../../src/data/index.ts";
import { Generator } from "../../src/random.ts";
import { disagreeingArticles, disagreeingParticles } from "../datasets/prose.ts";

const SEED = 23;
const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

describe("data: English articles", () => {
  it("follow the sound of the next word", () => {
    const an = [
      "apple",
      "hour",
      "heir",
      "honest man",
      "honour",
      "egg",
      "umbrella",
      "unimportant thing",
      "onerous duty",
      "X",
      "F sharp",
    ];
    const a = [
      "book",
      "house",
      "useful boat",
      "one-arched bridge",
      "unit",
      "union",
      "European",
      "once-famous",
      "U",
      "hero",
      "ewe",
    ];
    assert.deepEqual(
      an.filter((word) => !takesAn(word)),
      [],
    );
    assert.deepEqual(a.filter(takesAn), []);
    assert.equal(withArticle("useful boat"), "a useful boat");
    assert.equal(withArticle("apple"), "an apple");
  });

  it("agree with the committed story, but for the mistakes that it quotes", () => {
    const story = readFileSync(
      fileURLToPath(new URL("../../datasets/english/harbour.txt", import.meta.url)),
      "utf8",
    );
    const wrong = new Set<string>();
    for (const [, article, word] of story.matchAll(/\b([Aa]n?) ([A-Za-z-]+)/g)) {
      if (takesAn(word) !== /n$/.test(article)) wrong.add(`${article.toLowerCase()} ${word}`);
    }
    assert.deepEqual([...wrong].sort(), ["a and", "an herd", "an one-arched", "an useful"]);
  });

  it("are turned into mistakes as often as asked, and nothing else is", () => {
    const text = "An apple, a pear and a useful box. A dog saw an owl; banana and Anna.";
    assert.deepEqual(articleErrors(text, 1, new Generator(SEED)), {
      source: "A apple, an pear and an useful box. An dog saw a owl; banana and Anna.",
      target: text,
    });
    assert.equal(articleErrors(text, 0, new Generator(SEED)).source, text);
    const many = articleErrors("a dog ".repeat(4000), 0.25, new Generator(SEED)).source.match(
      /\ban dog/g,
    )!.length;
    assert.ok(Math.abs(many - 1000) < 4 * Math.sqrt(750), `${many}, seed ${SEED}`);
    assert.throws(
      () => articleErrors(text, 2, new Generator(1)),
      /articleErrors: errors must be .* ≤ 1, got 2/,
    );
  });
});

describe("data: translation", () => {
  const task = translation();
  const generator = new Generator(SEED);
  const all = Array.from({ length: task.size }, (_, item) => task.pair(item, generator));

  it("has one translation for each sentence", () => {
    assert.equal(task.size, 10_240);
    const targets = new Map(all.map(({ source, target }) => [source, target]));
    assert.equal(targets.size, task.size, "two items have the same English sentence");
    assert.equal(targets.get("the teacher did not read an old book"), "선생님은 오래된 책을 읽지 않았다");
    assert.equal(targets.get("the child eats the apple"), "아이는 사과를 먹는다");
    assert.equal(targets.get("the captain drew a small island"), "선장은 작은 섬을 그렸다");
    assert.equal(task.solve("the friend does not open the window"), "친구는 창문을 열지 않는다");
    assert.throws(() => task.solve("the friend sings"), /is no sentence of this task/);
  });

  it("has articles and particles that agree with their words", () => {
    assert.deepEqual(disagreeingArticles(all.map(({ source }) => source).join("\n")), []);
    // 오래된, 작은 and 읽는 … are no nouns with a particle
    const others = /^(먹는|읽는|닫는|않는)$/;
    const words = disagreeingParticles(all.map(({ target }) => target).join("\n"));
    assert.deepEqual(
      words.filter((word) => !others.test(word.slice(0, 2))),
      [],
    );
  });
});

describe("data: headlines", () => {
  it("say who did what, by rule", () => {
    const task = headlines();
    assert.equal(task.size, 24_000);
    assert.equal(
      task.solve("last night the mayor of hollin opened a new bridge despite heavy rain"),
      "mayor opens new bridge",
    );
    const generator = new Generator(SEED);
    const sources = new Set<string>();
    for (let item = 0; item < task.size; item++) {
      const { source, target } = task.pair(item, generator);
      sources.add(source);
      assert.equal(task.solve(source), target, source);
    }
    assert.equal(sources.size, task.size);
    assert.throws(() => task.solve("nothing happened"), /is no report of this task/);
  });
});

describe("data: dialogue", () => {
  it("answers each question in one way, by a timetable in which places and vehicles matter", () => {
    const task = dialogue();
    const generator = new Generator(SEED);
    const all = Array.from({ length: task.size }, (_, item) => task.pair(item, generator));
    assert.equal(new Set(all.map(({ source }) => source)).size, task.size);
    for (const { source, target } of all) assert.equal(task.solve(source), target);
    const hours = new Map(
      all.flatMap(({ target }) => {
        const found = /^the (\w+) to (.+) leaves at (\w+) \.$/.exec(target);
        return found ? [[`${found[1]} ${found[2]}`, found[3]] as const] : [];
      }),
    );
    assert.equal(hours.size, 18);
    const of = (vehicle: string) =>
      [...hours].filter(([way]) => way.startsWith(vehicle)).map(([, hour]) => hour);
    assert.notDeepEqual(of("bus"), of("train"));
    assert.notDeepEqual(of("train"), of("ferry"));
    for (const vehicle of ["bus", "train", "ferry"]) assert.ok(new Set(of(vehicle)).size >= 3, vehicle);
    assert.equal(task.solve("thank you ."), "you are welcome .");
    assert.throws(() => task.solve("what is love ?"), /nothing that is said in this task/);
  });
});

describe("data: recognition", () => {
  const source = combinations().all;
  const vocabulary = source.vocabulary.tokens;

  it("measures how far two words are apart", () => {
    assert.equal(editDistance("kitten", "sitting"), 3);
    assert.equal(editDistance("", "abc"), 3);
    assert.equal(editDistance("same", "same"), 0);
    assert.equal(editDistance(["a", "b"], ["b"]), 1);
    assert.equal(similarWords("cat", ["dog", "cut", "cat", "cart"], 3).join(" "), "cat cut cart");
    assert.throws(() => similarWords("cow", ["cat"], 1), /"cow" is not in the vocabulary/);
  });

  it("offers the best combinations, best first, each once", () => {
    const reference = source.sample(new Generator(SEED));
    const options = { vocabulary, confusions: 2, clarity: 1, count: 1000 };
    const all = recognise(reference, { ...options, generator: new Generator(SEED) });
    assert.equal(all.list.length, 2 ** reference.length);
    assert.equal(new Set(all.list.map(({ words }) => words.join(" "))).size, all.list.length);
    assert.ok(all.list.every(({ score }, i) => i === 0 || score <= all.list[i - 1].score));
    const few = recognise(reference, { ...options, count: 5, generator: new Generator(SEED) });
    assert.deepEqual(few.list, all.list.slice(0, 5));
  });

  it("is right where all is clear, and is helped by the right language model where it is not", () => {
    const model = optimalModel(source);
    const generator = new Generator(SEED);
    const right = { channel: 0, reranked: 0, oracle: 0 };
    const sentences = source.samples(300, generator);
    for (const reference of sentences) {
      const is = ({ words }: { words: readonly string[] }) => words.join(" ") === reference.join(" ");
      const { list } = recognise(reference, { vocabulary, generator });
      const [best] = list
        .map(({ words, score }) => ({ words, score: score - total(model.nll(words)) }))
        .sort((a, b) => b.score - a.score);
      right.channel += Number(is(list[0]));
      right.reranked += Number(is(best));
      right.oracle += Number(list.some(is));
      assert.ok(is(recognise(reference, { vocabulary, clarity: 30, generator }).list[0]));
    }
    const shown = `${JSON.stringify(right)}, seed ${SEED}`;
    assert.ok(right.channel > 15 && right.channel < 200, shown);
    assert.ok(right.reranked > right.channel + 60, shown);
    assert.ok(right.oracle >= right.reranked, shown);
  });
});

describe("data: spelling", () => {
  const channel = spellingChannel({ errors: 0.25 });

  it("lists every mistake once for each way to make it", () => {
    const small = spellingChannel({ letters: "ab" });
    // put in: aab bab | aab abb | aba abb; left out: b, a; exchanged: bb, aa; swapped: ba
    assert.deepEqual(small.edits("ab").sort(), [
      "a",
      "aa",
      "aab",
      "aab",
      "aba",
      "abb",
      "abb",
      "b",
      "ba",
      "bab",
      "bb",
    ]);
    assert.deepEqual(small.edits("a").sort(), ["aa", "aa", "ab", "b", "ba"]);
    assert.equal(channel.edits("harbour").length, 8 * 26 + 7 + 7 * 25 + 6);
  });

  it("has probabilities that sum to 1", () => {
    for (const word of ["a", "aa", "harbour", "bookkeeper"]) {
      const written = new Set([word, ...channel.edits(word)]);
      const sum = [...written].reduce((sum, one) => sum + Math.exp(channel.logProb(one, word)), 0);
      assert.ok(Math.abs(sum - 1) < 1e-12, `${word}: ${sum}`);
    }
    assert.equal(channel.logProb("harbour", "harbour"), Math.log(0.75));
    assert.equal(channel.logProb("boat", "harbour"), -Infinity);
    assert.equal(channel.logProb("hrabuor", "harbour"), -Infinity);
  });

  it("makes mistakes as often as it says", () => {
    const generator = new Generator(SEED);
    const written = Array.from({ length: 4000 }, () => channel.corrupt("at", generator));
    const rate = (word: string) => written.filter((one) => one === word).length / written.length;
    for (const word of ["at", "ta", "aat", "t", "cat"]) {
      const p = Math.exp(channel.logProb(word, "at"));
      assert.ok(
        Math.abs(rate(word) - p) < 4 * Math.sqrt((p * (1 - p)) / 4000),
        `${word}: ${rate(word)}, ${p}, seed ${SEED}`,
      );
    }
    assert.throws(() => spellingChannel({ errors: 1 }), /spellingChannel: errors/);
  });
});

describe("data: authors", () => {
  it("can be told apart as often as the exact rate says, by the difference of ln P", () => {
    const { first, second, accuracy } = authors();
    assert.deepEqual(first.vocabulary.tokens, second.vocabulary.tokens);
    assert.ok(accuracy > 0.7 && accuracy < 0.95, String(accuracy));
    const [one, two] = [optimalModel(first), optimalModel(second)];
    const generator = new Generator(SEED);
    const count = 2000;
    let right = 0;
    for (const [source, sign] of [
      [first, 1],
      [second, -1],
    ] as const) {
      for (const words of source.samples(count / 2, generator)) {
        const difference = total(two.nll(words)) - total(one.nll(words));
        right += Math.abs(difference) < 1e-9 ? 0.5 : Number(Math.sign(difference) === sign);
      }
    }
    const sigma = Math.sqrt((accuracy * (1 - accuracy)) / count);
    assert.ok(
      Math.abs(right / count - accuracy) < 4 * sigma,
      `${right / count}, exactly ${accuracy}, seed ${SEED}`,
    );
  });
});
