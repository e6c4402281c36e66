import { UnrolledError } from "../errors.ts";

// In a file of its own, because its types are Node's: a file that the package's types lead to may not name them, or who
// has no @types/node could not compile against the package.

/** The Node modules that reading needs; fetched when a file is read, so that a browser can load this module. */
interface NodeModules {
  fs: typeof import("node:fs");
  path: typeof import("node:path");
  os: typeof import("node:os");
  url: typeof import("node:url");
  crypto: typeof import("node:crypto");
  process: typeof import("node:process");
}

/** A module of Node. @throws {UnrolledError} in a browser, naming what was asked for. */
export function node<K extends keyof NodeModules>(module: K, purpose: string): NodeModules[K] {
  const found = globalThis.process?.getBuiltinModule?.(`node:${module}`);
  if (!found) {
    throw new UnrolledError(
      `${purpose} needs Node; in a browser fetch the bytes and use text.decodeUtf8 and text.corpusFromText`,
    );
  }
  return found as NodeModules[K];
}
