/**
 * Where Jupyter looks for kernels.
 * Source: docs.jupyter.org, "Common Directories and File Locations", section "Data files".
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ArgumentError } from "../../errors.ts";

/** What the paths depend on; tests give their own. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  home: string;
  cwd: string;
}

export function surroundings(): Surroundings {
  return { env: process.env, platform: process.platform, home: os.homedir(), cwd: process.cwd() };
}

/** Jupyter's data folders, the most important first; kernels are in `kernels/` of each. */
export function dataFolders(at: Surroundings = surroundings()): string[] {
  const paths = pathOf(at);
  const folders = (at.env["JUPYTER_PATH"] ?? "").split(paths.delimiter).filter((folder) => folder !== "");
  const user = [userDataFolder(at)];
  const environment = environmentPrefix(at);
  // As Jupyter does: inside a virtual environment, what is installed there comes before the user's.
  if (environment !== undefined) user.unshift(paths.join(environment, "share", "jupyter"));
  const all = [...folders, projectDataFolder(at), ...user, ...systemDataFolders(at)];
  return [...new Set(all.map((folder) => stripTrailing(folder, paths)))];
}

/** The user's own data folder. */
export function userDataFolder(at: Surroundings = surroundings()): string {
  const { env, home, platform } = at;
  const paths = pathOf(at);
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"];
  if (platform === "darwin") return paths.join(home, "Library", "Jupyter");
  if (platform === "win32") {
    return paths.join(env["APPDATA"] || paths.join(home, "AppData", "Roaming"), "jupyter");
  }
  return paths.join(env["XDG_DATA_HOME"] || paths.join(home, ".local", "share"), "jupyter");
}

/**
 * A data folder inside the project: `JUPYTER_PATH` set to it makes any Jupyter see the kernel without installing it.
 * The project is the nearest folder upwards with a package.json, else the working folder.
 */
export function projectDataFolder(at: Surroundings = surroundings()): string {
  const paths = pathOf(at);
  let folder = at.cwd;
  while (!existsSync(paths.join(folder, "package.json"))) {
    const parent = paths.dirname(folder);
    if (parent === folder) return paths.join(at.cwd, ".unrolled", "jupyter");
    folder = parent;
  }
  return paths.join(folder, ".unrolled", "jupyter");
}

/** Folders for all users of the machine. */
function systemDataFolders(at: Surroundings = surroundings()): string[] {
  if (at.platform === "win32") {
    return [path.win32.join(at.env["PROGRAMDATA"] || "C:\\ProgramData", "jupyter")];
  }
  return ["/usr/local/share/jupyter", "/usr/share/jupyter"];
}

/** The active virtual environment or conda environment, if one is. */
function environmentPrefix(at: Surroundings = surroundings()): string | undefined {
  return at.env["VIRTUAL_ENV"] || at.env["CONDA_PREFIX"] || undefined;
}

/**
 * Python's `sys.prefix`: the active environment, else what the `python3` on the path says.
 * @throws {ArgumentError} when there is neither.
 */
export async function sysPrefix(at: Surroundings = surroundings()): Promise<string> {
  const active = environmentPrefix(at);
  if (active !== undefined) return active;
  for (const python of at.platform === "win32" ? ["python", "py"] : ["python3", "python"]) {
    try {
      const { stdout } = await promisify(execFile)(python, ["-c", "import sys; print(sys.prefix)"], {
        env: at.env,
        timeout: 20_000,
      });
      if (stdout.trim() !== "") return stdout.trim();
    } catch {
      // Not there, or no Python: try the next name.
    }
  }
  throw new ArgumentError(
    "--sys-prefix: there is no active Python environment and no python3 on the PATH; use --user or --prefix FOLDER",
  );
}

function pathOf(at: Surroundings): path.PlatformPath {
  return at.platform === "win32" ? path.win32 : path.posix;
}

function stripTrailing(folder: string, paths: path.PlatformPath): string {
  return folder.length > paths.parse(folder).root.length && folder.endsWith(paths.sep)
    ? folder.slice(0, -1)
    : folder;
}
