import { ArgumentError, DataError, describe, UnrolledError } from "../errors.ts";
import { node } from "./node-modules.ts";
import { type DecodeOptions, decodeUtf8, refuseTooLong } from "./utf8.ts";

/**
 * Reads a text file strictly (see `decodeUtf8`).
 * @throws {DataError} naming the path: missing, a folder or a pipe, unreadable, longer than 512 MiB, not UTF-8.
 */
export function readText(path: string, options: DecodeOptions = {}): string {
  return decodeUtf8(readBytes(path), path, options);
}

/** The bytes of an ordinary file. @throws {DataError} as `readText` does. */
export function readBytes(path: string): Uint8Array {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new ArgumentError(
      `reading a file: its path must be a text without NUL, not empty, got ${describe(path)}`,
    );
  }
  const fs = node("fs", `Reading the file "${path}"`);
  try {
    const status = fs.statSync(path); // first, because opening a pipe would wait for ever
    if (!status.isFile())
      throw new DataError(`${path}: ${kind(status)}, not a file; give the path of an ordinary file`);
    refuseTooLong(status.size, path);
    return fs.readFileSync(path);
  } catch (cause) {
    if (cause instanceof UnrolledError) throw cause;
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new DataError(`${path}: ${WHY[code] ?? message}`, { cause });
  }
}

/** Whether something with this name exists, whatever it is. */
export function exists(path: string): boolean {
  return node("fs", `Looking for "${path}"`).existsSync(path);
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "no such file; give the path of one that is there",
  ENOTDIR: "no such file (a part of the path is not a folder); give the path of one that is there",
  EACCES: "the file may not be read (permission denied)",
  EPERM: "the file may not be read (permission denied)",
  ELOOP: "symbolic links that lead in a circle",
  EISDIR: "a folder; give the path of a file in it",
  ENAMETOOLONG: "the name is too long for this system",
};

function kind(status: import("node:fs").Stats): string {
  if (status.isDirectory()) return "a folder";
  if (status.isFIFO()) return "a named pipe";
  if (status.isSocket()) return "a socket";
  return "a device";
}
