import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import type { JupyterMessage } from "../../../src/jupyter/client/message.ts";
import {
  decodeMessage,
  encodeMessage,
  FramingError,
  type Protocol,
  v1Protocol,
} from "../../../src/jupyter/server/framing.ts";

interface Serializer {
  serialize(message: unknown, protocol?: string): string | ArrayBuffer;
  deserialize(data: unknown, protocol?: string): JupyterMessage & { buffers?: DataView[] };
}
/** JupyterLab's own code for the same two forms. */
const theirs = createRequire(import.meta.url)("@jupyterlab/services/lib/kernel/serialize.js") as Serializer;

const header = {
  msg_id: "m",
  msg_type: "execute_request",
  session: "s",
  username: "ü",
  date: "2024-01-01T00:00:00.000Z",
  version: "5.3",
};
const message = (buffers: Uint8Array[], text = "größer 😀"): JupyterMessage => ({
  channel: "shell",
  header,
  parent_header: { msg_id: "p" },
  metadata: { a: [1] },
  content: { text },
  buffers,
});
const essence = ({ channel, header, parent_header, metadata, content }: JupyterMessage): unknown => ({
  channel,
  header,
  parent_header,
  metadata,
  content,
});
const asArrayBuffer = (data: Uint8Array): ArrayBuffer =>
  data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
const bytes = (view: ArrayBufferView): number[] => [
  ...Buffer.from(view.buffer, view.byteOffset, view.byteLength),
];

describe("kernel messages on a WebSocket", () => {
  for (const protocol of [v1Protocol, ""] as Protocol[]) {
    for (const buffers of [[], [Uint8Array.of(1, 2, 255)], [new Uint8Array(0), Uint8Array.of(7)]]) {
      const what = `${protocol || "the default form"} with ${buffers.length} buffers`;

      it(`are read by JupyterLab as they were: ${what}`, () => {
        const data = encodeMessage(message(buffers), protocol);
        const read = theirs.deserialize(typeof data === "string" ? data : asArrayBuffer(data), protocol);
        assert.deepEqual(essence(read), essence(message(buffers)));
        assert.deepEqual((read.buffers ?? []).map(bytes), buffers.map(bytes));
      });

      it(`are read from JupyterLab as they were: ${what}`, () => {
        const copies = buffers.map(asArrayBuffer);
        const data = theirs.serialize({ ...message([]), buffers: copies }, protocol);
        const isBinary = typeof data !== "string";
        const read = decodeMessage(isBinary ? new Uint8Array(data) : Buffer.from(data), isBinary, protocol);
        assert.deepEqual(essence(read), essence(message(buffers)));
        assert.deepEqual(read.buffers.map(bytes), buffers.map(bytes));
        if (protocol === v1Protocol) assert.equal(read.parts?.length, 4);
      });
    }
  }

  it("pass a kernel's bytes through unchanged, in the binary form", () => {
    const parts = ['{ "msg_id":"m", "msg_type":"t", "session":"s" }', "{}", "{ }", '{"x":1.0}'].map((text) =>
      Buffer.from(text),
    );
    const data = encodeMessage({ ...message([]), parts }, v1Protocol);
    const read = decodeMessage(data as Uint8Array, true, v1Protocol);
    assert.deepEqual(read.parts?.map(String), parts.map(String));
  });

  it("refuse what is no message", () => {
    const v1 = encodeMessage(message([]), v1Protocol) as Buffer;
    const cut = (change: (copy: Buffer) => void): Buffer => {
      const copy = Buffer.from(v1);
      change(copy);
      return copy;
    };
    const cases: [string, Uint8Array, boolean, Protocol][] = [
      ["text for binary", Buffer.from("{}"), false, v1Protocol],
      ["nothing", Buffer.alloc(0), true, v1Protocol],
      ["a huge count", cut((copy) => copy.writeBigUInt64LE(2n ** 63n, 0)), true, v1Protocol],
      ["a count of zero", cut((copy) => copy.writeBigUInt64LE(0n, 0)), true, v1Protocol],
      ["an offset beyond the end", cut((copy) => copy.writeBigUInt64LE(1n << 40n, 16)), true, v1Protocol],
      ["falling offsets", cut((copy) => copy.writeBigUInt64LE(0n, 24)), true, v1Protocol],
      ["a cut frame", v1.subarray(0, v1.length - 1), true, v1Protocol],
      ["broken JSON", cut((copy) => copy.fill(0x2c, copy.length - 3)), true, v1Protocol],
      ["JSON that is no object", Buffer.from("[]"), false, ""],
      ["no JSON", Buffer.from("x"), false, ""],
      ["no header", Buffer.from('{"channel":"shell"}'), false, ""],
      ["a foreign channel", Buffer.from(JSON.stringify({ ...message([]), channel: "hb" })), false, ""],
      [
        "a header without session",
        Buffer.from(JSON.stringify({ channel: "shell", header: { msg_id: "a", msg_type: "b" } })),
        false,
        "",
      ],
      ["no buffers where there should be", Uint8Array.of(0, 0, 0, 1), true, ""],
    ];
    for (const [name, data, isBinary, protocol] of cases) {
      assert.throws(() => decodeMessage(data, isBinary, protocol), FramingError, name);
    }
  });

  it("refuse any bytes at all with a FramingError and nothing else", () => {
    const valid = encodeMessage(message([Uint8Array.of(1)]), v1Protocol) as Buffer;
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 })
      .map((changes) => {
        const copy = Buffer.from(valid);
        for (const [at, byte] of changes) copy[at] = byte;
        return copy as Uint8Array;
      });
    const input = fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated);
    fc.assert(
      fc.property(
        input,
        fc.boolean(),
        fc.constantFrom<Protocol>(v1Protocol, ""),
        (data, isBinary, protocol) => {
          try {
            decodeMessage(data, isBinary, protocol);
          } catch (error) {
            assert.ok(error instanceof FramingError, String((error as Error).stack));
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
