import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Confinement, Place } from "./confine.ts";

const folderName = ".trash";
const keptDays = 30;

/**
 * What JupyterLab deletes is moved to `.trash/TIME/…` in the served folder and stays there for 30 days: same file
 * system, so it costs nothing, cannot fail half-way, and a learner's mistake is not final. To get a file back,
 * move it back.
 */
export async function moveToTrash(
  confinement: Confinement,
  place: Place,
  now: Date = new Date(),
): Promise<void> {
  const trash = await confinement.resolveInternal(folderName);
  if (trash.stats === undefined) {
    await mkdir(trash.entry);
    // Keeps deleted files out of version control when the served folder is a repository.
    await writeFile(path.join(trash.entry, ".gitignore"), "*\n");
  }
  // A folder of its own for each deletion: `rename` would silently replace an earlier file of the same name.
  const target = path.join(await newFolder(path.join(trash.real, stampOf(now))), ...place.api.split("/"));
  await mkdir(path.dirname(target), { recursive: true });
  await rename(place.entry, target);
}

const stampOf = (time: Date): string => time.toISOString().replaceAll(":", "-");

async function newFolder(wanted: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const folder = attempt === 0 ? wanted : `${wanted}-${attempt}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Removes for good what was deleted more than 30 days ago. */
export async function emptyOldTrash(confinement: Confinement, now: Date = new Date()): Promise<void> {
  const trash = await confinement.resolveInternal(folderName).catch(() => undefined);
  if (!trash?.stats?.isDirectory()) return;
  const oldest = stampOf(new Date(now.getTime() - keptDays * 24 * 3600 * 1000));
  for (const name of await readdir(trash.real)) {
    if (/^\d{4}-\d\d-\d\dT/.test(name) && name < oldest) {
      await rm(path.join(trash.real, name), { recursive: true, force: true });
    }
  }
}
