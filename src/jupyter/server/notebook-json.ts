import { HttpError } from "./http.ts";

/** The parts of nbformat 4 that the server touches; everything else passes through as it is. */
export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

export interface Cell {
  cell_type: string;
  source: string | string[];
  metadata: Record<string, unknown>;
  outputs?: Output[];
  [key: string]: unknown;
}

export interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  [key: string]: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks what every notebook must have, so that neither a broken file reaches JupyterLab nor a broken request
 * reaches the disk. Not the whole schema: a notebook with a strange output can still be opened and mended.
 * @throws {HttpError} 400 naming the file and the first thing that is wrong.
 */
export function checkNotebook(value: unknown, name: string): Notebook {
  const wrong = (what: string): HttpError => new HttpError(400, `${name} is not a notebook: ${what}`);
  if (!isObject(value)) throw wrong("it is not a JSON object");
  if (value["nbformat"] !== 4) {
    if (typeof value["nbformat"] !== "number") throw wrong('"nbformat" is missing');
    throw new HttpError(
      400,
      `${name} has notebook format ${value["nbformat"]}, this server reads 4: convert it with jupyter nbconvert --to notebook`,
    );
  }
  if (!isObject(value["metadata"])) throw wrong('"metadata" is missing');
  if (!Array.isArray(value["cells"])) throw wrong('"cells" is missing');
  value["cells"].forEach((cell: unknown, index) => {
    if (!isObject(cell)) throw wrong(`cell ${index + 1} is not an object`);
    if (typeof cell["cell_type"] !== "string") throw wrong(`cell ${index + 1} has no "cell_type"`);
    if (!isText(cell["source"])) throw wrong(`cell ${index + 1} has no "source"`);
    if (!isObject(cell["metadata"])) throw wrong(`cell ${index + 1} has no "metadata"`);
    if (cell["cell_type"] !== "code") return;
    if (!Array.isArray(cell["outputs"])) throw wrong(`code cell ${index + 1} has no "outputs"`);
    if (!cell["outputs"].every(isObject))
      throw wrong(`code cell ${index + 1} has an output that is not an object`);
  });
  return value as unknown as Notebook;
}

function isText(value: unknown): boolean {
  return (
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"))
  );
}

/** @throws {HttpError} 400 that names the file, the line, and how to repair it. */
export function parseNotebook(text: string, name: string): Notebook {
  let value: unknown;
  try {
    // A byte order mark is legal at the start of a file and illegal in JSON.
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    const what =
      text.trim() === "" ? "it is empty" : `${(error as Error).message}, ${whereWrong(error as Error, text)}`;
    throw new HttpError(
      400,
      `${name} is not a notebook: it is not JSON (${what}). To repair it, right-click it, Open With, Editor`,
    );
  }
  return checkNotebook(value, name);
}

/** The line of a syntax error. V8 gives a position, or only a piece of the text with ten characters before it. */
function whereWrong(error: Error, text: string): string {
  const conflict = text.search(/^<{7} /m);
  if (conflict >= 0) return `git's mark of a merge conflict in line ${lineAt(text, conflict)}`;
  const position = /position (\d+)/.exec(error.message)?.[1];
  if (position !== undefined) return `line ${lineAt(text, Number(position))}`;
  if (error.message.includes("end of JSON")) return `line ${lineAt(text, text.length)}`;
  const piece = /(\.{3})?"([\s\S]*)"(?:\.{3})? is not valid JSON/.exec(error.message);
  const start = text.indexOf(piece?.[2] ?? text);
  return `line ${lineAt(text, start + (piece?.[1] ? 10 : 0))}`;
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split("\n").length;

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) => {
      if (!isObject(inner)) return inner;
      // fromEntries defines properties, so that a key "__proto__" stays a key.
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    },
    indent,
  );
}

/** What Jupyter keeps as text in one piece although it may be long: everything else of text type is split in lines. */
const keptWhole = new Set(["application/javascript"]);
const isTextType = (mime: string): boolean =>
  mime.startsWith("text/") || mime === "image/svg+xml" || keptWhole.has(mime);

/** The file's form, as nbformat writes it: texts as lists of lines, sorted keys, one space of indent, final newline. */
export function serialiseNotebook(notebook: Notebook): string {
  return `${canonicalJson(mapTexts(notebook, splitLines), 1)}\n`;
}

/** The form for JupyterLab: every text in one string. */
export function joinTexts(notebook: Notebook): Notebook {
  return mapTexts(notebook, (text) => (Array.isArray(text) ? text.join("") : text));
}

function splitLines(text: string | string[]): string[] {
  const whole = Array.isArray(text) ? text.join("") : text;
  return whole.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

type TextMap = (text: string | string[]) => string | string[];

function mapTexts(notebook: Notebook, change: TextMap): Notebook {
  const data = (bundle: unknown): unknown => {
    if (!isObject(bundle)) return bundle;
    return Object.fromEntries(
      Object.entries(bundle).map(([mime, value]) => [
        mime,
        isTextType(mime) && isText(value) ? change(value as string | string[]) : value,
      ]),
    );
  };
  const output = (one: Output): Output => {
    const copy = { ...one };
    if (isText(copy.text)) copy.text = change(copy.text!);
    if (isObject(copy.data)) copy.data = data(copy.data) as Record<string, unknown>;
    return copy;
  };
  const cells = notebook.cells.map((cell) => {
    const copy: Cell = { ...cell, source: change(cell.source) };
    if (Array.isArray(copy.outputs)) copy.outputs = copy.outputs.map(output);
    if (isObject(copy["attachments"])) {
      copy["attachments"] = Object.fromEntries(
        Object.entries(copy["attachments"]).map(([name, bundle]) => [name, data(bundle)]),
      );
    }
    return copy;
  });
  return { ...notebook, cells };
}
