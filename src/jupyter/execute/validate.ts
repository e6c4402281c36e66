/**
 * The rules of notebook format 4 (minor versions 0 to 5), stated here anew.
 * Source: nbformat.readthedocs.io, "The Notebook file format", and the changes listed for 4.1 to 4.5.
 */

type Rule = (value: unknown, at: string) => void;
type Fields = Record<string, Rule>;

/** Thrown inside this module only; the first thing that is wrong and where. */
class Invalid extends Error {}

/** @returns undefined for a valid notebook, else one sentence: where and what is wrong. */
export function findProblem(notebook: unknown): string | undefined {
  try {
    checkNotebook(notebook);
    return undefined;
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
}

const fail = (at: string, want: string): never => {
  throw new Invalid(`${at} must be ${want}`);
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text: Rule = (value, at) => void (typeof value === "string" || fail(at, "a string"));
const boolean: Rule = (value, at) => void (typeof value === "boolean" || fail(at, "true or false"));
const record: Rule = (value, at) => void (isRecord(value) || fail(at, "an object"));
const strings: Rule = (value, at) =>
  void (
    (Array.isArray(value) && value.every((one) => typeof one === "string")) ||
    fail(at, "a list of strings")
  );
/** A text, in one piece or as a list of lines. */
const multiline: Rule = (value, at) =>
  void (
    typeof value === "string" ||
    (Array.isArray(value) && value.every((line) => typeof line === "string")) ||
    fail(at, "a string or a list of strings")
  );
const atLeast =
  (least: number): Rule =>
  (value, at) =>
    void ((Number.isInteger(value) && (value as number) >= least) || fail(at, `a whole number ≥ ${least}`));
const oneOf =
  (...allowed: unknown[]): Rule =>
  (value, at) =>
    void (allowed.includes(value) || fail(at, allowed.map((one) => JSON.stringify(one)).join(" or ")));
const executionCount: Rule = (value, at) => void (value === null || atLeast(0)(value, at));

const tags: Rule = (value, at) => {
  strings(value, at);
  const list = value as string[];
  for (const tag of list)
    if (!/^[^,]+$/.test(tag)) fail(at, "a list of tags, which are not empty and hold no comma");
  if (new Set(list).size !== list.length) fail(at, "a list of different tags");
};
const name: Rule = (value, at) =>
  void ((typeof value === "string" && value !== "") || fail(at, "a string, not empty"));
const id: Rule = (value, at) =>
  void (
    (typeof value === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(value)) ||
    fail(at, "1 to 64 letters, digits, - or _")
  );

/** When the cell ran last, by event; ISO 8601. */
const timestamps: Rule = (value, at) => {
  record(value, at);
  for (const [event, time] of Object.entries(value as object)) text(time, `${at}[${JSON.stringify(event)}]`);
};

/** JSON types may hold any value; every other type holds text. */
const bundle: Rule = (value, at) => {
  record(value, at);
  for (const [type, data] of Object.entries(value as object)) {
    if (!/^application\/(.*\+)?json$/.test(type)) multiline(data, `${at}[${JSON.stringify(type)}]`);
  }
};
const attachments: Rule = (value, at) => {
  record(value, at);
  for (const [file, data] of Object.entries(value as object)) bundle(data, `${at}[${JSON.stringify(file)}]`);
};

/** Required fields, optional fields, and whether others are allowed. */
function object(value: unknown, at: string, required: Fields, optional: Fields = {}, open = false): void {
  record(value, at);
  const fields = value as Record<string, unknown>;
  for (const [key, rule] of Object.entries(required)) {
    if (!Object.hasOwn(fields, key)) throw new Invalid(`${at} has no "${key}"`);
    rule(fields[key], `${at}.${key}`);
  }
  for (const [key, field] of Object.entries(fields)) {
    if (Object.hasOwn(required, key)) continue;
    if (Object.hasOwn(optional, key)) optional[key](field, `${at}.${key}`);
    else if (!open) throw new Invalid(`${at} has an unknown field "${key}"`);
  }
}

const openObject =
  (optional: Fields, required: Fields = {}): Rule =>
  (value, at) =>
    object(value, at, required, optional, true);

const notebookMetadata = openObject({
  kernelspec: openObject({}, { name: text, display_name: text }),
  language_info: openObject(
    {
      codemirror_mode: (value, at) =>
        void (typeof value === "string" || isRecord(value) || fail(at, "a string or an object")),
      file_extension: text,
      mimetype: text,
      pygments_lexer: text,
    },
    { name: text },
  ),
  orig_nbformat: atLeast(1),
  title: text,
  authors: (value, at) => void (Array.isArray(value) || fail(at, "a list")),
});

const cellMetadata: Record<string, Rule> = {
  raw: openObject({ format: text, jupyter: record, name, tags }),
  markdown: openObject({ jupyter: record, name, tags }),
  code: openObject({
    jupyter: record,
    execution: timestamps,
    collapsed: boolean,
    scrolled: oneOf(true, false, "auto"),
    name,
    tags,
  }),
};

const outputs: Record<string, Fields> = {
  execute_result: { data: bundle, metadata: record, execution_count: executionCount },
  display_data: { data: bundle, metadata: record },
  stream: { name: text, text: multiline },
  error: { ename: text, evalue: text, traceback: strings },
};

function checkNotebook(notebook: unknown): void {
  record(notebook, "the notebook");
  const { nbformat, nbformat_minor: minor, cells } = notebook as Record<string, unknown>;
  // Fields of a minor version that is newer than this text are let through, as nbformat does.
  const open = typeof minor === "number" && minor > 5;
  object(
    notebook,
    "the notebook",
    {
      nbformat: oneOf(4),
      nbformat_minor: atLeast(0),
      metadata: notebookMetadata,
      cells: (value, at) => void (Array.isArray(value) || fail(at, "a list")),
    },
    {},
    open,
  );
  const withIds = nbformat === 4 && (minor as number) >= 5;
  const seen = new Map<string, number>();
  (cells as unknown[]).forEach((cell, i) => {
    const at = `cell ${i + 1}`;
    checkCell(cell, at, withIds, open);
    const own = (cell as { id?: string }).id;
    if (own === undefined) return;
    if (seen.has(own)) throw new Invalid(`${at} has the same id as cell ${seen.get(own)}: "${own}"`);
    seen.set(own, i + 1);
  });
}

function checkCell(cell: unknown, at: string, withIds: boolean, open: boolean): void {
  record(cell, at);
  const type = (cell as Record<string, unknown>)["cell_type"];
  oneOf("code", "markdown", "raw")(type, `${at}: cell_type`);
  const required: Fields = { cell_type: text, metadata: cellMetadata[type as string], source: multiline };
  if (withIds) required["id"] = id;
  const code: Fields = {
    execution_count: executionCount,
    outputs: (value, where) => checkOutputs(value, where, open),
  };
  if (type === "code") object(cell, at, { ...required, ...code }, {}, open);
  else object(cell, at, required, { attachments }, open);
}

function checkOutputs(value: unknown, at: string, open: boolean): void {
  if (!Array.isArray(value)) fail(at, "a list");
  (value as unknown[]).forEach((output, i) => {
    const where = `${at}[${i}]`;
    record(output, where);
    const type = String((output as Record<string, unknown>)["output_type"]);
    oneOf(...Object.keys(outputs))(type, `${where}.output_type`);
    object(output, where, { output_type: text, ...outputs[type] }, {}, open);
  });
}
