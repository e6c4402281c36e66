import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { JupyterMessage } from "../../../src/jupyter/client/message.ts";
import { OutputLimit, prepareOverflowFolder } from "../../../src/jupyter/server/output-limit.ts";
import { temporaryFolder } from "./helpers.ts";

const session = "the kernel's";
function message(type: string, content: Record<string, unknown>, parent = "cell"): JupyterMessage {
  const header = { msg_id: `${type}-id`, msg_type: type, session, username: "", date: "", version: "5.3" };
  return { channel: "iopub", header, parent_header: { msg_id: parent }, metadata: {}, content, buffers: [] };
}
const stream = (text: string, parent?: string) => message("stream", { name: "stdout", text }, parent);
const idle = (parent?: string) => message("status", { execution_state: "idle" }, parent);
const figure = (size: number) =>
  message("display_data", { data: { "text/plain": "x".repeat(size) }, metadata: {} });
const texts = (messages: JupyterMessage[]): string[] =>
  messages.map(({ content }) => String(content["text"] ?? content["execution_state"] ?? "figure"));

describe("OutputLimit", () => {
  let folder: string;
  before(() => {
    folder = temporaryFolder("overflow");
  });

  it("passes what stays within the limit, unchanged", () => {
    const limit = new OutputLimit(folder, "within", { text: 10, displays: 5000 });
    for (const one of [stream("12345"), stream("67890"), figure(100), idle()])
      assert.deepEqual(limit.pass(one), [one]);
    assert.equal(
      readdirSync(folder).some((name) => name.startsWith("within")),
      false,
    );
  });

  it("shows text up to the limit and the last lines, and keeps every character in a file", async () => {
    const limit = new OutputLimit(folder, "text", { text: 1000 });
    const all: string[] = [];
    const shown: JupyterMessage[] = [];
    for (let i = 0; i < 500; i++) {
      const line = `line ${i} ${"é😀".repeat(3)}\n`;
      all.push(line);
      shown.push(...limit.pass(stream(line)));
    }
    shown.push(...limit.pass(idle()));
    await limit.close();
    const file = path.join(folder, "text-1.txt");
    assert.equal(readFileSync(file, "utf8"), all.join(""));
    assert.equal(statSync(file).mode & 0o077, 0);
    const out = shown
      .filter(({ content }) => content["name"] === "stdout")
      .map(({ content }) => content["text"]);
    assert.equal(out.join(""), all.join("").slice(0, 1000));
    const notices = texts(shown.filter(({ content }) => content["name"] === "stderr"));
    assert.equal(notices.length, 2);
    assert.equal(
      notices[0],
      `\n[unrolled] This cell has printed more than 1.0 kB. All it prints goes to ${file}\n`,
    );
    assert.ok(notices[1].includes(`The last lines:\n${all.slice(-10).join("")}`), notices[1]);
    assert.ok(notices[1].endsWith(`[unrolled] All of it is in ${file}\n`));
    // JupyterLab discards messages of another session than the kernel's last.
    assert.ok(shown.every(({ header }) => header.session === session));
    assert.deepEqual(texts(shown).at(-1), "idle");
  });

  it("counts every cell for itself", () => {
    const limit = new OutputLimit(folder, "cells", { text: 5 });
    assert.deepEqual(texts(limit.pass(stream("12345", "a"))), ["12345"]);
    assert.deepEqual(texts(limit.pass(stream("12345", "b"))), ["12345"]);
    assert.equal(texts(limit.pass(stream("6", "a"))).length, 1);
    assert.deepEqual(texts(limit.pass(stream("", "b"))), [""]);
    return limit.close();
  });

  it("goes on limiting what a cell prints in the background after its end", async () => {
    const limit = new OutputLimit(folder, "late", { text: 5 });
    limit.pass(stream("1234567"));
    assert.equal(limit.pass(idle()).length, 2);
    assert.equal(limit.pass(idle()).length, 1, "nothing new to sum up");
    assert.deepEqual(limit.pass(stream("8")), []);
    assert.equal(limit.pass(idle()).length, 2);
    await limit.close();
    assert.equal(readFileSync(path.join(folder, "late-1.txt"), "utf8"), "12345678");
  });

  it("limits figures by their size, and keeps the further ones", async () => {
    const limit = new OutputLimit(folder, "figures", { displays: 3000 });
    const shown = [figure(1000), figure(1000), figure(1001), figure(1002)].flatMap((one) => limit.pass(one));
    assert.deepEqual(
      texts(shown).map((text) => text.slice(0, 40)),
      ["figure", "[unrolled] The figures of this cell take"],
    );
    assert.match(
      texts(limit.pass(idle()))[0],
      /^\[unrolled\] 3 figures are not shown\.\n\[unrolled\] All of it is in /,
    );
    await limit.close();
    const kept = readFileSync(path.join(folder, "figures-1.txt"), "utf8").split("\n").filter(Boolean);
    assert.deepEqual(
      kept.map((line) => JSON.parse(line).data["text/plain"].length),
      [1000, 1001, 1002],
    );
  });

  it("does not count updates of one display, which replace each other", () => {
    const limit = new OutputLimit(folder, "updates", { displays: 10 });
    const update = message("update_display_data", { data: { "text/plain": "x".repeat(100) } });
    assert.deepEqual(limit.pass(update), [update]);
  });

  it("says that output is lost, where it cannot be kept", async () => {
    const limit = new OutputLimit(path.join(folder, "nowhere"), "unkept", { text: 3 });
    let summary = "";
    // The error of opening the file arrives when it arrives.
    for (let i = 0; !summary.includes("so it is lost") && i < 10_000; i++) {
      limit.pass(stream("1234"));
      summary = texts(limit.pass(idle()))[0];
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(summary, /It could not be kept in a file \(ENOENT.*\), so it is lost\./);
  });

  it("names the file without the user's home folder", () => {
    const inHome = new OutputLimit(path.join(os.homedir(), "no-such-folder-of-unrolled"), "k", { text: 0 });
    assert.match(texts(inHome.pass(stream("a")))[0], /goes to ~[/\\]no-such-folder-of-unrolled[/\\]k-1\.txt/);
  });

  it("removes files that are older than a week", async () => {
    const old = temporaryFolder("old");
    for (const name of ["old.txt", "new.txt"]) writeFileSync(path.join(old, name), "");
    const then = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    utimesSync(path.join(old, "old.txt"), then, then);
    await prepareOverflowFolder(old);
    assert.deepEqual(readdirSync(old), ["new.txt"]);
    await prepareOverflowFolder(path.join(old, "made", "deep"));
    assert.deepEqual(readdirSync(path.join(old, "made", "deep")), []);
  });
});
