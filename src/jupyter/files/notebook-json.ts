/** Notebooks as they are on disk (nbformat 4): read by the server, the executor and the lectures' update alike. */

/** The parts of nbformat 4 that this project touches; everything else passes through as it is. */
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

export const isObject: (value: unknown) => value is Record<string, unknown> = (
  value,
): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A text of the format: in one piece, or as a list of lines. */
export function isText(value: unknown): value is string | string[] {
  return (
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"))
  );
}

/**
 * The JSON of a notebook's text.
 * @throws {SyntaxError} whose message says in which line, and where git's mark of a merge conflict is the reason.
 */
export function parseNotebookJson(text: string): unknown {
  if (text.trim() === "") throw new SyntaxError("it is empty");
  try {
    // A byte order mark is legal at the start of a file and illegal in JSON.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    const { message } = error as Error;
    throw new SyntaxError(`${message}, ${whereWrong(error as Error, text)}`, { cause: error });
  }
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

/** What nbformat writes as lists of lines, besides `text/…`. */
const linesToo = new Set(["application/javascript", "image/svg+xml"]);
const isTextType = (mime: string): boolean => mime.startsWith("text/") || linesToo.has(mime);

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
