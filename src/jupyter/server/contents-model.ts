import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { joinTexts } from "../files/notebook-json.ts";
import { parseNotebook } from "./check-notebook.ts";
import { type Confinement, fileError, isListed, type Place } from "./confine.ts";
import { formatBytes, HttpError } from "./http.ts";
import { mimeType } from "./mime.ts";
import type { Notary } from "./trust.ts";

/** An entry of the contents API, as Jupyter Server describes it. */
export interface ContentsModel {
  name: string;
  path: string;
  type: "directory" | "notebook" | "file";
  created: string;
  last_modified: string;
  content: unknown;
  format: "json" | "text" | "base64" | null;
  mimetype: string | null;
  size: number | null;
  writable: boolean;
  hash: string | null;
  hash_algorithm: "sha256" | null;
}

export interface GetOptions {
  type?: string;
  format?: string;
  content: boolean;
  hash: boolean;
}

/** A larger file would have to pass through one string, which V8 ends at 512 MB; it can still be downloaded. */
const largestOpened = 200_000_000;

/** Reads a file, folder or notebook. @throws {HttpError} 404, or 400 where it is not what was asked for. */
export async function readModel(
  confinement: Confinement,
  notary: Notary,
  apiPath: string,
  options: GetOptions,
): Promise<ContentsModel> {
  const place = await confinement.resolveExisting(apiPath);
  const { type } = options;
  if (place.stats.isDirectory()) {
    if (type !== undefined && type !== "directory")
      throw new HttpError(400, `${place.api} is a folder, not a ${type}`);
    return directoryModel(confinement, place, options.content);
  }
  if (type === "directory") throw new HttpError(400, `${place.api} is not a folder`);
  const model = await baseModel(place, place.stats);
  model.type = type === "notebook" || (type !== "file" && place.api.endsWith(".ipynb")) ? "notebook" : "file";
  if (model.type === "file") model.mimetype = mimeType(model.name) ?? null;
  if (!options.content && !options.hash) return model;

  const bytes = await readWhole(
    confinement,
    place,
    options.content ? largestOpened : Number.POSITIVE_INFINITY,
  );
  if (options.hash) {
    model.hash = bytes.hash;
    model.hash_algorithm = "sha256";
  }
  if (!options.content) return model;
  if (model.type === "notebook") {
    const notebook = parseNotebook(bytes.data.toString("utf8"), place.api);
    return { ...model, format: "json", content: await notary.mark(joinTexts(notebook)) };
  }
  return { ...model, ...fileContent(bytes.data, options.format, model) };
}

/** The model of a file or folder without its content. */
export async function baseModel(place: Place, stats: Stats): Promise<ContentsModel> {
  const writable = await access(place.real, constants.W_OK).then(
    () => true,
    () => false,
  );
  // Some file systems do not know when a file was born.
  const created = stats.birthtimeMs > 0 ? stats.birthtime : stats.ctime;
  return {
    name: path.posix.basename(place.api),
    path: place.api,
    type: stats.isDirectory() ? "directory" : place.api.endsWith(".ipynb") ? "notebook" : "file",
    created: created.toISOString(),
    last_modified: stats.mtime.toISOString(),
    content: null,
    format: null,
    mimetype: null,
    size: stats.isDirectory() ? null : stats.size,
    writable,
    hash: null,
    hash_algorithm: null,
  };
}

async function directoryModel(
  confinement: Confinement,
  place: Place & { stats: Stats },
  content: boolean,
): Promise<ContentsModel> {
  const model = await baseModel(place, place.stats);
  if (!content) return model;
  let names: string[];
  try {
    names = await readdir(place.real);
  } catch (error) {
    throw fileError(error, place.api);
  }
  const entries = await Promise.all(
    names.filter(isListed).map(async (name) => {
      try {
        const entry = await confinement.resolveExisting(place.api === "" ? name : `${place.api}/${name}`);
        // Sockets, FIFOs and devices cannot be opened, so they are not shown.
        return entry.stats.isFile() || entry.stats.isDirectory() ? [await baseModel(entry, entry.stats)] : [];
      } catch {
        // A link that leads out, an entry that vanished or may not be looked at: not shown.
        return [];
      }
    }),
  );
  return { ...model, format: "json", content: entries.flat() };
}

async function readWhole(
  confinement: Confinement,
  place: Place,
  limit: number,
): Promise<{ data: Buffer; hash: string }> {
  const { handle, stats } = await confinement.openForReading(place);
  try {
    if (stats.size > limit) {
      throw new HttpError(
        400,
        `${place.api} is too large to open here (${formatBytes(stats.size)}): download it instead`,
      );
    }
    const hash = createHash("sha256");
    const chunks: Buffer[] = [];
    // A file that is only hashed is not kept in memory.
    const keep = Number.isFinite(limit);
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      if (keep) chunks.push(chunk as Buffer);
    }
    return { data: Buffer.concat(chunks), hash: hash.digest("hex") };
  } catch (error) {
    throw fileError(error, place.api);
  } finally {
    await handle.close();
  }
}

function fileContent(
  data: Buffer,
  format: string | undefined,
  model: ContentsModel,
): Pick<ContentsModel, "content" | "format" | "mimetype"> {
  if (format !== "base64") {
    const text = decodeUtf8(data);
    // Without a wish, bytes with NUL count as binary although they are valid UTF-8.
    if (text !== undefined && (format === "text" || !data.includes(0))) {
      return { content: text, format: "text", mimetype: model.mimetype ?? "text/plain" };
    }
    if (format === "text") {
      throw new HttpError(
        400,
        `${model.path} is not UTF-8 text, so it cannot be opened in the editor: download it instead`,
      );
    }
  }
  return {
    content: data.toString("base64"),
    format: "base64",
    mimetype: model.mimetype ?? "application/octet-stream",
  };
}

function decodeUtf8(data: Buffer): string | undefined {
  try {
    // ignoreBOM keeps the mark, so that saving gives the same bytes.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}
