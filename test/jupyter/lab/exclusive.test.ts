import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { exclusively } from "../../../src/jupyter/lab/exclusive.ts";

describe("jupyter/lab exclusively", () => {
  let lockFile: string;

  beforeEach(async () => {
    lockFile = path.join(await mkdtemp(path.join(tmpdir(), "exclusive-")), "sub", "a.lock");
  });

  afterEach(() => rm(path.dirname(path.dirname(lockFile)), { recursive: true, force: true }));

  it("lets nobody in before the one inside has left, and says once that it waits", async () => {
    const events: string[] = [];
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let arrived = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const first = exclusively(lockFile, async () => {
      arrived();
      await held;
      events.push("first has left");
    });
    await inside;
    let waiting = 0;
    const other = (name: string): Promise<void> =>
      exclusively(
        lockFile,
        async () => void events.push(`${name} is in`),
        () => {
          if (++waiting === 2) letGo();
        },
        1,
      );
    await Promise.all([first, other("b"), other("c")]);
    assert.equal(events[0], "first has left");
    assert.deepEqual(events.slice(1).sort(), ["b is in", "c is in"]);
    assert.equal(waiting, 2);
    assert.deepEqual(await readdir(path.dirname(lockFile)), []);
  });

  it("gives the lock back when the work fails", async () => {
    const failing = exclusively(lockFile, () => Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
    assert.equal(await exclusively(lockFile, async () => 7), 7);
  });

  it("takes over the lock of a process that is no more, one at a time", async () => {
    const dead = await new Promise<number>((resolve) => {
      const child = spawn(process.execPath, ["-e", ""]);
      child.on("close", () => resolve(child.pid ?? 0));
    });
    await mkdir(path.dirname(lockFile), { recursive: true });
    await writeFile(lockFile, JSON.stringify({ id: "x", pid: dead, host: hostname() }));
    let inside = 0;
    let runs = 0;
    const work = async (): Promise<void> => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      runs++;
    };
    await Promise.all([1, 2, 3, 4].map(() => exclusively(lockFile, work, undefined, 1)));
    assert.equal(runs, 4);
  });
});
