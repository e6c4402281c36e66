import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Notebook } from "../../../src/jupyter/files/notebook-json.ts";
import { Notary } from "../../../src/jupyter/server/trust.ts";
import { TestServer, temporaryFolder } from "./helpers.ts";

const hostile = {
  output_type: "display_data",
  metadata: {},
  data: { "text/html": "<script>steal()</script>" },
};

function notebook(trusted?: boolean, outputs: object[] = [hostile]): Notebook {
  const metadata = trusted === undefined ? {} : { trusted };
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { id: "a", cell_type: "code", source: "x", metadata, execution_count: 1, outputs: outputs as never },
      { id: "b", cell_type: "markdown", source: ["# t\n", "t"], metadata: {} },
    ],
  };
}

describe("notebook trust", () => {
  let test: TestServer;
  beforeEach(async () => {
    test = await TestServer.start();
  });
  afterEach(() => test.stop());

  const open = async (name = "n.ipynb") => (await test.ask(`/api/contents/${name}`)).json.content;
  const save = (content: unknown, name = "n.ipynb") =>
    test.ask(`/api/contents/${name}`, { method: "PUT", body: { type: "notebook", content } });
  const file = (name = "n.ipynb"): string => path.join(test.root, name);

  it("does not believe a notebook that says of itself that it is trusted", async () => {
    writeFileSync(
      file(),
      JSON.stringify({ ...notebook(true), metadata: { signature: "sha256:abc", trusted: true } }),
    );
    const { cells } = await open();
    assert.equal(cells[0].metadata.trusted, false);
    assert.equal("trusted" in cells[1].metadata, false);
  });

  it("does not sign what was only opened and saved", async () => {
    writeFileSync(file(), JSON.stringify(notebook(true)));
    await save(await open());
    assert.equal((await open()).cells[0].metadata.trusted, false);
  });

  it("signs a notebook whose cells were all run or trusted here", async () => {
    await save(notebook(true));
    assert.equal(readFileSync(file(), "utf8").includes("trusted"), false);
    assert.equal((await open()).cells[0].metadata.trusted, true);
  });

  it("signs a notebook that only printed, and none with one untrusted output", async () => {
    const printed = [{ output_type: "stream", name: "stdout", text: "<b>" }];
    await save(
      notebook(undefined, [...printed, { output_type: "error", ename: "E", evalue: "", traceback: [] }]),
    );
    assert.equal((await open()).cells[0].metadata.trusted, true);
    await save(notebook(undefined, [...printed, hostile]));
    assert.equal((await open()).cells[0].metadata.trusted, false);
    await save(notebook(false, [hostile]));
    assert.equal((await open()).cells[0].metadata.trusted, false);
  });

  it("distrusts a signed notebook after any change on disk, and trusts a mere copy", async () => {
    await save(notebook(true));
    const signed = readFileSync(file(), "utf8");
    writeFileSync(file("copy.ipynb"), signed);
    assert.equal((await open("copy.ipynb")).cells[0].metadata.trusted, true);
    writeFileSync(file("compact.ipynb"), JSON.stringify(JSON.parse(signed)));
    assert.equal((await open("compact.ipynb")).cells[0].metadata.trusted, true, "white space is no change");
    for (const [from, to] of [
      ["steal", "other"],
      ['"x"', '"y"'],
      ["# t", "# s"],
      ['"a"', '"z"'],
      ["text/html", "image/svg+xml"],
    ]) {
      assert.notEqual(signed.replace(from, to), signed, from);
      writeFileSync(file(), signed.replace(from, to));
      assert.equal((await open()).cells[0].metadata.trusted, false, from);
    }
    writeFileSync(file(), signed);
    assert.equal((await open()).cells[0].metadata.trusted, true);
  });

  it("keeps key and signatures outside the served folder, for the user alone", async () => {
    await save(notebook(true));
    for (const name of ["signing-key", "signatures"]) {
      assert.equal(statSync(path.join(test.base, "data", name)).mode & 0o077, 0);
    }
    assert.equal(statSync(path.join(test.base, "data", "signing-key")).size, 64);
  });
});

describe("Notary", () => {
  it("shares its key and signatures with another server of the same user, and with nobody else", async () => {
    const folder = temporaryFolder("notary");
    await new Notary(folder).sign(notebook(true));
    assert.equal((await new Notary(folder).mark(notebook())).cells[0].metadata["trusted"], true);
    const other = temporaryFolder("other user");
    const stranger = new Notary(other);
    await stranger.mark(notebook());
    // Copying the list of signatures without the key does not help.
    writeFileSync(path.join(other, "signatures"), readFileSync(path.join(folder, "signatures")));
    assert.equal((await stranger.mark(notebook())).cells[0].metadata["trusted"], false);
  });

  it("forgets the oldest signatures when there are too many", async () => {
    const folder = temporaryFolder("many");
    const notary = new Notary(folder, 8);
    const numbered = (i: number): Notebook => ({ ...notebook(true), metadata: { i } });
    for (let i = 0; i < 9; i++) await notary.sign(numbered(i));
    const trusted = await Promise.all(
      Array.from(
        { length: 9 },
        async (_, i) => (await notary.mark(numbered(i))).cells[0].metadata["trusted"],
      ),
    );
    assert.deepEqual(trusted, [false, false, true, true, true, true, true, true, true]);
    await notary.sign(numbered(8));
    assert.equal(readFileSync(path.join(folder, "signatures"), "utf8").split("\n").length, 8, "none twice");
  });

  it("makes one key, also when it is asked at the same time", async () => {
    const folder = temporaryFolder("race");
    const notaries = Array.from({ length: 5 }, () => new Notary(folder));
    await Promise.all(notaries.map((notary) => notary.sign(notebook(true))));
    for (const notary of notaries) {
      assert.equal((await notary.mark(notebook())).cells[0].metadata["trusted"], true);
    }
    const lines = readFileSync(path.join(folder, "signatures"), "utf8").trim().split("\n");
    assert.equal(new Set(lines).size, 1);
    assert.deepEqual(readdirSync(folder).sort(), ["signatures", "signing-key"]);
  });

  it("starts anew with a damaged key, and ignores damaged lines", async () => {
    const folder = temporaryFolder("damaged");
    writeFileSync(path.join(folder, "signing-key"), "short");
    writeFileSync(path.join(folder, "signatures"), "garbage\n\0\n");
    const notary = new Notary(folder);
    await notary.sign(notebook(true));
    assert.equal((await notary.mark(notebook())).cells[0].metadata["trusted"], true);
  });
});
