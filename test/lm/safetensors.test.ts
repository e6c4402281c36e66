import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { CheckpointError, ids, lm, tensor, zeros } from "../../src/index.ts";
import { decodeTensors, encodeTensors } from "../../src/lm/checkpoint/safetensors.ts";
import { inFolder } from "./setup.ts";

interface GoldenCase {
  id: string;
  expect: "loads" | "refused";
  bytes: string;
  tensors?: Record<string, { dtype: string; shape: number[]; data: string }>;
}

const golden = JSON.parse(readFileSync(new URL("../golden/safetensors.json", import.meta.url), "utf8")) as {
  cases: GoldenCase[];
};

/** A file with this header text and data. */
function file(header: string, data: Uint8Array = new Uint8Array(0), length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe("safetensors", () => {
  for (const { id, expect, bytes, tensors } of golden.cases) {
    it(`${id} ${expect}`, () => {
      const raw = Buffer.from(bytes, "base64");
      if (expect === "refused") return assert.throws(() => decodeTensors(raw), CheckpointError);
      const loaded = decodeTensors(raw).tensors;
      assert.deepEqual([...loaded.keys()], Object.keys(tensors!));
      for (const [name, want] of Object.entries(tensors!)) {
        const x = loaded.get(name)!;
        assert.deepEqual(x.shape, want.shape);
        const { buffer, byteOffset, byteLength } = x.data;
        assert.deepEqual(
          Buffer.from(buffer, byteOffset, byteLength),
          Buffer.from(want.data, "base64"),
          "NaN payloads too",
        );
      }
    });
  }

  it("writes what it reads: every dtype, 0-d, size-0, odd names, metadata", () => {
    const tensors = new Map([
      [
        "a",
        tensor([
          [1.5, -2],
          [Number.NaN, Infinity],
        ]),
      ],
      ["__proto__", tensor(3, { dtype: "float64" })],
      ["ids/한", ids([7, -1])],
      ["empty", zeros([0, 3])],
    ]);
    const bytes = encodeTensors(tensors, new Map([["note", "né"]]));
    assert.equal(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0, "data aligned to 8 bytes");
    const { tensors: back, metadata } = decodeTensors(bytes);
    assert.deepEqual([...back.keys()], [...tensors.keys()]);
    for (const [name, x] of tensors) {
      assert.deepEqual(back.get(name)!.shape, x.shape);
      assert.deepEqual(back.get(name)!.data, x.data);
    }
    assert.deepEqual([...metadata], [["note", "né"]]);
    assert.equal(({} as { dtype?: string }).dtype, undefined, "the prototype of objects is untouched");
  });

  it("saves a view as what it shows", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).t();
    assert.deepEqual(
      [...decodeTensors(encodeTensors(new Map([["x", x]]))).tensors.get("x")!.data],
      [1, 4, 2, 5, 3, 6],
    );
  });

  it("goes through a file of tensors alone", () =>
    inFolder(async (folder) => {
      const at = path.join(folder, "x.safetensors");
      lm.saveTensors(at, new Map([["x", tensor([1.5, -2])]]));
      assert.deepEqual([...lm.loadTensors(at).get("x")!.data], [1.5, -2]);
      assert.throws(() => lm.load(at), /x\.safetensors: holds tensors only.*lm\.loadTensors/);
    }));

  it("reads from any offset of a larger buffer", () => {
    const bytes = encodeTensors(new Map([["x", tensor([1, 2], { dtype: "float64" })]]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    assert.deepEqual([...decodeTensors(shifted.subarray(3)).tensors.get("x")!.data], [1, 2]);
    assert.deepEqual([...decodeTensors(Buffer.from(shifted.buffer, 3)).tensors.get("x")!.data], [1, 2]);
  });

  const w = (extra: object) =>
    JSON.stringify({ w: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...extra } });
  const four = new Uint8Array(4);
  const refused: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(0), /0 bytes are too few/],
    ["a header longer than the file", file("{}", four, 99n), /cut short/],
    ["a header of 2^64 − 1 bytes", file("{}", four, 2n ** 64n - 1n), /over 100000000/],
    ["a hole", file(w({ data_offsets: [4, 8] }), new Uint8Array(8)), /hole or an overlap/],
    [
      "an overlap",
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        four,
      ),
      /hole or an overlap/,
    ],
    ["trailing bytes", file(w({}), new Uint8Array(5)), /should end at byte/],
    ["an unknown dtype", file(w({ dtype: "BF16" }), four), /dtype "BF16"; known are F32, F64, I32/],
    ["a negative size", file(w({ shape: [-1] }), four), /no valid shape/],
    ["sizes whose product overflows", file(w({ shape: [2 ** 40, 2 ** 40] }), four), /no valid shape/],
    ["a shape that needs other bytes", file(w({ shape: [2] }), four), /needs 8 bytes, its offsets give 4/],
    [
      "offsets in the wrong order",
      file(w({ data_offsets: [4, 0] }), four),
      /needs 4 bytes, its offsets give -4/,
    ],
    ["offsets that are no numbers", file(w({ data_offsets: ["0", "4"] }), four), /no valid data_offsets/],
    ["an entry that is null", file('{"w":null}'), /dtype undefined/],
    ["a header that is a list", file("[]"), /not a JSON object/],
    ["a header that is not UTF-8", file("{\u0000", four).fill(0xff, 8, 10), /not JSON in UTF-8/],
    ["metadata that is no text", file('{"__metadata__":{"a":1}}'), /__metadata__ "a" is 1/],
    [
      "deeply nested JSON",
      file(`{"w":${"[".repeat(50_000)}${"]".repeat(50_000)}}`),
      /CheckpointError|dtype|JSON/,
    ],
    ["a zip file", Buffer.from("PK\u0003\u0004aaaaaaaaaaaa"), /looks like a zip file.*save_file/],
    ["a gzip file", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 9, 9, 9]), /looks gzipped/],
    ["an HTML page", Buffer.from("<!doctype html><html></html>"), /looks like an HTML page/],
  ];
  for (const [what, bytes, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => decodeTensors(bytes, "w.safetensors"),
        (error: Error) => {
          assert.ok(error instanceof CheckpointError, error.stack);
          assert.match(error.message, /^w\.safetensors: not a valid safetensors file: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
