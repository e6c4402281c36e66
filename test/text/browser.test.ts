import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";

describe("text in a browser", () => {
  it("bundles without a Node module, works on texts in memory, and says why files cannot be read", async () => {
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL("../../src/text/index.ts", import.meta.url))],
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
      globalName: "text",
      logLevel: "silent",
    });
    assert.deepEqual(bundle.errors, []);
    const script = bundle.outputFiles[0].text;
    assert.ok(!/require\(["']node:/.test(script));
    const page = createContext({ TextDecoder, TextEncoder });
    const result = runInContext(
      `${script}
      const message = (f) => { try { f(); return "no error"; } catch (e) { return e.message; } };
      ({
        train: text.corpusFromText("hello world").train.length,
        korean: text.decodeUtf8(new TextEncoder().encode("한")),
        path: message(() => text.loadCorpus("./poem.txt")),
        name: message(() => text.loadCorpus("harbour")),
        file: message(() => text.readText("poem.txt")),
      })`,
      page,
    ) as Record<string, unknown>;
    assert.equal(result["train"], 9);
    assert.equal(result["korean"], "한");
    for (const what of ["path", "name", "file"]) {
      assert.match(
        String(result[what]),
        /needs Node; in a browser .*text\.decodeUtf8 and text\.corpusFromText/,
      );
    }
  });
});
