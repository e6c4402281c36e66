import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import os from "node:os";
import path from "node:path";
import type { InstalledKernelSpec } from "../../../src/jupyter/kernelspec/spec.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../../src/jupyter/server/server.ts";

/** A folder that is removed when the tests of the file are over. */
export function temporaryFolder(name: string): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), `unrolled ${name} `)));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * For processes that run our source as ES modules: mocha runs it as CommonJS, with other line offsets, and coverage of
 * the two cannot be merged.
 */
export const uncovered = (): NodeJS.ProcessEnv => ({ ...process.env, NODE_V8_COVERAGE: "" });

/** For code that asks for the user's folders itself: lets them be temporary ones during these tests. */
export function useTemporaryHome(): void {
  const kept = process.env["UNROLLED_HOME"];
  before(() => {
    process.env["UNROLLED_HOME"] = temporaryFolder("home");
  });
  after(() => {
    if (kept === undefined) delete process.env["UNROLLED_HOME"];
    else process.env["UNROLLED_HOME"] = kept;
  });
}

export function testFolders(base: string): { config: string; data: string; cache: string } {
  return {
    config: path.join(base, "config"),
    data: path.join(base, "data"),
    cache: path.join(base, "cache"),
  };
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
  json: any;
}

export interface Ask {
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** A string or bytes are sent as they are, anything else as JSON. */
  body?: unknown;
  /** false: without the token. */
  token?: boolean;
}

/** A server of a fresh folder `root`, with a client that sends paths exactly as they are written. */
export class TestServer {
  readonly base: string;
  readonly root: string;
  readonly server: RunningServer;

  private constructor(base: string, root: string, server: RunningServer) {
    this.base = base;
    this.root = root;
    this.server = server;
  }

  static async start(
    options: Partial<ServerOptions> & { specs?: InstalledKernelSpec[] } = {},
  ): Promise<TestServer> {
    const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), "unrolled server ")));
    const root = path.join(base, "notes");
    mkdirSync(root);
    const specs = options.specs ?? [];
    const server = await startServer({
      root,
      port: 0,
      kernelspecs: { list: async () => specs, defaultName: specs[0]?.name ?? "none" },
      folders: testFolders(base),
      log: (line) => process.stderr.write(`server: ${line}\n`),
      ...options,
    });
    return new TestServer(base, root, server);
  }

  async stop(): Promise<void> {
    await this.server.close();
    rmSync(this.base, { recursive: true, force: true });
  }

  ask(target: string, { method = "GET", headers = {}, body, token = true }: Ask = {}): Promise<Answer> {
    const raw = body === undefined || typeof body === "string" || Buffer.isBuffer(body);
    const payload = raw ? (body as string | Buffer | undefined) : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: "127.0.0.1",
        port: this.server.port,
        path: target,
        method,
        headers: {
          ...(token && { Authorization: `token ${this.server.token}` }),
          ...(payload !== undefined && { "Content-Length": Buffer.byteLength(payload) }),
          ...headers,
        },
        agent: false,
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          let json: unknown;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      });
      request.end(payload);
    });
  }

  /** The cookies that a browser has after opening the address with the token. */
  async login(): Promise<{ cookie: string; xsrf: string }> {
    const { headers } = await this.ask(`/lab?token=${this.server.token}`, { token: false });
    const cookies = (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]);
    const xsrf = cookies.find((cookie) => cookie.startsWith("_xsrf="))?.slice(6) ?? "";
    return { cookie: cookies.join("; "), xsrf };
  }
}
