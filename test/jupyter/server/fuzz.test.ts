/** Random and mutated requests and frames: no crash, nothing from outside the root, no answer without the token. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { WebSocket } from "ws";
import type { InstalledKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";
import { Generator } from "../../../src/random.ts";
import { rounds } from "../../soak.ts";
import { TestServer } from "./helpers.ts";

const REQUESTS = rounds(400, 10_000);
const FRAMES = rounds(400, 10_000);
const AT_ONCE = 25;
const OUTSIDE = "what-lies-outside-the-root";
const INSIDE = "what-lies-inside-the-root";
const seed: string = process.env["UNROLLED_TEST_SEED"] ?? String(Date.now());

function fakeSpec(): InstalledKernelSpec {
  const argv = [
    process.execPath,
    "--conditions=unrolled-source",
    "--import",
    pathToFileURL(path.resolve("node_modules/tsx/dist/loader.mjs")).href,
    path.resolve("test/jupyter/server/fake-kernel.ts"),
    "{connection_file}",
  ];
  const spec = { argv, display_name: "fake", language: "json", env: { NODE_V8_COVERAGE: "" } };
  return { name: "fake", resourceDir: "", spec };
}

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "BREW",
  "get",
  "",
];
const PLACES = [
  ..."/ /lab /lab/tree/a.txt /api/contents /api/contents/a.txt /api/contents/sub/b.ipynb /files/a.txt".split(
    " ",
  ),
  ..."/api/kernels /api/sessions /api/kernelspecs /api/status /api/terminals /api/config/x /api/me".split(
    " ",
  ),
  ..."/lab/api/settings /lab/api/workspaces/x /lab/api/listings /static/main.js /api/contents/a.txt/checkpoints".split(
    " ",
  ),
  ..."/api/events/subscribe /kernelspecs/fake/logo-64x64.png /lab/extensions/x/y.js /nbconvert/html/a.ipynb".split(
    " ",
  ),
];
/** Ways out of the root, and names that systems take for others. */
const WAYS_OUT = [
  ..."../ ..%2f %2e%2e/ %2e%2e%2f ..%5c ..\\ ....// ..;/ %252e%252e%252f ..%c0%af ..%00/ ./ // %2f /etc/passwd".split(
    " ",
  ),
  ..."link/ out.txt %00 %0d%0a CON aux.txt a.txt::$DATA ~ ~root .git/ .ipynb_checkpoints/ \u202e %ff".split(
    " ",
  ),
  "../notes-beside/secret.txt",
  "..%2fnotes-beside%2fsecret.txt",
  "../secret.txt",
  "..%2fsecret.txt",
];
const BODIES = [
  ...'{} [] null 1 " {"type":"file"} {"__proto__":{"admin":true}} {"type":"notebook","content":{}}'.split(
    " ",
  ),
  '{"path":"../secret.txt"}',
  '{"copy_from":"../secret.txt"}',
  '{"name":"fake"}',
  '{"type":"file","format":"text","content":"x","chunk":1}',
  '{"type":"file","format":"base64","content":"%%%"}',
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  "\ud800",
];

