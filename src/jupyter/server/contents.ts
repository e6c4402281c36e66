import { cp, lstat, mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { removeStaleTemporaries, writeAtomically } from "../files/atomic-write.ts";
import { serialiseNotebook } from "../files/notebook-json.ts";
import { checkNotebook } from "./check-notebook.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Confinement, fileError, isListed, noSuchPath, type Place } from "./confine.ts";
import { baseModel, type ContentsModel, type GetOptions, readModel } from "./contents-model.ts";
import { HttpError, stringField } from "./http.ts";
import { emptyOldTrash, moveToTrash } from "./trash.ts";
import type { Notary } from "./trust.ts";
import { decodeContent, Uploads } from "./uploads.ts";

export interface Saved {
  model: ContentsModel;
  /** True if there was no such file or folder before. */
  created: boolean;
}

/**
 * The files of one folder through Jupyter's contents API. Changes happen one after another, so that two browser
 * tabs cannot choose the same new name or overtake each other's save.
 */
export class Contents {
  readonly confinement: Confinement;
  readonly checkpoints: Checkpoints;
  readonly #notary: Notary;
  readonly #uploads: Uploads;
  #last: Promise<unknown> = Promise.resolve();

  /** @param root a real path. */
  constructor(root: string, notary: Notary) {
    this.confinement = new Confinement(root);
    this.checkpoints = new Checkpoints(this.confinement);
    this.#notary = notary;
    this.#uploads = new Uploads(this.confinement);
  }

  /** Clears what earlier runs left: temporaries of killed saves, deleted files older than 30 days. */
  async tidy(): Promise<void> {
    await removeStaleTemporaries(this.confinement.root);
    await emptyOldTrash(this.confinement);
  }

  get(apiPath: string, options: GetOptions): Promise<ContentsModel> {
    return readModel(this.confinement, this.#notary, apiPath, options);
  }

  /** PUT: writes a file, notebook or one chunk of an upload, or makes a folder. */
  save(apiPath: string, body: Record<string, unknown>): Promise<Saved> {
    return this.#exclusively(() => this.#save(apiPath, body));
  }

  async #save(apiPath: string, body: Record<string, unknown>): Promise<Saved> {
    const place = await this.confinement.resolve(apiPath);
    if (place.api === "") throw new HttpError(400, "the served folder itself cannot be written");
    const created = place.stats === undefined;
    const type = entryType(stringField(body, "type"), place.api);
    if (type === "directory") {
      if (place.stats && !place.stats.isDirectory()) throw new HttpError(409, `${place.api} is a file`);
      if (created) await guarded(place.api, () => mkdir(place.entry));
      return { model: await this.#modelOf(place.api), created };
    }
    if (place.stats?.isDirectory()) throw new HttpError(400, `${place.api} is a folder`);
    if (body["chunk"] !== undefined && body["chunk"] !== null) {
      const finished = await this.#uploads.add(place, body);
      return { model: finished ?? (await this.#modelOf(place.api)), created };
    }
    const data = type === "notebook" ? await this.#notebookData(place, body) : decodeContent(body, place.api);
    await this.#write(place, data);
    return { model: await this.#modelOf(place.api), created };
  }

  async #notebookData(place: Place, body: Record<string, unknown>): Promise<string> {
    const content = body["content"] ?? emptyNotebook;
    return serialiseNotebook(await this.#notary.sign(checkNotebook(content, place.api)));
  }

  async #write(place: Place, data: string | Uint8Array): Promise<void> {
    // A rename would replace a read-only file without asking.
    if (place.stats && !(await baseModel(place, place.stats)).writable) {
      throw new HttpError(
        403,
        `${place.api} is read-only: change its permissions, or save it under another name`,
      );
    }
    await guarded(place.api, async () => {
      const beforeRename = (): Promise<void> => this.confinement.confirmFolder(place);
      await writeAtomically(place.real, data, { beforeRename });
    });
    // Other saves in this folder may have been killed; now is a cheap moment to look.
    await removeStaleTemporaries(path.dirname(place.real));
  }

  /** POST: a new file, notebook or folder in a folder, under the first free name. */
  create(folderPath: string, body: Record<string, unknown>): Promise<ContentsModel> {
    return this.#exclusively(async () => {
      const folder = await this.#folder(folderPath);
      const wanted = stringField(body, "ext") ?? "";
      const type = wanted === ".ipynb" ? "notebook" : entryType(stringField(body, "type"), "");
      const extension = type === "notebook" ? ".ipynb" : type === "directory" ? "" : wanted;
      const stem = type === "notebook" ? "Untitled" : type === "directory" ? "Untitled Folder" : "untitled";
      const name = await this.#freeName(folder, stem, extension, 0, type === "directory" ? " " : "");
      const content = type === "file" ? { content: "", format: "text" } : {};
      return (await this.#save(join(folder.api, name), { type, ...content })).model;
    });
  }

  /** POST with `copy_from`: a copy `NAME-Copy1.ext` in a folder. Folders are copied without hidden files and links. */
  copy(fromPath: string, folderPath: string): Promise<ContentsModel> {
    return this.#exclusively(async () => {
      const from = await this.confinement.resolveExisting(fromPath);
      const folder = await this.#folder(folderPath);
      if (from.stats.isDirectory() && isInside(folder.real, from.real)) {
        throw new HttpError(400, `${from.api} cannot be copied into itself`);
      }
      // The copy of a copy counts on, instead of growing a tail of "-Copy1-Copy1".
      const { name, ext } = path.posix.parse(from.api);
      const target = await this.#freeName(folder, name.replace(/-Copy\d+$/, ""), ext, 1, "-Copy");
      const place = await this.confinement.resolve(join(folder.api, target));
      await guarded(place.api, async () => {
        if (from.stats.isDirectory()) await copyFolder(from.real, place.entry);
        else {
          const { handle } = await this.confinement.openForReading(from);
          const data = await handle.readFile().finally(() => handle.close());
          const beforeRename = (): Promise<void> => this.confinement.confirmFolder(place);
          await writeAtomically(place.entry, data, { mode: from.stats.mode & 0o777, beforeRename });
        }
      });
      return this.#modelOf(place.api);
    });
  }

  /** PATCH: renames or moves. Never replaces anything. */
  rename(fromPath: string, toPath: string): Promise<ContentsModel> {
    return this.#exclusively(async () => {
      const from = await this.confinement.resolveExisting(fromPath);
      const to = await this.confinement.resolve(toPath);
      if (from.api === "" || to.api === "")
        throw new HttpError(400, "the served folder itself cannot be renamed");
      if (from.api === to.api) return this.#modelOf(from.api);
      // A name that differs only in case may be the same file, where the file system does not tell them apart.
      const same = to.stats && to.stats.ino === from.stats.ino && to.stats.dev === from.stats.dev;
      if (to.stats && !same) throw new HttpError(409, `${to.api} already exists: choose another name`);
      if (from.stats.isDirectory() && isInside(to.entry, from.entry) && !same) {
        throw new HttpError(400, `${from.api} cannot be moved into itself`);
      }
      await guarded(to.api, () => rename(from.entry, to.entry));
      await this.checkpoints.follow(from.api, to.api);
      return this.#modelOf(to.api);
    });
  }

  /** DELETE: moves to the trash (see trash.ts). */
  delete(apiPath: string): Promise<void> {
    return this.#exclusively(async () => {
      const place = await this.confinement.resolveExisting(apiPath);
      if (place.api === "") throw new HttpError(400, "the served folder itself cannot be deleted");
      await guarded(place.api, () => moveToTrash(this.confinement, place));
      await this.checkpoints.forget(place.api);
    });
  }

  async #folder(apiPath: string): Promise<Place> {
    const place = await this.confinement.resolveExisting(apiPath);
    if (!place.stats.isDirectory()) throw new HttpError(400, `${place.api} is a file, not a folder`);
    return place;
  }

  async #freeName(
    folder: Place,
    stem: string,
    extension: string,
    first: number,
    infix: string,
  ): Promise<string> {
    for (let i = first; ; i++) {
      const name = `${stem}${i === 0 ? "" : infix + i}${extension}`;
      if (name.includes("/") || !isListed(name)) throw noSuchPath(name);
      // A link that leads out is refused by `resolve`; its name is taken all the same.
      const place = await this.confinement.resolve(join(folder.api, name)).catch(() => undefined);
      if (place && place.stats === undefined) return name;
    }
  }

  async #modelOf(api: string): Promise<ContentsModel> {
    const place = await this.confinement.resolveExisting(api);
    return baseModel(place, place.stats);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

const emptyNotebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };

const join = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

const isInside = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer + path.sep);

/** The types that Jupyter Server knows; without one, by the name. @throws {HttpError} 400 for another. */
function entryType(type: string | undefined, api: string): "directory" | "notebook" | "file" {
  if (type === "directory" || type === "notebook" || type === "file") return type;
  if (type) throw new HttpError(400, `the field "type" must be file, notebook or directory, got "${type}"`);
  return api.endsWith(".ipynb") ? "notebook" : "file";
}

async function copyFolder(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    errorOnExist: true,
    force: false,
    verbatimSymlinks: true,
    filter: async (source) => {
      if (source === from) return true;
      const stats = await lstat(source);
      return isListed(path.basename(source)) && (stats.isFile() || stats.isDirectory());
    },
  });
}

async function guarded(api: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw fileError(error, api);
  }
}
