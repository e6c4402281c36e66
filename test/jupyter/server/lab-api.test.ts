import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { userFolders } from "../../../src/jupyter/files/user-folders.ts";
import { readBundle } from "../../../src/jupyter/server/page.ts";
import { type RunningServer, startServer } from "../../../src/jupyter/server/server.ts";
import { TestServer, temporaryFolder, testFolders } from "./helpers.ts";

const themes = "@jupyterlab/apputils-extension:themes";

describe("server for JupyterLab", () => {
  let test: TestServer;
  let folder: string;
  before(async () => {
    folder = temporaryFolder("bundle");
    mkdirSync(path.join(folder, "chunks"));
    writeFileSync(path.join(folder, "main.js"), "start()");
    writeFileSync(path.join(folder, "chunks", "a-ABCD1234.js"), "chunk()");
    writeFileSync(
      path.join(folder, "schemas.json"),
      JSON.stringify({
        [themes]: { version: "4", schema: { title: "Theme" } },
        "x:y": { version: "1", schema: {} },
      }),
    );
    writeFileSync(
      path.join(folder, "page-options.json"),
      JSON.stringify({ appName: "Unrolled", appVersion: "4.6.4" }),
    );
    symlinkSync("/etc", path.join(folder, "etc"));
    test = await TestServer.start({ bundle: await readBundle(folder) });
  });
  after(() => test.stop());

  const page = async (target: string): Promise<Record<string, string>> => {
    const { status, text, headers } = await test.ask(target);
    assert.equal(status, 200, target);
    assert.match(String(headers["content-type"]), /^text\/html/);
    return JSON.parse(
      /<script id="jupyter-config-data" type="application\/json">(.*)<\/script>/.exec(text)?.[1] ?? "",
    );
  };

  it("serves one page for all addresses of documents, layouts and modes", async () => {
    const cases: [string, string, string, string][] = [
      ["/lab", "default", "", "multiple-document"],
      ["/lab/", "default", "", "multiple-document"],
      ["/lab/tree/a%20b/%C3%A9.ipynb", "default", "a b/é.ipynb", "multiple-document"],
      ["/lab/tree", "default", "", "multiple-document"],
      ["/lab/workspaces/auto-x", "auto-x", "", "multiple-document"],
      ["/lab/workspaces/w/tree/a/b.md?reset", "w", "a/b.md", "multiple-document"],
      ["/doc/tree/a.ipynb", "default", "a.ipynb", "single-document"],
    ];
    for (const [target, workspace, treePath, mode] of cases) {
      const options = await page(target);
      assert.deepEqual(
        [options["workspace"], options["treePath"], options["mode"]],
        [workspace, treePath, mode],
        target,
      );
      assert.deepEqual(
        [options["appName"], options["baseUrl"], options["fullStaticUrl"]],
        ["Unrolled", "/", "/static"],
      );
      assert.equal("token" in options, false);
    }
    assert.equal((await test.ask("/")).headers.location, "/lab");
    assert.equal((await test.ask("/lab/tree/%zz")).status, 400);
    assert.equal((await test.ask("/labyrinth")).status, 404);
  });

  it("lets no address break out of the page", async () => {
    const evil = "</script><script>alert(1)</script>";
    const { text } = await test.ask(`/lab/tree/${encodeURIComponent(evil)}`);
    assert.equal(text.match(/<script/g)?.length, 2, "the options and main.js");
    assert.equal((await page(`/lab/tree/${encodeURIComponent(evil)}`))["treePath"], evil);
  });

  it("allows the page no script but the bundle's, and no other host", async () => {
    const { headers } = await test.ask("/lab");
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /(^|; )default-src 'none'(;|$)/);
    assert.match(policy, /(^|; )script-src 'self'(;|$)/);
    assert.match(policy, /(^|; )frame-ancestors 'none'(;|$)/);
    assert.match(policy, new RegExp(`connect-src 'self' ws://127\\.0\\.0\\.1:${test.server.port}(;|$)`));
    assert.doesNotMatch(policy, /unsafe-eval|https?:|\*/);
    assert.equal(headers["cache-control"], "no-store");
  });

  it("serves the bundle's files and nothing beside them", async () => {
    const main = await test.ask("/static/main.js");
    assert.deepEqual([main.status, main.text, main.headers["cache-control"]], [200, "start()", "no-cache"]);
    assert.match(String(main.headers["content-type"]), /^text\/javascript/);
    const chunk = await test.ask("/static/chunks/a-ABCD1234.js");
    assert.equal(chunk.headers["cache-control"], "max-age=31536000, immutable");
    for (const target of ["etc/passwd", "..%2fsecret", "nothing.js", "%2e%2e/x", ".hidden"]) {
      assert.equal((await test.ask(`/static/${target}`)).status, 404, target);
    }
  });

  it("keeps settings in the user's folder, and gives each plugin's with its schema", async () => {
    const target = `/lab/api/settings/${themes}`;
    const fresh = (await test.ask(target)).json;
    assert.deepEqual(fresh, {
      id: themes,
      raw: "{}",
      schema: { title: "Theme" },
      settings: {},
      version: "4",
      created: null,
      last_modified: null,
    });
    const raw = '{\n  // dark\n  "theme": "JupyterLab Dark", /* } */\n}';
    assert.equal((await test.ask(target, { method: "PUT", body: { raw } })).status, 204);
    assert.equal((await test.ask(`/lab/api/settings/${encodeURIComponent(themes)}`)).json.raw, raw);
    const file = path.join(
      test.base,
      "config/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings",
    );
    assert.equal(readFileSync(file, "utf8"), raw);
    const list = (await test.ask("/lab/api/settings")).json.settings;
    assert.deepEqual(
      list.map(({ id }: { id: string }) => id),
      [themes, "x:y"],
    );
    assert.equal(list[0].raw, raw);
    assert.deepEqual((await test.ask("/lab/api/settings?ids_only=true")).json, {
      settings: [{ id: themes }, { id: "x:y" }],
    });
  });

  it("refuses settings of no plugin, and texts that are none", async () => {
    const put = (id: string, body: unknown) => test.ask(`/lab/api/settings/${id}`, { method: "PUT", body });
    for (const id of [
      "no:such",
      "__proto__",
      "constructor",
      "..%2f..%2fx:y",
      "@jupyterlab/apputils-extension:../../x",
    ]) {
      assert.equal((await put(id, { raw: "{}" })).status, 404, id);
      assert.equal((await test.ask(`/lab/api/settings/${id}`)).status, 404, id);
    }
    assert.equal((await put("x:y", {})).status, 400);
    assert.equal((await put("x:y", { raw: "[]" })).status, 400);
    assert.equal((await put("x:y", { raw: "{" })).status, 400);
    assert.equal((await put("x:y", { raw: 1 })).status, 400);
  });

  it("shows damaged settings as empty ones instead of keeping JupyterLab from starting", async () => {
    const file = path.join(test.base, "config/lab/user-settings/x/y.jupyterlab-settings");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{"a": 1');
    assert.equal((await test.ask("/lab/api/settings/x:y")).json.raw, "{}");
  });

  it("keeps layouts apart for each served folder", async () => {
    const target = "/lab/api/workspaces/default";
    assert.deepEqual((await test.ask(target)).json, { data: {}, metadata: { id: "default" } });
    const layout = { data: { "layout:x": { a: 1 } }, metadata: { id: "default" } };
    assert.equal((await test.ask(target, { method: "PUT", body: layout })).status, 204);
    const { data, metadata } = (await test.ask(target)).json;
    assert.deepEqual([data, metadata.id, typeof metadata.last_modified], [layout.data, "default", "string"]);
    assert.deepEqual((await test.ask("/lab/api/workspaces")).json.workspaces.ids, ["default"]);
    const other: RunningServer = await startServer({
      root: folder,
      port: 0,
      kernelspecs: { list: async () => [], defaultName: "none" },
      folders: testFolders(test.base),
    });
    const response = await fetch(`${other.origin}${target}`, {
      headers: { Authorization: `token ${other.token}` },
    });
    assert.deepEqual(await response.json(), { data: {}, metadata: { id: "default" } });
    await other.close();
    assert.equal((await test.ask(target, { method: "DELETE" })).status, 204);
    assert.equal((await test.ask(target, { method: "DELETE" })).status, 404);
  });

  it("keeps layouts of strange names in its own folder, and refuses what is no layout", async () => {
    const ids = ["../../../../escape", "/a/b", "é😀", "a".repeat(500), "__proto__", "a-b", "a b"];
    for (const id of ids) {
      const target = `/lab/api/workspaces/${encodeURIComponent(id)}`;
      const body = { data: { id }, metadata: { id } };
      assert.equal((await test.ask(target, { method: "PUT", body })).status, 204, id);
      assert.deepEqual((await test.ask(target)).json.data, { id }, id);
    }
    const [key] = readdirSync(path.join(test.base, "config/lab/workspaces"));
    assert.equal(readdirSync(path.join(test.base, "config/lab/workspaces", key)).length, ids.length);
    for (const body of [
      {},
      { data: {} },
      { data: {}, metadata: { id: "other" } },
      { data: 1, metadata: { id: "x" } },
    ]) {
      assert.equal((await test.ask("/lab/api/workspaces/x", { method: "PUT", body })).status, 400);
    }
  });

  it("answers the small questions of a front end", async () => {
    assert.equal((await test.ask("/api")).json.version, "2.17.0");
    const me = (await test.ask("/api/me")).json;
    for (const field of ["username", "name", "display_name", "initials"])
      assert.equal(typeof me.identity[field], "string");
    const status = (await test.ask("/api/status")).json;
    assert.deepEqual([status.kernels, status.connections], [0, 0]);
    assert.equal((await test.ask("/lab/api/translations")).json.data.en.displayName, "English");
    assert.deepEqual((await test.ask("/lab/api/translations/de_DE")).json, { data: {}, message: "" });
    assert.equal((await test.ask("/api/terminals")).status, 404);
    assert.match((await test.ask("/api/terminals")).json.message, /nothing is served at \/api\/terminals/);
    assert.deepEqual((await test.ask("/api/kernelspecs")).json, { default: "none", kernelspecs: {} });
    assert.deepEqual((await test.ask("/api/nbconvert")).json, {});
  });

  it("serves the logos of kernelspecs, and nothing else of their folders", async () => {
    const resources = temporaryFolder("kernelspec");
    writeFileSync(path.join(resources, "logo-64x64.png"), "png");
    writeFileSync(path.join(resources, "kernel.json"), "{}");
    const spec = { argv: ["x", "{connection_file}"], display_name: "My Kernel", language: "x" };
    const specs = [
      { name: "mine", resourceDir: resources, spec },
      { name: "plain", resourceDir: "", spec },
    ];
    const other = await TestServer.start({ specs });
    try {
      const { json } = await other.ask("/api/kernelspecs");
      assert.equal(json.default, "mine");
      assert.deepEqual(json.kernelspecs.mine, {
        name: "mine",
        spec,
        resources: { "logo-64x64": "/kernelspecs/mine/logo-64x64.png" },
      });
      assert.deepEqual(json.kernelspecs.plain.resources, {});
      assert.equal((await other.ask("/kernelspecs/mine/logo-64x64.png")).text, "png");
      for (const target of [
        "mine/kernel.json",
        "mine/..%2fx",
        "plain/logo-64x64.png",
        "nobody/logo-64x64.png",
      ]) {
        assert.equal((await other.ask(`/kernelspecs/${target}`)).status, 404, target);
      }
      assert.deepEqual((await other.ask("/api/kernelspecs/mine")).json, json.kernelspecs.mine);
      assert.equal((await other.ask("/api/kernelspecs/nobody")).status, 404);
      assert.equal((await other.ask("/api/kernels/nobody/interrupt", { method: "POST" })).status, 404);
      assert.equal((await other.ask("/api/kernels/nobody/restart", { method: "POST" })).status, 404);
      assert.equal((await other.ask("/api/sessions/nobody", { method: "DELETE" })).status, 404);
    } finally {
      await other.stop();
    }
  });

  it("keeps configuration sections, merging changes at every depth", async () => {
    const target = "/api/config/notebook";
    assert.deepEqual((await test.ask(target)).json, {});
    await test.ask(target, { method: "PUT", body: { a: { b: 1, c: 2 }, d: 3 } });
    const merged = await test.ask(target, { method: "PATCH", body: { a: { b: null, e: { f: 4 } }, d: [5] } });
    assert.deepEqual(merged.json, { a: { c: 2, e: { f: 4 } }, d: [5] });
    assert.deepEqual((await test.ask(target)).json, merged.json);
    assert.equal((await test.ask("/api/config/..%2fx", { method: "PUT", body: {} })).status, 404);
  });

  it("takes the next free port and says which, and the wanted one when it is free", async () => {
    const options = {
      root: folder,
      kernelspecs: { list: async () => [], defaultName: "none" },
      folders: testFolders(test.base),
    };
    const second = await startServer({ ...options, port: test.server.port });
    assert.notEqual(second.port, test.server.port);
    assert.equal(second.origin, `http://127.0.0.1:${second.port}`);
    const { port } = second;
    await second.close();
    const third = await startServer({ ...options, port });
    assert.equal(third.port, port);
    await third.close();
    await third.close();
    await assert.rejects(fetch(`${third.origin}/api`), "the port is closed");
  });

  it("refuses to serve a folder that is none", async () => {
    const options = {
      kernelspecs: { list: async () => [], defaultName: "none" },
      folders: testFolders(test.base),
      port: 0,
    };
    await assert.rejects(
      startServer({ ...options, root: path.join(folder, "nowhere") }),
      /the folder to serve does not exist/,
    );
    await assert.rejects(
      startServer({ ...options, root: path.join(folder, "main.js") }),
      /the folder to serve does not exist/,
    );
  });
});

describe("userFolders", () => {
  it("follows each system's customs", () => {
    assert.deepEqual(userFolders({}, "linux", "/home/a"), {
      config: "/home/a/.config/unrolled",
      data: "/home/a/.local/share/unrolled",
      cache: "/home/a/.cache/unrolled",
    });
    const xdg = { XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "relative", XDG_CACHE_HOME: "" };
    assert.deepEqual(userFolders(xdg, "linux", "/home/a"), {
      config: "/c/unrolled",
      data: "/home/a/.local/share/unrolled",
      cache: "/home/a/.cache/unrolled",
    });
    assert.equal(
      userFolders({}, "darwin", "/Users/a").config,
      "/Users/a/Library/Application Support/unrolled",
    );
    assert.equal(
      userFolders({ APPDATA: "/roaming" }, "win32", "/a").config,
      path.join("/roaming", "unrolled"),
    );
    assert.equal(userFolders({ UNROLLED_HOME: "/u" }, "linux", "/a").data, "/u/data");
  });
});
