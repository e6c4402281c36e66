import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { normaliseOutput, pathScrubber, printed } from "../../../src/jupyter/execute/normalise.ts";

describe("jupyter executor: normalised outputs", () => {
  const machine = { home: "/home/ada", temporary: "/var/folders/x1", node: "/opt/node/bin/node" };
  const scrub = pathScrubber("/srv/course/notebooks", machine);

  const texts: [string, string][] = [
    ["/srv/course/notebooks", "."],
    ["at /srv/course/notebooks/x.ts:3:1", "at ./x.ts:3:1"],
    ["file:///srv/course/notebooks/x.ts", "./x.ts"],
    ["'/home/ada/data.txt'", "'~/data.txt'"],
    ["HOME=/home/ada:/home/ada/bin", "HOME=~:~/bin"],
    ["see /home/ada.", "see ~."],
    ["\u001b[32m/home/ada/x\u001b[39m", "\u001b[32m~/x\u001b[39m"],
    ["/var/folders/x1/abc", "/tmp/abc"],
    ["run /opt/node/bin/node x", "run node x"],
    ["(/anywhere/else/node_modules/pkg/index.js:1:2)", "(node_modules/pkg/index.js:1:2)"],
    ["../node_modules/pkg/a.js", "node_modules/pkg/a.js"],
    ["file:///anywhere/node_modules/pkg/a.js", "node_modules/pkg/a.js"],
    ["/home/ada/p/node_modules/a/node_modules/b/c.js", "node_modules/b/c.js"],
    // Not ours, or no path of this machine.
    ["/home/adam/x", "/home/adam/x"],
    ["/home/ada.bak", "/home/ada.bak"],
    ["src/home/ada/x", "src/home/ada/x"],
    ["../home/ada", "../home/ada"],
    ["https://example.org/home/ada/", "https://example.org/home/ada/"],
    ["/usr/share/dict/words", "/usr/share/dict/words"],
    ["node_modules/pkg", "node_modules/pkg"],
  ];
  for (const [before, after] of texts) {
    it(`${JSON.stringify(before)} → ${JSON.stringify(after)}`, function () {
      if (process.platform === "win32") this.skip();
      assert.equal(scrub(before), after);
      assert.equal(scrub(after), after, "a second time changes nothing");
    });
  }

  it("makes paths of the project relative to the notebook, with spaces and through symbolic links", () => {
    const root = mkdtempSync(path.join(os.tmpdir(), "unrolled scrub "));
    try {
      const project = path.join(root, "my (course)");
      const notebooks = path.join(project, "notebooks");
      mkdirSync(path.join(notebooks, "solutions"), { recursive: true });
      writeFileSync(path.join(project, "package.json"), "{}");
      const link = path.join(root, "link");
      symlinkSync(project, link, "junction");
      const elsewhere = { ...machine, temporary: "/tmp" };
      const inProject = pathScrubber(path.join(link, "notebooks", "solutions"), elsewhere);
      assert.equal(inProject(`${notebooks}/solutions/a.txt`), "./a.txt");
      assert.equal(inProject(`${link}/notebooks/solutions/a.txt`), "./a.txt");
      assert.equal(inProject(`${notebooks}/a.txt`), "../a.txt");
      assert.equal(inProject(`'${project}/datasets/b.txt'`), "'../../datasets/b.txt'");
      assert.equal(inProject(`${pathToFileURL(project).href}/src/c.ts`), "../../src/c.ts");
      assert.equal(inProject(`${project}/node_modules/pkg/d.js`), "node_modules/pkg/d.js");
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it("does not take the file system's root for a home", () => {
    assert.equal(pathScrubber("/srv/x", { ...machine, home: "/" })("a / b, /etc"), "a / b, /etc");
  });

  it("reaches every text of an output, and no image", () => {
    const here = "/home/ada/x";
    assert.deepEqual(
      normaliseOutput(
        {
          output_type: "display_data",
          metadata: {},
          data: {
            "text/plain": [here, here],
            "application/json": { list: [here, 1, null], text: here },
            "image/svg+xml": `<text>${here}</text>`,
            "image/png": "AAAA /home/ada/x",
          },
        },
        scrub,
      ).data,
      {
        "text/plain": ["~/x", "~/x"],
        "application/json": { list: ["~/x", 1, null], text: "~/x" },
        "image/svg+xml": "<text>~/x</text>",
        "image/png": "AAAA /home/ada/x",
      },
    );
    assert.deepEqual(
      normaliseOutput({ output_type: "error", ename: "E", evalue: here, traceback: [`at ${here}`] }, scrub),
      { output_type: "error", ename: "E", evalue: "~/x", traceback: ["at ~/x"] },
    );
    assert.equal(
      normaliseOutput({ output_type: "stream", name: "stdout", text: ["a\rb ", here] }, scrub).text,
      "b ~/x",
    );
  });

  describe("what a terminal would show", () => {
    for (const [text, shown] of [
      ["plain\ntext\n", "plain\ntext\n"],
      ["10%\r20%\rdone\n", "done\n"],
      ["long line\rshort", "shortline"],
      ["windows\r\nlines\r\n", "windows\nlines\n"],
      ["abc\b\bX", "aXc"],
      ["\b\bx", "x"],
      ["a\nb\rc\nd", "a\nc\nd"],
      ["50%\r", "50%"],
    ]) {
      it(`${JSON.stringify(text)} → ${JSON.stringify(shown)}`, () => assert.equal(printed(text), shown));
    }
  });
});
