import { isObject, isText, type Notebook, parseNotebookJson } from "../files/notebook-json.ts";
import { HttpError } from "./http.ts";

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

/** @throws {HttpError} 400 that names the file, the line, and how to repair it. */
export function parseNotebook(text: string, name: string): Notebook {
  let value: unknown;
  try {
    value = parseNotebookJson(text);
  } catch (error) {
    throw new HttpError(
      400,
      `${name} is not a notebook: it is not JSON (${(error as Error).message}). To repair it, right-click it, Open With, Editor`,
      { cause: error },
    );
  }
  return checkNotebook(value, name);
}
