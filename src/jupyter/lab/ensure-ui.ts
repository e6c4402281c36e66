import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { userFolders } from "../files/user-folders.ts";
import { exclusively } from "./exclusive.ts";
import { installPackages, runScript } from "./npm.ts";
import { copyLabUiSources, labUiKeys, labUiPackage, mayBuildIn } from "./ui-source.ts";

/** Told while the user interface is made ready; nothing is told if it is. */
export interface LabUiProgress {
  /** `wait`: another process is making it. */
  step: "wait" | "install" | "build" | "done";
  /** One line for a person. */
  message: string;
  /** Of `install`: packages that have come, and all of them. */
  done?: number;
  total?: number;
}

export interface EnsureLabUiOptions {
  onProgress?: (progress: LabUiProgress) => void;
  /** The package of the user interface. Default: `src/jupyter/lab-ui` of this package. */
  source?: string;
  /** For a package that must not be written to. Default: the user's cache folder. */
  cache?: string;
}

/** Written by build.mjs into the bundle: the sources that it was made from. */
const stampFile = "built-from";

/**
 * The bundle of JupyterLab, made first if it is not there or its lock file or sources have changed: about 180 MB are
 * installed and 12 MB made of them. Safe when several processes start at once; whatever is left of an attempt that
 * was broken off is cleaned away. Only the making needs the network.
 * @returns the folder to serve.
 * @throws {UnrolledError} saying what to do, if npm or the build fails.
 */
export async function ensureLabUi(options: EnsureLabUiOptions = {}): Promise<{ dir: string }> {
  const { onProgress = () => undefined, source = labUiPackage } = options;
  const keys = await labUiKeys(source);
  const inPlace = await mayBuildIn(source);
  const cache = path.join(options.cache ?? userFolders().cache, "lab-ui");
  const dir = inPlace ? path.join(source, "dist") : path.join(cache, keys.bundle);
  if (await isBuilt(dir, keys.bundle)) return { dir };

  const scratch = inPlace ? path.join(source, ".unrolled") : path.join(cache, `${keys.bundle}.making`);
  const started = Date.now();
  await exclusively(
    path.join(inPlace ? scratch : cache, "making.lock"),
    async () => {
      if (await isBuilt(dir, keys.bundle)) return; // by the process that we have waited for
      const folder = inPlace ? source : scratch;
      if (!inPlace) await copyLabUiSources(source, scratch);
      await install(folder, keys.packages, onProgress);
      onProgress({ step: "build", message: "bundling JupyterLab" });
      await removeUnfinished(scratch);
      await runScript(
        path.join(folder, "build.mjs"),
        [dir, keys.bundle, scratch],
        folder,
        "bundling JupyterLab",
      );
      // In the cache nothing is ever built twice from the same sources, so the packages have done their work.
      if (!inPlace) await rm(scratch, { recursive: true, force: true });
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      onProgress({ step: "done", message: `JupyterLab is ready after ${seconds} s` });
    },
    () => onProgress({ step: "wait", message: "another process is preparing JupyterLab; waiting for it" }),
  );
  return { dir };
}

async function isBuilt(dir: string, key: string): Promise<boolean> {
  return (await readFile(path.join(dir, stampFile), "utf8").catch(() => "")) === key;
}

/** Only if the packages are not there: sources change more often. The stamp is written last. */
async function install(
  folder: string,
  key: string,
  onProgress: (progress: LabUiProgress) => void,
): Promise<void> {
  const stamp = path.join(folder, "node_modules", ".unrolled-packages");
  if ((await readFile(stamp, "utf8").catch(() => "")) === key) return;
  await rm(stamp, { force: true });
  const message = "installing JupyterLab's packages (once, about 90 MB to download)";
  onProgress({ step: "install", message });
  await installPackages(folder, (done, total) => onProgress({ step: "install", message, done, total }));
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, key);
}

/** Bundles that a killed build has left half made. */
async function removeUnfinished(scratch: string): Promise<void> {
  for (const name of await readdir(scratch).catch(() => [])) {
    if (name.startsWith("unfinished-")) await rm(path.join(scratch, name), { recursive: true, force: true });
  }
}
