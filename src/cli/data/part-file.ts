import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";

/** Where the bytes of a part came from; a resume is only right if the server still has the same file. */
export interface PartOrigin {
  readonly url: string;
  /** The server's ETag or Last-Modified, for If-Range. */
  readonly validator?: string;
}

/**
 * The beginning of a file that is being downloaded, kept beside its place under a name of its own (".names.txt.PID.part",
 * with its origin in "….part.json"), so that a later try can go on. Two processes never write to one part: a part is
 * taken over by renaming it, and only from a process that is gone.
 */
export class PartFile {
  readonly path: string;
  #origin: PartOrigin | undefined;

  constructor(folder: string, file: string) {
    this.path = path.join(folder, `.${file}.${process.pid}.part`);
    for (const from of abandonedParts(folder, file)) {
      try {
        renameSync(from, this.path);
        renameSync(`${from}.json`, `${this.path}.json`);
        break;
      } catch {
        // Another process took it, or it has no origin: then it is of no use.
      }
    }
    this.#origin = this.#readOrigin();
  }

  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  get origin(): PartOrigin | undefined {
    return this.#origin;
  }

  /** Begins anew, with bytes from another origin. */
  restart(origin: PartOrigin): void {
    writeFileSync(this.path, "");
    writeFileSync(`${this.path}.json`, JSON.stringify(origin));
    this.#origin = origin;
  }

  append(chunk: Uint8Array): void {
    const handle = openSync(this.path, "a");
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(handle, chunk, at);
    } finally {
      closeSync(handle);
    }
  }

  read(): Uint8Array {
    return readFileSync(this.path);
  }

  remove(): void {
    this.#origin = undefined;
    rmSync(this.path, { force: true });
    rmSync(`${this.path}.json`, { force: true });
  }

  /** Removes what earlier tries left, once the file is there. */
  static clear(folder: string, file: string): void {
    new PartFile(folder, file).remove();
    for (const part of abandonedParts(folder, file)) {
      rmSync(part, { force: true });
      rmSync(`${part}.json`, { force: true });
    }
  }

  #readOrigin(): PartOrigin | undefined {
    try {
      const { url, validator } = JSON.parse(readFileSync(`${this.path}.json`, "utf8")) as PartOrigin;
      return typeof url === "string" && this.size > 0 ? { url, validator } : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A download gives up much sooner than this when nothing arrives. */
const ABANDONED_AFTER_MS = 3_600_000;

/** Parts of processes that are gone. A number may be in use again, so an old part is abandoned in any case. */
function abandonedParts(folder: string, file: string): string[] {
  const prefix = `.${file}.`;
  return readdirSync(folder).flatMap((name) => {
    const pid = name.startsWith(prefix) ? /^(\d+)\.part$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || Number(pid) === process.pid) return [];
    const part = path.join(folder, name);
    const touched = statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return isAlive(Number(pid)) && Date.now() - touched < ABANDONED_AFTER_MS ? [] : [part];
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
