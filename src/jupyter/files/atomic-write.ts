import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { isAlive } from "./alive.ts";

const day = 24 * 3600 * 1000;

/** Hidden, so that it is never listed or served; the process id tells whether its writer still lives. */
const temporaryName = /^\.~(\d+)-[0-9a-f]{12}\.unrolled-tmp$/;

export function newTemporary(folder: string): string {
  return path.join(folder, `.~${process.pid}-${randomBytes(6).toString("hex")}.unrolled-tmp`);
}

/**
 * Replaces a file so that a reader, a crash or a full disk sees the old file or the new one, never a part:
 * a temporary in the same folder, fsync, rename, fsync of the folder. Keeps the permissions of an old file.
 * @param beforeRename the last moment to refuse (throw); nothing has changed then.
 */
export async function writeAtomically(
  file: string,
  data: Uint8Array | string,
  options: { mode?: number; beforeRename?: () => Promise<void> } = {},
): Promise<void> {
  const temporary = newTemporary(path.dirname(file));
  const mode = options.mode ?? (await existingMode(file));
  const handle = await open(temporary, "wx", mode ?? 0o666);
  try {
    try {
      await handle.writeFile(data);
      // `open` is subject to the umask, which is right for a new file; what an old one allowed is kept exactly.
      if (mode !== undefined && process.platform !== "win32") await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await options.beforeRename?.();
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** Makes a rename in this folder survive a power cut. Systems without fsync of folders are left alone. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows refuses to open a folder; network file systems refuse to sync one.
  } finally {
    await handle?.close();
  }
}

async function existingMode(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode & 0o7777;
  } catch {
    return undefined;
  }
}

/** Removes temporaries whose writer is gone (killed, power cut) or that are a day old. Returns how many. */
export async function removeStaleTemporaries(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const pid = temporaryName.exec(name)?.[1];
    if (pid === undefined) continue;
    const file = path.join(folder, name);
    // The age decides where the number has been given to another process since.
    const written = (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (isAlive(Number(pid)) && Date.now() - written < day) continue;
    await unlink(file).then(
      () => removed++,
      () => undefined,
    );
  }
  return removed;
}
