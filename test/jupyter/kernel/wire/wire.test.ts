import assert from "node:assert/strict";
import fc from "fast-check";
import {
  address,
  decode,
  encode,
  type Message,
  newHeader,
  parseConnectionInfo,
  WireError,
} from "../../../../src/jupyter/kernel/wire/wire.ts";

describe("kernel/wire: messages on the wire", () => {
  const message = (content: Record<string, unknown>): Message => ({
    identities: [Buffer.from("front"), Buffer.from([0, 255])],
    header: newHeader("execute_request", "session", "ada"),
    parent: {},
    metadata: { m: 1 },
    content,
    buffers: [Buffer.from("raw")],
  });
  const asBuffers = (frames: Uint8Array[]): Buffer[] => frames.map((frame) => Buffer.from(frame));

  it("come back as they were sent, whatever they hold", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (content, key) => {
        const sent = message(JSON.parse(JSON.stringify(content)));
        const { identities, buffers, ...rest } = decode(asBuffers(encode(sent, key)), key);
        const { identities: sentIdentities, buffers: sentBuffers, ...sentRest } = sent;
        assert.deepEqual(rest, sentRest);
        assert.deepEqual(identities.map(String), sentIdentities.map(String));
        assert.deepEqual(buffers.map(String), sentBuffers.map(String));
      }),
    );
  });

  it("are signed with HMAC-SHA256 over the four JSON frames (a fixed example)", () => {
    const frames = asBuffers(
      encode(
        { identities: [], header: {} as never, parent: {}, metadata: {}, content: {}, buffers: [] },
        "key",
      ),
    );
    // printf '{}{}{}{}' | openssl dgst -sha256 -hmac key
    assert.equal(String(frames[1]), "ca767b02c5bc061ed184a9a029e7f93a7f2f7ed4e8fe74120fc1212f0b008fa3");
  });

  it("are refused when one byte of any signed frame, or of the signature, is another", () => {
    const frames = asBuffers(encode(message({ code: "1" }), "secret"));
    for (let i = 3; i < 8; i++) {
      const changed = frames.map((frame) => Buffer.from(frame));
      changed[i][0] ^= 1;
      assert.throws(() => decode(changed, "secret"), WireError, `frame ${i}`);
    }
    assert.throws(() => decode(frames, "other"), /wrong signature/);
    assert.throws(() => decode(frames.slice(0, 5), "secret"), /frames, at least 5 needed/);
    assert.throws(() => decode([Buffer.from("x")], "secret"), /without the <IDS\|MSG> delimiter/);
  });

  it("need no signature when the key is empty", () => {
    const frames = asBuffers(encode(message({}), ""));
    assert.equal(frames[3].length, 0);
    assert.equal(decode(frames, "").header.msg_type, "execute_request");
  });
});

describe("kernel/wire: connection files", () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };

  it("get the protocol's defaults", () => {
    const info = parseConnectionInfo(JSON.stringify(ports), "c.json");
    assert.deepEqual(
      [info.transport, info.ip, info.key, info.signature_scheme],
      ["tcp", "127.0.0.1", "", "hmac-sha256"],
    );
    assert.equal(address(info, 5), "tcp://127.0.0.1:5");
    assert.equal(address({ ...info, transport: "ipc", ip: "/run/kernel" }, 5), "ipc:///run/kernel-5");
  });

  it("are refused with the reason", () => {
    assert.throws(() => parseConnectionInfo("[", "c.json"), /c\.json: not JSON/);
    assert.throws(
      () => parseConnectionInfo(JSON.stringify({ ...ports, hb_port: "5" }), "c.json"),
      /"hb_port" must be a port/,
    );
  });
});
