import { appendFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { newTemporary, syncFolder } from "../files/atomic-write.ts";
import { type Confinement, fileError, type Place } from "./confine.ts";
import { baseModel, type ContentsModel } from "./contents-model.ts";
import { HttpError, stringField } from "./http.ts";

/** The bytes of a file body. @throws {HttpError} 400 for a missing content, unknown format or broken base64. */
export function decodeContent(body: Record<string, unknown>, api: string): Buffer {
  const content = stringField(body, "content", true);
  const format = stringField(body, "format") ?? "text";
  if (format === "text") return Buffer.from(content, "utf8");
  if (format !== "base64")
    throw new HttpError(400, `${api}: the format must be "text" or "base64", got "${format}"`);
  // Buffer.from skips what is not base64, so that damage would be saved without a word.
  const compact = content.replace(/\s/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new HttpError(400, `${api}: the content is not base64`);
  }
  return Buffer.from(compact, "base64");
}

/**
 * Large files arrive in chunks 1, 2, …, −1 (the last). They are collected in a hidden temporary, so that the file
 * appears, or replaces an old one, only when it is whole.
 */
export class Uploads {
  readonly #confinement: Confinement;
  readonly #started: Map<string, { temporary: string; next: number }> = new Map();

  constructor(confinement: Confinement) {
    this.#confinement = confinement;
  }

  /** @returns the model of the part that has arrived, undefined after the last chunk (the file is there then). */
  async add(place: Place, body: Record<string, unknown>): Promise<ContentsModel | undefined> {
    const chunk = body["chunk"];
    if (typeof chunk !== "number" || !Number.isInteger(chunk) || chunk < -1 || chunk === 0) {
      throw new HttpError(400, `${place.api}: a chunk is numbered 1, 2, … and the last one -1, got ${chunk}`);
    }
    const data = decodeContent(body, place.api);
    if (chunk === 1) await this.#forget(place);
    const upload =
      chunk === 1
        ? { temporary: newTemporary(path.dirname(place.real)), next: 1 }
        : this.#started.get(place.real);
    if (!upload || (chunk !== -1 && chunk !== upload.next)) {
      await this.#forget(place);
      throw new HttpError(
        400,
        `${place.api}: chunk ${chunk} does not follow the one before; upload the file again`,
      );
    }
    this.#started.set(place.real, upload);
    upload.next++;
    try {
      await appendFile(upload.temporary, data, { flush: chunk === -1 });
      if (chunk !== -1) return { ...(await baseModel(place, await stat(upload.temporary))), writable: true };
      await this.#confinement.confirmFolder(place);
      await rename(upload.temporary, place.real);
      this.#started.delete(place.real);
      await syncFolder(path.dirname(place.real));
      return undefined;
    } catch (error) {
      await this.#forget(place);
      throw fileError(error, place.api);
    }
  }

  async #forget(place: Place): Promise<void> {
    const upload = this.#started.get(place.real);
    this.#started.delete(place.real);
    if (upload) await rm(upload.temporary, { force: true });
  }
}
