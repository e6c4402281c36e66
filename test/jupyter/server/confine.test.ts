import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { Confinement } from "../../../src/jupyter/server/confine.ts";
import { HttpError } from "../../../src/jupyter/server/http.ts";
import { TestServer, temporaryFolder } from "./helpers.ts";

const SECRET = "the secret";

describe("server confinement", () => {
  let test: TestServer;
  let outside: string;
  before(async () => {
    test = await TestServer.start();
    const { base, root } = test;
    outside = path.join(base, "outside");
    mkdirSync(outside);
    writeFileSync(path.join(outside, "secret.txt"), SECRET);
    writeFileSync(path.join(outside, "secret.ipynb"), "{}");
    // A neighbour whose name begins with the root's name.
    mkdirSync(`${root}-private`);
    writeFileSync(`${root}-private/secret.txt`, SECRET);
    writeFileSync(`${root}secret.txt`, SECRET);
    writeFileSync(path.join(root, "a.txt"), "a");
    mkdirSync(path.join(root, "sub", "deep"), { recursive: true });
    writeFileSync(path.join(root, "sub", "b.txt"), "b");
    mkdirSync(path.join(root, ".hidden"));
    writeFileSync(path.join(root, ".hidden", "secret.txt"), SECRET);
    writeFileSync(path.join(root, ".env"), SECRET);
    symlinkSync(outside, path.join(root, "link-folder"));
    symlinkSync(path.join(outside, "secret.txt"), path.join(root, "link.txt"));
    symlinkSync(path.join(outside, "new.txt"), path.join(root, "dangling.txt"));
    symlinkSync("loop", path.join(root, "loop"));
    symlinkSync("sub", path.join(root, "inner"));
    symlinkSync("/", path.join(root, "slash"));
  });
  after(() => test.stop());

  /** Encoded paths that must all look as if there was nothing. */
  const attacks = [
    "../outside/secret.txt",
    "sub/../../outside/secret.txt",
    "sub/../a.txt",
    "./a.txt",
    "..",
    "%2e%2e/outside/secret.txt",
    "%2E%2E%2Foutside%2Fsecret.txt",
    ".%2e/outside/secret.txt",
    "%252e%252e/outside/secret.txt",
    "%25252e%25252e%252foutside/secret.txt",
    "..%5coutside%5csecret.txt",
    "..\\outside\\secret.txt",
    "sub%5Cb.txt",
    "a.txt%00",
    "%00",
    "../outside/secret.txt%00.ipynb",
    "/etc/passwd",
    "//etc/passwd",
    "%2Fetc%2Fpasswd",
    "file:///etc/passwd",
    "slash/etc/passwd",
    "../notes-private/secret.txt",
    "..%2fnotes-private/secret.txt",
    "../notessecret.txt",
    ".hidden",
    ".hidden/secret.txt",
    ".env",
    "%2eenv",
    "sub/.hidden",
    "link-folder",
    "link-folder/secret.txt",
    "link-folder/secret.ipynb",
    "link.txt",
    "dangling.txt",
    "loop",
    "loop/x",
    "a.txt/b",
    "%ef%bc%8e%ef%bc%8e/outside/secret.txt",
    "%e2%80%ae",
    "nothing.txt",
  ];

  for (const attack of attacks) {
    it(`answers 404 to ${attack}`, async () => {
      const targets = [
        ["GET", `/api/contents/${attack}`],
        ["GET", `/api/contents/${attack}?content=0`],
        ["GET", `/api/contents/${attack}?type=file&format=text`],
        ["GET", `/files/${attack}`],
        ["GET", `/static/${attack}`],
        ["GET", `/api/contents/${attack}/checkpoints`],
        ["POST", `/api/contents/${attack}/checkpoints`],
        ["POST", `/api/contents/${attack}/checkpoints/checkpoint`],
        ["DELETE", `/api/contents/${attack}/checkpoints/checkpoint`],
        ["DELETE", `/api/contents/${attack}`],
      ];
      for (const [method, target] of targets) {
        // Deleting a link deletes the link, never what it leads to; but these lead out, so not even that.
        const { status, text } = await test.ask(target, { method });
        assert.equal(status, 404, `${method} ${target}: ${text}`);
        assert.equal(text.includes(SECRET), false);
      }
    });
  }

  const writes = attacks.filter((attack) => !["nothing.txt", "%e2%80%ae", "%00"].includes(attack));
  it("writes, renames and copies to none of them", async () => {
    const body = { type: "file", format: "text", content: "overwritten" };
    // These are ordinary names of new files, strange as they look.
    const harmless = /^%25|^\/+etc|^%2Fetc|^file:|^%ef/;
    for (const attack of writes.filter((name) => !harmless.test(name))) {
      const put = await test.ask(`/api/contents/${attack}`, { method: "PUT", body });
      assert.equal(put.status, 404, `PUT ${attack}: ${put.text}`);
      const make = await test.ask(`/api/contents/${attack}`, { method: "PUT", body: { type: "directory" } });
      assert.equal(make.status, 404, `PUT folder ${attack}`);
      const to = decodeURIComponent(attack);
      const rename = await test.ask("/api/contents/a.txt", { method: "PATCH", body: { path: to } });
      assert.equal(rename.status, 404, `PATCH to ${to}: ${rename.text}`);
      const from = await test.ask(`/api/contents/${attack}`, {
        method: "PATCH",
        body: { path: "stolen.txt" },
      });
      assert.equal(from.status, 404, `PATCH from ${attack}`);
      const copy = await test.ask("/api/contents/sub", { method: "POST", body: { copy_from: to } });
      assert.equal(copy.status, 404, `POST copy ${to}`);
      const into = await test.ask(`/api/contents/${attack}`, {
        method: "POST",
        body: { copy_from: "a.txt" },
      });
      assert.equal(into.status, 404, `POST copy into ${attack}`);
      const fresh = await test.ask(`/api/contents/${attack}`, { method: "POST", body: { type: "notebook" } });
      assert.equal(fresh.status, 404, `POST into ${attack}`);
    }
    assert.equal(readFileSync(path.join(outside, "secret.txt"), "utf8"), SECRET);
    assert.equal(readFileSync(`${test.root}-private/secret.txt`, "utf8"), SECRET);
    assert.equal(existsSync(path.join(outside, "new.txt")), false);
    assert.equal(existsSync(path.join(test.root, "stolen.txt")), false);
    assert.equal(readFileSync(path.join(test.root, "a.txt"), "utf8"), "a");
  });

  it("answers 400 to a malformed percent escape", async () => {
    for (const bad of ["%", "%zz", "a%2", "%ff", "%c0%ae%c0%ae/outside", "%ed%a0%80"]) {
      for (const target of [`/api/contents/${bad}`, `/files/${bad}`, `/static/${bad}`, `/lab/tree/${bad}`]) {
        const known = await test.ask(target);
        // Without a bundle there are no /static and /lab, so nothing to decode either.
        assert.equal(known.status, /^\/(static|lab)/.test(target) ? 404 : 400, target);
      }
    }
  });

  it("lists neither hidden entries nor links that lead out, and follows links inside", async () => {
    const { json } = await test.ask("/api/contents");
    const names = json.content.map((entry: { name: string }) => entry.name).sort();
    assert.deepEqual(names, ["a.txt", "inner", "sub"]);
    assert.equal((await test.ask("/files/inner/b.txt")).text, "b");
  });

  it("does not follow a checkpoint folder that is a link", async () => {
    mkdirSync(path.join(test.root, "linked"));
    writeFileSync(path.join(test.root, "linked", "c.txt"), "c");
    symlinkSync(outside, path.join(test.root, "linked", ".ipynb_checkpoints"));
    writeFileSync(path.join(outside, "c-checkpoint.txt"), SECRET);
    const target = "/api/contents/linked/c.txt/checkpoints";
    assert.equal((await test.ask(target, { method: "POST" })).status, 404);
    assert.deepEqual((await test.ask(target)).json, []);
    assert.equal((await test.ask(`${target}/checkpoint`, { method: "POST" })).status, 404);
    assert.equal((await test.ask(`${target}/..%2f..%2foutside`, { method: "POST" })).status, 404);
    assert.equal(readFileSync(path.join(test.root, "linked", "c.txt"), "utf8"), "c");
    assert.equal(readFileSync(path.join(outside, "c-checkpoint.txt"), "utf8"), SECRET);
  });

  it("does not move anything into a trash folder that is a link", async () => {
    writeFileSync(path.join(test.root, "d.txt"), "d");
    symlinkSync(outside, path.join(test.root, ".trash"));
    assert.equal((await test.ask("/api/contents/d.txt", { method: "DELETE" })).status, 404);
    assert.equal(readFileSync(path.join(test.root, "d.txt"), "utf8"), "d");
    rmSync(path.join(test.root, ".trash"));
  });
});

