import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ArgumentError, UnrolledError } from "../../errors.ts";
import { readKernelSpec } from "./find.ts";
import { logos } from "./logo.ts";
import { assertKernelBuilt, OWN_KERNEL, ownKernelSpec } from "./own.ts";
import { projectDataFolder, type Surroundings, surroundings, sysPrefix, userDataFolder } from "./paths.ts";
import type { InstalledKernelSpec } from "./spec.ts";

/** Where to register: `user` is the default; `local` is the project's own folder, found through JUPYTER_PATH. */
export type Place =
  | { kind: "user" }
  | { kind: "prefix"; prefix: string }
  | { kind: "sys-prefix" }
  | { kind: "local" };

/** The folder for `kernels/unrolled` that a place means. */
export async function placeFolder(place: Place, at: Surroundings = surroundings()): Promise<string> {
  switch (place.kind) {
    case "user":
      return userDataFolder(at);
    case "local":
      return projectDataFolder(at);
    case "prefix":
      if (place.prefix === "") throw new ArgumentError("--prefix needs a folder");
      return path.resolve(at.cwd, place.prefix, "share", "jupyter");
    case "sys-prefix":
      return path.join(await sysPrefix(at), "share", "jupyter");
  }
}

/**
 * Writes `kernels/unrolled` (kernel.json and logos) into a data folder, over an older one of ours.
 * @returns the folder. @throws {UnrolledError} when it cannot be written; {ArgumentError} when the kernel is not built.
 */
export async function installKernelSpec(dataFolder: string): Promise<string> {
  assertKernelBuilt();
  const folder = path.join(dataFolder, "kernels", OWN_KERNEL);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(logos())) await writeFile(path.join(folder, name), content);
    // Last, because this file makes the folder a kernel.
    await writeFile(path.join(folder, "kernel.json"), kernelJson());
  } catch (error) {
    const hint = "choose another place: --user, --prefix FOLDER or --local";
    throw new UnrolledError(`cannot write the kernelspec: ${(error as Error).message}; ${hint}`, {
      cause: error,
    });
  }
  return folder;
}

/**
 * Our kernelspec with a folder for its logos: registers it in the project's own data folder when it is not there
 * yet or has changed. Where nothing may be written it is returned without logos.
 */
export async function localKernelSpec(at: Surroundings = surroundings()): Promise<InstalledKernelSpec> {
  const folder = path.join(projectDataFolder(at), "kernels", OWN_KERNEL);
  try {
    const text = await readFile(path.join(folder, "kernel.json"), "utf8").catch(() => "");
    if (text !== kernelJson()) await installKernelSpec(projectDataFolder(at));
    return { name: OWN_KERNEL, resourceDir: folder, spec: ownKernelSpec() };
  } catch {
    return { name: OWN_KERNEL, resourceDir: "", spec: ownKernelSpec() };
  }
}

/**
 * Removes the kernelspec from a data folder.
 * @returns its folder, or undefined when it was not there. @throws {UnrolledError} when it may not be removed.
 */
export async function uninstallKernelSpec(dataFolder: string): Promise<string | undefined> {
  const folder = path.join(dataFolder, "kernels", OWN_KERNEL);
  const found = await readKernelSpec(OWN_KERNEL, folder);
  if (!found) return undefined;
  const expected = new Set(["kernel.json", ...Object.keys(logos())]);
  const strange = (await readdir(folder)).filter((name) => !expected.has(name));
  try {
    for (const name of expected) await rm(path.join(folder, name), { force: true });
    if (strange.length === 0) await rmdir(folder);
  } catch (error) {
    throw new UnrolledError(`cannot remove the kernelspec: ${(error as Error).message}`, { cause: error });
  }
  return folder;
}

function kernelJson(): string {
  return `${JSON.stringify(ownKernelSpec(), null, 1)}\n`;
}
