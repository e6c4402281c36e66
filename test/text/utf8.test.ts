import assert from "node:assert/strict";
import fc from "fast-check";
import { DataError } from "../../src/errors.ts";
import { characters, Vocabulary } from "../../src/text/index.ts";
import { decodeUtf8, findInvalidUtf8 } from "../../src/text/utf8.ts";
import { loadCases } from "../golden/decode.ts";

interface GoldenText {
  id: string;
  expect: string;
  utf8?: string;
  bytes?: string;
  codePoints: number[];
  numUtf16: number;
  vocabCodePointsSorted: number[];
  ids: number[];
  nfc: number[];
  nfd: number[];
  errorAt: number;
}

const cases = loadCases<GoldenText>("text");
const pointsOf = (text: string): number[] => [...text].map((c) => c.codePointAt(0)!);
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

describe("decodeUtf8: golden cases", () => {
  for (const golden of cases) {
    it(golden.id, () => {
      if (golden.expect !== "decodes") {
        assert.throws(
          () => decodeUtf8(bytesOf(golden.bytes!), "corpus.txt"),
          (error) =>
            error instanceof DataError && error.message.includes(`at byte ${golden.errorAt} (line 1)`),
        );
        return;
      }
      const text = decodeUtf8(bytesOf(golden.utf8!), golden.id, { bom: "keep", newlines: "keep" });
      assert.deepEqual(pointsOf(text), golden.codePoints);
      assert.equal(text.length, golden.numUtf16);
      const vocabulary = Vocabulary.from(characters.iterate(text));
      assert.deepEqual(pointsOf(vocabulary.tokens.join("")), golden.vocabCodePointsSorted);
      assert.deepEqual([...vocabulary.encode(text)], golden.ids);
      assert.deepEqual(pointsOf(text.normalize("NFC")), golden.nfc);
      assert.deepEqual(pointsOf(text.normalize("NFD")), golden.nfd);
    });
  }

  it("strips the mark and joins CRLF unless told otherwise", () => {
    const golden = (id: string) => bytesOf(cases.find((c) => c.id === id)!.utf8!);
    assert.equal(decodeUtf8(golden("text/bom")), "abc");
    assert.equal(decodeUtf8(golden("text/crlf")), "a\nb\n");
    const mixed = new TextEncoder().encode("a\rb\r\r\nc\u2028d\u0085e\uFEFFf");
    assert.equal(decodeUtf8(mixed), "a\rb\r\nc\u2028d\u0085e\uFEFFf");
  });
});

describe("decodeUtf8: what is not UTF-8", () => {
  const refused: [what: string, bytes: number[] | Uint8Array, message: RegExp][] = [
    ["UTF-16 LE", [0xff, 0xfe, 0x68, 0, 0x69, 0], /^book\.txt: not UTF-8 at byte 0 .*UTF-16 LE.*"utf-16le"/],
    ["UTF-16 BE", [0xfe, 0xff, 0, 0x68], /UTF-16 BE/],
    [
      "UTF-16 without a mark",
      Buffer.from("hello world", "utf16le"),
      /11 of the first 22 bytes are zero.*UTF-16LE/,
    ],
    ["UTF-16 BE without a mark", [0, 0x68, 0, 0x69, 0, 0x21], /UTF-16BE/],
    [
      "UTF-16 with other scripts",
      Buffer.from("plain text and \u0080\u2019s", "utf16le"),
      /not UTF-8.*Besides.*UTF-16LE/,
    ],
    [
      "Latin-1",
      latin1("the café was na\xefve\n"),
      /at byte 7 \(line 1\): 0xE9.*Latin-1 or Windows-1252.*"windows-1252"/,
    ],
    [
      "CP949",
      [0xbe, 0xc8, 0xb3, 0xe7, 0x0a, 0xbc, 0xbc, 0xb0, 0xe8],
      /at byte 0 .*CP949 \/ EUC-KR.*"euc-kr"/,
    ],
    ["a cut file", [...Buffer.from("가나다"), 0xea, 0xb0], /at byte 9 .*cut off by the end.*seems to be cut/],
    ["gzip", [0x1f, 0x8b, 8, 0], /gzip/],
    ["zip", [0x50, 0x4b, 3, 4, 0xff], /zip/],
    ["an overlong slash", [0x61, 0xc0, 0xaf], /at byte 1 .*no character of UTF-8 begins with this byte/],
    ["an overlong three-byte form", [0xe0, 0x80, 0xaf], /byte 2 of 3/],
    ["a surrogate", [0x61, 0x0a, 0x0a, 0xed, 0xa0, 0x80], /at byte 3 \(line 3\)/],
    ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80], /byte 2 of 4/],
    ["a lonely continuation byte", [0x80], /at byte 0/],
  ];
  for (const [what, bytes, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeUtf8(Uint8Array.from(bytes), "book.txt"), { name: "DataError", message });
    });
  }

  it("reads other encodings when they are named, strictly too", () => {
    assert.equal(decodeUtf8(Uint8Array.of(0xbe, 0xc8, 0xb3, 0xe7), "t", { encoding: "euc-kr" }), "안녕");
    assert.equal(decodeUtf8(latin1("caf\xe9"), "t", { encoding: "windows-1252" }), "café");
    const utf16 = Uint8Array.of(0xff, 0xfe, 0x68, 0, 0x69, 0);
    assert.equal(decodeUtf8(utf16, "t", { encoding: "utf-16le" }), "hi");
    assert.throws(
      () => decodeUtf8(Uint8Array.of(0xbe), "t.txt", { encoding: "euc-kr" }),
      /^DataError: t\.txt: .*euc-kr/,
    );
    assert.throws(
      () => decodeUtf8(new Uint8Array(0), "t", { encoding: "utf-9" }),
      /unknown encoding "utf-9"/,
    );
  });

  it("lets single NULs pass", () => {
    assert.equal(decodeUtf8(new TextEncoder().encode("a\0bcdefgh")), "a\0bcdefgh");
  });

  it("agrees with the platform's strict decoder on random bytes, and finds the place", () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x61, 0xc3, 0xa9, 0xe0, 0xa0, 0x80, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xbf),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        const found = findInvalidUtf8(bytes);
        const strict = new TextDecoder("utf-8", { fatal: true });
        if (found) {
          assert.throws(() => strict.decode(bytes));
          strict.decode(bytes.subarray(0, found.offset)); // everything before is well-formed
        } else strict.decode(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it("gives back every well-formed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text) && !/^(.\0|\0.)/s.test(text));
        const bytes = new TextEncoder().encode(text);
        assert.equal(decodeUtf8(bytes, "t", { bom: "keep", newlines: "keep" }), text);
      }),
    );
  });
});
