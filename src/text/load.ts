import { ArgumentError, DataError, describe, expectOptions } from "../errors.ts";
import {
  type CatalogueEntry,
  dataFolders,
  findFile,
  hint,
  publishedSplit,
  readCatalogue,
  readEntry,
} from "./catalogue.ts";
import { CORPUS_OPTIONS, type Corpus, type CorpusOptions, type CorpusParts, makeCorpus } from "./corpus.ts";
import { exists, readText } from "./files.ts";
import type { SplitName } from "./split.ts";
import { type DecodeOptions, decodeUtf8 } from "./utf8.ts";

/** Options of `loadCorpus`. */
export interface LoadOptions extends CorpusOptions, DecodeOptions {}

/** Paths of three files that make one corpus. */
export interface CorpusFiles {
  train: string;
  valid?: string;
  test?: string;
}

/**
 * Reads a corpus from a file, from three files, or by name.
 *
 * A path has a folder or an extension in it ("./poems", "poems.txt"). A name is looked up in the package's catalogue
 * (`datasets/README.md` lists it), whose texts are checked by their SHA-256 and, unless `options` say otherwise, read
 * and split as published numbers were; then as NAME, NAME.txt or NAME.train.txt, NAME.valid.txt, NAME.test.txt in the
 * folder `UNROLLED_DATA`, then in the user's cache folder (~/.cache/unrolled or `$XDG_CACHE_HOME/unrolled`, on macOS
 * ~/Library/Caches/unrolled, on Windows %LOCALAPPDATA%\unrolled\cache).
 *
 * @example text.loadCorpus("harbour")
 * @example text.loadCorpus("poems.txt", { level: "word", end: "<eos>" })
 * @throws {DataError} if nothing is found (saying where it was looked for and what to do), or for a text that cannot be
 * used: not UTF-8, another text than the catalogue's, empty …
 */
export function loadCorpus(source: string | CorpusFiles, options: LoadOptions = {}): Corpus {
  expectOptions(options, [...CORPUS_OPTIONS, "newlines", "bom", "encoding"], "loadCorpus");
  if (typeof source === "object" && source !== null) return fromFiles(source, options);
  if (typeof source !== "string" || source === "") {
    throw new ArgumentError(
      `loadCorpus: expected a path, a name or { train, valid, test }, got ${describe(source)}`,
    );
  }
  if (/[\\/]/.test(source)) return fromPath(source, options);
  const entries = readCatalogue();
  const entry = entries.find(({ name }) => name === source);
  if (entry) return fromEntry(entry, options);
  const parts = partsOf(entries, source);
  if (parts) return fromParts(source, parts, options);
  if (source.includes(".") && exists(source)) return fromPath(source, options);
  const path = findFile([source, `${source}.txt`]);
  if (path !== undefined) return fromPath(path, { name: source, ...options });
  const train = findFile([`${source}.train.txt`]);
  if (train !== undefined) {
    const files = { train, valid: findFile([`${source}.valid.txt`]), test: findFile([`${source}.test.txt`]) };
    return fromFiles(files, { name: source, ...options });
  }
  throw new DataError(
    `corpus ${describe(source)}: neither a file here, nor one of the catalogue (${entries.map((e) => e.name).join(", ")}), ` +
      `nor ${source}.txt in ${dataFolders().join(" or ")}. Give a path, or put the file there${hint()}`,
  );
}

function fromPath(path: string, options: LoadOptions): Corpus {
  const name = path
    .split(/[\\/]/)
    .pop()!
    .replace(/\.txt$/, "");
  return makeCorpus(readText(path, options), { name, ...options });
}

function fromFiles({ train, valid, test }: CorpusFiles, options: LoadOptions): Corpus {
  const read = (path: string | undefined) => (path === undefined ? "" : readText(path, options));
  return makeCorpus({ train: read(train), valid: read(valid), test: read(test) }, options);
}

function fromEntry(entry: CatalogueEntry, options: LoadOptions): Corpus {
  const { path, bytes } = readEntry(entry);
  const split = options.split ?? publishedSplit(entry, bytes);
  return makeCorpus(decodeUtf8(bytes, path, options), {
    name: entry.name,
    ...entry.reading,
    ...options,
    split,
  });
}

/** The entries NAME-train, NAME-valid and NAME-test, if the catalogue has such a corpus in three files. */
function partsOf(
  entries: readonly CatalogueEntry[],
  name: string,
): Record<SplitName, CatalogueEntry> | undefined {
  const [train, valid, test] = ["train", "valid", "test"].map((part) =>
    entries.find((entry) => entry.name === `${name}-${part}`),
  );
  return train && valid && test ? { train, valid, test } : undefined;
}

function fromParts(name: string, entries: Record<SplitName, CatalogueEntry>, options: LoadOptions): Corpus {
  const read = (entry: CatalogueEntry) => {
    const { path, bytes } = readEntry(entry);
    return decodeUtf8(bytes, path, options);
  };
  const parts: CorpusParts = {
    train: read(entries.train),
    valid: read(entries.valid),
    test: read(entries.test),
  };
  return makeCorpus(parts, { name, ...entries.train.reading, ...options });
}
