import assert from "node:assert/strict";
import fc from "fast-check";
import {
  characters,
  jamo,
  lines,
  lineWords,
  syllables,
  type Tokenizer,
  tokenizerFor,
  words,
} from "../../src/text/index.ts";

/** Code points that meet in corpora and trip tokenizers: Hangul of every kind, marks, pairs, line ends. */
const piece = fc.constantFrom(
  ..."ab .,\n",
  "  ",
  "é",
  "e\u0301",
  "한",
  "\u1112\u1161\u11ab", // 한, decomposed
  "\u1112",
  "\u1161",
  "\u11ab",
  "\u1112\u119e\u11ab", // old Hangul with arae-a: no precomposed form
  "\ua960\ud7b0",
  "ㅋ",
  "😀",
  "👨‍👩‍👧",
  "🇰🇷",
  "\u2028",
  "\ufeff",
  "ﬁ",
  "Å",
);
const anyText = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((p) => p.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
);

const all: Record<string, Tokenizer> = {
  characters,
  words,
  syllables,
  jamo,
  lineWords: lineWords(),
  "lines(characters)": lines(characters, "<eos>"),
  "lines(words)": lines(words, "<eos>"),
  "lines(syllables)": lines(syllables, "<eos>"),
  "lines(jamo)": lines(jamo, "<eos>"),
};

describe("tokenizers: every one", () => {
  for (const [name, tokenizer] of Object.entries(all)) {
    it(`${name}: detokenize(tokenize(t)) = canonical(t), and canonical texts come back as they are`, () => {
      fc.assert(
        fc.property(anyText, (text) => {
          const tokens = tokenizer.tokenize(text);
          const canonical = tokenizer.canonical(text);
          assert.equal(tokenizer.detokenize(tokens), canonical);
          assert.deepEqual(tokenizer.tokenize(canonical), tokens);
          assert.deepEqual([...tokenizer.iterate(text)], tokens);
          if (tokenizer.end === null && text !== "") assert.deepEqual(tokenizer.fragment(text), tokens);
          if (tokenizer.end !== null) {
            const closed = text.endsWith("\n") || text === "";
            assert.deepEqual([...tokenizer.fragment(text), ...(closed ? [] : [tokenizer.end])], tokens);
          }
        }),
        { numRuns: 500 },
      );
    });
  }

  it("characters and words change nothing", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.equal(characters.canonical(text), text);
        assert.equal(words.canonical(text), text);
      }),
    );
  });
});

describe("characters", () => {
  it("are code points, not UTF-16 units", () => {
    assert.deepEqual(characters.tokenize("a😀b"), ["a", "😀", "b"]);
    assert.deepEqual(characters.tokenize("é"), ["é"]);
    assert.deepEqual(characters.tokenize("e\u0301"), ["e", "\u0301"]);
    assert.deepEqual(characters.tokenize("\ud83dx"), ["\ud83d", "x"]); // half a pair stays what it is
  });
});

describe("words", () => {
  it("stand between single spaces", () => {
    assert.deepEqual(words.tokenize("the  cat\nsat "), ["the", "", "cat\nsat", ""]);
    assert.deepEqual(words.tokenize(""), [""]);
    assert.deepEqual(words.fragment(""), []);
  });
});

describe("lineWords", () => {
  it("reads the Penn Treebank as it lies on disk", () => {
    const text = " no it was n't black monday \n but while <unk> \n\n";
    const tokens = [
      "no",
      "it",
      "was",
      "n't",
      "black",
      "monday",
      "<eos>",
      "but",
      "while",
      "<unk>",
      "<eos>",
      "<eos>",
    ];
    assert.deepEqual(lineWords().tokenize(text), tokens);
    assert.equal(lineWords().detokenize(tokens), "no it was n't black monday\nbut while <unk>\n\n");
    assert.deepEqual(lineWords("</s>").tokenize("a\tb"), ["a", "b", "</s>"]);
  });
});

