import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { unrolled } from "./unrolled.ts";

describe("unrolled progress", () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "progress-")));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says that there is none yet, and where it will be", async () => {
    const env = { UNROLLED_PROGRESS: path.join(folder, "mine.json") };
    const none = await unrolled(["progress"], { env });
    assert.equal(none.code, 0, none.stderr);
    assert.match(none.stdout, /^No exercise was tried here yet: there is no .*mine\.json, where the first/);
    assert.equal(none.stdout.split("\n").length, 2);
    const off = await unrolled(["progress"], { env: { UNROLLED_PROGRESS: "off" } });
    assert.deepEqual([off.code, off.stdout], [0, "No progress is kept: UNROLLED_PROGRESS is off.\n"]);
  });

  it("lists what was reached as soon as there is a file", async () => {
    const file = path.join(folder, "progress.json");
    const exercises = { "1.1": { attempts: 2, passed: "2026-01-01T00:00:00.000Z" } };
    writeFileSync(file, JSON.stringify({ version: 1, exercises }));
    const { stdout } = await unrolled(["progress"], { env: { UNROLLED_PROGRESS: file } });
    assert.ok(stdout.startsWith(`${file}: 1 of `), stdout);
    assert.match(stdout, /\n {2}✓ 1\.1 .* 2 attempts\n/);
  });
});
