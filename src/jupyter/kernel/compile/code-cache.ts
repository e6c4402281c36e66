/**
 * Loads one large CommonJS file with V8's code cache: the compiled functions of an earlier run, kept in a file. Of the
 * compiler's nine megabytes V8 would otherwise parse every function anew, at each start of a kernel.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { crc32 } from "node:zlib";

export interface CachedModule {
  module: NodeJS.Module;
  /** Whether the file had functions that this V8 could use. */
  cached: boolean;
  /** Writes the functions that have been compiled by now, for the next time; a failure is only a lost advantage. */
  save(): void;
}

/**
 * Puts the module in place of what `require` would load.
 * @param cacheFile undefined: without a cache. @throws whatever the file throws.
 */
export function loadWithCodeCache(file: string, cacheFile: string | undefined): CachedModule {
  const require = createRequire(file);
  const cachedData = cacheFile === undefined ? undefined : readChecked(cacheFile);
  const source = readFileSync(file, "utf8");
  const script = new vm.Script(Module.wrap(source), { filename: file, cachedData });
  const module = Object.assign(new Module(file), { filename: file, require });
  require.cache[file] = module;
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run.call(module.exports, module.exports, require, module, file, path.dirname(file));
  module.loaded = true;
  return {
    module,
    cached: cachedData !== undefined && script.cachedDataRejected !== true,
    save: () => {
      if (cacheFile !== undefined) writeChecked(cacheFile, script.createCachedData());
    },
  };
}

/** V8 looks whether the data fits its version, its flags and the source, but not, in all versions, for damage. */
function readChecked(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const data = bytes.subarray(4);
    return bytes.readUInt32LE(0) === crc32(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function writeChecked(file: string, data: Buffer): void {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(data));
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  } catch {
    return; // no place for it
  }
  try {
    writeFileSync(temporary, Buffer.concat([sum, data]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true }); // a full disk
  }
}
