import { DataError } from "../errors.ts";
import { exists, readBytes } from "./files.ts";
import { node } from "./node-modules.ts";
import { PythonRandom } from "./python-random.ts";
import type { SplitOptions } from "./split.ts";
import type { Level } from "./tokenizers.ts";
import { decodeUtf8 } from "./utf8.ts";

/** What is used here of one entry of `datasets/catalogue.json`. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly language: string;
  /** Committed texts lie in the package, at `path` in its datasets folder; of others the user brings `file`. */
  readonly committed: boolean;
  readonly path?: string;
  readonly file?: string;
  readonly source?: string | null;
  readonly licence: string;
  readonly bytes: number;
  readonly sha256: string;
  /** How the text is read where published numbers are reproduced. */
  readonly reading?: { readonly level?: Level; readonly end?: string };
  readonly split?: CatalogueSplit;
}

/** Where a corpus is cut into training, validation and test. */
export interface CatalogueSplit {
  readonly by: "characters" | "lines" | "file";
  /** The first character of the validation text. */
  readonly cut?: number;
  /** The first lines of the validation and of the test text. */
  readonly cuts?: readonly number[];
  /** The lines are shuffled by Python's random with this seed first. */
  readonly shuffle?: { readonly python: number };
  /** SHA-256 of the shuffled lines joined by line breaks. */
  readonly shuffledSha256?: string;
}

/** The entries of the catalogue that comes with the package. @throws {DataError} if it cannot be read. */
export function readCatalogue(): readonly CatalogueEntry[] {
  const file = packageFile("catalogue.json");
  try {
    return (JSON.parse(decodeUtf8(readBytes(file), file)) as { corpora: CatalogueEntry[] }).corpora;
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${file}: not a catalogue: ${(cause as Error).message}; install the package again`, {
      cause,
    });
  }
}

/** The folders in which texts that are not committed are looked for, in this order. */
export function dataFolders(): string[] {
  const { env } = node("process", "Looking for a corpus");
  return [...(env["UNROLLED_DATA"] ? [env["UNROLLED_DATA"]] : []), cacheFolder()];
}

/** `unrolled` in the system's folder for caches, or `cache` in `UNROLLED_HOME`. */
function cacheFolder(): string {
  const { env, platform } = node("process", "Looking for a corpus");
  const { join, resolve, isAbsolute } = node("path", "Looking for a corpus");
  const home = node("os", "Looking for a corpus").homedir();
  if (env["UNROLLED_HOME"]) return resolve(env["UNROLLED_HOME"], "cache");
  if (platform === "darwin") return join(home, "Library", "Caches", "unrolled");
  if (platform === "win32") {
    return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "unrolled", "cache");
  }
  const xdg = env["XDG_CACHE_HOME"]; // its specification says that a relative path must be ignored
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, ".cache"), "unrolled");
}

/** Where the file of an entry lies, in the package or in a data folder; undefined if it is nowhere. */
export function entryPath(entry: CatalogueEntry): string | undefined {
  return entry.committed && entry.path ? packageFile(entry.path) : findFile([fileName(entry)]);
}

/** The name that the file of an entry must have in a data folder. */
export function fileName({ file, name }: CatalogueEntry): string {
  return file ?? name;
}

/**
 * Holds bytes to the catalogue's checksum.
 * @throws {DataError} saying how the bytes of `path` differ from the entry's.
 */
export function expectEntry(entry: CatalogueEntry, bytes: Uint8Array, path: string): void {
  const found = sha256(bytes);
  if (found === entry.sha256) return;
  throw new DataError(
    `${path}: not the text that the catalogue calls "${entry.name}": ${bytes.length} bytes with SHA-256 ` +
      `${found.slice(0, 16)}… instead of ${entry.bytes} with ${entry.sha256.slice(0, 16)}…. Fetch it again; to use ` +
      "this file as it is, load it by its path",
  );
}

/**
 * The bytes of an entry, checked against its SHA-256.
 * @throws {DataError} saying where the text was looked for and what to do, or how the file differs.
 */
export function readEntry(entry: CatalogueEntry): { path: string; bytes: Uint8Array } {
  const path = entryPath(entry);
  if (path === undefined) {
    const get = entry.source
      ? `Run "npx unrolled data get ${entry.name}", or get it from ${entry.source}`
      : `Run "npx unrolled data get ${entry.name} --from FILE" with your own copy, or bring it yourself`;
    throw new DataError(
      `corpus "${entry.name}" (${entry.title}; licence: ${entry.licence}) is not part of the package and was not found. ` +
        `${get}, name it ${fileName(entry)}, and put it into one of: ${dataFolders().join(", ")}${hint()}`,
    );
  }
  const bytes = readBytes(path);
  expectEntry(entry, bytes, path);
  return { path, bytes };
}

/** The first of these file names that exists in a data folder. */
export function findFile(names: readonly string[]): string | undefined {
  const { join } = node("path", "Looking for a corpus");
  return dataFolders()
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(exists);
}

/** What to do where nothing was found: name the variable if it is not set. */
export function hint(): string {
  const { env } = node("process", "Looking for a corpus");
  return env["UNROLLED_DATA"] ? "" : " (or set UNROLLED_DATA to the folder that holds it)";
}

/** The split by which published numbers were made, undefined if the entry has none of its own. */
export function publishedSplit({ name, split }: CatalogueEntry, bytes: Uint8Array): SplitOptions | undefined {
  if (split?.by === "characters" && split.cut !== undefined) {
    return { by: "character", counts: [split.cut, characterCount(bytes) - split.cut] };
  }
  if (split?.by !== "lines" || split.cuts?.length !== 2) return undefined;
  const text = decodeUtf8(bytes, name);
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const seed = split.shuffle?.python;
  const shuffled = seed === undefined ? lines : new PythonRandom(seed).shuffle([...lines]);
  if (
    split.shuffledSha256 &&
    sha256(new TextEncoder().encode(shuffled.join("\n"))) !== split.shuffledSha256
  ) {
    throw new DataError(
      `corpus "${name}": the order of its lines is not the one in the catalogue; give a split of your own`,
    );
  }
  const [valid, test] = split.cuts;
  return {
    by: "line",
    counts: [valid, test - valid, lines.length - test],
    shuffle: seed === undefined ? undefined : new PythonRandom(seed),
  };
}

function characterCount(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}

/** The SHA-256 of some bytes, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return node("crypto", "Checking a corpus").createHash("sha256").update(bytes).digest("hex");
}

/** A file of the package's datasets folder. It lies above this module, how far depends on how the package was built. */
function packageFile(name: string): string {
  const purpose = "Finding the package's texts";
  const { dirname, join } = node("path", purpose);
  const here = node("url", purpose).fileURLToPath(import.meta.url);
  for (let folder = dirname(here), above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    if (exists(join(folder, "datasets", "catalogue.json"))) return join(folder, "datasets", name);
  }
  throw new DataError(
    `the folder "datasets" of the package is missing (looked above ${here}); install the package anew`,
  );
}
