import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";

let counter = 0;

/**
 * Writes a whole file or leaves the old one untouched, whenever the process or the machine dies: a temporary file in
 * the same folder, flushed, then renamed over the name, then the folder flushed. A symbolic link keeps pointing to
 * the same file. The permissions of a new file are those that the process gives to any file.
 * @throws the system's error (ENOENT, EACCES, ENOSPC …) with the path in its message; the temporary file is removed.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array): void {
  const target = existsSync(file) ? realpathSync(file) : path.resolve(file);
  const folder = path.dirname(target);
  const temporary = path.join(folder, `.${path.basename(target)}.${process.pid}-${++counter}.tmp`);
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  try {
    const handle = openSync(temporary, "wx");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(folder);
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
