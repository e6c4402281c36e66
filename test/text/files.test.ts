import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText } from "../../src/text/index.ts";
import { needs } from "../hooks.ts";

describe("readText", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "unrolled-text-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const refuses = (path: string, message: RegExp) =>
    assert.throws(
      () => readText(path),
      (error: Error) =>
        error.name === "DataError" && error.message.startsWith(`${path}: `) && message.test(error.message),
    );

  it("reads UTF-8", () => {
    const file = join(folder, "ok.txt");
    writeFileSync(file, "\uFEFF한글\r\n");
    assert.equal(readText(file), "한글\n");
    assert.equal(readText(file, { bom: "keep", newlines: "keep" }), "\uFEFF한글\r\n");
  });

  it("names what is wrong with a path", () => {
    refuses(join(folder, "nothing.txt"), /no such file/);
    refuses(folder, /a folder, not a file/);
    writeFileSync(join(folder, "file"), "x");
    refuses(join(folder, "file", "below"), /no such file/);
    refuses(join(folder, "n".repeat(300)), /name is too long/);
  });

  it("refuses a text that is not UTF-8 by its path", () => {
    const file = join(folder, "latin1.txt");
    writeFileSync(file, Buffer.from("ok\nna\xefve\n", "latin1"));
    refuses(file, /not UTF-8 at byte 5 \(line 2\)/);
  });

  it("refuses a file of more than 512 MiB without reading it", () => {
    const file = join(folder, "large.txt");
    writeFileSync(file, "");
    truncateSync(file, 2 ** 29 + 1); // a sparse file: no disk is filled
    refuses(file, /536870913 bytes are more than one text can hold .*512 MiB/);
    truncateSync(file, 3 * 2 ** 30);
    refuses(file, /3221225472 bytes/);
  });

  it("refuses links that lead in a circle", function () {
    needs(this, process.platform !== "win32", "symbolic links need a POSIX system");
    symlinkSync(join(folder, "b"), join(folder, "a"));
    symlinkSync(join(folder, "a"), join(folder, "b"));
    refuses(join(folder, "a"), /circle/);
  });

  it("refuses a named pipe instead of waiting for it", function () {
    needs(this, process.platform !== "win32", "named pipes need a POSIX system");
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    refuses(pipe, /a named pipe, not a file/);
  });

  it("says that a file may not be read", function () {
    needs(this, process.getuid !== undefined && process.getuid() !== 0, "run as a user other than root");
    const file = join(folder, "secret.txt");
    writeFileSync(file, "x");
    chmodSync(file, 0);
    refuses(file, /permission denied/);
  });
});
