import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Confinement } from "./confine.ts";
import type { Request } from "./http.ts";
import { contentType } from "./mime.ts";

/**
 * Streams a file of a confined folder, with an ETag and single byte ranges (players seek in audio and video).
 * @throws {HttpError} as `Confinement.openForReading`.
 */
export async function sendFile(
  request: Request,
  confinement: Confinement,
  apiPath: string,
  headers: Record<string, string>,
): Promise<void> {
  const { response, raw } = request;
  const place = await confinement.resolveExisting(apiPath);
  const { handle, stats } = await confinement.openForReading(place);
  try {
    const etag = `"${stats.size.toString(16)}-${Math.round(stats.mtimeMs * 1000).toString(16)}"`;
    const common = {
      ETag: etag,
      "Last-Modified": stats.mtime.toUTCString(),
      "Accept-Ranges": "bytes",
      ...headers,
    };
    if (raw.headers["if-none-match"] === etag) {
      response.writeHead(304, common).end();
      return;
    }
    const range = parseRange(raw.headers.range, stats.size);
    if (range === "unsatisfiable") {
      response.writeHead(416, { ...common, "Content-Range": `bytes */${stats.size}` }).end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: stats.size - 1 };
    response.writeHead(range ? 206 : 200, {
      "Content-Type": contentType(place.api),
      ...common,
      "Content-Length": end - start + 1,
      ...(range && { "Content-Range": `bytes ${start}-${end}/${stats.size}` }),
    });
    if (request.method === "HEAD" || end < start) response.end();
    else await stream(handle.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}

async function stream(source: NodeJS.ReadableStream, response: ServerResponse): Promise<void> {
  try {
    await pipeline(source, response);
  } catch {
    // The browser went away in the middle: nobody is left to tell.
  }
}

/** RFC 9110, section 14: one range of bytes. Several ranges are answered with the whole file, as it allows. */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [, from, to] = match;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end ? "unsatisfiable" : { start, end };
}
