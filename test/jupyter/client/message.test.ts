import assert from "node:assert/strict";
import { MessageError, Session } from "../../../src/jupyter/client/index.ts";

const text = (frame: Uint8Array) => Buffer.from(frame).toString();

describe("jupyter client: messages", () => {
  const session = new Session({ key: "secret", id: "me" });

  it("signs with HMAC-SHA256 over the four JSON frames", () => {
    const parts = ['{"a":1}', "{}", "{}", '{"b":"ü"}'].map((part) => Buffer.from(part));
    // Python: hmac.new(b"secret", '{"a":1}{}{}{"b":"ü"}'.encode(), "sha256").hexdigest()
    const want = "d1e1d9f7938c35e4e6661873ca63497cdc175edf8614e073b281bb42e9dbb421";
    assert.equal(session.sign(parts), want);
    assert.equal(session.sign([...parts, Buffer.from("a buffer")]), want);
    assert.equal(new Session({ key: "" }).sign(parts), "");
  });

  it("brings a message through the wire unchanged, buffers and foreign frames before it included", () => {
    const buffers = [new Uint8Array([0, 255, 60]), new Uint8Array(0)];
    const sent = session.message("execute_request", { code: "'ü' // 🙂" }, { metadata: { x: [1] }, buffers });
    const got = new Session({ key: "secret" }).parse("shell", [
      Buffer.from("topic"),
      ...session.serialize(sent).map((frame) => Buffer.from(frame)),
    ]);
    assert.deepEqual(got.header, sent.header);
    assert.equal(got.header.session, "me");
    assert.equal(got.header.version, "5.3");
    assert.deepEqual(got.content, { code: "'ü' // 🙂" });
    assert.deepEqual(got.metadata, { x: [1] });
    assert.deepEqual(
      got.buffers.map((buffer) => [...buffer]),
      [[0, 255, 60], []],
    );
  });

  it("keeps the frames as they came, so that a relayed message is the same to the byte", () => {
    const parts = ['{"msg_id":"1", "msg_type":"x"}', "{}", "{}", '{"big": 12345678901234567890, "n": 1.0}'];
    const frames = session.frame([...parts.map((part) => Buffer.from(part)), Buffer.from("buffer")]);
    const got = session.parse("iopub", frames);
    assert.deepEqual(got.parts!.map(text), parts);
    const again = new Session({ key: "other" }).frame([...got.parts!, ...got.buffers]);
    assert.deepEqual(again.slice(2).map(text), [...parts, "buffer"]);
  });

  it("gives every message an id of its own", () => {
    const ids = [1, 2, 3].map(() => session.message("x", {}).header.msg_id);
    assert.equal(new Set(ids).size, 3);
  });

  describe("refuses", () => {
    const good = () =>
      session.serialize(session.message("status", { execution_state: "idle" }, { channel: "iopub" }));
    const cases: [string, (frames: Uint8Array[]) => Uint8Array[], RegExp][] = [
      ["a message without delimiter", (f) => f.slice(1), /iopub message without the delimiter/],
      ["a message cut short", (f) => f.slice(0, 5), /cut short: 3 of 4/],
      [
        "a changed content",
        (f) => [...f.slice(0, 5), Buffer.from('{"execution_state":"busy"}')],
        /wrong signature/,
      ],
      [
        "another key",
        () => new Session({ key: "x" }).serialize(session.message("status", {})),
        /wrong signature/,
      ],
      ["no signature", (f) => [f[0], Buffer.from(""), ...f.slice(2)], /wrong signature/],
      ["an empty message", () => [], /without the delimiter/],
    ];
    for (const [what, change, message] of cases) {
      it(what, () => {
        assert.throws(
          () => session.parse("iopub", change(good())),
          (error) => error instanceof MessageError && message.test(error.message),
        );
      });
    }

    for (const [content, message] of [
      ["{", /its content is not JSON/],
      ["[]", /its content is not a JSON object/],
      ["null", /its content is not a JSON object/],
      ['"text"', /its content is not a JSON object/],
    ] as const) {
      it(`the content ${content}`, () => {
        const header = '{"msg_id":"1","msg_type":"x"}';
        const frames = session.frame([header, "{}", "{}", content].map((part) => Buffer.from(part)));
        assert.throws(() => session.parse("shell", frames), message);
      });
    }

    it("a header without msg_id or msg_type", () => {
      for (const header of ["{}", '{"msg_id":1,"msg_type":"x"}', '{"msg_id":"1"}']) {
        const frames = session.frame([header, "{}", "{}", "{}"].map((part) => Buffer.from(part)));
        assert.throws(() => session.parse("shell", frames), /header has no msg_(id|type)/);
      }
    });

    it("to frame fewer than four parts", () => {
      assert.throws(() => session.frame([Buffer.from("{}")]), /1 parts, at least 4 are needed/);
    });
  });
});
