/**
 * tslab's converter and executor, and the TypeScript compiler inside tslab. tslab has no public entry for them, so its
 * version is pinned exactly, and everything that leans on its insides goes through this file.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { crc32 } from "node:zlib";
import type TS from "@tslab/typescript-for-tslab";
import type { Converter, ConverterOptions, ConvertResult } from "tslab/dist/converter.js";
import type { ConsoleInterface, ConverterSet, Executor } from "tslab/dist/executor.js";
import { MissingPackageError, UnrolledError } from "../../../errors.ts";
import { userFolders } from "../../files/user-folders.ts";
import { loadWithCodeCache } from "./code-cache.ts";

export type { Converter, ConvertResult, Executor, TS };
export type Diagnostic = ConvertResult["diagnostics"][number];

const VERSION = "1.0.22";

export interface Tslab {
  /** The compiler that tslab compiles cells with. */
  ts: typeof TS;
  createConverter(options: ConverterOptions): Converter;
  createExecutor(rootDir: string, converters: ConverterSet, console: ConsoleInterface): Executor;
  /** To be called when nobody waits: what the next kernel needs to load the compiler faster is kept. */
  saveCodeCache(): void;
  /** Where `require("tslab").display` puts what is shown. */
  setDisplay(show: (content: DisplayContent, update: boolean | undefined) => void): void;
}

export interface DisplayContent {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/**
 * Where tslab is, without loading it.
 * @throws {MissingPackageError} when tslab is not installed, {UnrolledError} when it is another version.
 */
export function findTslab(): { manifest: string; compiler: string; typescriptVersion: string } {
  const require = createRequire(import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve("tslab/package.json");
  } catch (cause) {
    throw new MissingPackageError("tslab", "The TypeScript kernel", { cause });
  }
  const { version } = require(manifest) as { version: string };
  if (version !== VERSION) {
    throw new UnrolledError(
      `The TypeScript kernel works with tslab ${VERSION} only, and ${version} is installed. Run: npm install tslab@${VERSION}`,
    );
  }
  const fromTslab = createRequire(manifest);
  const typescript = fromTslab("@tslab/typescript-for-tslab/package.json") as { version: string };
  return {
    manifest,
    compiler: fromTslab.resolve("@tslab/typescript-for-tslab"),
    typescriptVersion: typescript.version,
  };
}

/**
 * Loads tslab with a compiler of which some functions are replaced by those that `adapt` returns.
 * @throws as {@link findTslab}
 */
export function loadTslab(adapt: (ts: typeof TS) => Partial<typeof TS>): Tslab {
  const { manifest, compiler, typescriptVersion } = findTslab();
  const require = createRequire(manifest);
  const { module, cached, save } = loadWithCodeCache(compiler, codeCacheFile(typescriptVersion));
  const ts = module.exports as typeof TS;
  // The compiler's exports are read-only; tslab gets a copy in which ours replace some.
  module.exports = { ...ts, ...adapt(ts) };
  const dist = path.join(path.dirname(manifest), "dist");
  const jupyter = require(path.join(dist, "jupyter.js")) as { lastWriteDisplayData: unknown };
  return {
    ts,
    createConverter: require(path.join(dist, "converter.js")).createConverter,
    createExecutor: require(path.join(dist, "executor.js")).createExecutor,
    saveCodeCache: () => {
      if (!cached) save();
    },
    setDisplay: (show) => {
      jupyter.lastWriteDisplayData = show;
    },
  };
}

/** One for each V8 and its options, which refuses the code of another; undefined for a user without a home. */
function codeCacheFile(typescriptVersion: string): string | undefined {
  const options = crc32([...process.execArgv, process.env["NODE_OPTIONS"]].join(" ")).toString(16);
  const name = `typescript-${typescriptVersion}-v8-${process.versions.v8}-${process.arch}-${options}.cache`;
  try {
    return path.join(userFolders().cache, "kernel", name);
  } catch {
    return undefined;
  }
}
