import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { lm, text } from "../../src/index.ts";
import { playFiles } from "../../src/play/export.ts";
import { playServer } from "../../src/play/serve.ts";
import { unrolled } from "./unrolled.ts";

describe("unrolled play", function () {
  this.timeout(60_000);
  let folder: string;
  let model: lm.RecurrentLM;
  let checkpoint: string;

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "unrolled play "));
    const corpus = text.corpusFromText("the cat sat on the mat. ", { name: "cats" });
    model = new lm.RecurrentLM({ corpus, cell: "gru", hiddenSize: 5, seed: 1 });
    checkpoint = path.join(folder, "cats.safetensors");
    lm.save(checkpoint, { model });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the page as static files, with the model in them", async () => {
    const out = path.join(folder, "page");
    const { code, stdout } = await unrolled(["play", checkpoint, "--out", out, "--text", "</script>"]);
    assert.equal(code, 0);
    assert.equal(stdout.trim(), path.join(out, "index.html"));
    for (const name of ["index.html", "style.css", "play.js", "model.js"])
      assert.ok(existsSync(path.join(out, name)));
    const script = readFileSync(path.join(out, "model.js"), "utf8");
    const given = JSON.parse(script.slice(script.indexOf("{"), script.lastIndexOf("}") + 1)) as Record<
      string,
      string
    >;
    assert.equal(given["name"], "cats");
    assert.equal(given["text"], "</script>");
    const bytes = Buffer.from(given["checkpoint"], "base64");
    const loaded = lm.decodeCheckpoint(bytes, "cats").model;
    assert.deepEqual(loaded.distribution("the"), model.distribution("the"));
  });

  it("refuses with exit code 2 what is no order, with 1 what is not there", async () => {
    const cases: [string[], number, RegExp][] = [
      [["play"], 2, /give one checkpoint/],
      [["play", checkpoint, "--port", "x"], 2, /--port must be a whole number/],
      [["play", checkpoint, "--colour"], 2, /--colour/],
      [["play", path.join(folder, "none")], 1, /there is no such file/],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await unrolled(args);
      assert.equal(code, expected, args.join(" "));
      assert.match(stderr, message);
    }
  });

  describe("the server", () => {
    let server: Server;
    let port: number;
    before(async () => {
      server = playServer(playFiles({ model, name: "cats", text: "" }));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      port = (server.address() as AddressInfo).port;
    });
    after(() => server.close());

    const ask = (url: string, options: { method?: string; host?: string } = {}) =>
      new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
        (resolve, reject) => {
          const headers = { host: options.host ?? `127.0.0.1:${port}` };
          const sent = request(
            { port, host: "127.0.0.1", path: url, method: options.method ?? "GET", headers },
            (answer) => {
              let body = "";
              answer.on("data", (part) => (body += part));
              answer.on("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
            },
          );
          sent.on("error", reject).end();
        },
      );

    it("gives its files under a strict policy, and nothing else to nobody else", async () => {
      const page = await ask("/?x=1");
      assert.equal(page.status, 200);
      assert.match(page.body, /<h1>Playground/);
      assert.match(
        String(page.headers["content-security-policy"]),
        /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
      );
      assert.match(String((await ask("/play.js")).headers["content-type"]), /^text\/javascript/);
      const statuses = await Promise.all([
        ask("/../package.json"),
        ask("/%2e%2e/package.json"),
        ask("/", { method: "POST" }),
        ask("/", { host: `elsewhere.example:${port}` }),
        ask("/", { host: `localhost:${port}`, method: "HEAD" }),
      ]);
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [404, 404, 405, 403, 200],
      );
    });
  });
});
