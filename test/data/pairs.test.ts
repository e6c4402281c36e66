import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  dates,
  elman,
  embeddedReber,
  numberToWords,
  numberWords,
  optimalModel,
  wordsToNumber,
} from "../../src/data/index.ts";
import { Generator } from "../../src/random.ts";

const SEED = 13;

describe("data: number words", () => {
  it("are English as it is written", () => {
    const cases: [number, string][] = [
      [0, "zero"],
      [13, "thirteen"],
      [20, "twenty"],
      [42, "forty-two"],
      [100, "one hundred"],
      [110, "one hundred ten"],
      [1000, "one thousand"],
      [1234, "one thousand two hundred thirty-four"],
      [90_017, "ninety thousand seventeen"],
      [700_000, "seven hundred thousand"],
      [1_000_001, "one million one"],
      [
        999_999_999_999,
        "nine hundred ninety-nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
      ],
    ];
    for (const [n, words] of cases) {
      assert.equal(numberToWords(n), words);
      assert.equal(wordsToNumber(words), n);
    }
  });

  it("are Korean as it is written: groups apart, 일 left out before 십, 백, 천 and a leading 만", () => {
    const cases: [number, string][] = [
      [0, "영"],
      [1, "일"],
      [10, "십"],
      [11, "십일"],
      [100, "백"],
      [342, "삼백사십이"],
      [1000, "천"],
      [1111, "천백십일"],
      [10_000, "만"],
      [10_001, "만 일"],
      [12_345, "만 이천삼백사십오"],
      [21_000, "이만 천"],
      [110_000, "십일만"],
      [1_000_000, "백만"],
      [100_000_000, "일억"],
      [100_010_000, "일억 일만"],
      [123_456_789, "일억 이천삼백사십오만 육천칠백팔십구"],
    ];
    for (const [n, words] of cases) {
      assert.equal(numberToWords(n, "ko"), words);
      assert.equal(wordsToNumber(words, "ko"), n);
    }
    assert.deepEqual(
      [1, 10, 20, 21, 32, 48, 55, 67, 76, 83, 99].map((n) => numberToWords(n, "ko-native")),
      [
        "하나",
        "열",
        "스물",
        "스물하나",
        "서른둘",
        "마흔여덟",
        "쉰다섯",
        "예순일곱",
        "일흔여섯",
        "여든셋",
        "아흔아홉",
      ],
    );
  });

  it("can be read back, all of them", () => {
    const generator = new Generator(SEED);
    for (const language of ["en", "ko"] as const) {
      for (let n = 0; n <= 20_000; n++) assert.equal(wordsToNumber(numberToWords(n, language), language), n);
      for (let i = 0; i < 2000; i++) {
        const n = Math.floor(10 ** generator.uniform(4, 12));
        assert.equal(wordsToNumber(numberToWords(n, language), language), n, `seed ${SEED}`);
      }
    }
    for (let n = 1; n < 100; n++) assert.equal(wordsToNumber(numberToWords(n, "ko-native"), "ko-native"), n);
  });

  it("are refused where there are none, or where no such number exists", () => {
    assert.throws(() => numberToWords(-1), /numberToWords\("en"\) must be a whole number/);
    assert.throws(() => numberToWords(1.5, "ko"), /must be a whole number/);
    assert.throws(() => numberToWords(100, "ko-native"), /≤ 99, got 100/);
    assert.throws(
      () => numberToWords(1, "fr" as never),
      /language must be "en", "ko" or "ko-native", got "fr"/,
    );
    for (const words of [
      "",
      "hundred",
      "twenty zero",
      "one thousand thousand",
      "forty two",
      "twelfty",
      "one one",
    ]) {
      assert.throws(() => wordsToNumber(words), /number words: /, words);
    }
    for (const words of ["", "일십", "만만", "이천 만", "삼이", "만이", "천만천", "한"]) {
      assert.throws(() => wordsToNumber(words, "ko"), /number words: /, words);
    }
    assert.throws(() => wordsToNumber("열열", "ko-native"), /no native Korean numeral/);
  });

  it("make a task whose parts have no number in common", () => {
    const task = numberWords({ language: "ko", max: 999 });
    assert.equal(task.size, 1000);
    const { train, valid, test } = task.split({
      train: 700,
      valid: 150,
      test: 150,
      generator: new Generator(SEED),
    });
    assert.deepEqual([train.length, valid.length, test.length], [700, 150, 150]);
    const all = [...train, ...valid, ...test];
    assert.equal(new Set(all.map(({ source }) => source)).size, 1000);
    for (const { source, target } of all) assert.equal(task.solve(source), target);
    const back = numberWords({ language: "en", from: "words", min: 1000, max: 99_999 });
    for (let i = 0; i < 200; i++) {
      const { source, target } = back.sample(new Generator(i));
      assert.equal(back.solve(source), target);
      assert.ok(Number(target) >= 1000 && Number(target) <= 99_999);
    }
    assert.throws(
      () => task.split({ train: 1001, valid: 0, generator: new Generator(1) }),
      /1001 pairs were asked for, but there are 1000/,
    );
    assert.throws(() => task.solve("007"), /"007" is no number in digits/);
    assert.throws(() => numberWords({ min: 5, max: 4 }), /numberWords: min/);
    assert.throws(() => task.pair(1000, new Generator(1)), /item must be/);
  });
});

