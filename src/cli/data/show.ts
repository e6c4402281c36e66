import { UnrolledError } from "../../errors.ts";
import { data } from "../../index.ts";

interface State {
  readonly state: "present" | "absent" | "wrong";
  readonly path?: string;
  readonly problem?: string;
}

function stateOf(entry: data.CatalogueEntry): State {
  const path = data.entryPath(entry);
  if (path === undefined) return { state: "absent" };
  try {
    return { state: "present", path: data.readEntry(entry).path };
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    return { state: "wrong", path, problem: error.message };
  }
}

/** `unrolled data list` */
export function list(json: boolean): number {
  const rows = data.readCatalogue().map((entry) => ({ entry, ...stateOf(entry) }));
  const folders = data.dataFolders();
  if (json) {
    const corpora = rows.map(({ entry, state, path = null, problem = null }) => {
      const { name, title, language, licence, source = null, bytes, sha256, committed } = entry;
      return { name, title, language, licence, source, bytes, sha256, committed, state, path, problem };
    });
    process.stdout.write(`${JSON.stringify({ folders, corpora, generated: data.LINE_NAMES }, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ entry }) => entry.name.length));
  const indent = " ".repeat(width + 19);
  for (const { entry, state, path } of rows) {
    const size = `${entry.bytes.toLocaleString("en-US")} bytes`.padStart(16);
    const where = entry.committed
      ? "in the package"
      : state === "absent"
        ? `absent: ${howToGet(entry)}`
        : `${state}: ${path}`;
    process.stdout.write(`${entry.name.padEnd(width)} ${size}  ${entry.title}\n`);
    process.stdout.write(`${indent}${where}\n${indent}licence: ${entry.licence}\n`);
  }
  process.stdout.write(`\nLooked for in ${folders.join(", then ")}\n`);
  process.stdout.write(`Generated (unrolled data sample NAME): ${data.LINE_NAMES.join(", ")}\n`);
  return 0;
}

function howToGet({ name, source }: data.CatalogueEntry): string {
  return `unrolled data get ${name}${source ? "" : " --from FILE"}`;
}

/** `unrolled data verify`: all that are there must be right; one that is asked for by name must be there too. */
export function verify(entries: readonly data.CatalogueEntry[], named: boolean): number {
  let wrong = 0;
  for (const entry of entries) {
    const { state, path, problem } = stateOf(entry);
    const failed = state === "wrong" || (state === "absent" && named);
    if (failed) wrong++;
    const verdict = failed ? "FAIL" : state === "present" ? "ok  " : "-   ";
    process.stdout.write(`${verdict} ${entry.name}: ${problem ?? path ?? `absent; ${howToGet(entry)}`}\n`);
  }
  return wrong > 0 ? 1 : 0;
}
