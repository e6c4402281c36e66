import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { needs } from "../../hooks.ts";
import { TestServer, temporaryFolder } from "./helpers.ts";

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
