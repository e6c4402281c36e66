/** Errors as a front end shows them: what went wrong, the place in the cell, the calls that led there. */
import { fileURLToPath } from "node:url";
import { inspect, types } from "node:util";
import type { Position } from "../compile/cell-map.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { Diagnostic } from "../compile/tslab.ts";
import { KeyboardInterrupt } from "../run/await-hooks.ts";
import { excerpt } from "./excerpt.ts";
import { foldLibrary } from "./fold.ts";

export interface ErrorReport {
  ename: string;
  evalue: string;
  traceback: string[];
}

const KERNEL_FOLDER =
  /^.*\/jupyter\/kernel\//.exec(forwardSlashes(fileURLToPath(import.meta.url)))?.[0] ?? "\0";
const NOT_THE_USERS = /node:vm|node:internal\/|node:async_hooks|\/tslab\/dist\/|unrolled:guard/;
const SCRIPT = /unrolled-cell-(\d+)\.ts:(\d+):(\d+)/;
const CELL_FRAME = /\bIn\[(\d+)\]:(\d+):(\d+)/;
/** Deep enough to reach the cell through the library. */
const STACK_DEPTH = 60;

export class Tracebacks {
  readonly #compiler: Compiler;
  /** From what stands in a stack, `In[n]`, to the cell that ran last under that number. */
  readonly #idOfCount: Map<number, number> = new Map();
  readonly #countOfId: Map<number, number> = new Map();

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  /** Makes every stack in this process, also one that a cell prints itself, point into the cells. */
  install(): void {
    Error.stackTraceLimit = STACK_DEPTH;
    Error.prepareStackTrace = (error, frames) => {
      const lines = frames
        .map((frame) => this.#translate(`    at ${frame}`))
        .filter((line) => line !== undefined);
      return [headline(error), ...lines].join("\n");
    };
  }

  name(id: number, count: number): void {
    this.#idOfCount.set(count, id);
    this.#countOfId.set(id, count);
  }

  /** An error that a cell threw, or anything else that it threw. */
  ofError(error: unknown): ErrorReport {
    if (!types.isNativeError(error)) {
      const evalue = typeof error === "string" ? error : show(error);
      const ename =
        error === null || typeof error !== "object" ? typeof error : (error.constructor?.name ?? "object");
      return { ename, evalue, traceback: [`Uncaught ${show(error)}`] };
    }
    removeDecoration(error);
    const lines = foldLibrary(show(error).split("\n"), error);
    const at = lines.findIndex((line) => CELL_FRAME.test(line) && /^\s+at /.test(line));
    if (at >= 0) {
      const [, count, line, column] = CELL_FRAME.exec(lines[at])!;
      const place = this.#excerpt(Number(count), { line: Number(line) - 1, column: Number(column) - 1 });
      const firstFrame = lines.findIndex((line) => /^\s+at /.test(line));
      lines.splice(firstFrame, 0, "", `In[${count}], line ${line}`, ...place, "");
    }
    if (at < 0 && error instanceof KeyboardInterrupt)
      lines.splice(0, lines.length, `${error.name}: ${error.message}`);
    const name = stringOf(() => error.name) || error.constructor?.name || "Error";
    return { ename: name, evalue: stringOf(() => error.message), traceback: lines };
  }

  /** What the compiler found wrong with a cell that therefore did not run. */
  ofDiagnostics(diagnostics: readonly Diagnostic[], source: string, count: number): ErrorReport {
    const [first] = diagnostics;
    // TypeScript numbers what it cannot parse from 1000, and what it can parse but not accept from 2000.
    const ename = first.code < 2000 ? "SyntaxError" : "TypeScriptError";
    const lines: string[] = [];
    let previous: Diagnostic | undefined;
    for (const diagnostic of diagnostics) {
      const { start, end, messageText, code, fileName } = diagnostic;
      if (previous && previous.start.offset === start.offset && previous.fileName === fileName) {
        lines.push(`  ${messageText} (TS${code})`);
      } else {
        const where = fileName ? `${fileName}:${start.line + 1}:${start.character + 1}` : "";
        if (previous) lines.push("");
        lines.push(`${ename}: ${messageText} (TS${code})`);
        if (fileName) lines.push(`  at ${where}`);
        else {
          const width = end.line === start.line ? end.character - start.character : 1;
          const place = { line: start.line, column: start.character };
          lines.push(
            "",
            `In[${count}], line ${clampLine(source, start.line) + 1}`,
            ...excerpt(source, place, width),
          );
        }
      }
      previous = diagnostic;
    }
    return { ename, evalue: first.messageText, traceback: lines };
  }

  #excerpt(count: number, at: Position): string[] {
    const source = this.#compiler.cells.get(this.#idOfCount.get(count) ?? 0)?.source;
    return source === undefined ? [] : excerpt(source, at);
  }

  /** A line of a raw stack as the user is to see it, or undefined for a line that means nothing to them. */
  #translate(line: string): string | undefined {
    const found = SCRIPT.exec(line);
    // Names of other cells, imported functions too, are called as properties of the object that keeps all variables.
    const named = line.replace(/ at (async )?Proxy\./, " at $1");
    if (!found) {
      const ours = forwardSlashes(line).includes(KERNEL_FOLDER);
      return ours || NOT_THE_USERS.test(line) ? undefined : named;
    }
    const id = Number(found[1]);
    const position = this.#compiler.cells.get(id)?.map?.original(Number(found[2]) - 1, Number(found[3]) - 1);
    if (!position) return undefined;
    return named.replace(
      SCRIPT,
      `In[${this.#countOfId.get(id) ?? id}]:${position.line + 1}:${position.column + 1}`,
    );
  }
}

function clampLine(source: string, line: number): number {
  return Math.min(line, source.split("\n").length - 1);
}

/** `vm` writes script, line and caret before the stack of an error, all in terms of the compiled script. */
function removeDecoration(error: Error): void {
  const stack = stringOf(() => error.stack);
  const start = stack.indexOf(headline(error));
  if (start > 0 && /^\S+:\d+\n/.test(stack)) error.stack = stack.slice(start);
}

/** `inspect` may run code of the user, which may throw. */
function show(value: unknown): string {
  try {
    return inspect(value);
  } catch (error) {
    const why = stringOf(() => (error as Error).message ?? error);
    if (types.isNativeError(value)) return stringOf(() => value.stack) || headline(value);
    return `[value whose inspection failed: ${why}]`;
  }
}

function stringOf(read: () => unknown): string {
  try {
    return String(read());
  } catch {
    return "";
  }
}

function headline(error: Error): string {
  return stringOf(() => Error.prototype.toString.call(error)) || "Error";
}

function forwardSlashes(text: string): string {
  return text.replaceAll("\\", "/");
}
