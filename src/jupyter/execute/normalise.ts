import { existsSync, realpathSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Cell, Notebook, Output } from "./notebook.ts";

/** Replaces what is true of this machine only in every text of a cell's outputs. */
export type Scrub = (text: string) => string;

/** Where a path may begin and end: `src/root/x` does not lie in `/root`, nor does `/rooted`. A colour may precede. */
const BEFORE = String.raw`(?:(?<![\w.~/\\-])|(?<=\x1b\[[\d;]*m))`;
const AFTER = String.raw`(?![\w-]|\.\w)`;

/** Whatever comes before node_modules, also a folder that is none of ours. */
const MODULES = new RegExp(
  String.raw`${BEFORE}(?<!\))(?:file://)?(?:[A-Za-z]:|~|\.\.?)?(?:[\\/][^\\/\s:'"()<>]+)*[\\/]node_modules(?=[\\/])`,
  "g",
);

/**
 * Paths in outputs become relative to the notebook (`./x`, `../datasets/y`), `node_modules/…` or `~/…`: they are the
 * same on every machine then, and tell nobody a user's name.
 */
export function pathScrubber(
  folder: string,
  machine: { home: string; temporary: string; node: string } = {
    home: os.homedir(),
    temporary: os.tmpdir(),
    node: process.execPath,
  },
): Scrub {
  const replacements: [RegExp, string][] = [];
  const replace = (absolute: string, by: string) => {
    if (path.dirname(absolute) === absolute) return; // The root of a file system is no secret.
    for (const form of new Set([absolute, realPath(absolute)])) {
      const url = pathToFileURL(form).href;
      for (const text of new Set([url, form, form.replaceAll("\\", "\\\\")])) {
        replacements.push([new RegExp(`${BEFORE}${quoted(text)}${AFTER}`, "g"), by]);
      }
    }
  };
  replace(folder, ".");
  const project = projectFolder(folder);
  for (
    let up = path.dirname(folder), by = "..";
    project && up.startsWith(project);
    up = path.dirname(up), by += "/.."
  ) {
    replace(up, by);
  }
  replace(machine.node, "node");
  if (machine.temporary !== "/tmp") replace(machine.temporary, "/tmp");
  replace(machine.home, "~");
  return (text) => {
    let result = text;
    for (const [pattern, by] of replacements) result = result.replace(pattern, () => by);
    return result.replace(MODULES, "node_modules");
  };
}

/** The outputs as they are written: paths scrubbed, carriage returns and backspaces carried out. */
export function normaliseOutput(output: Output, scrub: Scrub): Output {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: scrub(printed(text(output.text))) };
    case "error":
      return {
        ...output,
        ename: scrub(String(output["ename"])),
        evalue: scrub(String(output["evalue"])),
        traceback: (output["traceback"] as string[]).map(scrub),
      };
    default:
      return {
        ...output,
        data: Object.fromEntries(
          Object.entries(output.data ?? {}).map(([type, value]) => [
            type,
            isBinary(type) ? value : deep(value, scrub),
          ]),
        ),
      };
  }
}

/** Cell metadata without what differs from run to run or must not be believed. */
export function normaliseCellMetadata(metadata: Cell["metadata"]): Cell["metadata"] {
  const { execution: _times, trusted: _trusted, ...kept } = metadata;
  return kept;
}

/** Notebook metadata: `orig_nbformat` is for programs in memory and does not belong into a file. */
export function normaliseMetadata(metadata: Notebook["metadata"]): Notebook["metadata"] {
  const { orig_nbformat: _format, signature: _signature, ...kept } = metadata;
  return kept;
}

/**
 * What a terminal shows in the end: after `\r` a line is written over from its start, `\b` steps back by one.
 * A progress bar that redraws itself leaves its last state.
 */
export function printed(text: string): string {
  if (!/[\r\b]/.test(text)) return text;
  return text
    .split("\n")
    .map((line) => {
      const ended = line.endsWith("\r") ? line.slice(0, -1) : line; // From "\r\n".
      if (!/[\r\b]/.test(ended)) return ended;
      const shown: string[] = [];
      let column = 0;
      for (const character of ended) {
        if (character === "\r") column = 0;
        else if (character === "\b") column = Math.max(0, column - 1);
        else shown[column++] = character;
      }
      return shown.join("");
    })
    .join("\n");
}

function deep(value: unknown, scrub: Scrub): unknown {
  if (typeof value === "string") return scrub(value);
  if (Array.isArray(value)) return value.map((one) => deep(one, scrub));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one, scrub)]));
}

/** Base64 has slashes: nothing in it is a path. */
function isBinary(type: string): boolean {
  return /^(image|audio|video)\//.test(type) ? type !== "image/svg+xml" : type === "application/pdf";
}

function text(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join("") : (value ?? "");
}

/** The nearest folder upwards with a package.json. */
function projectFolder(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, "package.json"))) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
