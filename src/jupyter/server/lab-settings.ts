import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../files/atomic-write.ts";
import { HttpError } from "./http.ts";

/** The UI's build lists the settings schemas of its extensions: plugin id → schema and package version. */
export type Schemas = Record<string, { schema: Record<string, unknown>; version: string }>;

/** One plugin's settings as JupyterLab reads them. `raw` is JSON5, which JupyterLab parses and validates itself. */
export interface PluginSettings {
  id: string;
  raw: string;
  schema: Record<string, unknown>;
  settings: Record<string, unknown>;
  version: string;
  created: string | null;
  last_modified: string | null;
}

/**
 * JupyterLab's settings: schemas from the bundle, the user's changes in `user-settings/PACKAGE/PLUGIN` of the
 * config folder, in the same form as JupyterLab's own files.
 */
export class LabSettings {
  readonly #schemas: Schemas;
  readonly #folder: string;

  constructor(schemas: Schemas, configFolder: string) {
    this.#schemas = schemas;
    this.#folder = path.join(configFolder, "lab", "user-settings");
  }

  ids(): string[] {
    return Object.keys(this.#schemas).sort();
  }

  list(): Promise<PluginSettings[]> {
    return Promise.all(this.ids().map((id) => this.get(id)));
  }

  /** @throws {HttpError} 404 for a plugin that the bundle does not have. */
  async get(id: string): Promise<PluginSettings> {
    const { schema, version } = this.#schema(id);
    const file = this.#file(id);
    const stats = await stat(file).catch(() => undefined);
    const text = stats ? await readFile(file, "utf8") : "";
    return {
      id,
      // One damaged file would keep the whole of JupyterLab from starting.
      raw: looksLikeObject(text) ? text : "{}",
      schema,
      settings: {},
      version,
      created: stats ? stats.ctime.toISOString() : null,
      last_modified: stats ? stats.mtime.toISOString() : null,
    };
  }

  /** @throws {HttpError} 404 for an unknown plugin, 400 for a text that cannot be an object. */
  async save(id: string, raw: string): Promise<void> {
    this.#schema(id);
    if (!looksLikeObject(raw)) throw new HttpError(400, `the settings of ${id} must be an object: {…}`);
    const file = this.#file(id);
    await mkdir(path.dirname(file), { recursive: true });
    await writeAtomically(file, raw);
  }

  #schema(id: string): Schemas[string] {
    if (!Object.hasOwn(this.#schemas, id)) throw new HttpError(404, `no settings for ${id}`);
    return this.#schemas[id];
  }

  /** Only ids of the bundle's own list come here, so none can lead elsewhere. */
  #file(id: string): string {
    const [packageName, plugin] = id.split(":");
    return path.join(this.#folder, ...packageName.split("/"), `${plugin}.jupyterlab-settings`);
  }
}

function looksLikeObject(text: string): boolean {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").trim();
  return bare.startsWith("{") && bare.endsWith("}");
}
