import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Checkpoints } from "../../../src/jupyter/server/checkpoints.ts";
import { Confinement } from "../../../src/jupyter/server/confine.ts";
import { emptyOldTrash } from "../../../src/jupyter/server/trash.ts";
import { needs } from "../../hooks.ts";
import { type Answer, TestServer } from "./helpers.ts";

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

describe("server contents", () => {
  let test: TestServer;
  beforeEach(async () => {
    test = await TestServer.start();
  });
  afterEach(() => test.stop());

  const inRoot = (name: string): string => path.join(test.root, name);
  const write = (name: string, data: string | Buffer): void => writeFileSync(inRoot(name), data);
  const read = (name: string): string => readFileSync(inRoot(name), "utf8");
  const get = (target: string): Promise<Answer> => test.ask(`/api/contents/${target}`);
  const put = (target: string, body: unknown): Promise<Answer> =>
    test.ask(`/api/contents/${target}`, { method: "PUT", body });
  const post = (target: string, body: unknown): Promise<Answer> =>
    test.ask(`/api/contents/${target}`, { method: "POST", body });
  const patch = (target: string, to: string): Promise<Answer> =>
    test.ask(`/api/contents/${target}`, { method: "PATCH", body: { path: to } });
  const remove = (target: string): Promise<Answer> =>
    test.ask(`/api/contents/${target}`, { method: "DELETE" });
  const text = (content: string): unknown => ({ type: "file", format: "text", content });
  const notebook = (source: string | string[] = "1 + 1"): unknown => ({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [{ id: "a", cell_type: "code", source, metadata: {}, execution_count: null, outputs: [] }],
  });

  it("describes a file with times, size, type and hash", async () => {
    write("héllo wörld.csv", "a,b\n");
    const when = new Date("2024-05-06T07:08:09.123Z");
    utimesSync(inRoot("héllo wörld.csv"), when, when);
    const { json, headers } = await get(`${encodeURIComponent("héllo wörld.csv")}?hash=1`);
    assert.deepEqual(
      { ...json, created: null },
      {
        name: "héllo wörld.csv",
        path: "héllo wörld.csv",
        type: "file",
        created: null,
        last_modified: "2024-05-06T07:08:09.123Z",
        content: "a,b\n",
        format: "text",
        mimetype: "text/csv",
        size: 4,
        writable: true,
        hash: sha256("a,b\n"),
        hash_algorithm: "sha256",
      },
    );
    assert.equal(new Date(json.created).getTime() > 0, true);
    assert.equal(headers["last-modified"], "Mon, 06 May 2024 07:08:09 GMT");
  });

  it("leaves content and hash out when they are not asked for", async () => {
    write("a.txt", "a");
    const { json } = await get("a.txt?content=0");
    assert.deepEqual([json.content, json.format, json.hash, json.hash_algorithm], [null, null, null, null]);
    const hashed = await get("a.txt?content=0&hash=1");
    assert.deepEqual([hashed.json.content, hashed.json.hash], [null, sha256("a")]);
    assert.equal((await get("a.txt?content=2")).status, 400);
    assert.equal((await get("a.txt?hash=yes")).status, 400);
    assert.equal((await get("a.txt?format=xml")).status, 400);
  });

  it("opens text and binary files in the right format, and says why not", async () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    write("b.bin", bytes);
    write("nul.txt", "a\0b");
    write("bom.txt", "\ufeffa");
    assert.deepEqual((await get("b.bin")).json.content, bytes.toString("base64"));
    assert.equal((await get("b.bin")).json.format, "base64");
    const refused = await get("b.bin?type=file&format=text");
    assert.equal(refused.status, 400);
    assert.match(refused.json.message, /^b\.bin is not UTF-8 text/);
    assert.equal((await get("nul.txt")).json.format, "base64");
    assert.equal((await get("nul.txt?format=text")).json.content, "a\0b");
    assert.equal((await get("bom.txt")).json.content, "\ufeffa");
    assert.equal(
      (await get("bom.txt?format=base64")).json.content,
      Buffer.from("\ufeffa").toString("base64"),
    );
    assert.equal((await get("a.txt?type=directory")).status, 404);
    assert.equal((await get("b.bin?type=directory")).status, 400);
    assert.equal((await get("?type=notebook")).status, 400);
  });

  it("lists a folder", async () => {
    mkdirSync(inRoot("sub"));
    mkdirSync(inRoot("node_modules"));
    write("n.ipynb", JSON.stringify(notebook()));
    write("a.txt", "a");
    write("a.txt~", "old");
    const { json } = await get("");
    const entries = json.content.map(
      (entry: { name: string; type: string }) => `${entry.name} ${entry.type}`,
    );
    assert.deepEqual(entries.sort(), ["a.txt file", "n.ipynb notebook", "sub directory"]);
    assert.deepEqual([json.format, json.path, json.size], ["json", "", null]);
    assert.equal((await get("?content=0")).json.content, null);
  });

  it("saves text and base64, and answers 201 for a new file, 200 for an old one", async () => {
    assert.equal((await put("a.txt", text("één\r\n"))).status, 201);
    assert.equal(read("a.txt"), "één\r\n");
    const again = await put("a.txt", text("two"));
    assert.equal(again.status, 200);
    assert.deepEqual([again.json.content, again.json.size], [null, 3]);
    const bytes = Buffer.from([1, 2, 250]);
    await put("b.bin", { type: "file", format: "base64", content: bytes.toString("base64") });
    assert.deepEqual(readFileSync(inRoot("b.bin")), bytes);
    assert.equal((await put("c.bin", { type: "file", format: "base64", content: "ab!=" })).status, 400);
    assert.equal((await put("c.bin", { type: "file", format: "base64", content: "abc" })).status, 400);
    assert.equal((await put("c.bin", { type: "file", format: "xml", content: "abc" })).status, 400);
    assert.equal((await put("c.bin", { type: "file", format: "text" })).status, 400);
    assert.equal((await put("c.bin", { type: "file", format: "text", content: 1 })).status, 400);
    assert.equal(existsSync(inRoot("c.bin")), false);
    assert.equal((await put("no/such/a.txt", text("a"))).status, 404);
    assert.equal((await put("", text("a"))).status, 400);
    const unknown = await put("s.svg", { type: "image-from-a-plugin", format: "text", content: "<svg/>" });
    assert.equal(unknown.status, 400); // as Jupyter Server
    assert.match(unknown.json.message, /must be file, notebook or directory, got "image-from-a-plugin"/);
    assert.equal(existsSync(inRoot("s.svg")), false);
  });

  it("writes notebooks as Jupyter does: sorted keys, texts as lines, no marks of trust", async () => {
    const body = {
      type: "notebook",
      format: "json",
      content: {
        nbformat_minor: 5,
        nbformat: 4,
        metadata: { kernelspec: { name: "unrolled", display_name: "T" } },
        cells: [
          { id: "m", cell_type: "markdown", source: "# T\n\ntext", metadata: {} },
          {
            id: "c",
            cell_type: "code",
            source: "",
            metadata: { trusted: true, tags: ["measured"] },
            execution_count: 1,
            outputs: [
              { output_type: "stream", name: "stdout", text: "a\nb\n" },
              {
                output_type: "display_data",
                metadata: {},
                data: {
                  "text/plain": "x\ny",
                  "application/json": { b: "1\n2" },
                  "image/png": "AAA\n",
                  "image/svg+xml": "<svg>\n</svg>",
                },
              },
            ],
          },
        ],
      },
    };
    assert.equal((await put("n.ipynb", body)).status, 201);
    assert.equal(
      read("n.ipynb"),
      `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "m",
   "metadata": {},
   "source": [
    "# T\\n",
    "\\n",
    "text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "c",
   "metadata": {
    "tags": [
     "measured"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "a\\n",
      "b\\n"
     ]
    },
    {
     "data": {
      "application/json": {
       "b": "1\\n2"
      },
      "image/png": "AAA\\n",
      "image/svg+xml": [
       "<svg>\\n",
       "</svg>"
      ],
      "text/plain": [
       "x\\n",
       "y"
      ]
     },
     "metadata": {},
     "output_type": "display_data"
    }
   ],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "T",
   "name": "unrolled"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`,
    );
    const { json } = await get("n.ipynb");
    assert.equal(json.format, "json");
    assert.equal(json.content.cells[0].source, "# T\n\ntext");
    assert.equal(json.content.cells[1].source, "");
    assert.equal(json.content.cells[1].outputs[0].text, "a\nb\n");
    assert.equal(json.content.cells[1].outputs[1].data["image/svg+xml"], "<svg>\n</svg>");
    // A second save of what was read changes nothing.
    const before = read("n.ipynb");
    await put("n.ipynb", { type: "notebook", content: json.content });
    assert.equal(read("n.ipynb"), before);
  });

  it("says what is wrong with a notebook that is none", async () => {
    const cases: [string, RegExp][] = [
      [
        "",
        /bad\.ipynb is not a notebook: it is not JSON \(it is empty\)\. To repair it, right-click it, Open With, Editor/,
      ],
      ['{\n"cells": [\n<<<<<<< HEAD\n', /not JSON \([\s\S]*, git's mark of a merge conflict in line 3\)/],
      [`{\n"a": 1,\n"cells": [\n  1,\n  2 3\n], "long enough": "to be cut in the message"}`, /, line 5\)/],
      ['{"a":\n', /, line 2\)/],
      ["[]", /it is not a JSON object/],
      ["{}", /"nbformat" is missing/],
      ['{"nbformat": 3, "worksheets": []}', /has notebook format 3, this server reads 4/],
      ['{"nbformat": 4, "metadata": {}}', /"cells" is missing/],
      ['{"nbformat": 4, "metadata": {}, "cells": [1]}', /cell 1 is not an object/],
      [
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "", "metadata": {}}]}',
        /code cell 1 has no "outputs"/,
      ],
      [
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "metadata": {}}]}',
        /cell 1 has no "source"/,
      ],
    ];
    for (const [content, message] of cases) {
      write("bad.ipynb", content);
      const { status, json } = await get("bad.ipynb");
      assert.equal(status, 400, content);
      assert.match(json.message, message);
      // It can still be repaired in the editor.
      assert.equal((await get("bad.ipynb?type=file&format=text")).json.content, content);
    }
    write("good.ipynb", JSON.stringify(notebook()));
    const refused = await put("good.ipynb", { type: "notebook", content: { nbformat: 4, metadata: {} } });
    assert.equal(refused.status, 400);
    assert.equal(read("good.ipynb"), JSON.stringify(notebook()), "the old file is untouched");
    write("bom.ipynb", `\ufeff${JSON.stringify(notebook())}`);
    assert.equal((await get("bom.ipynb")).status, 200);
  });

  it("tells JupyterLab that a file was changed on disk by another program", async () => {
    await put("n.ipynb", { type: "notebook", content: notebook() });
    const opened = (await get("n.ipynb?hash=1")).json;
    const unchanged = (await get("n.ipynb?content=0&hash=1")).json;
    assert.deepEqual([unchanged.hash, unchanged.last_modified], [opened.hash, opened.last_modified]);
    // Same length and same time: only the hash can tell.
    const { atime, mtime } = statSync(inRoot("n.ipynb"));
    write("n.ipynb", read("n.ipynb").replace("1 + 1", "2 + 2"));
    utimesSync(inRoot("n.ipynb"), atime, mtime);
    const changed = (await get("n.ipynb?content=0&hash=1")).json;
    assert.notEqual(changed.hash, opened.hash);
    assert.equal(changed.hash, sha256(readFileSync(inRoot("n.ipynb"))));
    assert.equal(changed.last_modified, opened.last_modified);
  });

  it("makes untitled entries under free names", async () => {
    const names = [];
    for (const body of [
      { type: "notebook" },
      { type: "notebook" },
      { type: "file" },
      { ext: ".md" },
      { type: "file", ext: ".md" },
      { type: "directory" },
      { type: "directory" },
      { ext: ".ipynb" },
      {},
    ]) {
      const { status, json, headers } = await post("", body);
      assert.equal(status, 201);
      assert.equal(headers.location, `/api/contents/${encodeURIComponent(json.name)}`);
      names.push(json.path);
    }
    assert.deepEqual(names, [
      "Untitled.ipynb",
      "Untitled1.ipynb",
      "untitled",
      "untitled.md",
      "untitled1.md",
      "Untitled Folder",
      "Untitled Folder 1",
      "Untitled2.ipynb",
      "untitled1",
    ]);
    assert.deepEqual((await get("Untitled.ipynb")).json.content, {
      cells: [],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    });
    assert.equal(
      (await post("Untitled%20Folder", { type: "notebook" })).json.path,
      "Untitled Folder/Untitled.ipynb",
    );
    assert.equal((await post("untitled.md", { type: "notebook" })).status, 400);
    assert.equal((await post("", { type: "notebook", ext: "/../../x.txt" })).json.path, "Untitled3.ipynb");
    assert.equal((await post("", { type: "file", ext: "/../../x.txt" })).status, 404);
  });

  it("gives two tabs that create at the same time two names", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("", { type: "notebook" })));
    assert.equal(new Set(answers.map(({ json }) => json.path)).size, 8);
  });

  it("copies files and folders", async () => {
    write("a.ipynb", JSON.stringify(notebook()));
    chmodSync(inRoot("a.ipynb"), 0o640);
    mkdirSync(inRoot("sub/deep"), { recursive: true });
    write("sub/deep/b.txt", "b");
    write("sub/.secret", "s");
    symlinkSync(test.base, inRoot("sub/out"));
    assert.equal((await post("", { copy_from: "a.ipynb" })).json.path, "a-Copy1.ipynb");
    assert.equal((await post("", { copy_from: "/a.ipynb" })).json.path, "a-Copy2.ipynb");
    assert.equal((await post("", { copy_from: "a-Copy1.ipynb" })).json.path, "a-Copy3.ipynb");
    assert.equal(read("a-Copy1.ipynb"), JSON.stringify(notebook()));
    assert.equal(statSync(inRoot("a-Copy1.ipynb")).mode & 0o777, 0o640);
    assert.equal((await post("sub", { copy_from: "a.ipynb" })).json.path, "sub/a-Copy1.ipynb");
    assert.equal((await post("", { copy_from: "sub" })).json.path, "sub-Copy1");
    assert.deepEqual(readdirSync(inRoot("sub-Copy1")).sort(), ["a-Copy1.ipynb", "deep"]);
    assert.equal(read("sub-Copy1/deep/b.txt"), "b");
    const self = await post("sub/deep", { copy_from: "sub" });
    assert.equal(self.status, 400);
    assert.match(self.json.message, /into itself/);
    assert.equal((await post("", { copy_from: "nothing" })).status, 404);
  });

  it("renames and moves, and replaces nothing", async () => {
    write("a.txt", "a");
    write("b.txt", "b");
    mkdirSync(inRoot("sub"));
    const taken = await patch("a.txt", "b.txt");
    assert.equal(taken.status, 409);
    assert.match(taken.json.message, /b\.txt already exists/);
    assert.equal(read("b.txt"), "b");
    assert.equal((await patch("a.txt", "sub")).status, 409);
    assert.equal((await patch("a.txt", "sub/c.txt")).json.path, "sub/c.txt");
    assert.equal(read("sub/c.txt"), "a");
    assert.equal((await patch("sub", "sub/inner")).status, 400);
    assert.equal((await patch("sub", "dir")).json.type, "directory");
    assert.equal((await patch("dir", "dir")).status, 200);
    assert.equal((await patch("dir", "no/such")).status, 404);
    assert.equal((await patch("nothing", "x")).status, 404);
    assert.equal((await patch("dir", "")).status, 400);
    assert.equal((await test.ask("/api/contents/dir", { method: "PATCH", body: {} })).status, 400);
  });

  it("moves what is deleted to the trash, where it can be found again", async () => {
    write("a.txt", "first");
    mkdirSync(inRoot("sub"));
    write("sub/b.txt", "b");
    assert.equal((await remove("a.txt")).status, 204);
    write("a.txt", "second");
    assert.equal((await remove("a.txt")).status, 204);
    assert.equal((await remove("sub")).status, 204);
    assert.deepEqual(readdirSync(test.root), [".trash"]);
    const found = readdirSync(inRoot(".trash"), { recursive: true }).map(String);
    const contents = found
      .filter((name) => name.endsWith(".txt"))
      .map((name) => read(path.join(".trash", name)));
    assert.deepEqual(contents.sort(), ["b", "first", "second"]);
    assert.equal(read(".trash/.gitignore"), "*\n");
    assert.equal((await remove("a.txt")).status, 404);
    assert.equal((await remove("")).status, 400);
    assert.equal((await get(".trash")).status, 404);
  });

  it("keeps what was deleted for 30 days", async () => {
    const day = 24 * 3600 * 1000;
    const stamp = (days: number): string =>
      new Date(Date.now() - days * day).toISOString().replaceAll(":", "-");
    for (const name of [stamp(31), stamp(29), "put here by hand"]) {
      mkdirSync(inRoot(`.trash/${name}`), { recursive: true });
    }
    await emptyOldTrash(new Confinement(test.root));
    const [kept, other, ...more] = readdirSync(inRoot(".trash")).sort();
    assert.deepEqual([kept.slice(0, 10), other, more], [stamp(29).slice(0, 10), "put here by hand", []]);
  });

  it("splits and joins the texts of attachments too", async () => {
    const cell = {
      id: "m",
      cell_type: "markdown",
      source: "![a](attachment:a.svg)",
      metadata: {},
      attachments: { "a.svg": { "image/svg+xml": "<svg>\n</svg>" } },
    };
    const content = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
    await put("n.ipynb", { type: "notebook", content });
    assert.deepEqual(JSON.parse(read("n.ipynb")).cells[0].attachments["a.svg"]["image/svg+xml"], [
      "<svg>\n",
      "</svg>",
    ]);
    assert.deepEqual((await get("n.ipynb")).json.content, content);
  });

  it("deletes a link and not what it leads to", async () => {
    mkdirSync(inRoot("sub"));
    write("sub/b.txt", "b");
    symlinkSync("sub", inRoot("link"));
    assert.equal((await remove("link")).status, 204);
    assert.equal(read("sub/b.txt"), "b");
  });

  it("saves through a link inside the folder, keeping the link", async () => {
    write("real.txt", "old");
    symlinkSync("real.txt", inRoot("link.txt"));
    assert.equal((await put("link.txt", text("new"))).status, 200);
    assert.equal(read("real.txt"), "new");
  });

  it("makes the first checkpoints of a folder at once", async () => {
    const names = Array.from({ length: 10 }, (_, i) => `${i}.txt`);
    mkdirSync(inRoot("new"));
    for (const name of names) write(`new/${name}`, name);
    const checkpoints = new Checkpoints(new Confinement(realpathSync(test.root)));
    await Promise.all(names.map((name) => checkpoints.create(`new/${name}`)));
    for (const name of names) assert.equal(read(`new/.ipynb_checkpoints/${name[0]}-checkpoint.txt`), name);
  });

  it("keeps, lists, restores and deletes a checkpoint, which follows its file", async () => {
    write("a.txt", "one");
    const points = "a.txt/checkpoints";
    assert.deepEqual((await get(points)).json, []);
    const made = await post(points, undefined);
    assert.equal(made.status, 201);
    assert.equal(made.json.id, "checkpoint");
    await put("a.txt", text("two"));
    assert.deepEqual((await get(points)).json, [made.json]);
    assert.equal((await post(`${points}/checkpoint`, undefined)).status, 204);
    assert.equal(read("a.txt"), "one");
    assert.equal((await post(`${points}/other`, undefined)).status, 404);
    await patch("a.txt", "b.txt");
    assert.equal((await get("b.txt/checkpoints")).json.length, 1);
    assert.equal(read(".ipynb_checkpoints/b-checkpoint.txt"), "one");
    assert.equal((await remove("b.txt/checkpoints/checkpoint")).status, 204);
    assert.equal((await remove("b.txt/checkpoints/checkpoint")).status, 404);
    assert.deepEqual((await get("b.txt/checkpoints")).json, []);
    mkdirSync(inRoot("sub"));
    assert.equal((await post("sub/checkpoints", undefined)).status, 400);
  });

  it("collects an upload in chunks, and shows the file when it is whole", async () => {
    write("big.bin", "old");
    const chunk = (number: number, bytes: string): unknown => ({
      type: "file",
      format: "base64",
      name: "big.bin",
      chunk: number,
      content: Buffer.from(bytes).toString("base64"),
    });
    const first = await put("big.bin", chunk(1, "aaaa"));
    assert.deepEqual([first.status, first.json.path, first.json.size], [200, "big.bin", 4]);
    assert.equal((await put("big.bin", chunk(2, "bbbb"))).json.size, 8);
    assert.equal(read("big.bin"), "old");
    assert.deepEqual(
      (await get("")).json.content.map((entry: { name: string }) => entry.name),
      ["big.bin"],
    );
    assert.equal((await put("big.bin", chunk(-1, "cc"))).json.size, 10);
    assert.equal(read("big.bin"), "aaaabbbbcc");
    const lost = await put("big.bin", chunk(5, "x"));
    assert.equal(lost.status, 400);
    assert.match(lost.json.message, /does not follow the one before; upload the file again/);
    await put("new.bin", chunk(1, "x"));
    assert.equal((await put("new.bin", chunk(3, "x"))).status, 400);
    assert.equal((await put("new.bin", chunk(-1, "x"))).status, 400);
    for (const bad of [0, -2, 1.5, "1"]) {
      assert.equal((await put("new.bin", { ...(chunk(1, "x") as object), chunk: bad })).status, 400);
    }
    assert.deepEqual(readdirSync(test.root), ["big.bin"], "no temporary is left");
  });

  it("refuses to replace a read-only file", async function () {
    needs(this, process.getuid?.() !== 0, "run the tests as an ordinary user, not as root");
    write("r.txt", "old");
    chmodSync(inRoot("r.txt"), 0o444);
    const { status, json } = await put("r.txt", text("new"));
    assert.equal(status, 403);
    assert.match(json.message, /r\.txt is read-only/);
    assert.equal((await get("r.txt")).json.writable, false);
    assert.equal(read("r.txt"), "old");
  });

  it("downloads with ranges, ETag and a name", async () => {
    write("däta 'x'.txt", "0123456789");
    const target = `/files/${encodeURIComponent("däta 'x'.txt")}`;
    const whole = await test.ask(`${target}?download=1`);
    assert.equal(whole.text, "0123456789");
    assert.equal(
      whole.headers["content-disposition"],
      "attachment; filename*=UTF-8''d%C3%A4ta%20%27x%27.txt",
    );
    const range = (value: string): Promise<Answer> => test.ask(target, { headers: { Range: value } });
    assert.deepEqual([(await range("bytes=2-4")).status, (await range("bytes=2-4")).text], [206, "234"]);
    assert.equal((await range("bytes=2-4")).headers["content-range"], "bytes 2-4/10");
    assert.equal((await range("bytes=-3")).text, "789");
    assert.equal((await range("bytes=8-")).text, "89");
    assert.equal((await range("bytes=8-99")).text, "89");
    assert.equal((await range("bytes=10-")).status, 416);
    assert.equal((await range("bytes=0-1,3-4")).text, "0123456789");
    assert.equal((await range("lines=1-2")).status, 200);
    const cached = await test.ask(target, { headers: { "If-None-Match": String(whole.headers.etag) } });
    assert.equal(cached.status, 304);
    const head = await test.ask(target, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers["content-length"], head.text], [200, "10", ""]);
    write("empty.txt", "");
    assert.deepEqual(
      [(await test.ask("/files/empty.txt")).status, (await test.ask("/files/empty.txt")).text],
      [200, ""],
    );
    mkdirSync(inRoot("sub"));
    assert.equal((await test.ask("/files/sub")).status, 400);
  });

  it("finds the file that a traceback names, if it is inside", async () => {
    write("a.ts", "a");
    const resolve = async (given: string): Promise<unknown> =>
      (await test.ask(`/api/resolvePath?path=${encodeURIComponent(given)}`)).json.resolved;
    assert.deepEqual(await resolve("a.ts"), [{ scope: "server", path: "a.ts" }]);
    assert.deepEqual(await resolve(inRoot("a.ts")), [{ scope: "server", path: "a.ts" }]);
    assert.deepEqual(await resolve("/etc/passwd"), []);
    assert.deepEqual(await resolve("../outside"), []);
    assert.deepEqual(await resolve(""), [{ scope: "server", path: "" }]);
  });
});
