import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type ObtainOptions, obtain } from "../../../src/cli/data/obtain.ts";
import type { data } from "../../../src/index.ts";
import { needs } from "../../hooks.ts";
import {
  arrived,
  drips,
  ETAG,
  hangsUpAfter,
  MisbehavingServer,
  stallsAfter,
  wellBehaved,
} from "./misbehaving-server.ts";

const CONTENT = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i} of the file\n`).join(""));
const OTHER = Buffer.from(CONTENT.toString().replaceAll("file", "folk"));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("unrolled data get: downloads", () => {
  const server = new MisbehavingServer(CONTENT);
  const saved = process.env["UNROLLED_DATA"];
  let folder: string;
  let base: string;
  let entry: data.CatalogueEntry;
  before(async () => {
    base = await server.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "unrolled-get-"));
    process.env["UNROLLED_DATA"] = path.join(folder, "data");
    server.behaviour = wellBehaved;
    server.content = CONTENT;
    server.requests.length = 0;
    entry = {
      name: "mine",
      title: "a file",
      language: "en",
      committed: false,
      file: "mine.txt",
      source: `${base}mine.txt`,
      licence: "MIT",
      bytes: CONTENT.length,
      sha256: sha256(CONTENT),
    };
  });
  afterEach(() => {
    if (saved === undefined) delete process.env["UNROLLED_DATA"];
    else process.env["UNROLLED_DATA"] = saved;
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (options: Partial<ObtainOptions> = {}) =>
    obtain(entry, {
      force: false,
      stallMs: 10_000,
      totalMs: 50_000,
      pauseMs: 1,
      signal: new AbortController().signal,
      ...options,
      onProgress: (received, total) => {
        arrived(received);
        options.onProgress?.(received, total);
      },
    });
  const target = () => path.join(folder, "data", "mine.txt");
  const others = () => readdirSync(path.join(folder, "data")).filter((name) => name !== "mine.txt");
  const parts = () => others().filter((name) => name.endsWith(".part"));
  const arrives = async (requests: number, options: Partial<ObtainOptions> = {}) => {
    assert.deepEqual(await get(options), { path: target(), present: false });
    assert.deepEqual(readFileSync(target()), CONTENT);
    assert.deepEqual(others(), [], "something was left");
    assert.equal(server.requests.length, requests);
  };
  const fails = async (message: RegExp, requests: number, options: Partial<ObtainOptions> = {}) => {
    await assert.rejects(get(options), (error: Error) => {
      assert.equal(error.name, "UnrolledError", String(error.stack));
      assert.match(error.message, message);
      assert.ok(error.message.includes(base.slice(0, -1)), "the address is named");
      return true;
    });
    assert.equal(existsSync(target()), false, "a file that is not right was put in place");
    assert.equal(server.requests.length, requests);
  };

  it("puts the checked file in its place, reports progress, and does nothing the second time", async () => {
    const progress: number[] = [];
    await arrives(1, { onProgress: (received, total) => progress.push(received / total) });
    assert.equal(progress.at(-1), 1);
    assert.ok(progress.every((share, i) => i === 0 || share > progress[i - 1]));
    assert.deepEqual(await get(), { path: target(), present: true });
    assert.equal(server.requests.length, 1);
  });

  it("goes on where the connection broke, asking for the same version", async () => {
    server.behaviour = (request, response, content, times) =>
      (times < 3 ? hangsUpAfter(100_000) : wellBehaved)(request, response, content, times);
    await arrives(3);
    const [first, second] = server.requests;
    assert.equal(first.range, undefined);
    assert.match(second.range!, /^bytes=\d+-$/);
    assert.equal(second.ifRange, ETAG);
  });

  it("goes on where an earlier process was killed", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const part = path.join(path.dirname(target()), `.mine.txt.${pid}.part`);
    writeFileSync(part, CONTENT.subarray(0, 300_000));
    writeFileSync(`${part}.json`, JSON.stringify({ url: entry.source, validator: ETAG }));
    await arrives(1);
    assert.equal(server.requests[0].range, "bytes=300000-");
  });

  it("leaves the part of a process that is still at it alone", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    const part = path.join(path.dirname(target()), `.mine.txt.${process.ppid}.part`);
    writeFileSync(part, CONTENT.subarray(0, 300_000));
    writeFileSync(`${part}.json`, JSON.stringify({ url: entry.source, validator: ETAG }));
    await get();
    assert.equal(server.requests[0].range, undefined);
    assert.equal(existsSync(part), true);
    assert.deepEqual(readFileSync(target()), CONTENT);
  });

  it("begins anew with a part that has no origin, is too long, or is of another address", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    const part = path.join(path.dirname(target()), `.mine.txt.${process.pid}.part`);
    for (const [content, origin] of [
      [CONTENT.subarray(0, 50), undefined],
      [Buffer.concat([CONTENT, CONTENT]), { url: entry.source }],
      [CONTENT.subarray(0, 50), { url: `${base}other` }],
      [CONTENT.subarray(0, 50), "garbage"],
    ] as const) {
      server.requests.length = 0;
      rmSync(target(), { force: true });
      writeFileSync(part, content);
      if (origin) writeFileSync(`${part}.json`, typeof origin === "string" ? origin : JSON.stringify(origin));
      await arrives(1);
      assert.equal(server.requests[0].range, undefined);
    }
  });

  it("begins anew when the file changed between two attempts", async () => {
    // With If-Range the server sends all of the new file.
    server.behaviour = (request, response, content, times) => {
      if (times === 1) return hangsUpAfter(100_000)(request, response, OTHER, times);
      response.writeHead(200, { "content-length": content.length, etag: '"two"' }).end(content);
    };
    await arrives(2);
  });

  it("notices pieces of two files that a careless server let it join, and begins anew", async () => {
    server.behaviour = (request, response, content, times) =>
      times === 1
        ? hangsUpAfter(100_000)(request, response, OTHER, times)
        : wellBehaved({ ...request, ifRange: undefined }, response, content, times);
    await arrives(3);
    assert.equal(server.requests[2].range, undefined);
  });

  it("does without ranges where a server has none", async () => {
    server.behaviour = (request, response, content, times) => {
      if (times === 1) return hangsUpAfter(100_000)(request, response, content, times);
      response.writeHead(200, { "content-length": content.length }).end(content);
    };
    await arrives(2);
  });

  it("does without ranges where a server answers another range, or 416", async () => {
    const answers = [
      { status: 206, headers: { "content-range": `bytes 0-9/${CONTENT.length}` } },
      { status: 206, headers: {} },
      { status: 416, headers: {} },
    ];
    for (const { status, headers } of answers) {
      server.requests.length = 0;
      rmSync(target(), { force: true });
      server.behaviour = (request, response, content, times) => {
        if (times === 1) return hangsUpAfter(100_000)(request, response, content, times);
        if (request.range) response.writeHead(status, headers).end("0123456789");
        else wellBehaved(request, response, content, times);
      };
      await arrives(3);
    }
  });

  it("gives up silence, and goes on from there", async () => {
    server.behaviour = (request, response, content, times) =>
      (times === 1 ? stallsAfter(200_000) : wellBehaved)(request, response, content, times);
    await arrives(2, { stallMs: 1000 });
    assert.match(server.requests[1].range!, /^bytes=[1-9]\d*-$/);
  });

  it("is patient with a slow server, as long as something comes", async () => {
    server.behaviour = (_request, response, content) => {
      response.writeHead(200, { "content-length": content.length, etag: ETAG });
      const piece = Math.ceil(content.length / 20);
      let at = 0;
      const timer = setInterval(() => {
        response.write(content.subarray(at, at + piece));
        at += piece;
        if (at < content.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    };
    await arrives(1, { stallMs: 1000 });
  });

  it("gives up a server that never answers, after some attempts", async () => {
    server.behaviour = () => {};
    await fails(/nothing was received for 0\.1 s \(4 attempts\)\. Or download it by other means/, 4, {
      stallMs: 100,
    });
  });

  it("has a limit for everything: a file that comes byte by byte", async () => {
    server.behaviour = drips;
    await fails(/not complete after 1\.5 s \(\d+ of \d+ bytes\); run it again .* more time by --timeout/, 1, {
      totalMs: 1500,
    });
    assert.equal(parts().length, 1, "what was received is kept");
  });

  it("keeps what a broken connection brought, and says so", async () => {
    server.behaviour = (request, response, content, times) =>
      times === 1 ? hangsUpAfter(100_000)(request, response, content, times) : response.destroy();
    await fails(/\(4 attempts\); 100000 bytes are kept, run it again to go on from there/, 4);
    server.behaviour = wellBehaved;
    await arrives(5);
    assert.equal(server.requests[4].range, "bytes=100000-");
  });

  it("refuses an HTML page with status 200, whatever type it claims to have, and says its title", async () => {
    const page =
      "<!-- x -->\n<!DOCTYPE html><html><head><title>Sign in\n to continue\u001b[31m</title></head></html>";
    server.behaviour = (_request, response) =>
      void response.writeHead(200, { "content-type": "text/plain" }).end(page);
    await fails(/bytes instead of the|an HTML page/, 1);
    server.behaviour = (_request, response) =>
      void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    await fails(/an HTML page, not the file itself; open the address in a browser/, 2);
    // chunked, so that the length says nothing
    server.behaviour = (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write(page);
      response.end();
    };
    await fails(/an HTML page \("Sign in to continue\[31m"\), not the file itself/, 3);
    assert.deepEqual(others(), []);
  });

  it("refuses a file of another length: shorter, longer, or longer than it said", async () => {
    for (const [length, message] of [
      [1000, /1000 bytes instead of the \d+ of the catalogue; it is another file/],
      [2 * CONTENT.length, /bytes instead of the/],
    ] as const) {
      server.behaviour = (_request, response) => void response.end(Buffer.alloc(length, "x"));
      server.requests.length = 0;
      await fails(message, 1);
    }
    server.requests.length = 0;
    server.behaviour = (_request, response) => {
      response.writeHead(200); // chunked
      const timer = setInterval(() => response.write(Buffer.alloc(100_000, "x")), 1);
      response.on("close", () => clearInterval(timer));
    };
    await fails(/longer than the \d+ bytes of the catalogue; it is another file/, 1);
    assert.deepEqual(others(), []);
  });

  it("refuses another file of the same length with the hashes that it has and should have", async () => {
    server.content = OTHER;
    await fails(
      new RegExp(
        `${OTHER.length} bytes with SHA-256 ${sha256(OTHER)} instead of ${CONTENT.length} bytes with ${sha256(CONTENT)}`,
      ),
      1,
    );
    assert.deepEqual(others(), []);
  });

  it("reports a status that will not change at once, and repeats one that may", async () => {
    for (const [status, requests] of [
      [404, 1],
      [403, 1],
      [410, 1],
      [500, 4],
      [503, 4],
      [429, 4],
      [408, 4],
    ]) {
      server.requests.length = 0;
      server.behaviour = (_request, response) =>
        void response.writeHead(status, { "content-type": "text/html" }).end("<html>no</html>");
      await fails(new RegExp(`status ${status}`), requests);
    }
    server.behaviour = (request, response, content, times) =>
      times < 3 ? void response.writeHead(503).end() : wellBehaved(request, response, content, times);
    server.requests.length = 0;
    await arrives(3);
  });

  it("follows a redirect, and ends a loop of them", async () => {
    server.behaviour = (request, response, content, times) =>
      request.path === "/mine.txt"
        ? void response.writeHead(302, { location: "/moved" }).end()
        : wellBehaved(request, response, content, times);
    await arrives(2);
    rmSync(target());
    server.requests.length = 0;
    server.behaviour = (_request, response) => void response.writeHead(302, { location: "/mine.txt" }).end();
    await assert.rejects(get(), /redirect count exceeded/);
    assert.equal(existsSync(target()), false);
  });

  it("reads a body that was compressed on the way, and refuses an archive in its place", async () => {
    server.behaviour = (_request, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(CONTENT));
    await arrives(1);
    rmSync(target());
    server.behaviour = (_request, response) => {
      response.writeHead(200);
      response.write(gzipSync(CONTENT));
      response.end();
    };
    await fails(/a gzip archive; unpack it first/, 2);
  });

  it("says that there is no network", async () => {
    const closed = new MisbehavingServer(CONTENT);
    const address = await closed.start();
    await closed.stop();
    await assert.rejects(
      get({ from: `${address}mine.txt` }),
      /fetch failed: connect ECONNREFUSED .*\(4 attempts\)/,
    );
    await assert.rejects(
      get({ from: "http://no-such-host.invalid/mine.txt" }),
      /fetch failed: getaddrinfo .* \(4 attempts\)/,
    );
  });

  it("stops when asked to, keeping what was received", async () => {
    server.behaviour = stallsAfter(100_000);
    const stop = new AbortController();
    const received = (bytes: number) => {
      if (bytes >= 100_000) stop.abort();
    };
    await fails(/interrupted after 100000 of \d+ bytes; run it again to go on from there/, 1, {
      signal: stop.signal,
      onProgress: received,
    });
    assert.equal(parts().length, 1);
    server.behaviour = wellBehaved;
    await arrives(2);
    assert.equal(server.requests[1].range, "bytes=100000-");
  });

  it("takes a file, a folder, an address, an address of a folder", async () => {
    const own = path.join(folder, "own copy", "mine.txt");
    mkdirSync(path.dirname(own));
    writeFileSync(own, CONTENT);
    for (const from of [own, path.dirname(own), `file://${encodeURI(own)}`]) {
      await arrives(0, { from });
      rmSync(target());
    }
    await arrives(1, { from: `${base}some/folder/` });
    assert.equal(server.requests[0].path, "/some/folder/mine.txt");
    rmSync(target());
    await assert.rejects(
      get({ from: "ftp://example.org/mine.txt" }),
      /only http, https and files can be read, not "ftp:"/,
    );
    await assert.rejects(get({ from: "https://me:secret@example.org/mine.txt" }), (error: Error) => {
      assert.match(error.message, /an address with a password is not used/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    await assert.rejects(get({ from: path.join(folder, "none.txt") }), /none\.txt: no such file/);
  });

  it("says what is wrong with a file of one's own", async () => {
    const own = path.join(folder, "mine.txt");
    const cases: [Uint8Array | string, RegExp][] = [
      [OTHER, /not the text that the catalogue calls "mine"/],
      ["", /mine\.txt: empty/],
      [gzipSync(CONTENT), /a gzip archive; unpack it first/],
      ["<html><title>Login</title>", /an HTML page \("Login"\)/],
      [CONTENT.toString().replaceAll("\n", "\r\n"), /the text of "mine", but with other line ends/],
      [`\uFEFF${CONTENT}`, /the text of "mine", but with other line ends \(CRLF\), a byte order mark/],
      [CONTENT.subarray(0, -1), /or another last line than the original/],
      ["version https://git-lfs.github.com/spec/v1\noid sha256:0\n", /a pointer of Git LFS/],
      [Buffer.from("\uFEFFline", "utf16le"), /a text in UTF-16/],
    ];
    for (const [content, message] of cases) {
      writeFileSync(own, content);
      await assert.rejects(get({ from: own }), message);
      assert.equal(existsSync(target()), false);
    }
  });

  it("does not replace another text without being told to", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    writeFileSync(target(), "my own notes");
    await assert.rejects(
      get(),
      /not the text that the catalogue calls "mine".*Move it away, or replace it with --force/,
    );
    assert.equal(readFileSync(target(), "utf8"), "my own notes");
    await arrives(1, { force: true });
  });

  it("keeps the old file when the new one cannot be had", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    writeFileSync(target(), "my own notes");
    server.behaviour = (_request, response) => void response.writeHead(404).end();
    await assert.rejects(get({ force: true }), /status 404 \(no such file\)/);
    assert.equal(readFileSync(target(), "utf8"), "my own notes");
  });

  it("gives the reason where there is nothing to download", async () => {
    entry = { ...entry, source: null, licence: "Linguistic Data Consortium (LDC99T42); never committed" };
    await assert.rejects(
      get(),
      /"mine" cannot be downloaded: its licence \(Linguistic Data Consortium \(LDC99T42\)\) does not allow it to be passed on\. If you have a copy, give it: npx unrolled data get mine --from FILE/,
    );
    assert.equal(server.requests.length, 0);
  });

  it("says that the disk is full, and keeps the old file", async function () {
    this.timeout(60_000);
    const disk = path.join(folder, "data");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", disk]).status === 0;
    needs(this, mounted, "run as root on Linux: a small file system is mounted for the test of a full disk");
    try {
      writeFileSync(target(), "my own notes");
      await assert.rejects(
        get({ force: true }),
        /mine\.txt: cannot be written: the disk is full\. UNROLLED_DATA can name/,
      );
      assert.equal(readFileSync(target(), "utf8"), "my own notes");
      writeFileSync(path.join(folder, "own.txt"), CONTENT);
      await assert.rejects(get({ force: true, from: path.join(folder, "own.txt") }), /the disk is full/);
      assert.equal(readFileSync(target(), "utf8"), "my own notes");
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("takes over a part that nobody has touched for long, whoever has its number now", async () => {
    mkdirSync(path.dirname(target()), { recursive: true });
    const part = path.join(path.dirname(target()), `.mine.txt.${process.ppid}.part`);
    writeFileSync(part, CONTENT.subarray(0, 300_000));
    writeFileSync(`${part}.json`, JSON.stringify({ url: entry.source, validator: ETAG }));
    utimesSync(part, 1e9, 1e9);
    await arrives(1);
    assert.equal(server.requests[0].range, "bytes=300000-");
  });

  it("says where it could not write", async () => {
    writeFileSync(path.join(folder, "data"), "a file in the way");
    await assert.rejects(get(), /cannot be written: .*UNROLLED_DATA can name another folder/);
    rmSync(path.join(folder, "data"));
    if (process.getuid?.() === 0) return; // root may write everywhere
    mkdirSync(path.join(folder, "data"));
    chmodSync(path.join(folder, "data"), 0o555);
    await assert.rejects(get(), /cannot be written: permission denied/);
  });
});
