import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type * as Services from "@jupyterlab/services";
import { resolveKernelSpec } from "../../../src/jupyter/kernelspec/index.ts";
import { TestServer } from "./helpers.ts";
import { type Kernel, printed, run, services, settingsFor, silenceClient } from "./lab-client.ts";

const {
  ContentsManager,
  KernelManager,
  KernelSpecManager,
  SessionManager,
  SettingManager,
  WorkspaceManager,
} = services;

describe("server with @jupyterlab/services as its client", () => {
  silenceClient();
  let test: TestServer;
  let serverSettings: Services.ServerConnection.ISettings;
  before(async () => {
    const bundle = {
      folder: process.cwd(),
      options: {},
      schemas: {
        "@jupyterlab/notebook-extension:tracker": { version: "4.6.4", schema: { title: "Notebook" } },
      },
    };
    test = await TestServer.start({ specs: [await resolveKernelSpec("unrolled")], bundle });
    serverSettings = settingsFor(test);
  });
  after(() => test.stop());

  it("does the whole life of a file: new, save, get, rename, copy, checkpoint, delete", async () => {
    const contents = new ContentsManager({ defaultDrive: new services.Drive({ serverSettings }) });
    const made = await contents.newUntitled({ path: "", type: "notebook" });
    assert.deepEqual([made.path, made.type], ["Untitled.ipynb", "notebook"]);
    const notebook = (await contents.get(made.path, {
      type: "notebook",
      content: true,
      hash: true,
    })) as Services.Contents.IModel;
    assert.deepEqual([notebook.format, notebook.content.nbformat, notebook.hash?.length], ["json", 4, 64]);
    notebook.content.cells.push({ id: "a", cell_type: "markdown", source: "# Ä", metadata: {} });
    const saved = await contents.save(made.path, {
      type: "notebook",
      format: "json",
      content: notebook.content,
    });
    const after = await contents.get(made.path, { content: false, hash: true });
    assert.equal(saved.last_modified, after.last_modified);
    assert.notEqual(after.hash, notebook.hash);
    const point = await contents.createCheckpoint(made.path);
    await contents.save(made.path, {
      type: "notebook",
      format: "json",
      content: { ...notebook.content, cells: [] },
    });
    assert.deepEqual(await contents.listCheckpoints(made.path), [point]);
    await contents.restoreCheckpoint(made.path, point.id);
    assert.equal((await contents.get(made.path, { content: true })).content.cells.length, 1);
    await contents.deleteCheckpoint(made.path, point.id);
    const folder = await contents.newUntitled({ type: "directory" });
    const renamed = await contents.rename(made.path, `${folder.path}/größe #1.ipynb`);
    assert.equal(renamed.path, "Untitled Folder/größe #1.ipynb");
    const copy = await contents.copy(renamed.path, "");
    assert.equal(copy.path, "größe #1-Copy1.ipynb");
    assert.deepEqual(
      (await contents.get("", { content: true })).content.map(({ name }: { name: string }) => name).sort(),
      ["Untitled Folder", "größe #1-Copy1.ipynb"],
    );
    const url = await contents.getDownloadUrl(copy.path);
    const download = await fetch(url, { headers: { Authorization: `token ${test.server.token}` } });
    assert.equal(await download.text(), readFileSync(path.join(test.root, copy.path), "utf8"));
    await contents.delete(copy.path);
    await contents.delete(folder.path);
    assert.deepEqual((await contents.get("", { content: true })).content, []);
    await assert.rejects(contents.get("nothing.txt"), /no such file or folder: nothing\.txt/);
    await assert.rejects(contents.get(".hidden/x.txt"), /no such file or folder/);
    contents.dispose();
  });

  it("uploads in chunks as the file browser does", async () => {
    const contents = new ContentsManager({ defaultDrive: new services.Drive({ serverSettings }) });
    const parts = ["a".repeat(1 << 20), "b".repeat(1 << 20), "c"];
    for (const [i, part] of parts.entries()) {
      const chunk = i === parts.length - 1 ? -1 : i + 1;
      const content = Buffer.from(part).toString("base64");
      await contents.save("up.txt", { type: "file", format: "base64", name: "up.txt", chunk, content });
    }
    assert.equal(readFileSync(path.join(test.root, "up.txt"), "utf8"), parts.join(""));
    await contents.delete("up.txt");
    contents.dispose();
  });

  it("lists kernelspecs, keeps settings and layouts, and knows the user", async () => {
    const specs = new KernelSpecManager({ serverSettings });
    await specs.ready;
    assert.equal(specs.specs?.default, "unrolled");
    assert.equal(specs.specs?.kernelspecs["unrolled"]?.language, "typescript");
    specs.dispose();
    const settings = new SettingManager({ serverSettings });
    const id = "@jupyterlab/notebook-extension:tracker";
    await settings.save(id, '{"x": 1}');
    assert.equal((await settings.fetch(id))?.raw, '{"x": 1}');
    assert.deepEqual((await settings.list()).ids, [id]);
    const workspaces = new WorkspaceManager({ serverSettings });
    await workspaces.save("w", { data: { a: 1 }, metadata: { id: "w" } });
    assert.deepEqual((await workspaces.fetch("w")).data, { a: 1 });
    assert.deepEqual((await workspaces.list()).ids, ["w"]);
    await workspaces.remove("w");
    assert.deepEqual((await workspaces.list()).ids, []);
    // UserManager itself needs a browser's localStorage.
    const user = await new services.UserAPI.UserAPIClient({ serverSettings }).get();
    assert.equal(user.identity.username, "learner");
  });

  describe("and a kernel", function () {
    this.timeout(120_000);
    let kernels: Services.KernelManager;
    let sessions: Services.SessionManager;
    before(async () => {
      kernels = new KernelManager({ serverSettings });
      sessions = new SessionManager({ kernelManager: kernels, serverSettings });
      await sessions.ready;
    });
    after(() => {
      sessions.dispose();
      kernels.dispose();
    });

    const open = async (
      documentPath: string,
    ): Promise<Services.Session.ISessionConnection & { kernel: Kernel }> => {
      const session = await sessions.startNew({
        path: documentPath,
        type: "notebook",
        name: documentPath,
        kernel: { name: "unrolled" },
      });
      return session as typeof session & { kernel: Kernel };
    };

    it("runs code, completes and inspects, in the folder of the notebook", async () => {
      mkdirSync(path.join(test.root, "sub"));
      writeFileSync(path.join(test.root, "sub", "n.ipynb"), "{}");
      const session = await open("sub/n.ipynb");
      const { kernel } = session;
      const info = await kernel.info;
      assert.equal(info.language_info.name, "typescript");
      const first = await run(kernel, 'console.log("hello"); 6 * 7');
      assert.deepEqual(
        first.outputs.map(({ type }) => type),
        ["status", "execute_input", "stream", "execute_result", "status"],
      );
      assert.equal(printed(first.outputs), "hello\n");
      assert.deepEqual(first.outputs[3].content["data"], { "text/plain": "42" });
      assert.equal(first.reply["status"], "ok");
      const cwd = await run(kernel, "console.log(process.cwd(), process.env.JPY_SESSION_NAME)");
      const folder = path.join(test.root, "sub");
      assert.equal(printed(cwd.outputs), `${folder} ${path.join(folder, "n.ipynb")}\n`);
      const failed = await run(kernel, 'throw new Error("no")');
      assert.equal(failed.reply["status"], "error");
      assert.deepEqual(
        failed.outputs.filter(({ type }) => type === "error").map(({ content }) => content["evalue"]),
        ["no"],
      );
      const code = "const alphabet = 1; alpha";
      const completion = await kernel.requestComplete({ code, cursor_pos: code.length });
      assert.ok((completion.content as { matches: string[] }).matches.includes("alphabet"));
      const inspection = await kernel.requestInspect({ code: "Math.max", cursor_pos: 7, detail_level: 0 });
      assert.equal((inspection.content as { found: boolean }).found, true);
      assert.deepEqual((await sessions.running()[Symbol.iterator]().next()).value?.path, "sub/n.ipynb");
      await session.shutdown();
      assert.equal((await test.ask("/api/kernels")).json.length, 0);
    });

    it("interrupts and restarts, and never says that a restarted kernel died", async () => {
      const session = await open("restart.ipynb");
      const { kernel } = session;
      const statuses: string[] = [];
      kernel.statusChanged.connect((_sender, status) => void statuses.push(status));
      await run(kernel, "let kept = 1");
      const endless = run(kernel, 'console.log("busy"); while (true) {}');
      await new Promise<void>((resolve) => {
        kernel.iopubMessage.connect((_sender, { header }) => header.msg_type === "stream" && resolve());
      });
      await kernel.interrupt();
      assert.equal((await endless).reply["status"], "error");
      assert.equal((await run(kernel, "kept")).reply["status"], "ok");
      await kernel.restart();
      await kernel.info;
      const lost = await run(kernel, "kept");
      assert.equal(lost.reply["status"], "error", "the variables are gone");
      assert.equal((await run(kernel, "1")).reply["execution_count"], 2);
      assert.equal(statuses.includes("autorestarting"), false, statuses.join(" "));
      assert.equal(statuses.includes("dead"), false);
      await session.shutdown();
    });

    it("shows one kernel in two tabs, each with its own replies and all outputs", async () => {
      const session = await open("shared.ipynb");
      const again = await open("shared.ipynb");
      assert.equal(again.kernel.id, session.kernel.id);
      const seen: string[] = [];
      again.kernel.iopubMessage.connect((_sender, { header, content }) => {
        if (header.msg_type === "stream") seen.push((content as { text: string }).text);
      });
      await again.kernel.info;
      const mine = await run(session.kernel, 'console.log("from the first")');
      assert.equal(printed(mine.outputs), "from the first\n");
      const theirs = await run(again.kernel, 'console.log("from the second")');
      assert.equal(printed(theirs.outputs), "from the second\n");
      assert.deepEqual(seen, ["from the first\n", "from the second\n"]);
      assert.equal((await test.ask(`/api/kernels/${session.kernel.id}`)).json.connections, 2);
      await session.shutdown();
    });

    it("moves a session to a new path and to a new kernel", async () => {
      const session = await open("old.ipynb");
      await session.setPath("new.ipynb");
      await session.setName("new.ipynb");
      assert.equal((await test.ask(`/api/sessions/${session.id}`)).json.path, "new.ipynb");
      const before = session.kernel.id;
      const kernel = await session.changeKernel({ name: "unrolled" });
      assert.notEqual(kernel?.id, before);
      assert.deepEqual(
        (await test.ask("/api/kernels")).json.map(({ id }: { id: string }) => id),
        [kernel?.id],
      );
      await session.shutdown();
    });

    it("takes input from the tab that ran the cell, where the kernel asks for it", async () => {
      const session = await open("input.ipynb");
      const future = session.kernel.requestExecute({ code: "1 + 1", allow_stdin: true });
      future.onStdin = () => assert.fail("nothing was asked");
      assert.equal((await future.done).content.status, "ok");
      await session.shutdown();
    });

    it("says which kernels there are when the wanted one is not installed", async () => {
      const wanted = { path: "x.ipynb", type: "notebook", name: "x", kernel: { name: "haskell" } };
      await assert.rejects(
        sessions.startNew(wanted),
        /the kernel "haskell" is not installed\. There is: unrolled/,
      );
      await assert.rejects(kernels.startNew({ name: "haskell" }), /is not installed/);
    });
  });
});
