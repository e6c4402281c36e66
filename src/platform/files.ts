import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { ArgumentError, DataError } from "../errors.ts";

let counter = 0;

/**
 * Writes a whole file or leaves the old one untouched, whenever the process or the machine dies: a temporary file in
 * the same folder, flushed, then renamed over the name, then the folder flushed. A symbolic link keeps pointing to
 * the same file, an old file's permissions stay. Temporary files that a killed process left are removed.
 * @throws {ArgumentError} for a folder, pipe or device. @throws {DataError} naming a folder that does not exist.
 * @throws the system's error (EACCES, ENOSPC …); the temporary file is removed then.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const old = statsOf(file);
  if (old && !old.isFile())
    throw new ArgumentError(`cannot write to "${file}": it is not a regular file; give the name of one`);
  const target = old ? realpathSync(file) : path.resolve(file);
  const folder = path.dirname(target);
  if (!statsOf(folder)?.isDirectory()) {
    throw new DataError(
      `cannot write "${file}": the folder "${path.dirname(file)}" does not exist; make it first`,
    );
  }
  const prefix = `.${path.basename(target)}.`;
  const temporary = path.join(folder, `${prefix}${process.pid}-${++counter}.tmp`);
  try {
    writeAndFlush(temporary, typeof content === "string" ? Buffer.from(content, "utf8") : content, old);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(folder);
  removeStale(folder, prefix);
}

/** Undefined for what is not there, also where a part of the path is a file. */
function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Node refuses to write more than 2 GiB at a time. */
const MOST_AT_ONCE = 1 << 30;

function writeAndFlush(file: string, bytes: Uint8Array, old: Stats | undefined): void {
  const handle = openSync(file, "wx");
  try {
    if (old) fchmodSync(handle, old.mode & 0o777);
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(handle, bytes, at, Math.min(MOST_AT_ONCE, bytes.length - at));
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes the rename itself survive a power cut, where the system can flush a folder (Windows cannot). */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    if (!["EPERM", "EISDIR", "EACCES", "EINVAL", "ENOTSUP"].includes(code)) throw error;
  }
}

/** A process of another machine may be writing into the same folder: only what nobody touched for so long is stale. */
const STALE_AFTER_MS = 60_000;

/** Clearing up is a courtesy: whatever goes wrong in it must not fail a file that is already written. */
function removeStale(folder: string, prefix: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const pid = name.startsWith(prefix)
        ? /^(\d+)-\d+\.tmp$/.exec(name.slice(prefix.length))?.[1]
        : undefined;
      if (pid === undefined || isAlive(Number(pid))) continue;
      const file = path.join(folder, name);
      if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) rmSync(file, { force: true });
    }
  } catch {
    return;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
