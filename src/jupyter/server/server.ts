import { mkdir, realpath, stat } from "node:fs/promises";
import http from "node:http";
import type { WebSocketServer } from "ws";
import { ArgumentError, MissingPackageError } from "../../errors.ts";
import { type UserFolders, userFolders } from "../files/user-folders.ts";
import { ConfigSections } from "./config-sections.ts";
import { Confinement } from "./confine.ts";
import { Contents } from "./contents.ts";
import { addContentsRoutes } from "./contents-routes.ts";
import { v1Protocol } from "./framing.ts";
import { FrontDoor } from "./front-door.ts";
import { Router } from "./http.ts";
import { addKernelRoutes } from "./kernel-routes.ts";
import { type KernelSpecSource, Kernels } from "./kernels.ts";
import { addLabRoutes, addPageRoutes, addServerRoutes } from "./lab-routes.ts";
import { LabSettings } from "./lab-settings.ts";
import { listenOnLoopback } from "./listen.ts";
import { type OutputLimits, prepareOverflowFolder } from "./output-limit.ts";
import type { Bundle } from "./page.ts";
import { Guard, newToken } from "./security.ts";
import { Sessions } from "./sessions.ts";
import { Notary } from "./trust.ts";
import { Workspaces } from "./workspaces.ts";

export interface ServerOptions {
  /** The only folder that is served. */
  root: string;
  kernelspecs: KernelSpecSource;
  /** The first port to try; 0 lets the system choose. Default 8888. */
  port?: number;
  /** Default: a random one. */
  token?: string;
  /** JupyterLab; without it there is only the API. */
  bundle?: Bundle;
  folders?: UserFolders;
  limits?: ServerLimits;
  /** More routes, for what is not part of Jupyter's API. */
  addRoutes?: (router: Router, contents: Contents) => void;
  /** Told about faults of the server itself. */
  log?: (line: string) => void;
  /** The user chose Shut Down in JupyterLab. */
  onShutdown?: () => void;
}

export interface ServerLimits {
  /** Bytes of a request. Default 256 MB: a notebook with many figures must be saveable. */
  body?: number;
  /** Milliseconds until a request's headers must have arrived. Default 10 s. */
  headersTimeout?: number;
  output?: OutputLimits;
}

export interface RunningServer {
  port: number;
  token: string;
  root: string;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  origin: string;
  /** A secret that opens the page once; see Guard. */
  ticket(): string;
  /** Ends the kernels, closes all connections and the port. May be called again. */
  close(): Promise<void>;
}

/** Jupyter Server's protocol for one folder, on loopback only. @throws {ArgumentError} if there is no such folder. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const root = await servedFolder(options.root);
  const folders = options.folders ?? userFolders();
  const overflowFolder = `${folders.cache}/output`;
  await mkdir(folders.cache, { recursive: true });
  await prepareOverflowFolder(overflowFolder);

  const contents = new Contents(root, new Notary(folders.data));
  await contents.tidy();
  const kernels = new Kernels({
    specs: options.kernelspecs,
    overflowFolder,
    outputLimits: options.limits?.output,
  });
  const guard = new Guard(options.token ?? newToken());
  const router = new Router();
  const sockets = await webSocketServer();
  const started = new Date();
  options.addRoutes?.(router, contents);
  addServerRoutes(
    router,
    {
      started,
      lastActivity: () =>
        kernels
          .list()
          .reduce((last, { lastActivity }) => (lastActivity > last ? lastActivity : last), started),
      connections: () => sockets.clients.size,
      kernels: () => kernels.list().length,
      shutdown: () => options.onShutdown?.(),
    },
    new ConfigSections(folders.config),
  );
  addContentsRoutes(router, contents);
  addKernelRoutes(router, kernels, new Sessions(kernels, contents), contents);
  addLabRoutes(
    router,
    new LabSettings(options.bundle?.schemas ?? {}, folders.config),
    new Workspaces(folders.config, root),
  );
  if (options.bundle) {
    const { folder } = options.bundle;
    addPageRoutes(router, options.bundle, new Confinement(await realpath(folder)), root);
  }

  const front = new FrontDoor({
    guard,
    router,
    kernels,
    sockets,
    bodyLimit: options.limits?.body ?? 256_000_000,
    log: options.log ?? (() => undefined),
  });
  const server = http.createServer(
    // Half a request must not hold a connection: the check runs often enough for the limit to mean something.
    {
      headersTimeout: options.limits?.headersTimeout ?? 10_000,
      connectionsCheckingInterval: Math.min(2_000, options.limits?.headersTimeout ?? 2_000),
      keepAliveTimeout: 65_000,
    },
    (request, response) => void front.answer(request, response),
  );
  server.on("upgrade", (request, socket, head) => front.upgrade(request, socket, head));
  const port = await listenOnLoopback(server, options.port ?? 8888);
  guard.port = port;

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    server.close();
    // 1001, going away: JupyterLab then says that the server is gone, instead of trying to reconnect.
    for (const client of sockets.clients) client.close(1001);
    await kernels.close();
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
  };
  return {
    port,
    token: guard.token,
    root,
    origin: `http://127.0.0.1:${port}`,
    ticket: () => guard.ticket(),
    close: () => (closing ??= close()),
  };
}

async function servedFolder(given: string): Promise<string> {
  const root = await realpath(given).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory()) {
    throw new ArgumentError(`the folder to serve does not exist: ${given}`);
  }
  return root;
}

async function webSocketServer(): Promise<WebSocketServer> {
  try {
    const { WebSocketServer } = await import("ws");
    return new WebSocketServer({
      noServer: true,
      maxPayload: 128_000_000,
      handleProtocols: (offered) => (offered.has(v1Protocol) ? v1Protocol : false),
    });
  } catch (error) {
    throw new MissingPackageError("ws", "serving JupyterLab", { cause: error });
  }
}
