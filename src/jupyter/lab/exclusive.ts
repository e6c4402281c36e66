import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { isAlive } from "../files/alive.ts";

interface Owner {
  id: string;
  pid: number;
  host: string;
}

/** How often the owner shows that it is alive, and after how long a silent one is given up. Milliseconds. */
const HEARTBEAT = 5_000;
const SILENCE = 60_000;

/**
 * Runs `work` while no other process runs work under the same lock file. A lock left behind by a process that has
 * died is taken over.
 * @param onWait called once if another process is at work.
 */
export async function exclusively<T>(
  lockFile: string,
  work: () => Promise<T>,
  onWait: () => void = () => undefined,
  pause: number = 250,
): Promise<T> {
  await mkdir(path.dirname(lockFile), { recursive: true });
  const own: Owner = { id: randomUUID(), pid: process.pid, host: hostname() };
  for (let waited = false; !(await acquire(lockFile, own)); waited = true) {
    if (!waited) onWait();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(lockFile, now, now).catch(() => undefined);
  }, HEARTBEAT);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readOwner(lockFile))?.id === own.id) await rm(lockFile, { force: true });
  }
}

async function acquire(lockFile: string, own: Owner): Promise<boolean> {
  try {
    await writeFile(lockFile, JSON.stringify(own), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const owner = await readOwner(lockFile);
  if (await isAbandoned(lockFile, owner)) await takeAway(lockFile, owner);
  return false; // and the next attempt is a race like any other
}

/** undefined if the lock was given back in the meantime, or is not written to its end yet. */
async function readOwner(lockFile: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(lockFile, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

async function isAbandoned(lockFile: string, owner: Owner | undefined): Promise<boolean> {
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  const { mtimeMs } = await stat(lockFile).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > SILENCE;
}

/** Removes the lock of `owner`, unless another process was faster and the lock is already a new one. */
async function takeAway(lockFile: string, owner: Owner | undefined): Promise<void> {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, aside);
  } catch {
    return;
  }
  if ((await readOwner(aside))?.id !== owner?.id) await link(aside, lockFile).catch(() => undefined);
  await rm(aside, { force: true });
}
