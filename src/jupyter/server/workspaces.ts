import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../files/atomic-write.ts";
import { HttpError } from "./http.ts";

/** A layout of JupyterLab: which documents are open, and where. */
export interface Workspace {
  data: Record<string, unknown>;
  metadata: { id: string; last_modified?: string; created?: string };
}

const extension = ".jupyterlab-workspace";

/**
 * JupyterLab's layouts, kept apart for each served folder, because a layout names documents: restoring that of
 * another folder would greet the user with errors.
 */
export class Workspaces {
  readonly #folder: string;

  constructor(configFolder: string, servedFolder: string) {
    const key = createHash("sha256").update(servedFolder).digest("hex").slice(0, 16);
    this.#folder = path.join(configFolder, "lab", "workspaces", key);
  }

  async list(): Promise<Workspace[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.filter((name) => name.endsWith(extension)).sort();
    const found = await Promise.all(files.map((name) => this.#read(path.join(this.#folder, name))));
    return found.flatMap((workspace) => workspace ?? []);
  }

  /** A layout that is not there yet is empty. */
  async get(id: string): Promise<Workspace> {
    return (await this.#read(this.#file(id))) ?? { data: {}, metadata: { id } };
  }

  /** @throws {HttpError} 400 unless the body is a workspace with this id. */
  async save(id: string, body: Record<string, unknown>): Promise<void> {
    const { data, metadata } = body as Partial<Workspace>;
    if (typeof data !== "object" || data === null || typeof metadata?.id !== "string") {
      throw new HttpError(400, 'a workspace has "data" and "metadata.id"');
    }
    if (trimSlash(metadata.id) !== trimSlash(id)) {
      throw new HttpError(400, `the workspace says that it is ${metadata.id}, not ${id}`);
    }
    await mkdir(this.#folder, { recursive: true });
    await writeAtomically(this.#file(id), JSON.stringify({ data, metadata }));
  }

  async delete(id: string): Promise<void> {
    await unlink(this.#file(id)).catch(() => {
      throw new HttpError(404, `no workspace ${id}`);
    });
  }

  async #read(file: string): Promise<Workspace | undefined> {
    try {
      const workspace = JSON.parse(await readFile(file, "utf8")) as Workspace;
      const { mtime, ctime } = await stat(file);
      const times = { last_modified: mtime.toISOString(), created: ctime.toISOString() };
      return { ...workspace, metadata: { ...workspace.metadata, ...times } };
    } catch {
      return undefined; // a layout is not worth an error
    }
  }

  /** Readable, and safe whatever the id is: the hash keeps ids apart that look alike when stripped. */
  #file(id: string): string {
    const name = trimSlash(id);
    const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
    return path.join(this.#folder, `${name.replace(/[^\w-]+/g, "-").slice(0, 60)}-${hash}${extension}`);
  }
}

const trimSlash = (id: string): string => id.replace(/^\/+/, "");
