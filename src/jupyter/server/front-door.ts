import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocketServer } from "ws";
import { joinKernel } from "./channels.ts";
import {
  decodePath,
  HttpError,
  parseJsonObject,
  type Request,
  type Router,
  readBody,
  sendJson,
  splitTarget,
} from "./http.ts";
import type { Kernels } from "./kernels.ts";
import { pagePath } from "./lab-routes.ts";
import { loginPage, loginPolicy } from "./page.ts";
import { apiPolicy, commonHeaders, type Guard } from "./security.ts";

export interface FrontDoorParts {
  guard: Guard;
  router: Router;
  kernels: Kernels;
  sockets: WebSocketServer;
  /** Bytes of a request's body. */
  bodyLimit: number;
  log: (line: string) => void;
}

/** Lets requests in, or refuses them; what is behind it can rely on that. */
export class FrontDoor {
  readonly #parts: FrontDoorParts;

  constructor(parts: FrontDoorParts) {
    this.#parts = parts;
  }

  async answer(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    const method = raw.method ?? "GET";
    let target = { path: "", query: new URLSearchParams() };
    try {
      this.#parts.guard.checkOrigin(raw);
      target = splitTarget(raw.url ?? "/");
      if (this.#login(method, target, response)) return;
      this.#parts.guard.checkCredential(raw, target.query);
      const { handler, params } = this.#parts.router.find(method, target.path);
      const json = async (): Promise<Record<string, unknown>> =>
        parseJsonObject(await readBody(raw, this.#parts.bodyLimit));
      const request: Request = { method, ...target, params, raw, response, json };
      const reply = await handler(request);
      if (!reply) return;
      response.setHeader("Content-Security-Policy", apiPolicy);
      response.setHeader("Cache-Control", "no-store");
      sendJson(response, reply);
    } catch (error) {
      this.#refuse(error, method, target.path, raw, response);
    }
  }

  /** A page address with the token or a ticket: sets the cookies and moves on to the address without it. */
  #login(
    method: string,
    { path, query }: { path: string; query: URLSearchParams },
    response: ServerResponse,
  ): boolean {
    const token = query.get("token");
    const ticket = query.get("ticket");
    if (method !== "GET" || !pagePath.test(path) || (token === null && ticket === null)) return false;
    if (!this.#parts.guard.redeem(ticket ?? "") && !this.#parts.guard.isToken(token ?? "")) {
      throw new HttpError(
        403,
        ticket === null
          ? "The token is wrong."
          : "This link worked only once. Use the address with ?token=… that the terminal shows.",
      );
    }
    query.delete("token");
    query.delete("ticket");
    const rest = query.size > 0 ? `?${query}` : "";
    response.writeHead(302, {
      Location: `${path === "/" ? "/lab" : path}${rest}`,
      "Set-Cookie": this.#parts.guard.cookies(),
      "Cache-Control": "no-store",
    });
    response.end();
    return true;
  }

  #refuse(
    error: unknown,
    method: string,
    path: string,
    raw: IncomingMessage,
    response: ServerResponse,
  ): void {
    const status = error instanceof HttpError ? error.status : 500;
    if (!(error instanceof HttpError))
      this.#parts.log(`${method} ${path}: ${(error as Error)?.stack ?? error}`);
    if (response.headersSent) {
      response.destroy(); // a file that could not be read to its end: better cut than complete and wrong
      return;
    }
    if (!raw.complete) {
      // Part of the request is still on its way. It is read and forgotten for a moment, or the answer would be lost.
      response.setHeader("Connection", "close");
      raw.resume();
      setTimeout(() => raw.destroy(), 2_000).unref();
    }
    const message =
      status === 500 && !(error instanceof HttpError)
        ? "internal error; the terminal shows more"
        : (error as Error).message;
    if (status === 403 && method === "GET" && pagePath.test(path)) {
      response.writeHead(403, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": loginPolicy,
        "Cache-Control": "no-store",
      });
      response.end(loginPage(message));
      return;
    }
    response.setHeader("Content-Security-Policy", apiPolicy);
    response.setHeader("Cache-Control", "no-store");
    sendJson(response, { status, body: { message, reason: null } });
  }

  upgrade(raw: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      const { path, query } = splitTarget(raw.url ?? "/");
      this.#parts.guard.checkWebSocket(raw, query);
      if (path === "/api/events/subscribe") {
        // Nothing is ever reported here; JupyterLab would try again and again without it.
        this.#parts.sockets.handleUpgrade(raw, socket, head, (client) => client.on("error", () => undefined));
        return;
      }
      const id = /^\/api\/kernels\/([^/]+)\/channels$/.exec(path)?.[1];
      if (id === undefined) throw new HttpError(404, `no WebSocket at ${path}`);
      const kernel = this.#parts.kernels.get(decodePath(id));
      this.#parts.sockets.handleUpgrade(raw, socket, head, (client) => {
        joinKernel(client, kernel, query.get("session_id") ?? undefined);
      });
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500;
      const body = JSON.stringify({ message: (error as Error).message, reason: null });
      socket.on("error", () => undefined);
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    }
  }
}
