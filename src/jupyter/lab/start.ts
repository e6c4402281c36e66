import { listKernelSpecs, localKernelSpec, OWN_KERNEL } from "../kernelspec/index.ts";
import { readBundle } from "../server/page.ts";
import { startServer } from "../server/server.ts";
import { ensureLabUi } from "./ensure-ui.ts";
import { addLectureRoutes } from "./lecture-routes.ts";
import type { LectureFolders } from "./lectures.ts";
import { openBrowser } from "./open-browser.ts";
import { showProgress } from "./progress.ts";

export interface LabOptions {
  /** The folder that is served. */
  root: string;
  /** The first port to try. Default 8888; 0 lets the system choose. */
  port?: number;
  /** Default true. */
  openBrowser?: boolean;
  /** Print nothing. */
  quiet?: boolean;
  /** A bundle that is built already. */
  uiDir?: string;
  /** Opened in JupyterLab at the start, relative to the root. */
  defaultDocument?: string;
  /** Where fresh copies of lectures come from. The page then has the option `freshCopies`. */
  lectures?: LectureFolders;
  /** Lectures that the learner has edited and that have a newer version: the page says so when one is opened. */
  outdated?: readonly string[];
}

export interface RunningLab {
  /** With the token: whoever has it can run programs as this user. */
  url: string;
  token: string;
  port: number;
  /** Ends kernels and server. */
  close(): Promise<void>;
  /** Resolves when it has been closed, by `close` or by Shut Down in JupyterLab. */
  closed: Promise<void>;
}

/** Serves JupyterLab on a folder, prints its address and opens the browser. Builds JupyterLab if need be. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const wanted = options.port ?? 8888;
  const say = (line: string): void => {
    if (!options.quiet) process.stderr.write(`unrolled: ${line}\n`);
  };
  const progress = options.quiet ? undefined : showProgress(process.stderr);
  const uiDir = options.uiDir ?? (await ensureLabUi({ onProgress: progress })).dir;
  const bundle = await readBundle(uiDir);
  const { lectures } = options;

  let ended: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const server = await startServer({
    root: options.root,
    port: wanted,
    kernelspecs: { list: async () => listKernelSpecs(await localKernelSpec()), defaultName: OWN_KERNEL },
    bundle: { ...bundle, options: { ...bundle.options, ...lectureOptions(options) } },
    addRoutes: (router, contents) => {
      if (lectures) addLectureRoutes(router, contents, lectures);
    },
    log: say,
    onShutdown: () => void close(),
  });
  const close = async (): Promise<void> => {
    await server.close();
    ended();
  };

  const page = `${server.origin}/lab${options.defaultDocument ? `/tree/${encodePath(options.defaultDocument)}` : ""}`;
  const url = `${page}?token=${server.token}`;
  if (wanted !== 0 && server.port !== wanted) say(`port ${wanted} is taken, so this is port ${server.port}`);
  if (!options.quiet) {
    process.stdout.write(`JupyterLab for ${server.root} is at\n\n    ${url}\n\nCtrl-C ends it.\n`);
  }
  if (options.openBrowser ?? true) {
    // A ticket that is good for one time, because command lines are no secret.
    const opened = await openBrowser(`${page}?ticket=${server.ticket()}`);
    if (!opened) say("no browser could be opened: open the address yourself");
  }
  return { url, token: server.token, port: server.port, close, closed };
}

function lectureOptions({ lectures, outdated = [] }: LabOptions): Record<string, string> {
  return lectures ? { freshCopies: "true", outdatedLectures: JSON.stringify(outdated) } : {};
}

const encodePath = (api: string): string => api.split("/").map(encodeURIComponent).join("/");