describe("data: how tasks and sources show themselves", () => {
  it("pairs by examples, always the same", () => {
    const shown = inspect(numberWords({ language: "ko" }));
    assert.match(
      shown,
      /^number words: digits to words \(ko\), 0 to 9999, 10,000 different items, for example\n/,
    );
    assert.equal(shown.split("\n").length, 7);
    assert.equal(shown, inspect(numberWords({ language: "ko" })));
  });

  it("sources by their optimum and levels", () => {
    const shown = inspect(embeddedReber());
    for (const part of [
      "0.441094 nats per predicted symbol",
      "outer letter forgotten",
      "0.504107 nats",
      "11.000000 predicted",
    ]) {
      assert.ok(shown.includes(part), part);
    }
    assert.match(inspect(elman()), /symbols +a b d g i u\n.*0\.366204 nats/);
    assert.match(inspect(optimalModel(elman())), /OptimalModel of Elman: knows the source/);
  });
});

describe("data: dates", () => {
  it("are read by a rule from every form", () => {
    const cases: [string, string][] = [
      ["Saturday, November 21, 2026", "2026-11-21"],
      ["the 1st of May 1999", "1999-05-01"],
      ["3 Mar 2000", "2000-03-03"],
      ["February 29, 2000", "2000-02-29"],
      ["2026년 11월 21일 토요일", "2026-11-21"],
      ["2026. 1. 2.(금)", "2026-01-02"],
    ];
    for (const [text, iso] of cases) assert.equal(dates().solve(text), iso);
    for (const text of ["", "tomorrow", "February 30, 2001", "29 Feb 1900", "13/04/2026"]) {
      assert.throws(() => dates().solve(text), /is no date in a form of this task/, text);
    }
  });

  it("have the right weekday, and a target that follows from the source", () => {
    for (const language of ["en", "ko"] as const) {
      const task = dates({ language });
      const generator = new Generator(SEED);
      const forms = new Set<string>();
      for (let i = 0; i < 2000; i++) {
        const { source, target } = task.sample(generator);
        assert.equal(task.solve(source), target, source);
        const date = new Date(`${target}T00:00:00Z`);
        const weekday = date.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
        const named = /([A-Z]\w+day)/.exec(source)?.[1];
        if (named) assert.equal(named, weekday, source);
        const korean = /([월화수목금토일])(?:요일|\))/.exec(source)?.[1];
        if (korean) assert.equal(korean, "일월화수목금토"[date.getUTCDay()], source);
        forms.add(
          source.replace(/[A-Za-z]+/g, (word) => (word.length > 3 ? "word" : "abc")).replace(/\d+/g, "0"),
        );
      }
      assert.ok(forms.size >= 4);
    }
  });

  it("have one item for each day", () => {
    assert.equal(dates({ from: 2000, to: 2000 }).size, 366);
    assert.equal(dates({ from: 1900, to: 1900 }).size, 365);
    const { train } = dates({ from: 2001, to: 2001 }).split({
      train: 365,
      valid: 0,
      generator: new Generator(1),
    });
    assert.deepEqual([...train.map(({ target }) => target)].sort()[364], "2001-12-31");
    assert.throws(() => dates({ from: 2001, to: 2000 }), /dates: from/);
    assert.throws(() => dates({ language: "de" as never }), /language must be "en" or "ko"/);
  });
});