describe("lines", () => {
  const names = lines(characters, ".");

  it("close each line, the last one too", () => {
    assert.deepEqual(names.tokenize("ab\nc"), ["a", "b", ".", "c", "."]);
    assert.deepEqual(names.tokenize("ab\nc\n"), ["a", "b", ".", "c", "."]);
    assert.deepEqual(names.tokenize("\n"), ["."]);
    assert.deepEqual(names.tokenize(""), []);
    assert.equal(names.detokenize(["a", ".", "b"]), "a\nb");
  });

  it("leave a fragment open and take its end token for the end", () => {
    assert.deepEqual(names.fragment("em"), ["e", "m"]);
    assert.deepEqual(names.fragment("em.ol"), ["e", "m", ".", "o", "l"]);
    assert.deepEqual(names.fragment("em\nol"), ["e", "m", ".", "o", "l"]);
    assert.deepEqual(names.fragment("em\n"), ["e", "m", "."]);
    assert.deepEqual(names.fragment(""), []);
  });

  it("refuse a text that contains the end token, naming the line", () => {
    assert.throws(() => names.tokenize("ab\nMr. X"), {
      name: "DataError",
      message: /"\.".*occurs in line 2/,
    });
    assert.throws(() => lineWords().tokenize("a\nb\nc <eos> d"), /"<eos>".*line 3/);
  });
});

describe("syllables and jamo", () => {
  it("cut 안녕 into 2 syllables or 6 jamo, however it was typed", () => {
    const jamoOf = ["\u110b", "\u1161", "\u11ab", "\u1102", "\u1167", "\u11bc"];
    for (const text of ["안녕", "안녕".normalize("NFD")]) {
      assert.deepEqual(syllables.tokenize(text), ["안", "녕"]);
      assert.deepEqual(jamo.tokenize(text), jamoOf);
    }
    assert.equal(jamo.detokenize(jamoOf), "안녕");
  });

  it("tell leading from trailing consonants, so that syllables can be put together again", () => {
    assert.deepEqual(jamo.tokenize("각"), ["\u1100", "\u1161", "\u11a8"]);
    assert.equal(jamo.detokenize(jamo.tokenize("가까각")), "가까각");
  });

  it("keep a syllable of old Hangul in one token", () => {
    const old = "\u1112\u119e\u11ab"; // ᄒᆞᆫ
    assert.deepEqual(syllables.tokenize(`${old}글`), [old, "글"]);
    assert.deepEqual(jamo.tokenize(old), [...old]);
  });

  it("leave compatibility jamo, punctuation and other scripts alone", () => {
    assert.deepEqual(syllables.tokenize("ㅋㅋ, a😀"), ["ㅋ", "ㅋ", ",", " ", "a", "😀"]);
    assert.deepEqual(jamo.tokenize("ㅋ a"), ["ㅋ", " ", "a"]);
    assert.deepEqual(syllables.tokenize("e\u0301"), ["é"]);
  });

  it("are all of modern Hangul, in both directions", () => {
    const everySyllable = Array.from({ length: 11172 }, (_, i) => String.fromCharCode(0xac00 + i));
    const text = everySyllable.join("");
    assert.deepEqual(syllables.tokenize(text.normalize("NFD")), everySyllable);
    const tokens = jamo.tokenize(text);
    assert.equal(tokens.length, 2 * 19 * 21 + 3 * 19 * 21 * 27);
    assert.equal(new Set(tokens).size, 19 + 21 + 27);
    assert.equal(jamo.detokenize(tokens), text);
  });
});

describe("tokenizerFor", () => {
  it("finds tokenizers by level and end", () => {
    assert.equal(tokenizerFor("char"), characters);
    assert.equal(tokenizerFor("word"), words);
    assert.equal(tokenizerFor("syllable"), syllables);
    assert.equal(tokenizerFor("jamo"), jamo);
    assert.deepEqual(tokenizerFor("word", "<eos>").tokenize(" a  b \n"), ["a", "b", "<eos>"]);
    assert.deepEqual(tokenizerFor("jamo", "$").tokenize("가\n"), ["\u1100", "\u1161", "$"]);
    assert.throws(() => tokenizerFor("byte" as "char"), /unknown level "byte"/);
    assert.throws(() => tokenizerFor("constructor" as "char"), /unknown level/);
    assert.throws(() => tokenizerFor("char", ""), /not empty/);
  });
});
