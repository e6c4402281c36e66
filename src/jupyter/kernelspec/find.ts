import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { ArgumentError } from "../../errors.ts";
import { assertKernelBuilt, OWN_KERNEL, ownKernelSpec } from "./own.ts";
import { dataFolders } from "./paths.ts";
import type { InstalledKernelSpec, KernelSpec } from "./spec.ts";

/** A kernelspec, or a folder that should be one and why it is not. */
export type FoundKernelSpec = InstalledKernelSpec | { name: string; resourceDir: string; problem: string };

/** Every kernelspec on Jupyter's data paths; of one name, the first counts. Sorted by name. */
export async function findKernelSpecs(
  folders: readonly string[] = dataFolders(),
): Promise<FoundKernelSpec[]> {
  const found = new Map<string, FoundKernelSpec>();
  for (const folder of folders) {
    const kernels = path.join(folder, "kernels");
    const entries = await readdir(kernels).catch(() => []);
    for (const entry of entries) {
      // Names are compared without case, as Jupyter does; others (".DS_Store") are not kernels.
      const name = entry.toLowerCase();
      if (!/^[a-z0-9._-]+$/.test(name) || found.has(name)) continue;
      const one = await readKernelSpec(name, path.join(kernels, entry));
      if (one) found.set(name, one);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The kernelspec of a name, as a notebook's metadata give it. Our own needs no installing, and its name always means
 * the kernel of this very package, not that of another copy that was registered once.
 * @throws {ArgumentError} that lists the names there are.
 */
export async function resolveKernelSpec(
  name: string,
  folders: readonly string[] = dataFolders(),
): Promise<InstalledKernelSpec> {
  const wanted = name.toLowerCase();
  if (wanted === OWN_KERNEL) {
    assertKernelBuilt();
    return { name: OWN_KERNEL, resourceDir: "", spec: ownKernelSpec() };
  }
  const all = await findKernelSpecs(folders);
  const one = all.find((candidate) => candidate.name === wanted);
  if (one && "problem" in one) throw new ArgumentError(`kernel "${name}" cannot be used: ${one.problem}`);
  if (one) return one;
  const names = [...new Set([OWN_KERNEL, ...all.map((candidate) => candidate.name)])];
  throw new ArgumentError(`there is no kernel "${name}". Known kernels: ${names.join(", ")}`);
}

/** What can be started: our own kernel first, then what is installed. */
export async function listKernelSpecs(
  own: InstalledKernelSpec,
  folders: readonly string[] = dataFolders(),
): Promise<InstalledKernelSpec[]> {
  const installed = (await findKernelSpecs(folders)).filter(
    (one): one is InstalledKernelSpec => "spec" in one && one.name !== own.name,
  );
  return [own, ...installed];
}

/** @returns undefined when the folder holds no kernel.json. */
export async function readKernelSpec(name: string, folder: string): Promise<FoundKernelSpec | undefined> {
  const file = path.join(folder, "kernel.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { name, resourceDir: folder, problem: `${file} cannot be read: ${(error as Error).message}` };
  }
  try {
    return { name, resourceDir: folder, spec: checkKernelSpec(JSON.parse(text)) };
  } catch (error) {
    return { name, resourceDir: folder, problem: `${file}: ${(error as Error).message}` };
  }
}

/** @throws {ArgumentError} naming the field that is missing or wrong. */
function checkKernelSpec(value: unknown): KernelSpec {
  const isRecord = (x: unknown): x is Record<string, unknown> =>
    typeof x === "object" && x !== null && !Array.isArray(x);
  if (!isRecord(value)) throw new ArgumentError("it is not a JSON object");
  const { argv, display_name, language, interrupt_mode, env, metadata } = value;
  const wrong = (field: string, want: string) => new ArgumentError(`"${field}" must be ${want}`);
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every((part) => typeof part === "string")) {
    throw wrong("argv", "a list of strings");
  }
  if (typeof display_name !== "string") throw wrong("display_name", "a string");
  if (interrupt_mode !== undefined && interrupt_mode !== "signal" && interrupt_mode !== "message") {
    throw wrong("interrupt_mode", '"signal" or "message"');
  }
  if (env !== undefined && !(isRecord(env) && Object.values(env).every((text) => typeof text === "string"))) {
    throw wrong("env", "an object of strings");
  }
  if (metadata !== undefined && !isRecord(metadata)) throw wrong("metadata", "an object");
  return { ...value, argv, display_name, language: String(language ?? "") } as KernelSpec;
}
