import { parseArgs } from "node:util";
import { UnrolledError } from "../errors.ts";
import { data } from "../index.ts";
import type { Command } from "./command.ts";
import { obtain } from "./data/obtain.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled data list [--json]
       unrolled data get NAME [--from FILE|FOLDER|URL] [--force] [--timeout S]
       unrolled data verify [NAME]
       unrolled data path NAME

Corpora of the catalogue (datasets/README.md): which there are, getting and checking them, and where they lie.

  list     all corpora with size, licence and whether they are there
  get      downloads a corpus, or takes your own copy; size and SHA-256 are checked before it is put in its place.
           What an interrupted download has received is kept, and the next one goes on from there
  verify   checks a corpus, or all that are there, against the catalogue
  path     prints where the checked file of a corpus lies

  --from WHERE  your own copy: a file, a folder with the file in it, or an address
  --force       replace a file of that name that is another text
  --timeout S   seconds that a download may take (default 600); 30 seconds without a byte end an attempt
  --json        everything as JSON

Looked for, and put, in the folder UNROLLED_DATA if that is set, then in the cache folder of the user.
The name "ptb" stands for its three files.`;

/** `npx unrolled data` */
export const command: Command = { usage, run };

const SILENCE_MS = 30_000;
const PAUSE_MS = 1000;

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      from: { type: "string" },
      force: { type: "boolean", default: false },
      timeout: { type: "string", default: "600" },
      json: { type: "boolean", default: false },
    },
  });
  const [action, name, ...more] = positionals;
  const seconds = Number(values.timeout);
  const named = action === "get" || action === "path";
  if (!["list", "get", "verify", "path"].includes(action ?? ""))
    return misuse("list, get, verify or path? See --help");
  if (named && name === undefined) return misuse(`${action}: which corpus? "unrolled data list" shows them`);
  if (more.length > 0 || (action === "list" && name !== undefined)) {
    return misuse(`${action}: "${positionals.at(-1)}" is too much; one name at a time`);
  }
  if (!(seconds > 0 && seconds <= 1_000_000)) {
    return misuse(`--timeout must be seconds, > 0 and at most 1,000,000, got "${values.timeout}"`);
  }
  if (action !== "get" && (values.from !== undefined || values.force)) {
    return misuse(`--from and --force belong to get, not to ${action}`);
  }
  if (action === "list") return list(values.json);
  if (action === "verify") return verify(name);
  const entries = entriesOf(name);
  if (action === "path") {
    for (const entry of entries) process.stdout.write(`${data.readEntry(entry).path}\n`);
    return 0;
  }
  return get(entries, name, { from: values.from, force: values.force, totalMs: 1000 * seconds });
}

function misuse(text: string): number {
  process.stderr.write(`unrolled data: ${text}\n`);
  return 2;
}

/** The entry of this name, or the parts of a corpus in three files. */
function entriesOf(name: string): data.CatalogueEntry[] {
  const all = data.readCatalogue();
  const found = all.filter((entry) => entry.name === name);
  const parts = all.filter((entry) =>
    ["train", "valid", "test"].some((part) => entry.name === `${name}-${part}`),
  );
  if (found.length + parts.length === 0) {
    throw new UnrolledError(
      `no corpus "${name}". There are: ${all.map((entry) => entry.name).join(", ")}, ptb`,
    );
  }
  return found.length > 0 ? found : parts;
}

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

function list(json: boolean): number {
  const rows = data.readCatalogue().map((entry) => ({ ...entry, ...stateOf(entry) }));
  if (json) {
    const shown = rows.map(
      ({ name, title, language, licence, source, bytes, sha256, committed, state, path, problem }) => ({
        name,
        title,
        language,
        licence,
        source: source ?? null,
        bytes,
        sha256,
        committed,
        state,
        path: path ?? null,
        problem: problem ?? null,
      }),
    );
    process.stdout.write(`${JSON.stringify({ folders: data.dataFolders(), corpora: shown }, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, title, bytes, licence, committed, source, state, path } of rows) {
    const size = `${bytes.toLocaleString("en-US")} bytes`.padStart(16);
    const how = source ? `get ${name}` : `get ${name} --from FILE`;
    const where = committed
      ? "in the package"
      : state === "absent"
        ? `absent: unrolled data ${how}`
        : `${state}: ${path}`;
    process.stdout.write(
      `${name.padEnd(width)} ${size}  ${title}\n${" ".repeat(width + 19)}${where}\n${" ".repeat(width + 19)}licence: ${licence}\n`,
    );
  }
  process.stdout.write(`\nLooked for in ${data.dataFolders().join(", then ")}\n`);
  return 0;
}

/** All that are there must be right; one that is asked for by name must be there too. */
function verify(name: string | undefined): number {
  const entries = name === undefined ? data.readCatalogue() : entriesOf(name);
  let wrong = 0;
  for (const entry of entries) {
    const { state, path, problem } = stateOf(entry);
    const failed = state === "wrong" || (state === "absent" && name !== undefined);
    if (failed) wrong++;
    const verdict = failed ? "FAIL" : state === "present" ? "ok  " : "-   ";
    const how = entry.source ? "" : " --from FILE";
    process.stdout.write(
      `${verdict} ${entry.name}: ${problem ?? path ?? `absent; unrolled data get ${entry.name}${how}`}\n`,
    );
  }
  return wrong > 0 ? 1 : 0;
}

async function get(
  entries: readonly data.CatalogueEntry[],
  name: string,
  options: { from?: string; force: boolean; totalMs: number },
): Promise<number> {
  if (
    entries.length > 1 &&
    options.from === undefined &&
    entries.some(({ source, committed }) => !source && !committed)
  ) {
    const missing = entries.filter((entry) => data.entryPath(entry) === undefined);
    if (missing.length > 0) {
      throw new UnrolledError(
        `"${name}" cannot be downloaded: its licence (${missing[0].licence.replace(/;.*/, "")}) does not allow it to be passed on. ` +
          `If you have a copy, give the folder with ${missing.map(data.fileName).join(", ")}: npx unrolled data get ${name} --from FOLDER`,
      );
    }
  }
  const stop = new Interruption();
  try {
    for (const entry of entries) {
      const live = process.stderr.isTTY === true;
      const onProgress = (received: number, total: number) => {
        if (live)
          process.stderr.write(
            `\r\u001b[2K${entry.name}: ${Math.floor((100 * received) / total)} % of ${total.toLocaleString("en-US")} bytes`,
          );
      };
      const { path, present } = await obtain(entry, {
        ...options,
        stallMs: SILENCE_MS,
        pauseMs: PAUSE_MS,
        signal: stop.signal,
        onProgress,
      }).finally(() => {
        if (live) process.stderr.write("\r\u001b[2K");
      });
      process.stdout.write(
        `${entry.name}: ${present ? "already there, as it should be" : "checked and put"}: ${path}\n`,
      );
    }
    return 0;
  } catch (error) {
    if (stop.exitCode === undefined || !(error instanceof UnrolledError)) throw error;
    process.stderr.write(`unrolled data: ${error.message}\n`);
    return stop.exitCode;
  } finally {
    stop.dispose();
  }
}