/** One request as bytes; with the token or not. */
function request(generator: Generator, token: string, port: number): { bytes: Buffer; known: boolean } {
  const pick = <T>(list: readonly T[]): T => generator.choice(list);
  let target = pick(PLACES);
  for (let n = generator.int(4); n > 0; n--) target += (generator.int(2) ? "/" : "") + pick(WAYS_OUT);
  const known = generator.int(2) === 0;
  if (generator.int(4) === 0)
    target += `?${pick(["token=", "token=x", "path=../secret.txt", "content=1&type=file", "__proto__=1"])}`;
  const headers = [`Host: 127.0.0.1:${port}`];
  if (known) headers.push(`Authorization: token ${token}`);
  else if (generator.int(3) === 0)
    headers.push(pick(["Authorization: token ", "Authorization: Bearer x", "Cookie: _xsrf=1"]));
  if (generator.int(5) === 0) {
    headers.push(
      pick([
        ...[
          "Origin: http://evil.example",
          "Host: evil.example",
          "Transfer-Encoding: chunked",
          "Expect: 100-continue",
        ],
        ...[
          "Upgrade: websocket\r\nConnection: Upgrade",
          "Range: bytes=0-",
          "Content-Length: -1",
          "X: a\0b",
          "Sec-Fetch-Site: cross-site",
        ],
        ...[`X: ${"y".repeat(20_000)}`, "If-Modified-Since: x", "Content-Type: multipart/form-data"],
      ]),
    );
  }
  const body = generator.int(2) ? pick(BODIES) : "";
  if (generator.int(8) > 0)
    headers.push(`Content-Length: ${Buffer.byteLength(body) + (generator.int(10) === 0 ? 5 : 0)}`);
  const text = `${pick(METHODS)} ${target} HTTP/1.${generator.int(3)}\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
  const bytes = Buffer.from(text);
  // Some are torn or hit.
  if (generator.int(6) === 0) return { bytes: bytes.subarray(0, generator.int(bytes.length)), known };
  for (let hits = generator.int(6) === 0 ? 1 + generator.int(5) : 0; hits > 0; hits--) {
    bytes[generator.int(bytes.length)] = generator.int(256);
  }
  return { bytes, known };
}

/** Sends bytes, half closes, slams the door, or waits; resolves with all that comes back. */
function exchange(port: number, bytes: Buffer, how: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, 400);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.on("end", done);
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
      if (how === 3) done(); // goes away in the middle of the answer
    });
    socket.on("connect", () => {
      socket.write(bytes);
      if (how === 1) socket.end();
      if (how === 2) setTimeout(done, 5);
    });
  });
}

const collect = () => {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

describe("server under random attack", function () {
  this.timeout(900_000);
  let test: TestServer;
  let port: number;
  const problems: string[] = [];
  const note = (error: unknown) => void problems.push(String((error as Error)?.stack ?? error));
  before(async () => {
    process.on("uncaughtExceptionMonitor", note);
    process.on("unhandledRejection", note);
    test = await TestServer.start({
      specs: [fakeSpec()],
      limits: { body: 100_000, headersTimeout: 2_000, output: { text: 200_000 } },
      log: (line) => void problems.push(line), // an internal error is one too
    });
    port = test.server.port;
    writeFileSync(path.join(test.base, "secret.txt"), OUTSIDE);
    mkdirSync(path.join(test.base, "notes-beside"));
    writeFileSync(path.join(test.base, "notes-beside/secret.txt"), OUTSIDE);
    symlinkSync(test.base, path.join(test.root, "link"));
    symlinkSync(path.join(test.base, "secret.txt"), path.join(test.root, "out.txt"));
    restore();
  });
  after(async () => {
    process.off("uncaughtExceptionMonitor", note);
    process.off("unhandledRejection", note);
    await test.stop();
  });

  /** Requests with the token may delete and change what is inside. */
  function restore(): void {
    mkdirSync(path.join(test.root, "sub"), { recursive: true });
    writeFileSync(path.join(test.root, "a.txt"), INSIDE);
    const notebook = { cells: [], metadata: { name: INSIDE }, nbformat: 4, nbformat_minor: 5 };
    writeFileSync(path.join(test.root, "sub/b.ipynb"), JSON.stringify(notebook));
  }

  const lives = async () => {
    // Told once: a problem that stayed in the list would fail every later test and try too.
    assert.deepEqual(problems.splice(0), [], `seed ${seed}`);
    const { status, json } = await test.ask("/api/status");
    assert.equal(status, 200, `seed ${seed}`);
    assert.equal(typeof json.started, "string");
  };

  it(`${REQUESTS.toLocaleString("en")} requests: it lives, gives nothing away, and its memory levels off`, async () => {
    const generator = new Generator(`requests ${seed}`);
    const statuses = new Map<string, number>();
    const { token } = test.server;
    let heap = 0;
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const { bytes, known } = request(generator, token, port);
          const whole = known && bytes.includes(`Authorization: token ${token}`);
          const answer = await exchange(port, bytes, generator.int(6));
          const what = () =>
            `seed ${seed}: ${JSON.stringify(bytes.toString("latin1").slice(0, 300))} got ${answer.slice(0, 300)}`;
          statuses.set(answer.slice(9, 12), (statuses.get(answer.slice(9, 12)) ?? 0) + 1);
          assert.ok(!answer.includes(OUTSIDE), what());
          assert.ok(!answer.startsWith("HTTP/1.1 500"), what());
          if (whole) return;
          assert.ok(!answer.includes(INSIDE) && !answer.includes(token), what());
          assert.doesNotMatch(answer, /^HTTP\/1\.1 2/, what());
        }),
      );
      if (sent % 500 === 0) restore();
      if (sent < REQUESTS / 2) heap = collect();
    }
    await lives();
    // Some must stop at the token, and some come past it: few of them ask for something that is there.
    const past = ["200", "201", "204", "404", "405"].reduce(
      (sum, code) => sum + (statuses.get(code) ?? 0),
      0,
    );
    assert.ok(
      (statuses.get("403") ?? 0) > REQUESTS / 20 && past > 0,
      `seed ${seed}: ${JSON.stringify([...statuses])}`,
    );
    const growth = collect() - heap;
    assert.ok(growth < 10, `${growth} MB more in the second half, seed ${seed}`);
    assert.equal(({} as Record<string, unknown>)["admin"], undefined);
    assert.equal(
      readFileSync(path.join(test.base, "secret.txt"), "utf8"),
      OUTSIDE,
      "nothing outside was written",
    );
  });

  it("200 connections that say little or nothing: others are answered meanwhile, and all are let go", async () => {
    const sockets = Array.from({ length: 200 }, (_, i) => {
      const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: i % 2 === 0 });
      socket.on("error", () => undefined);
      socket.on("connect", () => {
        if (i % 4 === 1) socket.write("GET /api/status HTTP/1.1\r\nHost: x"); // a header that never ends
        if (i % 4 === 2) socket.end("GET / HTTP/1.1\r\n"); // half closed
        if (i % 4 === 3)
          socket.write(
            `PUT /api/contents/a.txt HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 9\r\n\r\n{`,
          );
      });
      return socket;
    });
    await Promise.all(
      sockets.map((socket) => socket.connecting && new Promise((resolve) => socket.once("connect", resolve))),
    );
    for (let i = 0; i < 20; i++) assert.equal((await test.ask("/api/status")).status, 200);
    for (const socket of sockets) socket.destroy();
    await lives();
  });

  it(`${FRAMES.toLocaleString("en")} WebSocket frames: it lives, and so does the kernel`, async () => {
    const generator = new Generator(`frames ${seed}`);
    const { token } = test.server;
    const kernel = (await test.ask("/api/kernels", { method: "POST", body: { name: "fake" } })).json;
    const at = `ws://127.0.0.1:${port}/api/kernels/${kernel.id}/channels`;
    const open = (protocol: string[] = []) =>
      new Promise<WebSocket>((resolve, reject) => {
        const socket = new WebSocket(`${at}?token=${token}`, protocol);
        socket.on("error", () => undefined);
        socket.once("open", () => resolve(socket));
        socket.once("close", () => reject(new Error("closed before it was open")));
      });
    const V1 = "v1.kernel.websocket.jupyter.org";
    const message = (code: string, channel = "shell", type = "execute_request") => ({
      channel,
      header: {
        msg_id: `m${generator.int(1e9)}`,
        msg_type: type,
        session: "s",
        username: "",
        version: "5.3",
        date: "",
      },
      parent_header: {},
      metadata: {},
      content: { code, silent: true },
      buffers: [],
    });
    const ODD = [null, 1, "x", [], {}, { __proto__: 1 }, "\u0000", "shell", 1e308, [[[]]], "y".repeat(5000)];
    const frame = (): string | Buffer => {
      const good = JSON.stringify(message("[]"));
      switch (generator.int(7)) {
        case 0:
          return Buffer.from(Array.from({ length: generator.int(200) }, () => generator.int(256)));
        case 1:
          return good.slice(0, generator.int(good.length));
        case 2: {
          const bytes = Buffer.from(good);
          for (let hits = 1 + generator.int(4); hits > 0; hits--)
            bytes[generator.int(bytes.length)] = generator.int(256);
          return bytes.toString("latin1");
        }
        case 3: {
          const odd = message("[]") as Record<string, unknown>;
          odd[generator.choice(Object.keys(odd))] = generator.choice(ODD);
          return JSON.stringify(odd);
        }
        case 4: {
          // Offsets that lead anywhere, in either form.
          const bytes = Buffer.alloc(8 + generator.int(80));
          for (let i = 0; i < bytes.length; i += 4)
            bytes.writeUInt32LE(
              generator.int(generator.int(2) ? 100 : 2 ** 32),
              Math.min(i, bytes.length - 4),
            );
          return bytes;
        }
        case 5:
          return JSON.stringify(
            message(
              "[]",
              generator.choice(["shell", "control", "stdin", "iopub", "nowhere"]),
              generator.choice(["x", "comm_msg", "complete_request", "input_reply"]),
            ),
          );
        default:
          return "[".repeat(1 + generator.int(20_000));
      }
    };
    let socket = await open();
    let heap = 0;
    for (let sent = 0; sent < FRAMES; sent++) {
      if (socket.readyState !== WebSocket.OPEN) socket = await open(generator.int(2) ? [V1] : []);
      socket.send(frame());
      // Raw bytes where frames should be: masks that are missing, reserved bits, lengths that lie.
      if (sent % 20 === 0) {
        const raw = await open();
        const inner = (raw as unknown as { _socket: net.Socket })._socket;
        inner.write(Buffer.from(Array.from({ length: 2 + generator.int(60) }, () => generator.int(256))));
        await sleep(1);
        raw.terminate();
      }
      if (sent % 10 === 0) await sleep(2); // a closing reaches us
      if (sent === Math.floor(FRAMES / 2)) heap = collect();
    }
    socket.terminate();
    await lives();
    const growth = collect() - heap;
    assert.ok(growth < 15, `${growth} MB more in the second half, seed ${seed}`);
    // A good message is still answered, also after a flood of output to a tab that reads nothing.
    const slow = await open();
    (slow as unknown as { _socket: net.Socket })._socket.pause();
    const good = await open();
    const flood = [{ do: "print", text: `${"flood ".repeat(20)}#\n`, times: rounds(20_000, 200_000) }];
    const run = () =>
      new Promise<string>((resolve) => {
        const asked = message(JSON.stringify(flood));
        good.on("message", (data: Buffer) => {
          const { header, parent_header, content } = JSON.parse(data.toString());
          const own = parent_header.msg_id === asked.header.msg_id;
          if (own && header.msg_type === "execute_reply") resolve(content.status);
        });
        good.send(JSON.stringify({ ...asked, content: { ...asked.content, silent: false } }));
      });
    // An odd request from before that fails only now aborts those behind it, as the protocol has it: then once more.
    let status = await run();
    for (let tries = 1; status === "aborted" && tries < 10; tries++) status = await run();
    assert.equal(status, "ok", `seed ${seed}`);
    const flooded = collect() - heap;
    assert.ok(flooded < 60, `${flooded} MB are held for a tab that reads nothing`);
    slow.terminate();
    good.terminate();
    await lives();
    assert.equal((await test.ask(`/api/kernels/${kernel.id}`)).json.id, kernel.id);
  });
});
