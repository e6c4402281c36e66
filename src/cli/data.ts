import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { UnrolledError } from "../errors.ts";
import { data, Generator } from "../index.ts";
import type { Command } from "./command.ts";
import { isSingleFile, notForDownload, obtain } from "./data/obtain.ts";
import { list, verify } from "./data/show.ts";
import { Interruption } from "./signals.ts";

const usage = `usage: unrolled data list [--json]
       unrolled data get NAME [--from FILE|FOLDER|URL] [--force] [--timeout S]
       unrolled data verify [NAME]
       unrolled data path NAME
       unrolled data sample NAME [--count N] [--seed S]

Corpora of the catalogue (datasets/README.md): which there are, getting and checking them, and where they lie.

  list     all corpora with size, licence and whether they are there
  get      downloads a corpus, or takes your own copy; size and SHA-256 are checked before it is put in its place.
           What an interrupted download has received is kept, and the next one goes on from there
  verify   checks a corpus, or all that are there, against the catalogue
  path     prints where the checked file of a corpus lies
  sample   prints lines of a generated corpus: the same for the same seed

  --from WHERE  your own copy: a file, a folder with the file in it, or an address
  --force       replace a file of that name that is another text
  --timeout S   seconds that a download may take (default 600); 30 seconds without a byte end an attempt
  --count N     how many lines (default 10)
  --seed S      a whole number or a word (default 0)
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
      count: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [action, name, ...more] = positionals;
  const seconds = Number(values.timeout);
  const named = action === "get" || action === "path" || action === "sample";
  if (!["list", "get", "verify", "path", "sample"].includes(action ?? ""))
    return misuse("list, get, verify, path or sample? See --help");
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
  if (action !== "sample" && (values.count !== undefined || values.seed !== undefined)) {
    return misuse(`--count and --seed belong to sample, not to ${action}`);
  }
  if (action === "sample") return sample(name, values.count ?? "10", values.seed ?? "0");
  if (action === "list") return list(values.json);
  if (action === "verify")
    return verify(name === undefined ? data.readCatalogue() : entriesOf(name), name !== undefined);
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

async function sample(name: string, count: string, seed: string): Promise<number> {
  const write = data.lineWriter(name);
  if (!write)
    return misuse(`sample: no generated corpus "${name}". There are: ${data.LINE_NAMES.join(", ")}`);
  if (!/^[1-9]\d{0,8}$/.test(count)) return misuse(`--count must be a whole number ≥ 1, got "${count}"`);
  const generator = new Generator(seed);
  const lines = function* () {
    for (let i = 0; i < Number(count); i++) yield `${write(generator)}\n`;
  };
  try {
    // Waits for a reader that is slow.
    await pipeline(Readable.from(lines()), process.stdout, { end: false });
  } catch (error) {
    // A reader such as `head` that has seen enough is no failure.
    if ((error as { code?: string }).code !== "EPIPE") throw error;
  }
  return 0;
}

interface GetOptions {
  from?: string;
  force: boolean;
  totalMs: number;
}

async function get(
  entries: readonly data.CatalogueEntry[],
  name: string,
  options: GetOptions,
): Promise<number> {
  const absent = entries.filter((entry) => data.entryPath(entry) === undefined);
  const { from } = options;
  if (from === undefined && absent.some(({ source }) => !source)) throw notForDownload(name, absent);
  if (from !== undefined && entries.length > 1 && isSingleFile(from)) {
    return misuse(
      `"${name}" is ${entries.length} files (${entries.map(data.fileName).join(", ")}); give their folder`,
    );
  }
  const stop = new Interruption();
  try {
    for (const entry of entries) {
      const line = new ProgressLine(entry.name);
      const { path, present } = await obtain(entry, {
        ...options,
        stallMs: SILENCE_MS,
        pauseMs: PAUSE_MS,
        signal: stop.signal,
        onProgress: (received, total) => line.show(received, total),
      }).finally(() => line.clear());
      const how = present ? "already there, as it should be" : "checked and put";
      process.stdout.write(`${entry.name}: ${how}: ${path}\n`);
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

/** On a terminal, how much has arrived; in a log nothing. */
class ProgressLine {
  readonly #name: string;
  readonly #live: boolean = process.stderr.isTTY === true;

  constructor(name: string) {
    this.#name = name;
  }

  show(received: number, total: number): void {
    if (!this.#live) return;
    this.clear();
    process.stderr.write(
      `${this.#name}: ${Math.floor((100 * received) / total)} % of ${total.toLocaleString("en-US")} bytes`,
    );
  }

  clear(): void {
    if (this.#live) process.stderr.write("\r\u001b[2K");
  }
}
