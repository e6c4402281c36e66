import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { UnrolledError } from "../../errors.ts";
import { data } from "../../index.ts";
import { dataFolders, findKernelSpecs, kernelEntry, OWN_KERNEL } from "../../jupyter/kernelspec/index.ts";
import { simdFlags } from "../../kernels/wasm/flags.ts";

const PACKAGE = fileURLToPath(new URL("../../../package.json", import.meta.url));

interface PackageJson {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function packageJson(): PackageJson {
  return JSON.parse(readFileSync(PACKAGE, "utf8")) as PackageJson;
}

export interface Machine {
  readonly unrolled: string;
  readonly folder: string;
  readonly node: string;
  readonly nodeWanted: string;
  readonly v8: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  /** Of those, how many this process may use. */
  readonly coresUsable: number;
  readonly memoryBytes: number;
  readonly memoryFreeBytes: number;
  /** What a container allows, if it allows less than there is. */
  readonly memoryLimitBytes: number | null;
  /** How large V8 lets the heap grow. */
  readonly heapLimitBytes: number;
  /** V8 flags that make the kernels faster in this version of Node; our launchers give them. */
  readonly simdFlags: readonly string[];
  /** Whether they were given to this process. */
  readonly simdFlagsGiven: boolean;
}

export function machine(): Machine {
  const { version, engines } = packageJson();
  const total = os.totalmem();
  const limit = process.constrainedMemory();
  return {
    unrolled: version,
    folder: path.dirname(PACKAGE),
    node: process.versions.node,
    nodeWanted: engines.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}, ${os.type()} ${os.release()}`,
    processor: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.cpus().length,
    coresUsable: os.availableParallelism(),
    memoryBytes: total,
    memoryFreeBytes: os.freemem(),
    memoryLimitBytes: limit !== undefined && limit > 0 && limit < total ? limit : null,
    heapLimitBytes: v8.getHeapStatistics().heap_size_limit,
    simdFlags: simdFlags(process.versions.node, process.arch),
    simdFlagsGiven: process.env["UNROLLED_V8_FLAGS"] !== "0",
  };
}

export interface OptionalPackage {
  readonly name: string;
  readonly wanted: string;
  /** null: not installed. */
  readonly installed: string | null;
  readonly purpose: string;
}

/** What each optional package is for. A test holds this list to package.json. */
export const PURPOSES: Readonly<Record<string, string>> = {
  "@napi-rs/canvas": "heat maps in static pictures",
  "danfojs-node": "data frames in notebooks",
  jsdom: "static pictures of figures",
  koffi: "the kernels of a BLAS of the system",
  "plotly.js": "figures",
  tslab: "the notebook kernel",
  ws: "`unrolled lab`",
  zeromq: "the notebook kernel",
};

export function optionalPackages(): OptionalPackage[] {
  return Object.entries(packageJson().peerDependencies).map(([name, wanted]) => ({
    name,
    wanted,
    installed: versionOf(name),
    purpose: PURPOSES[name] ?? "",
  }));
}

function versionOf(name: string): string | null {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const file = path.join(folder, name, "package.json");
    if (!existsSync(file)) continue;
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return null;
}

export interface Jupyter {
  /** Whether the kernel's program was built. */
  readonly built: boolean;
  readonly program: string;
  /** Where the kernel is registered; null: nowhere. `unrolled lab` and `unrolled run` do not need it. */
  readonly registered: string | null;
  /** Why the registered kernel cannot start. */
  readonly problem: string | null;
  readonly folders: readonly string[];
  /** The program `jupyter` on the PATH. */
  readonly jupyter: string | null;
}

export async function jupyter(): Promise<Jupyter> {
  const own = (await findKernelSpecs()).find(({ name }) => name === OWN_KERNEL);
  const missing =
    own && "spec" in own
      ? own.spec.argv.find((part) => path.isAbsolute(part) && !existsSync(part))
      : undefined;
  return {
    built: existsSync(kernelEntry()),
    program: kernelEntry(),
    registered: own?.resourceDir ?? null,
    problem:
      own && "problem" in own ? own.problem : missing === undefined ? null : `${missing} does not exist`,
    folders: dataFolders(),
    jupyter: onPath(process.platform === "win32" ? "jupyter.exe" : "jupyter"),
  };
}

function onPath(program: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file)) ?? null;
}

export interface Corpora {
  /** The variable; null: not set. */
  readonly folder: string | null;
  readonly folderExists: boolean;
  /** Names of the catalogue whose files are there, and not. Files are checked by `unrolled data verify`. */
  readonly present: readonly string[];
  readonly absent: readonly string[];
  readonly problem: string | null;
}

export function corpora(): Corpora {
  const folder = process.env["UNROLLED_DATA"] || null;
  const state = { folder, folderExists: folder !== null && existsSync(folder) };
  try {
    const entries = data.readCatalogue();
    const isPresent = (entry: data.CatalogueEntry) => data.entryPath(entry) !== undefined;
    const names = (wanted: boolean) =>
      entries.filter((entry) => isPresent(entry) === wanted).map(({ name }) => name);
    return { ...state, present: names(true), absent: names(false), problem: null };
  } catch (error) {
    if (!(error instanceof UnrolledError)) throw error;
    return { ...state, present: [], absent: [], problem: error.message };
  }
}
