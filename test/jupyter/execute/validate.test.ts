import assert from "node:assert/strict";
import { findProblem, NotebookError, parseNotebookFile } from "../../../src/jupyter/execute/index.ts";

/** A valid notebook with everything that format 4.5 knows. */
const full = () => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: "unrolled", display_name: "TypeScript", language: "typescript" },
    language_info: {
      name: "typescript",
      version: "5",
      codemirror_mode: { name: "javascript" },
      mimetype: "x",
    },
    title: "t",
    authors: [{ name: "Ada" }],
    anything: { goes: ["here"] },
  },
  cells: [
    {
      cell_type: "markdown",
      id: "m-1",
      metadata: { tags: ["a", "b"] },
      source: ["# T\n", "x"],
      attachments: { f: {} },
    },
    { cell_type: "raw", id: "r_1", metadata: { format: "text/latex", name: "n" }, source: "raw" },
    {
      cell_type: "code",
      id: "c1",
      metadata: { collapsed: true, scrolled: "auto", execution: { "shell.execute_reply": "2026-01-01" } },
      source: "1",
      execution_count: 1,
      outputs: [
        { output_type: "stream", name: "stdout", text: ["a\n", "b"] },
        {
          output_type: "display_data",
          data: { "text/plain": "x", "application/json": [1, { a: 2 }] },
          metadata: {},
        },
        {
          output_type: "execute_result",
          data: { "application/x+json": 1 },
          metadata: {},
          execution_count: null,
        },
        { output_type: "error", ename: "E", evalue: "v", traceback: ["a", "b"] },
      ],
    },
  ],
});
type Loose = Record<string, never> & { cells: Record<string, never>[] };

describe("jupyter executor: the rules of notebook format 4", () => {
  it("accept everything that the format knows", () => {
    assert.equal(findProblem(full()), undefined);
    assert.equal(findProblem({ nbformat: 4, nbformat_minor: 0, metadata: {}, cells: [] }), undefined);
  });

  const wrong: [string, (nb: Loose) => unknown, string][] = [
    ["a list", () => [], "the notebook must be an object"],
    ["null", () => null, "the notebook must be an object"],
    ["no cells", (nb) => delete (nb as Partial<Loose>).cells, 'the notebook has no "cells"'],
    ["cells that are none", (nb) => (nb.cells = {} as never), "the notebook.cells must be a list"],
    ["format 3", (nb) => (nb["nbformat"] = 3 as never), "the notebook.nbformat must be 4"],
    [
      "a broken minor",
      (nb) => (nb["nbformat_minor"] = 1.5 as never),
      "the notebook.nbformat_minor must be a whole number ≥ 0",
    ],
    ["a field too many", (nb) => (nb["extra"] = 1 as never), 'the notebook has an unknown field "extra"'],
    [
      "a kernelspec without name",
      (nb) => delete (nb["metadata"]["kernelspec"] as { name?: string }).name,
      'the notebook.metadata.kernelspec has no "name"',
    ],
    [
      "a cell of no type",
      (nb) => (nb.cells[0]["cell_type"] = "note" as never),
      'cell 1: cell_type must be "code" or "markdown" or "raw"',
    ],
    ["a cell that is a number", (nb) => (nb.cells[1] = 7 as never), "cell 2 must be an object"],
    ["a cell without id", (nb) => delete (nb.cells[1] as { id?: string }).id, 'cell 2 has no "id"'],
    [
      "an id with a space",
      (nb) => (nb.cells[1]["id"] = "a b" as never),
      "cell 2.id must be 1 to 64 letters, digits, - or _",
    ],
    [
      "an id too long",
      (nb) => (nb.cells[1]["id"] = "x".repeat(65) as never),
      "cell 2.id must be 1 to 64 letters, digits, - or _",
    ],
    ["an id twice", (nb) => (nb.cells[2]["id"] = "m-1" as never), 'cell 3 has the same id as cell 1: "m-1"'],
    [
      "outputs in a text cell",
      (nb) => (nb.cells[0]["outputs"] = [] as never),
      'cell 1 has an unknown field "outputs"',
    ],
    [
      "no outputs in a code cell",
      (nb) => delete (nb.cells[2] as { outputs?: [] }).outputs,
      'cell 3 has no "outputs"',
    ],
    [
      "a source of numbers",
      (nb) => (nb.cells[0]["source"] = [1] as never),
      "cell 1.source must be a string or a list of strings",
    ],
    [
      "a tag with a comma",
      (nb) => (nb.cells[0]["metadata"] = { tags: ["a,b"] } as never),
      "cell 1.metadata.tags must be a list of tags, which are not empty and hold no comma",
    ],
    [
      "a tag twice",
      (nb) => (nb.cells[0]["metadata"] = { tags: ["a", "a"] } as never),
      "cell 1.metadata.tags must be a list of different tags",
    ],
    [
      "an empty name",
      (nb) => (nb.cells[0]["metadata"] = { name: "" } as never),
      "cell 1.metadata.name must be a string, not empty",
    ],
    [
      "a negative count",
      (nb) => (nb.cells[2]["execution_count"] = -1 as never),
      "cell 3.execution_count must be a whole number ≥ 0",
    ],
    [
      "an unknown output",
      (nb) => (nb.cells[2]["outputs"][0] = { output_type: "pyout" } as never),
      'cell 3.outputs[0].output_type must be "execute_result" or "display_data" or "stream" or "error"',
    ],
    [
      "a stream without name",
      (nb) => (nb.cells[2]["outputs"][0] = { output_type: "stream", text: "" } as never),
      'cell 3.outputs[0] has no "name"',
    ],
    [
      "a text type that holds an object",
      (nb) =>
        (nb.cells[2]["outputs"][1] = {
          output_type: "display_data",
          data: { "text/plain": {} },
          metadata: {},
        } as never),
      'cell 3.outputs[1].data["text/plain"] must be a string or a list of strings',
    ],
    [
      "a traceback in one piece",
      (nb) =>
        (nb.cells[2]["outputs"][3] = {
          output_type: "error",
          ename: "",
          evalue: "",
          traceback: "x",
        } as never),
      "cell 3.outputs[3].traceback must be a list of strings",
    ],
  ];
  for (const [what, change, message] of wrong) {
    it(`refuse ${what}, and say where`, () => {
      const nb = full() as never as Loose;
      const result = change(nb);
      assert.equal(
        findProblem(
          Array.isArray(result) && result.length === 0 && what === "a list"
            ? result
            : what === "null"
              ? null
              : nb,
        ),
        message,
      );
    });
  }

  it("let fields of a newer minor version through", () => {
    const nb = { ...full(), nbformat_minor: 6, novelty: 1 };
    assert.equal(findProblem(nb), undefined);
  });
});

