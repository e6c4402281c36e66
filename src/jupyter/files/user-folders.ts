import os from "node:os";
import path from "node:path";

/** Where this program keeps what belongs to the user and not to a project. */
export interface UserFolders {
  /** JupyterLab's settings and layouts. */
  config: string;
  /** The signing key and the signatures of trusted notebooks. */
  data: string;
  /** What may be thrown away: the overflow of cells that printed too much. */
  cache: string;
}

/**
 * The system's usual places, or all three under `UNROLLED_HOME`.
 * Sources: XDG Base Directory Specification; Apple's File System Programming Guide; Windows Known Folders.
 */
export function userFolders(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = os.homedir(),
): UserFolders {
  const own = environment["UNROLLED_HOME"];
  if (own) {
    const base = path.resolve(own);
    return {
      config: path.join(base, "config"),
      data: path.join(base, "data"),
      cache: path.join(base, "cache"),
    };
  }
  if (platform === "darwin") {
    const library = path.join(home, "Library");
    const support = path.join(library, "Application Support", "unrolled");
    return { config: support, data: support, cache: path.join(library, "Caches", "unrolled") };
  }
  if (platform === "win32") {
    const roaming = environment["APPDATA"] ?? path.join(home, "AppData", "Roaming");
    const local = environment["LOCALAPPDATA"] ?? path.join(home, "AppData", "Local");
    return {
      config: path.join(roaming, "unrolled"),
      data: path.join(local, "unrolled"),
      cache: path.join(local, "unrolled", "cache"),
    };
  }
  // The specification says that a relative path in these variables must be ignored.
  const xdg = (name: string, fallback: string): string => {
    const value = environment[name];
    return path.join(value && path.isAbsolute(value) ? value : path.join(home, fallback), "unrolled");
  };
  return {
    config: xdg("XDG_CONFIG_HOME", ".config"),
    data: xdg("XDG_DATA_HOME", ".local/share"),
    cache: xdg("XDG_CACHE_HOME", ".cache"),
  };
}
