import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A stack for a cell's output. Calls inside the library tell the user of a cell nothing: of several in a row one line is
 * left, the call that was made from outside, with how many there were. Where the library itself is at fault (an error that
 * is none of its own refusals) its innermost place stays, for a report. `error.stack` keeps all lines.
 */
export function foldLibrary(lines: readonly string[], error: Error): string[] {
  const folded: string[] = [];
  let run: string[] = [];
  let first = true;
  const flush = (): void => {
    if (run.length === 0) return;
    if (first && !isRefusal(error)) folded.push(run.shift()!);
    if (run.length > 0) folded.push(summary(run));
    run = [];
  };
  for (const line of lines) {
    if (isFrame(line) && isLibrary(line)) {
      run.push(line);
      continue;
    }
    flush();
    if (isFrame(line)) first = false;
    folded.push(line);
  }
  flush();
  return folded;
}

const isFrame = (line: string): boolean => /^\s+at /.test(line);

/** By its place: the library is loaded by its name, from wherever the notebook's folder finds it. */
const known = new Map<string, boolean>();

function isLibrary(line: string): boolean {
  const url = /(file:\/\/.*\/dist\/bundle\.js):\d+:\d+/.exec(line)?.[1];
  if (url === undefined) return false;
  let ours = known.get(url);
  if (ours === undefined) known.set(url, (ours = packageOf(fileURLToPath(url)) === "unrolled"));
  return ours;
}

/** The name of the package whose `dist/bundle.js` this is. */
function packageOf(bundle: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(path.dirname(bundle), "../package.json"), "utf8")).name;
  } catch {
    return undefined;
  }
}

/** An error that the library throws on purpose, by name: the kernel and the library have each their own classes. */
function isRefusal(error: Error): boolean {
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at)) {
    if (at.constructor?.name === "UnrolledError") return true;
  }
  return false;
}

function summary(run: readonly string[]): string {
  const [, indent = "    ", called = "a function"] =
    /^(\s+)at (?:async )?(?:new )?([^(]*?) \(/.exec(run[run.length - 1]) ?? [];
  const calls = run.length === 1 ? "" : `, ${run.length} calls deep`;
  return `${indent}at ${called} (unrolled${calls})`;
}
