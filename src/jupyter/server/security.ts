import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpError } from "./http.ts";

/** How a request proved that it may be here. Only a cookie can be sent by a foreign page without knowing it. */
export type Credential = "token" | "cookie";

/** Compares without telling by its time how much was right. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function newToken(): string {
  return randomBytes(24).toString("hex");
}

/**
 * Who may talk to the server. It listens on loopback only, but every page in the user's browser can reach
 * loopback too, so each request must show that it comes from our own page (Host, Origin, Sec-Fetch-Site) and
 * that it knows the secret (token or cookie); a changing request with a cookie must also repeat the `_xsrf`
 * cookie in a header, which a foreign page cannot.
 */
export class Guard {
  readonly token: string;
  /** Tickets open the page once and expire; they stand in the browser's command line, where others can read. */
  #tickets: Map<string, number> = new Map();
  #cookieName: string = "unrolled";

  constructor(token: string) {
    this.token = token;
  }

  /** Cookies do not know ports: without the port in its name, two servers would log each other out. */
  set port(port: number) {
    this.#cookieName = `unrolled-${port}`;
  }

  /** A secret that opens the page once within `milliseconds`. */
  ticket(milliseconds: number = 60_000): string {
    const ticket = newToken();
    this.#tickets.set(ticket, Date.now() + milliseconds);
    return ticket;
  }

  /** @throws {HttpError} 403 for a foreign Host or Origin. Needs no secret, so it comes first. */
  checkOrigin(request: IncomingMessage): void {
    const { host, origin } = request.headers;
    // The port may differ (an SSH tunnel moves it); the name may not: a rebound DNS name shows here.
    if (!host || !/^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host)) {
      throw new HttpError(403, `the Host header ${JSON.stringify(host ?? "")} is not this machine`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new HttpError(403, `the page ${origin} may not talk to this server`);
    }
    // Browsers send no Origin with <img>, <script> and navigation, but they send this.
    const site = request.headers["sec-fetch-site"];
    const navigation = request.method === "GET" && request.headers["sec-fetch-mode"] === "navigate";
    if (site !== undefined && site !== "same-origin" && site !== "none" && !navigation) {
      throw new HttpError(403, `a ${site} page may not talk to this server`);
    }
  }

  /** @throws {HttpError} 403 without a valid token or cookie, or for a change by cookie without XSRF header. */
  checkCredential(request: IncomingMessage, query: URLSearchParams): Credential {
    const given =
      /^(?:token|bearer) +(.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? query.get("token");
    if (given !== null && given !== undefined && given !== "") {
      if (!equalSecrets(given, this.token)) throw new HttpError(403, "the token is wrong");
      return "token";
    }
    const cookies = parseCookies(request.headers.cookie);
    const cookie = cookies.get(this.#cookieName);
    if (cookie === undefined || !equalSecrets(cookie, this.token)) {
      throw new HttpError(403, "open the address with ?token=… that the terminal shows");
    }
    const safe = request.method === "GET" || request.method === "HEAD";
    if (!safe) {
      const xsrf = cookies.get("_xsrf");
      const header = request.headers["x-xsrftoken"];
      if (!xsrf || typeof header !== "string" || !equalSecrets(xsrf, header)) {
        throw new HttpError(403, "the X-XSRFToken header does not match the _xsrf cookie: reload the page");
      }
    }
    return "cookie";
  }

  /** Scripts outside a browser send no Origin; a browser always does, so a cookie without one is suspect. */
  checkWebSocket(request: IncomingMessage, query: URLSearchParams): void {
    this.checkOrigin(request);
    const credential = this.checkCredential(request, query);
    if (credential === "cookie" && request.headers.origin === undefined) {
      throw new HttpError(403, "a WebSocket with a cookie must send its Origin");
    }
  }

  isToken(given: string): boolean {
    return equalSecrets(given, this.token);
  }

  /** Uses up a ticket. */
  redeem(ticket: string): boolean {
    const expires = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return expires !== undefined && Date.now() < expires;
  }

  /** The cookies of a browser that has shown the token or a ticket. `_xsrf` is for the page's own script. */
  cookies(): string[] {
    return [
      `${this.#cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Lax`,
      `_xsrf=${randomBytes(16).toString("hex")}; Path=/; SameSite=Lax`,
    ];
  }
}

function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    // The last one wins, as in JupyterLab's own reading of `_xsrf`.
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return cookies;
}

/** Sent with everything: no sniffing, no embedding by other origins, no address with a token in a Referer. */
export const commonHeaders: Record<string, string> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

/** API answers are data: were one ever shown as a page, nothing in it may run. */
export const apiPolicy: string = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Files of the learner's folder: an HTML or SVG file may show itself, but in an origin of its own. */
export const filesPolicy: string = "sandbox allow-scripts; frame-ancestors 'self'";
