import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "./http.ts";

/** A place inside the served folder: the API's path and where it really is. */
export interface Place {
  /** Path as JupyterLab writes it: `/` between names, none at either end, "" for the folder itself. */
  api: string;
  /** The real folder it lies in (links resolved) joined with its name: what to delete or rename. */
  entry: string;
  /** The real path of the thing itself, links resolved: what to read or write. Equals `entry` if there is none yet. */
  real: string;
  /** Of the thing itself; undefined if there is nothing. */
  stats: Stats | undefined;
}

const windows = process.platform === "win32";

/** One answer for everything that is refused, so that it says nothing about what lies outside. */
export function noSuchPath(api: string): HttpError {
  return new HttpError(404, `no such file or folder: ${api}`);
}

/**
 * Confines a server to one folder. A path is refused with 404 if it has `..`, a hidden name, a backslash or NUL,
 * or if the links on its way lead out of the folder. The check compares real paths name by name, so that a
 * neighbour `/x/notes-private` is not taken for a part of `/x/notes`.
 */
export class Confinement {
  readonly root: string;

  /** @param root must be a real path (`fs.realpath`). */
  constructor(root: string) {
    this.root = root;
  }

  /** Is this real path the folder or inside it? */
  contains(real: string): boolean {
    const relative = path.relative(this.root, real);
    return relative === "" || (relative.split(path.sep)[0] !== ".." && !path.isAbsolute(relative));
  }

  /** Normalises an API path. @throws {HttpError} 404 for every kind of name that is never served. */
  normalise(api: string): string {
    const names = api.split("/").filter((name) => name !== "");
    for (const name of names) if (!isServableName(name)) throw noSuchPath(api.slice(0, 300));
    return names.join("/");
  }

  /**
   * Finds where an API path leads. The thing need not exist, its folder must.
   * @throws {HttpError} 404 if it is refused, leads out, or lies in no existing folder.
   */
  async resolve(apiPath: string): Promise<Place> {
    const api = this.normalise(apiPath);
    return this.#locate(api, path.join(this.root, ...api.split("/")));
  }

  /** As `resolve`, for a name this server made itself and that may be hidden (checkpoints, the trash). */
  async resolveInternal(relative: string): Promise<Place> {
    return this.#locate(relative, path.join(this.root, ...relative.split("/")));
  }

  async #locate(api: string, lexical: string): Promise<Place> {
    if (lexical === this.root) {
      return { api: "", entry: this.root, real: this.root, stats: await lstat(this.root) };
    }
    let folder: string;
    try {
      folder = await realpath(path.dirname(lexical));
    } catch {
      throw noSuchPath(api);
    }
    const entry = path.join(folder, path.basename(lexical));
    if (!this.contains(entry)) throw noSuchPath(api);
    let stats: Stats;
    try {
      stats = await lstat(entry);
    } catch (error) {
      if (!isNothingThere(error)) throw fileError(error, api);
      return { api, entry, real: entry, stats: undefined };
    }
    if (!stats.isSymbolicLink()) return { api, entry, real: entry, stats };
    try {
      const real = await realpath(entry);
      if (this.contains(real)) return { api, entry, real, stats: await lstat(real) };
    } catch {
      // A link to nothing is refused too: writing through it would create a file wherever it points.
    }
    throw noSuchPath(api);
  }

  /** As `resolve`, but something must be there. */
  async resolveExisting(apiPath: string): Promise<Place & { stats: Stats }> {
    const place = await this.resolve(apiPath);
    const { stats } = place;
    if (stats === undefined) throw noSuchPath(place.api);
    return { ...place, stats };
  }

  /**
   * Opens a file for reading and then makes sure that what was opened lies inside, so that a link put in its way
   * after `resolve` gains nothing: the open file must be the one that the real path names, and that path is inside.
   */
  async openForReading(place: Place): Promise<{ handle: FileHandle; stats: Stats }> {
    let handle: FileHandle;
    try {
      // O_NONBLOCK: opening a FIFO would otherwise wait for a writer for ever.
      handle = await open(place.real, constants.O_RDONLY | noFollow | (windows ? 0 : constants.O_NONBLOCK));
    } catch (error) {
      throw fileError(error, place.api);
    }
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new HttpError(400, `${place.api} is not a regular file`);
      await this.#confirm(place, stats);
      return { handle, stats };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #confirm(place: Place, opened: Stats): Promise<void> {
    try {
      const real = await realpath(place.real);
      const there = await lstat(real);
      if (this.contains(real) && there.ino === opened.ino && there.dev === opened.dev) return;
    } catch {
      // gone in the meantime: refused like a foreign file
    }
    throw noSuchPath(place.api);
  }

  /** Is the real folder that this place lies in still where it was? Asked again just before a change. */
  async confirmFolder(place: Place): Promise<void> {
    const folder = path.dirname(place.real);
    const now = await realpath(folder).catch(() => undefined);
    if (now !== folder || !this.contains(folder)) throw noSuchPath(place.api);
  }
}

const noFollow: number = windows ? 0 : constants.O_NOFOLLOW;

function isServableName(name: string): boolean {
  // Hidden names include "." and "..".
  if (name.startsWith(".") || name.includes("\\") || name.includes("\0")) return false;
  // Windows: drive letters and alternate streams; names it would silently change or treat as devices.
  return !windows || !(/[:*?"<>|]/.test(name) || /[. ]$/.test(name) || deviceName.test(name));
}

const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The server lists neither hidden names nor what only clutters. */
export function isListed(name: string): boolean {
  return isServableName(name) && name !== "node_modules" && !name.endsWith("~");
}

function isNothingThere(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Turns an error of the file system into an answer that says what to do. */
export function fileError(error: unknown, api: string): HttpError {
  if (error instanceof HttpError) return error;
  const name = api === "" ? "the served folder" : api;
  switch ((error as NodeJS.ErrnoException)?.code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return noSuchPath(api);
    case "EACCES":
    case "EPERM":
      return new HttpError(403, `no permission for ${name}: check who owns it`, { cause: error });
    case "EROFS":
      return new HttpError(403, `${name} lies on a read-only file system`, { cause: error });
    case "ENOSPC":
    case "EDQUOT":
      return new HttpError(
        507,
        `the disk is full: ${name} was not written, and what was there is unchanged. Free some space, then save again`,
        { cause: error },
      );
    case "ENAMETOOLONG":
      return new HttpError(400, `the name is too long: ${name.slice(0, 120)}…`, { cause: error });
    case "EISDIR":
      return new HttpError(400, `${name} is a folder`, { cause: error });
    case "EEXIST":
    case "ENOTEMPTY":
      return new HttpError(409, `${name} already exists`, { cause: error });
    default:
      return new HttpError(500, `${name}: ${(error as Error)?.message ?? error}`, { cause: error });
  }
}
