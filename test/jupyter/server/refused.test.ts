import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Ask, TestServer } from "./helpers.ts";

const file = (more: object) => ({ type: "file", format: "text", content: "x", ...more });
const put = (body: unknown): Ask => ({ method: "PUT", body });
const post = (body: unknown): Ask => ({ method: "POST", body });

/** A request, the status of its answer, and what the message names. */
const REFUSED: [target: string, ask: Ask, status: number, message: RegExp][] = [
  ["/api/nothing", {}, 404, /nothing is served at \/api\/nothing/],
  ["/api/contents/a.txt", { method: "OPTIONS" }, 405, /OPTIONS is not allowed for \/api\/contents\/a\.txt/],
  ["/api/contents/none.txt", {}, 404, /none\.txt/],
  ["/api/contents/..%2fsecret.txt", {}, 404, /secret\.txt/],
  ["/api/contents/%ff", {}, 400, /malformed percent escape .*%ff/],
  ["/api/contents/a.txt%00", {}, 404, /no such file or folder: a\.txt/],
  ["/api/contents/a.txt?type=directory", {}, 400, /a\.txt is (a file, )?not a (directory|folder)/],
  ["/api/contents/sub?type=file", {}, 400, /sub is a (directory|folder)/],
  ["/api/contents/a.txt?format=odd", {}, 400, /format/],
  ["/api/contents/bad.ipynb?type=notebook", {}, 400, /bad\.ipynb/],
  ["/api/contents/b.txt", put("{"), 400, /the request's body is not JSON/],
  ["/api/contents/b.txt", put("[]"), 400, /body must be a JSON object/],
  ["/api/contents/b.txt", put({}), 400, /the field "content" is missing/],
  ["/api/contents/b.txt", put(file({ type: 5 })), 400, /the field "type" must be a string/],
  [
    "/api/contents/b.txt",
    put(file({ type: "odd" })),
    400,
    /"type" must be file, notebook or directory, got "odd"/,
  ],
  ["/api/contents/b.txt", put(file({ format: "odd" })), 400, /format/],
  ["/api/contents/b.txt", put(file({ format: "base64", content: "%%%" })), 400, /base64/],
  ["/api/contents/b.txt", put(file({ content: 5 })), 400, /content/],
  ["/api/contents/none/b.txt", put(file({})), 404, /none/],
  ["/api/contents/b.ipynb", put({ type: "notebook", content: {} }), 400, /notebook/],
  ["/api/contents/a.txt", { method: "PATCH", body: {} }, 400, /"path"/],
  ["/api/contents/a.txt", { method: "PATCH", body: { path: "../x" } }, 404, /x/],
  ["/api/contents/a.txt", { method: "PATCH", body: { path: "sub" } }, 409, /sub/],
  ["/api/contents/none.txt", { method: "DELETE" }, 404, /none\.txt/],
  ["/api/contents/a.txt/checkpoints/odd", post({}), 404, /checkpoint/],
  ["/api/kernels", post({ name: "odd" }), 501, /the kernel "odd" is not installed\. There is/],
  ["/api/kernels", post({ name: 5 }), 400, /the field "name" must be a string/],
  ["/api/kernels/odd", {}, 404, /odd/],
  ["/api/kernels/odd/interrupt", post({}), 404, /odd/],
  ["/api/sessions", post({}), 400, /"?(path|kernel|name|type)"?/],
  ["/api/sessions/odd", {}, 404, /odd/],
  ["/lab/api/settings/odd", {}, 404, /odd/],
];

describe("server: bad requests", () => {
  let test: TestServer;
  before(async () => {
    test = await TestServer.start();
    mkdirSync(path.join(test.root, "sub"));
    writeFileSync(path.join(test.root, "a.txt"), "text");
    writeFileSync(path.join(test.root, "bad.ipynb"), "{");
  });
  after(() => test.stop());

  it(`${REFUSED.length} of them are answered with a status and a sentence`, async () => {
    const problems: string[] = [];
    for (const [target, ask, status, message] of REFUSED) {
      const answer = await test.ask(target, ask);
      const said = String(answer.json?.message ?? answer.text);
      if (answer.status === status && message.test(said)) continue;
      problems.push(`${ask.method ?? "GET"} ${target} ${JSON.stringify(ask.body)}: ${answer.status} ${said}`);
    }
    assert.equal(problems.join("\n"), "");
  });
});