describe("Confinement", () => {
  let base: string;
  let root: string;
  let confinement: Confinement;
  before(() => {
    base = temporaryFolder("confinement");
    root = path.join(base, "root");
    mkdirSync(path.join(root, "sub"), { recursive: true });
    writeFileSync(path.join(root, "sub", "a.txt"), "inside");
    mkdirSync(path.join(base, "out"));
    writeFileSync(path.join(base, "out", "a.txt"), SECRET);
    confinement = new Confinement(root);
  });

  const swap = (): void => {
    renameSync(path.join(root, "sub"), path.join(root, "moved"));
    symlinkSync(path.join(base, "out"), path.join(root, "sub"));
  };
  const swapBack = (): void => {
    rmSync(path.join(root, "sub"));
    renameSync(path.join(root, "moved"), path.join(root, "sub"));
  };

  it("refuses a file whose folder became a link to elsewhere after the check", async () => {
    const place = await confinement.resolveExisting("sub/a.txt");
    swap();
    try {
      await assert.rejects(confinement.openForReading(place), (error: HttpError) => error.status === 404);
      await assert.rejects(confinement.confirmFolder(place), (error: HttpError) => error.status === 404);
    } finally {
      swapBack();
    }
    const { handle } = await confinement.openForReading(place);
    assert.equal(await handle.readFile("utf8"), "inside");
    await handle.close();
  });

  it("refuses a file that became a link after the check", async () => {
    const file = path.join(root, "b.txt");
    writeFileSync(file, "inside");
    const place = await confinement.resolveExisting("b.txt");
    rmSync(file);
    symlinkSync(path.join(base, "out", "a.txt"), file);
    await assert.rejects(confinement.openForReading(place), (error: HttpError) => error.status === 404);
    rmSync(file);
  });

  it("opens only regular files", async () => {
    const place = await confinement.resolveExisting("sub");
    await assert.rejects(confinement.openForReading(place), /not a regular file/);
  });

  it("serves a hard link, which is a file of the folder like any other", async () => {
    linkSync(path.join(base, "out", "a.txt"), path.join(root, "hard.txt"));
    const { handle } = await confinement.openForReading(await confinement.resolveExisting("hard.txt"));
    assert.equal(await handle.readFile("utf8"), SECRET);
    await handle.close();
  });

  it("knows inside from outside, whatever the names", () => {
    assert.equal(confinement.contains(root), true);
    assert.equal(confinement.contains(path.join(root, "..x")), true);
    assert.equal(confinement.contains(path.join(root, "..x", "y")), true);
    for (const other of [base, `${root}-private`, `${root}x/y`, path.join(base, "out"), "/"]) {
      assert.equal(confinement.contains(other), false, other);
    }
    assert.equal(new Confinement("/").contains("/etc"), true);
  });

  it("resolves any path to a place inside, or refuses it with 404 or 400", async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "sub",
        "a.txt",
        "",
        "~",
        "\\",
        "\0",
        "C:",
        "..\\..",
        ".hidden",
        "...",
        " ..",
        "‥",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    const paths = fc.tuple(fc.constantFrom("", "/", "//"), fc.array(piece, { maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(paths, async ([start, pieces]) => {
        try {
          const place = await confinement.resolve(start + pieces.join("/"));
          assert.ok(confinement.contains(place.real) && confinement.contains(place.entry));
          assert.ok(!place.api.split("/").some((name) => name.startsWith(".")));
        } catch (error) {
          assert.ok(error instanceof HttpError && [404, 400].includes(error.status), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
