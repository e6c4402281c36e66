import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../files/atomic-write.ts";
import { type Confinement, fileError, type Place } from "./confine.ts";
import { HttpError } from "./http.ts";

export interface Checkpoint {
  id: string;
  last_modified: string;
}

const folderName = ".ipynb_checkpoints";

/**
 * One checkpoint per file, where Jupyter keeps it: `.ipynb_checkpoints/NAME-checkpoint.EXT` beside the file.
 */
export class Checkpoints {
  readonly #confinement: Confinement;

  constructor(confinement: Confinement) {
    this.#confinement = confinement;
  }

  async list(apiPath: string): Promise<Checkpoint[]> {
    const file = await this.#existingFile(apiPath);
    const place = await this.#locate(file.api).catch(() => undefined);
    return place?.stats?.isFile() ? [describe(place)] : [];
  }

  async create(apiPath: string): Promise<Checkpoint> {
    const file = await this.#existingFile(apiPath);
    try {
      const { handle } = await this.#confinement.openForReading(file);
      const data = await handle.readFile().finally(() => handle.close());
      await this.#makeFolder(file.api);
      const place = await this.#locate(file.api);
      await writeAtomically(place.real, data, { beforeRename: () => this.#confinement.confirmFolder(place) });
      return describe(await this.#locate(file.api));
    } catch (error) {
      throw fileError(error, file.api);
    }
  }

  async restore(apiPath: string, id: string): Promise<void> {
    const file = await this.#confinement.resolve(apiPath);
    const place = await this.#existing(file.api, id);
    try {
      const { handle } = await this.#confinement.openForReading(place);
      const data = await handle.readFile().finally(() => handle.close());
      await writeAtomically(file.real, data, { beforeRename: () => this.#confinement.confirmFolder(file) });
    } catch (error) {
      throw fileError(error, file.api);
    }
  }

  async delete(apiPath: string, id: string): Promise<void> {
    const api = this.#confinement.normalise(apiPath);
    const place = await this.#existing(api, id);
    await rm(place.entry, { force: true });
  }

  /** Lets the checkpoint follow a renamed file. A checkpoint is a convenience: failing to move it fails nothing. */
  async follow(fromApi: string, toApi: string): Promise<void> {
    try {
      const from = await this.#locate(fromApi);
      if (!from.stats?.isFile()) return;
      await this.#makeFolder(toApi);
      await rename(from.entry, (await this.#locate(toApi)).entry);
    } catch {
      // The next save makes a new one.
    }
  }

  async forget(api: string): Promise<void> {
    const place = await this.#locate(api).catch(() => undefined);
    if (place?.stats?.isFile()) await rm(place.entry, { force: true });
  }

  async #existingFile(apiPath: string): Promise<Place> {
    const place = await this.#confinement.resolveExisting(apiPath);
    if (!place.stats.isFile())
      throw new HttpError(400, `${place.api} is a folder; only files have checkpoints`);
    return place;
  }

  async #existing(api: string, id: string): Promise<Place> {
    const place = id === "checkpoint" ? await this.#locate(api).catch(() => undefined) : undefined;
    if (!place?.stats?.isFile()) throw new HttpError(404, `${api} has no checkpoint ${JSON.stringify(id)}`);
    return place;
  }

  #locate(api: string): Promise<Place> {
    return this.#confinement.resolveInternal(checkpointPath(api));
  }

  async #makeFolder(api: string): Promise<void> {
    const folder = await this.#confinement.resolveInternal(path.posix.dirname(checkpointPath(api)));
    if (folder.stats !== undefined) return;
    try {
      await mkdir(folder.entry);
    } catch (error) {
      // Another checkpoint has made it meanwhile. Not `recursive`: that would bring back a deleted folder.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function checkpointPath(api: string): string {
  const { dir, name, ext } = path.posix.parse(api);
  return path.posix.join(dir, folderName, `${name}-checkpoint${ext}`);
}

function describe(place: Place): Checkpoint {
  return { id: "checkpoint", last_modified: (place.stats?.mtime ?? new Date(0)).toISOString() };
}
