import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../files/atomic-write.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Named JSON objects in which front-end plugins keep their configuration (Jupyter Server's `/api/config`). */
export class ConfigSections {
  readonly #folder: string;

  constructor(configFolder: string) {
    this.#folder = path.join(configFolder, "lab", "sections");
  }

  /** A section that is not there is empty. */
  async get(section: string): Promise<Json> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file(section), "utf8"));
      return isObject(value) ? value : {};
    } catch {
      return {};
    }
  }

  async replace(section: string, value: Json): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeAtomically(this.#file(section), JSON.stringify(value, null, 2));
  }

  /** Objects are merged at every depth, null removes. */
  async merge(section: string, changes: Json): Promise<Json> {
    const merged = merge(await this.get(section), changes);
    await this.replace(section, merged);
    return merged;
  }

  #file(section: string): string {
    return path.join(this.#folder, `${section}.json`);
  }
}

function merge(target: Json, changes: Json): Json {
  // A Map, because a key "__proto__" assigned to an object would change its prototype.
  const entries = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(changes)) {
    const old = entries.get(key);
    if (value === null) entries.delete(key);
    else entries.set(key, isObject(value) ? merge(isObject(old) ? old : {}, value) : value);
  }
  return Object.fromEntries(entries);
}
