/** What a process needs to run notebooks from any folder. */
import Module, { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Lets cells import what stands beside this package, itself included, when the notebook's folder has no packages of
 * its own; keeps SIGINT for interrupts; and silences one warning: that `require` loads an ES module, which is how cells import the library.
 */
export function prepareProcess(): void {
  keepSigint();
  addFallbackFolder();
  silenceRequireOfEsm();
}

function addFallbackFolder(): void {
  const folders = createRequire(import.meta.url).resolve.paths("unrolled") ?? [];
  // The folders above this file; Node looks into NODE_PATH after those above the notebook.
  const own = path.parse(fileURLToPath(import.meta.url)).root;
  const known = process.env["NODE_PATH"];
  const all = [...(known ? [known] : []), ...folders.filter((folder) => folder.startsWith(own))];
  process.env["NODE_PATH"] = all.join(path.delimiter);
  // Node reads the variable once, at its start; this reads it again. There is no public way.
  (Module as unknown as { _initPaths(): void })._initPaths();
  if (known === undefined) delete process.env["NODE_PATH"];
  else process.env["NODE_PATH"] = known;
}

function silenceRequireOfEsm(): void {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const type = typeof rest[0] === "object" ? (rest[0] as { type?: string } | null)?.type : rest[0];
    const text = typeof warning === "string" ? warning : warning.message;
    if (type === "ExperimentalWarning" && /ES Module.*require\(\)|require\(\).*ES Module/s.test(text)) return;
    return (emitWarning as (...args: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
}

/**
 * In a notebook SIGINT means "interrupt the cell". A listener of its own, which many packages add to tidy up, would
 * have Node put the signal's default action in place whenever a guard is entered: the end of the process.
 */
function keepSigint(): void {
  for (const method of ["on", "addListener", "once", "prependListener", "prependOnceListener"] as const) {
    const original = process[method] as (event: string, listener: () => void) => NodeJS.Process;
    const filtered = function (this: NodeJS.Process, event: string, listener: () => void): NodeJS.Process {
      return event === "SIGINT" ? this : original.call(this, event, listener);
    };
    Object.defineProperty(process, method, { value: filtered, configurable: true, writable: true });
  }
}
