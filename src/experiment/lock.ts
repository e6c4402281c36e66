import { readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DataError } from "../errors.ts";

const FILE = "running.json";

/**
 * Marks a folder as being worked on by this process. @returns how to give it back.
 * @throws {DataError} if another process that lives works there. What a process that died left behind is taken over.
 */
export function occupy(folder: string): () => void {
  const file = path.join(folder, FILE);
  const own = JSON.stringify({ pid: process.pid, host: os.hostname() });
  try {
    writeFileSync(file, own, { flag: "wx" });
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    const other = readOwner(file);
    if (other && isAlive(other)) {
      throw new DataError(
        `${folder} is being trained by process ${other.pid}${other.host === os.hostname() ? "" : ` on ${other.host}`}. ` +
          `Wait for it, or end it first; if it is gone, remove ${file}`,
      );
    }
    writeFileSync(file, own);
  }
  return () => {
    if (readOwner(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

interface Owner {
  pid: number;
  host: string;
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    return undefined; // given back in the meantime, or half written by a process that died
  }
}

/** Of another machine nothing is known; it is taken for alive. */
function isAlive({ pid, host }: Owner): boolean {
  if (host !== os.hostname()) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
