import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isAlive } from "../../../src/jupyter/files/alive.ts";
import { removeStaleTemporaries, writeAtomically } from "../../../src/jupyter/files/atomic-write.ts";
import { Generator } from "../../../src/random.ts";
import { temporaryFolder, uncovered } from "../server/helpers.ts";

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
    const module = pathToFileURL(path.resolve("src/jupyter/files/atomic-write.ts"));
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
