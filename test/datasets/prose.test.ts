import assert from "node:assert/strict";
import {
  disagreeingArticles,
  disagreeingParticles,
  firstRepeat,
  outsideAlphabet,
  unbalancedParagraphs,
} from "./prose.ts";

describe("datasets: the checks of prose", () => {
  it("finds characters outside an alphabet and its ranges", () => {
    assert.deepEqual(outsideAlphabet("a가b힣ㄱ", "a", ["U+AC00-U+D7A3"]), ["b", "ㄱ"]);
    assert.deepEqual(outsideAlphabet("aba", "ab", []), []);
  });

  it("finds a passage that occurs twice, also overlapping, and no shorter one", () => {
    assert.equal(firstRepeat("one two one two", 7), "one two");
    assert.equal(firstRepeat("one two one two", 8), undefined);
    assert.equal(firstRepeat("aaaa", 3), "aaa");
  });

  it("finds what is left open in a paragraph; the single quote counts in Korean only", () => {
    assert.deepEqual(unbalancedParagraphs(['"a', '"a"', "(a", "a)(", "(a)", "dog's"], "en"), [
      '"a',
      "(a",
      "a)(",
    ]);
    assert.deepEqual(unbalancedParagraphs(["'가", "'가'"], "ko"), ["'가"]);
  });

  it("hears the article by the sound of the next word", () => {
    assert.deepEqual(
      disagreeingArticles("an hour, a useful one, An egg, an X on a map, an unknown union"),
      [],
    );
    assert.deepEqual(disagreeingArticles("a hour, an useful one, A egg, an dog"), [
      "a egg",
      "a hour",
      "an dog",
      "an useful",
    ]);
  });

  it("compares a particle with the final consonant before it", () => {
    assert.deepEqual(disagreeingParticles("책은 나무는 책을 나무를 나무가"), []);
    assert.deepEqual(disagreeingParticles("책는 나무은 책를 나무을 책가"), [
      "나무은",
      "나무을",
      "책가",
      "책는",
      "책를",
    ]);
  });
});
