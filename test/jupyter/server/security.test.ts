import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import { equalSecrets, Guard } from "../../../src/jupyter/server/security.ts";
import { TestServer } from "./helpers.ts";

describe("server security", () => {
  let test: TestServer;
  let host: string;
  before(async () => {
    test = await TestServer.start({ limits: { body: 10_000, headersTimeout: 300 } });
    writeFileSync(path.join(test.root, "page.html"), "<script>1</script>");
    host = `127.0.0.1:${test.server.port}`;
  });
  after(() => test.stop());

  it("listens on 127.0.0.1 and on no other address of this machine", async () => {
    const others = Object.values(os.networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ address, scopeid }) => address !== "127.0.0.1" && !scopeid)
      .map(({ address }) => address);
    // 127.0.0.2 is loopback too on Linux, and would answer if the server listened on 0.0.0.0.
    if (process.platform === "linux") others.push("127.0.0.2");
    for (const address of others) {
      const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
        const socket = net.connect(test.server.port, address);
        socket.once("error", resolve);
        socket.once("connect", () => {
          socket.destroy();
          resolve(undefined);
        });
      });
      assert.notEqual(error, undefined, `it answers on ${address}`);
    }
  });

  it("lets nobody in without the token, and nobody with a wrong one", async () => {
    for (const target of [
      "/api/contents",
      "/api/kernels",
      "/files/page.html",
      "/lab/api/settings",
      "/api/status",
      "/static/main.js",
    ]) {
      assert.equal((await test.ask(target, { token: false })).status, 403, target);
      for (const wrong of [
        "x",
        `${test.server.token}0`,
        test.server.token.slice(1),
        test.server.token.toUpperCase(),
      ]) {
        assert.equal((await test.ask(`${target}?token=${wrong}`, { token: false })).status, 403, target);
        const headers = { Authorization: `token ${wrong}` };
        assert.equal((await test.ask(target, { token: false, headers })).status, 403, target);
      }
    }
    assert.equal((await test.ask("/api/status")).status, 200);
    assert.equal((await test.ask(`/api/status?token=${test.server.token}`, { token: false })).status, 200);
  });

  it("compares secrets of any length, and only equal ones are equal", () => {
    assert.equal(equalSecrets("abc", "abc"), true);
    for (const other of ["", "ab", "abd", "abcd"]) assert.equal(equalSecrets("abc", other), false);
  });

  it("shows a person without a token a page that asks for it, without any script", async () => {
    const { status, headers, text } = await test.ask("/lab", { token: false });
    assert.equal(status, 403);
    assert.match(String(headers["content-type"]), /^text\/html/);
    assert.match(text, /<form method="get" action="\/lab">/);
    assert.match(String(headers["content-security-policy"]), /default-src 'none'/);
    assert.doesNotMatch(text, /<script/);
    assert.equal(text.includes(test.server.token), false);
  });

  it("turns the token of the address into cookies, and takes it out of the address", async () => {
    const { status, headers } = await test.ask(`/lab/tree/a.ipynb?token=${test.server.token}&reset`, {
      token: false,
    });
    assert.equal(status, 302);
    assert.equal(headers.location, "/lab/tree/a.ipynb?reset=");
    const [secret, xsrf] = headers["set-cookie"] ?? [];
    assert.match(
      secret,
      new RegExp(`^unrolled-${test.server.port}=[0-9a-f]{48}; Path=/; HttpOnly; SameSite=Lax$`),
    );
    assert.match(xsrf, /^_xsrf=[0-9a-f]{32}; Path=\/; SameSite=Lax$/);
    assert.equal(headers["referrer-policy"], "no-referrer");
  });

  it("takes a ticket once", async () => {
    const ticket = test.server.ticket();
    assert.equal((await test.ask(`/lab?ticket=${ticket}`, { token: false })).status, 302);
    assert.equal((await test.ask(`/lab?ticket=${ticket}`, { token: false })).status, 403);
    assert.equal((await test.ask("/lab?ticket=", { token: false })).status, 403);
    const guard = new Guard("secret");
    assert.equal(guard.redeem(guard.ticket(-1)), false, "an expired ticket");
  });

  it("refuses a changing request by cookie without the XSRF header, or with another", async () => {
    const { cookie, xsrf } = await test.login();
    const put = (headers: Record<string, string>) =>
      test.ask("/api/contents/x.txt", {
        method: "PUT",
        token: false,
        headers: { cookie, ...headers },
        body: { type: "file", format: "text", content: "x" },
      });
    assert.equal((await put({})).status, 403);
    assert.equal((await put({ "X-XSRFToken": "" })).status, 403);
    assert.equal((await put({ "X-XSRFToken": `${xsrf}0` })).status, 403);
    assert.equal(
      (await put({ "X-XSRFToken": xsrf, cookie: cookie.replace(/_xsrf=[^;]*/, "_xsrf=") })).status,
      403,
    );
    assert.equal((await put({ "X-XSRFToken": xsrf })).status, 201);
    for (const method of ["POST", "PATCH", "DELETE"]) {
      const { status } = await test.ask("/api/contents/x.txt", { method, token: false, headers: { cookie } });
      assert.equal(status, 403, method);
    }
    assert.equal((await test.ask("/api/contents", { token: false, headers: { cookie } })).status, 200);
  });

  it("refuses a foreign Host, as DNS rebinding sends it, even with the token", async () => {
    const { port } = test.server;
    for (const bad of [
      "evil.example",
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil:${port}`,
      `127.0.0.2:${port}`,
      `a@127.0.0.1:${port}`,
    ]) {
      assert.equal((await test.ask("/api/status", { headers: { Host: bad } })).status, 403, bad);
    }
    for (const good of [`localhost:${port}`, `127.0.0.1:${port}`, "localhost:4711", `[::1]:${port}`]) {
      assert.equal((await test.ask("/api/status", { headers: { Host: good } })).status, 200, good);
    }
    const token = `Authorization: token ${test.server.token}`;
    assert.match(
      await raw(test, `GET /api/status HTTP/1.1\r\nHost:\r\n${token}\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1\.1 403 /,
    );
    assert.match(await raw(test, `GET /api/status HTTP/1.0\r\n${token}\r\n\r\n`), /^HTTP\/1\.1 403 /);
  });

  it("refuses foreign origins, other ports of this machine included", async () => {
    const { cookie, xsrf } = await test.login();
    for (const origin of [
      "http://evil.example",
      "http://127.0.0.1:1",
      `https://${host}`,
      "null",
      `http://localhost:${test.server.port}`,
    ]) {
      const headers = { cookie, "X-XSRFToken": xsrf, Origin: origin };
      assert.equal((await test.ask("/api/status", { token: false, headers })).status, 403, origin);
      assert.equal(
        (await test.ask("/api/status", { headers: { Origin: origin } })).status,
        403,
        `${origin}, with token`,
      );
    }
    const headers = { cookie, Origin: `http://${host}` };
    assert.equal((await test.ask("/api/status", { token: false, headers })).status, 200);
  });

  it("refuses what another site embeds, and allows a link from there", async () => {
    const { cookie } = await test.login();
    for (const site of ["cross-site", "same-site"]) {
      const image = {
        cookie,
        "Sec-Fetch-Site": site,
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Dest": "image",
      };
      assert.equal((await test.ask("/files/page.html", { token: false, headers: image })).status, 403, site);
      const link = {
        cookie,
        "Sec-Fetch-Site": site,
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
      };
      assert.equal((await test.ask("/files/page.html", { token: false, headers: link })).status, 200, site);
      const form = { method: "POST", token: false, headers: link, body: "a=b" };
      assert.equal((await test.ask("/api/shutdown", form)).status, 403, site);
    }
  });

  it("sends hardening headers with every answer", async () => {
    for (const target of ["/api/status", "/files/page.html", "/nowhere", "/lab"]) {
      const { headers } = await test.ask(target);
      assert.equal(headers["x-content-type-options"], "nosniff", target);
      assert.equal(headers["cross-origin-resource-policy"], "same-origin", target);
      assert.equal(headers["referrer-policy"], "no-referrer", target);
      assert.equal(headers["access-control-allow-origin"], undefined, target);
      assert.ok(headers["content-security-policy"], target);
    }
  });

  it("serves files in a sandbox of their own", async () => {
    const { headers, text } = await test.ask("/files/page.html");
    assert.equal(text, "<script>1</script>");
    assert.equal(headers["content-security-policy"], "sandbox allow-scripts; frame-ancestors 'self'");
    assert.match(String(headers["content-type"]), /^text\/html/);
  });

  it("answers 413 to a body over the limit, announced or not, and goes on working", async () => {
    const body = { type: "file", format: "text", content: "x".repeat(20_000) };
    const { status, json } = await test.ask("/api/contents/big.txt", { method: "PUT", body });
    assert.equal(status, 413);
    assert.match(json.message, /larger than 10 kB/);
    const chunks = JSON.stringify(body).replace(
      /.{1,1000}/g,
      (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
    );
    const head = `PUT /api/contents/big.txt HTTP/1.1\r\nHost: ${host}\r\nAuthorization: token ${test.server.token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    // The last chunk never comes.
    assert.match(await raw(test, head + chunks), /^HTTP\/1\.1 413 /);
    assert.equal((await test.ask("/api/contents/big.txt")).status, 404);
    assert.equal((await test.ask("/api/status")).status, 200);
  });

  it("takes a client that goes away in the middle of its request for no fault of the server", async () => {
    const lines: string[] = [];
    const own = await TestServer.start({ log: (line) => void lines.push(line) });
    try {
      const socket = net.connect(own.server.port, "127.0.0.1");
      await new Promise((resolve) => socket.once("connect", resolve));
      const head = `Host: 127.0.0.1:${own.server.port}\r\nAuthorization: token ${own.server.token}`;
      socket.write(`PUT /api/contents/a.txt HTTP/1.1\r\n${head}\r\nContent-Length: 99\r\n\r\n{"type":`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
      for (let i = 0; i < 5; i++) assert.equal((await own.ask("/api/status")).status, 200);
      assert.deepEqual(lines, []);
    } finally {
      await own.stop();
    }
  });

  it("refuses bodies that are no JSON object", async () => {
    for (const body of ["{", "[]", "1", '"x"', "\u0000"]) {
      assert.equal((await test.ask("/api/contents/a.txt", { method: "PUT", body })).status, 400, body);
    }
    const wrongTypes = [{ path: 1 }, { path: ["a"] }, { path: { toString: "x" } }];
    for (const body of wrongTypes) {
      assert.equal((await test.ask("/api/contents/page.html", { method: "PATCH", body })).status, 400);
    }
  });

  it("does not wait for ever for a request's headers", async () => {
    const answer = await raw(test, "GET /api/status HTTP/1.1\r\nHost: ");
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  it("knows no method but its own, and no address with a scheme", async () => {
    assert.equal((await test.ask("/api/contents", { method: "TRACE" })).status, 405);
    assert.equal((await test.ask("/api/contents", { method: "OPTIONS" })).status, 405);
    assert.equal((await test.ask("http://evil.example/api/contents")).status, 400);
    assert.equal((await test.ask("/api/terminals")).status, 404);
  });

  it("does not let keys like __proto__ change anything", async () => {
    mkdirSync(path.join(test.base, "config"), { recursive: true });
    const body = '{"__proto__": {"polluted": true}, "a": {"constructor": {"prototype": {"polluted": true}}}}';
    for (const [target, method] of [
      ["/api/config/x", "PATCH"],
      ["/api/contents/p.txt", "PUT"],
      ["/api/sessions", "POST"],
    ]) {
      await test.ask(target, { method, body });
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal((await test.ask("/api/config/__proto__")).status, 200);
    assert.deepEqual((await test.ask("/api/config/__proto__")).json, {});
  });

  it("opens a WebSocket only with a credential, and by cookie only from its own page", async () => {
    const { cookie } = await test.login();
    const own = `http://${host}`;
    const cases: [string, Record<string, string>, string, number][] = [
      ["nothing", {}, "", 403],
      ["origin without credential", { Origin: own }, "", 403],
      ["cookie without origin", { Cookie: cookie }, "", 403],
      ["cookie, foreign origin", { Cookie: cookie, Origin: "http://evil.example" }, "", 403],
      ["cookie, other port", { Cookie: cookie, Origin: "http://127.0.0.1:1" }, "", 403],
      ["cookie, foreign host", { Cookie: cookie, Origin: own, Host: "evil.example" }, "", 403],
      ["token, foreign origin", { Origin: "http://evil.example" }, `?token=${test.server.token}`, 403],
      ["wrong token", { Origin: own }, "?token=x", 403],
      ["cookie and own origin", { Cookie: cookie, Origin: own }, "", 101],
      ["token, no origin", {}, `?token=${test.server.token}`, 101],
    ];
    for (const [name, headers, query, wanted] of cases) {
      assert.equal(await upgrade(`ws://${host}/api/events/subscribe${query}`, headers), wanted, name);
    }
    const kernel = `ws://${host}/api/kernels/none/channels?token=${test.server.token}`;
    assert.equal(await upgrade(kernel, {}), 404);
    assert.equal(await upgrade(`ws://${host}/api/kernels/%zz/channels?token=${test.server.token}`, {}), 400);
  });
});

/** The status with which the server answers an upgrade. */
function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on("open", () => {
      socket.close();
      resolve(101);
    });
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

/** Sends these bytes and nothing more; resolves with all that comes back, when the server closes. */
function raw(test: TestServer, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(test.server.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
