import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { UnrolledError } from "../../errors.ts";
import { localKernelSpec, projectDataFolder } from "../kernelspec/index.ts";

export interface OwnJupyterOptions {
  root: string;
  port?: number;
  openBrowser: boolean;
  defaultDocument?: string;
  env?: NodeJS.ProcessEnv;
}

/** Finds a program as a shell would. */
export function findOnPath(
  program: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const extensions = platform === "win32" ? (env["PATHEXT"] ?? ".EXE;.CMD;.BAT").split(";") : [""];
  for (const folder of (env["PATH"] ?? "").split(path.delimiter)) {
    for (const extension of extensions) {
      const file = path.join(folder || ".", program + extension);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/** The user's own JupyterLab, else Notebook, with the options in which they differ. */
export function jupyterCommand(options: OwnJupyterOptions): string[] {
  const env = options.env ?? process.env;
  const { root, port, defaultDocument, openBrowser } = options;
  const common = [
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(openBrowser ? [] : ["--no-browser"]),
  ];
  const lab = findOnPath("jupyter-lab", env);
  const document = defaultDocument ? [path.join(root, ...defaultDocument.split("/"))] : [];
  if (lab) return [lab, `--ServerApp.root_dir=${root}`, ...common, ...document];
  const notebook = findOnPath("jupyter-notebook", env);
  if (notebook) return [notebook, `--notebook-dir=${root}`, ...common];
  throw new UnrolledError(
    "--jupyter needs JupyterLab or Jupyter Notebook on the PATH, and finds neither. Without --jupyter none is needed; to install one: pip install jupyterlab",
  );
}

/**
 * Opens the user's own Jupyter with our kernel, which it finds through JUPYTER_PATH: nothing is installed outside of
 * the project. @returns its exit code.
 */
export async function runOwnJupyter(options: OwnJupyterOptions, stopped: Promise<unknown>): Promise<number> {
  const env = options.env ?? process.env;
  const [program, ...args] = jupyterCommand(options);
  await localKernelSpec();
  const jupyterPath = [projectDataFolder(), env["JUPYTER_PATH"]].filter(Boolean).join(path.delimiter);
  const child = spawn(program, args, {
    stdio: "inherit",
    cwd: options.root,
    env: { ...env, JUPYTER_PATH: jupyterPath },
  });
  // Ctrl-C reaches it too, from the terminal; what reaches only us is passed on.
  void stopped.then(() => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new UnrolledError(`${program}: ${error.message}`, { cause: error })),
    );
    child.once("exit", (code, signal) =>
      resolve(code ?? (signal === "SIGTERM" || signal === "SIGINT" ? 0 : 1)),
    );
  });
}
