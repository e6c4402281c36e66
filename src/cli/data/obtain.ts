import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UnrolledError } from "../../errors.ts";
import { data } from "../../index.ts";
import { writeFileAtomic } from "../../platform/files.ts";
import { download } from "./download.ts";
import { identify } from "./identify.ts";
import { PartFile } from "./part-file.ts";

export interface ObtainOptions {
  /** A file, a folder or an address instead of the catalogue's. */
  readonly from?: string;
  /** Replace a file that is another text. */
  readonly force: boolean;
  readonly stallMs: number;
  readonly totalMs: number;
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (received: number, total: number) => void;
}

export interface Obtained {
  readonly path: string;
  /** Whether it was there before. */
  readonly present: boolean;
}

/** Brings a corpus that is not part of the package into the first data folder, checked. */
export async function obtain(entry: data.CatalogueEntry, options: ObtainOptions): Promise<Obtained> {
  const there = data.entryPath(entry);
  if (entry.committed) return { path: data.readEntry(entry).path, present: true };
  if (there !== undefined && !options.force) {
    try {
      return { path: data.readEntry(entry).path, present: true };
    } catch (error) {
      throw new UnrolledError(`${(error as Error).message}. Move it away, or replace it with --force`, {
        cause: error,
      });
    }
  }
  const target = path.join(data.dataFolders()[0], data.fileName(entry));
  const origin = options.from ?? entry.source ?? undefined;
  if (origin === undefined) throw notForDownload(entry.name, [entry]);
  makeFolder(path.dirname(target));
  const address = asAddress(origin, entry);
  const bytes = address ? await fromAddress(address, entry, target, options) : fromFile(origin, entry);
  try {
    writeFileAtomic(target, bytes);
  } catch (error) {
    throw cannotWrite(target, error);
  }
  PartFile.clear(path.dirname(target), path.basename(target));
  return { path: target, present: false };
}

/** Why a corpus without an address cannot be downloaded, and what to do. */
export function notForDownload(name: string, entries: readonly data.CatalogueEntry[]): UnrolledError {
  const licence = entries[0].licence.replace(/;.*/, "");
  const [what, where] =
    entries.length > 1
      ? [`the folder with ${entries.map(data.fileName).join(", ")}`, "FOLDER"]
      : ["it", "FILE"];
  return new UnrolledError(
    `"${name}" cannot be downloaded: its licence (${licence}) does not allow it to be passed on. ` +
      `If you have a copy, give ${what}: npx unrolled data get ${name} --from ${where}`,
  );
}

/** Whether `--from` can only be one file. */
export function isSingleFile(from: string): boolean {
  if (/^https?:/i.test(from)) return !new URL(from).pathname.endsWith("/");
  return statSync(from, { throwIfNoEntry: false })?.isFile() === true;
}

/** An address that ends in "/" is a folder with the file in it. */
function asAddress(origin: string, entry: data.CatalogueEntry): URL | undefined {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(origin)) return undefined;
  if (!URL.canParse(origin)) throw new UnrolledError(`--from: "${origin}" is no address`);
  const url = new URL(origin);
  if (url.protocol === "file:") return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new UnrolledError(`--from: only http, https and files can be read, not "${url.protocol}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UnrolledError(
      "--from: an address with a password is not used; download the file and give --from FILE",
    );
  }
  return url.pathname.endsWith("/") ? new URL(data.fileName(entry), url) : url;
}

async function fromAddress(
  url: URL,
  entry: data.CatalogueEntry,
  target: string,
  options: ObtainOptions,
): Promise<Uint8Array> {
  const { stallMs, totalMs, pauseMs, signal, onProgress } = options;
  try {
    const part = new PartFile(path.dirname(target), path.basename(target));
    return await download({
      url: url.href,
      bytes: entry.bytes,
      sha256: entry.sha256,
      part,
      stallMs,
      totalMs,
      pauseMs,
      signal,
      onProgress,
    });
  } catch (error) {
    throw error instanceof UnrolledError ? error : cannotWrite(target, error);
  }
}

function fromFile(origin: string, entry: data.CatalogueEntry): Uint8Array {
  let file = origin.startsWith("file:") ? fileURLToPath(origin) : origin;
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = path.join(file, data.fileName(entry));
  const bytes = data.readBytes(file);
  try {
    data.expectEntry(entry, bytes, file);
  } catch (error) {
    const what = identify(bytes) ?? changedInTransit(entry, bytes);
    throw what === undefined ? error : new UnrolledError(`${file}: ${what}`, { cause: error });
  }
  return bytes;
}

/** The right text, but with other line ends or a byte order mark. */
function changedInTransit(entry: data.CatalogueEntry, bytes: Uint8Array): string | undefined {
  const plain = new TextDecoder().decode(bytes).replace(/\r\n?/g, "\n");
  for (const candidate of [plain, `${plain}\n`, plain.replace(/\n$/, "")]) {
    try {
      data.expectEntry(entry, new TextEncoder().encode(candidate), "");
      return `the text of "${entry.name}", but with other line ends (CRLF), a byte order mark or another last line than the original; get the original file`;
    } catch {
      // Not this one either.
    }
  }
  return undefined;
}

function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

function cannotWrite(target: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    ENOSPC: "the disk is full",
    EDQUOT: "your quota is used up",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "there is a file of this name",
  };
  if (!code || !(code in why)) return error as Error;
  return new UnrolledError(
    `${target}: cannot be written: ${why[code]}. UNROLLED_DATA can name another folder`,
    {
      cause: message,
    },
  );
}
