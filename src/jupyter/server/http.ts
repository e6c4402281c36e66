import type { IncomingMessage, ServerResponse } from "node:http";
import { UnrolledError } from "../../errors.ts";

/** A refusal with an HTTP status; its message is shown to the user by JupyterLab, so it says what to do. */
export class HttpError extends UnrolledError {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** One request as the handlers see it. `params` are the decoded groups of the route's pattern. */
export interface Request {
  method: string;
  /** Still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  params: string[];
  raw: IncomingMessage;
  response: ServerResponse;
  /** The parsed JSON body, `{}` if there is none. @throws {HttpError} 400 or 413. */
  json(): Promise<Record<string, unknown>>;
}

/** What a handler returns: JSON with a status, or undefined when it has answered by itself. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (request: Request) => Promise<Reply | undefined> | Reply | undefined;

interface Route {
  method: string;
  pattern: RegExp;
  handler: Handler;
}

/** The table of routes. A pattern is matched against the still encoded path, its groups are decoded once. */
export class Router {
  #routes: Route[] = [];

  on(method: string, pattern: RegExp, handler: Handler): void {
    this.#routes.push({ method, pattern, handler });
  }

  /** @throws {HttpError} 404 if no route has this path, 405 if one has it with another method only. */
  find(method: string, path: string): { handler: Handler; params: string[] } {
    // HEAD is answered like GET; Node leaves the body out.
    const wanted = method === "HEAD" ? "GET" : method;
    let pathKnown = false;
    for (const route of this.#routes) {
      const match = route.pattern.exec(path);
      if (!match) continue;
      if (route.method === wanted) {
        return { handler: route.handler, params: match.slice(1).map((part) => decodePath(part ?? "")) };
      }
      pathKnown = true;
    }
    if (pathKnown) throw new HttpError(405, `${method} is not allowed for ${path}`);
    throw new HttpError(404, `nothing is served at ${path}`);
  }
}

/** Percent-decodes once. @throws {HttpError} 400 for a malformed escape or bytes that are not UTF-8. */
export function decodePath(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new HttpError(400, `malformed percent escape in the address: ${encoded.slice(0, 200)}`);
  }
}

/**
 * Splits a request target by hand. `new URL` would resolve `..` and `%2e%2e` before anybody could look at them,
 * and so hide an attack from the checks instead of refusing it.
 */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  // A proxy-style target ("GET http://elsewhere/") would otherwise match no route in a confusing way.
  if (!path.startsWith("/")) throw new HttpError(400, "the request target must be a path");
  return { path, query: new URLSearchParams(at < 0 ? "" : target.slice(at + 1)) };
}

/** Reads a body of at most `limit` bytes. @throws {HttpError} 413 as soon as it is longer, 400 where it breaks off. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = (): HttpError =>
    new HttpError(
      413,
      `the request is larger than ${formatBytes(limit)}, which is the most this server takes`,
    );
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not destroy the connection, or the refusal could not be sent.
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    // The client has gone: nothing is wrong here, and nobody is left to be told.
    if ((cause as NodeJS.ErrnoException).code !== "ECONNRESET") throw cause;
    throw new HttpError(400, "the connection was closed before the whole request had come", { cause });
  }
  return Buffer.concat(chunks);
}

/** @throws {HttpError} 400 unless the bytes are a JSON object (or nothing, which counts as `{}`). */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new HttpError(400, `the request's body is not JSON: ${(error as Error).message}`);
  }
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new HttpError(400, "the request's body must be a JSON object");
  }
  return value as Record<string, unknown>;
}

/** A string field of a body. @throws {HttpError} 400 if it is there and not a string, or missing and required. */
export function stringField(body: Record<string, unknown>, name: string, required: true): string;
export function stringField(
  body: Record<string, unknown>,
  name: string,
  required?: false,
): string | undefined;
export function stringField(
  body: Record<string, unknown>,
  name: string,
  required = false,
): string | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (typeof value === "string") return value;
  if (value === undefined || value === null) {
    if (required) throw new HttpError(400, `the field "${name}" is missing`);
    return undefined;
  }
  throw new HttpError(400, `the field "${name}" must be a string`);
}

export function sendJson(response: ServerResponse, reply: Reply): void {
  const { status, body, headers } = reply;
  if (status === 204 || body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": bytes.length,
    ...headers,
  });
  response.end(bytes);
}

/** 1234567 → "1.2 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = -1;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
