import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  isAlive,
  removeStaleTemporaries,
  writeAtomically,
} from "../../../src/jupyter/server/atomic-write.ts";
import { Generator } from "../../../src/random.ts";
import { needs } from "../../hooks.ts";
import { TestServer, temporaryFolder, uncovered } from "./helpers.ts";

describe("writeAtomically", () => {
  let folder: string;
  before(() => {
    folder = temporaryFolder("atomic");
  });

  it("writes, replaces, and leaves nothing else behind", async () => {
    const file = path.join(folder, "a.txt");
    await writeAtomically(file, "one");
    await writeAtomically(file, Buffer.from("two"));
    assert.equal(readFileSync(file, "utf8"), "two");
    assert.deepEqual(readdirSync(folder), ["a.txt"]);
  });

  it("keeps the permissions of an old file, and takes the umask for a new one", async () => {
    const file = path.join(folder, "mode.txt");
    const umask = process.umask(0o027);
    try {
      await writeAtomically(file, "one");
      assert.equal(statSync(file).mode & 0o777, 0o640);
      await writeAtomically(file, "two", { mode: 0o600 });
      await writeAtomically(file, "three");
      assert.equal(statSync(file).mode & 0o777, 0o600);
    } finally {
      process.umask(umask);
    }
  });

  it("keeps the old file when it is stopped before the rename", async () => {
    const file = path.join(folder, "kept.txt");
    await writeAtomically(file, "old");
    const beforeRename = async (): Promise<void> => {
      throw new Error("stopped");
    };
    await assert.rejects(writeAtomically(file, "new", { beforeRename }), /stopped/);
    assert.equal(readFileSync(file, "utf8"), "old");
    assert.equal(readdirSync(folder).filter((name) => name.startsWith(".~")).length, 0);
  });

  it("removes temporaries of dead writers, and those of living ones after a day", async () => {
    const own = path.join(folder, "stale");
    mkdirSync(own);
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    assert.equal(isAlive(dead), false);
    assert.equal(isAlive(process.pid), true);
    assert.equal(isAlive(1), true, "a process of somebody else lives too");
    const name = (pid: number, digit: string): string => `.~${pid}-${digit.repeat(12)}.unrolled-tmp`;
    for (const one of [
      name(dead, "a"),
      name(process.pid, "b"),
      name(process.pid, "c"),
      ".~notes.txt",
      "a.txt",
    ]) {
      writeFileSync(path.join(own, one), "x");
    }
    const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
    utimesSync(path.join(own, name(process.pid, "c")), yesterday, yesterday);
    assert.equal(await removeStaleTemporaries(own), 2);
    assert.deepEqual(readdirSync(own).sort(), [".~notes.txt", name(process.pid, "b"), "a.txt"].sort());
    assert.equal(await removeStaleTemporaries(path.join(folder, "nowhere")), 0);
  });

  // UNROLLED_KILLS=200 for a long run; each start of Node takes some tenths of a second.
  const kills = Number(process.env["UNROLLED_KILLS"] ?? 8);
  it(`leaves an old or a new file and never a part of one, killed ${kills} times at random moments`, async function () {
    this.timeout(10_000 + kills * 5_000);
    const seed = Date.now();
    const random = new Generator(seed);
    const target = path.join(folder, "killed");
    mkdirSync(target);
    const file = path.join(target, "file.txt");
    const module = pathToFileURL(path.resolve("src/jupyter/server/atomic-write.ts"));
    // Writes 2 MB of one letter after the other, for ever.
    const script = `import { writeAtomically } from ${JSON.stringify(module.href)};
      process.stdout.write("ready");
      for (let i = 0; ; i++) await writeAtomically(${JSON.stringify(file)}, String.fromCharCode(65 + (i % 26)).repeat(2e6));`;
    let writes = 0;
    for (let i = 0; i < kills; i++) {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        env: uncovered(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, random.uniform(0, 40)));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
      const names = readdirSync(target).filter((name) => !name.startsWith(".~"));
      if (names.length === 0) continue; // killed before the first rename
      writes++;
      const text = readFileSync(file, "utf8");
      assert.equal(text.length, 2_000_000, `kill ${i}, seed ${seed}`);
      assert.equal(text, text[0].repeat(2_000_000), `kill ${i}, seed ${seed}`);
    }
    assert.ok(writes > 0, `no run came as far as to write, seed ${seed}`);
    await removeStaleTemporaries(target);
    assert.deepEqual(readdirSync(target), ["file.txt"]);
  });
});

describe("saving on a full disk", () => {
  it("says so, keeps the old file, and saves again when there is room", async function () {
    const folder = temporaryFolder("full");
    const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    needs(this, mount.status === 0, "run the tests as root on Linux, to mount a small file system");
    const test = await TestServer.start({ root: folder });
    try {
      const put = (content: string) =>
        test.ask("/api/contents/a.txt", { method: "PUT", body: { type: "file", format: "text", content } });
      assert.equal((await put("old")).status, 201);
      const full = await put("x".repeat(2_000_000));
      assert.equal(full.status, 507);
      assert.match(
        full.json.message,
        /^the disk is full: a\.txt was not written, and what was there is unchanged/,
      );
      assert.equal((await test.ask("/files/a.txt")).text, "old");
      assert.deepEqual(readdirSync(folder), ["a.txt"], "the temporary is gone");
      const chunk = { type: "file", format: "text", chunk: 1, content: "x".repeat(2_000_000) };
      assert.equal((await test.ask("/api/contents/b.txt", { method: "PUT", body: chunk })).status, 507);
      assert.deepEqual(readdirSync(folder), ["a.txt"]);
      assert.equal((await put("new")).status, 200);
      assert.equal((await test.ask("/files/a.txt")).text, "new");
    } finally {
      await test.stop();
      spawnSync("umount", [folder]);
    }
  });
});