describe("jupyter executor: reading a notebook", () => {
  const parse = (value: unknown) =>
    parseNotebookFile(typeof value === "string" ? value : JSON.stringify(value), "n.ipynb");

  it("gives cells of older formats ids: the same in every run, different for cells alike", () => {
    const cell = (source: unknown) => ({ cell_type: "markdown", metadata: {}, source });
    const old = {
      nbformat: 4,
      nbformat_minor: 2,
      metadata: {},
      cells: [cell("a"), cell("a"), cell(["a"]), cell("b")],
    };
    const [one, two] = [parse(old), parse(old)];
    assert.deepEqual(one, two);
    assert.equal(one.nbformat_minor, 5);
    const ids = one.cells.map((each) => each.id);
    assert.equal(new Set(ids).size, 4);
    // Ids come from the cell's text: a new cell before them changes none.
    const more = parse({ ...old, cells: [cell("new"), ...old.cells] });
    assert.deepEqual(
      more.cells.slice(1).map((each) => each.id),
      ids,
    );
  });

  it("keeps ids, and mends one that was copied or is missing", () => {
    const nb = full();
    nb.cells[2].id = "m-1";
    delete (nb.cells[1] as { id?: string }).id;
    const ids = parse(nb).cells.map((cell) => cell.id);
    assert.equal(ids[0], "m-1");
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(
      parse(full()).cells.map((cell) => cell.id),
      ["m-1", "r_1", "c1"],
    );
  });

  it("reads past a byte order mark", () => {
    assert.equal(parse(`\uFEFF${JSON.stringify(full())}`).cells.length, 3);
  });

  const refused: [string, unknown, RegExp][] = [
    ["an empty file", "", /^n\.ipynb is not a notebook: it is not JSON \(it is empty\)$/],
    ["a text", "# Hello", /^n\.ipynb is not a notebook: it is not JSON \(.*token/],
    ["a number", 7, /not a valid notebook: the notebook must be an object/],
    ["null", "null", /not a valid notebook: the notebook must be an object/],
    [
      "an old format",
      { nbformat: 3, worksheets: [] },
      /has notebook format 3; format 4 is needed. Convert it: jupyter nbconvert/,
    ],
    [
      "strange cells",
      { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [null, 1, []] },
      /cell 1 must be an object/,
    ],
  ];
  for (const [what, content, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parse(content),
        (error) => error instanceof NotebookError && message.test(error.message),
      );
    });
  }
});
