import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { access, constants, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UnrolledError } from "../../errors.ts";

/** The package `src/jupyter/lab-ui`, at the same distance from `src/jupyter/lab/` and from `dist/jupyter/lab/`. */
export const labUiPackage: string = fileURLToPath(new URL("../../../src/jupyter/lab-ui", import.meta.url));

/** What the bundle is made of, relative to the package; all else there is made. */
const labUiSources: readonly string[] = [
  "build",
  "build.mjs",
  "package-lock.json",
  "package.json",
  "src",
  "stub",
];

/** What `npm ci` installs depends on these alone. */
const packageFiles: readonly string[] = ["package-lock.json", "package.json", "stub"];

export interface LabUiKeys {
  /** Changes with any source, and so with the lock file. */
  bundle: string;
  /** Changes with the packages to install, and with the system, because esbuild's program is of one system. */
  packages: string;
}

/**
 * @throws {UnrolledError} if the package is not there, as in what npm installs.
 * @throws {Error} ENOENT if it lacks one of its sources.
 */
export async function labUiKeys(folder: string): Promise<LabUiKeys> {
  if (!existsSync(folder)) {
    throw new UnrolledError(
      "JupyterLab comes only with a clone of the repository of unrolled; in an installed package use a Jupyter of " +
        "your own: npx unrolled kernel install",
    );
  }
  return {
    bundle: await hashFiles(folder, labUiSources),
    packages: `${await hashFiles(folder, packageFiles)}-${process.platform}-${process.arch}`,
  };
}

/** Over names and contents, so that a renamed or removed file counts as a change. */
async function hashFiles(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await listFiles(folder, names)) {
    // The same on every system, also where Git has changed the ends of lines.
    const text = (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n");
    hash.update(file.split(path.sep).join("/")).update("\0").update(text).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** Copies the sources as files of our own: those of an installed package may be read-only. */
export async function copyLabUiSources(folder: string, target: string): Promise<void> {
  for (const name of labUiSources) await rm(path.join(target, name), { recursive: true, force: true });
  for (const file of await listFiles(folder, labUiSources)) {
    const copy = path.join(target, file);
    await mkdir(path.dirname(copy), { recursive: true });
    await writeFile(copy, await readFile(path.join(folder, file)));
  }
}

/** All files, relative to the folder. */
async function listFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const nested = await Promise.all(names.map((name) => filesUnder(path.join(folder, name))));
  return nested.flat().map((file) => path.relative(folder, file));
}

async function filesUnder(start: string): Promise<string[]> {
  const entries = await readdir(start, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!entries) return [start];
  const nested = await Promise.all(
    entries.map((entry) => {
      const file = path.join(start, entry.name);
      return entry.isDirectory() ? filesUnder(file) : [file];
    }),
  );
  return nested.flat().sort();
}

/** Whether the bundle may be made inside the package: in a clone, but not in an installed or read-only copy. */
export async function mayBuildIn(folder: string): Promise<boolean> {
  if (path.resolve(folder).split(path.sep).includes("node_modules")) return false;
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}
